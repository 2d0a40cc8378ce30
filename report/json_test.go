package report

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/egresslint/egresslint/internal/lint"
)

// jsonOf lints the paths and reads the report.
func jsonOf(t *testing.T, paths ...string) jsonReport {
	t.Helper()
	var report jsonReport
	if err := json.Unmarshal([]byte(written(t, JSON, resultOf(t, paths...), Options{})), &report); err != nil {
		t.Fatal(err)
	}
	return report
}

// TestJSONLists holds that a list without elements is a list.
func TestJSONLists(t *testing.T) {
	enter(t, map[string]string{"implied.yaml": implied, "cilium.yaml": everything["k8s/cilium.yaml"]})
	for name, result := range map[string]*lint.Result{
		"nothing":               {},
		"a finding":             resultOf(t, "."),
		"a note without places": {Notes: []lint.Note{{Reason: "questions", Count: 1, Kind: lint.Undecided}}},
	} {
		if text := written(t, JSON, result, Options{}); strings.Contains(text, "null") {
			t.Errorf("%s: a null in\n%s", name, text)
		}
	}
}

// TestJSONColumns holds that columns count characters, and that a place of
// several lines has the end of its last.
func TestJSONColumns(t *testing.T) {
	const before = `{"metadata": {"name": "a", "annotations": {"a": "😀"}}, `
	const after = `"spec": {"podSelector": {}}, "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}`
	enter(t, map[string]string{"a.yaml": "\ufeff" + before + after, "b.yaml": dns})
	column := utf8.RuneCountInString(before) + 1
	findings := jsonOf(t, ".").Findings
	if len(findings) != 2 {
		t.Fatalf("%d findings, want 2", len(findings))
	}
	for i, want := range []jsonLocation{
		{"a.yaml", 1, column, 1, column + len(`"spec"`)},
		{"b.yaml", 10, 5, 12, 20},
	} {
		if got := findings[i].Location; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestJSONNamespace(t *testing.T) {
	enter(t, map[string]string{
		"a.yaml": strings.Replace(implied, "  namespace: shop\n", "", 1),
		"b.yaml": implied,
		"c.yaml": open,
	})
	findings := jsonOf(t, ".").Findings
	if len(findings) != 3 {
		t.Fatalf("%d findings, want 3", len(findings))
	}
	for i, want := range []string{"", "shop", "bank"} {
		if got := findings[i].Namespace; got != want {
			t.Errorf("%s is in %q, want %q", findings[i].Location.Path, got, want)
		}
	}
}

func TestJSONNotes(t *testing.T) {
	undecided := lint.Note{Reason: "questions", Count: 2, Kind: lint.Undecided}
	skipped := lint.Note{Reason: "apples", Count: 1, Kind: lint.Skipped, Places: []lint.Place{{Path: "a.yaml", Line: 3}}}
	text := written(t, JSON, &lint.Result{Notes: []lint.Note{skipped, undecided}}, Options{})
	var report jsonReport
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Notes) != 2 {
		t.Fatalf("%d notes, want 2", len(report.Notes))
	}
	if n := report.Notes[0]; n.Kind != "skipped" || n.Count != 1 || n.Reason != "apples" || len(n.Places) != 1 || n.Places[0] != "a.yaml:3" {
		t.Errorf("first note is %+v", n)
	}
	if n := report.Notes[1]; n.Kind != "undecided" || n.Count != 2 || n.Reason != "questions" {
		t.Errorf("second note is %+v", n)
	}
}

// TestJSONText holds that what people wrote is not changed for web pages.
func TestJSONText(t *testing.T) {
	enter(t, map[string]string{"policy.yaml": strings.Replace(implied, "name: implied", "name: a<b>&c", 1)})
	if text := written(t, JSON, resultOf(t, "."), Options{}); !strings.Contains(text, `"name": "a<b>&c"`) {
		t.Errorf("the name is not as written in\n%s", text)
	}
}

func TestFormats(t *testing.T) {
	if got := strings.Join(Names(), " "); got != "json sarif text" {
		t.Errorf("the formats are %s", got)
	}
	for _, name := range Names() {
		if Find(name) == nil {
			t.Errorf("%s is not found", name)
		}
	}
	if Find("xml") != nil || Find("") != nil {
		t.Error("a format is found that is none")
	}
	text, err := Bytes(Text, &lint.Result{}, Options{})
	if err != nil || !strings.HasPrefix(string(text), "nothing to lint") {
		t.Errorf("Bytes: %q, %v", text, err)
	}
}

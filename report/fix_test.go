package report

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
)

// edit puts a new text in place of an old one, which stands in the file once.
func edit(t *testing.T, f *source.File, old, text string) source.Edit {
	t.Helper()
	if n := strings.Count(string(f.Src), old); n != 1 {
		t.Fatalf("%q stands %d times in %s", old, n, f.Path)
	}
	from := strings.Index(string(f.Src), old)
	return source.Edit{Span: source.Span{File: f, From: from, To: from + len(old)}, New: text}
}

// insert puts a text at an offset, which counts from the end where it is
// negative.
func insert(f *source.File, offset int, text string) source.Edit {
	if offset < 0 {
		offset += len(f.Src) + 1
	}
	return source.Edit{Span: source.Span{File: f, From: offset, To: offset}, New: text}
}

// edited is a file and what some edits make of it.
type edited struct {
	name, text string
	edits      func(t *testing.T, f *source.File) []source.Edit
}

// edits are what the positions of a report have to be exact for.
var edits = []edited{
	{"an insertion", implied, func(_ *testing.T, f *source.File) []source.Edit {
		return []source.Edit{insert(f, -1, "  policyTypes: [Ingress]\n")}
	}},
	{"an insertion at the beginning", implied, func(_ *testing.T, f *source.File) []source.Edit {
		return []source.Edit{insert(f, 0, "# first\n")}
	}},
	{"after a byte order mark", "\ufeff" + implied, func(t *testing.T, f *source.File) []source.Edit {
		return []source.Edit{edit(t, f, "apiVersion", "a"), edit(t, f, "shop", "bank")}
	}},
	{"a replacement of several lines", dns, func(t *testing.T, f *source.File) []source.Edit {
		return []source.Edit{edit(t, f, "ports:\n    - port: 53\n      protocol: UDP", "to: []")}
	}},
	{"a removal of whole lines", dns, func(t *testing.T, f *source.File) []source.Edit {
		return []source.Edit{edit(t, f, "  egress:\n  - ports:\n", "")}
	}},
	{"a removal up to the end", dns, func(t *testing.T, f *source.File) []source.Edit {
		return []source.Edit{edit(t, f, "      protocol: UDP\n", "")}
	}},
	{"no line break at the end", strings.TrimSuffix(implied, "\n"), func(t *testing.T, f *source.File) []source.Edit {
		return []source.Edit{edit(t, f, "{podSelector: {}}", "{}"), insert(f, -1, " # end")}
	}},
	{"carriage returns", strings.ReplaceAll(dns, "\n", "\r\n"), func(t *testing.T, f *source.File) []source.Edit {
		return []source.Edit{edit(t, f, "  - ports:\r\n    - port: 53\r\n", "  - to: []\r\n"), insert(f, -1, "a: b\r\n")}
	}},
	{"emoji before the place", "# 😀\n" + `{"metadata": {"name": "a", "annotations": {"a": "😀 é 你好"}}, ` +
		`"spec": {"podSelector": {}}, "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}`,
		func(t *testing.T, f *source.File) []source.Edit {
			return []source.Edit{edit(t, f, "é", "😀"), edit(t, f, `{"podSelector": {}}`, `{"podSelector": {}, "policyTypes": ["Ingress"]}`), insert(f, -1, "\n")}
		}},
}

// fixed is a result with one finding, in the file policy.yaml, and the fix that
// the edits make.
func fixed(t *testing.T, e edited) (*lint.Result, lint.Fix) {
	t.Helper()
	enter(t, map[string]string{"policy.yaml": e.text})
	result := resultOf(t, "policy.yaml")
	if len(result.Findings) != 1 {
		t.Fatalf("%d findings, want 1", len(result.Findings))
	}
	f := result.Findings[0]
	f.Fixes = []lint.Fix{{Title: "mend it", Safe: true, Edits: e.edits(t, f.At.File)}}
	return result, f.Fixes[0]
}

// offset is the place in a text of a line and a column, both from one, in units
// that size tells of a character. It is found as another program would, with
// nothing of the package source.
func offset(t *testing.T, text string, line, column int, size func(rune) int) int {
	t.Helper()
	at := 0
	for range line - 1 {
		next := strings.IndexByte(text[at:], '\n')
		if next < 0 {
			t.Fatalf("there is no line %d", line)
		}
		at += next + 1
	}
	if line == 1 && strings.HasPrefix(text, "\ufeff") {
		at += len("\ufeff")
	}
	left := column - 1
	for i, r := range text[at:] {
		if left <= 0 || r == '\n' {
			at += i
			break
		}
		if left -= size(r); at+i+len(string(r)) == len(text) {
			at = len(text)
			break
		}
	}
	if left != 0 {
		t.Fatalf("line %d has no column %d", line, column)
	}
	return at
}

// change is a new text for the bytes of a file.
type change struct {
	from, to int
	text     string
}

// wantApplied holds that changes make of a file what the edits do.
func wantApplied(t *testing.T, f *source.File, changes []change, edits []source.Edit) {
	t.Helper()
	want, err := f.Apply(edits)
	if err != nil {
		t.Fatal(err)
	}
	got := string(f.Src)
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(b.from, a.from) })
	for _, c := range changes {
		got = got[:c.from] + c.text + got[c.to:]
	}
	if got != string(want) {
		t.Errorf("it comes to\n%q\nwant\n%q", got, want)
	}
}

// TestJSONEdits applies the edits of the report by their lines and columns, and
// by their offsets.
func TestJSONEdits(t *testing.T) {
	one := func(rune) int { return 1 }
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			result, fix := fixed(t, e)
			var report jsonReport
			if err := json.Unmarshal([]byte(written(t, JSON, result, Options{})), &report); err != nil {
				t.Fatal(err)
			}
			f := result.Findings[0].At.File
			var byLines, byBytes []change
			for _, got := range report.Findings[0].Fixes[0].Edits {
				if got.Path != "policy.yaml" {
					t.Errorf("the path is %q", got.Path)
				}
				from, to := offset(t, e.text, got.StartLine, got.StartColumn, one), offset(t, e.text, got.EndLine, got.EndColumn, one)
				byLines = append(byLines, change{from, to, got.New})
				byBytes = append(byBytes, change{got.StartOffset, got.EndOffset, got.New})
			}
			wantApplied(t, f, byLines, fix.Edits)
			wantApplied(t, f, byBytes, fix.Edits)
		})
	}
}

func TestJSONFixes(t *testing.T) {
	enter(t, map[string]string{"a.yaml": implied, "b.yaml": implied, "c.yaml": open})
	result := resultOf(t, ".")
	if len(result.Findings) != 3 {
		t.Fatalf("%d findings, want 3", len(result.Findings))
	}
	result.Findings[0].Fixes = []lint.Fix{
		{Title: "one <way>", Safe: true},
		{Title: "another", Edits: []source.Edit{insert(source.Made("k8s/new.yaml", nil), 0, "a\n")}, Changes: []string{"+ a -> b"}},
	}
	result.Findings[1].Refused = "because"
	result.Findings[2].Fixes = result.Findings[0].Fixes[1:]
	text := written(t, JSON, result, Options{})
	if strings.Contains(text, "null") {
		t.Errorf("a null in\n%s", text)
	}
	var report jsonReport
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	first := report.Findings[0].Fixes
	if len(first) != 2 || first[0].Title != "one <way>" || !first[0].Safe || first[1].Safe || len(first[1].Changes) != 1 || first[1].Changes[0] != "+ a -> b" {
		t.Errorf("the fixes are %+v", first)
	}
	if want := (jsonEdit{jsonLocation{"k8s/new.yaml", 1, 1, 1, 1}, 0, 0, "a\n"}); len(first[1].Edits) != 1 || first[1].Edits[0] != want {
		t.Errorf("the edits are %+v, want %+v", first[1].Edits, want)
	}
	if report.Findings[0].Refused != "" || report.Findings[1].Refused != "because" || len(report.Findings[1].Fixes) != 0 {
		t.Errorf("refused are %q and %q", report.Findings[0].Refused, report.Findings[1].Refused)
	}
	if s := report.Summary; s.FixableSafe != 1 || s.FixableUnsafe != 1 {
		t.Errorf("%d with a safe fix and %d with another, want 1 and 1", s.FixableSafe, s.FixableUnsafe)
	}
}

package lint

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// named are copies of a view with names.
func named(view *cluster.View, names ...string) []*cluster.View {
	var views []*cluster.View
	for _, name := range names {
		v := *view
		v.Name = name
		views = append(views, &v)
	}
	return views
}

// TestViews holds that a finding of several views is one that lists them.
func TestViews(t *testing.T) {
	tree, view := load(t, map[string]string{"a.yaml": policies})
	inProd := fake("in_prod", func(pass *analysis.Pass) (any, error) {
		if v := cluster.Of(pass); v.Name == "prod" {
			pos, end := v.Policies[0].Span("kind").Pos()
			pass.Report(analysis.Diagnostic{Pos: pos, End: end, Message: "in prod"})
		}
		return rules.Undecided{"questions": 2}, nil
	})
	result, err := Run(tree, named(view, "staging", "dev", "prod"), []*rules.Rule{atPath("all", "in all", "kind"), inProd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range result.Findings {
		got = append(got, f.Object.Name+": "+f.Message+" "+strings.Join(f.Views, ","))
	}
	want := []string{"first: in all dev,prod,staging", "first: in prod prod", "second: in all dev,prod,staging"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := result.Summary.Levels[rules.Warning]; n != 3 {
		t.Errorf("%d warnings are counted, want 3", n)
	}
	if s := result.Summary; s.Views != 3 || s.Policies != 2 || s.Files != 1 {
		t.Errorf("summary is %+v", s)
	}
	if want := []Note{{Reason: "questions", Count: 6, Kind: Undecided}}; !reflect.DeepEqual(result.Notes, want) {
		t.Errorf("notes are %+v, want %+v", result.Notes, want)
	}
}

// TestOneView holds that a view without a name is not listed.
func TestOneView(t *testing.T) {
	result := run(t, map[string]string{"a.yaml": policies}, atPath("one", "one", "kind"))
	if views := result.Findings[0].Views; len(views) != 0 {
		t.Errorf("views are %q", views)
	}
}

func TestOrder(t *testing.T) {
	last := atPath("a_last", "z", "kind")
	first := atPath("b_first", "a", "kind")
	first.Code, last.Code = "EGR1", "EGR2"
	longer := fake("c_longer", func(pass *analysis.Pass) (any, error) {
		for _, p := range slices.Backward(cluster.Of(pass).Policies) {
			from, _ := p.Span("kind").Pos()
			_, to := p.Span("metadata").Pos()
			for _, message := range []string{"y", "x"} {
				pass.Report(analysis.Diagnostic{Pos: from, End: to, Message: message})
			}
		}
		return rules.Undecided(nil), nil
	})
	longer.Code = "EGR0"
	result := run(t, map[string]string{"b.yaml": policies, "a.yaml": policies}, last, longer, first)
	var got []string
	for _, f := range result.Findings {
		got = append(got, f.At.File.Path+" "+f.Object.Name+" "+f.Rule.Code+" "+f.Message)
	}
	var want []string
	for _, file := range []string{"a.yaml", "b.yaml"} {
		for _, name := range []string{"first", "second"} {
			for _, rest := range []string{"EGR1 a", "EGR2 z", "EGR0 x", "EGR0 y"} {
				want = append(want, file+" "+name+" "+rest)
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// fingerprints are those of the findings of one rule in their order.
func fingerprints(t *testing.T, files map[string]string, r *rules.Rule) []string {
	t.Helper()
	var all []string
	for _, f := range run(t, files, r).Findings {
		all = append(all, f.Fingerprint)
	}
	return all
}

// TestFingerprintsStay holds that a finding keeps its identity when its text
// is moved, indented or renamed.
func TestFingerprintsStay(t *testing.T) {
	r := atPath("spec", "m", "spec")
	want := fingerprints(t, map[string]string{"a.yaml": policies}, r)
	for name, files := range map[string]map[string]string{
		"another file":     {"b.yaml": policies},
		"lines above":      {"a.yaml": "# one\n\n# two\n" + policies},
		"carriage returns": {"a.yaml": strings.ReplaceAll(policies, "\n", "\r\n")},
		"another indent":   {"a.yaml": strings.ReplaceAll(policies, "  podSelector", "      podSelector")},
	} {
		if got := fingerprints(t, files, r); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := fingerprints(t, map[string]string{"a.yaml": policies}, atPath("spec", "other words", "spec")); !slices.Equal(got, want) {
		t.Errorf("another message: %q, want %q", got, want)
	}
}

// TestFingerprintsDiffer holds that no two findings have the same.
func TestFingerprintsDiffer(t *testing.T) {
	twice := fake("twice", func(pass *analysis.Pass) (any, error) {
		for _, p := range cluster.Of(pass).Policies {
			for _, category := range []string{"", "other"} {
				for _, key := range []string{"kind", "apiVersion"} {
					pos, end := p.Span(key).Pos()
					pass.Report(analysis.Diagnostic{Pos: pos, End: end, Message: key + category, Category: category})
				}
			}
		}
		return rules.Undecided(nil), nil
	})
	// The same policy in two files: equal findings, told apart by their order.
	got := fingerprints(t, map[string]string{"a.yaml": policies, "b.yaml": policies}, twice)
	if len(got) != 16 {
		t.Fatalf("%d findings, want 16", len(got))
	}
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != 16 {
		t.Errorf("16 findings have %d fingerprints", n)
	}
}

func TestFailed(t *testing.T) {
	tests := []struct {
		has, level rules.Level
		want       bool
	}{
		{rules.Note, rules.Note, true},
		{rules.Note, rules.Warning, false},
		{rules.Note, rules.Error, false},
		{rules.Warning, rules.Note, true},
		{rules.Warning, rules.Warning, true},
		{rules.Warning, rules.Error, false},
		{rules.Error, rules.Note, true},
		{rules.Error, rules.Warning, true},
		{rules.Error, rules.Error, true},
		{"", rules.Note, false},
	}
	for _, test := range tests {
		r := &Result{Summary: Summary{Levels: map[rules.Level]int{}}}
		if test.has != "" {
			r.Summary.Levels[test.has] = 1
		}
		if got := r.Failed(test.level); got != test.want {
			t.Errorf("a result with %q fails at %q: %v", test.has, test.level, got)
		}
	}
}

func TestNotes(t *testing.T) {
	skips := []source.Skip{
		{Path: "b.yaml", Line: 7, Reason: "pears"},
		{Path: "b.yaml", Reason: "apples"},
		{Path: "a\x1b.yaml", Line: 3, Reason: "pears"},
	}
	got := notes(skips, map[string]int{"why": 2, "how": 1})
	want := []Note{
		{Reason: "apples", Count: 1, Kind: Skipped, Places: []Place{{Path: "b.yaml"}}},
		{Reason: "pears", Count: 2, Kind: Skipped, Places: []Place{{Path: "a\x1b.yaml", Line: 3}, {Path: "b.yaml", Line: 7}}},
		{Reason: "how", Count: 1, Kind: Undecided},
		{Reason: "why", Count: 2, Kind: Undecided},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestNotesByLine holds that places are in the order of the text.
func TestNotesByLine(t *testing.T) {
	skips := []source.Skip{{Path: "a.yaml", Line: 10, Reason: "pears"}, {Path: "a.yaml", Line: 9, Reason: "pears"}}
	if got, want := notes(skips, nil)[0].Places, []Place{{Path: "a.yaml", Line: 9}, {Path: "a.yaml", Line: 10}}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestProblems holds that problems are in the order of their places, and that
// one which several views have is one.
func TestProblems(t *testing.T) {
	tree, view := load(t, nil)
	tree.Problems = []source.Problem{{Path: "b.yaml", Message: "b"}, {Path: "a.yaml", Line: 10, Message: "ten"}}
	view.Problems = []source.Problem{{Path: "a.yaml", Line: 9, Column: 2, Message: "two"}, {Path: "a.yaml", Line: 9, Column: 1, Message: "one"}}
	result, err := Run(tree, named(view, "dev", "prod"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range result.Problems {
		got = append(got, p.Error())
	}
	if want := []string{"a.yaml:9:1: one", "a.yaml:9:2: two", "a.yaml:10: ten", "b.yaml: b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestProblemsOfViews holds that what two views have in common is said once,
// also where several problems have one place.
func TestProblemsOfViews(t *testing.T) {
	tree, view := load(t, nil)
	at := source.Problem{Path: "a.yaml", Line: 1, Column: 1}
	one, two := at, at
	one.Message, two.Message = "one", "two"
	view.Problems = []source.Problem{one, two}
	result, err := Run(tree, named(view, "dev", "prod"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []source.Problem{one, two}; !slices.Equal(result.Problems, want) {
		t.Errorf("got %v, want %v", result.Problems, want)
	}
}

// TestSkipsOfViews holds that an object which two views leave out is one.
func TestSkipsOfViews(t *testing.T) {
	tree, view := load(t, nil)
	view.Skips = []source.Skip{{Path: "a.yaml", Line: 3, Reason: "pears"}}
	result, err := Run(tree, named(view, "dev", "prod"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Note{{Reason: "pears", Count: 1, Kind: Skipped, Places: []Place{{Path: "a.yaml", Line: 3}}}}; !reflect.DeepEqual(result.Notes, want) {
		t.Errorf("got %+v, want %+v", result.Notes, want)
	}
}

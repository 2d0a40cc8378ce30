package lint

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/rules"
)

// TestFailingRule holds that what goes wrong in a rule costs its own findings
// only, and is a problem that names the rule.
func TestFailingRule(t *testing.T) {
	tests := []struct {
		name string
		end  func() (any, error)
		want string
	}{
		{"a panic", func() (any, error) { panic("out of order") }, "panic: out of order"},
		{"an error", func() (any, error) { return nil, errors.New("cannot") }, "cannot"},
		{"no result", func() (any, error) { return nil, nil }, "its result is <nil>, not rules.Undecided"},
		{"another result", func() (any, error) { return 5, nil }, "its result is int, not rules.Undecided"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bad := fake("bad_rule", func(pass *analysis.Pass) (any, error) {
				pos, end := cluster.Of(pass).Policies[0].Span("kind").Pos()
				pass.Report(analysis.Diagnostic{Pos: pos, End: end, Message: "half a thought"})
				return test.end()
			})
			result := run(t, map[string]string{"a.yaml": policies}, atPath("one", "one", "kind"), bad, atPath("two", "two", "kind"))
			if got, want := messages(result), []string{"one", "two", "one", "two"}; !slices.Equal(got, want) {
				t.Errorf("findings %q, want %q", got, want)
			}
			if len(result.Problems) != 1 {
				t.Fatalf("problems %q, want one", result.Problems)
			}
			if got, want := result.Problems[0].Message, "rule FAKE-bad_rule (bad-rule) failed: "+test.want; got != want {
				t.Errorf("problem %q, want %q", got, want)
			}
		})
	}
}

// messages are those of the findings in their order.
func messages(r *Result) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Message)
	}
	return all
}

// TestOtherResultType has a rule whose analyzer promises another result than a
// rule has. That is a mistake of the program, and no reason to crash.
func TestOtherResultType(t *testing.T) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("panic: %v", p)
		}
	}()
	bad := fake("bad", func(*analysis.Pass) (any, error) { return 5, nil })
	bad.ResultType = reflect.TypeFor[int]()
	tree, view := load(t, map[string]string{"a.yaml": policies})
	if result, err := Run(tree, []*cluster.View{view}, []*rules.Rule{bad}, nil); err == nil && len(result.Problems) == 0 {
		t.Error("neither an error nor a problem")
	}
}

// TestRulesThatDoNotFit holds that rules are checked before any of them runs.
func TestRulesThatDoNotFit(t *testing.T) {
	bad := fake("bad", func(*analysis.Pass) (any, error) { return rules.Undecided(nil), nil })
	bad.Doc = ""
	tree, view := load(t, nil)
	if _, err := Run(tree, []*cluster.View{view}, []*rules.Rule{bad}, nil); err == nil {
		t.Error("a rule without documentation is run")
	}
}

// TestRequired holds that what rules require runs once a view, and that what
// goes wrong in it costs the rules that need it.
func TestRequired(t *testing.T) {
	runs := 0
	counted := &analysis.Analyzer{
		Name: "counted", Doc: "counts its runs", ResultType: reflect.TypeFor[int](),
		Run: func(*analysis.Pass) (any, error) { runs++; return runs, nil },
	}
	failing := &analysis.Analyzer{
		Name: "failing", Doc: "fails", ResultType: reflect.TypeFor[int](),
		Run: func(*analysis.Pass) (any, error) { panic("no idea") },
	}
	one, two, three := atPath("one", "one", "kind"), atPath("two", "two", "kind"), atPath("three", "three", "kind")
	one.Requires = append(one.Requires, counted)
	two.Requires = append(two.Requires, counted)
	three.Requires = append(three.Requires, failing)
	result := run(t, map[string]string{"a.yaml": policies}, one, two, three)
	if runs != 1 {
		t.Errorf("it ran %d times, want once", runs)
	}
	if got, want := messages(result), []string{"one", "two", "one", "two"}; !slices.Equal(got, want) {
		t.Errorf("findings %q, want %q", got, want)
	}
	if len(result.Problems) != 1 || !strings.Contains(result.Problems[0].Message, "FAKE-three") {
		t.Errorf("problems %q", result.Problems)
	}
}

// TestDiagnosticWithoutEnd holds that a diagnostic may leave out its end, as
// package analysis allows.
func TestDiagnosticWithoutEnd(t *testing.T) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("panic: %v", p)
		}
	}()
	open := fake("open", func(pass *analysis.Pass) (any, error) {
		pos, _ := cluster.Of(pass).Policies[1].Span("kind").Pos()
		pass.Report(analysis.Diagnostic{Pos: pos, Message: "here", Related: []analysis.RelatedInformation{{Pos: pos, Message: "there"}}})
		return rules.Undecided(nil), nil
	})
	result := run(t, map[string]string{"a.yaml": policies}, open)
	if len(result.Findings) != 1 {
		t.Fatalf("findings %q and problems %q, want one finding", messages(result), result.Problems)
	}
	if at := result.Findings[0].At; at.Start().Line != 10 || at.To < at.From {
		t.Errorf("it is at %d to %d, line %d", at.From, at.To, at.Start().Line)
	}
}

// TestDiagnosticWithoutPlace holds that a diagnostic that is nowhere is a fault
// of its rule.
func TestDiagnosticWithoutPlace(t *testing.T) {
	lost := fake("lost", func(pass *analysis.Pass) (any, error) {
		pass.Report(analysis.Diagnostic{Message: "nowhere"})
		return rules.Undecided(nil), nil
	})
	result := run(t, map[string]string{"a.yaml": policies}, lost, atPath("one", "one", "kind"))
	if len(result.Findings) != 2 || len(result.Problems) != 1 {
		t.Errorf("findings %q and problems %q, want those of the other rule and one problem", messages(result), result.Problems)
	}
}

// TestObjects holds that a finding knows the object it is in, also where
// several share a file or a list.
func TestObjects(t *testing.T) {
	const list = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Namespace
  metadata: {name: bank}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: third, namespace: bank}
  spec: {podSelector: {}}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: fourth}
  spec: {podSelector: {}}
`
	declared := fake("declared", func(pass *analysis.Pass) (any, error) {
		for _, ns := range cluster.Of(pass).Namespaces {
			if ns.Declared != nil {
				pos, end := ns.Declared.Span("metadata", "name").Pos()
				pass.Report(analysis.Diagnostic{Pos: pos, End: end, Message: "declared"})
			}
		}
		return rules.Undecided(nil), nil
	})
	result := run(t, map[string]string{"a.yaml": policies, "b.yaml": list}, atPath("spec", "here", "spec", "podSelector"), declared)
	want := []string{"NetworkPolicy shop/first", "NetworkPolicy shop/second", "Namespace bank/bank", "NetworkPolicy bank/third", "NetworkPolicy /fourth"}
	var got []string
	for _, f := range result.Findings {
		got = append(got, f.Object.Kind+" "+f.Namespace+"/"+f.Object.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLevels(t *testing.T) {
	graded := fake("graded", func(pass *analysis.Pass) (any, error) {
		for i, p := range cluster.Of(pass).Policies {
			pos, end := p.Span("kind").Pos()
			pass.Report(analysis.Diagnostic{Pos: pos, End: end, Message: "m", Category: []string{"", "grave"}[i]})
		}
		return rules.Undecided(nil), nil
	})
	graded.Graded = map[string]rules.Level{"grave": rules.Error}
	result := run(t, map[string]string{"a.yaml": policies}, graded)
	if got := []rules.Level{result.Findings[0].Level, result.Findings[1].Level}; got[0] != rules.Warning || got[1] != rules.Error {
		t.Errorf("levels %q, want warning and error", got)
	}
	if got := result.Summary.Levels; got[rules.Warning] != 1 || got[rules.Error] != 1 || got[rules.Note] != 0 {
		t.Errorf("counted %v", got)
	}
}

// TestPrintable holds that no message brings control characters to a terminal.
func TestPrintable(t *testing.T) {
	result := run(t, map[string]string{"a.yaml": policies}, atPath("one", "a\x1b[2K\u202eb", "kind"),
		fake("two", func(*analysis.Pass) (any, error) { return nil, errors.New("c\x07d") }))
	if got, want := result.Findings[0].Message, `a\x1b[2K\u202eb`; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
	if got, want := result.Problems[0].Message, `rule FAKE-two (two) failed: c\ad`; got != want {
		t.Errorf("problem %q, want %q", got, want)
	}
}

package cluster

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
)

// viewOf reads a stream the way the program reads standard input.
func viewOf(t testing.TB, stream string) *View {
	t.Helper()
	tree := manifest.Load(source.Walk([]string{source.Stdin}, strings.NewReader(stream)), manifest.Options{Wanted: Wanted})
	if len(tree.Problems) > 0 {
		t.Fatalf("not read: %v\n%s", tree.Problems, stream)
	}
	views := Views(tree, Settings{})
	if len(views) != 1 {
		t.Fatalf("%d views", len(views))
	}
	return views[0]
}

// stream joins documents.
func stream(documents ...string) string { return strings.Join(documents, "\n---\n") }

// namespaceOf is the namespace with a name. "" is the one of standard input
// that is given at apply time.
func namespaceOf(t testing.TB, v *View, name string) *Namespace {
	t.Helper()
	i := slices.IndexFunc(v.Namespaces, func(ns *Namespace) bool { return ns.Name == name && ns.Placeholder == "" })
	if i < 0 {
		t.Fatalf("no namespace %q", name)
	}
	return v.Namespaces[i]
}

// onlyPolicy is the policy of a stream that has one, which must be accepted.
func onlyPolicy(t testing.TB, stream string) *Policy {
	t.Helper()
	v := viewOf(t, stream)
	if len(v.Problems) > 0 || len(v.Foreign) > 0 || len(v.Policies) != 1 {
		t.Fatalf("not accepted: %d policies, problems %v, foreign %v\n%s", len(v.Policies), v.Problems, reasons(v), stream)
	}
	return v.Policies[0]
}

// reasons are why the foreign policies of a view are foreign.
func reasons(v *View) []string {
	var all []string
	for _, f := range v.Foreign {
		all = append(all, f.Reason)
	}
	return all
}

// mark stands in a text where a problem is expected; it is not part of it.
const mark = "»"

// place is a line and a column, both from one.
type place struct{ line, column int }

// unmark takes the marks out of a text and tells where they stood.
func unmark(text string) (clean string, places []place) {
	var b strings.Builder
	at := place{1, 1}
	for part := range strings.SplitAfterSeq(text, mark) {
		part, marked := strings.CutSuffix(part, mark)
		b.WriteString(part)
		if i := strings.LastIndexByte(part, '\n'); i >= 0 {
			at = place{at.line + strings.Count(part, "\n"), 1}
			part = part[i+1:]
		}
		at.column += utf8.RuneCountInString(part)
		if marked {
			places = append(places, at)
		}
	}
	return b.String(), places
}

// refusal is a policy with a mark wherever the API server finds a fault, and a
// part of what is said of each fault, in the order of the text.
type refusal struct {
	name, text string
	says       []string
}

func (r *refusal) run(t *testing.T) {
	text, places := unmark(r.text)
	if len(places) != len(r.says) {
		t.Fatalf("a wrong test: %d marks, %d messages", len(places), len(r.says))
	}
	v := viewOf(t, text)
	checkProblems(t, v.Problems, places, r.says)
	if len(v.Policies) > 0 {
		t.Error("it is taken for a policy whose rules are known")
	}
	if got := reasons(v); !slices.Equal(got, []string{InvalidPolicies}) {
		t.Errorf("the foreign policies are %q, want one that is refused", got)
	}
	if t.Failed() {
		t.Log(text)
	}
}

// checkProblems compares problems with the places and parts of their messages.
func checkProblems(t *testing.T, problems []source.Problem, places []place, says []string) {
	t.Helper()
	problems = slices.SortedStableFunc(slices.Values(problems), func(x, y source.Problem) int {
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	if len(problems) != len(places) {
		t.Errorf("%d problems, want %d: %v", len(problems), len(places), problems)
		return
	}
	for i, p := range problems {
		if got := (place{p.Line, p.Column}); got != places[i] {
			t.Errorf("problem at %v, want %v: %s", got, places[i], p.Message)
		}
		if !strings.HasPrefix(p.Message, "NetworkPolicy ") || !strings.Contains(p.Message, says[i]) {
			t.Errorf("the message is %q, want NetworkPolicy and %q in it", p.Message, says[i])
		}
		if p.Path != "<stdin>" {
			t.Errorf("the path is %q", p.Path)
		}
	}
}

// policyText is a policy with the text of its spec.
func policyText(spec string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: ns}\nspec: " + spec + "\n"
}

// Each of these puts a text into one position of a policy.

func bodyText(body string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n" + body
}
func ruleText(rule string) string     { return policyText("{egress: [" + rule + "]}") }
func peerText(peer string) string     { return ruleText("{to: [" + peer + "]}") }
func blockText(block string) string   { return peerText("{ipBlock: " + block + "}") }
func portText(port string) string     { return ruleText("{ports: [" + port + "]}") }
func selectorText(s string) string    { return policyText("{podSelector: " + s + "}") }
func labelsText(labels string) string { return selectorText("{matchLabels: " + labels + "}") }
func expressionText(e string) string  { return selectorText("{matchExpressions: [" + e + "]}") }

package cluster

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/egresslint/egresslint/internal/verdict"
)

// The alphabet is small, so that selectors and labels meet often and all
// labels can be enumerated.
var (
	someKeys   = []string{"a", "b", "c"}
	someValues = []string{"", "x", "y", "z"}
)

func randomSelector(m maker) *metav1.LabelSelector {
	s := &metav1.LabelSelector{}
	for range m.IntN(3) {
		metav1.AddLabelToSelector(s, pick(m, someKeys...), pick(m, someValues...))
	}
	for range m.IntN(3) {
		e := metav1.LabelSelectorRequirement{Key: pick(m, someKeys...)}
		e.Operator = pick(m, metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist)
		if e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpNotIn {
			for range 1 + m.IntN(3) {
				e.Values = append(e.Values, pick(m, someValues...))
			}
		}
		s.MatchExpressions = append(s.MatchExpressions, e)
	}
	return s
}

func randomLabels(m maker) Labels {
	l := Labels{Known: map[string]string{}, Open: m.IntN(3) == 0}
	for _, key := range someKeys {
		switch m.IntN(4) {
		case 0:
			l.Known[key] = pick(m, someValues...)
		case 1:
			l.Obscure = append(l.Obscure, key)
		case 2:
			l.Without = append(l.Without, key)
		}
	}
	m.Shuffle(len(l.Obscure), func(i, j int) { l.Obscure[i], l.Obscure[j] = l.Obscure[j], l.Obscure[i] })
	return l
}

// completions are all the labels over the alphabet that l may turn out to be.
func completions(l *Labels) []labels.Set {
	all := []labels.Set{{}}
	for _, key := range someKeys {
		value, presence := l.Get(key)
		switch presence {
		case Absent:
		case Present:
			for _, set := range all {
				set[key] = value
			}
		case Obscure:
			for _, set := range slices.Clone(all) {
				for _, value := range someValues {
					with := maps.Clone(set)
					with[key] = value
					all = append(all, with)
				}
			}
		}
	}
	return all
}

func selects(t *testing.T, written *metav1.LabelSelector) func(labels.Set) bool {
	t.Helper()
	s, err := metav1.LabelSelectorAsSelector(written)
	if err != nil {
		t.Fatal(err)
	}
	return func(set labels.Set) bool { return s.Matches(set) }
}

// One label at a time: what Get says of each kind of knowledge.
func TestGet(t *testing.T) {
	closed := Labels{Known: map[string]string{"k": "v", "e": "", "both": "w"}, Obscure: []string{"o", "both"}}
	open := Labels{Known: closed.Known, Without: []string{"w"}, Open: true}
	for _, c := range []struct {
		l     *Labels
		key   string
		value string
		want  Presence
	}{
		{&Labels{}, "k", "", Absent},
		{&closed, "k", "v", Present}, {&closed, "e", "", Present}, {&closed, "both", "w", Present},
		{&closed, "o", "", Obscure}, {&closed, "other", "", Absent},
		{&open, "k", "v", Present}, {&open, "w", "", Absent}, {&open, "other", "", Obscure},
	} {
		if value, got := c.l.Get(c.key); value != c.value || got != c.want {
			t.Errorf("%+v: %s is %q, %v", c.l, c.key, value, got)
		}
	}
}

// Where all labels are known, Match is what Kubernetes does. Where they are
// not, it answers only what holds for all that they may be; and for a selector
// with at most one requirement for each key it answers all of that.
func TestMatchAgreesWithKubernetes(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(3, 4))}
	seen := map[verdict.Verdict]int{}
	for range 20000 {
		written, l := randomSelector(m), randomLabels(m)
		s, matches := compiled(t, written), selects(t, written)
		got := s.Match(&l)
		seen[got]++
		yes, no := false, false
		all := completions(&l)
		for _, set := range all {
			yes, no = yes || matches(set), no || !matches(set)
		}
		switch {
		case got == verdict.Yes && no, got == verdict.No && yes:
			t.Fatalf("%v for %+v is %v, which is wrong for some labels", s.Key, l, got)
		case got == verdict.Unknown && len(all) == 1:
			t.Fatalf("%v for %+v is unknown, though all is known", s.Key, l)
		case got == verdict.Unknown && distinctKeys(s) && yes != no && len(s.Requirements) > 0 && !coversAll(s):
			t.Fatalf("%v for %+v is unknown, though all labels agree", s.Key, l)
		}
	}
	for _, v := range []verdict.Verdict{verdict.No, verdict.Unknown, verdict.Yes} {
		if seen[v] < 1000 {
			t.Errorf("too few cases: %v", seen)
		}
	}
}

func distinctKeys(s *Selector) bool {
	seen := map[string]bool{}
	for _, r := range s.Requirements {
		if seen[r.Key] {
			return false
		}
		seen[r.Key] = true
	}
	return true
}

// coversAll holds for a requirement that names every value of the alphabet:
// outside of the alphabet it is not decided.
func coversAll(s *Selector) bool {
	return slices.ContainsFunc(s.Requirements, func(r Requirement) bool {
		return len(slices.Compact(slices.Clone(r.Values))) == len(someValues)
	})
}

// An obscure selector may have any requirement more: it says no where its
// known part does, and else nothing.
func TestObscureSelectorIsSound(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(5, 6))}
	for range 2000 {
		s, l := compiled(t, randomSelector(m)), randomLabels(m)
		obscure := *s
		obscure.Obscure = true
		if got, want := obscure.Match(&l), min(s.Match(&l), verdict.Unknown); got != want {
			t.Fatalf("%v and more for %+v is %v, want %v", s.Key, l, got, want)
		}
		if obscure.Everything() || s.Everything() != (len(s.Requirements) == 0) {
			t.Fatalf("Everything is wrong for %+v", s)
		}
	}
}

// The representative of a selector is something that it selects, and claims
// nothing of the rest.
func TestRepresentative(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(7, 8))}
	possible := 0
	for range 10000 {
		written := randomSelector(m)
		s, matches := compiled(t, written), selects(t, written)
		l := s.Representative()
		if !slices.ContainsFunc(completions(&Labels{Open: true}), matches) {
			continue // nothing has such labels
		}
		possible++
		if s.Match(&l) == verdict.No {
			t.Fatalf("%s does not select its own representative %+v", s.Key, l)
		}
		// Whatever is selected must be something the representative may be.
		all := completions(&l)
		for _, set := range completions(&Labels{Open: true}) {
			if matches(set) && !slices.ContainsFunc(all, func(c labels.Set) bool { return maps.Equal(c, set) }) {
				t.Fatalf("%s selects %v, which its representative %+v cannot be", s.Key, set, l)
			}
		}
	}
	if possible < 5000 {
		t.Errorf("only %d selectors that select anything", possible)
	}
}

func TestRepresentativeIsExact(t *testing.T) {
	for _, c := range []struct {
		text string
		want Labels
	}{
		{labelsText("{a: b, c: d}"), Labels{Known: map[string]string{"a": "b", "c": "d"}, Open: true}},
		{expressionText("{key: a, operator: In, values: [b]}"), Labels{Known: map[string]string{"a": "b"}, Open: true}},
		{expressionText("{key: a, operator: In, values: [b, c]}"), Labels{Known: map[string]string{}, Open: true}},
		{expressionText("{key: a, operator: DoesNotExist}, {key: b, operator: Exists}"), Labels{Known: map[string]string{}, Without: []string{"a"}, Open: true}},
		{selectorText("{}"), Labels{Known: map[string]string{}, Open: true}},
	} {
		if got := onlyPolicy(t, c.text).Pods.Representative(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", c.text, got)
		}
	}
}

// canonical is the labels without order.
func canonical(l Labels) string {
	slices.Sort(l.Obscure)
	slices.Sort(l.Without)
	return fmt.Sprintf("%q %q %q %v", l.Known, l.Obscure, l.Without, l.Open)
}

func TestLabelsKey(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(9, 10))}
	keys := map[string]string{}
	for range 5000 {
		l := randomLabels(m)
		key, want := l.Key(), canonical(l)
		if first, ok := keys[key]; ok && first != want {
			t.Fatalf("%q is the key of %s and of %s", key, first, want)
		}
		keys[key] = want
	}
	byText := map[string]string{}
	for key, text := range keys {
		if other, ok := byText[text]; ok {
			t.Fatalf("%s has the keys %q and %q", text, key, other)
		}
		byText[text] = key
	}
}

// The labels of a workload are not checked: their values may hold anything.
func TestLabelsKeyOfStrangeValues(t *testing.T) {
	keys := map[string]Labels{}
	for _, l := range []Labels{
		{}, {Open: true}, {Known: map[string]string{"*": ""}}, {Obscure: []string{"a"}}, {Without: []string{"a"}},
		{Known: map[string]string{"?a": ""}}, {Known: map[string]string{"a": "1,b=2"}}, {Known: map[string]string{"a": "1", "b": "2"}},
		{Known: map[string]string{"a": "b=c"}}, {Known: map[string]string{"a=b": "c"}},
		{Known: map[string]string{"a": "1,?b"}}, {Known: map[string]string{"a": "1"}, Obscure: []string{"b"}},
	} {
		if other, ok := keys[l.Key()]; ok {
			t.Errorf("%+v and %+v have the key %q", l, other, l.Key())
		}
		keys[l.Key()] = l
	}
}

// The keys of selectors are equal where the requirements are, and only there.
func TestSelectorKey(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(11, 12))}
	byKey, byRequirements := map[string]string{}, map[string]string{}
	for range 3000 {
		s := compiled(t, randomSelector(m))
		text := fmt.Sprintf("%q", s.Requirements)
		if other, ok := byKey[s.Key]; ok && other != text {
			t.Fatalf("the key %q is of %s and of %s", s.Key, other, text)
		}
		if other, ok := byRequirements[text]; ok && other != s.Key {
			t.Fatalf("%s has the keys %q and %q", text, s.Key, other)
		}
		byKey[s.Key], byRequirements[text] = text, s.Key
	}
}

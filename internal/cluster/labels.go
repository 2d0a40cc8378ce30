package cluster

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/verdict"
)

// Presence tells what is known of one label of an object.
type Presence uint8

const (
	// Absent means that the object does not have the label.
	Absent Presence = iota
	// Present means that it has the label, with a value that is known.
	Present
	// Obscure means that it may have the label, with a value that is not known.
	Obscure
)

// Labels are the labels of a pod or a namespace as far as the tree tells them.
// The zero value has none. Labels are not changed once they are in a View.
type Labels struct {
	// Known are the labels whose values are written in the tree.
	Known map[string]string
	// Obscure are keys that may be there, with a value that the tree does not
	// tell: placeholders, and what controllers add.
	Obscure []string
	// Without are keys that are known to be absent although Open is set.
	Without []string
	// Open means that any other key may be there too.
	Open bool
}

// Get tells what is known of one label. The value is "" unless it is Present.
func (l *Labels) Get(key string) (value string, p Presence) {
	if value, ok := l.Known[key]; ok {
		return value, Present
	}
	switch {
	case slices.Contains(l.Without, key):
		return "", Absent
	case l.Open, slices.Contains(l.Obscure, key):
		return "", Obscure
	default:
		return "", Absent
	}
}

// Key is a text that is the same for equal labels and no others.
func (l *Labels) Key() string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(l.Known)) {
		b.WriteString(strconv.Quote(key) + "=" + strconv.Quote(l.Known[key]) + ",")
	}
	for _, list := range []struct {
		mark string
		keys []string
	}{{"?", l.Obscure}, {"!", l.Without}} {
		for _, key := range slices.Sorted(slices.Values(list.keys)) {
			b.WriteString(list.mark + strconv.Quote(key) + ",")
		}
	}
	if l.Open {
		b.WriteString("*")
	}
	return b.String()
}

// newLabels sorts what is written into known and obscure labels.
func newLabels(written map[string]string) Labels {
	l := Labels{Known: written}
	for key, value := range written {
		if !manifest.Placeholder(value) && !manifest.Placeholder(key) {
			continue
		}
		if l.Obscure == nil {
			l.Known = maps.Clone(written)
		}
		l.Obscure = append(l.Obscure, key)
		delete(l.Known, key)
	}
	slices.Sort(l.Obscure)
	return l
}

// merge leaves known in l only what other has too. It is for objects of which
// one will be in the cluster, and nobody knows which.
func (l *Labels) merge(other *Labels) {
	obscure := func(key string) {
		delete(l.Known, key)
		if !slices.Contains(l.Obscure, key) {
			l.Obscure = append(l.Obscure, key)
		}
	}
	for key, value := range l.Known {
		if rival, ok := other.Known[key]; !ok || rival != value {
			obscure(key)
		}
	}
	for key := range other.Known {
		if _, ok := l.Known[key]; !ok {
			obscure(key)
		}
	}
	for _, key := range other.Obscure {
		obscure(key)
	}
	slices.Sort(l.Obscure)
}

// Requirement is one condition of a selector.
type Requirement struct {
	Key      string
	Operator selection.Operator
	// Values are what In and NotIn compare with, sorted; for Exists and
	// DoesNotExist there are none.
	Values []string
}

// Match decides the condition for labels that may be known in part. NotIn and
// DoesNotExist hold where the key is absent.
func (r *Requirement) Match(l *Labels) verdict.Verdict {
	value, presence := l.Get(r.Key)
	if presence == Obscure {
		return verdict.Unknown
	}
	present := presence == Present
	switch r.Operator {
	case selection.In:
		return verdict.Of(present && slices.Contains(r.Values, value))
	case selection.NotIn:
		return verdict.Of(!present || !slices.Contains(r.Values, value))
	case selection.Exists:
		return verdict.Of(present)
	default: // selection.DoesNotExist
		return verdict.Of(!present)
	}
}

// Selector is a label selector, compiled once. It may be used from several
// goroutines.
type Selector struct {
	// Requirements are ANDed, in the order of their keys. None select everything.
	Requirements []Requirement
	// Obscure means that there are more requirements, which the tree does not
	// tell: placeholders.
	Obscure bool
	// Key is the same for selectors that have the same requirements.
	Key string
}

// Everything reports whether the selector has no requirement.
func (s *Selector) Everything() bool { return len(s.Requirements) == 0 && !s.Obscure }

// Match decides whether the selector selects an object with the labels.
func (s *Selector) Match(l *Labels) verdict.Verdict {
	all := verdict.Yes
	if s.Obscure {
		all = verdict.Unknown
	}
	for i := range s.Requirements {
		if all = min(all, s.Requirements[i].Match(l)); all == verdict.No {
			break
		}
	}
	return all
}

// compile makes a Selector of what the API has. The error is one that the API
// server would give too.
func compile(written *metav1.LabelSelector) (*Selector, error) {
	selector, err := metav1.LabelSelectorAsSelector(written)
	if err != nil {
		return nil, err
	}
	requirements, _ := selector.Requirements() // only the selector of nothing is not selectable, and nil is never passed
	s := &Selector{Key: labels.NewSelector().Add(requirements...).String()}
	for i := range requirements {
		r := &requirements[i]
		s.Requirements = append(s.Requirements, requirement(r))
	}
	return s, nil
}

func requirement(r *labels.Requirement) Requirement {
	operator := r.Operator()
	if operator == selection.Equals {
		operator = selection.In
	}
	values := r.ValuesUnsorted()
	slices.Sort(values)
	return Requirement{r.Key(), operator, values}
}

// Representative is the labels of a pod that the selector selects, when the
// tree has none: it has what the selector asks for, and nothing is known of
// the rest.
func (s *Selector) Representative() Labels {
	l := Labels{Known: map[string]string{}, Open: true}
	for _, r := range s.Requirements {
		switch {
		case r.Operator == selection.In && len(r.Values) == 1:
			l.Known[r.Key] = r.Values[0]
		case r.Operator == selection.DoesNotExist:
			l.Without = append(l.Without, r.Key)
		}
	}
	return l
}

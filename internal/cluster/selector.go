package cluster

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/egresslint/egresslint/internal/verdict"
)

// Requirement is one condition of a selector.
type Requirement struct {
	Key      string
	Operator selection.Operator
	// Values are what In and NotIn compare with, sorted; for Exists and
	// DoesNotExist there are none.
	Values []string
}

// String is the condition as kubectl writes it.
func (r *Requirement) String() string {
	list := strings.Join(r.Values, ",")
	switch {
	case r.Operator == selection.In && len(r.Values) == 1:
		return r.Key + "=" + list
	case r.Operator == selection.In, r.Operator == selection.NotIn:
		return fmt.Sprintf("%s %s (%s)", r.Key, r.Operator, list)
	case r.Operator == selection.DoesNotExist:
		return "!" + r.Key
	default:
		return r.Key
	}
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
	requirements, _ := selector.Requirements() // only a nil selector, of nothing, has none to give
	s := &Selector{}
	texts := make([]string, len(requirements))
	for i := range requirements {
		r := requirement(&requirements[i])
		s.Requirements = append(s.Requirements, r)
		texts[i] = r.String()
	}
	s.Key = strings.Join(texts, ",")
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

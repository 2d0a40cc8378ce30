package netpol

import (
	"iter"
	"slices"

	"k8s.io/apimachinery/pkg/selection"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// index finds what a selector selects among numbered sets of labels without
// looking at all of them.
type index struct {
	labels []*cluster.Labels
	// value and key list, in ascending order, what has a label with that value,
	// and with any value that is known.
	value map[[2]string][]uint32
	key   map[string][]uint32
	// obscure lists what may have a key, by key.
	obscure map[string][]uint32
	open    []uint32
	// openWithout lists what is open and says nothing of a key. Filled on demand.
	openWithout map[string][]uint32
}

func newIndex(labels []*cluster.Labels) *index {
	ix := &index{
		labels: labels,
		value:  map[[2]string][]uint32{}, key: map[string][]uint32{}, obscure: map[string][]uint32{},
		openWithout: map[string][]uint32{},
	}
	for i, l := range labels {
		n := uint32(i)
		for key, value := range l.Known {
			ix.value[[2]string{key, value}] = append(ix.value[[2]string{key, value}], n)
			ix.key[key] = append(ix.key[key], n)
		}
		for _, key := range l.Obscure {
			ix.obscure[key] = append(ix.obscure[key], n)
		}
		if l.Open {
			ix.open = append(ix.open, n)
		}
	}
	return ix
}

// selects is what s selects within a set.
func (ix *index) selects(s *cluster.Selector, within interval.Set) reach {
	if s.Everything() {
		return reach{within, within}
	}
	var sure, possible []interval.Range
	for n := range ix.candidates(s, within) {
		switch s.Match(ix.labels[n]) {
		case verdict.Yes:
			sure = appendTo(sure, n)
			possible = appendTo(possible, n)
		case verdict.Unknown:
			possible = appendTo(possible, n)
		case verdict.No:
		}
	}
	return reach{interval.Set(sure), interval.Set(possible)}
}

// appendTo adds a number that is larger than all before.
func appendTo(ranges []interval.Range, n uint32) []interval.Range {
	if last := len(ranges) - 1; last >= 0 && ranges[last].Hi+1 == n {
		ranges[last].Hi = n
		return ranges
	}
	return append(ranges, interval.Range{Lo: n, Hi: n})
}

// candidates yields, in ascending order, all within the set that s may select,
// and not many more: it looks at the requirement that the fewest meet.
func (ix *index) candidates(s *cluster.Selector, within interval.Set) iter.Seq[uint32] {
	var best []uint32
	found := false
	for i := range s.Requirements {
		r := &s.Requirements[i]
		if list, ok := ix.meeting(r); ok && (!found || len(list) < len(best)) {
			best, found = list, true
		}
	}
	if !found {
		return within.All
	}
	return func(yield func(uint32) bool) {
		for _, r := range within {
			from, _ := slices.BinarySearch(best, r.Lo)
			for _, n := range best[from:] {
				if n > r.Hi {
					break
				}
				if !yield(n) {
					return
				}
			}
		}
	}
}

// meeting lists what may meet a requirement. It is false for a requirement
// that the absence of a label meets.
func (ix *index) meeting(r *cluster.Requirement) ([]uint32, bool) {
	var list []uint32
	switch r.Operator {
	case selection.In:
		for _, value := range r.Values {
			list = join(list, ix.value[[2]string{r.Key, value}])
		}
	case selection.Exists:
		list = ix.key[r.Key]
	default:
		return nil, false
	}
	list = join(list, ix.obscure[r.Key])
	return join(list, ix.openFor(r.Key)), true
}

// openFor lists what is open and does not say whether it has the key.
func (ix *index) openFor(key string) []uint32 {
	if len(ix.open) == 0 {
		return nil
	}
	list, ok := ix.openWithout[key]
	if !ok {
		list = slices.DeleteFunc(slices.Clone(ix.open), func(n uint32) bool {
			_, known := ix.labels[n].Known[key]
			return known
		})
		ix.openWithout[key] = list
	}
	return list
}

// join merges two ascending lists, of which one is mostly empty.
func join(a, b []uint32) []uint32 {
	switch {
	case len(b) == 0:
		return a
	case len(a) == 0:
		return b
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// Package interval holds sets of small numbers as sorted ranges. Ports and
// pod classes are both sets of this kind: mostly one range or a few single
// numbers, and never worth a bit for each number that is not in them.
package interval

import (
	"cmp"
	"slices"
)

// Range is the numbers from Lo to Hi, both included. Lo is at most Hi.
type Range struct {
	Lo, Hi uint32
}

// Set is a set of numbers: ranges in ascending order that neither overlap nor
// touch. A nil Set is empty. Sets are values: no method changes its receiver,
// and a Set may be read from several goroutines.
type Set []Range

// Of makes the set of all numbers that lie in one of the ranges, which may
// come in any order and may overlap.
func Of(ranges ...Range) Set {
	if len(ranges) < 2 {
		return Set(ranges)
	}
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b Range) int { return cmp.Compare(a.Lo, b.Lo) })
	return merge(sorted)
}

// Single is the set that holds n alone.
func Single(n uint32) Set { return Set{{n, n}} }

// merge joins ranges that overlap or touch. They are sorted by Lo; the slice
// is reused.
func merge(sorted []Range) Set {
	out := sorted[:1]
	for _, r := range sorted[1:] {
		last := &out[len(out)-1]
		if r.Lo > last.Hi && r.Lo-last.Hi > 1 {
			out = append(out, r)
			continue
		}
		last.Hi = max(last.Hi, r.Hi)
	}
	return out
}

// Empty reports whether s holds no number.
func (s Set) Empty() bool { return len(s) == 0 }

// Len counts the numbers in s.
func (s Set) Len() int {
	n := 0
	for _, r := range s {
		n += int(r.Hi-r.Lo) + 1
	}
	return n
}

// Has reports whether n is in s.
func (s Set) Has(n uint32) bool {
	i := s.from(n)
	return i < len(s) && s[i].Lo <= n
}

// from is the index of the first range that does not end before n.
func (s Set) from(n uint32) int {
	i, _ := slices.BinarySearchFunc(s, n, func(r Range, n uint32) int { return cmp.Compare(r.Hi, n) })
	return i
}

// All yields the numbers of s in ascending order.
func (s Set) All(yield func(uint32) bool) {
	for _, r := range s {
		for n := r.Lo; ; n++ {
			if !yield(n) {
				return
			}
			if n == r.Hi { // not in the loop's head: Hi may be the largest uint32
				break
			}
		}
	}
}

// Union is the set of numbers in s or in t.
func (s Set) Union(t Set) Set {
	switch {
	case s.Empty():
		return t
	case t.Empty():
		return s
	}
	all := make([]Range, 0, len(s)+len(t))
	for len(s) > 0 && len(t) > 0 {
		if s[0].Lo <= t[0].Lo {
			all, s = append(all, s[0]), s[1:]
		} else {
			all, t = append(all, t[0]), t[1:]
		}
	}
	all = append(append(all, s...), t...)
	return merge(all)
}

// Intersect is the set of numbers in both s and t. Its cost grows with the
// smaller of the two, and with the logarithm of the larger.
func (s Set) Intersect(t Set) Set {
	if len(s) > len(t) {
		s, t = t, s
	}
	var out Set
	for _, r := range s {
		for i := t.from(r.Lo); i < len(t) && t[i].Lo <= r.Hi; i++ {
			out = append(out, Range{max(r.Lo, t[i].Lo), min(r.Hi, t[i].Hi)})
		}
	}
	return out
}

// Overlaps reports whether some number is in both s and t.
func (s Set) Overlaps(t Set) bool {
	if len(s) > len(t) {
		s, t = t, s
	}
	for _, r := range s {
		if i := t.from(r.Lo); i < len(t) && t[i].Lo <= r.Hi {
			return true
		}
	}
	return false
}

// Minus is the set of numbers in s that are not in t.
func (s Set) Minus(t Set) Set {
	var out Set
	for _, r := range s {
		lo, done := r.Lo, false
		for i := t.from(r.Lo); i < len(t) && t[i].Lo <= r.Hi; i++ {
			if t[i].Lo > lo {
				out = append(out, Range{lo, t[i].Lo - 1})
			}
			if t[i].Hi >= r.Hi {
				done = true
				break
			}
			lo = t[i].Hi + 1
		}
		if !done {
			out = append(out, Range{lo, r.Hi})
		}
	}
	return out
}

// Within reports whether every number of s is in t.
func (s Set) Within(t Set) bool { return s.Minus(t).Empty() }

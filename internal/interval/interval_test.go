package interval

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// model is the plain set that every operation is compared with.
type model map[uint32]bool

func random(rng *rand.Rand) (Set, model) {
	var ranges []Range
	m := model{}
	for range rng.IntN(6) {
		lo := uint32(rng.IntN(40))
		hi := lo + uint32(rng.IntN(6))
		ranges = append(ranges, Range{lo, hi})
		for n := lo; n <= hi; n++ {
			m[n] = true
		}
	}
	return Of(ranges...), m
}

func (m model) equal(t *testing.T, op string, s Set) {
	t.Helper()
	want := make([]uint32, 0, len(m))
	for n := range m {
		want = append(want, n)
	}
	slices.Sort(want)
	if got := slices.Collect(s.All); !slices.Equal(got, want) {
		t.Fatalf("%s: got %v, want %v", op, got, want)
	}
	if s.Len() != len(want) {
		t.Fatalf("%s: Len %d, want %d", op, s.Len(), len(want))
	}
	for i := 1; i < len(s); i++ {
		if s[i].Lo <= s[i-1].Hi+1 {
			t.Fatalf("%s: ranges %v and %v overlap or touch", op, s[i-1], s[i])
		}
	}
}

func filter(a model, keep func(uint32) bool) model {
	out := model{}
	for n := range a {
		if keep(n) {
			out[n] = true
		}
	}
	return out
}

func TestAgainstPlainSets(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		a, ma := random(rng)
		b, mb := random(rng)
		ma.equal(t, "Of", a)

		union := filter(ma, func(uint32) bool { return true })
		for n := range mb {
			union[n] = true
		}
		union.equal(t, "Union", a.Union(b))
		both := filter(ma, func(n uint32) bool { return mb[n] })
		both.equal(t, "Intersect", a.Intersect(b))
		rest := filter(ma, func(n uint32) bool { return !mb[n] })
		rest.equal(t, "Minus", a.Minus(b))

		if got := a.Overlaps(b); got != (len(both) > 0) {
			t.Fatalf("%v.Overlaps(%v) = %v", a, b, got)
		}
		if got := a.Within(b); got != (len(rest) == 0) {
			t.Fatalf("%v.Within(%v) = %v", a, b, got)
		}
		for n := range uint32(50) {
			if a.Has(n) != ma[n] {
				t.Fatalf("%v.Has(%d) = %v", a, n, a.Has(n))
			}
		}
	}
}

func TestEnds(t *testing.T) {
	all := Of(Range{0, math.MaxUint32})
	if got := all.Minus(Single(0)).Minus(Single(math.MaxUint32)); !slices.Equal(got, Set{{1, math.MaxUint32 - 1}}) {
		t.Errorf("got %v", got)
	}
	if got := Of(Range{5, math.MaxUint32}, Range{0, 4}); !slices.Equal(got, all) {
		t.Errorf("touching ranges are not joined: %v", got)
	}
	last := slices.Collect(Of(Range{math.MaxUint32 - 1, math.MaxUint32}).All)
	if !slices.Equal(last, []uint32{math.MaxUint32 - 1, math.MaxUint32}) {
		t.Errorf("All does not stop at the largest number: %v", last)
	}
}

func TestNoArgumentIsChanged(t *testing.T) {
	ranges := []Range{{7, 9}, {1, 2}, {2, 3}}
	s := Of(ranges...)
	if ranges[0] != (Range{7, 9}) {
		t.Error("Of sorted its argument")
	}
	other := Of(Range{0, 100})
	s.Union(other)
	s.Intersect(other)
	s.Minus(other)
	if !slices.Equal(s, Set{{1, 3}, {7, 9}}) {
		t.Errorf("the receiver changed: %v", s)
	}
}

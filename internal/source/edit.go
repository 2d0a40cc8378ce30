package source

import (
	"cmp"
	"errors"
	"slices"
)

// Edit is the replacement of the text of a span. An insertion has an empty
// span, a removal an empty text.
type Edit struct {
	Span
	// New is what stands there afterwards.
	New string
}

// ErrOverlap is returned for edits of which two change the same text, or insert
// at the same place: then the order would decide what comes out.
var ErrOverlap = errors.New("two edits change the same place")

// Apply is the content of f with some edits applied. All must be of f; their
// order does not matter.
func (f *File) Apply(edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	var out []byte
	at, last := 0, -1
	for _, e := range sorted {
		if e.From < at || e.From == last {
			return nil, ErrOverlap
		}
		out = append(out, f.Src[at:e.From]...)
		out = append(out, e.New...)
		at, last = e.To, e.From
	}
	return append(out, f.Src[at:]...), nil
}

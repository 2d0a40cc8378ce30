package fix

import (
	"cmp"
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/source"
)

// pieces is a text as what is left of an older one and what was put in since.
type pieces []piece

// piece is a part of the older text, or what was put in.
type piece struct {
	from, to int
	// text is what was put in, "" for a part of the older text.
	text string
}

func (p piece) len() int { return max(p.to-p.from, len(p.text)) }

// newPieces is a text that has not changed.
func newPieces(f *source.File) pieces { return pieces{{to: len(f.Src)}} }

// edited is what becomes of the text by edits of it as it is now.
func (p pieces) edited(edits []source.Edit) pieces {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b source.Edit) int { return cmp.Compare(b.From, a.From) })
	for _, e := range edits {
		before, rest := p.split(e.From)
		_, after := rest.split(e.To - e.From)
		p = slices.Concat(before, pieces{{text: e.New}}, after)
	}
	return p
}

// split divides the text at an offset.
func (p pieces) split(at int) (before, after pieces) {
	for i, part := range p {
		switch {
		case at >= part.len():
			at -= part.len()
		case part.text != "":
			return slices.Concat(p[:i], pieces{{text: part.text[:at]}}), slices.Concat(pieces{{text: part.text[at:]}}, p[i+1:])
		default:
			middle := part.from + at
			return slices.Concat(p[:i], pieces{{from: part.from, to: middle}}), slices.Concat(pieces{{from: middle, to: part.to}}, p[i+1:])
		}
	}
	return p, nil
}

// edits are what makes the text of the older one, which is of a file.
func (p pieces) edits(f *source.File) []source.Edit {
	var all []source.Edit
	var put strings.Builder
	at := 0
	for _, part := range append(slices.Clone(p), piece{from: len(f.Src), to: len(f.Src)}) {
		if part.text != "" || part.len() == 0 && part.from < len(f.Src) { // or nothing at all
			put.WriteString(part.text)
			continue
		}
		if part.from > at || put.Len() > 0 {
			all = append(all, source.Edit{Span: source.Span{File: f, From: at, To: part.from}, New: put.String()})
			put.Reset()
		}
		at = part.to
	}
	return all
}

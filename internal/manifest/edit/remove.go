package edit

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/source"
)

// RemoveItem takes the item i out of a list that has others. With it go the
// comments inside of it and, save for the first item, those directly above its
// dash.
func RemoveItem(d document.Document, list *yaml.Node, i int) ([]source.Edit, error) {
	e, err := open(d, list, yaml.SequenceNode)
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= len(list.Content) {
		return nil, wrongKind
	}
	if len(list.Content) < 2 {
		return nil, Refusal("it is the only item of its list")
	}
	if err := e.unused(list.Content[i]); err != nil {
		return nil, err
	}
	var edits []source.Edit
	if list.Style&yaml.FlowStyle != 0 {
		edits, err = e.removeFlow(list, i)
	} else {
		edits, err = e.removeBlock(list, i)
	}
	if err != nil {
		return nil, err
	}
	return e.verified(edits, list, func(c *yaml.Node) { c.Content = slices.Delete(c.Content, i, i+1) })
}

// removeBlock takes out the lines of an item of a block list.
func (e *editor) removeBlock(list *yaml.Node, i int) ([]source.Edit, error) {
	starts, err := e.entryStarts(list)
	if err != nil {
		return nil, err
	}
	indent, first := indentAt(e.src, starts[i])
	if !first { // behind another dash: the next item moves up
		return []source.Edit{e.edit(starts[0], starts[1], "")}, nil
	}
	from, to := lineStart(e.src, starts[i]), e.entryEnd(list, i, starts)
	for i > 0 {
		above := lineStart(e.src, from-1)
		if comment, ok := strings.CutPrefix(string(e.src[above:from]), indent); !ok || !strings.HasPrefix(comment, "#") {
			break
		}
		from = above
	}
	for from > 0 && to < len(e.src) && rest(e.src, to) == "" && rest(e.src, lineStart(e.src, from-1)) == "" {
		from = lineStart(e.src, from-1) // of the blank lines around it those below are enough
	}
	if e.src[to-1] != '\n' { // the last line has no break, so the one before loses its own
		from = len(bytes.TrimRight(e.src[:from], " \t\r\n"))
	}
	return []source.Edit{e.edit(from, to, "")}, nil
}

// removeFlow takes out an item of a list in brackets, and one comma.
func (e *editor) removeFlow(list *yaml.Node, i int) ([]source.Edit, error) {
	f, err := e.flowOf(list)
	if err != nil {
		return nil, err
	}
	kid := f.kids[i]
	if i+1 < len(f.kids) {
		return []source.Edit{e.edit(kid.From, f.kids[i+1].From, "")}, nil
	}
	before := f.kids[i-1].To
	if bytes.IndexByte(e.src[before:kid.From], '#') < 0 {
		return []source.Edit{e.edit(before, kid.To, "")}, nil
	}
	comma, found := e.commaBehind(before)
	last, trailing := e.commaBehind(kid.To)
	if trailing {
		kid.To = last + 1
	}
	start, end := lineStart(e.src, kid.From), lineEnd(e.src, kid.To)
	if behind := rest(e.src, kid.To); !found || comma >= start || behind != "" && behind[0] != '#' {
		return nil, unsafeText
	}
	edits := []source.Edit{e.edit(start, end, "")}
	if !trailing { // otherwise the comma before becomes the last
		edits = append(edits, e.edit(comma, comma+1, ""))
	}
	return edits, nil
}

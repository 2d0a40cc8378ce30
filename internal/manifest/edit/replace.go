package edit

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// ReplaceValue puts value in place of what stands under a key of m, be it
// nothing at all. Comments inside the old value go with it; those around it,
// and behind its key, stay.
func ReplaceValue(d document.Document, m *yaml.Node, key string, value *yaml.Node) ([]source.Edit, error) {
	e, err := open(d, m, yaml.MappingNode)
	if err != nil {
		return nil, err
	}
	if err := e.plainMapping(m); err != nil {
		return nil, err
	}
	i := keyIndex(m, key)
	if i < 0 {
		return nil, wrongKind
	}
	name, old := m.Content[2*i], m.Content[2*i+1]
	if err := e.replaceable(old, value); err != nil {
		return nil, err
	}
	var edits []source.Edit
	if h := e.habits(); m.Style&yaml.FlowStyle != 0 {
		edits = e.replaceFlow(e.colon(name), e.Span(old), h.flow(value))
	} else {
		edits = e.replaceBlock(name, old, value, h)
	}
	return e.verified(edits, m, func(c *yaml.Node) { c.Content[2*i+1] = value })
}

// ReplaceItem puts value in place of the item i of list.
func ReplaceItem(d document.Document, list *yaml.Node, i int, value *yaml.Node) ([]source.Edit, error) {
	e, err := open(d, list, yaml.SequenceNode)
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= len(list.Content) {
		return nil, wrongKind
	}
	old := list.Content[i]
	if err := e.replaceable(old, value); err != nil {
		return nil, err
	}
	value = likeSiblings(list, value)
	var edits []source.Edit
	if h := e.habits(); list.Style&yaml.FlowStyle != 0 {
		span := e.Span(old)
		edits = []source.Edit{e.edit(span.From, span.To, h.flow(value))}
	} else if edits, err = e.replaceItem(list, i, value, h); err != nil {
		return nil, err
	}
	return e.verified(edits, list, func(c *yaml.Node) { c.Content[i] = value })
}

// ReplaceScalar puts text in place of the scalar n, a key or a value, in the
// quotes that n has. In place of a number or a truth value text is what it means
// when it is written plainly; in place of all else it is a text.
func ReplaceScalar(d document.Document, n *yaml.Node, text string) ([]source.Edit, error) {
	e, err := open(d, n, yaml.ScalarNode)
	if err != nil {
		return nil, err
	}
	span := e.Span(n)
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 || n.Tag == "!" || span.From == span.To {
		return nil, unsafeText
	}
	if e.doublesKey(n, text) {
		return nil, hasKey
	}
	value := node.NewText(text)
	value.Style = n.Style & (yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle)
	if old := n.ShortTag(); old != strTag && old != nullTag {
		if tag := plainTag(text); tag != "" && !word.MatchString(text) {
			value.Tag = tag
		}
	}
	edits := []source.Edit{e.edit(span.From, span.To, e.habits().scalar(value))}
	return e.verified(edits, n, func(c *yaml.Node) {
		*c = yaml.Node{Kind: yaml.ScalarNode, Tag: value.Tag, Value: text}
	})
}

// doublesKey holds for a key whose mapping would have the new one twice.
func (e *editor) doublesKey(n *yaml.Node, text string) bool {
	if len(e.path) < 2 {
		return false
	}
	m := e.path[len(e.path)-2]
	i := slices.Index(m.Content, n)
	return m.Kind == yaml.MappingNode && i%2 == 0 && n.Value != text && keyIndex(m, text) >= 0
}

// replaceable refuses to take out what is used elsewhere, and to write what
// cannot be written.
func (e *editor) replaceable(old, value *yaml.Node) error {
	if err := e.unused(old); err != nil {
		return err
	}
	return writable(value)
}

// unused refuses to take out text that an alias elsewhere stands for.
func (e *editor) unused(old *yaml.Node) error {
	used := aliases(e.Root)
	var err error
	walk(old, func(n *yaml.Node) {
		if used[n] {
			err = behindAnchor
		}
	})
	return err
}

// replaceFlow puts text in place of a value in brackets, which may be empty
// behind its colon.
func (e *editor) replaceFlow(colon int, old source.Span, text string) []source.Edit {
	if old.From != old.To {
		return []source.Edit{e.edit(old.From, old.To, text)}
	}
	to := skipBlanks(e.src, colon)
	if to < len(e.src) && e.src[to] != ',' {
		to = colon
	}
	return []source.Edit{e.edit(colon, to, " "+text)}
}

// replaceBlock puts value in place of the old one of a key in block style.
func (e *editor) replaceBlock(key, old, value *yaml.Node, h habits) []source.Edit {
	span, colon := e.Span(old), e.colon(key)
	if span.From == span.To {
		span.From, span.To = colon, colon
	}
	at := e.Span(key).From
	indent, first := indentAt(e.src, at)
	eol := eolAt(e.src, lineEnd(e.src, at))
	above, nested := comments(value), comments(value)
	if first {
		nested = nil
	} else {
		above = nil
	}
	var edits []source.Edit
	if len(above) > 0 {
		start := lineStart(e.src, at)
		edits = append(edits, e.edit(start, start, place(above, indent, eol)+eol))
	}
	if inline(value) {
		return append(edits, e.putInline(colon, span, h.flow(value), old)...)
	}
	deep := h.step
	if value.Kind == yaml.SequenceNode {
		deep = h.dash
	}
	text := place(append(nested, h.lines(value)...), indent+strings.Repeat(" ", deep), eol)
	return append(edits, e.putBelow(colon, span, text, eol)...)
}

// putInline writes text behind a colon, in place of a value.
func (e *editor) putInline(colon int, span source.Span, text string, old *yaml.Node) []source.Edit {
	switch {
	case span.From == span.To:
		return []source.Edit{e.edit(colon, colon, " "+text)}
	case !e.between(colon, span.From), inline(old):
		return []source.Edit{e.edit(span.From, span.To, text)}
	}
	from, to := lineStart(e.src, span.From), lineEnd(e.src, span.To)
	if e.src[to-1] != '\n' { // the last line has no break, so the one before loses its own
		from = colon + len(bytes.TrimRight(e.src[colon:from], " \t\r\n"))
	}
	if from == colon {
		return []source.Edit{e.edit(colon, to, " "+text)}
	}
	return []source.Edit{e.edit(colon, colon, " "+text), e.edit(from, to, "")}
}

// putBelow writes text on the lines below a key, in place of a value.
func (e *editor) putBelow(colon int, span source.Span, text, eol string) []source.Edit {
	end := lineBreak(e.src, span.To)
	switch {
	case e.between(colon, span.From):
		return []source.Edit{e.edit(lineStart(e.src, span.From), end, text)}
	case rest(e.src, span.To) == "":
		return []source.Edit{e.edit(colon, end, eol+text)}
	case span.From == span.To:
		return []source.Edit{e.edit(end, end, eol+text)}
	}
	return []source.Edit{e.edit(colon, span.To, ""), e.edit(end, end, eol+text)}
}

// replaceItem puts value in place of an item of a block list. A comment behind
// an old item of one line stays behind the first line of the new one.
func (e *editor) replaceItem(list *yaml.Node, i int, value *yaml.Node, h habits) ([]source.Edit, error) {
	starts, err := e.entryStarts(list)
	if err != nil {
		return nil, err
	}
	dash, span := starts[i], e.Span(list.Content[i])
	gap := ""
	if span.From == span.To {
		span.From, span.To = dash+1, dash+1
		gap = h.gap
	}
	eol := eolAt(e.src, lineEnd(e.src, dash))
	indent, _ := indentAt(e.src, span.From)
	indent += gap
	lines := append(comments(value), h.lines(value)...)
	text := strings.TrimPrefix(place(lines, indent, eol), indent)
	end := lineBreak(e.src, span.To)
	behind := rest(e.src, span.To)
	switch {
	case gap != "" && behind == "":
		return []source.Edit{e.edit(dash+1, end, gap+text)}, nil
	case behind == "" || len(lines) == 1 || e.between(dash, span.To):
		return []source.Edit{e.edit(span.From, span.To, gap+text)}, nil
	}
	below := eol + place(lines[1:], indent, eol)
	return []source.Edit{e.edit(span.From, span.To, gap+lines[0]), e.edit(end, end, below)}, nil
}

package edit

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/source"
)

// flow is how a collection in brackets is written.
type flow struct {
	// open and end are the offset of the first bracket, and that behind the last.
	open, end int
	// kids are the entries.
	kids []source.Span
	// lines holds when each entry begins on a line of its own.
	lines bool
}

// flowOf finds the brackets and entries of a flow collection. Pairs in a list
// without brackets are refused, and so are keys without a value.
func (e *editor) flowOf(n *yaml.Node) (flow, error) {
	span := e.Span(n)
	f := flow{open: e.bracket(n), end: span.To}
	if f.open < 0 {
		return f, unsafeText
	}
	for i := 0; i < len(n.Content); i++ {
		kid := e.Span(n.Content[i])
		if n.Kind == yaml.MappingNode {
			i++
			value := e.Span(n.Content[i])
			if value.From == value.To {
				return f, Refusal("it has a key without a value")
			}
			kid.To = value.To
		}
		f.kids = append(f.kids, kid)
	}
	f.lines = len(f.kids) > 0 && (len(f.kids) > 1 || e.between(f.open, f.kids[0].From))
	for i := 1; i < len(f.kids); i++ {
		f.lines = f.lines && e.between(f.kids[i-1].From, f.kids[i].From)
	}
	return f, nil
}

// bracket is the offset of the first bracket of a flow collection, behind its
// anchor and tag, -1 when it has none.
func (e *editor) bracket(n *yaml.Node) int {
	at := e.Span(n).From
	for at < len(e.src) && (e.src[at] == '&' || e.src[at] == '!') {
		for at < len(e.src) && strings.IndexByte(" \t\r\n", e.src[at]) < 0 {
			at++
		}
		at = skipBlanks(e.src, at)
	}
	if at < len(e.src) && (e.src[at] == '{' || e.src[at] == '[') {
		return at
	}
	return -1
}

// between reports whether a line ends between two offsets.
func (e *editor) between(from, to int) bool { return bytes.IndexByte(e.src[from:to], '\n') >= 0 }

// insertFlow writes an entry into a flow collection.
func (e *editor) insertFlow(n *yaml.Node, i int, en entry) ([]source.Edit, error) {
	f, err := e.flowOf(n)
	if err != nil {
		return nil, err
	}
	h := e.habits()
	text := h.flowEntry(en)
	switch {
	case len(f.kids) == 0:
		return e.fillFlow(f, h, text)
	case !f.lines && i == 0:
		at := f.kids[0].From
		return []source.Edit{e.edit(at, at, text+h.comma)}, nil
	case !f.lines:
		at := f.kids[i-1].To
		return []source.Edit{e.edit(at, at, h.comma+text)}, nil
	case i == 0:
		return e.firstLine(f, text), nil
	}
	return e.nextLine(f, i, text, h), nil
}

// fillFlow writes the first entry into empty brackets.
func (e *editor) fillFlow(f flow, h habits, text string) ([]source.Edit, error) {
	at := f.open + 1
	inner := string(e.src[at : f.end-1])
	switch {
	case strings.Trim(inner, " ") != "":
		return nil, unsafeText
	case inner != "":
		text = " " + text
	default:
		pad := h.pad(e.src[f.open] == '{')
		text = pad + text + pad
	}
	return []source.Edit{e.edit(at, at, text)}, nil
}

// firstLine writes an entry before all others, each of which has its own line.
func (e *editor) firstLine(f flow, text string) []source.Edit {
	first := f.kids[0].From
	indent, _ := indentAt(e.src, first)
	eol := eolAt(e.src, first)
	if !e.between(f.open, first) {
		return []source.Edit{e.edit(first, first, text+","+eol+indent)}
	}
	at := lineBreak(e.src, f.open)
	return []source.Edit{e.edit(at, at, eol+indent+text+",")}
}

// nextLine writes an entry on a line of its own behind the entry i-1.
func (e *editor) nextLine(f flow, i int, text string, h habits) []source.Edit {
	prev := f.kids[i-1]
	comma, found := e.commaBehind(prev.To)
	if found && e.between(prev.To, comma) {
		return []source.Edit{e.edit(prev.To, prev.To, h.comma+text)}
	}
	indent, _ := indentAt(e.src, prev.From)
	line := eolAt(e.src, lineEnd(e.src, prev.To)) + indent + text
	at := prev.To
	if found {
		at, line = comma+1, line+","
	}
	if behind := rest(e.src, at); behind == "" || behind[0] == '#' {
		at = lineBreak(e.src, at)
	}
	switch {
	case found:
		return []source.Edit{e.edit(at, at, line)}
	case at == prev.To:
		return []source.Edit{e.edit(at, at, ","+line)}
	}
	return []source.Edit{e.edit(prev.To, prev.To, ","), e.edit(at, at, line)}
}

// commaBehind is the offset of the comma behind an entry, over line ends and
// comments.
func (e *editor) commaBehind(at int) (int, bool) {
	for at < len(e.src) {
		switch c := e.src[at]; {
		case c == ',':
			return at, true
		case c == '#':
			at = lineEnd(e.src, at)
		case slices.Contains([]byte(" \t\r\n"), c):
			at++
		default:
			return at, false
		}
	}
	return at, false
}

package edit

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/source"
)

// insertBlock writes an entry into a block collection, on lines of its own.
func (e *editor) insertBlock(n *yaml.Node, i int, en entry) ([]source.Edit, error) {
	starts, err := e.entryStarts(n)
	if err != nil {
		return nil, err
	}
	h := e.habits()
	indent, first := indentAt(e.src, starts[0])
	lines := h.entryLines(en)
	if i == 0 && !first { // behind a dash
		eol := eolAt(e.src, starts[0])
		text := strings.TrimPrefix(place(lines, indent, eol), indent) + eol + indent
		return []source.Edit{e.edit(starts[0], starts[0], text)}, nil
	}
	at := e.aboveComments(starts[0])
	if i > 0 {
		at = e.entryEnd(n, i-1, starts)
	}
	eol := eolAt(e.src, at)
	text := place(lines, indent, eol)
	switch spaced := e.spaced(n, starts); {
	case spaced && i > 0:
		text = eol + text
	case spaced:
		text += eol
	}
	return []source.Edit{e.insertLines(at, text)}, nil
}

// spaced holds for a block list with a blank line behind each item but the last.
func (e *editor) spaced(n *yaml.Node, starts []int) bool {
	for i := range len(starts) - 1 {
		if end := e.entryEnd(n, i, starts); end == len(e.src) || rest(e.src, end) != "" {
			return false
		}
	}
	return n.Kind == yaml.SequenceNode && len(starts) > 1
}

// insertLines writes whole lines at the start of a line or the end of the file,
// whose last line may go without a break.
func (e *editor) insertLines(at int, text string) source.Edit {
	eol := eolAt(e.src, at)
	if at > 0 && at == len(e.src) && e.src[at-1] != '\n' {
		return e.edit(at, at, eol+text)
	}
	return e.edit(at, at, text+eol)
}

// entryStarts is where the keys or dashes of a block collection stand. All but
// the first are the first on their lines.
func (e *editor) entryStarts(n *yaml.Node) ([]int, error) {
	var starts []int
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i < len(n.Content); i += step {
		at := e.Span(n.Content[i]).From
		if n.Kind == yaml.SequenceNode {
			if at = e.dash(at); at < 0 {
				return nil, unsafeText
			}
		}
		if _, first := indentAt(e.src, at); !first && i > 0 {
			return nil, unsafeText
		}
		starts = append(starts, at)
	}
	if len(starts) == 0 {
		return nil, unsafeText
	}
	return starts, nil
}

// openDash is a line that ends with the dash of an item whose content follows
// below.
var openDash = regexp.MustCompile(`^((?:- +| )*)-[ \t]*([ \t]#.*)?\r?$`)

// dash is the offset of the dash of the item that begins at the offset, -1
// where it is not certain.
func (e *editor) dash(at int) int {
	start := lineStart(e.src, at)
	if before := bytes.TrimRight(e.src[start:at], " \t"); len(before) > 0 {
		if before[len(before)-1] != '-' {
			return -1
		}
		return start + len(before) - 1
	}
	for start > 0 {
		from := lineStart(e.src, start-1)
		line := e.src[from : start-1]
		if m := openDash.FindSubmatch(line); m != nil {
			return from + len(m[1])
		}
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' || from == start {
			return -1
		}
		start = from
	}
	return -1
}

// aboveComments is the start of the lines of comment directly above the entry
// that starts at the offset. At the top of a document they are taken for its
// heading, and the answer is the line of the entry.
func (e *editor) aboveComments(at int) int {
	start := lineStart(e.src, at)
	if at == start {
		return start
	}
	for start > 0 {
		above := lineStart(e.src, start-1)
		if !strings.HasPrefix(rest(e.src, above), "#") {
			break
		}
		start = above
	}
	return start
}

// entryEnd is the end of the lines that belong to an entry of a block
// collection: its value, and comments below that are indented deeper than it.
func (e *editor) entryEnd(n *yaml.Node, i int, starts []int) int {
	last := n.Content[i]
	end := starts[i] + 1
	if n.Kind == yaml.MappingNode {
		end = e.colon(n.Content[2*i])
		last = n.Content[2*i+1]
	}
	end = lineEnd(e.src, max(end, e.Span(last).To))
	if e.keepsBlankLines(last) {
		for end < len(e.src) && rest(e.src, end) == "" {
			end = lineEnd(e.src, end)
		}
	}
	indent, _ := indentAt(e.src, starts[i])
	for at := end; at < len(e.src); {
		next := lineEnd(e.src, at)
		switch text := rest(e.src, at); {
		case strings.HasPrefix(text, "#") && skipBlanks(e.src, at)-at > len(indent):
			end = next
		case text != "":
			return end
		}
		at = next
	}
	return end
}

// keepsBlankLines holds for a value that ends with a block scalar to which the
// blank lines below belong.
func (e *editor) keepsBlankLines(n *yaml.Node) bool {
	for len(n.Content) > 0 && n.Style&yaml.FlowStyle == 0 {
		n = n.Content[len(n.Content)-1]
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return false
	}
	header, _, _ := strings.Cut(rest(e.src, e.Span(n).From), "#")
	return strings.Contains(header, "+")
}

package suppress

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/source"
)

// Marker is what a comment that suppresses begins with.
const Marker = "egresslint:ignore"

// comment is a directive in a comment, and the part of its file that it is for.
type comment struct {
	*directive

	from, to int
}

// holds reports whether a finding is in the part that the comment is for.
func (c *comment) holds(f *lint.Finding) bool {
	at := f.At
	return at.File.Real == c.at.File.Real && c.from <= at.From && at.From < c.to
}

// written is a comment that suppresses, in a line: what stands before it, whether
// it is for the file, and what it says.
var written = regexp.MustCompile(`^(|.*?[ \t])#+[ \t]*` + Marker + `(-file)?(?:[ \t]+(.*?))?[ \t\r]*$`)

// comments are the directives in the comments of a file. What only looks like
// one, in a text of several lines, is none.
func comments(f *source.File) []*comment {
	if !bytes.Contains(f.Src, []byte(Marker)) {
		return nil
	}
	l := newLayout(f)
	var all []*comment
	for i, line := range l.lines {
		m := written.FindStringSubmatchIndex(line.text)
		if m == nil || l.inScalar(line.from+m[3]) {
			continue
		}
		at := source.Span{File: f, From: line.from + m[3], To: line.from + len(strings.TrimRight(line.text, " \t\r"))}
		c := &comment{directive: newDirective(lint.ByComment, at)}
		if m[6] >= 0 {
			c.parse(line.text[m[6]:m[7]])
		} else {
			c.err = errNoRule
		}
		c.from, c.to = l.part(i, strings.TrimSpace(line.text[:m[3]]) == "", m[4] >= 0)
		all = append(all, c)
	}
	return all
}

// layout is where the nodes of a file stand.
type layout struct {
	*source.File

	lines []line
	// scalars are the texts in which a # begins no comment.
	scalars []source.Span
	// starts are, for each offset of a line, the outermost node that begins on it.
	starts map[int]source.Span
}

// line is a line of a file without its line break.
type line struct {
	from int
	text string
}

func newLayout(f *source.File) *layout {
	l := &layout{File: f, starts: map[int]source.Span{}}
	from := 0
	text := strings.Replace(string(f.Src), "\ufeff", "   ", 1) // as long, and no part of the first line
	for text := range strings.Lines(text) {
		l.lines = append(l.lines, line{from, strings.TrimSuffix(text, "\n")})
		from += len(text)
	}
	for _, d := range document.Whole(f).Documents {
		l.begin(d.Span(d.Root))
		l.nodes(d, d.Root)
	}
	return l
}

// nodes notes where the nodes below n begin, the outer ones first.
func (l *layout) nodes(d document.Document, n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			pair := d.Span(n.Content[i])
			pair.To = max(pair.To, d.Span(n.Content[i+1]).To)
			l.begin(pair)
			l.nodes(d, n.Content[i])
			l.nodes(d, n.Content[i+1])
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			l.begin(d.Span(item))
			l.nodes(d, item)
		}
	case yaml.ScalarNode:
		s := d.Span(n)
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 { // a comment may follow the | of a block
			if i := bytes.IndexByte(l.Src[s.From:s.To], '\n'); i >= 0 {
				s.From += i
			}
		}
		l.scalars = append(l.scalars, s)
	default: // an alias has nothing below it
	}
}

// begin notes that a node begins on its line, unless an outer one does.
func (l *layout) begin(s source.Span) {
	line := s.From - len(l.before(s.From))
	if _, known := l.starts[line]; !known {
		l.starts[line] = s
	}
}

// before is the line up to an offset.
func (l *layout) before(offset int) []byte {
	return l.Src[bytes.LastIndexByte(l.Src[:offset], '\n')+1 : offset]
}

func (l *layout) inScalar(offset int) bool {
	for _, s := range l.scalars {
		if s.From <= offset && offset < s.To {
			return true
		}
	}
	return false
}

// part is what a comment on line i is for: the line, where it has something else
// on it, or the node that begins below it. At the head of a document that is the
// whole document, at the head of the file, above its first "---", the whole file.
func (l *layout) part(i int, alone, file bool) (from, to int) {
	head := true
	for _, line := range l.lines[:i] {
		head = head && !line.content()
	}
	switch {
	case file && head:
		return 0, len(l.Src) + 1
	case file:
		return 0, 0
	case !alone:
		return l.lines[i].from, l.lines[i].from + len(l.lines[i].text)
	}
	for _, line := range l.lines[i+1:] {
		switch {
		case line.marker() && head && !l.markedBefore(i):
			return 0, len(l.Src) + 1
		case !line.content():
			continue
		}
		if node, ok := l.starts[line.from]; ok {
			return line.from, max(node.To, line.from+len(line.text))
		}
		return line.from, line.from + len(line.text)
	}
	return 0, 0
}

// markedBefore reports whether a document begins above line i.
func (l *layout) markedBefore(i int) bool {
	for _, line := range l.lines[:i] {
		if line.marker() {
			return true
		}
	}
	return false
}

// marker holds for the line between two documents.
func (l line) marker() bool {
	first, _, _ := strings.Cut(strings.TrimRight(l.text, "\r"), " ")
	return first == "---" || first == "..."
}

// content holds for lines with more on them than a comment.
func (l line) content() bool {
	text := strings.TrimSpace(l.text)
	return text != "" && !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "%") && !l.marker()
}

package edit

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// layout writes YAML at random, the way different people do.
type layout struct {
	*rand.Rand
	b          strings.Builder
	step, dash int
	gap        string
	quoted     bool
	anchors    bool
	anchored   []string
	names      int
	// literal holds below a block scalar, where tabs are not allowed.
	literal bool
}

// chance is true one time out of n.
func (l *layout) chance(n int) bool { return l.IntN(n) == 0 }

func (l *layout) name() string {
	l.names++
	return fmt.Sprintf("k%d", l.names)
}

func (l *layout) key() string {
	l.literal = false
	name := l.name()
	switch n := l.IntN(12); {
	case l.quoted, n == 0:
		return `"` + name + `"`
	case n == 1:
		return `'` + name + `'`
	}
	return name
}

// file is a file of some documents.
func (l *layout) file() string {
	l.step, l.dash, l.gap = 1+l.IntN(4), 0, " "
	if l.chance(2) {
		l.dash = l.step
	}
	if l.chance(6) {
		l.gap = "   "
	}
	l.quoted = l.chance(8)
	if l.chance(8) {
		l.b.WriteString(byteOrderMark)
	}
	for i := range 1 + l.IntN(3) {
		l.document(i > 0)
	}
	text := l.b.String()
	if l.chance(3) {
		text = strings.TrimRight(text, "\n")
	}
	if l.chance(4) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

func (l *layout) document(second bool) {
	l.anchored = nil
	switch dashes := second || l.chance(2); {
	case dashes && l.chance(8):
		l.b.WriteString("--- " + l.flow(2) + l.comment() + "\n")
		return
	case dashes:
		l.b.WriteString("---" + l.comment() + "\n")
	}
	l.lines(0)
	if l.chance(10) {
		l.list(0, 3)
	} else {
		l.mapping(0, 4, false)
	}
	if l.chance(12) {
		l.b.WriteString("...\n")
	}
}

// comment is nothing, or a comment behind a value.
func (l *layout) comment() string {
	switch l.IntN(8) {
	case 0:
		return " # " + l.name() + " a: b"
	case 1:
		return "\t# " + l.name() + "\t- 'x"
	case 2:
		return "  "
	}
	return ""
}

// lines is nothing, or lines of comment and blank lines.
func (l *layout) lines(indent int) {
	for l.chance(4) {
		switch way := l.IntN(4); {
		case way == 0:
			l.b.WriteString("\n")
		case way == 1:
			l.b.WriteString(strings.Repeat(" ", l.IntN(9)) + "# " + l.name() + ": {\n")
		case way == 2 && !l.literal:
			l.b.WriteString("\t# " + l.name() + "\n")
		default:
			l.b.WriteString(strings.Repeat(" ", indent) + "# - " + l.name() + "\n")
		}
	}
}

// mapping writes a mapping in block style. Where inner holds, its first key
// goes on a line that has begun.
func (l *layout) mapping(indent, depth int, inner bool) {
	for i := range 1 + l.IntN(4) {
		if i > 0 || !inner {
			l.lines(indent)
			l.b.WriteString(strings.Repeat(" ", indent))
		}
		l.b.WriteString(l.key() + ":")
		l.value(indent, depth-1)
	}
}

func (l *layout) list(indent, depth int) {
	for range 1 + l.IntN(3) {
		l.lines(indent)
		l.b.WriteString(strings.Repeat(" ", indent))
		l.item(indent, depth)
	}
}

// item writes an item whose line has been indented.
func (l *layout) item(indent, depth int) {
	l.b.WriteString("-")
	l.literal = false
	below := indent + 1 + len(l.gap)
	switch n := l.IntN(10); {
	case depth <= 0 || n < 3:
		l.b.WriteString(l.gap + l.flow(1) + l.comment() + "\n")
	case n < 7:
		l.b.WriteString(l.gap)
		l.mapping(below, depth-1, true)
	case n == 7:
		l.b.WriteString(l.comment() + "\n")
		l.mapping(indent+l.step, depth-1, false)
	case n == 8:
		l.b.WriteString(l.gap)
		l.item(below, depth-1)
	default:
		l.b.WriteString(l.comment() + "\n")
	}
}

// value writes what stands behind the colon of a key, and the line end.
func (l *layout) value(indent, depth int) {
	anchor := ""
	if l.anchors && l.chance(4) {
		if len(l.anchored) > 0 && l.chance(2) {
			l.b.WriteString(" *" + l.anchored[l.IntN(len(l.anchored))] + l.comment() + "\n")
			return
		}
		name := l.name()
		anchor = " &" + name
		defer func() { l.anchored = append(l.anchored, name) }()
	}
	l.b.WriteString(anchor)
	switch n := l.IntN(12); {
	case n < 3 && depth > 0:
		l.b.WriteString(l.comment() + "\n")
		l.mapping(indent+l.step, depth, false)
	case n < 6 && depth > 0:
		l.b.WriteString(l.comment() + "\n")
		l.list(indent+l.dash, depth)
	case n == 6:
		l.b.WriteString(l.comment() + "\n")
	case n == 7:
		l.scalarBelow(strings.Repeat(" ", indent+1+l.IntN(3)))
	case n == 8:
		l.b.WriteString(" " + l.flowLines(strings.Repeat(" ", indent+1)) + l.comment() + "\n")
	default:
		l.b.WriteString(" " + l.flow(2) + l.comment() + "\n")
	}
}

// scalarBelow writes a text of several lines.
func (l *layout) scalarBelow(indent string) {
	header := []string{"|", "|-", "|+", ">", ">-"}[l.IntN(5)]
	if l.chance(3) {
		l.b.WriteString(" 'one\n" + indent + "# two' # " + l.name() + "\n")
		return
	}
	l.b.WriteString(" " + header + "\n" + indent + "text: [\n" + indent + "# text\n")
	l.literal = true
	if l.chance(3) {
		l.b.WriteString("\n")
	}
}

// flow is a value on one line.
func (l *layout) flow(depth int) string {
	pad := strings.Repeat(" ", l.IntN(2))
	tail := []string{"", "", "", ","}[l.IntN(4)]
	switch n := l.IntN(9); {
	case depth <= 0 || n < 4:
		return []string{"1", "text", "null", "true", "'it''s'", `"a\n#"`, "a:b", "~"}[l.IntN(8)]
	case n == 4:
		return []string{"{}", "[]", "{ }", "[ ]"}[l.IntN(4)]
	case n < 7:
		return "{" + pad + l.key() + ": " + l.flow(depth-1) + ", " + l.key() + ": " + l.flow(depth-1) + tail + pad + "}"
	}
	return "[" + pad + l.flow(depth-1) + "," + pad + l.flow(depth-1) + tail + pad + "]"
}

// flowLines is a flow collection on several lines.
func (l *layout) flowLines(indent string) string {
	comment := func() string {
		if l.chance(3) {
			return " # " + l.name() + " }"
		}
		return ""
	}
	tail := []string{"", ","}[l.IntN(2)]
	if l.chance(2) {
		return "{" + comment() + "\n" + indent + l.key() + ": " + l.flow(1) + "," + comment() + "\n" +
			indent + l.key() + ": " + l.flow(1) + tail + comment() + "\n" + indent + "}"
	}
	return "[" + l.flow(1) + "," + comment() + "\n" + indent + l.flow(1) + tail + comment() + "\n" + indent + "]"
}

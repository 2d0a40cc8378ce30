package span

import (
	"bytes"
	"sort"
	"unicode/utf8"
)

// byteOrderMark may open a file; the YAML scanner gives it no column.
var byteOrderMark = []byte("\uFEFF")

// Lines maps YAML line/rune column pairs to byte offsets in src. It never
// changes once made, so any number of goroutines may share one.
type Lines struct {
	src   []byte
	lines []line // never empty
}

// line is one line of the source, without the break that ends it.
type line struct {
	start, end int
	ascii      bool // columns are bytes: no need to walk runes
}

// NewLines returns the line table of src, which must be UTF-8 and must not
// change afterwards. Lines break where the YAML scanner breaks them, which is
// at more characters than a text editor may know.
func NewLines(src []byte) *Lines {
	l := &Lines{src: src}
	current := line{ascii: true}
	if bytes.HasPrefix(src, byteOrderMark) {
		current.start = len(byteOrderMark)
	}
	for pos := current.start; pos < len(src); {
		width := breakWidth(src, pos)
		if width == 0 {
			current.ascii = current.ascii && src[pos] < utf8.RuneSelf
			pos++
			continue
		}
		current.end = pos
		l.lines = append(l.lines, current)
		pos += width
		current = line{start: pos, ascii: true}
	}
	current.end = len(src)
	l.lines = append(l.lines, current)
	return l
}

// Offset returns the byte offset of a 1-based line and a 1-based column
// counted in runes. A column past the end of its line means the end of that
// line, and a line past the end of the source means the end of the source.
func (l *Lines) Offset(line, column int) int {
	switch {
	case line < 1:
		return l.lines[0].start
	case line > len(l.lines):
		return len(l.src)
	}
	at := l.lines[line-1]
	if at.ascii {
		return at.start + min(max(column-1, 0), at.end-at.start)
	}
	pos := at.start
	for ; column > 1 && pos < at.end; column-- {
		_, width := utf8.DecodeRune(l.src[pos:at.end])
		pos += width
	}
	return pos
}

// Line returns the 1-based YAML line that holds the byte at offset. A line
// break belongs to the line it ends.
func (l *Lines) Line(offset int) int {
	after := sort.Search(len(l.lines), func(i int) bool {
		return l.lines[i].start > offset
	})
	return max(after, 1)
}

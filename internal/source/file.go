// Package source finds files, reads them, and knows where things stand in them.
// Bytes, lines, characters and UTF-16 units are converted here and nowhere else;
// everyone else passes a Span around.
package source

import (
	"bytes"
	"go/token"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/source/span"
)

// byteOrderMark is U+FEFF in UTF-8. It has bytes but no column.
const byteOrderMark = "\ufeff"

// File is one file that was read. Once it is in a Set it is not changed, and
// may be used from several goroutines.
type File struct {
	// Path is how the file is shown to the user: the path that was given and
	// what lies below it, with slashes.
	Path string
	// Real is the absolute path with symbolic links resolved, or "" for
	// standard input.
	Real string
	// Src is the whole content.
	Src []byte

	lines *span.Lines
	table *token.File
	// starts is the offset of each line as editors count them.
	starts func() []int
}

// newFile makes the File that shows as path and lies at resolved.
func newFile(path, resolved string, src []byte) *File {
	return &File{
		Path: path, Real: resolved, Src: src,
		lines:  span.NewLines(src),
		starts: sync.OnceValue(func() []int { return lineStarts(src) }),
	}
}

// Made is a File with a text that no file holds, such as what a kustomization
// comes to. It shows as path, and has no place of its own on the disk.
func Made(path string, src []byte) *File { return newFile(path, "", src) }

// Rewritten is the file with another content. It has no place in a file set yet.
func (f *File) Rewritten(src []byte) *File { return newFile(f.Path, f.Real, src) }

// New is a file that does not exist yet: it shows as path, and will lie at
// resolved.
func New(path, resolved string) *File { return newFile(path, resolved, nil) }

// lineStarts is the offset of the first byte of each line, lines ending at
// line feeds alone. A byte order mark is not part of the first.
func lineStarts(src []byte) []int {
	starts := []int{0}
	if bytes.HasPrefix(src, []byte(byteOrderMark)) {
		starts[0] = len(byteOrderMark)
	}
	for at := 0; ; {
		i := bytes.IndexByte(src[at:], '\n')
		if i < 0 {
			return starts
		}
		at += i + 1
		starts = append(starts, at)
	}
}

// Pos is the position in the file set of the byte at offset. It panics for a
// file that is in no Set.
func (f *File) Pos(offset int) token.Pos { return f.table.Pos(offset) }

// Offset is the byte offset of pos, which must lie in this file.
func (f *File) Offset(pos token.Pos) int { return f.table.Offset(pos) }

// Span is where n stands. firstLine is the line of this file on which the
// parsed piece began that n is part of, as the YAML scanner counts lines.
func (f *File) Span(n *yaml.Node, firstLine int) Span {
	start, end := f.lines.Node(n, firstLine)
	return Span{f, start, end}
}

// YAMLLine is the line that holds offset as the YAML scanner counts lines,
// which also break at lone carriage returns and at U+0085, U+2028 and U+2029.
func (f *File) YAMLLine(offset int) int { return f.lines.Line(offset) }

// YAMLPosition is the place of a line and a column as the YAML scanner counts
// them, both from one.
func (f *File) YAMLPosition(line, column int) Position {
	return f.Position(f.lines.Offset(line, column))
}

// Line is the text of a line without its line break and byte order mark.
// Lines are counted from one and end at line feeds, as editors count them. It
// is "" for a line that the file does not have.
func (f *File) Line(line int) string {
	starts := f.starts()
	if line < 1 || line > len(starts) {
		return ""
	}
	text := f.Src[starts[line-1]:]
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return string(bytes.TrimSuffix(text, []byte("\r")))
}

// LineSpan is a line without its indentation and line break. Of a line that the
// file does not have it is the nearest.
func (f *File) LineSpan(line int) Span {
	starts := f.starts()
	line = min(max(line, 1), len(starts))
	text := f.Line(line)
	trimmed := strings.TrimLeft(text, " \t")
	from := starts[line-1] + len(text) - len(trimmed)
	return Span{f, from, from + len(strings.TrimRight(trimmed, " \t"))}
}

// Position is a place in a file as people and programs name it. All fields
// count from one, save Offset.
type Position struct {
	// Offset is in bytes, from zero.
	Offset int
	// Line counts line feeds.
	Line int
	// Column counts characters (runes).
	Column int
	// UTF16Column counts the units of UTF-16, as SARIF and editors do.
	UTF16Column int
}

// Position is the place of the byte at offset, which is first moved into the
// file.
func (f *File) Position(offset int) Position {
	starts := f.starts()
	offset = min(max(offset, starts[0]), len(f.Src))
	line, exact := slices.BinarySearch(starts, offset)
	if exact {
		line++
	}
	before := f.Src[starts[line-1]:offset]
	units := 0
	for rest := before; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		units += max(utf16.RuneLen(r), 1) // an invalid byte is shown as one unit
		rest = rest[size:]
	}
	return Position{offset, line, utf8.RuneCount(before) + 1, units + 1}
}

// Span is the bytes of a file from From up to, not including, To. The zero
// Span is nowhere, and its methods must not be called.
type Span struct {
	File     *File
	From, To int
}

// Start is the place of the first byte.
func (s Span) Start() Position { return s.File.Position(s.From) }

// End is the place just after the last byte.
func (s Span) End() Position { return s.File.Position(s.To) }

// Text is the bytes themselves.
func (s Span) Text() string { return string(s.File.Src[s.From:s.To]) }

// Pos is the range of the span in the file set.
func (s Span) Pos() (start, end token.Pos) { return s.File.Pos(s.From), s.File.Pos(s.To) }

// FirstLine is the part of the span that lies on its first line. Of a span of
// several lines a comment at the end of the first is left out.
func (s Span) FirstLine() Span {
	text := s.File.Src[s.From:s.To]
	i := bytes.IndexByte(text, '\n')
	if i < 0 {
		return s
	}
	text = text[:i]
	if comment := bytes.Index(text, []byte(" #")); comment > 0 && !bytes.ContainsAny(text[:comment], `"'`) {
		text = text[:comment]
	}
	s.To = s.From + len(bytes.TrimRight(text, " \t\r"))
	return s
}

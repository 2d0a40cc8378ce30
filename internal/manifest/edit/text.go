package edit

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/source"
)

// byteOrderMark is U+FEFF in UTF-8. It is no part of the first line.
const byteOrderMark = "\ufeff"

// lineStart is the offset of the first byte of the line that holds at.
func lineStart(src []byte, at int) int {
	start := bytes.LastIndexByte(src[:at], '\n') + 1
	if start == 0 && bytes.HasPrefix(src, []byte(byteOrderMark)) {
		start = min(len(byteOrderMark), at)
	}
	return start
}

// lineEnd is the offset just behind the line that holds at, and its break.
func lineEnd(src []byte, at int) int {
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(src)
}

// lineBreak is where the break of the line that holds at begins, or the end of
// the text.
func lineBreak(src []byte, at int) int {
	end := lineEnd(src, at)
	if end > at && src[end-1] == '\n' {
		end--
		if end > at && src[end-1] == '\r' {
			end--
		}
	}
	return end
}

// eolAt is the line end that is used around at.
func eolAt(src []byte, at int) string {
	i := bytes.LastIndexByte(src[:at], '\n')
	if i < 0 {
		if i = bytes.IndexByte(src, '\n'); i < 0 {
			return "\n"
		}
	}
	if i > 0 && src[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// indentAt is the white space that leads to the column of at, and whether
// nothing else stands before it on its line.
func indentAt(src []byte, at int) (indent string, first bool) {
	before := string(src[lineStart(src, at):at])
	if strings.Trim(before, " ") == "" {
		return before, true
	}
	return strings.Repeat(" ", utf8.RuneCountInString(before)), false
}

// skipBlanks is the offset of the first byte from at on that is neither a
// space nor a tab.
func skipBlanks(src []byte, at int) int {
	for at < len(src) && (src[at] == ' ' || src[at] == '\t') {
		at++
	}
	return at
}

// rest is what stands on the line of at from there on, without blanks.
func rest(src []byte, at int) string {
	return string(bytes.TrimSpace(src[at:lineEnd(src, at)]))
}

// isMarker holds for a line that begins with three dashes or dots as YAML
// wants them between documents.
func isMarker(line []byte, marker string) bool {
	after, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(after) == 0 || bytes.IndexByte([]byte(" \t\r\n"), after[0]) >= 0)
}

// bounds is the text of the file that holds d: from its line of dashes, if it
// has one, up to that of the next document.
func bounds(d document.Document) (from, to int) {
	src := d.File.Src
	node := d.File.Span(d.Root, d.FirstLine)
	for from = lineStart(src, node.From); from > 0 && !isMarker(src[from:], "---"); {
		if from <= len(byteOrderMark) && bytes.HasPrefix(src, []byte(byteOrderMark)) {
			break
		}
		from = lineStart(src, from-1)
	}
	for to = lineEnd(src, max(node.To, from)); to < len(src) && !isMarker(src[to:], "---"); {
		to = lineEnd(src, to)
	}
	return from, to
}

// complexKey holds for a key that is not followed by its colon on its line, or
// stands behind a question mark.
func (e *editor) complexKey(key *yaml.Node) bool {
	span := e.Span(key)
	before := bytes.TrimRight(e.src[lineStart(e.src, span.From):span.From], " \t")
	colon := skipBlanks(e.src, span.To)
	return bytes.HasSuffix(before, []byte("?")) || colon >= len(e.src) || e.src[colon] != ':'
}

// colon is the offset just behind the colon of a key that is not complex.
func (e *editor) colon(key *yaml.Node) int { return skipBlanks(e.src, e.Span(key).To) + 1 }

func (e *editor) edit(from, to int, text string) source.Edit {
	return source.Edit{Span: source.Span{File: e.File, From: from, To: to}, New: text}
}

// place is lines as they stand below each other behind indent.
func place(lines []string, indent, eol string) string {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteString(eol)
		}
		if line != "" {
			b.WriteString(indent + line)
		}
	}
	return b.String()
}

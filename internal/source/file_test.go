package source

import (
	"fmt"
	"strings"
	"testing"
)

// caret marks a place in the sources below and is no part of them.
const caret = "‸"

// marked makes a file of text without its carets, and returns their offsets.
func marked(text string) (f *File, offsets []int) {
	parts := strings.Split(text, caret)
	src := parts[0]
	for _, part := range parts[1:] {
		offsets = append(offsets, len(src))
		src += part
	}
	return newFile("f.yaml", "/", []byte(src)), offsets
}

// show is a position as line:column/UTF-16 column.
func show(p Position) string {
	return fmt.Sprintf("%d:%d/%d", p.Line, p.Column, p.UTF16Column)
}

func TestPosition(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"empty file", "‸", "1:1/1"},
		{"first byte", "‸ab", "1:1/1"},
		{"inside a line", "a‸b", "1:2/2"},
		{"end of file", "ab‸", "1:3/3"},
		{"on the line feed", "ab‸\nc", "1:3/3"},
		{"after the line feed", "ab\n‸c", "2:1/1"},
		{"after the last line feed", "ab\n‸", "2:1/1"},
		{"blank lines", "\n\n‸\nx", "3:1/1"},
		{"CRLF", "ab\r\nc‸d\r\n", "2:2/2"},
		{"on the carriage return", "ab‸\r\n", "1:3/3"},
		{"between CR and LF", "ab\r‸\n", "1:4/4"},
		{"byte order mark", "\ufeffa‸b", "1:2/2"},
		{"before the byte order mark", "‸\ufeffab", "1:1/1"},
		{"inside the byte order mark", "\xef‸\xbb\xbfab", "1:1/1"},
		{"only a byte order mark", "\ufeff‸", "1:1/1"},
		{"line after the byte order mark", "\ufeffa\nb‸c", "2:2/2"},
		{"second byte order mark", "a\n\ufeff‸b", "2:2/2"},
		{"tabs", "\t\t‸x", "1:3/3"},
		{"two bytes", "é‸x", "1:2/2"},
		{"three bytes", "漢字‸x", "1:3/3"},
		{"two UTF-16 units", "😀‸x", "1:2/3"},
		{"all of them", "a\té漢😀‸", "1:6/7"},
		{"combining mark", "e\u0301‸", "1:3/3"},
		{"lone carriage return", "a\rb‸c", "1:4/4"},
		{"next line", "a\u0085b‸c", "1:4/4"},
		{"line separator", "a\u2028b‸c\nd", "1:4/4"},
		{"invalid bytes", "\xff\xc3‸x", "1:3/3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, at := marked(tt.src)
			if got := show(f.Position(at[0])); got != tt.want {
				t.Errorf("position(%d) in %q = %s, want %s", at[0], f.Src, got, tt.want)
			}
		})
	}
}

func TestPositionOutsideTheFile(t *testing.T) {
	f := newFile("f.yaml", "/", []byte("ab\ncd"))
	for offset, want := range map[int]Position{
		-1: {0, 1, 1, 1},
		5:  {5, 2, 3, 3},
		99: {5, 2, 3, 3},
	} {
		if got := f.Position(offset); got != want {
			t.Errorf("position(%d) = %+v, want %+v", offset, got, want)
		}
	}
}

func TestYAMLPosition(t *testing.T) {
	tests := []struct {
		name, src    string
		line, column int
		want         string
	}{
		{"plain", "a: b\nc: d\n", 2, 4, "2:4/4"},
		{"CRLF", "a: b\r\nc: d\r\n", 2, 4, "2:4/4"},
		{"byte order mark", "\ufeffa: b\n", 1, 4, "1:4/4"},
		{"lone carriage return", "a: b\rc: d\ne: f\n", 2, 4, "1:9/9"},
		{"after a lone carriage return", "a: b\rc: d\ne: f\n", 3, 1, "2:1/1"},
		{"next line", "a: b\u0085c: d\ne: f\n", 3, 4, "2:4/4"},
		{"wide characters", "é漢😀: d\n", 1, 6, "1:6/7"},
		{"past the line", "a: b\nc: d\n", 1, 99, "1:5/5"},
		{"past the file", "a: b\nc: d\n", 99, 1, "3:1/1"},
		{"before the file", "a: b\n", 0, 0, "1:1/1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := marked(tt.src)
			if got := show(f.YAMLPosition(tt.line, tt.column)); got != tt.want {
				t.Errorf("YAMLPosition(%d, %d) in %q = %s, want %s", tt.line, tt.column, f.Src, got, tt.want)
			}
		})
	}
}

func TestYAMLLine(t *testing.T) {
	f, at := marked("\ufeff‸a\r‸b\r\n‸c\u0085‸d\u2028‸e\u2029‸f\n‸")
	for i, offset := range at {
		if got := f.YAMLLine(offset); got != i+1 {
			t.Errorf("YAMLLine(%d) = %d, want %d", offset, got, i+1)
		}
	}
}

func TestLine(t *testing.T) {
	tests := []struct {
		name, src string
		want      []string // from line 0 to one past the last
	}{
		{"empty file", "", []string{"", "", ""}},
		{"no final line feed", "a\nb", []string{"", "a", "b", ""}},
		{"final line feed", "a\nb\n", []string{"", "a", "b", "", ""}},
		{"CRLF", "a\r\nb\r\n", []string{"", "a", "b", ""}},
		{"CR at the end of the file", "a\r", []string{"", "a", ""}},
		{"lone CR inside", "a\rb\nc", []string{"", "a\rb", "c", ""}},
		{"byte order mark", "\ufeffa\nb", []string{"", "a", "b", ""}},
		{"only a byte order mark", "\ufeff", []string{"", "", ""}},
		{"tabs and white space", "\ta \n  b", []string{"", "\ta ", "  b", ""}},
		{"next line", "a\u0085b\nc", []string{"", "a\u0085b", "c", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := marked(tt.src)
			for line, want := range tt.want {
				if got := f.Line(line); got != want {
					t.Errorf("Line(%d) of %q = %q, want %q", line, tt.src, got, want)
				}
			}
			if got := f.Line(-1); got != "" {
				t.Errorf("Line(-1) = %q, want nothing", got)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	tests := []struct{ name, src, start, end, text, firstLine string }{
		{"one line", "a: ‸bc‸\nd", "1:4/4", "1:6/6", "bc", "bc"},
		{"empty", "a:‸‸\n", "1:3/3", "1:3/3", "", ""},
		{"several lines", "‸a: b\nc: d‸\n", "1:1/1", "2:5/5", "a: b\nc: d", "a: b"},
		{"several lines with CRLF", "‸a: b\r\nc: d‸\r\n", "1:1/1", "2:5/5", "a: b\r\nc: d", "a: b"},
		{"up to the line feed", "‸a: b\n‸c", "1:1/1", "2:1/1", "a: b\n", "a: b"},
		{"from a line feed on", "a:‸\n  b‸", "1:3/3", "2:4/4", "\n  b", ""},
		{"comment", "‸a: b  # c\r\nd: e‸", "1:1/1", "2:5/5", "a: b  # c\r\nd: e", "a: b"},
		{"comment of a single line", "‸a: b # c‸\n", "1:1/1", "1:9/9", "a: b # c", "a: b # c"},
		{"comment or text", "‸a: 'b # c'\nd: e‸", "1:1/1", "2:5/5", "a: 'b # c'\nd: e", "a: 'b # c'"},
		{"hash inside of a word", "‸a: b#c\nd: e‸", "1:1/1", "2:5/5", "a: b#c\nd: e", "a: b#c"},
		{"white space at the end", "‸a: \t\n  b‸", "1:1/1", "2:4/4", "a: \t\n  b", "a:"},
		{"lone carriage return", "‸a\rb‸\n", "1:1/1", "1:4/4", "a\rb", "a\rb"},
		{"wide characters", "é😀‸漢😀‸", "1:3/4", "1:5/7", "漢😀", "漢😀"},
		{"the whole file", "\ufeff‸a\n‸", "1:1/1", "2:1/1", "a\n", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, at := marked(tt.src)
			s := Span{f, at[0], at[1]}
			for _, c := range []struct{ what, got, want string }{
				{"Start", show(s.Start()), tt.start},
				{"End", show(s.End()), tt.end},
				{"Text", s.Text(), tt.text},
				{"FirstLine", s.FirstLine().Text(), tt.firstLine},
			} {
				if c.got != c.want {
					t.Errorf("%s = %q, want %q", c.what, c.got, c.want)
				}
			}
			if first := s.FirstLine(); first.From != s.From || first.File != f {
				t.Errorf("FirstLine = %+v, which does not begin where the span does", first)
			}
		})
	}
}

// TestSpanInFileSet goes to the file set and back, with a file before and one
// behind.
func TestSpanInFileSet(t *testing.T) {
	fset := NewSet()
	before, _ := marked("x: y\n")
	f, at := marked("a: b\r\n‸é: 😀‸")
	behind, _ := marked("")
	for _, f := range []*File{before, f, behind} {
		fset.Add(f)
	}
	s := Span{f, at[0], at[1]}
	start, end := s.Pos()
	if got := (Span{f, f.Offset(start), f.Offset(end)}); got != s {
		t.Errorf("the span came back as %+v, was %+v", got, s)
	}
	if got := fset.Position(start); got.Filename != "f.yaml" || got.Offset != at[0] || got.Line != 2 {
		t.Errorf("the file set says %+v", got)
	}
	if got := fset.File(end); got == nil || got.Name() != f.Path || got.Size() != len(f.Src) {
		t.Errorf("the end of the file lies in %v", got)
	}
	if a, b := f.Pos(0), behind.Pos(0); fset.File(a) == fset.File(b) {
		t.Error("two files share a place in the file set")
	}
}

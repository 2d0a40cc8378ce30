package span

import (
	"math"
	"testing"
)

func TestOffset(t *testing.T) {
	tests := []struct {
		name, src           string
		line, column, index int
	}{
		{"first byte", "a: 1", 1, 1, 0},
		{"after byte order mark", "\uFEFFa: 1", 1, 1, 3},
		{"second column after byte order mark", "\uFEFFa: 1", 1, 2, 4},
		{"LF", "a\nb", 2, 1, 2},
		{"CRLF is one break", "a\r\nb", 2, 1, 3},
		{"lone CR", "a\rb", 2, 1, 2},
		{"LF before CR is two breaks", "a\n\rb", 3, 1, 3},
		{"NEL", "a\u0085b", 2, 1, 3},
		{"LS", "a\u2028b", 2, 1, 4},
		{"PS", "a\u2029b", 2, 1, 4},
		{"other controls break nothing", "a\v\fb", 1, 4, 3},
		{"a tab is one column", "\tb", 1, 2, 1},
		{"columns count runes", "é漢😀x", 1, 4, 9},
		{"later line after wide one", "漢: 1\nb: 漢\n", 2, 4, 10},
		{"empty last line", "a\n", 2, 1, 2},
		{"column past the end of an ASCII line", "ab\ncd", 1, 9, 2},
		{"column past the end of a wide line", "é\ncd", 1, 9, 2},
		{"column past the end before CRLF", "ab\r\ncd", 1, 9, 2},
		{"line past the end", "ab", 7, 1, 2},
		{"line zero", "ab", 0, 2, 0},
		{"column zero", "ab\ncd", 2, 0, 3},
		{"huge column", "ab", 1, math.MaxInt, 2},
		{"huge column of a wide line", "é\ncd", 1, math.MaxInt, 2},
		{"least numbers", "ab", math.MinInt, math.MinInt, 0},
		{"least column", "ab", 1, math.MinInt + 1, 0},
		{"empty source", "", 1, 1, 0},
		{"only a byte order mark", "\uFEFF", 1, 1, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := NewLines([]byte(tt.src)).Offset(tt.line, tt.column)
			if got != tt.index {
				t.Errorf("Offset(%d, %d) = %d, want %d", tt.line, tt.column, got, tt.index)
			}
		})
	}
}

func TestLine(t *testing.T) {
	tests := []struct {
		name, src    string
		offset, line int
	}{
		{"first byte", "a\nb", 0, 1},
		{"the break ends its line", "a\nb", 1, 1},
		{"after the break", "a\nb", 2, 2},
		{"inside CRLF", "a\r\nb", 2, 1},
		{"end of source", "a\nb", 3, 2},
		{"end of source after a break", "a\n", 2, 2},
		{"past the end", "a\nb", 99, 2},
		{"negative", "a\nb", -1, 1},
		{"byte order mark", "\uFEFFa", 0, 1},
		{"empty source", "", 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := NewLines([]byte(tt.src)).Line(tt.offset); got != tt.line {
				t.Errorf("Line(%d) = %d, want %d", tt.offset, got, tt.line)
			}
		})
	}
}

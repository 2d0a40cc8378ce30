package source

import (
	"strings"
	"testing"
	"unicode"
)

func TestProblemError(t *testing.T) {
	tests := []struct {
		problem Problem
		want    string
	}{
		{Problem{Path: "a.yaml", Line: 3, Column: 7, Message: "m"}, "a.yaml:3:7: m"},
		{Problem{Path: "a.yaml", Line: 3, Message: "m"}, "a.yaml:3: m"},
		{Problem{Path: "a.yaml", Message: "m"}, "a.yaml: m"},
		{Problem{Message: "m"}, "m"},
		{Problem{Path: "a b.yaml", Line: 10, Column: 20, Message: "x: y"}, "a b.yaml:10:20: x: y"},
	}
	for _, tt := range tests {
		if got := tt.problem.Error(); got != tt.want {
			t.Errorf("%+v.Error() = %q, want %q", tt.problem, got, tt.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"plain", "allow-dns (v2) é漢😀", "allow-dns (v2) é漢😀"},
		{"tab", "a\tb", "a\tb"},
		{"line feed", "a\n::error::x", `a\n::error::x`},
		{"carriage return", "a\r::error::x", `a\r::error::x`},
		{"CRLF", "a\r\nb", `a\r\nb`},
		{"colour", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"window title", "\x1b]0;t\a", `\x1b]0;t\a`},
		{"one-character control sequence", "\u009b31m", `\u009b31m`},
		{"delete", "a\x7fb", `a\x7fb`},
		{"backspace", "a\bb", `a\bb`},
		{"NUL", "a\x00b", `a\x00b`},
		{"next line", "a\u0085b", `a\u0085b`},
		{"line and paragraph separator", "a\u2028b\u2029c", `a\u2028b\u2029c`},
		{"right-to-left override", "a\u202eb", `a\u202eb`},
		{"isolates", "\u2066a\u2069", `\u2066a\u2069`},
		{"left-to-right mark", "a\u200eb\u061c", `a\u200eb\u061c`},
		{"quotes and backslash stay", `'a' "b" \n`, `'a' "b" \n`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Printable(tt.text); got != tt.want {
				t.Errorf("Printable(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

// FuzzPrintable checks that no text can end a line, and so begin one of its
// own with a command for a log reader, or move the cursor.
func FuzzPrintable(f *testing.F) {
	f.Add("a\r\n::error::x\x1b[2J\u202e")
	f.Add("a\x9b\xff\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := Printable(text)
		if i := strings.IndexFunc(got, hidden); i >= 0 {
			t.Errorf("Printable(%q) = %q, which has %q", text, got, got[i:])
		}
		for _, r := range got {
			if r != '\t' && unicode.Is(unicode.Cc, r) {
				t.Errorf("Printable(%q) = %q, which has the control character %q", text, got, r)
			}
		}
		if again := Printable(got); again != got {
			t.Errorf("Printable(%q) = %q, and again %q", text, got, again)
		}
	})
}

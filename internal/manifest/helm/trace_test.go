package helm

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSections(t *testing.T) {
	output := "a warning\n---\n# Source: a/templates/x.yaml\nx: 1\n# Source: b\n---\n# Source: a/templates/y.yaml\ny\n---\n# Source: a/templates/x.yaml\nx: 2\n"
	got := sections(output)
	if len(got) != 2 || !slices.Equal(got["a/templates/x.yaml"], []string{"x: 1\n# Source: b", "x: 2\n"}) ||
		!slices.Equal(got["a/templates/y.yaml"], []string{"y"}) {
		t.Errorf("sections: %q", got)
	}
	for _, none := range []string{"", "\n", "x: 1\n"} {
		if got := sections(none); len(got) != 0 {
			t.Errorf("sections(%q): %q", none, got)
		}
	}
}

func TestDivide(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"white space", " \n\n", ""},
		{"one", "\na: 1\nb: 2\n\n", "a: 1[2]\nb: 2[3]"},
		{"several", "a\n---\nb\n\n--- \t\n\n  c\n", "a[1] | b[3] | c[7]"},
		{"empty ones", "---\n---\n\n---\na\n---\n", "a[5]"},
		{"separator and text on one line", "---a: 1\nb\n", "a: 1[1]\nb[2]"},
		{"comment behind a separator", "---\n# x\na", "# x[2]\na[3]"},
		{"indented dashes are text", "a: |\n  ---\nb", "a: |[1]\n  ---[2]\nb[3]"},
		{"carriage returns", "a\r\n---\r\nb\r\nc\r\n", "a[1] | b\r[3]\nc[4]"},
		{"blank line", "a\n\nb", "a[1]\n[2]\nb[3]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := shown(divide(unmark(markLines(tt.text)))); got != tt.want {
				t.Errorf("divide(%q):\n%q\nwant\n%q", tt.text, got, tt.want)
			}
		})
	}
}

// markLines marks each line of a text with its number.
func markLines(text string) string {
	var out strings.Builder
	markText(&out, piece{text: text, line: 1})
	return out.String()
}

// shown writes the line of the template behind each line.
func shown(all []document) string {
	var documents []string
	for _, d := range all {
		documents = append(documents, annotated(d.text, d.lines))
	}
	return strings.Join(documents, " | ")
}

func annotated(text string, lines []int) string {
	texts := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(texts) != len(lines) {
		return fmt.Sprintf("%d lines, %d numbers: %q", len(texts), len(lines), text)
	}
	for i := range texts {
		texts[i] += fmt.Sprintf("[%d]", lines[i])
	}
	return strings.Join(texts, "\n")
}

func TestTraced(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte(markLines("a: 1\n---\nb: 2\n")))
	output := "---\n# Source: top/templates/x.yaml\na: 1\n" +
		"---\n# Source: top/templates/x.yaml" + companionSuffix + "\nkind: Lines\nlines: " + encoded + "\n" +
		"---\n# Source: top/templates/empty.yaml" + companionSuffix + "\nkind: Lines\nlines: \n" +
		"---\n# Source: top/templates/bad.yaml" + companionSuffix + "\nkind: Lines\nlines: ?\n"
	got := traced(output)
	if len(got) != 2 || shown(got["top/templates/x.yaml"]) != "a: 1[1] | b: 2[3]" || len(got["top/templates/empty.yaml"]) != 0 {
		t.Errorf("traced: %v", got)
	}
}

func TestAssemble(t *testing.T) {
	tests := []struct{ name, printed, traced, want string }{
		{"nothing", "", "", ""},
		{"one", "a", "a:1", "a[1]"},
		{"sorted by helm", "b a", "a:1 b:3", "a[1]\n---[0]\nb[3]"},
		{"not traced", "b a", "", "b[0]\n---[0]\na[0]"},
		{"changed", "b x a", "a:1 y:3 b:5", "a[1]\n---[0]\nb[5]\n---[0]\nx[0]"},
		{"dropped by helm", "a", "h:1 a:3", "a[3]"},
		{"equal", "a b a", "a:1 a:3 b:5", "a[1]\n---[0]\na[3]\n---[0]\nb[5]"},
		{"one of two equal ones dropped", "a b", "a:1 a:3 b:5", "b[5]\n---[0]\na[0]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, lines := assemble(written(tt.printed), written(tt.traced))
			got := ""
			if len(text)+len(lines) > 0 {
				got = annotated(string(text), lines)
			}
			if got != tt.want {
				t.Errorf("assemble(%s; %s):\n%s\nwant\n%s", tt.printed, tt.traced, got, tt.want)
			}
		})
	}
}

// written reads documents written as "text:line".
func written(all string) []document {
	var documents []document
	for _, d := range strings.Fields(all) {
		text, number, _ := strings.Cut(d, ":")
		line := 0
		if number != "" {
			line = int(number[0] - '0')
		}
		documents = append(documents, document{text, []int{line}})
	}
	return documents
}

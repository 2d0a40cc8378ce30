package helm

import (
	"fmt"
	"strings"
	"testing"
	"text/template"
)

// TestMark renders templates with and without markers.
func TestMark(t *testing.T) {
	tests := []struct{ name, template, want string }{
		{"text", "a\n  b\n", "1 a|2   b|"},
		{"no line break at the end", "a\nb", "1 a|2 b"},
		{"list, comment, separator and brackets", "- a\n# c\n---\n[\n]\n{}", "1 - a|2 # c|3 ---|4 [|5 ]|6 {}"},
		{"action first", "{{ .A }}: b\nc", "1 A: b|2 c"},
		{"action alone", "\n{{ .A }}\n", "1 |2 A|"},
		{"list of an action", "- {{ .A }}\n- {{ .A }}", "1 - A|2 - A"},
		{"several lines of an action", "a:\n{{ .Lines }}\nb", "1 a:|2 x|2   y|2 z|3 b"},
		{"several lines behind text", "a: {{ .Lines }}\nb", "1 a: x|1   y|1 z|2 b"},
		{"condition", "{{ if .A }}\na\n{{ else }}\nb\n{{ end }}\nc", "1 |2 a|5 |6 c"},
		{"trimmed condition", "x\n{{- if .A }}\na\n{{- else }}\nb\n{{- end }}\nc", "1 x|3 a|7 c"},
		{"loop", "{{- range .List }}\n- {{ . }}\n{{- end }}\nb", "1 |2 - 1|2 - 2|4 b"},
		{"loop with a break", "{{- range .List }}\n- {{ . }}{{ break }}\n{{- end }}\nb", "1 |2 - 1|4 b"},
		{"included", "{{ define \"x\" }}p\nq{{ end }}a\nb: {{ template \"x\" . }}\nc", "2 a|3 b: p|3 q|4 c"},
		{"definition between", "a\n{{- define \"x\" }}{{ if .A }}p{{ end }}\nq{{ end -}}\nb\n{{ template \"x\" . }}", "1 ab|5 p|5 q"},
		{"definition in front of a trim marker", "a\n{{ define \"x\" }}{{ end }}\n{{- .A }}", "1 a|3 A"},
		{"empty definition in front of a trim marker", "a\n{{ define \"x\" }}{{ end }}{{- .A }}", "1 a|2 A"},
		{"with in a definition", "{{ define \"x\" }}{{ with .A }}{{ range $.List }}{{ end }}{{ else }}{{ end }}{{ end }}a\nb", "1 a|2 b"},
		{"variable", "{{ $x := .A }}\n{{ $x }}", "1 |2 A"},
		{"comment", "a\n{{/* c\nd */}}\nb", "1 a|3 |4 b"},
		{"action of several lines", "a\n{{ print\n.A\n}}\nb", "1 a|2 A|5 b"},
		{"carriage returns", "a\r\n{{- if .A }}\r\nb: {{ .A }}\r\n{{- end }}\r\n", "1 a\r|3 b: A\r|"},
		{"line of a first visible character", "a\n  {{ .Empty }}b: {{ .Lines }}\n", "1 a|2   b: x|2   y|2 z|"},
		{"joined lines", "a\n{{- .Empty }}\n{{- .A }}", "1 aA"},
	}
	data := map[string]any{"A": "A", "Empty": "", "Lines": "x\n  y\nz", "List": []int{1, 2}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			marked, ok := mark(tt.template)
			if !ok {
				t.Fatal("not marked")
			}
			// The definitions are those of the template itself.
			both := template.Must(template.New("plain").Parse(tt.template))
			template.Must(both.New("marked").Parse(marked))
			got, origins := unmark(execute(t, both.Lookup("marked"), data))
			if plain := execute(t, both.Lookup("plain"), data); got != plain {
				t.Fatalf("without markers\n%q\nwant\n%q", got, plain)
			}
			if lines := numbered(got, origins); lines != tt.want {
				t.Errorf("got\n%q\nwant\n%q", lines, tt.want)
			}
		})
	}
}

func execute(t *testing.T, tmpl *template.Template, data any) string {
	t.Helper()
	var out strings.Builder
	if err := tmpl.Execute(&out, data); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// numbered puts the line of the template in front of each line of a text.
func numbered(text string, o origins) string {
	numbers := lineNumbers(text, 0, o)
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, fmt.Sprintf("%d %s", numbers[len(lines)], strings.TrimSuffix(line, "\n")))
	}
	if strings.HasSuffix(text, "\n") {
		lines = append(lines, "")
	}
	return strings.Join(lines, "|")
}

func TestMarkRefuses(t *testing.T) {
	for _, template := range []string{"a {{ block \"x\" . }}b{{ end }}", "a {{ .b"} {
		if marked, ok := mark(template); ok {
			t.Errorf("mark(%q) = %q", template, marked)
		}
	}
}

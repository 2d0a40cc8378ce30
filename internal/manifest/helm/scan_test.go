package helm

import (
	"fmt"
	"strings"
	"testing"
)

func TestScan(t *testing.T) {
	tests := []struct{ name, template, want string }{
		{"nothing", "", ""},
		{"text", "a\nb", `1 "a\nb"`},
		{"action", "a\n{{ .b }}c\n", `1 "a\n" | 2 .b{{ .b }} | 2 "c\n"`},
		{"word", "{{ if .a }}{{ end }}", "1 if{{ if .a }} | 1 end{{ end }}"},
		{"word at once", "{{if .a}}{{end}}", "1 if{{if .a}} | 1 end{{end}}"},
		{"trim on the left", "a \n\t{{- .b }} \n", `1 "a" | 2 .b{{- .b }} | 2 " \n"`},
		{"trim on the right", "{{ .b -}} \n\r\n a", `1 .b{{ .b -}} | 3 "a"`},
		{"trim of all text", "{{ .a -}} \n {{- .b }}", "1 .a{{ .a -}} | 2 .b{{- .b }}"},
		{"a number is no trim marker", "a {{-1}}", `1 "a " | 1 -{{-1}}`},
		{"trim by a word", "a {{- if .x -}} b", `1 "a" | 1 if{{- if .x -}} | 1 "b"`},
		{"braces in a string", "{{ \"}}\" }}a", `1 "}}"{{ "}}" }} | 1 "a"`},
		{"escaped quote", `{{ "\"}}" }}a`, `1 "\"}}"{{ "\"}}" }} | 1 "a"`},
		{"braces in a raw string", "{{ `}}\n\"` }}a", "1 `}}\n\"`{{ `}}\n\"` }} | 2 \"a\""},
		{"braces in a character", `{{ '"' }}a`, `1 '"'{{ '"' }} | 1 "a"`},
		{"comment", "{{/* }} \" */}}a", `1 /*{{/* }} " */}} | 1 "a"`},
		{"trimmed comment", "a {{- /* x\n */ -}} b", "1 \"a\" | 1 /*{{- /* x\n */ -}} | 2 \"b\""},
		{"string without an end", "{{ \"a }}\n{{ \"b\" }}", "no template"},
		{"raw string without an end", "{{ `a }}", "no template"},
		{"action without an end", "a {{ .b }", "no template"},
		{"comment without an end", "{{/* a }}", "no template"},
		{"comment with more behind it", "{{/* a */ .b }}", "no template"},
		{"lone braces", "{{", "no template"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := describe(tt.template); got != tt.want {
				t.Errorf("scan(%q):\n%s\nwant\n%s", tt.template, got, tt.want)
			}
		})
	}
}

// describe writes pieces as "line text" and "line word{{ action }}".
func describe(template string) string {
	pieces, ok := scan(template)
	if !ok {
		return "no template"
	}
	var all []string
	for _, p := range pieces {
		if !strings.HasPrefix(template[p.offset:], p.text) {
			return fmt.Sprintf("%q is not at %d", p.text, p.offset)
		}
		if p.action {
			all = append(all, fmt.Sprintf("%d %s%s", p.line, p.word, p.text))
		} else {
			all = append(all, fmt.Sprintf("%d %q", p.line, p.text))
		}
	}
	return strings.Join(all, " | ")
}

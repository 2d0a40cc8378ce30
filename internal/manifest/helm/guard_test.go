package helm

import (
	"fmt"
	"testing"
)

func TestGuardTemplate(t *testing.T) {
	const call = `print (fail "egresslint-lookup-0")`
	tests := []struct {
		name, template, want string
		line                 int // of the call, 0 where there is none
	}{
		{"call", "a\n{{ lookup \"v1\" \"Pod\" \"\" \"\" }}", "a\n{{ " + call + " \"v1\" \"Pod\" \"\" \"\" }}", 2},
		{"nested", "{{ (lookup \"v1\").items }}", "{{ (" + call + " \"v1\").items }}", 1},
		{"piped", "{{ \"n\" | lookup \"v1\" }}", "{{ \"n\" | " + call + " \"v1\" }}", 1},
		{"condition", "{{ if a }}{{ else if (lookup \"v1\") }}{{ end }}", "{{ if a }}{{ else if (" + call + " \"v1\") }}{{ end }}", 1},
		{"on a later line of an action", "{{ and\n  .a\n  (lookup \"v1\") -}}\n\n b", "{{ and\n  .a\n  (" + call + " \"v1\") -}}\n\n b", 3},
		{"behind trimmed text", "a \n {{- lookup -}}\n b", "a \n {{- " + call + " -}}\n b", 2},
		{"in a definition", "{{ define \"x\" }}\n{{ lookup }}{{ end }}", "{{ define \"x\" }}\n{{ " + call + " }}{{ end }}", 2},
		{"in text", "lookup {{ .a }}", "", 0},
		{"in a string", "{{ \"lookup\" }}{{ `lookup` }}", "", 0},
		{"in a comment", "{{/* lookup */}}", "", 0},
		{"a field", "{{ .lookup }}{{ .Values.lookup.a }}", "", 0},
		{"a variable", "{{ $lookup := 1 }}", "", 0},
		{"part of a word", "{{ lookups }}{{ my_lookup }}{{ lookup2 }}", "", 0},
		{"no template", "{{ lookup", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, calls := guardTemplate("t.yaml", []byte(tt.template), nil)
			if tt.line == 0 {
				if string(got) != tt.template || len(calls) != 0 {
					t.Errorf("guardTemplate changes %q into %q, calls %v", tt.template, got, calls)
				}
				return
			}
			if string(got) != tt.want || len(calls) != 1 || calls[0] != (place{"t.yaml", tt.line}) {
				t.Errorf("guardTemplate(%q):\n%s, calls %v\nwant\n%s, line %d", tt.template, got, calls, tt.want, tt.line)
			}
		})
	}
}

// TestGuardTemplateNumbers has several calls, in one action and in two.
func TestGuardTemplateNumbers(t *testing.T) {
	got, calls := guardTemplate("t.yaml", []byte("{{ or (lookup 1)\n(lookup 2) }}\n{{ lookup 3 }}"), []place{{"other", 7}})
	want := "{{ or (print (fail \"egresslint-lookup-1\") 1)\n(print (fail \"egresslint-lookup-2\") 2) }}\n{{ print (fail \"egresslint-lookup-3\") 3 }}"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if lines := fmt.Sprint(calls); lines != "[{other 7} {t.yaml 1} {t.yaml 2} {t.yaml 3}]" {
		t.Errorf("calls %s", lines)
	}
}

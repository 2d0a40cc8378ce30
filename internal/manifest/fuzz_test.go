package manifest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/source"
)

// FuzzLoad loads arbitrary bytes as they come from standard input.
func FuzzLoad(f *testing.F) {
	for _, path := range archives(f) {
		for _, file := range readArchive(f, path).Files {
			if file.Name != wantFile {
				f.Add(file.Data)
			}
		}
	}
	for _, text := range []string{
		policy, "\ufeff" + policy, strings.ReplaceAll(policy, "\n", "\r\n"), strings.ReplaceAll(policy, "\n", "\r"),
		"&a {<<: *a, b: 1}", "&a [*a]", "%YAML 1.1\n---\na: b\n...\n", "\xff\xfea\x00", "a\x00", "\xe9: \xff", "a: \"\\ud83d\"",
		"&a {apiVersion: v1, kind: List, items: [*a, *a]}\n", "&a {<<: [*a, *a, *a], b: 1}\n",
		"{? a : b, c, : d}\n", "- &a\n- *a\n- !!t\n", "a: |2+\n   b\n\n--- >\n c\n", "\x00GITCRYPT\x00",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(checkLoad)
}

func checkLoad(t *testing.T, src []byte) {
	tree := Load(source.Walk([]string{"-"}, bytes.NewReader(src)), Options{Wanted: everything})
	lines := bytes.Count(src, []byte("\n")) + 1
	for _, r := range tree.Resources {
		checkResource(t, r, src)
	}
	for _, p := range tree.Problems {
		if p.Line < 0 || p.Line > lines || p.Column < 0 || p.Message == "" {
			t.Errorf("problem %+v of a file of %d lines: %q", p, lines, src)
		}
		if p.Line == 0 && !strings.Contains(p.Message, "UTF-16") {
			t.Errorf("problem %+v has no line: %q", p, src)
		}
	}
	for _, s := range tree.Skips {
		if s.Line < 0 || s.Line > lines {
			t.Errorf("skip %+v of a file of %d lines: %q", s, lines, src)
		}
	}
	if len(tree.Resources) > len(src) {
		t.Errorf("%d resources in %d bytes: %q", len(tree.Resources), len(src), src)
	}
}

func checkResource(t *testing.T, r *Resource, src []byte) {
	t.Helper()
	if r.Node == nil || r.Kind == "" || r.APIVersion == "" {
		t.Errorf("resource %+v without a node, a kind or a version: %q", r, src)
	}
	whole := r.Document()
	for _, s := range []source.Span{
		whole, r.Span("metadata", "name"), r.KeySpan("spec", "egress"), r.Span("spec", "egress", 0), whole.FirstLine(),
	} {
		if s.File != r.File || s.From < 0 || s.From > s.To || s.To > len(src) {
			t.Errorf("span %d to %d outside of the file: %q", s.From, s.To, src)
			continue
		}
		if start, end := s.Pos(); r.File.Offset(start) != s.From || r.File.Offset(end) != s.To {
			t.Errorf("span %d to %d has another place in the file set: %q", s.From, s.To, src)
		}
	}
	if at := whole.Start(); at.Line < 1 || at.Column < 1 || at.UTF16Column < at.Column {
		t.Errorf("the resource stands at %+v: %q", at, src)
	}
}

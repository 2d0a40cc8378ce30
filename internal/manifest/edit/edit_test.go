package edit

import (
	"errors"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/source"
)

// file is a file on the disk that holds text.
func file(text string) *source.File {
	f := source.Made("policy.yaml", []byte(text))
	f.Real = "/src/policy.yaml"
	return f
}

// docOf is the document i of a file that holds text.
func docOf(t testing.TB, text string, i int) document.Document {
	t.Helper()
	parsed := document.Whole(file(text))
	if len(parsed.Problems) > 0 || len(parsed.Documents) <= i {
		t.Fatalf("%d documents, problems %v: %q", len(parsed.Documents), parsed.Problems, text)
	}
	return parsed.Documents[i]
}

// value is the node of a text of YAML. Its positions and styles are dropped, as
// those of a node that a program makes, save flow style.
func value(t testing.TB, text string) *yaml.Node {
	t.Helper()
	n := docOf(t, text, 0).Root
	walk(n, func(n *yaml.Node) { n.Style, n.Line, n.Column, n.Tag = 0, 0, 0, n.ShortTag() })
	return n
}

// find is the node that a path such as "spec.ingress.0" leads to.
func find(t testing.TB, root *yaml.Node, path string) *yaml.Node {
	t.Helper()
	n := root
	if path == "" {
		return n
	}
	for name := range strings.SplitSeq(path, ".") {
		var next *yaml.Node
		for i, child := range n.Content {
			if n.Kind == yaml.SequenceNode && name == string(rune('0'+i)) {
				next = child
			}
			if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == name {
				next = child
			}
		}
		if next == nil {
			t.Fatalf("no %q in %q", name, path)
		}
		n = next
	}
	return n
}

// check compares what edits make of a text with what is wanted: a text, or
// behind "refused: " a part of the reason.
func check(t *testing.T, d document.Document, edits []source.Edit, err error, want string) {
	t.Helper()
	if reason, ok := strings.CutPrefix(want, "refused: "); ok {
		var refusal Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Error(), reason) || edits != nil {
			t.Errorf("error %v and edits %v, want a refusal with %q", err, edits, reason)
		}
		return
	}
	if err != nil {
		t.Errorf("refused: %v\n%s", err, d.File.Src)
		return
	}
	got, err := d.File.Apply(edits)
	if err != nil || string(got) != want {
		t.Errorf("error %v\n--- before\n%s\n--- got\n%s\n--- want\n%s\n%q\n%q", err, d.File.Src, got, want, got, want)
	}
}

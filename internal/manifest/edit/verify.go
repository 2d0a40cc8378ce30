package edit

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/source"
)

// verified returns edits that do to the meaning of the text what change does to
// a copy of n, and nothing else. Others are refused.
func (e *editor) verified(edits []source.Edit, n *yaml.Node, change func(*yaml.Node)) ([]source.Edit, error) {
	copies := map[*yaml.Node]*yaml.Node{}
	want := clone(e.Root, copies)
	change(copies[n])
	if !e.comesTo(edits, want) {
		return nil, unsafeText
	}
	return edits, nil
}

// comesTo reports whether the document comes to these ones by the edits, and
// the other documents of the file stay.
func (e *editor) comesTo(edits []source.Edit, want ...*yaml.Node) bool {
	changed, err := e.File.Apply(edits)
	if err != nil {
		return false
	}
	var before []*yaml.Node
	var after []*yaml.Node
	from, to := bounds(e.Document)
	if end := to + len(changed) - len(e.src); e.splits() && e.inside(edits, from, to) {
		if to < len(e.src) && changed[end-1] != '\n' {
			return false
		}
		if json.Valid(e.src[from:to]) && !json.Valid(changed[from:end]) {
			return false
		}
		before, after = want, roots(changed[from:end])
	} else {
		before, after = e.splice(want), roots(changed)
	}
	if before == nil || len(before) != len(after) {
		return false
	}
	for i := range before {
		if !same(before[i], after[i]) {
			return false
		}
	}
	return true
}

// inside reports whether all edits lie in a part of the file.
func (e *editor) inside(edits []source.Edit, from, to int) bool {
	for _, edit := range edits {
		if edit.From < from || edit.To > to {
			return false
		}
	}
	return true
}

// splits reports whether the documents of the file can be parsed one by one: a
// line of three dashes always begins one, unless there are directives or ends
// of documents.
func (e *editor) splits() bool {
	for _, marker := range []string{"%", "..."} {
		if bytes.HasPrefix(bytes.TrimPrefix(e.src, []byte(byteOrderMark)), []byte(marker)) || bytes.Contains(e.src, []byte("\n"+marker)) {
			return false
		}
	}
	return !hasOddBreak(e.src)
}

// roots is the documents of a text, nil when part of it cannot be parsed.
func roots(text []byte) []*yaml.Node {
	parsed := document.Whole(source.Made("", text))
	if len(parsed.Problems)+len(parsed.Skips) > 0 {
		return nil
	}
	var all []*yaml.Node
	for _, d := range parsed.Documents {
		all = append(all, d.Root)
	}
	return all
}

// splice is the documents of the file with others in place of the one that is
// edited, nil when it is not among them.
func (e *editor) splice(want []*yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	found := false
	for _, root := range roots(e.src) {
		if !found && root.Line == e.Root.Line+e.FirstLine-1 && root.Column == e.Root.Column && same(root, e.Root) {
			all, found = append(all, want...), true
			continue
		}
		all = append(all, root)
	}
	if !found {
		return nil
	}
	return all
}

// same reports whether two trees mean the same and are anchored alike.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) || tagOf(a) != tagOf(b) {
		return false
	}
	if a.Value != b.Value && tagOf(a) != nullTag {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// tagOf is the tag of a node, resolved where the caller has left it out.
func tagOf(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag != "" {
		return n.ShortTag()
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return strTag
	}
	return plainTag(n.Value)
}

// plainTag is what a text is taken for when it is written plainly, "" when it
// cannot be.
func plainTag(text string) string {
	var doc yaml.Node
	loader, err := yaml.NewLoader(bytes.NewReader([]byte("- " + text + "\n")))
	if err != nil || loader.Load(&doc) != nil || len(doc.Content) != 1 || len(doc.Content[0].Content) != 1 {
		return ""
	}
	n := doc.Content[0].Content[0]
	if n.Kind != yaml.ScalarNode || n.Style != 0 || n.Value != text {
		return ""
	}
	return n.ShortTag()
}

// clone is a deep copy of a tree. copies leads from each node to its copy.
func clone(n *yaml.Node, copies map[*yaml.Node]*yaml.Node) *yaml.Node {
	c := *n
	copies[n] = &c
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = clone(child, copies)
	}
	return &c
}

// Package edit writes into YAML documents the way their authors would. What it
// returns are edits of bytes: nothing is encoded anew, and all text that is not
// changed stays as it is.
//
// Each function tries its edits before it returns them. The text that comes out
// is parsed, and compared with the old tree with the one intended change made
// to it. Where the two differ in anything, or where it is not certain that the
// text may be changed at all, there is a Refusal and no edit.
//
// Values to write are nodes made by the caller. A scalar without a tag is what
// its text means when it is written plainly; one tagged !!str gets quotes where
// it needs them. The HeadComment of a key or a value becomes lines of comment
// above it, save in flow collections, which take no comments. A collection with
// the flow style is written in brackets even where block style surrounds it.
package edit

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// Refusal is why something cannot be edited safely, as a phrase for users.
type Refusal string

// Error is the phrase itself.
func (r Refusal) Error() string { return string(r) }

// What is refused for reasons that several functions share.
const (
	unsafeText   = Refusal("the text around it cannot be edited safely")
	behindAnchor = Refusal("it is behind an anchor")
	notWritten   = Refusal("it is not written in this document")
	wrongKind    = Refusal("it is not written as a mapping or list with that entry")
	mergeKeys    = Refusal("it has merge keys")
	hasKey       = Refusal("it has that key already")
	complexKeys  = Refusal("it has keys that are written with question marks")
)

// InsertKey writes key and value into the mapping m. They stand behind the key
// after with all that belongs to it, or behind the last key when there is no
// such key. With after == "" they become the first.
func InsertKey(d document.Document, m *yaml.Node, after, key string, value *yaml.Node) ([]source.Edit, error) {
	e, err := open(d, m, yaml.MappingNode)
	if err != nil {
		return nil, err
	}
	if err := e.plainMapping(m); err != nil {
		return nil, err
	}
	if keyIndex(m, key) >= 0 {
		return nil, hasKey
	}
	i := len(m.Content) / 2
	if at := keyIndex(m, after); after == "" {
		i = 0
	} else if at >= 0 {
		i = at + 1
	}
	name := node.NewText(key)
	return e.insert(m, i, entry{name, value}, func(c *yaml.Node) {
		c.Content = slices.Insert(c.Content, 2*i, name, value)
	})
}

// AppendItem writes value as the last item of list.
func AppendItem(d document.Document, list *yaml.Node, value *yaml.Node) ([]source.Edit, error) {
	if list == nil {
		return nil, notWritten
	}
	return InsertItem(d, list, len(list.Content), value)
}

// InsertItem writes value into list, before the item i.
func InsertItem(d document.Document, list *yaml.Node, i int, value *yaml.Node) ([]source.Edit, error) {
	e, err := open(d, list, yaml.SequenceNode)
	if err != nil {
		return nil, err
	}
	if i < 0 || i > len(list.Content) {
		return nil, wrongKind
	}
	value = likeSiblings(list, value)
	return e.insert(list, i, entry{nil, value}, func(c *yaml.Node) {
		c.Content = slices.Insert(c.Content, i, value)
	})
}

// likeSiblings is a text with the quotes that all texts of list have.
func likeSiblings(list, value *yaml.Node) *yaml.Node {
	const quotes = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle
	if len(list.Content) == 0 || value == nil || value.Kind != yaml.ScalarNode || value.Tag != strTag || value.Style&quotes != 0 {
		return value
	}
	style := list.Content[0].Style & quotes
	for _, item := range list.Content {
		if item.Kind != yaml.ScalarNode || item.Style&quotes != style {
			return value
		}
	}
	quoted := *value
	quoted.Style |= style
	return &quoted
}

// entry is what is written into a collection: an item, or with a key a pair.
type entry struct {
	key, value *yaml.Node
}

// insert writes an entry into n, so that it is the entry i. The same is done to
// a copy of the tree by change.
func (e *editor) insert(n *yaml.Node, i int, en entry, change func(*yaml.Node)) ([]source.Edit, error) {
	if err := writable(en.value); err != nil {
		return nil, err
	}
	var edits []source.Edit
	var err error
	if n.Style&yaml.FlowStyle != 0 {
		edits, err = e.insertFlow(n, i, en)
	} else {
		edits, err = e.insertBlock(n, i, en)
	}
	if err != nil {
		return nil, err
	}
	return e.verified(edits, n, change)
}

// writable refuses values that need anchors, which nothing here writes.
func writable(n *yaml.Node) error {
	if n == nil || n.Kind == yaml.AliasNode || n.Kind == yaml.DocumentNode || n.Anchor != "" {
		return Refusal("the value to write has no text of its own")
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && child.Kind != yaml.ScalarNode {
			return complexKeys
		}
		if err := writable(child); err != nil {
			return err
		}
	}
	return nil
}

// editor is one edit in the making.
type editor struct {
	document.Document
	src []byte
	// path leads from the root to the node that is edited.
	path []*yaml.Node
}

// open begins an edit of n, which must be of the kind and be the only place
// where its content is written.
func open(d document.Document, n *yaml.Node, kind yaml.Kind) (*editor, error) {
	if err := Check(d); err != nil {
		return nil, err
	}
	d.Root = d.Whole()
	e := &editor{Document: d, src: d.File.Src}
	if e.path = pathTo(d.Root, n); e.path == nil {
		return nil, notWritten
	}
	if n.Kind != kind {
		return nil, wrongKind
	}
	used := aliases(d.Root)
	for _, parent := range e.path {
		if used[parent] {
			return nil, behindAnchor
		}
	}
	return e, nil
}

// plainMapping refuses mappings of which another part is written elsewhere, or
// which are not written with a colon behind each key.
func (e *editor) plainMapping(m *yaml.Node) error {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].ShortTag() == "!!merge" {
			return mergeKeys
		}
		if e.complexKey(m.Content[i]) {
			return complexKeys
		}
	}
	return nil
}

// keyIndex is which entry of m has the key, -1 when none has. Of a key that is
// written twice it is the last.
func keyIndex(m *yaml.Node, key string) int {
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		if m.Content[i].Kind == yaml.ScalarNode && m.Content[i].Value == key {
			return i / 2
		}
	}
	return -1
}

// pathTo is the nodes from root down to n, nil when n is not below root. It
// does not go through aliases.
func pathTo(root, n *yaml.Node) []*yaml.Node {
	if root == nil || n == nil {
		return nil
	}
	if root == n {
		return []*yaml.Node{root}
	}
	for _, child := range root.Content {
		if path := pathTo(child, n); path != nil {
			return append([]*yaml.Node{root}, path...)
		}
	}
	return nil
}

// aliases is the nodes below root that an alias stands for.
func aliases(root *yaml.Node) map[*yaml.Node]bool {
	used := map[*yaml.Node]bool{}
	walk(root, func(n *yaml.Node) {
		if n.Kind == yaml.AliasNode {
			used[n.Alias] = true
		}
	})
	return used
}

// walk visits n and all that is written below it.
func walk(n *yaml.Node, visit func(*yaml.Node)) {
	visit(n)
	for _, child := range n.Content {
		walk(child, visit)
	}
}

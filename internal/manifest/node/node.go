// Package node reads YAML nodes as the API server and kubectl read them:
// through aliases and merge keys, with null as absent.
package node

import (
	"iter"
	"strings"

	"go.yaml.in/yaml/v4"
)

// aliasDepth bounds how far an alias of an alias is followed.
const aliasDepth = 16

// Resolve returns the node that n stands for: n itself, or the target of an
// alias. It is nil for a nil node and for an alias without an end.
func Resolve(n *yaml.Node) *yaml.Node {
	for range aliasDepth {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

// IsNull reports whether n says nothing: absent, empty, null or ~. The API
// server reads a null as if the key were not there.
func IsNull(n *yaml.Node) bool {
	n = Resolve(n)
	return n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// Pair is a key of a mapping and its value.
type Pair struct {
	Key, Value *yaml.Node
}

// Pairs yields the keys of a mapping in the order they are written, then those
// that come by merge keys (<<) and are not written themselves. A key written
// twice is yielded twice. It yields nothing for a node that is no mapping.
func Pairs(n *yaml.Node) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		n = Resolve(n)
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		if !hasMerge(n) {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if !yield(pair(n, i)) {
					return
				}
			}
			return
		}
		var m merger
		m.add(n)
		for _, p := range m.pairs {
			if !yield(p) {
				return
			}
		}
	}
}

// pair is the key at index i of a mapping and its value. A key that is an alias
// is what it stands for.
func pair(n *yaml.Node, i int) Pair {
	key := n.Content[i]
	if target := Resolve(key); target != nil {
		key = target
	}
	return Pair{key, n.Content[i+1]}
}

func hasMerge(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag == "!!merge" {
			return true
		}
	}
	return false
}

// merger collects the pairs of mappings with merge keys. A mapping merged
// earlier wins over a later one, and a written key over both; so each mapping
// counts once, and one that merges itself comes to an end.
type merger struct {
	pairs []Pair
	have  map[string]bool
	seen  map[*yaml.Node]bool
}

func (m *merger) add(n *yaml.Node) {
	if n = Resolve(n); n == nil || m.seen[n] {
		return
	}
	if m.seen == nil {
		m.seen, m.have = map[*yaml.Node]bool{}, map[string]bool{}
	}
	m.seen[n] = true
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			m.add(item)
		}
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	var sources []*yaml.Node
	own := len(m.pairs)
	for i := 0; i+1 < len(n.Content); i += 2 {
		p := pair(n, i)
		switch {
		case p.Key.Tag == "!!merge":
			sources = append(sources, p.Value)
		case !m.have[p.Key.Value]:
			m.pairs = append(m.pairs, p)
		}
	}
	for _, p := range m.pairs[own:] {
		m.have[p.Key.Value] = true
	}
	for _, source := range sources {
		m.add(source)
	}
}

// Field returns the value of a key of a mapping, through aliases and merge
// keys, or nil. Of a key that is written twice it is the last.
func Field(n *yaml.Node, key string) *yaml.Node {
	var found *yaml.Node
	for p := range Pairs(n) {
		if p.Key.Value == key {
			found = Resolve(p.Value)
		}
	}
	return found
}

// Child returns a key of a mapping and its value as they are written, without
// aliases and merge keys, or nil. Of a key that is written twice it is the last.
func Child(n *yaml.Node, key string) (k, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			k, value = n.Content[i], n.Content[i+1]
		}
	}
	return k, value
}

// Items returns the items of a list, or nil for any other node.
func Items(n *yaml.Node) []*yaml.Node {
	n = Resolve(n)
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// Text returns the text of a scalar, "" for any other node and for null.
func Text(n *yaml.Node) string {
	n = Resolve(n)
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// NewText is the node of a text that nobody has written.
func NewText(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// Placeholder reports whether text stands for a value that is not in the tree:
// a later tool fills it in (${NS}, $(namespace), {{ .Values.x }}, <node>,
// %HOST%), or SOPS has encrypted it (ENC[...]). No name, label, address or port
// of Kubernetes has such characters.
func Placeholder(text string) bool {
	return strings.ContainsAny(text, "${}<>()[]%@")
}

// PlaceholderName is like Placeholder, for names of objects. These have no
// capitals, so words like NAMESPACE and __NAME__, which people replace with
// sed, are placeholders too.
func PlaceholderName(text string) bool {
	letters := 0
	for _, r := range text {
		switch {
		case 'A' <= r && r <= 'Z':
			letters++
		case '0' <= r && r <= '9', r == '_':
		default:
			return Placeholder(text)
		}
	}
	return letters > 1
}

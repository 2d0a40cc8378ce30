package manifest

import (
	"iter"
	"strings"

	"go.yaml.in/yaml/v4"
)

// mergeDepth bounds how far merge keys and aliases are followed: enough for
// any file that a person wrote, and an end for one that contains itself.
const mergeDepth = 16

// Resolve returns the node that n stands for: n itself, or the target of an
// alias. It is nil for a nil node and for an alias without an end.
func Resolve(n *yaml.Node) *yaml.Node {
	for range mergeDepth {
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
				if !yield(Pair{n.Content[i], n.Content[i+1]}) {
					return
				}
			}
			return
		}
		for _, p := range merged(n, mergeDepth) {
			if !yield(p) {
				return
			}
		}
	}
}

func hasMerge(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag == "!!merge" {
			return true
		}
	}
	return false
}

// merged is the pairs of a mapping that has merge keys. A mapping merged
// earlier wins over a later one, and a written key over both.
func merged(n *yaml.Node, depth int) []Pair {
	var own []Pair
	var sources []*yaml.Node
	have := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			sources = append(sources, value)
			continue
		}
		own = append(own, Pair{key, value})
		have[key.Value] = true
	}
	for _, source := range sources {
		for _, p := range mergeSource(source, depth-1) {
			if !have[p.Key.Value] {
				have[p.Key.Value] = true
				own = append(own, p)
			}
		}
	}
	return own
}

// mergeSource is the pairs of the value of a merge key: a mapping or a list
// of mappings.
func mergeSource(n *yaml.Node, depth int) []Pair {
	n = Resolve(n)
	if n == nil || depth <= 0 {
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		return merged(n, depth)
	case yaml.SequenceNode:
		var all []Pair
		for _, item := range n.Content {
			all = append(all, mergeSource(item, depth-1)...)
		}
		return all
	default:
		return nil
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

// Encrypted reports whether text is a value that SOPS has encrypted.
func Encrypted(text string) bool { return strings.HasPrefix(text, "ENC[") }

// Placeholder reports whether text stands for a value that a later tool fills
// in: ${NS}, $(namespace), {{ .Values.x }}, <node>, %HOST%, NAMESPACE. No name,
// label, address or port of Kubernetes has such characters.
func Placeholder(text string) bool {
	return strings.ContainsAny(text, "${}<>()[]%@") || shouted(text)
}

// shouted holds for words like NAMESPACE or __NAME__, which people replace
// with sed. Numbers and single letters are none.
func shouted(text string) bool {
	letters := 0
	for _, r := range text {
		switch {
		case 'A' <= r && r <= 'Z':
			letters++
		case '0' <= r && r <= '9', r == '_':
		default:
			return false
		}
	}
	return letters > 1
}

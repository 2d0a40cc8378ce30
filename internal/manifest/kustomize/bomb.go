package kustomize

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

var errBomb = fmt.Errorf("its aliases expand to more than %d values, or it is nested more than %d deep", maxNodes, maxDepth)

// marked yields what may be the names of anchors or of aliases: the words behind
// a mark that stands where a value can begin.
func marked(src []byte, mark byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		for at := 0; ; {
			i := bytes.IndexByte(src[at:], mark)
			if i < 0 {
				return
			}
			at += i + 1
			if at > 1 && bytes.IndexByte([]byte(" \t\r\n\f\v,[{:?-"), src[at-2]) < 0 {
				continue
			}
			end := bytes.IndexAny(src[at:], " \t\r\n\f\v,[]{}")
			if end < 0 {
				end = len(src) - at
			}
			if end > 0 && !yield(string(src[at:at+end])) {
				return
			}
		}
	}
}

// bomb reports whether the aliases of a text expand to too many values, or
// cannot be followed. Most texts have none, and need not be parsed for it.
func bomb(src []byte) bool {
	if nested(src) {
		return true
	}
	if bytes.IndexByte(src, '&') < 0 || bytes.IndexByte(src, '*') < 0 {
		return false
	}
	anchors := map[string]bool{}
	for name := range marked(src, '&') {
		anchors[name] = true
	}
	used := false
	for name := range marked(src, '*') {
		used = used || anchors[strings.TrimRight(name, ":")] || anchors[name]
	}
	if !used {
		return false
	}
	loader, err := yaml.NewLoader(bytes.NewReader(src))
	if err != nil {
		return false
	}
	counts := map[*yaml.Node]int{}
	total := 0
	for {
		var doc yaml.Node
		if err := loader.Load(&doc); err != nil {
			var limit *yaml.LoadError
			return errors.As(err, &limit) && strings.Contains(limit.Message, "alias")
		}
		if total += values(&doc, counts); total > maxNodes {
			return true
		}
	}
}

// maxDepth bounds how deep brackets may be nested. kustomize takes minutes for
// what is nested thousands deep.
const maxDepth = 500

// deepBomb is bomb for a text and the texts in it: a patch can stand in a
// transformer that stands in a kustomization.
func deepBomb(src []byte, level int) bool {
	if level > 4 || bomb(src) {
		return true
	}
	if bytes.IndexByte(src, '&') < 0 {
		return false
	}
	var inner func(n *yaml.Node) bool
	inner = func(n *yaml.Node) bool {
		if n.Kind == yaml.ScalarNode {
			return strings.Contains(n.Value, "&") && len(objects(n.Value)) > 0 && deepBomb([]byte(n.Value), level+1)
		}
		return n.Kind != yaml.AliasNode && slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return inner(c) })
	}
	return slices.ContainsFunc(objects(string(src)), func(root *yaml.Node) bool { return inner(root) })
}

// nested reports whether brackets, or dashes on one line, are nested too deep.
func nested(src []byte) bool {
	depth := 0
	for _, c := range src {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(depth-1, 0)
		}
		if depth > maxDepth {
			return true
		}
	}
	return bytes.Contains(src, bytes.Repeat([]byte("- "), maxDepth)) || bytes.Contains(src, bytes.Repeat([]byte("? "), maxDepth))
}

// values counts what a node comes to with its aliases followed. One that holds
// itself comes to too many.
func values(n *yaml.Node, counts map[*yaml.Node]int) int {
	if n == nil {
		return 0
	}
	if n.Kind == yaml.AliasNode {
		return values(n.Alias, counts)
	}
	if known, ok := counts[n]; ok {
		return known
	}
	counts[n] = maxNodes + 1 // until it is known
	total := 1
	for _, c := range n.Content {
		total = min(total+values(c, counts), maxNodes+1)
	}
	counts[n] = total
	return total
}

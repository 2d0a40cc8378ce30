package manifest

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/kustomize"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// Written is where a person wrote what stands at span in the object. It is span
// itself unless the object was rendered. A value that a patch has set is in the
// patch; one that a kustomization sets for all its objects is in its field;
// else it is what it came from, or the deepest part around it that is written.
func (r *Resource) Written(span source.Span) source.Span {
	if len(r.parts) == 0 && r.File.Real == "" && r.Unit.at.File != nil {
		return r.Unit.at
	}
	if len(r.parts) == 0 {
		return span
	}
	path, key := r.pathTo(span)
	t := tracer{r, path, key}
	base := t.find(r.parts[0])
	if base.equal {
		return base.span(key)
	}
	for _, patch := range slices.Backward(r.parts[1:]) {
		if found := t.find(patch); found.equal {
			return found.span(key)
		}
	}
	if place, ok := t.set(); ok {
		return place
	}
	return base.span(key)
}

// pathTo is the way to what stands at span, and whether that is a key.
func (r *Resource) pathTo(span source.Span) (path []any, key bool) {
	n := r.Node
	for {
		next, step, atKey := r.inside(n, span)
		if next == nil {
			return path, false
		}
		if path = append(path, step); atKey {
			return path, true
		}
		if r.SpanOf(next) == span {
			return path, false
		}
		n = next
	}
}

// inside is the child of n that holds span. Spans of siblings do not overlap.
func (r *Resource) inside(n *yaml.Node, span source.Span) (next *yaml.Node, step any, key bool) {
	holds := func(c *yaml.Node) bool {
		s := r.SpanOf(c)
		return s.From <= span.From && span.To <= s.To
	}
	if n.Kind == yaml.SequenceNode {
		if i := slices.IndexFunc(n.Content, holds); i >= 0 {
			return n.Content[i], i, false
		}
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		switch {
		case holds(n.Content[i+1]) && r.SpanOf(n) != span:
			return n.Content[i+1], n.Content[i].Value, false
		case r.SpanOf(n.Content[i]) == span:
			return n.Content[i], n.Content[i].Value, true
		}
	}
	return nil, nil, false
}

// tracer looks for one value of a rendered object.
type tracer struct {
	*Resource
	path []any
	key  bool
}

// place is what was found of a path in a document.
type place struct {
	document.Document
	keyNode, value *yaml.Node
	// equal is set when all of the path is there, and leads to what is rendered.
	equal bool
}

func (p place) span(key bool) source.Span {
	if key && p.keyNode != nil {
		return p.Span(p.keyNode)
	}
	return p.Span(p.value)
}

// find follows the path in a document.
func (t *tracer) find(d document.Document) place {
	return t.follow(d, d.Root, t.path, t.Node)
}

// follow walks path in n beside rendered. In a list the same item may have
// another index.
func (t *tracer) follow(d document.Document, n *yaml.Node, path []any, rendered *yaml.Node) place {
	found := place{Document: d, value: n}
	for _, step := range path {
		rendered = valueAt(rendered, step)
		written := node.Resolve(found.value)
		if written == nil {
			return found
		}
		key, next := child(written, align(written, step, rendered))
		if next == nil {
			return found
		}
		found.keyNode, found.value = key, next
	}
	found.equal = same(found.value, rendered) || t.key && compatible(found.value, rendered)
	return found
}

// valueAt is the value at a step, nil where there is none.
func valueAt(n *yaml.Node, step any) *yaml.Node {
	if n = node.Resolve(n); n == nil {
		return nil
	}
	_, value := child(n, step)
	return value
}

// align is the index of a rendered item in the list that it may come from.
func align(list *yaml.Node, step any, rendered *yaml.Node) any {
	index, ok := step.(int)
	items := node.Items(list)
	if !ok || index < len(items) && same(items[index], rendered) {
		return step
	}
	if i := slices.IndexFunc(items, func(item *yaml.Node) bool { return same(item, rendered) }); i >= 0 {
		return i
	}
	return step
}

// compatible holds for containers: their key is where they begin, whatever
// else was put into them.
func compatible(a, b *yaml.Node) bool {
	a, b = node.Resolve(a), node.Resolve(b)
	return a != nil && b != nil && a.Kind == b.Kind && a.Kind != yaml.ScalarNode
}

// same reports whether two values mean the same, however they are written.
func same(a, b *yaml.Node) bool {
	a, b = node.Resolve(a), node.Resolve(b)
	if node.IsNull(a) || node.IsNull(b) {
		return node.IsNull(a) == node.IsNull(b)
	}
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind == yaml.SequenceNode {
		return slices.EqualFunc(a.Content, b.Content, same)
	}
	for i := 0; a.Kind == yaml.MappingNode && i+1 < len(a.Content); i += 2 {
		if other := node.Field(b, a.Content[i].Value); other == nil || !same(a.Content[i+1], other) {
			return false
		}
	}
	return a.Value == b.Value
}

// set is where a kustomization set the value: in a JSON patch, or in a field.
// The kustomizations nearest to the root come last to the object.
func (t *tracer) set() (source.Span, bool) {
	value := t.Node
	for _, step := range t.path {
		value = valueAt(value, step)
	}
	for _, k := range t.Unit.kustomizations {
		for _, op := range k.Operations(t.Unit.workspace) {
			if found, ok := t.operation(op); ok {
				return found.span(t.key), true
			}
		}
		if n := k.Sets(t.Kind, t.path, node.Text(value)); n != nil && !t.key {
			return k.Span(n), true
		}
	}
	return source.Span{}, false
}

// operation follows the path in what a JSON patch adds.
func (t *tracer) operation(op kustomize.Operation) (place, bool) {
	steps := strings.Split(strings.Trim(op.Pointer, "/"), "/")
	if len(steps) > len(t.path) || op.Value == nil {
		return place{}, false
	}
	rendered := t.Node
	for i, step := range steps {
		switch own := t.path[i].(type) {
		case string:
			if own != strings.NewReplacer("~1", "/", "~0", "~").Replace(step) {
				return place{}, false
			}
		case int:
			if _, err := strconv.Atoi(step); err != nil && step != "-" {
				return place{}, false
			}
		}
		rendered = valueAt(rendered, t.path[i])
	}
	found := t.follow(op.Document, op.Value, t.path[len(steps):], rendered)
	return found, found.equal
}

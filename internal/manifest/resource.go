package manifest

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/source"
)

// Resource is one object of the tree and the place where it is written.
type Resource struct {
	File *source.File
	// Node is the mapping of the object. It is never nil.
	Node *yaml.Node
	// APIVersion and Kind are as written.
	APIVersion, Kind string
	// Name is metadata.name as written. Generated is set where there is only
	// generateName: then Name is that and a star, and no identity.
	Name      string
	Generated bool
	// Namespace is metadata.namespace as written, "" where it is given at
	// apply time.
	Namespace string
	// Unit is the directory of what is applied together with the object: the
	// nearest one above it with a kustomization or a chart, "" outside both.
	Unit string
	// Encrypted is set when SOPS has encrypted values of the object.
	Encrypted bool

	// firstLine is the line of the file on which the parsed piece began.
	firstLine int
}

// Group is the API group of the object, "" for the core group.
func (r *Resource) Group() string {
	group, _, found := strings.Cut(r.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}

// Qualified is "namespace/name", or the name alone where the namespace is given
// at apply time.
func (r *Resource) Qualified() string {
	if r.Namespace == "" {
		return r.Name
	}
	return r.Namespace + "/" + r.Name
}

// Document is the whole object.
func (r *Resource) Document() source.Span { return r.SpanOf(r.Node) }

// SpanOf is where a node of the object stands.
func (r *Resource) SpanOf(n *yaml.Node) source.Span { return r.File.Span(n, r.firstLine) }

// Span is where the value at path stands; an element of path is a key or, in a
// list, an index. Where the path ends early it is the deepest part that is
// there, and where it passes an alias it is the alias: the line that belongs
// to this object.
func (r *Resource) Span(path ...any) source.Span {
	_, value := r.locate(path)
	return r.SpanOf(value)
}

// KeySpan is where the key at path stands: that of the deepest part that is
// there. Where that is an item of a list, or the object itself, it is like Span.
func (r *Resource) KeySpan(path ...any) source.Span {
	key, value := r.locate(path)
	if key != nil {
		return r.SpanOf(key)
	}
	return r.SpanOf(value)
}

// locate walks path. The key is nil unless the walk ended at a written key.
func (r *Resource) locate(path []any) (key, value *yaml.Node) {
	value = r.Node
	for _, step := range path {
		k, next := child(value, step)
		if next == nil {
			return key, value
		}
		key, value = k, next
		if next.Kind == yaml.AliasNode {
			return key, value
		}
	}
	return key, value
}

func child(n *yaml.Node, step any) (key, value *yaml.Node) {
	switch step := step.(type) {
	case int:
		if items := Items(n); 0 <= step && step < len(items) {
			return nil, items[step]
		}
	case string:
		if n.Kind != yaml.MappingNode {
			return nil, nil
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				key, value = n.Content[i], n.Content[i+1]
			}
		}
	}
	return key, value
}

// text is a name as it is written. Braces without quotes, {{ .Name }}, are a
// mapping to YAML, and a placeholder all the same.
func (r *Resource) text(n *yaml.Node) string {
	if n != nil && n.Kind != yaml.ScalarNode {
		return r.SpanOf(n).Text()
	}
	return Text(n)
}

package manifest

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// Resource is one object of the tree. One that was rendered stands in a text
// of its own, and Written leads from there to what people have written.
type Resource struct {
	// File is what the object stands in: a file of the tree, or the text that
	// its unit was rendered to.
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
	// Unit is what the object is applied with. It is never nil.
	Unit *Unit
	// Unapplied says why nothing applies the object, as a plural; it is "" for
	// an object that is applied.
	Unapplied string
	// Neighbour is the kustomization that could have been expected to apply an
	// orphan. It is nil for other objects.
	Neighbour *document.Document
	// Template is the template that a comment above the object names, as helm
	// template writes it ("# Source: chart/templates/policy.yaml"), or "".
	Template string
	// Encrypted is set when SOPS has encrypted values of the object.
	Encrypted bool
	// Unsure is set when a patch may change the object that was not applied.
	Unsure bool

	// firstLine is the line of the file on which the parsed piece began, and whole
	// what is below the node of the document.
	firstLine int
	whole     *yaml.Node
	// parts are the documents that a rendered object was made of: what it comes
	// from, then the patches. There are none for others.
	parts []document.Document
}

// Group is the API group of the object, "" for the core group.
func (r *Resource) Group() string { return groupOf(r.APIVersion) }

func groupOf(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
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

// Title is the kind and the qualified name: "NetworkPolicy shop/api".
func (r *Resource) Title() string { return strings.TrimSpace(r.Kind + " " + r.Qualified()) }

// Rendered reports whether the object is not as a person wrote it.
func (r *Resource) Rendered() bool { return r.File.Real == "" && r.File.Path != source.StdinPath }

// Source is the document that people wrote the object in; its root is the
// object. Of an object that was rendered it is what the patches and fields of
// kustomizations then change. The error says why there is none.
func (r *Resource) Source() (document.Document, error) {
	switch {
	case len(r.parts) > 0:
		return r.parts[0], nil
	case r.Rendered():
		return document.Document{}, errors.New("no document of the tree makes it")
	default:
		return document.Document{File: r.File, Root: r.whole, FirstLine: r.firstLine}.Object(r.Node), nil
	}
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
		if items := node.Items(n); 0 <= step && step < len(items) {
			return nil, items[step]
		}
	case string:
		return node.Child(n, step)
	}
	return key, value
}

// text is a name as it is written. Braces without quotes, {{ .Name }}, are a
// mapping to YAML, and a placeholder all the same.
func (r *Resource) text(n *yaml.Node) string {
	if n != nil && n.Kind != yaml.ScalarNode {
		return r.SpanOf(n).Text()
	}
	return node.Text(n)
}

// identity is the kind and the name of an object.
func identity(root *yaml.Node) (kind, name string) {
	return node.Text(node.Field(root, "kind")), node.Text(node.Field(node.Field(root, "metadata"), "name"))
}

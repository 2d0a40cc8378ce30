package manifest

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// opener adds the objects of one file to a tree.
type opener struct {
	*Tree
	unit *Unit
	// unapplied and neighbour are those of the objects.
	unapplied string
	neighbour *document.Document
	// rendered is what the file was made from, nil for one that is written.
	rendered *rendered

	// document is the one that is opened, index its place in the file.
	document.Document
	index int
	// lists are the lists and templates that were opened: by aliases, one can
	// hold itself.
	lists map[*yaml.Node]bool
}

// documents adds the objects of all documents.
func (o *opener) documents(p *document.Parsed) {
	for i, d := range p.Documents {
		o.Document, o.index, o.lists = d, i, map[*yaml.Node]bool{}
		o.object(d.Root)
	}
}

// new is the resource that n would be.
func (o *opener) new(n *yaml.Node, apiVersion, kind string) *Resource {
	r := &Resource{
		File: o.File, Node: node.Resolve(n), Unit: o.unit, Unapplied: o.unapplied, Neighbour: o.neighbour, firstLine: o.FirstLine, whole: o.Root,
		APIVersion: apiVersion, Kind: kind,
	}
	if o.rendered != nil && o.index < len(o.rendered.parts) {
		r.parts, r.Unsure = o.rendered.parts[o.index], o.rendered.unsure[o.index]
	}
	return r
}

// object adds the object that root is, or the objects of the list that it is.
func (o *opener) object(root *yaml.Node) {
	r := o.new(root, node.Text(node.Field(root, "apiVersion")), node.Text(node.Field(root, "kind")))
	switch {
	case r.Node == nil || r.Node.Kind != yaml.MappingNode:
		if reason := listed(r.Node); reason != "" {
			o.leave(r, reason)
		}
	case r.Kind == "":
	case r.APIVersion == "":
		o.leave(r, Incomplete)
	case strings.HasSuffix(r.Kind, "List") && node.Field(r.Node, "items") != nil:
		for _, item := range o.once(r.Node, "items") {
			o.item(r, item)
		}
	case r.Kind == "Template" && (r.Group() == "" || r.Group() == "template.openshift.io"):
		// Its parameters, as in ${NAME}, are placeholders like others.
		for _, object := range o.once(r.Node, "objects") {
			o.object(object)
		}
	default:
		o.resource(r)
	}
}

// once is the list at a key of what holds objects, the first time that it is
// opened.
func (o *opener) once(holder *yaml.Node, key string) []*yaml.Node {
	if o.lists[holder] {
		return nil
	}
	o.lists[holder] = true
	return node.Items(node.Field(holder, key))
}

// item adds an item of a list. The API leaves out what the kind of the list
// says already: the items of a NetworkPolicyList need no kind.
func (o *opener) item(list *Resource, item *yaml.Node) {
	r := o.new(item, list.APIVersion, strings.TrimSuffix(list.Kind, "List"))
	switch {
	case node.Field(item, "kind") != nil, node.Field(item, "metadata") == nil:
		o.object(item)
	case r.Kind == "":
		o.leave(r, Incomplete)
	default:
		o.resource(r)
	}
}

func (o *opener) resource(r *Resource) {
	metadata := node.Field(r.Node, "metadata")
	r.Name = r.text(node.Field(metadata, "name"))
	if prefix := r.text(node.Field(metadata, "generateName")); r.Name == "" && prefix != "" {
		r.Name, r.Generated = prefix+"*", true
	}
	r.Namespace = r.text(node.Field(metadata, "namespace"))
	if o.rendered != nil && r.Namespace == releaseNamespace {
		r.Namespace = ""
	}
	if r.Namespace == "" && r.Kind != "Namespace" {
		r.Namespace = r.Unit.namespace
	}
	if r.Encrypted = node.Field(r.Node, "sops") != nil; r.Encrypted {
		o.leave(r, EncryptedObjects)
	}
	if o.rendered == nil {
		r.Template = templateOf(r.File.Src, r.Document().From)
	}
	o.Resources = append(o.Resources, r)
}

// leave notes that an object, or what looks like one, is left out.
func (o *opener) leave(r *Resource, reason string) {
	place := r.Written(r.Document())
	o.skip(place.File, place.Start().Line, reason)
}

func (t *Tree) skip(f *source.File, line int, reason string) {
	t.Skips = append(t.Skips, source.Skip{Path: f.Path, Line: line, Reason: reason})
}

// listed says what a document is that is a list, "" where it has nothing to do
// with objects.
func listed(n *yaml.Node) string {
	for _, item := range node.Items(n) {
		switch {
		case node.Field(item, "op") != nil && node.Field(item, "path") != nil:
			return JSONPatches
		case node.Field(item, "apiVersion") != nil && node.Field(item, "kind") != nil:
			return ListsOfObjects
		}
	}
	return ""
}

// templateOf is the template that a comment in front of a document names.
func templateOf(src []byte, from int) string {
	const comment = "# Source: "
	for from > 0 {
		from = bytes.LastIndexByte(src[:from-1], '\n') + 1
		line, _, _ := bytes.Cut(src[from:], []byte("\n"))
		switch line = bytes.TrimSpace(line); {
		case bytes.HasPrefix(line, []byte(comment)):
			return string(line[len(comment):])
		case len(line) > 0 && line[0] != '#':
			return ""
		}
	}
	return ""
}

package kustomize

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// Operation is one operation of a JSON patch.
type Operation struct {
	document.Document
	// Pointer is the path as written: "/spec/egress/-". Value is nil where the
	// operation sets nothing.
	Pointer string
	Value   *yaml.Node
}

// Operations are those of the JSON patches of a kustomization.
func (k *Kustomization) Operations(w *Workspace) []Operation {
	var all []Operation
	for _, field := range []string{"patchesJson6902", "patches"} {
		for _, item := range node.Items(k.field(field)) {
			if inline := node.Field(item, "patch"); inline != nil {
				all = append(all, operations(k.inline(inline))...)
			}
			if ref := k.refAt(node.Field(item, "path")); ref != nil && ref.Fault == None && w.Parsed[ref.Target] != nil {
				all = append(all, operations(document.Whole(w.Parsed[ref.Target].File).Documents)...)
			}
		}
	}
	return all
}

// inline parses a text that stands in a kustomization. Its lines lead there.
func (k *Kustomization) inline(n *yaml.Node) []document.Document {
	parsed := document.Whole(source.Made(inlineName, []byte(n.Value)))
	at := k.Span(n)
	for i := range parsed.Documents {
		parsed.Documents[i].Lines = func(line int) source.Span {
			if n.Style&yaml.LiteralStyle == 0 {
				return at.FirstLine()
			}
			return at.File.LineSpan(at.Start().Line + line)
		}
	}
	return parsed.Documents
}

func operations(documents []document.Document) []Operation {
	var all []Operation
	for _, d := range documents {
		for _, item := range node.Items(d.Root) {
			if pointer := node.Text(node.Field(item, "path")); strings.HasPrefix(pointer, "/") {
				all = append(all, Operation{d, pointer, node.Field(item, "value")})
			}
		}
	}
	return all
}

// Sets is the field of the kustomization that sets a value of an object of some
// kind, nil where there is none. The value is at path.
func (k *Kustomization) Sets(kind string, path []any, value string) *yaml.Node {
	last, ok := "", false
	if len(path) > 0 {
		last, ok = path[len(path)-1].(string)
	}
	if !ok || value == "" {
		return nil
	}
	namespaced := last == "namespace" && len(path) == 2 || kind == "Namespace" && last == "name" && len(path) == 2
	if n := k.Namespace(); namespaced && node.Text(n) == value {
		return n
	}
	if last == "name" && len(path) == 2 {
		return nil // what was written is most of it
	}
	if n := node.Field(k.field("commonLabels"), last); node.Text(n) == value {
		return n
	}
	for _, labels := range node.Items(k.field("labels")) {
		if n := node.Field(node.Field(labels, "pairs"), last); node.Text(n) == value {
			return n
		}
	}
	return nil
}

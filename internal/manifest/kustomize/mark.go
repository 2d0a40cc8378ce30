package kustomize

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// markPrefix begins the annotations by which an object that comes out of a
// build tells the documents that made it. A number follows.
const markPrefix = "built.egresslint.dev/"

// edit puts a text in place of the bytes from..to of another.
type edit struct {
	from, to int
	text     string
}

// edits annotate each object of the documents of one text, and write nothing
// else where that can be done. They are in the order of the text.
func (w *Workspace) edits(documents []document.Document) []edit {
	var edits []edit
	for _, d := range documents {
		edits = append(edits, w.marks(d)...)
	}
	slices.SortFunc(edits, func(a, b edit) int { return a.from - b.from })
	return edits
}

// apply is the part from..to of a text with the edits that lie in it.
func apply(src []byte, edits []edit, from, to int) []byte {
	var out bytes.Buffer
	for _, e := range edits {
		if from <= e.from && e.to <= to {
			out.Write(src[from:e.from])
			out.WriteString(e.text)
			from = e.to
		}
	}
	out.Write(src[from:to])
	return out.Bytes()
}

// marks is what has to be written for one document.
func (w *Workspace) marks(d document.Document) []edit {
	var edits []edit
	for _, object := range objectsIn(d.Root, w.Wanted) {
		if annotations := node.Field(node.Field(object, "metadata"), "annotations"); annotations != nil && node.IsNull(annotations) && w.patch(d) {
			continue // that removes them
		}
		part := d.Object(object)
		e, ok := insertion(d, object, w.number(part))
		if !ok {
			return w.encoded(d)
		}
		edits = append(edits, e)
	}
	return edits
}

// objectsIn is the objects of a document that matter: itself, or items of the
// list that it is. A patch need not have a kind.
func objectsIn(root *yaml.Node, wanted func(string) bool) []*yaml.Node {
	return objectsBelow(root, wanted, 0)
}

// maxLists bounds how many lists may be in lists: one can hold itself.
const maxLists = 8

func objectsBelow(root *yaml.Node, wanted func(string) bool, lists int) []*yaml.Node {
	if root = node.Resolve(root); lists > maxLists {
		return nil
	}
	kind := node.Text(node.Field(root, "kind"))
	if items := node.Field(root, "items"); strings.HasSuffix(kind, "List") && items != nil {
		var all []*yaml.Node
		for _, item := range node.Items(items) {
			all = append(all, objectsBelow(item, wanted, lists+1)...)
		}
		return all
	}
	if root == nil || root.Kind != yaml.MappingNode || kind != "" && !wanted(kind) {
		return nil
	}
	return []*yaml.Node{root}
}

// insertion is the edit that annotates an object in block style.
func insertion(d document.Document, object *yaml.Node, key string) (edit, bool) {
	metadata := node.Field(object, "metadata")
	if annotations := node.Field(metadata, "annotations"); annotations != nil {
		return before(d, annotations, key+`: ""`)
	}
	return before(d, metadata, "annotations: {"+key+`: ""}`)
}

// before puts a line before the first key of a mapping in block style.
func before(d document.Document, mapping *yaml.Node, line string) (edit, bool) {
	if mapping == nil || mapping.Kind != yaml.MappingNode || mapping.Style&yaml.FlowStyle != 0 || len(mapping.Content) == 0 ||
		mapping.Anchor != "" || mapping.Content[0].Kind != yaml.ScalarNode {
		return edit{}, false
	}
	at := d.File.Span(mapping.Content[0], d.FirstLine).From
	lineStart := bytes.LastIndexByte(d.File.Src[:at], '\n') + 1
	indent := string(d.File.Src[lineStart:at])
	if strings.Trim(indent, " ") != "" || indent == "" {
		return edit{}, false
	}
	return edit{at, at, line + "\n" + indent}, true
}

// encoded is the edit that writes a whole document anew, with its annotations.
func (w *Workspace) encoded(d document.Document) []edit {
	text, err := yaml.Marshal(w.annotated(d, d.Root))
	if err != nil {
		return nil // then its objects are not traced
	}
	span := d.File.Span(d.Root, d.FirstLine)
	return []edit{{span.From, span.To, "\n" + strings.TrimRight(string(text), "\n")}}
}

// annotated copies a document with annotations on its objects.
func (w *Workspace) annotated(d document.Document, n *yaml.Node) *yaml.Node {
	c := rewriter{build: &build{Workspace: w}, left: maxNodes}
	root, err := c.copy(n, "")
	if err != nil {
		return n
	}
	originals, copies := objectsIn(n, w.Wanted), objectsIn(root, w.Wanted)
	for i, object := range copies {
		part := d.Object(originals[i])
		annotations := child(child(object, "metadata"), "annotations")
		annotations.Content = append(annotations.Content, node.NewText(w.number(part)), node.NewText(""))
	}
	return root
}

// child is the mapping at a key, which is made where it is not there.
func child(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			if mapping.Content[i+1].Kind != yaml.MappingNode {
				mapping.Content[i+1] = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
			}
			return mapping.Content[i+1]
		}
	}
	value := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	mapping.Content = append(mapping.Content, node.NewText(key), value)
	return value
}

// part is a document that has, or may have, a part in an object.
type part struct {
	document.Document
	patch bool
}

// patch reports whether a document is a patch.
func (w *Workspace) patch(d document.Document) bool {
	isPatch, _ := w.roles(d.File.Real)
	return isPatch || d.Lines != nil && d.File.Path == inlineName
}

// number remembers a document, and is the annotation that leads to it.
func (w *Workspace) number(d document.Document) string {
	patch := w.patch(d)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parts = append(w.parts, part{d, patch})
	return fmt.Sprintf("%s%d", markPrefix, len(w.parts)-1)
}

// inlineText is an inline document as a build sees it: that of a patch is
// marked. One whose aliases expand too far is refused.
func (r *rewriter) inlineText(n *yaml.Node) (string, error) {
	if deepBomb([]byte(n.Value), 0) {
		return "", errBomb
	}
	roots := objects(n.Value)
	switch {
	case len(roots) == 0 || r.at != "" && !patchFields[r.at] && !slices.Contains([]string{"transformers", "generators"}, r.at):
		return n.Value, nil
	case !patchFields[r.at]:
		return kindFirst(roots)
	}
	return string(apply([]byte(n.Value), r.edits(r.kustomization.inline(n)), 0, len(n.Value))), nil
}

// kindFirst writes objects anew, each with its kind first: whatever kustomize
// makes of such a text, it cannot take it for a repository.
func kindFirst(roots []*yaml.Node) (string, error) {
	var out strings.Builder
	for _, root := range roots {
		c := rewriter{left: maxNodes}
		object, err := c.copy(root, "")
		if err != nil {
			return "", err
		}
		first := []*yaml.Node{node.NewText("kind"), node.NewText(node.Text(node.Field(object, "kind")))}
		for i := 0; i+1 < len(object.Content); i += 2 {
			if object.Content[i].Value != "kind" {
				first = append(first, object.Content[i], object.Content[i+1])
			}
		}
		object.Content = first
		encoded, err := yaml.Marshal(object)
		if err != nil {
			return "", err
		}
		out.WriteString("---\n" + string(encoded))
	}
	return strings.TrimPrefix(out.String(), "---\n"), nil
}

// inlineName is the name of the text of an inline patch.
const inlineName = "inline patch"

// patchFields are those whose inline texts are patches.
var patchFields = map[string]bool{"patches": true, "patchesStrategicMerge": true}

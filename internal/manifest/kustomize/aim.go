package kustomize

import (
	"regexp"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// aimed is the patches of a kustomization, each strategic merge patch with what
// it names as its target. A patch with a target may find nothing to change,
// where one without must; and what it would change may be missing here.
func (r *rewriter) aimed() []*yaml.Node {
	var all []*yaml.Node
	for _, item := range node.Items(r.kustomization.field("patchesStrategicMerge")) {
		item = node.Resolve(item)
		all = append(all, r.aim(r.documents(item, item))...)
	}
	r.at = "patches"
	for _, item := range node.Items(r.kustomization.field("patches")) {
		item = node.Resolve(item)
		if node.Field(item, "target") == nil {
			all = append(all, r.aim(r.documents(node.Field(item, "patch"), node.Field(item, "path")))...)
			continue
		}
		if !r.keep("patches", item) {
			continue
		}
		if kept, err := r.copy(item, r.kustomization.Dir); err == nil {
			all = append(all, kept)
		}
	}
	return all
}

// documents are those of a patch: text may hold it, path may name it.
func (r *rewriter) documents(text, path *yaml.Node) []document.Document {
	if ref := r.refs[path]; ref != nil && path != nil {
		if ref.Fault != None || ref.IsDir {
			return nil
		}
		parsed, err := r.parsed(ref.Target)
		if err != nil || bomb(parsed.File.Src) {
			return nil
		}
		return parsed.Documents
	}
	if text == nil || bomb([]byte(text.Value)) {
		return nil
	}
	return r.kustomization.inline(text)
}

// aim makes a patch of each document that may change what is wanted.
func (r *rewriter) aim(documents []document.Document) []*yaml.Node {
	var all []*yaml.Node
	for _, d := range documents {
		for _, object := range objectsIn(d.Root, r.Wanted) {
			kind, name := node.Text(node.Field(object, "kind")), node.Text(node.Field(node.Field(object, "metadata"), "name"))
			if kind == "" || name == "" {
				continue
			}
			part := d
			part.Root = object
			text, err := yaml.Marshal(r.annotated(part, object))
			if err != nil {
				continue
			}
			target := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
			set(target, "kind", kind)
			set(target, "name", regexp.QuoteMeta(name))
			patch := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
			set(patch, "patch", string(text))
			patch.Content = append(patch.Content, node.NewText("target"), target)
			all = append(all, patch)
		}
	}
	return all
}

package kustomize

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// Closure is the kustomizations that a build of k reads, k first, and each
// before those that it names.
func (w *Workspace) Closure(k *Kustomization) []*Kustomization {
	all := []*Kustomization{k}
	for i := 0; i < len(all); i++ {
		for _, ref := range all[i].Refs {
			if !ref.IsDir || ref.Fault != None || ref.Role != Resource && ref.Role != Component {
				continue
			}
			if named := w.At(ref.Target); named != nil && !slices.Contains(all, named) {
				all = append(all, named)
			}
		}
	}
	return all
}

// Plain reads the files that a kustomization applies without kustomize: as
// they are written, with the namespace, the labels, and the prefix and suffix
// of names that are set. It cannot fail; what it leaves out is only files that
// cannot be read.
func (w *Workspace) Plain(k *Kustomization) []Object {
	p := plainReader{Workspace: w, visited: map[*Kustomization]bool{}}
	var objects []Object
	for _, o := range p.read(k) {
		text, err := yaml.Marshal(o.root)
		if err == nil {
			objects = append(objects, Object{YAML: text, Parts: []document.Document{o.part}})
		}
	}
	return objects
}

type plainReader struct {
	*Workspace
	visited map[*Kustomization]bool
}

// plain is an object on its way up: a copy, and where it comes from.
type plain struct {
	root *yaml.Node
	part document.Document
}

func (p *plainReader) read(k *Kustomization) []plain {
	if p.visited[k] {
		return nil
	}
	p.visited[k] = true
	var objects []plain
	for _, ref := range k.Refs {
		switch {
		case ref.Fault != None || ref.Role != Resource && ref.Role != Component:
		case ref.IsDir:
			if named := p.At(ref.Target); named != nil {
				objects = append(objects, p.read(named)...)
			}
		default:
			objects = append(objects, p.file(ref.Target)...)
		}
	}
	for i := range p.Charts[k] {
		objects = append(objects, p.documents(p.Charts[k][i])...)
	}
	for _, o := range objects {
		k.change(o.root)
	}
	return objects
}

func (p *plainReader) file(path string) []plain {
	parsed, err := p.parsed(path)
	if err != nil {
		return nil
	}
	return p.documents(parsed)
}

func (p *plainReader) documents(parsed *document.Parsed) []plain {
	var objects []plain
	for _, d := range parsed.Documents {
		for _, object := range objectsIn(d.Root, p.Wanted) {
			c := rewriter{build: &build{Workspace: p.Workspace}, left: maxNodes}
			root, err := c.copy(object, "")
			if err != nil {
				continue
			}
			objects = append(objects, plain{root, d.Object(object)})
		}
	}
	return objects
}

// change is what a kustomization does to an object, as far as it is plain.
func (k *Kustomization) change(root *yaml.Node) {
	kind, metadata := node.Text(node.Field(root, "kind")), child(root, "metadata")
	if namespace := node.Text(k.Namespace()); namespace != "" {
		if kind == "Namespace" {
			set(metadata, "name", namespace)
		} else {
			set(metadata, "namespace", namespace)
		}
	}
	prefix, suffix := node.Text(k.field("namePrefix")), node.Text(k.field("nameSuffix"))
	if name := node.Text(node.Field(metadata, "name")); kind != "Namespace" && name != "" && prefix+suffix != "" {
		set(metadata, "name", prefix+name+suffix)
	}
	label(root, k.field("commonLabels"), true)
	for _, labels := range node.Items(k.field("labels")) {
		selectors := node.Text(node.Field(labels, "includeSelectors")) == "true"
		label(root, node.Field(labels, "pairs"), selectors)
		if node.Text(node.Field(labels, "includeTemplates")) == "true" {
			labelAt(root, node.Field(labels, "pairs"), true, "spec", "template", "metadata", "labels")
		}
	}
}

// label adds labels to an object and, with selectors, to what selects pods and
// to the pods that are selected.
func label(root, pairs *yaml.Node, selectors bool) {
	labelAt(root, pairs, true, "metadata", "labels")
	if !selectors {
		return
	}
	spec := node.Field(root, "spec")
	switch node.Text(node.Field(root, "kind")) {
	case "NetworkPolicy":
		labelAt(spec, pairs, false, "podSelector", "matchLabels")
		for direction, peers := range map[string]string{"ingress": "from", "egress": "to"} {
			for _, rule := range node.Items(node.Field(spec, direction)) {
				for _, peer := range node.Items(node.Field(rule, peers)) {
					labelAt(peer, pairs, false, "podSelector", "matchLabels")
				}
			}
		}
	default:
		labelAt(spec, pairs, false, "selector", "matchLabels")
		labelAt(spec, pairs, false, "template", "metadata", "labels")
		labelAt(spec, pairs, false, "jobTemplate", "spec", "template", "metadata", "labels")
	}
}

// labelAt adds labels to the mapping at a path. Unless create is set it has to be
// there.
func labelAt(n, pairs *yaml.Node, create bool, path ...string) {
	for _, key := range path {
		next := node.Field(n, key)
		if next == nil && !create {
			return
		}
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		n = child(n, key)
	}
	for p := range node.Pairs(pairs) {
		set(n, p.Key.Value, node.Text(p.Value))
	}
}

// set sets a text in a mapping.
func set(mapping *yaml.Node, key, value string) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content[i+1] = node.NewText(value)
			return
		}
	}
	mapping.Content = append(mapping.Content, node.NewText(key), node.NewText(value))
}

// Target tells which objects a patch may change.
type Target struct{ kind, name *regexp.Regexp }

// Matches reports whether an object may be one of them. Its name may have been
// given a prefix or suffix.
func (t Target) Matches(kind, name string) bool {
	return (t.kind == nil || t.kind.MatchString(kind)) && (t.name == nil || t.name.MatchString(name))
}

// Names reports whether an object is one of them, and the kind of those is
// known.
func (t Target) Names(kind, name string) bool { return t.kind != nil && t.Matches(kind, name) }

// LostPatches are the targets of what changes objects and cannot be read. With
// all, those of every patch: none was applied.
func (k *Kustomization) LostPatches(w *Workspace, all bool) []Target {
	var targets []Target
	for _, field := range []string{"patches", "patchesJson6902"} {
		for _, item := range node.Items(k.field(field)) {
			ref := k.refAt(node.Field(item, "path"))
			if !all && (ref == nil || ref.Fault == None) {
				continue
			}
			targets = append(targets, k.targets(w, node.Field(item, "target"), ref, node.Text(node.Field(item, "patch")))...)
		}
	}
	for _, item := range node.Items(k.field("patchesStrategicMerge")) {
		ref := k.refAt(node.Resolve(item))
		if all || ref != nil && ref.Fault != None {
			targets = append(targets, k.targets(w, nil, ref, node.Text(item))...)
		}
	}
	return targets
}

func (k *Kustomization) refAt(n *yaml.Node) *Ref {
	for i := range k.Refs {
		if n != nil && k.Refs[i].Node == n {
			return &k.Refs[i]
		}
	}
	return nil
}

// targets are those of one patch: what it says itself, or what the objects in
// it are called. Where neither can be known it is everything.
func (k *Kustomization) targets(w *Workspace, target *yaml.Node, ref *Ref, inline string) []Target {
	if target != nil {
		return []Target{{expression(target, "kind", "^(?:", ")$"), expression(target, "name", "(?:", ")")}}
	}
	roots := objects(inline)
	if ref != nil && ref.Fault == None {
		if parsed := w.Parsed[ref.Target]; parsed != nil {
			for _, d := range parsed.Documents {
				roots = append(roots, d.Root)
			}
			if len(roots) == 0 && len(parsed.Problems) == 0 {
				return nil // nothing in it matters
			}
		}
	}
	var all []Target
	for _, root := range roots {
		all = append(all, Target{
			expression(root, "kind", "^(?:", ")$"),
			expression(node.Field(root, "metadata"), "name", "(?:", ")"),
		})
	}
	if len(all) == 0 {
		all = []Target{{}}
	}
	return all
}

// expression is the regular expression at a key. It is nil, which matches
// everything, where there is none or none that is valid.
func expression(mapping *yaml.Node, key, before, after string) *regexp.Regexp {
	text := strings.TrimSuffix(strings.TrimPrefix(node.Text(node.Field(mapping, key)), "^"), "$")
	if text == "" {
		return nil
	}
	e, err := regexp.Compile(before + text + after)
	if err != nil {
		return nil
	}
	return e
}

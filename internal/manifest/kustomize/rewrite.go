package kustomize

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/node"
)

// maxNodes bounds how many values a file may have once its aliases are
// followed. kustomize follows them all: 400 bytes can come to gigabytes.
const maxNodes = 200_000

// dropped are the fields that no build may see: they would add to every object
// what nobody reads, set what is global in this process, or start a program.
var dropped = []string{"buildMetadata", "openapi", "validators", "helmCharts", "helmGlobals", "helmChartInflationGenerator"}

// extras are the fields that are left out too where a kustomization does not
// build with them.
var extras = []string{
	"configMapGenerator", "secretGenerator", "generatorOptions", "generators", "transformers", "configurations", "crds",
	"replacements", "vars", "images", "imageTags", "replicas", "commonAnnotations",
}

// rewrite is the kustomization as a build sees it: every path leads to a file
// or directory that may be read, and can be taken for nothing else.
func (b *build) rewrite(k *Kustomization) ([]byte, error) {
	r := rewriter{build: b, kustomization: k, refs: map[*yaml.Node]*Ref{}, left: maxNodes}
	for i := range k.Refs {
		r.refs[k.Refs[i].Node] = &k.Refs[i]
	}
	if err := r.checkReplacements(); err != nil && b.scope != wanted {
		return nil, err
	}
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for p := range node.Pairs(k.Root) {
		if r.at = p.Key.Value; r.without(r.at) {
			continue
		}
		if b.scope == wanted && patchFields[r.at] {
			continue
		}
		value, err := r.field(r.at, node.Resolve(p.Value), k.Dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.at, err)
		}
		if value != nil {
			out.Content = append(out.Content, node.NewText(p.Key.Value), value)
		}
	}
	if b.scope == wanted {
		for _, patch := range r.aimed() {
			addTo(out, "patches", patch)
		}
	}
	for i := range b.Charts[k] {
		addTo(out, "resources", node.NewText(fmt.Sprintf("./%s%d.yaml", chartPrefix, i)))
	}
	if node.Field(out, "resources") == nil { // without any field, kustomize refuses it
		out.Content = append(out.Content, node.NewText("resources"), &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"})
	}
	return yaml.Marshal(out)
}

type rewriter struct {
	*build
	// kustomization is nil where another document is copied.
	kustomization *Kustomization
	// at is the field that is copied.
	at   string
	refs map[*yaml.Node]*Ref
	// left is how many more values may be copied.
	left int
}

func (r *rewriter) without(field string) bool {
	return slices.Contains(dropped, field) || r.scope == wanted && slices.Contains(extras, field)
}

// field copies the value of a field, without what cannot be read. It is nil
// where nothing is left.
func (r *rewriter) field(name string, value *yaml.Node, dir string) (*yaml.Node, error) {
	if value == nil || value.Kind != yaml.SequenceNode {
		return r.copy(value, dir)
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, item := range value.Content {
		item = node.Resolve(item)
		if !r.keep(name, item) {
			continue
		}
		kept, err := r.copy(item, dir)
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, kept)
	}
	if len(list.Content) == 0 {
		return nil, nil
	}
	return list, nil
}

// keep reports whether an item of a list can be given to a build: all that it
// names is there and, of a path, it is one.
func (r *rewriter) keep(field string, item *yaml.Node) bool {
	if item == nil {
		return false
	}
	switch field {
	case "resources", "bases", "components", "transformers", "generators", "configurations", "crds", "patchesStrategicMerge":
		ref := r.refs[item]
		if ref == nil && !inline(Ref{Field: field, Text: node.Text(item)}) || ref != nil && ref.Fault != None {
			return false
		}
		return field != "patchesStrategicMerge" || r.everything() || r.patches(item, item)
	case "patches", "patchesJson6902", "replacements":
		if ref := r.refs[node.Field(item, "path")]; ref != nil && ref.Fault != None {
			return false
		}
		return r.everything() || field == "replacements" || r.patches(item, node.Field(item, "patch"))
	case "configMapGenerator", "secretGenerator":
		return r.complete(item)
	}
	return true
}

// complete reports whether all files of a generator are there.
func (r *rewriter) complete(n *yaml.Node) bool {
	if ref := r.refs[n]; ref != nil && ref.Fault != None {
		return false
	}
	for _, child := range n.Content {
		if !r.complete(child) {
			return false
		}
	}
	return true
}

// patches reports whether a patch may change an object that is part of the
// build: n is the patch, or names it, and text may hold it.
func (r *rewriter) patches(n, text *yaml.Node) bool {
	if kind := node.Text(node.Field(node.Field(n, "target"), "kind")); kind != "" {
		return strings.ContainsAny(kind, ".*|[(") || r.includes(kind)
	}
	roots := objects(node.Text(text))
	if ref := cmp.Or(r.refs[n], r.refs[node.Field(n, "path")]); ref != nil {
		roots = r.roots(ref.Target)
	}
	for _, root := range roots {
		if kind := node.Text(node.Field(root, "kind")); kind == "" || r.includes(kind) {
			return true
		}
	}
	return len(roots) == 0
}

// roots are the documents of a file, whatever their kind.
func (r *rewriter) roots(path string) []*yaml.Node {
	src, err := os.ReadFile(path)
	if err != nil || bomb(src) {
		return nil
	}
	return objects(string(src))
}

// copy copies a value without aliases. Paths are made to start with a dot, so
// that nothing can take them for a repository.
func (r *rewriter) copy(n *yaml.Node, dir string) (*yaml.Node, error) {
	if n = node.Resolve(n); n == nil {
		return node.NewText(""), nil
	}
	if r.left--; r.left < 0 {
		return nil, errBomb
	}
	if n.Kind == yaml.MappingNode {
		return r.copyMapping(n, dir)
	}
	if n.Kind == yaml.SequenceNode {
		return r.copyList(n, dir)
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style}
	if ref := r.refs[n]; ref != nil && ref.Target != "" && ref.Role != Data {
		out.Value = relative(dir, ref)
	}
	if r.kustomization != nil && strings.ContainsAny(n.Value, "\n&{[") {
		marked, err := r.inlineText(n)
		if err != nil {
			return nil, err
		}
		out.Value = marked
	}
	return out, nil
}

func (r *rewriter) copyMapping(n *yaml.Node, dir string) (*yaml.Node, error) {
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag}
	for p := range node.Pairs(n) {
		value, err := r.copy(p.Value, dir)
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: p.Key.Tag, Value: p.Key.Value, Style: p.Key.Style}, value)
	}
	return out, nil
}

func (r *rewriter) copyList(n *yaml.Node, dir string) (*yaml.Node, error) {
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag}
	for _, item := range n.Content {
		value, err := r.copy(item, dir)
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, value)
	}
	return out, nil
}

// relative is the path of a reference as kustomize may read it.
func relative(dir string, ref *Ref) string {
	path := strings.TrimSpace(filepath.ToSlash(ref.Text))
	if filepath.IsAbs(ref.Text) {
		if rel, err := filepath.Rel(dir, ref.Target); err == nil {
			path = filepath.ToSlash(rel)
		}
	}
	if strings.HasPrefix(path, "./") || strings.HasPrefix(path, "../") {
		return path
	}
	return "./" + path
}

// addTo adds an item to the list at key.
func addTo(mapping *yaml.Node, key string, item *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key && mapping.Content[i+1].Kind == yaml.SequenceNode {
			mapping.Content[i+1].Content = append(mapping.Content[i+1].Content, item)
			return
		}
	}
	mapping.Content = append(mapping.Content, node.NewText(key), &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{item}})
}

// Package kustomize builds kustomizations in this process, without leaving the
// tree: no network, no programs, no plugins. Each object that comes out knows
// the documents that made it.
package kustomize

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// FileNames are the names that make a file a kustomization.
var FileNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// Kustomization is one kustomization as it is written.
type Kustomization struct {
	// Dir is its directory, absolute and with symbolic links resolved. That of
	// a kustomization that no file holds does not exist.
	Dir string
	document.Document
	// Refs are the files and directories that it names, in the order in which
	// kustomize looks at the fields.
	Refs []Ref
}

// Role is what a kustomization does with what it names.
type Role int

// The roles.
const (
	// Resource is applied: a file, or a directory with a kustomization.
	Resource Role = iota
	// Component is a directory with a kustomization of kind Component.
	Component
	// Patch changes what is applied.
	Patch
	// Data is embedded in a ConfigMap or Secret.
	Data
	// Settings are read by kustomize itself.
	Settings
)

// Ref is a file or directory that a kustomization names.
type Ref struct {
	Role Role
	// Field is the key that it stands under: "resources".
	Field string
	// Node is where it stands, Text what it is.
	Node *yaml.Node
	Text string
	// Target is what it leads to, absolute and with symbolic links resolved. It
	// is "" where that does not exist, or may not be read.
	Target string
	// IsDir is set when Target is a directory.
	IsDir bool
	Fault Fault
}

// Fault is why what is named cannot be read.
type Fault int

// The faults.
const (
	// None is the fault of what can be read.
	None Fault = iota
	// Missing is what does not exist.
	Missing
	// Remote is what lies on another machine.
	Remote
	// Outside is what lies outside the directories that may be read.
	Outside
	// Empty is a directory without a kustomization.
	Empty
	// Inflated is a file that tells Helm to render a chart.
	Inflated
)

// Kustomization reads a kustomization out of its document.
func (w *Workspace) Kustomization(dir string, d document.Document) *Kustomization {
	r := refReader{&Kustomization{Dir: dir, Document: d}, w}
	for _, field := range []string{"resources", "bases"} {
		r.list(Resource, field)
	}
	r.list(Component, "components")
	r.list(Patch, "patchesStrategicMerge")
	for _, field := range []string{"patches", "patchesJson6902"} {
		for _, item := range node.Items(r.field(field)) {
			r.ref(Patch, field, node.Field(item, "path"))
		}
	}
	for _, item := range node.Items(r.field("replacements")) {
		r.ref(Settings, "replacements", node.Field(item, "path"))
	}
	for _, field := range []string{"transformers", "generators", "validators", "configurations", "crds"} {
		r.list(Settings, field)
	}
	r.ref(Settings, "openapi", node.Field(r.field("openapi"), "path"))
	for _, field := range []string{"configMapGenerator", "secretGenerator"} {
		for _, item := range node.Items(r.field(field)) {
			r.data(field, item)
		}
	}
	for _, field := range []string{"helmCharts", "helmChartInflationGenerator"} {
		for _, item := range node.Items(r.field(field)) {
			r.ref(Settings, field, node.Field(item, "valuesFile"))
			for _, file := range node.Items(node.Field(item, "additionalValuesFiles")) {
				r.ref(Settings, field, file)
			}
		}
	}
	return r.Kustomization
}

// IsComponent reports whether it is of kind Component: it changes the
// kustomizations that name it, and is nothing by itself.
func (k *Kustomization) IsComponent() bool { return node.Text(k.field("kind")) == "Component" }

// Namespace is the namespace that it puts its objects into, or nil.
func (k *Kustomization) Namespace() *yaml.Node { return k.field("namespace") }

// Generates reports whether it makes objects that no file holds, by means that
// only kustomize has.
func (k *Kustomization) Generates() bool {
	return len(node.Items(k.field("generators"))) > 0
}

// Rewrites reports whether it changes objects by more than patches and fields:
// a bare build leaves that out.
func (k *Kustomization) Rewrites() bool {
	return len(node.Items(k.field("transformers"))) > 0 || len(node.Items(k.field("replacements"))) > 0
}

// Selects reports whether it puts labels into selectors.
func (k *Kustomization) Selects() bool {
	return slices.ContainsFunc(node.Items(k.field("labels")), func(labels *yaml.Node) bool {
		return node.Text(node.Field(labels, "includeSelectors")) == "true"
	}) || !node.IsNull(k.field("commonLabels"))
}

// special reports whether it changes objects by rules of its own: then no
// document may be left out of its build.
func (k *Kustomization) special() bool {
	return slices.ContainsFunc([]string{"transformers", "generators", "configurations", "validators"}, func(field string) bool {
		return len(node.Items(k.field(field))) > 0
	})
}

func (k *Kustomization) field(key string) *yaml.Node { return node.Field(k.Root, key) }

type refReader struct {
	*Kustomization
	*Workspace
}

func (r refReader) list(role Role, field string) {
	for _, item := range node.Items(r.field(field)) {
		r.ref(role, field, item)
	}
}

// data adds what a generator embeds: "path" or "key=path".
func (r refReader) data(field string, generator *yaml.Node) {
	var items []*yaml.Node
	for _, key := range []string{"files", "envs"} {
		items = append(items, node.Items(node.Field(generator, key))...)
	}
	for _, item := range append(items, node.Field(generator, "env")) {
		text := node.Text(item)
		if key, path, ok := strings.Cut(text, "="); ok && !strings.Contains(key, "/") {
			text = path
		}
		r.add(Ref{Role: Data, Field: field, Node: item, Text: text})
	}
}

func (r refReader) ref(role Role, field string, n *yaml.Node) {
	r.add(Ref{Role: role, Field: field, Node: n, Text: node.Text(n)})
}

// add resolves a reference. A document in place of a path is none.
func (r refReader) add(ref Ref) {
	if ref.Node = node.Resolve(ref.Node); ref.Text == "" || inline(ref) {
		return
	}
	ref.Target, ref.IsDir, ref.Fault = r.resolve(ref)
	r.Refs = append(r.Refs, ref)
}

// inline reports whether a document stands where a path may stand too. What is
// no object, kustomize takes for a path, and some paths for repositories.
func inline(ref Ref) bool {
	switch ref.Field {
	case "patchesStrategicMerge", "transformers", "generators", "validators":
	default:
		return false
	}
	roots := objects(ref.Text)
	return len(roots) > 0 && !slices.ContainsFunc(roots, func(root *yaml.Node) bool {
		return node.Text(node.Field(root, "kind")) == "" || node.Text(node.Field(node.Field(root, "metadata"), "name")) == ""
	})
}

// objects parses an inline document. It is nil unless all of it is mappings.
func objects(text string) []*yaml.Node {
	loader, err := yaml.NewLoader(strings.NewReader(text))
	if err != nil {
		return nil
	}
	var roots []*yaml.Node
	for {
		var doc yaml.Node
		switch err := loader.Load(&doc); {
		case errors.Is(err, io.EOF):
			return roots
		case err != nil, len(doc.Content) != 1, doc.Content[0].Kind != yaml.MappingNode:
			return nil
		}
		roots = append(roots, doc.Content[0])
	}
}

func (r refReader) resolve(ref Ref) (target string, isDir bool, fault Fault) {
	if strings.Contains(ref.Text, "://") {
		return "", false, Remote
	}
	path := filepath.FromSlash(ref.Text)
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.Dir, path)
	}
	if r.added(path) {
		return path, false, None
	}
	target, err := filepath.EvalSymlinks(path)
	switch {
	case err != nil && remote(ref.Text):
		return "", false, Remote
	case !r.Inside(source.Real(path)): // it may not even be asked for
		return "", false, Outside
	case err != nil:
		return "", false, Missing
	}
	info, err := os.Stat(target)
	if err != nil || !info.IsDir() && !info.Mode().IsRegular() {
		return "", false, Missing
	}
	if info.IsDir() && (ref.Role == Resource || ref.Role == Component) && FileIn(target) == "" {
		return "", true, Empty
	}
	if ref.Field == "generators" && inflates(target) {
		return target, false, Inflated
	}
	return target, info.IsDir(), None
}

// inflates reports whether a generator is Helm's.
func inflates(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	src, err := os.ReadFile(path)
	return err == nil && bytes.Contains(src, []byte("HelmChartInflationGenerator"))
}

// remote reports whether kustomize would take a text for a repository or a URL.
func remote(text string) bool {
	return strings.HasPrefix(text, "git@") || strings.HasPrefix(text, "git::") ||
		strings.HasPrefix(strings.TrimPrefix(text, "www."), "github.com") || strings.Contains(text, "?ref=") || strings.Contains(text, "//")
}

// FileIn is the kustomization file in a directory, "" where there is none.
func FileIn(dir string) string {
	i := slices.IndexFunc(FileNames, func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err == nil && info.Mode().IsRegular()
	})
	if i < 0 {
		return ""
	}
	return filepath.Join(dir, FileNames[i])
}

package manifest

import (
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/helm"
	"github.com/egresslint/egresslint/internal/manifest/kustomize"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// gitops reports whether a kind tells a controller in the cluster to apply a
// directory of a repository.
func gitops(kind string) bool {
	return kind == "Kustomization" || kind == "Application" || kind == "ApplicationSet" || kind == "Repo"
}

// application is a directory that a controller applies, and how.
type application struct {
	// document is the object that says so.
	document.Document
	name string
	// dir is absolute, with symbolic links resolved.
	dir string
	// path is the node that names the directory.
	path *yaml.Node
	// namespace is that of objects without one, "" where it is not known.
	namespace string
	// overlay is what is done to all objects, as fields of a kustomization.
	overlay []*yaml.Node
	// recurse is set where a directory without a kustomization is applied with
	// those below it.
	recurse bool
	// include and exclude are globs of its files, "" for none.
	include, exclude string
	// files are what is applied, nil for what the directory holds.
	files []string
	// partial is set where it is not known whether more is applied.
	partial bool
	values  []helm.Values
	release string
}

// applications are those that the files of the tree tell of, in their order.
func (l *loader) applications(files []*document.Parsed) []application {
	var all []application
	targets := l.use.targets()
	for _, p := range files {
		for _, d := range p.Documents {
			if kind, name := identity(d.Root); !gitops(kind) || patched(targets, kind, name) {
				continue // where it is patched, what is applied in the end is not known
			}
			group := groupOf(node.Text(node.Field(d.Root, "apiVersion")))
			switch kind := node.Text(node.Field(d.Root, "kind")); {
			case kind == "Kustomization" && group == "kustomize.toolkit.fluxcd.io":
				all = append(all, l.flux(d)...)
			case kind == "Application" && group == "argoproj.io":
				all = append(all, l.argo(d, d.Root, nil)...)
			case kind == "ApplicationSet" && group == "argoproj.io":
				for _, values := range l.generated(d) {
					all = append(all, l.argo(d, node.Field(node.Field(d.Root, "spec"), "template"), values)...)
				}
			}
		}
	}
	return all
}

// targets are those of all patches of the tree.
func (u *use) targets() []kustomize.Target {
	var all []kustomize.Target
	for _, k := range u.all {
		all = append(all, k.LostPatches(u.workspace, true)...)
	}
	return all
}

// patched reports whether some kustomization changes an object.
func patched(targets []kustomize.Target, kind, name string) bool {
	return slices.ContainsFunc(targets, func(t kustomize.Target) bool { return t.Names(kind, name) })
}

// flux reads a Kustomization of Flux.
func (l *loader) flux(d document.Document) []application {
	spec := node.Field(d.Root, "spec")
	_, name := identity(d.Root)
	a := application{Document: d, name: name, path: node.Field(spec, "path"), recurse: true}
	a.dir = l.local(d, node.Text(a.path))
	for _, field := range []string{"targetNamespace", "namePrefix", "nameSuffix", "patches", "components"} {
		as := field
		if field == "targetNamespace" {
			as = "namespace"
		}
		if value := node.Field(spec, field); value != nil && !node.Placeholder(node.Text(value)) {
			a.overlay = append(a.overlay, node.NewText(as), value)
		}
	}
	if kind := node.Text(node.Field(node.Field(spec, "sourceRef"), "kind")); a.dir == "" || kind != "" && kind != "GitRepository" {
		return nil
	}
	return []application{a}
}

// argo reads an Application of Argo CD, or the template of one. The values stand
// in for its placeholders.
func (l *loader) argo(d document.Document, root *yaml.Node, values map[string]string) []application {
	spec := node.Field(root, "spec")
	sources := node.Items(node.Field(spec, "sources"))
	if single := node.Field(spec, "source"); single != nil {
		sources = []*yaml.Node{single}
	}
	_, name := identity(root)
	name = fill(name, values)
	namespace := fill(node.Text(node.Field(node.Field(spec, "destination"), "namespace")), values)
	if node.Placeholder(namespace) {
		namespace = ""
	}
	var all []application
	for _, src := range sources {
		a := application{Document: d, name: name, path: node.Field(src, "path"), namespace: namespace, release: name}
		if a.dir = l.local(d, fill(node.Text(a.path), values)); a.dir == "" {
			continue
		}
		directory := node.Field(src, "directory")
		a.recurse = node.Text(node.Field(directory, "recurse")) == "true"
		a.include, a.exclude = node.Text(node.Field(directory, "include")), node.Text(node.Field(directory, "exclude"))
		for p := range node.Pairs(node.Field(src, "kustomize")) {
			switch p.Key.Value {
			case "namespace", "namePrefix", "nameSuffix", "commonLabels", "patches", "components":
				a.overlay = append(a.overlay, p.Key, p.Value)
			}
		}
		a.helm(l, node.Field(src, "helm"))
		all = append(all, a)
	}
	return all
}

// helm reads how a chart is rendered.
func (a *application) helm(l *loader, options *yaml.Node) {
	if name := node.Text(node.Field(options, "releaseName")); name != "" {
		a.release = name
	}
	for _, file := range node.Items(node.Field(options, "valueFiles")) {
		path := source.Real(filepath.Join(a.dir, filepath.FromSlash(node.Text(file))))
		if text, err := os.ReadFile(path); err == nil && l.use.workspace.Inside(path) {
			a.values = append(a.values, helm.Values{Name: node.Text(file), Text: text})
		}
	}
	if text := node.Text(node.Field(options, "values")); text != "" {
		a.values = append(a.values, helm.Values{Name: "values", Text: []byte(text)})
	}
	if object := node.Field(options, "valuesObject"); object != nil {
		if text, err := yaml.Marshal(object); err == nil {
			a.values = append(a.values, helm.Values{Name: "valuesObject", Text: text})
		}
	}
}

// generated is what the generators of an ApplicationSet give for each
// application, as far as the tree tells: elements of lists and directories of
// the repository.
func (l *loader) generated(d document.Document) []map[string]string {
	var all []map[string]string
	for _, generator := range node.Items(node.Field(node.Field(d.Root, "spec"), "generators")) {
		for _, element := range node.Items(node.Field(node.Field(generator, "list"), "elements")) {
			values := map[string]string{}
			for p := range node.Pairs(element) {
				values[p.Key.Value] = node.Text(p.Value)
			}
			all = append(all, values)
		}
		directories := node.Items(node.Field(node.Field(generator, "git"), "directories"))
		for _, directory := range directories {
			for _, dir := range l.matching(d, node.Text(node.Field(directory, "path"))) {
				if excluded(directories, dir) {
					continue
				}
				all = append(all, map[string]string{"path": dir, "path.path": dir, "path.basename": slashpath.Base(dir)})
			}
		}
	}
	if len(all) == 0 {
		all = append(all, nil) // its path may be plain
	}
	return all
}

// excluded reports whether a git generator leaves a directory out.
func excluded(directories []*yaml.Node, dir string) bool {
	return slices.ContainsFunc(directories, func(n *yaml.Node) bool {
		matched, _ := doublestar.Match(slashpath.Clean(node.Text(node.Field(n, "path"))), dir)
		return matched && node.Text(node.Field(n, "exclude")) == "true"
	})
}

// fill puts values in the place of {{name}} and {{.name}}.
func fill(text string, values map[string]string) string {
	for name, value := range values {
		for _, form := range []string{"{{" + name + "}}", "{{ " + name + " }}", "{{." + name + "}}", "{{ ." + name + " }}"} {
			text = strings.ReplaceAll(text, form, value)
		}
	}
	return text
}

// bases are the directories that paths in a GitOps object may be relative to:
// the root of its repository or, where it is in none, any directory above it.
func (l *loader) bases(d document.Document) []string {
	if root := source.Repository(d.File.Real); root != "" {
		return []string{root}
	}
	var all []string
	for dir := filepath.Dir(d.File.Real); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		all = append(all, dir)
	}
	return all
}

// local is the directory of the tree that a path of a GitOps object names, ""
// where there is none, or where it cannot be told.
func (l *loader) local(d document.Document, path string) string {
	clean := slashpath.Clean("/" + path)
	if path == "" || clean == "/" || node.Placeholder(path) || d.File.Real == "" {
		return ""
	}
	for _, base := range l.bases(d) {
		dir := source.Real(filepath.Join(base, filepath.FromSlash(clean)))
		if info, err := os.Stat(dir); err == nil && info.IsDir() && l.use.workspace.Inside(dir) {
			return dir
		}
	}
	return ""
}

// matching are the directories that a glob of a GitOps object matches, relative
// to the root of its repository.
func (l *loader) matching(d document.Document, pattern string) []string {
	for _, base := range l.bases(d) {
		matches, err := doublestar.Glob(os.DirFS(base), slashpath.Clean(pattern))
		if err != nil {
			return nil
		}
		matches = slices.DeleteFunc(matches, func(match string) bool {
			info, err := os.Stat(filepath.Join(base, match))
			return err != nil || !info.IsDir() || !l.use.workspace.Inside(source.Real(filepath.Join(base, match)))
		})
		if len(matches) > 0 {
			return matches
		}
	}
	return nil
}

// adopt makes kustomizations of applications: what they apply is part of them
// then, and no unit of its own.
func (l *loader) adopt(all []application) map[*kustomize.Kustomization]*application {
	adopted := map[*kustomize.Kustomization]*application{}
	for i := range all {
		a := &all[i]
		if _, err := os.Stat(filepath.Join(a.dir, "Chart.yaml")); err == nil {
			l.use.charts = append(l.use.charts, *a)
			continue
		}
		if k := l.made(a, i); k != nil {
			l.use.add(k)
			adopted[k] = a
		}
	}
	return adopted
}

// made is the kustomization that an application amounts to. It is nil where
// there is nothing to apply.
func (l *loader) made(a *application, number int) *kustomize.Kustomization {
	dir := kustomize.MadeDir(number)
	resources := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, path := range l.contents(a) {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return nil
		}
		at := *a.path // an entry stands where the path does
		at.Value, at.Kind, at.Tag, at.Anchor = filepath.ToSlash(rel), yaml.ScalarNode, "!!str", ""
		resources.Content = append(resources.Content, &at)
	}
	if len(resources.Content) == 0 {
		return nil
	}
	d := a.Document
	d.Root = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: d.Root.Line, Column: d.Root.Column}
	d.Root.Content = []*yaml.Node{node.NewText("resources"), resources}
	for i := 0; i+1 < len(a.overlay); i += 2 {
		field, value := a.overlay[i], a.overlay[i+1]
		if field.Value == "components" { // they are relative to what is applied
			value = rebased(value, a.dir, dir)
		}
		d.Root.Content = append(d.Root.Content, field, value)
	}
	return l.use.workspace.Kustomization(dir, d)
}

// rebased is a list of paths, relative to another directory.
func rebased(list *yaml.Node, from, to string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, item := range node.Items(list) {
		at := *item
		if rel, err := filepath.Rel(to, filepath.Join(from, filepath.FromSlash(item.Value))); err == nil && !strings.Contains(item.Value, "://") {
			at.Value = filepath.ToSlash(rel)
		}
		out.Content = append(out.Content, &at)
	}
	return out
}

// contents are what an application applies: the directory where it has a
// kustomization, else its files.
func (l *loader) contents(a *application) []string {
	if a.files != nil {
		return a.files
	}
	if kustomize.FileIn(a.dir) != "" {
		return []string{a.dir}
	}
	var all []string
	for _, e := range l.listing.Entries {
		dir := filepath.Dir(e.Real)
		below := a.recurse && strings.HasPrefix(dir, a.dir+string(filepath.Separator))
		if dir != a.dir && !below || isKustomization(e) || !a.takes(e.Real) {
			continue
		}
		if k := l.kustomized(dir, a.dir); k != "" {
			dir = k
			if !slices.Contains(all, dir) {
				all = append(all, dir)
			}
			continue
		}
		if p := l.use.workspace.Parsed[e.Real]; p != nil && len(p.Documents) > 0 {
			all = append(all, e.Real)
		}
	}
	return all
}

// takes reports whether an application takes a file of its directory.
func (a *application) takes(path string) bool {
	rel, err := filepath.Rel(a.dir, path)
	matches := func(glob string) bool {
		matched, _ := doublestar.Match(glob, filepath.ToSlash(rel))
		return matched
	}
	return err == nil && (a.include == "" || matches(a.include)) && (a.exclude == "" || !matches(a.exclude))
}

// kustomized is the topmost directory with a kustomization from top, which has
// none, down to dir. It is "" where there is none.
func (l *loader) kustomized(dir, top string) string {
	found := ""
	for ; dir != top; dir = filepath.Dir(dir) {
		if l.use.byDir[dir] != nil {
			found = dir
		}
	}
	return found
}

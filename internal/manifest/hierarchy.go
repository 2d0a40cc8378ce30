package manifest

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// hierarchies reads the hierarchical repositories of Config Sync, which a Repo
// object in the directory system declares: below the directory namespaces, each
// directory with a Namespace of its name is that namespace, and what lies in it
// or in a directory above it is applied there.
func (l *loader) hierarchies(files []*document.Parsed) []application {
	var all []application
	for _, p := range files {
		for _, d := range p.Documents {
			group := groupOf(node.Text(node.Field(d.Root, "apiVersion")))
			kind, _ := identity(d.Root)
			if kind != "Repo" || group != "configmanagement.gke.io" || filepath.Base(filepath.Dir(d.File.Real)) != "system" {
				continue
			}
			top := filepath.Join(filepath.Dir(filepath.Dir(d.File.Real)), "namespaces")
			for _, dir := range namespaceDirs(files, top) {
				all = append(all, l.inherited(d, top, dir))
			}
		}
	}
	return all
}

// namespaceDirs are the directories below top that are a namespace.
func namespaceDirs(files []*document.Parsed, top string) []string {
	var all []string
	for _, p := range files {
		for _, d := range p.Documents {
			dir := filepath.Dir(d.File.Real)
			kind, name := identity(d.Root)
			if kind == "Namespace" && name == filepath.Base(dir) && strings.HasPrefix(dir, top+string(filepath.Separator)) {
				all = append(all, dir)
			}
		}
	}
	return all
}

// inherited is what is applied in the namespace of a directory.
func (l *loader) inherited(d document.Document, top, dir string) application {
	a := application{Document: d, name: filepath.Base(dir), dir: dir, path: node.Field(d.Root, "kind"), files: []string{}}
	namespace := *a.path
	namespace.Value = a.name
	a.overlay = append(a.overlay, node.NewText("namespace"), &namespace)
	for _, e := range l.listing.Entries {
		p := l.use.workspace.Parsed[e.Real]
		above := filepath.Dir(e.Real)
		if p == nil || len(p.Documents) == 0 || above != dir && !strings.HasPrefix(dir, above+string(filepath.Separator)) ||
			above != top && !strings.HasPrefix(above, top+string(filepath.Separator)) {
			continue
		}
		if above != dir && bytes.Contains(p.File.Src, []byte("configmanagement.gke.io/namespace-selector")) {
			a.partial = true // it is for some of the namespaces below
			continue
		}
		a.files = append(a.files, e.Real)
	}
	return a
}

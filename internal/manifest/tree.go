// Package manifest turns files into the objects that are written in them. It
// decides what is an object of the tree and what only looks like one; what
// the objects mean is decided further on.
package manifest

import (
	"errors"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/source"
)

// Tree is the objects of the paths that were read. It is not changed once
// loaded, and may be read from several goroutines.
type Tree struct {
	// Fset holds every file that an object came from.
	Fset *token.FileSet
	// Resources are in the order of the files, and in each in that of the text.
	Resources []*Resource
	// Problems are what could not be read, Skips what was left out on purpose.
	Problems []source.Problem
	Skips    []source.Skip
	// Files counts the files that were read, Documents the documents in them.
	Files, Documents int
}

// Load reads the files of a listing. Of the documents whose kind can be told
// without parsing them, only those are parsed that wanted holds for; text is
// the document. Files are read in parallel; the result does not depend on it.
func Load(listing *source.Listing, wanted func(kind string, text []byte) bool) *Tree {
	t := &Tree{Fset: token.NewFileSet(), Problems: slices.Clip(listing.Problems), Skips: slices.Clip(listing.Skips)}
	l := &loader{wanted: wanted, inputs: newInputs(), layout: newLayout(listing)}

	entries, kustomizations := divide(listing.Entries)
	for _, p := range inParallel(kustomizations, readWhole) {
		t.kustomization(p, l.inputs)
	}
	for i, p := range inParallel(entries, l.read) {
		t.add(p, l.layout.unit(entries[i].Real))
	}
	return t
}

// divide takes the kustomizations out of the entries: they say what some of
// the other files are.
func divide(all []source.Entry) (others, kustomizations []source.Entry) {
	for _, e := range all {
		if isKustomization(e) {
			kustomizations = append(kustomizations, e)
		} else {
			others = append(others, e)
		}
	}
	return others, kustomizations
}

// inParallel applies do to all entries and returns the results in their order.
func inParallel(entries []source.Entry, do func(source.Entry) *parsed) []*parsed {
	results := make([]*parsed, len(entries))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(entries)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(entries); i = int(next.Add(1)) - 1 {
				results[i] = do(entries[i])
			}
		})
	}
	workers.Wait()
	return results
}

type loader struct {
	wanted func(kind string, text []byte) bool
	inputs *inputs
	layout *layout
}

// read reads one file as far as it holds objects of the tree.
func (l *loader) read(e source.Entry) *parsed {
	switch {
	case l.inputs.only(e.Real):
		return &parsed{skips: []source.Skip{{Path: e.Path, Reason: KustomizeInputs}}}
	case l.layout.template(e.Real):
		return &parsed{skips: []source.Skip{{Path: e.Path, Reason: HelmTemplates}}}
	}
	return read(e, func(f *source.File) *parsed { return parse(f, l.wanted) })
}

// readWhole parses all of a file: a kustomization need not have a kind.
func readWhole(e source.Entry) *parsed {
	return read(e, func(f *source.File) *parsed {
		p := &parsed{file: f}
		p.stream()
		return p
	})
}

func read(e source.Entry, parse func(*source.File) *parsed) *parsed {
	f, err := e.Read()
	var problem source.Problem
	switch {
	case err == nil:
		return parse(f)
	case errors.As(err, &problem):
		return &parsed{problems: []source.Problem{problem}}
	default: // source.ErrEncrypted
		return &parsed{skips: []source.Skip{{Path: e.Path, Reason: EncryptedFiles}}}
	}
}

// kustomization takes over one kustomization: it is no object of the cluster,
// but says which files are none either.
func (t *Tree) kustomization(p *parsed, in *inputs) {
	t.Problems = append(t.Problems, p.problems...)
	t.Skips = append(t.Skips, p.skips...)
	if p.file == nil {
		return
	}
	t.Files++
	t.Documents += len(p.documents)
	t.skip(p.file, 0, PlainKustomizations)
	for _, d := range p.documents {
		in.add(filepath.Dir(p.file.Real), d.root)
	}
}

// add takes over what came out of one file.
func (t *Tree) add(p *parsed, unit string) {
	t.Problems = append(t.Problems, p.problems...)
	t.Skips = append(t.Skips, p.skips...)
	if p.file == nil {
		return
	}
	t.Files++
	t.Documents += p.sniffed + len(p.documents)
	before := len(t.Resources)
	for _, d := range p.documents {
		o := opener{t, p.file, d.firstLine, unit, map[*yaml.Node]bool{}}
		o.object(d.root)
	}
	if len(t.Resources) > before {
		p.file.AddTo(t.Fset)
	}
}

// opener adds the objects of one document.
type opener struct {
	*Tree
	file      *source.File
	firstLine int
	unit      string
	// lists are the lists that were opened: by aliases, one can hold itself.
	lists map[*yaml.Node]bool
}

// object adds the object that root is, or the objects of the list that it is.
func (o *opener) object(root *yaml.Node) {
	r := &Resource{
		File: o.file, Node: Resolve(root), Unit: o.unit, firstLine: o.firstLine,
		APIVersion: Text(Field(root, "apiVersion")),
		Kind:       Text(Field(root, "kind")),
	}
	line := func() int { return r.Document().Start().Line }
	switch {
	case r.Node == nil || r.Node.Kind != yaml.MappingNode:
		if reason := listed(r.Node); reason != "" {
			o.skip(o.file, line(), reason)
		}
	case r.Kind == "":
	case r.APIVersion == "":
		o.skip(o.file, line(), Incomplete)
	case strings.HasSuffix(r.Kind, "List") && Field(r.Node, "items") != nil:
		if !o.lists[r.Node] {
			o.lists[r.Node] = true
			for _, item := range Items(Field(r.Node, "items")) {
				o.item(r, item)
			}
		}
	case r.Kind == "Template" && (r.Group() == "" || r.Group() == "template.openshift.io"):
		o.skip(o.file, line(), OpenShiftTemplates)
	default:
		o.resource(r)
	}
}

// item adds an item of a list. The API leaves out what the kind of the list
// says already: the items of a NetworkPolicyList need no kind.
func (o *opener) item(list *Resource, item *yaml.Node) {
	r := &Resource{
		File: o.file, Node: Resolve(item), Unit: o.unit, firstLine: o.firstLine,
		APIVersion: list.APIVersion, Kind: strings.TrimSuffix(list.Kind, "List"),
	}
	switch {
	case Field(item, "kind") != nil, Field(item, "metadata") == nil:
		o.object(item)
	case r.Kind == "":
		o.skip(o.file, r.Document().Start().Line, Incomplete)
	default:
		o.resource(r)
	}
}

func (o *opener) resource(r *Resource) {
	metadata := Field(r.Node, "metadata")
	r.Name = r.text(Field(metadata, "name"))
	if prefix := r.text(Field(metadata, "generateName")); r.Name == "" && prefix != "" {
		r.Name, r.Generated = prefix+"*", true
	}
	r.Namespace = r.text(Field(metadata, "namespace"))
	if r.Encrypted = Field(r.Node, "sops") != nil; r.Encrypted {
		o.skip(r.File, r.Document().Start().Line, EncryptedObjects)
	}
	o.Resources = append(o.Resources, r)
}

func (t *Tree) skip(f *source.File, line int, reason string) {
	t.Skips = append(t.Skips, source.Skip{Path: f.Path, Line: line, Reason: reason})
}

// listed says what a document is that is a list, "" where it has nothing to do
// with objects.
func listed(n *yaml.Node) string {
	for _, item := range Items(n) {
		switch {
		case Field(item, "op") != nil && Field(item, "path") != nil:
			return JSONPatches
		case Field(item, "apiVersion") != nil && Field(item, "kind") != nil:
			return ListsOfObjects
		}
	}
	return ""
}

// layout knows which directories hold kustomizations and charts. It may be
// used from several goroutines.
type layout struct {
	kustomized map[string]bool // directories with a kustomization, absolute
	charts     sync.Map        // directory -> whether it holds a Chart.yaml
}

func newLayout(listing *source.Listing) *layout {
	l := &layout{kustomized: map[string]bool{}}
	for _, e := range listing.Entries {
		if isKustomization(e) {
			l.kustomized[filepath.Dir(e.Real)] = true
		}
	}
	return l
}

// unit is the nearest directory at or above the file that is applied as one,
// "" when there is none.
func (l *layout) unit(resolved string) string {
	for dir := filepath.Dir(resolved); resolved != "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if l.kustomized[dir] || l.chart(dir) {
			return dir
		}
	}
	return ""
}

// template reports whether the file is a template of a chart.
func (l *layout) template(resolved string) bool {
	for dir := filepath.Dir(resolved); resolved != "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if filepath.Base(dir) == "templates" && l.chart(filepath.Dir(dir)) {
			return true
		}
	}
	return false
}

// chart reports whether dir is a Helm chart.
func (l *layout) chart(dir string) bool {
	if known, ok := l.charts.Load(dir); ok {
		return known.(bool)
	}
	_, err := os.Stat(filepath.Join(dir, "Chart.yaml"))
	l.charts.Store(dir, err == nil)
	return err == nil
}

// Package manifest turns files into the objects that a cluster would be given.
// It decides what is an object of the tree and what only looks like one, and
// renders kustomizations and charts; what the objects mean is decided further
// on.
package manifest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/helm"
	"github.com/egresslint/egresslint/internal/manifest/kustomize"
	"github.com/egresslint/egresslint/internal/source"
)

// Why something that looks like an object is none, or is known in part only.
// Each is a plural, for the summary.
const (
	EncryptedFiles   = "encrypted files"
	EncryptedObjects = "objects with SOPS-encrypted values"
	HelmTemplates    = "Helm templates"
	Incomplete       = "documents without apiVersion or kind"
	JSONPatches      = "JSON patches"
	KustomizeInputs  = "patches and other inputs of kustomizations"
	ListsOfObjects   = "top-level lists of objects"
)

// Tree is the objects of the paths that were read. It is not changed once
// loaded, and may be read from several goroutines.
type Tree struct {
	// Set holds every text that an object stands in.
	Set *source.Set
	// Resources are in the order of the files, and in each in that of the text;
	// those that were rendered come behind, unit by unit.
	Resources []*Resource
	// Units are what the objects are applied with. The first is the loose files.
	Units []*Unit
	// Problems are what could not be read, Skips what was left out on purpose.
	Problems []source.Problem
	Skips    []source.Skip
	// Files counts the files that were read, Documents the documents in them.
	Files, Documents int

	// loader is what made the tree, for Edited.
	loader *loader
}

// Options are what a tree is read with.
type Options struct {
	// Wanted tells which documents have to be parsed, of those whose kind can be
	// told without it. Without a text it tells which kinds matter at all.
	Wanted func(kind string, text []byte) bool
	// AllowOutside lets kustomizations use files outside the paths given.
	AllowOutside bool
	// HelmValues are the values files that charts are rendered with, beside
	// their own.
	HelmValues []helm.Values
	// NoHelm leaves charts as they are.
	NoHelm bool
}

// Load reads the files of a listing, and renders the kustomizations among
// them. Files are read in parallel; the result does not depend on it.
func Load(listing *source.Listing, o Options) *Tree {
	l := &loader{Options: o, listing: listing, chartDirs: &sync.Map{}}
	return l.load(source.NewSet())
}

func (l *loader) load(set *source.Set) *Tree {
	l.tree = &Tree{
		Set: set, Problems: slices.Clip(l.listing.Problems), Skips: slices.Clip(l.listing.Skips), Units: []*Unit{l.loose()}, loader: l,
	}
	entries, kustomizations := divide(l.listing.Entries)
	l.kustomizations = inParallel(kustomizations, l.readWhole)
	l.use = l.uses(l.kustomizations)
	l.files = inParallel(entries, l.read)
	for i, p := range l.files {
		if p.File != nil {
			l.use.workspace.Parsed[entries[i].Real] = p
		}
	}
	l.use.applications = l.adopt(append(l.applications(l.files), l.hierarchies(l.files)...))
	l.use.settle()
	for i, p := range l.files {
		l.add(p, entries[i].Real)
	}
	l.units()
	return l.tree
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

// isKustomization goes by the name, that of a symbolic link too.
func isKustomization(e source.Entry) bool {
	return slices.Contains(kustomize.FileNames, filepath.Base(e.Path)) || slices.Contains(kustomize.FileNames, filepath.Base(e.Real))
}

// inParallel applies do to all items and returns the results in their order.
func inParallel[T, R any](items []T, do func(T) R) []R {
	results := make([]R, len(items))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(items)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(items); i = int(next.Add(1)) - 1 {
				results[i] = do(items[i])
			}
		})
	}
	workers.Wait()
	return results
}

// loader makes a tree of a listing.
type loader struct {
	Options
	listing *source.Listing
	tree    *Tree
	use     *use
	// files and kustomizations are what was read of the listing, rendered what
	// the units came to.
	files, kustomizations []*document.Parsed
	rendered              []*rendered
	// inflatedSkips are the charts of kustomizations that are not rendered.
	inflatedSkips map[*kustomize.Kustomization][]source.Skip
	// edited are the files that differ from those on the disk, and before is what
	// was read before they did. It is nil for what is read from the disk alone.
	edited map[string]*source.File
	before *past
	// chartDirs remembers which directories hold a Chart.yaml.
	chartDirs *sync.Map
}

// uses reads what the kustomizations name.
func (l *loader) uses(parsed []*document.Parsed) *use {
	workspace := &kustomize.Workspace{
		Inside: func(path string) bool { return l.AllowOutside || l.listing.Holds(path) },
		Wanted: func(kind string) bool { return l.Wanted(kind, nil) },
		Parsed: map[string]*document.Parsed{},
		Added:  func(path string) bool { return l.edited[path] != nil },
		Read: func(path string) (*document.Parsed, error) {
			e := l.listing.Entry(path)
			p := read(e, l.parse)
			if p.File == nil {
				return nil, fmt.Errorf("%s cannot be read", e.Path)
			}
			return p, nil
		},
	}
	u := &use{
		workspace: workspace, byDir: map[string]*kustomize.Kustomization{},
		applied: map[string]bool{}, named: map[string]bool{}, inputs: map[string]kustomize.Role{},
	}
	if l.before != nil {
		workspace.Adopt(l.before.workspace)
	}
	for _, p := range parsed {
		l.kustomization(u, p)
	}
	return u
}

// kustomization takes in one kustomization: it is no object of the cluster, but
// says which files are.
func (l *loader) kustomization(u *use, p *document.Parsed) {
	l.said(p)
	switch {
	case p.File == nil:
		return
	case len(p.Documents) == 1 && p.Documents[0].Root.Kind == yaml.MappingNode:
		u.add(u.workspace.Kustomization(filepath.Dir(p.File.Real), p.Documents[0]))
	case len(p.Problems) == 0 && len(p.Documents) > 0:
		l.tree.Problems = append(l.tree.Problems, source.Problem{Path: p.File.Path, Line: 1, Message: "a kustomization is one mapping, and this is not"})
	}
}

// said takes over what is to be said of a file.
func (l *loader) said(p *document.Parsed) {
	l.tree.Problems = append(l.tree.Problems, p.Problems...)
	l.tree.Skips = append(l.tree.Skips, p.Skips...)
	if p.File != nil {
		l.tree.Files++
		l.tree.Documents += p.Sniffed + len(p.Documents)
	}
}

// read reads one file as far as it holds objects of the tree.
func (l *loader) read(e source.Entry) *document.Parsed {
	role, isInput := l.use.input(e.Real)
	switch {
	case isInput && role != kustomize.Patch:
		return &document.Parsed{Skips: []source.Skip{{Path: e.Path, Reason: KustomizeInputs}}}
	case l.template(e.Real):
		return &document.Parsed{Skips: []source.Skip{{Path: e.Path, Reason: HelmTemplates}}}
	}
	return l.readOnce(e, l.parse)
}

// parse parses what is wanted, and what tells what is applied.
func (l *loader) parse(f *source.File) *document.Parsed {
	return document.Parse(f, func(kind string, text []byte) bool { return gitops(kind) || l.Wanted(kind, text) })
}

// readWhole parses all of a file: a kustomization need not have a kind.
func (l *loader) readWhole(e source.Entry) *document.Parsed { return l.readOnce(e, document.Whole) }

func read(e source.Entry, parse func(*source.File) *document.Parsed) *document.Parsed {
	f, err := e.Read()
	var problem source.Problem
	switch {
	case err == nil:
		return parse(f)
	case errors.As(err, &problem):
		return &document.Parsed{Problems: []source.Problem{problem}}
	default: // source.ErrEncrypted
		return &document.Parsed{Skips: []source.Skip{{Path: e.Path, Reason: EncryptedFiles}}}
	}
}

// add takes over what came out of one file, and its objects where no build has
// them.
func (l *loader) add(p *document.Parsed, path string) {
	l.said(p)
	if _, isInput := l.use.input(path); isInput && p.File != nil {
		l.tree.skip(p.File, 0, KustomizeInputs)
		return
	}
	if p.File == nil || l.use.applied[path] {
		return
	}
	before := len(l.tree.Resources)
	o := opener{Tree: l.tree, unit: l.tree.Units[0]}
	o.unapplied, o.neighbour = l.use.unapplied(path)
	o.documents(p)
	if len(l.tree.Resources) > before {
		l.tree.Set.Add(p.File)
	}
}

// units renders what is applied as one, and takes over its objects.
func (l *loader) units() {
	inflated := l.inflateAll()
	var jobs []func() *rendered
	for _, k := range l.use.roots {
		unit := l.overlayUnit(k)
		jobs = append(jobs, func() *rendered {
			if r := l.unchanged(unit); r != nil {
				return r
			}
			return l.use.overlay(unit, inflated)
		})
	}
	installed := map[string]bool{}
	for _, a := range l.use.charts {
		installed[a.dir] = true
		jobs = append(jobs, func() *rendered { return l.chartUnit(a.dir, &a) })
	}
	for _, e := range l.charts() {
		if dir := filepath.Dir(e.Real); !installed[dir] {
			jobs = append(jobs, func() *rendered { return l.chartUnit(dir, nil) })
		}
	}
	l.rendered = inParallel(jobs, func(job func() *rendered) *rendered { return job() })
	for _, r := range l.rendered {
		l.tree.Units = append(l.tree.Units, r.unit)
		l.tree.Skips = append(l.tree.Skips, r.skips...)
		if r.parsed == nil {
			continue
		}
		before := len(l.tree.Resources)
		o := opener{Tree: l.tree, unit: r.unit, rendered: r}
		o.documents(r.parsed)
		if len(l.tree.Resources) > before {
			l.tree.Set.Add(r.parsed.File)
		}
		if r.unit.Kind == Chart {
			l.drop(r.unit.Path)
		}
	}
}

// drop takes back that the templates of a chart are left out.
func (l *loader) drop(chart string) {
	l.tree.Skips = slices.DeleteFunc(l.tree.Skips, func(s source.Skip) bool {
		return s.Reason == HelmTemplates && (chart == "." || strings.HasPrefix(s.Path, chart+"/"))
	})
}

// overlayUnit is the unit of a root. One that an application amounts to is that
// of the directory that it applies.
func (l *loader) overlayUnit(k *kustomize.Kustomization) *Unit {
	u := &Unit{
		Kind: Overlay, Path: filepath.ToSlash(filepath.Dir(k.File.Path)), Dir: k.Dir, at: k.Span(k.Root).FirstLine(),
		workspace: l.use.workspace, kustomizations: l.use.workspace.Closure(k),
	}
	if a := l.use.applications[k]; a != nil {
		u.Path, u.Dir, u.namespace = l.listing.Entry(a.dir).Path, a.dir, a.namespace
		u.Partial = a.partial
		u.Rendering = "applied by " + a.File.Path
		u.owner = filepath.ToSlash(filepath.Dir(a.File.Path)) + "/" + a.name
	}
	return u
}

// template reports whether the file is a template of a chart.
func (l *loader) template(path string) bool {
	for dir := filepath.Dir(path); path != "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if filepath.Base(dir) == "templates" && l.chart(filepath.Dir(dir)) {
			return true
		}
	}
	return false
}

// chart reports whether dir is a Helm chart.
func (l *loader) chart(dir string) bool {
	if known, ok := l.chartDirs.Load(dir); ok {
		return known.(bool)
	}
	_, err := os.Stat(filepath.Join(dir, "Chart.yaml"))
	l.chartDirs.Store(dir, err == nil)
	return err == nil
}

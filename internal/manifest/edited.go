package manifest

import (
	"fmt"
	"maps"
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/kustomize"
	"github.com/egresslint/egresslint/internal/source"
)

// Edited is the tree as it would be if files had another content, or were
// there. What they have no part in is not read or rendered again, and its
// objects keep their nodes. The tree itself is not changed. It must not be
// called from several goroutines for one tree.
func (t *Tree) Edited(files []*source.File) *Tree {
	old := t.loader
	if old.before == nil {
		old.before = newPast(old)
	}
	l := &loader{
		Options: old.Options, listing: old.listing.With(files), chartDirs: old.chartDirs,
		edited: map[string]*source.File{}, before: old.before,
	}
	for path, f := range old.edited {
		l.edited[path] = f
	}
	for _, f := range files {
		l.edited[f.Real] = f
	}
	l.parseEdited()
	tree := l.load(t.Set)
	l.before.remember(l)
	return tree
}

// Has reports whether a file, or what became of it, is one of those that were
// asked for.
func (t *Tree) Has(f *source.File) bool {
	return slices.ContainsFunc(t.loader.listing.Entries, func(e source.Entry) bool { return e.Real == f.Real })
}

// Covers reports whether a path, absolute and with symbolic links resolved, is one
// of those that were asked for or lies below one.
func (t *Tree) Covers(path string) bool { return t.loader.listing.Holds(path) }

// Sources are the files that were asked for and could be read, with their edits.
func (t *Tree) Sources() []*source.File {
	var all []*source.File
	for _, parsed := range slices.Concat(t.loader.files, t.loader.kustomizations) {
		if parsed.File != nil {
			all = append(all, parsed.File)
		}
	}
	return all
}

// EditedFiles are the files whose content is not that of the disk, in no
// particular order.
func (t *Tree) EditedFiles() []*source.File { return slices.Collect(maps.Values(t.loader.edited)) }

// FileBeside is a new file beside another one, with a name or, where that is
// taken, with a number behind it. It is empty, and not part of the tree.
func (t *Tree) FileBeside(f *source.File, name string) *source.File {
	ext := filepath.Ext(name)
	free := name
	for i := 2; ; i++ {
		beside := filepath.Join(filepath.Dir(f.Real), free)
		if _, err := os.Lstat(beside); err != nil && t.loader.edited[beside] == nil {
			return source.New(slashpath.Join(slashpath.Dir(f.Path), free), beside)
		}
		free = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), i, ext)
	}
}

// past is what trees were made of that differ by edits: what several of them
// have in common is read and rendered once.
type past struct {
	// parsed are the files as they were first read, by their real paths, edited
	// those with edits, by path and content.
	parsed map[string]*document.Parsed
	edited map[string]*document.Parsed
	// units are what the units came to, by their signatures, charts those of
	// kustomizations by their roots.
	units  map[string]*rendered
	charts map[*yaml.Node]inflated
	loose  *Unit
	// workspace is that of the tree without edits.
	workspace *kustomize.Workspace
}

func newPast(l *loader) *past {
	p := &past{map[string]*document.Parsed{}, map[string]*document.Parsed{}, map[string]*rendered{}, map[*yaml.Node]inflated{}, l.tree.Units[0], l.use.workspace}
	for _, parsed := range slices.Concat(l.files, l.kustomizations) {
		if parsed.File != nil {
			p.parsed[parsed.File.Real] = parsed
		}
	}
	for k, parsed := range l.use.workspace.Charts {
		p.charts[k.Root] = inflated{parsed, l.inflatedSkips[k]}
	}
	p.remember(l)
	return p
}

// loose is the unit of the loose files.
func (l *loader) loose() *Unit {
	if l.before != nil {
		return l.before.loose
	}
	return &Unit{Kind: Loose}
}

// remember keeps what the units of a tree came to.
func (p *past) remember(l *loader) {
	for _, r := range l.rendered {
		p.units[l.signature(r.unit)] = r
	}
}

// readOnce reads a file, or takes it as it was read before.
func (l *loader) readOnce(e source.Entry, parse func(*source.File) *document.Parsed) *document.Parsed {
	if l.before == nil {
		return read(e, parse)
	}
	if f := l.edited[e.Real]; f != nil {
		return l.before.edited[e.Real+"\n"+string(f.Src)]
	}
	if known := l.before.parsed[e.Real]; known != nil {
		return known
	}
	return read(e, parse)
}

// parseEdited parses the files with edits, each content once.
func (l *loader) parseEdited() {
	for path, f := range l.edited {
		key := path + "\n" + string(f.Src)
		known := l.before.edited[key]
		if known == nil {
			known = l.parse(f)
			if isKustomization(source.Entry{Path: f.Path, Real: f.Real}) {
				known = document.Whole(f)
			}
			l.before.edited[key] = known
		}
		l.edited[path] = known.File
	}
}

// unchanged is what a unit came to before, nil where edits may change that.
func (l *loader) unchanged(u *Unit) *rendered {
	if l.before == nil {
		return nil
	}
	return l.before.units[l.signature(u)]
}

// signature is the same for a unit that is made of the same files.
func (l *loader) signature(u *Unit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", u.Kind, u.Place(), u.Dir)
	for _, k := range u.kustomizations {
		fmt.Fprintf(&b, "%s %p\n", k.Dir, k.File)
		for _, ref := range k.Refs {
			fmt.Fprintf(&b, "\t%s %d %p\n", ref.Target, ref.Fault, l.edited[ref.Target])
		}
	}
	return b.String()
}

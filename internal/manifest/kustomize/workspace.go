package kustomize

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/sniff"
	"github.com/egresslint/egresslint/internal/source"
)

// Workspace is the kustomizations of a tree and the files that they name. Each
// is read once, however many builds use it. It may be used from several
// goroutines.
type Workspace struct {
	// Inside tells whether a path, absolute and with symbolic links resolved,
	// may be read.
	Inside func(path string) bool
	// Wanted tells which kinds of objects are of interest.
	Wanted func(kind string) bool
	// Parsed are the files that have been read, by their real paths.
	Parsed map[string]*document.Parsed
	// Added tells whether a file among Parsed need not be on the disk. It may be
	// nil.
	Added func(path string) bool
	// Read reads a file that is not among Parsed.
	Read func(path string) (*document.Parsed, error)
	// Charts are the files that Helm charts of a kustomization came to: they
	// are applied with its resources.
	Charts map[*Kustomization][]*document.Parsed

	mu             sync.Mutex
	kustomizations map[string]*Kustomization
	files          map[string]*prepared
	rewritten      map[rewriteKey][]byte
	// patches are the files that some kustomization names as a patch, data those
	// that it embeds.
	patches, data map[string]bool
	parts         []part
}

// prepared is a file as builds see it, by their scope.
type prepared struct {
	once  sync.Once
	texts [4][]byte
	err   error
}

func (p *prepared) text(s scope) []byte { return p.texts[s] }

type rewriteKey struct {
	*Kustomization
	scope
}

// added reports whether a file need not be on the disk.
func (w *Workspace) added(path string) bool { return w.Added != nil && w.Added(path) }

// Adopt takes over the files that another workspace has prepared for builds, save
// those that differ here. That one is not used any more.
func (w *Workspace) Adopt(old *Workspace) {
	w.parts = slices.Clip(old.parts)
	w.files = map[string]*prepared{}
	for path, p := range old.files {
		if !w.added(path) {
			w.files[path] = p
		}
	}
}

// Add makes a kustomization known. Those on the disk that nobody adds are
// found when one names them.
func (w *Workspace) Add(k *Kustomization) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.add(k.Dir, k)
}

func (w *Workspace) add(dir string, k *Kustomization) {
	if w.kustomizations == nil {
		w.kustomizations, w.patches, w.data = map[string]*Kustomization{}, map[string]bool{}, map[string]bool{}
	}
	w.kustomizations[dir] = k
	if k == nil {
		return
	}
	for _, ref := range k.Refs {
		if ref.Target == "" { // it cannot be read
			continue
		}
		w.patches[ref.Target] = w.patches[ref.Target] || ref.Role == Patch
		w.data[ref.Target] = w.data[ref.Target] || ref.Role == Data
	}
}

// At is the kustomization in a directory. It is nil where there is none, or
// none that can be read.
func (w *Workspace) At(dir string) *Kustomization {
	w.mu.Lock()
	known, ok := w.kustomizations[dir]
	w.mu.Unlock()
	if ok {
		return known
	}
	k := w.find(dir)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.add(dir, k)
	return k
}

// find reads the kustomization in a directory that was not searched for any.
func (w *Workspace) find(dir string) *Kustomization {
	path := FileIn(dir)
	if path == "" || !w.Inside(source.Real(path)) {
		return nil
	}
	parsed, err := w.Read(source.Real(path))
	if err != nil || len(parsed.Documents) != 1 || parsed.Documents[0].Root.Kind != yaml.MappingNode {
		return nil
	}
	return w.Kustomization(dir, parsed.Documents[0])
}

// errOutside and errBroken are why a build may not have a file.
var (
	errOutside = errors.New("it lies outside the paths given")
	errBroken  = errors.New("it is not a kustomization that can be read")
)

// file is a file of the tree as builds see it.
func (w *Workspace) file(path string) (*prepared, error) {
	w.mu.Lock()
	if w.files == nil {
		w.files = map[string]*prepared{}
	}
	p := w.files[path]
	if p == nil {
		p = &prepared{}
		w.files[path] = p
	}
	w.mu.Unlock()
	p.once.Do(func() { w.prepare(p, path) })
	return p, p.err
}

// prepare reads, checks, slims and marks a file.
func (w *Workspace) prepare(p *prepared, path string) {
	isPatch, isData := w.roles(path)
	if w.Parsed[path] == nil && isData {
		var text []byte
		if text, p.err = os.ReadFile(path); bomb(text) {
			p.err = errBomb
			return
		}
		p.texts = [4][]byte{text, text, text, text}
		return
	}
	parsed, err := w.parsed(path)
	if p.err = err; err == nil {
		p.err = w.content(p, parsed)
	}
	if isPatch { // what is left in a file is JSON patches
		p.texts[wanted] = p.texts[whole]
	}
}

// roles tells whether some kustomization names a file as a patch, and whether
// one embeds it.
func (w *Workspace) roles(path string) (isPatch, isData bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.patches[path], w.data[path]
}

// parsed is a file as it was parsed.
func (w *Workspace) parsed(path string) (*document.Parsed, error) {
	if parsed := w.Parsed[path]; parsed != nil {
		return parsed, nil
	}
	return w.Read(path)
}

// content makes the texts of a file as builds see it.
func (w *Workspace) content(p *prepared, parsed *document.Parsed) error {
	src := parsed.File.Src
	if deepBomb(src, 0) {
		return errBomb
	}
	edits := w.edits(parsed.Documents)
	var ours bytes.Buffer
	for _, d := range parsed.Documents {
		if len(objectsIn(d.Root, w.Wanted)) > 0 {
			span := d.File.Span(d.Root, d.FirstLine)
			separate(&ours, apply(src, edits, bytes.LastIndexByte(src[:span.From], '\n')+1, span.To))
		}
	}
	all := apply(src, edits, 0, len(src))
	p.texts = [4][]byte{needed: w.needed(src, edits), whole: slim(all), entire: all, wanted: ours.Bytes()}
	return nil
}

// needed is the documents of a text that may be needed. One that cannot be
// divided without being parsed is taken whole.
func (w *Workspace) needed(src []byte, edits []edit) []byte {
	pieces, ok := sniff.Split(src)
	if !ok {
		return apply(src, edits, 0, len(src))
	}
	b := build{Workspace: w, scope: needed}
	var out bytes.Buffer
	for _, d := range pieces {
		if d.Certainty != sniff.HasKind || b.includes(d.Kind) || strings.HasSuffix(d.Kind, "List") {
			separate(&out, apply(src, edits, d.Start, d.End))
		}
	}
	return out.Bytes()
}

// separate adds a document to others.
func separate(out *bytes.Buffer, text []byte) {
	out.WriteString("---\n")
	out.Write(text)
	if !bytes.HasSuffix(text, []byte("\n")) {
		out.WriteString("\n")
	}
}

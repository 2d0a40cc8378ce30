package kustomize

import (
	"bytes"
	"errors"
	"os"
	"sync"

	"github.com/egresslint/egresslint/internal/manifest/document"
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

// prepared is a file as builds see it.
type prepared struct {
	once sync.Once
	all  []byte
	// relevant is all of it that matters: its objects of wanted kinds.
	relevant []byte
	err      error
}

type rewriteKey struct {
	*Kustomization
	relevantOnly bool
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
		switch ref.Role {
		case Patch:
			w.patches[ref.Target] = true
		case Data:
			w.data[ref.Target] = true
		}
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
	if err != nil || len(parsed.Documents) != 1 {
		return nil
	}
	return Read(dir, parsed.Documents[0], w.Inside)
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
	parsed := w.Parsed[path]
	if parsed == nil {
		if w.data[path] {
			p.all, p.err = os.ReadFile(path)
			return
		}
		if parsed, p.err = w.Read(path); p.err != nil {
			return
		}
	}
	p.all, p.relevant, p.err = w.content(parsed)
}

// content is the text of a file as builds see it, and the part of it that
// matters.
func (w *Workspace) content(parsed *document.Parsed) (all, relevant []byte, err error) {
	src := parsed.File.Src
	if bomb(src) {
		return nil, nil, errBomb
	}
	edits := w.edits(parsed.Documents)
	var matters bytes.Buffer
	for _, d := range parsed.Documents {
		if len(objectsIn(d.Root, w.Wanted)) > 0 {
			span := d.File.Span(d.Root, d.FirstLine)
			start := bytes.LastIndexByte(src[:span.From], '\n') + 1
			matters.WriteString("---\n")
			matters.Write(apply(src, edits, start, span.To))
			matters.WriteString("\n")
		}
	}
	return slim(apply(src, edits, 0, len(src))), matters.Bytes(), nil
}

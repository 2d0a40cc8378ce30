// Package baseline keeps the findings that a codebase has already in a file, so
// that only new ones are reported.
package baseline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/atomicfile"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
)

// version is that of the form of the file.
const version = 1

// Baseline is the findings of a file.
type Baseline struct {
	// path is how the file is shown, dir its directory, absolute and with symbolic
	// links resolved.
	path, dir string
	entries   []entry
}

// entry is one finding. What tells it from others is its fingerprint, which has no
// line and no path; the rest is for people.
type entry struct {
	Fingerprint string `json:"fingerprint"`
	Code        string `json:"code"`
	// Path is where the finding was, relative to the file, with slashes.
	Path   string `json:"path"`
	Object string `json:"object"`

	line int
}

// file is the form of the whole.
type file struct {
	Version  int               `json:"version"`
	Findings []json.RawMessage `json:"findings"`
}

// Load reads a file that Write has written.
func Load(path string) (*Baseline, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		var perr *fs.PathError
		if errors.As(err, &perr) {
			err = perr.Err
		}
		return nil, fmt.Errorf("baseline %s: %w", path, err)
	}
	b := &Baseline{path: filepath.ToSlash(path), dir: source.Real(filepath.Dir(path))}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("baseline %s: %w", at(path, text, err), err)
	}
	if f.Version != version {
		return nil, fmt.Errorf("baseline %s: its version is %d, and this program knows version %d: write it anew with --write-baseline", path, f.Version, version)
	}
	offset := 0
	for i, raw := range f.Findings {
		var e entry
		if err := json.Unmarshal(raw, &e); err != nil || e.Fingerprint == "" {
			return nil, fmt.Errorf("baseline %s: finding %d has no fingerprint", path, i+1)
		}
		// Equal entries stand one after the other.
		offset += bytes.Index(text[offset:], raw)
		e.line = 1 + bytes.Count(text[:offset], []byte("\n"))
		offset += len(raw)
		b.entries = append(b.entries, e)
	}
	return b, nil
}

// at is the place of an error of the parser.
func at(path string, text []byte, err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("%s:%d", path, 1+bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n")))
	}
	return path
}

// Write writes findings to a file, a line each, in the order given.
func Write(path string, findings []*lint.Finding) error {
	dir := source.Real(filepath.Dir(path))
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"version\": %d,\n  \"findings\": [", version)
	for i, f := range findings {
		line, err := json.Marshal(entry{Fingerprint: f.Fingerprint, Code: f.Rule.Code, Path: relative(dir, f.At.File), Object: f.Object.Title()})
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n    %s", line)
	}
	if len(findings) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("]\n}\n")
	if err := atomicfile.Write(path, b.Bytes()); err != nil {
		return fmt.Errorf("write the baseline %s: %w", path, err)
	}
	return nil
}

// relative is the path of a file from a directory, so that it is the same on every
// machine.
func relative(dir string, f *source.File) string {
	if rel, err := filepath.Rel(dir, f.Real); f.Real != "" && err == nil {
		return filepath.ToSlash(rel)
	}
	return f.Path
}

// Stale is what the note says about entries that no finding has.
const Stale = "baseline entries that no finding has any more"

// Apply is the result without the findings of the baseline. Entries that no
// finding has are stale, and a note says which: those at paths, absolute and with
// symbolic links resolved, that were read holds for.
func (b *Baseline) Apply(r *lint.Result, read func(path string) bool) *lint.Result {
	left := map[string][]*entry{}
	for i := range b.entries {
		e := &b.entries[i]
		left[e.Fingerprint] = append(left[e.Fingerprint], e)
	}
	r = r.Suppress(func(f *lint.Finding) *lint.Suppression {
		entries := left[f.Fingerprint]
		if len(entries) == 0 {
			return nil
		}
		left[f.Fingerprint] = entries[1:]
		return &lint.Suppression{By: lint.ByBaseline, At: lint.Place{Path: b.path, Line: entries[0].line}}
	})
	for _, f := range r.Suppressed { // it may be suppressed in two ways
		if entries := left[f.Fingerprint]; len(entries) > 0 && f.Suppression.By != lint.ByBaseline {
			left[f.Fingerprint] = entries[1:]
		}
	}
	note := lint.Note{Kind: lint.Stale, Reason: Stale}
	for i := range b.entries {
		e := &b.entries[i]
		if slices.Contains(left[e.Fingerprint], e) && read(filepath.Join(b.dir, filepath.FromSlash(e.Path))) {
			note.Places = append(note.Places, lint.Place{Path: b.path, Line: e.line, Detail: strings.TrimSpace(e.Code + " " + e.Path + " " + e.Object)})
		}
	}
	if note.Count = len(note.Places); note.Count == 0 {
		return r
	}
	return r.WithNote(note)
}

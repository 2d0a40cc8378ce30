package kustomize

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// A build may read so much. Kustomizations that name each other twice grow
// without end.
const (
	maxReads = 3_000
	maxBytes = 1 << 30
)

// confined is the file system that a build sees: the tree, read only, with
// each file checked, and each kustomization rewritten.
type confined struct {
	// FileSystem is the disk. Every method that could touch it is overridden.
	filesys.FileSystem
	*build
}

// ReadFile is the content of a file as the build may see it.
func (c *confined) ReadFile(path string) ([]byte, error) {
	text, err := c.read(path)
	if err != nil {
		return nil, err
	}
	c.reads++
	if c.bytes += len(text); c.reads > maxReads || c.bytes > maxBytes {
		return nil, fmt.Errorf("the build reads more than %d files or %d bytes", maxReads, maxBytes)
	}
	return text, nil
}

func (c *confined) read(path string) ([]byte, error) {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	if number, ok := strings.CutPrefix(name, chartPrefix); ok {
		return c.chart(c.At(dir), strings.TrimSuffix(number, ".yaml"))
	}
	if slices.Contains(FileNames, name) {
		return c.kustomization(dir, path)
	}
	resolved := filepath.Clean(path)
	if !c.added(resolved) {
		var err error
		if resolved, err = filepath.EvalSymlinks(path); err != nil {
			return nil, fs.ErrNotExist
		}
		if !c.Inside(resolved) {
			return nil, errOutside
		}
		if info, err := os.Stat(resolved); err != nil || !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is no file", name)
		}
	}
	p, err := c.file(resolved)
	if err != nil {
		return nil, err
	}
	return p.text(c.scope), nil
}

// kustomization is the one of a directory. There may be files of all the names
// that make one; kustomize refuses more than one itself.
func (c *confined) kustomization(dir, path string) ([]byte, error) {
	k := c.At(dir)
	if k == nil {
		if FileIn(dir) == "" {
			return nil, fs.ErrNotExist
		}
		return nil, errBroken
	}
	if _, err := os.Stat(path); err != nil && (!made(dir) || filepath.Base(path) != FileNames[0]) {
		return nil, fs.ErrNotExist
	}
	return c.rewrittenOnce(k)
}

// MadeDir is a directory that does not exist, for a kustomization that no file
// holds.
func MadeDir(number int) string {
	return filepath.Join(string(filepath.Separator), ".egresslint", strconv.Itoa(number))
}

// made reports whether a directory is one of MadeDir.
func made(dir string) bool {
	return filepath.Dir(dir) == filepath.Join(string(filepath.Separator), ".egresslint")
}

// chartPrefix begins the names of files that exist only for builds: what the
// charts of a kustomization came to.
const chartPrefix = ".egresslint-chart-"

func (c *confined) chart(k *Kustomization, number string) ([]byte, error) {
	i, err := strconv.Atoi(number)
	if err != nil || k == nil || i < 0 || i >= len(c.Charts[k]) {
		return nil, fs.ErrNotExist
	}
	p := &prepared{}
	p.err = c.content(p, c.Charts[k][i])
	return p.text(c.scope), p.err
}

// CleanedAbs divides a path that exists into directory and file.
func (c *confined) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	if clean := filepath.Clean(path); made(clean) && c.At(clean) != nil {
		return filesys.ConfirmedDir(clean), "", nil
	}
	if clean := filepath.Clean(path); c.added(clean) {
		return filesys.ConfirmedDir(filepath.Dir(clean)), filepath.Base(clean), nil
	}
	dir, name, err := c.FileSystem.CleanedAbs(path)
	if err == nil && !c.Inside(string(dir)) && !c.Inside(dir.Join(name)) {
		return "", "", errOutside
	}
	return dir, name, err
}

// Exists is true for what the build may read.
func (c *confined) Exists(path string) bool {
	_, _, err := c.CleanedAbs(path)
	return err == nil
}

// IsDir is true for a directory that the build may read.
func (c *confined) IsDir(path string) bool {
	_, name, err := c.CleanedAbs(path)
	return err == nil && name == ""
}

// ReadDir is refused, as is everything below: no build of ours needs it.
func (c *confined) ReadDir(string) ([]string, error) { return nil, fs.ErrPermission }

// Glob is refused.
func (c *confined) Glob(string) ([]string, error) { return nil, fs.ErrPermission }

// Walk is refused.
func (c *confined) Walk(string, filepath.WalkFunc) error { return fs.ErrPermission }

// Open is refused.
func (c *confined) Open(string) (filesys.File, error) { return nil, fs.ErrPermission }

// Create is refused.
func (c *confined) Create(string) (filesys.File, error) { return nil, fs.ErrPermission }

// WriteFile is refused.
func (c *confined) WriteFile(string, []byte) error { return fs.ErrPermission }

// Mkdir is refused.
func (c *confined) Mkdir(string) error { return fs.ErrPermission }

// MkdirAll is refused.
func (c *confined) MkdirAll(string) error { return fs.ErrPermission }

// RemoveAll is refused.
func (c *confined) RemoveAll(string) error { return fs.ErrPermission }

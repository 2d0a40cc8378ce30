// Package revision puts the files of a git revision into a temporary directory. It
// only reads the repository: neither the checkout nor the index nor anything in
// .git is touched.
package revision

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/source"
)

// Tree is the files of a revision. It is not for several goroutines.
type Tree struct {
	// Root is the root of the repository, Dir the directory that stands for it; both
	// are absolute, with symbolic links resolved.
	Root, Dir string
	// Commit is the name of the commit.
	Commit string
	// Submodules are left out. They are paths below Root, with slashes.
	Submodules []string
}

// Checkout writes the files that a revision has at or below some paths, and the
// .gitignore files that hold there, to a new directory; with whole all files of
// the repository. The paths need not exist at the revision. The error says why the
// revision cannot be read.
func Checkout(ctx context.Context, rev string, paths []string, whole bool) (*Tree, error) {
	root, err := repository(paths)
	if err != nil {
		return nil, err
	}
	g := git{ctx, root}
	t := &Tree{Root: root}
	if t.Commit, err = g.commit(rev); err != nil {
		return nil, err
	}
	entries, err := g.list(t.Commit)
	if err != nil {
		return nil, err
	}
	if !whole {
		entries = below(entries, t.relative(paths))
	}
	if t.Dir, err = os.MkdirTemp("", "egresslint-"); err != nil {
		return nil, err
	}
	t.Dir = source.Real(t.Dir)
	if err := t.fill(g, entries); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Path is where a path of the working tree lies in the directory.
func (t *Tree) Path(path string) string {
	rel, err := filepath.Rel(t.Root, source.Real(path))
	if err != nil {
		return path
	}
	return filepath.Join(t.Dir, rel)
}

// Has reports whether the revision has something at a path of the working tree.
func (t *Tree) Has(path string) bool {
	_, err := os.Lstat(t.Path(path))
	return err == nil
}

// Close removes the directory.
func (t *Tree) Close() error { return os.RemoveAll(t.Dir) }

// repository is the one repository that all paths lie in.
func repository(paths []string) (string, error) {
	root := ""
	for _, path := range paths {
		switch at := source.Repository(path); {
		case at == "":
			return "", fmt.Errorf("%s lies in no git repository", path)
		case root != "" && at != root:
			return "", fmt.Errorf("the paths lie in several git repositories: %s and %s", root, at)
		default:
			root = at
		}
	}
	return root, nil
}

// relative is the paths below the root, with slashes; "." is the root itself.
func (t *Tree) relative(paths []string) []string {
	var all []string
	for _, path := range paths {
		if rel, err := filepath.Rel(t.Root, source.Real(path)); err == nil {
			all = append(all, filepath.ToSlash(rel))
		}
	}
	return all
}

// below are the entries at or below some paths, and what says which of them are
// ignored.
func below(entries []entry, paths []string) []entry {
	return slices.DeleteFunc(entries, func(e entry) bool {
		dir, ignores := strings.CutSuffix(e.path, ".gitignore")
		return !slices.ContainsFunc(paths, func(path string) bool {
			return path == "." || e.path == path || strings.HasPrefix(e.path, path+"/") || ignores && strings.HasPrefix(path+"/", dir)
		})
	})
}

// fill writes the entries. The directory looks like a repository, so that ignored
// files are told as in the checkout.
func (t *Tree) fill(g git, entries []entry) error {
	dir, err := os.OpenRoot(t.Dir)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // it is only a handle
	if err := dir.Mkdir(".git", 0o700); err != nil {
		return err
	}
	var files []entry
	for _, e := range entries {
		switch {
		case e.mode == submodule:
			t.Submodules = append(t.Submodules, e.path)
		case !safe(e.path):
			return fmt.Errorf("the revision has a file %q, which git does not allow", e.path)
		default:
			files = append(files, e)
		}
	}
	return g.read(files, func(e entry, text []byte) error { return put(dir, e, text) })
}

// safe holds for paths that git itself would write.
func safe(path string) bool {
	return filepath.IsLocal(filepath.FromSlash(path)) && !slices.ContainsFunc(strings.Split(path, "/"), func(name string) bool {
		return name == "" || name == "." || name == ".." || strings.EqualFold(name, ".git")
	})
}

// put writes one file, never through a symbolic link.
func put(dir *os.Root, e entry, text []byte) error {
	name := filepath.FromSlash(e.path)
	parent := filepath.Dir(name)
	if err := dir.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	for at := parent; at != "."; at = filepath.Dir(at) {
		if info, err := dir.Lstat(at); err != nil || !info.IsDir() {
			return errors.Join(err, fmt.Errorf("the revision has a file below %q, which is no directory", at))
		}
	}
	if e.mode == symlink {
		return dir.Symlink(string(text), name)
	}
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fs.FileMode(0o600))
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

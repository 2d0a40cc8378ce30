package source

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/source/gitignore"
)

// Stdin is the path that stands for standard input.
const Stdin = "-"

// StdinPath is how standard input is shown.
const StdinPath = "<stdin>"

// DotDirectories is why a directory whose name begins with a dot is left out.
const DotDirectories = "dot-directories"

// SpecialFiles is why a pipe, a socket or a device in a tree is left out.
const SpecialFiles = "special files"

// DanglingLinks is why a symbolic link without a target is left out.
const DanglingLinks = "dangling symbolic links"

// Listing is what Walk found.
type Listing struct {
	// Entries are the files to read, in the order of the paths given and
	// below each in the order of names. No file is in it twice.
	Entries  []Entry
	Problems []Problem
	Skips    []Skip
	// roots are the directories that were given, and those of given files.
	roots []item
}

// Holds reports whether a path, absolute and with symbolic links resolved, is
// one of those given or lies below one.
func (l *Listing) Holds(path string) bool {
	return slices.ContainsFunc(l.roots, func(root item) bool { return below(root.resolved, path) })
}

func below(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// Entry is the entry of a file that the walk has left out, or has not met. It
// takes a path that is absolute, with symbolic links resolved.
func (l *Listing) Entry(resolved string) Entry {
	for _, root := range l.roots {
		if rel, err := filepath.Rel(root.resolved, resolved); err == nil && below(root.resolved, resolved) {
			return Entry{Path: path.Join(root.shown, filepath.ToSlash(rel)), Real: resolved}
		}
	}
	return Entry{Path: filepath.ToSlash(resolved), Real: resolved}
}

// With is the listing with files added that are not in it.
func (l *Listing) With(files []*File) *Listing {
	with := *l
	with.Entries = slices.Clip(l.Entries)
	for _, f := range files {
		if !slices.ContainsFunc(with.Entries, func(e Entry) bool { return e.Real == f.Real }) {
			with.Entries = append(with.Entries, Entry{Path: f.Path, Real: f.Real})
		}
	}
	return &with
}

// Excluded is why a file is left out that the settings exclude.
const Excluded = "files that the settings exclude"

// Without is the listing without the files that excluded holds for, by their
// absolute paths with symbolic links resolved.
func (l *Listing) Without(excluded func(path string) bool) *Listing {
	rest := *l
	rest.Entries, rest.Skips = nil, slices.Clip(l.Skips)
	for _, e := range l.Entries {
		if e.Real != "" && excluded(e.Real) {
			rest.Skips = append(rest.Skips, Skip{Path: e.Path, Reason: Excluded})
			continue
		}
		rest.Entries = append(rest.Entries, e)
	}
	return &rest
}

// Named is the listing with a name for what is read from standard input: it takes
// the place of that file.
func (l *Listing) Named(path string) *Listing {
	named := *l
	resolved := Real(path)
	named.Entries = nil
	for _, e := range l.Entries {
		switch {
		case e.stdin != nil:
			named.Entries = append(named.Entries, Entry{filepath.ToSlash(filepath.Clean(path)), resolved, e.stdin})
		case e.Real != resolved:
			named.Entries = append(named.Entries, e)
		}
	}
	return &named
}

// Entry is a file that waits to be read.
type Entry struct {
	// Path is how the file is shown to the user, with slashes.
	Path string
	// Real is the absolute path with symbolic links resolved, or "" for
	// standard input.
	Real string

	stdin io.Reader
}

// Walk lists the YAML and JSON files of the given paths: a file is taken
// whatever its name, a directory is searched, and "-" stands for stdin. What
// a .gitignore excludes and directories whose names begin with a dot are left
// out, unless they are given themselves. Symbolic links are followed, and
// what is reached twice is listed once.
func Walk(paths []string, stdin io.Reader) *Listing {
	w := &walker{seen: map[string]bool{}}
	for _, given := range paths {
		switch {
		case given != Stdin:
			w.given(given)
		case w.first(Stdin):
			w.Entries = append(w.Entries, Entry{Path: StdinPath, stdin: stdin})
		}
	}
	// Links come last: a file reached both ways is shown under its own name.
	for len(w.links) > 0 {
		next := w.links[0]
		w.links = w.links[1:]
		w.link(next)
	}
	for _, left := range w.left {
		if !w.seen[left.resolved] { // it may have been given itself
			w.Skips = append(w.Skips, left.Skip)
		}
	}
	return &w.Listing
}

type walker struct {
	Listing
	seen  map[string]bool // real paths of files and directories
	links []item
	left  []leftOut
}

// leftOut is what was left out on the way.
type leftOut struct {
	Skip
	resolved string
}

// item is one name on the way: how it is shown, and where it lies. The resolved
// path has its links resolved, save perhaps the last element.
type item struct {
	shown, resolved string
	ignore          ignorer
}

// ignorer is the .gitignore files that hold in a directory. They see paths
// relative to root, which is the repository's root where there is one.
type ignorer struct {
	root    string
	matcher *gitignore.Matcher
}

func (w *walker) given(given string) {
	shown := filepath.ToSlash(filepath.Clean(given))
	resolved, err := filepath.Abs(given)
	if err == nil {
		resolved, err = filepath.EvalSymlinks(resolved)
	}
	var info fs.FileInfo
	if err == nil {
		info, err = os.Stat(resolved)
	}
	if errors.Is(err, fs.ErrNotExist) {
		w.Problems = append(w.Problems, Problem{Path: shown, Message: "no such file or directory"})
		return
	}
	if err != nil {
		w.Problems = append(w.Problems, problem(shown, err))
		return
	}
	if !info.IsDir() {
		w.roots = append(w.roots, item{shown: path.Dir(shown), resolved: filepath.Dir(resolved)})
		w.file(shown, resolved)
		return
	}
	w.roots = append(w.roots, item{shown: shown, resolved: resolved})
	w.dir(item{shown, resolved, above(resolved)})
}

// above collects the .gitignore files from the root of dir's repository down
// to the parent of dir. Without a repository, only what lies in dir counts.
func above(dir string) ignorer {
	root := repository(dir)
	if root == "" || root == dir {
		return ignorer{root: dir}
	}
	ig := ignorer{root: root}
	rel, _ := filepath.Rel(root, filepath.Dir(dir)) // dir lies below root
	ig = ig.enter(root)
	if rel == "." {
		return ig
	}
	at := root
	for name := range strings.SplitSeq(rel, string(filepath.Separator)) {
		at = filepath.Join(at, name)
		ig = ig.enter(at)
	}
	return ig
}

// Repository is the root of the git repository that holds a path, absolute and
// with symbolic links resolved. It is "" where there is none.
func Repository(path string) string { return repository(Real(path)) }

// Real is the absolute path with symbolic links resolved, as far as it exists.
func Real(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		return resolved
	}
	if parent := filepath.Dir(abs); parent != abs {
		return filepath.Join(Real(parent), filepath.Base(abs))
	}
	return abs
}

// Shown is a path as people know it, with slashes: from the working directory
// where it lies below that.
func Shown(path string) string {
	if rel, err := filepath.Rel(Real("."), Real(path)); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}

// repository is the nearest directory at or above dir that holds a .git, or "".
func repository(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// enter adds the .gitignore of dir, which lies at or below the root. One that
// cannot be read excludes nothing: then too much is read, and nothing missed.
func (ig ignorer) enter(dir string) ignorer {
	text, err := os.ReadFile(filepath.Join(dir, ".gitignore"))
	if err != nil {
		return ig
	}
	return ignorer{ig.root, gitignore.Parse(ig.rel(dir), text, ig.matcher)}
}

// rel is resolved below the root with slashes, "" for the root itself.
func (ig ignorer) rel(resolved string) string {
	rel := strings.TrimPrefix(resolved, ig.root)
	return strings.Trim(filepath.ToSlash(rel), "/")
}

// first reports whether resolved was not seen before, and remembers it.
func (w *walker) first(resolved string) bool {
	if w.seen[resolved] {
		return false
	}
	w.seen[resolved] = true
	return true
}

func (w *walker) file(shown, resolved string) {
	if w.first(resolved) {
		w.Entries = append(w.Entries, Entry{Path: shown, Real: resolved})
	}
}

func (w *walker) dir(d item) {
	if !w.first(d.resolved) {
		return
	}
	entries, err := os.ReadDir(d.resolved)
	if err != nil {
		w.Problems = append(w.Problems, problem(d.shown, err))
		return
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitignore" }) {
		d.ignore = d.ignore.enter(d.resolved)
	}
	for _, e := range entries {
		child := item{path.Join(d.shown, e.Name()), filepath.Join(d.resolved, e.Name()), d.ignore}
		w.child(child, e.Type())
	}
}

// child looks at one entry of a directory.
func (w *walker) child(c item, mode fs.FileMode) {
	if path.Base(c.shown) == ".git" || c.ignore.matcher.Ignored(c.ignore.rel(c.resolved), mode.IsDir()) {
		return
	}
	w.take(c, mode)
}

// take sorts what is not ignored.
func (w *walker) take(c item, mode fs.FileMode) {
	name := path.Base(c.shown)
	switch {
	case mode&fs.ModeSymlink != 0:
		w.links = append(w.links, c)
	case mode.IsDir() && strings.HasPrefix(name, "."):
		w.skip(c, DotDirectories)
	case mode.IsDir():
		w.dir(c)
	case !manifestName(name):
	case !mode.IsRegular():
		w.skip(c, SpecialFiles)
	default:
		w.file(c.shown, c.resolved)
	}
}

func (w *walker) skip(c item, reason string) {
	w.left = append(w.left, leftOut{Skip{Path: c.shown, Reason: reason}, c.resolved})
}

// link follows a symbolic link. A loop ends because every directory is
// entered once.
func (w *walker) link(l item) {
	name := path.Base(l.shown)
	resolved, err := filepath.EvalSymlinks(l.resolved)
	if err != nil {
		if manifestName(name) {
			w.skip(l, DanglingLinks)
		}
		return
	}
	info, err := os.Stat(resolved)
	if err != nil {
		w.Problems = append(w.Problems, problem(l.shown, err))
		return
	}
	// The target may lie in another repository, or in none.
	w.take(item{l.shown, resolved, above(resolved)}, info.Mode().Type())
}

// manifestName reports whether a file of this name may hold manifests.
func manifestName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return name == "Kustomization"
}

// ErrEncrypted is returned for a file that git-crypt has encrypted.
var ErrEncrypted = errors.New("encrypted by git-crypt")

// Read reads the file. The error is ErrEncrypted, or a Problem where the file
// cannot be read or is no text in UTF-8.
func (e Entry) Read() (*File, error) {
	if e.stdin != nil {
		src, err := io.ReadAll(e.stdin)
		if err != nil {
			return nil, problem(e.Path, err)
		}
		return check(newFile(e.Path, e.Real, src))
	}
	src, err := os.ReadFile(e.Real)
	if err != nil {
		return nil, problem(e.Path, err)
	}
	return check(newFile(e.Path, e.Real, src))
}

// check refuses what is not text in UTF-8, instead of guessing what it means.
func check(f *File) (*File, error) {
	switch {
	case bytes.HasPrefix(f.Src, []byte("\x00GITCRYPT\x00")):
		return nil, ErrEncrypted
	case bytes.HasPrefix(f.Src, []byte("\xff\xfe")), bytes.HasPrefix(f.Src, []byte("\xfe\xff")):
		return nil, Problem{Path: f.Path, Message: "UTF-16 text: convert it to UTF-8"}
	}
	if i := bytes.IndexByte(f.Src, 0); i >= 0 {
		at := f.Position(i)
		return nil, Problem{Path: f.Path, Line: at.Line, Column: at.Column, Message: "a NUL byte: this is not a text file"}
	}
	return f, nil
}

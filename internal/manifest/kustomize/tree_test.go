package kustomize

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// writeArchive writes an archive to a new directory and returns it. An archive
// cannot say everything about a file, so lines of its comment may:
//
//	link: name target     a symbolic link
//	crlf: name            lines that end in CR LF
//	unended: name         no line break at the end
func writeArchive(t *testing.T, path string) string {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := writeFiles(t, archive.Files)
	for line := range strings.Lines(string(archive.Comment)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch names := strings.Fields(rest); word {
		case "link":
			link(t, names[1], filepath.Join(dir, names[0]))
		case "crlf":
			change(t, filepath.Join(dir, names[0]), func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })
		case "unended":
			change(t, filepath.Join(dir, names[0]), func(s string) string { return strings.TrimSuffix(s, "\n") })
		}
	}
	return dir
}

// writeText writes an archive that is given as a text.
func writeText(t *testing.T, archive string) string {
	t.Helper()
	return writeFiles(t, txtar.Parse([]byte(archive)).Files)
}

func writeFiles(t *testing.T, files []txtar.File) string {
	t.Helper()
	tree, err := txtar.FS(&txtar.Archive{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir()) // as kustomizations are resolved
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, tree); err != nil {
		t.Fatal(err)
	}
	return dir
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.FromSlash(target), name); err != nil {
		t.Skip("no symbolic links here:", err)
	}
}

func change(t *testing.T, path string, do func(string) string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(do(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
}

// applied holds for the kinds that the tests look at.
func applied(kind string) bool {
	switch kind {
	case "NetworkPolicy", "Namespace", "Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Service":
		return true
	}
	return false
}

// tree is a directory with kustomizations, read as a run of the program does.
type tree struct {
	*Workspace
	root string
	// all are its kustomizations, in the order of their directories.
	all []*Kustomization
}

// readTree finds the kustomizations below root that can be read.
func readTree(t *testing.T, root string) *tree {
	t.Helper()
	inside := func(path string) bool {
		return path == root || strings.HasPrefix(path, root+string(filepath.Separator))
	}
	r := &tree{root: root, Workspace: &Workspace{
		Inside: inside, Wanted: applied, Parsed: map[string]*document.Parsed{},
		Read: func(path string) (*document.Parsed, error) {
			f, err := source.Entry{Path: path, Real: path}.Read()
			if err != nil {
				return nil, err
			}
			return document.Parse(f, func(kind string, _ []byte) bool { return applied(kind) }), nil
		},
	}}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || !slices.Contains(FileNames, e.Name()) {
			return err
		}
		f, err := source.Entry{Path: path, Real: path}.Read()
		if err != nil {
			return nil //nolint:nilerr // other bytes than text are no kustomization
		}
		p := document.Whole(f)
		if len(p.Documents) == 1 && p.Documents[0].Root.Kind == yaml.MappingNode {
			k := r.Kustomization(filepath.Dir(path), p.Documents[0])
			r.Add(k)
			r.all = append(r.all, k)
			r.parse(t, k)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// parse reads the files that a kustomization applies or patches with.
func (r *tree) parse(t *testing.T, k *Kustomization) {
	t.Helper()
	for _, ref := range k.Refs {
		if ref.Fault != None || ref.IsDir || ref.Role != Resource && ref.Role != Patch {
			continue
		}
		if info, err := os.Stat(ref.Target); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if p, err := r.Read(ref.Target); err == nil {
			r.Parsed[ref.Target] = p
		}
	}
}

// shown is a directory relative to the root, with slashes.
func (r *tree) shown(dir string) string {
	rel, err := filepath.Rel(r.root, dir)
	if err != nil {
		return dir
	}
	return filepath.ToSlash(rel)
}

// build builds one directory, named relative to the root.
func (r *tree) build(dir string) ([]Object, error) {
	return r.Build(filepath.Join(r.root, filepath.FromSlash(dir)), false)
}

// names are the kinds and names of objects, in the order of texts.
func names(objects []Object) []string {
	var all []string
	for _, o := range objects {
		for _, root := range parsed(o.YAML) {
			all = append(all, fmt.Sprintf("%s %s", node.Text(node.Field(root.Root, "kind")), node.Text(node.Field(node.Field(root.Root, "metadata"), "name"))))
		}
	}
	slices.Sort(all)
	return all
}

func parsed(text []byte) []document.Document {
	return document.Whole(source.Made("object", text)).Documents
}

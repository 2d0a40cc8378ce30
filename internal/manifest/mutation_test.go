package manifest

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// mutations is how many damaged trees are loaded.
const mutations = 100

// TestLoadMutations damages a tree in ways that happen, and loads it. However
// it comes out, nothing of it is lost without a word.
func TestLoadMutations(t *testing.T) {
	path, err := filepath.Abs(filepath.Join("testdata", "mutation", "tree.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	archive := readArchive(t, path)
	for seed := range uint64(mutations) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			m := mutator{T: t, Rand: rand.New(rand.NewPCG(seed, 1)), dir: enterTree(t, archive.Files)}
			for range seed%3 + min(seed, 1) { // the first is whole
				m.mutate()
			}
			tree := loadPaths(".")
			checkNothingLost(t, tree)
			if again := summary(loadPaths(".")); again != summary(tree) {
				t.Errorf("it comes out another way the second time:\n%s\nand before:\n%s", again, summary(tree))
			}
			if t.Failed() {
				t.Logf("%s\n%s", strings.Join(m.done, "\n"), summary(tree))
			}
		})
	}
}

// mutator damages the tree in dir.
type mutator struct {
	*testing.T
	*rand.Rand
	dir  string
	done []string
}

// mutate does one thing to one file.
func (m *mutator) mutate() {
	all := m.files()
	a, b := all[m.IntN(len(all))], all[m.IntN(len(all))]
	text, err := os.ReadFile(a)
	if err != nil {
		return // a link that leads nowhere
	}
	at := m.IntN(len(text) + 1)
	end := at + m.IntN(min(len(text)-at, 40)+1)
	pieces := []string{"\n---\n", "{", "}", "\t", "- ", "&a ", "*a", ": ", "#", "\r\n", "'", "|", "\x00", "\xff", "..", "!!x ", "<<: *a\n", "kind: List\n", "\ufeff"}
	piece := pieces[m.IntN(len(pieces))]
	moved := filepath.Join(filepath.Dir(b), filepath.Base(a))
	switch op := m.IntN(13); op {
	case 0:
		m.note("rename %s", a)
		m.check(os.Rename(a, filepath.Join(filepath.Dir(a), "renamed-"+filepath.Base(a))))
	case 1:
		m.note("move %s to %s", a, moved)
		m.check(os.Rename(a, moved))
	case 2, 3:
		m.note("cut %d to %d of %s", at, end, a)
		m.write(a, slices.Concat(text[:at], text[end:]))
	case 4, 5:
		m.note("insert %q at %d of %s", piece, at, a)
		m.write(a, slices.Concat(text[:at], []byte(piece), text[at:]))
	case 6:
		m.note("drop %s", a)
		m.check(os.Remove(a))
	case 7:
		m.note("copy %s to %s", a, moved)
		m.write(moved, text)
	case 8:
		m.note("swap %s and %s", a, b)
		if other, err := os.ReadFile(b); err == nil {
			m.write(a, other)
			m.write(b, text)
		}
	case 9:
		m.note("make %s a directory", a)
		m.check(os.Remove(a))
		m.check(os.Mkdir(a, 0o700))
		m.write(filepath.Join(a, filepath.Base(a)), text)
	case 10:
		m.note("make %s a link to %s", a, b)
		m.check(os.Remove(a))
		m.check(os.Symlink(b, a))
	case 11:
		m.note("make %s a link to the directory of %s", a, b)
		m.check(os.Remove(a))
		m.check(os.Symlink(filepath.Dir(b), a))
	case 12:
		m.note("cut %s short at %d", a, at)
		m.write(a, text[:at])
	}
}

// files are those of the tree, and the links.
func (m *mutator) files() []string {
	var all []string
	err := filepath.WalkDir(m.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	})
	m.check(err)
	return all
}

func (m *mutator) note(format string, args ...any) {
	m.done = append(m.done, strings.ReplaceAll(fmt.Sprintf(format, args...), m.dir+string(filepath.Separator), ""))
}

func (m *mutator) write(path string, text []byte) { m.check(os.WriteFile(path, text, 0o600)) }

func (m *mutator) check(err error) {
	m.Helper()
	if err != nil {
		m.Skip(strings.Join(m.done, "\n"), err)
	}
}

// checkNothingLost looks at every file that a walk finds. Each object in it is
// the source of a resource or part of one; or something is said of the file.
func checkNothingLost(t *testing.T, tree *Tree) {
	t.Helper()
	said := map[string]bool{}
	for _, p := range tree.Problems {
		said[p.Path] = true
	}
	for _, s := range tree.Skips {
		said[s.Path] = true
	}
	used := sources(tree)
	for _, e := range source.Walk([]string{"."}, nil).Entries {
		f, err := e.Read()
		if said[e.Path] || err == nil && isKustomization(e) && used[e.Real] {
			continue
		}
		if err != nil {
			t.Errorf("%s cannot be read, and nothing says so: %v", e.Path, err)
			continue
		}
		if piece := brokenPiece(f.Src); piece != "" && !isKustomization(e) {
			t.Errorf("%s is broken, and nothing says so:\n%s", e.Path, piece)
		}
		whole := document.Whole(f)
		for _, d := range whole.Documents {
			if isKustomization(e) {
				if kind := node.Text(node.Field(d.Root, "kind")); kind != "Component" && d.Root.Kind == yaml.MappingNode {
					t.Errorf("%s is no part of a unit, and nothing says so", e.Path)
				}
				continue
			}
			for _, object := range objectsOf(d.Root) {
				line := d.Span(object).Start().Line
				if !used[objectAt(e.Real, line)] {
					t.Errorf("the object at %s:%d is lost", e.Path, line)
				}
			}
		}
	}
}

// brokenPiece is a document that cannot be parsed and speaks of its kind. One
// that does not is none of Kubernetes, and need not be parsed.
func brokenPiece(src []byte) string {
	for piece := range strings.SplitSeq(string(src), "\n---") {
		if strings.HasPrefix(piece, "kind:") || strings.Contains(piece, "\nkind:") {
			if p := document.Whole(source.Made("piece", []byte(piece))); len(p.Problems) > 0 {
				return piece
			}
		}
	}
	return ""
}

func objectAt(path string, line int) string { return fmt.Sprintf("%s:%d", path, line) }

// sources are the objects that resources were made of, and the kustomizations
// that units were.
func sources(tree *Tree) map[string]bool {
	all := map[string]bool{}
	for _, u := range tree.Units {
		for _, k := range u.kustomizations {
			all[k.File.Real] = true
		}
	}
	for _, r := range tree.Resources {
		all[objectAt(r.File.Real, r.Document().Start().Line)] = true
		for _, part := range r.parts {
			all[objectAt(part.File.Real, part.Span(part.Root).Start().Line)] = true
		}
	}
	return all
}

// objectsOf are the objects of a document, which may be a list of them.
func objectsOf(root *yaml.Node) []*yaml.Node {
	kind := node.Text(node.Field(root, "kind"))
	if items := node.Items(node.Field(root, "items")); strings.HasSuffix(kind, "List") {
		var all []*yaml.Node
		for _, item := range items {
			all = append(all, objectsOf(item)...)
		}
		return all
	}
	if kind == "" || node.Text(node.Field(root, "apiVersion")) == "" || !withoutConfigMaps(kind, nil) {
		return nil
	}
	return []*yaml.Node{node.Resolve(root)}
}

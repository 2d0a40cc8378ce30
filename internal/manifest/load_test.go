package manifest

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/egresslint/egresslint/internal/source"
)

// The trees are archives of testdata/load: what each is about, perhaps a line
// "paths: ..." with what is given to Walk, the files, and what is to come out
// as the last file, named want.
const wantFile = "want"

var update = flag.Bool("update", false, "write what comes out into the archives")

// TestLoad loads each tree.
func TestLoad(t *testing.T) {
	for _, path := range archives(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive := readArchive(t, path)
			paths := []string{"."}
			for line := range strings.Lines(string(archive.Comment)) {
				if given, ok := strings.CutPrefix(line, "paths:"); ok {
					paths = strings.Fields(given)
				}
			}
			last := len(archive.Files) - 1
			if last < 0 || archive.Files[last].Name != wantFile {
				t.Fatalf("%s does not end with what is wanted", path)
			}
			enterTree(t, archive.Files[:last])
			got, want := summary(loadPaths(paths...)), string(archive.Files[last].Data)
			if *update && got != want {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func archives(tb testing.TB) []string {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "load", "*.txtar"))
	if err != nil || len(paths) == 0 {
		tb.Fatal("no archives", err)
	}
	for i := range paths {
		if paths[i], err = filepath.Abs(paths[i]); err != nil {
			tb.Fatal(err)
		}
	}
	return paths
}

func readArchive(tb testing.TB, path string) *txtar.Archive {
	tb.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return archive
}

// enterTree writes files to a new directory, which becomes the current one.
func enterTree(t *testing.T, files []txtar.File) string {
	t.Helper()
	tree, err := txtar.FS(&txtar.Archive{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	return enter(t, tree)
}

func enter(t *testing.T, tree fs.FS) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir()) // as units are resolved
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, tree); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	return dir
}

// withoutConfigMaps leaves out one kind, so that it shows what is not parsed,
// and as a caller may do all lists, which are to be opened nevertheless.
func withoutConfigMaps(kind string, _ []byte) bool {
	return kind != "ConfigMap" && !strings.HasSuffix(kind, "List")
}

func everything(string, []byte) bool { return true }

func loadPaths(paths ...string) *Tree {
	return Load(source.Walk(paths, strings.NewReader("")), Options{Wanted: withoutConfigMaps, NoHelm: true})
}

// loadText loads one file as if it came from standard input.
func loadText(text string) *Tree {
	return Load(source.Walk([]string{"-"}, strings.NewReader(text)), Options{Wanted: everything})
}

// only is the one resource of a text.
func only(t *testing.T, text string) *Resource {
	t.Helper()
	tree := loadText(text)
	if len(tree.Resources) != 1 || len(tree.Problems) > 0 {
		t.Fatalf("%d resources, problems %v in\n%s", len(tree.Resources), tree.Problems, text)
	}
	return tree.Resources[0]
}

// summary is a tree in lines: resources, problems, skips and counts.
func summary(t *Tree) string {
	var b strings.Builder
	for _, r := range t.Resources {
		at := r.Written(r.Document())
		fmt.Fprintf(&b, "%s %s/%s %s:%d", r.Kind, r.Namespace, r.Name, at.File.Path, at.Start().Line)
		if r.Unit.Kind != Loose {
			fmt.Fprintf(&b, " in %s", r.Unit.Path)
		}
		if r.Unapplied != "" {
			fmt.Fprintf(&b, " of %s", r.Unapplied)
		}
		if r.Unsure {
			b.WriteString(" unsure")
		}
		if r.Encrypted {
			b.WriteString(" encrypted")
		}
		b.WriteByte('\n')
	}
	for _, p := range t.Problems {
		fmt.Fprintf(&b, "problem: %v\n", p)
	}
	for _, s := range t.Skips {
		fmt.Fprintf(&b, "skip: %s:%d: %s", s.Path, s.Line, s.Reason)
		if s.Detail != "" {
			fmt.Fprintf(&b, ": %s", s.Detail)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d files, %d documents\n", t.Files, t.Documents)
	return b.String()
}

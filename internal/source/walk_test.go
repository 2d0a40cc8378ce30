package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// enterTree writes the files of an archive to a new directory, which becomes
// the current one, and returns its path.
func enterTree(t *testing.T, archive string) string {
	t.Helper()
	files, err := txtar.FS(txtar.Parse([]byte(archive)))
	if err != nil {
		t.Fatal(err)
	}
	// Links are resolved, so that paths can be compared with what Walk says.
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	return dir
}

// summary is a listing in lines: the files in their order, then the problems
// and what was skipped.
func summary(l *Listing) string {
	var lines []string
	for _, e := range l.Entries {
		lines = append(lines, e.Path)
	}
	for _, p := range l.Problems {
		lines = append(lines, "problem: "+p.Error())
	}
	for _, s := range l.Skips {
		lines = append(lines, "skip: "+s.Path+": "+s.Reason)
	}
	return strings.Join(lines, "\n")
}

// text removes the indentation that a table gives to its lines.
func text(indented string) string {
	var lines []string
	for line := range strings.Lines(indented) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// names is an archive of empty files.
func names(paths ...string) string { return "-- " + strings.Join(paths, " --\n-- ") + " --\n" }

// small is a tree for the cases that differ in the paths given.
var small = names("k8s/b.yaml", "k8s/a.yaml", "k8s/sub/c.yaml", "k8s/README.md", "other.txt")

func TestWalk(t *testing.T) {
	tests := []struct {
		name, tree string
		paths      string
		want       string
	}{
		{"directory", small, "k8s", "k8s/a.yaml\nk8s/b.yaml\nk8s/sub/c.yaml"},
		{"current directory", small, ".", "k8s/a.yaml\nk8s/b.yaml\nk8s/sub/c.yaml"},
		{"with a dot", small, "./k8s", "k8s/a.yaml\nk8s/b.yaml\nk8s/sub/c.yaml"},
		{"with a slash", small, "k8s/sub/", "k8s/sub/c.yaml"},
		{"by a detour", small, "k8s/sub/../sub", "k8s/sub/c.yaml"},
		{"file", small, "k8s/b.yaml", "k8s/b.yaml"},
		{"file of another name", small, "other.txt k8s/README.md", "other.txt\nk8s/README.md"},
		{"several", small, "k8s/b.yaml k8s/a.yaml", "k8s/b.yaml\nk8s/a.yaml"},
		{"file twice", small, "k8s/b.yaml ./k8s/b.yaml", "k8s/b.yaml"},
		{"directory twice", small, "k8s/sub k8s/sub/", "k8s/sub/c.yaml"},
		{"file, then its directory", small, "k8s/b.yaml k8s", "k8s/b.yaml\nk8s/a.yaml\nk8s/sub/c.yaml"},
		{"inner, then outer directory", small, "k8s/sub k8s", "k8s/sub/c.yaml\nk8s/a.yaml\nk8s/b.yaml"},
		{"outer, then inner directory", small, "k8s k8s/sub", "k8s/a.yaml\nk8s/b.yaml\nk8s/sub/c.yaml"},
		{"standard input", small, "-", "<stdin>"},
		{"standard input among others", small, "k8s/b.yaml - k8s/a.yaml", "k8s/b.yaml\n<stdin>\nk8s/a.yaml"},
		{"standard input twice", small, "- -", "<stdin>"},
		{"nothing given", small, "", ""},
		{"nothing there", small + names("empty/x.txt"), "empty", ""},
		{"missing", small, "nowhere k8s/sub", "k8s/sub/c.yaml\nproblem: nowhere: no such file or directory"},
		{"missing twice removed", small, "./no/where", "problem: no/where: no such file or directory"},
		{"below a file", small, "k8s/a.yaml/x", "problem: k8s/a.yaml/x: cannot be read: not a directory"},

		{
			"file names", names("a.yaml", "b.yml", "c.json", "d.YAML", "e.Yml", "f.JSON", "Kustomization", "kustomization",
				"g.yaml.bak", "h.jsonl", "yaml", "i.txt", "j.tpl", ".k.yaml", ".yaml", "l.sops.yaml", "m n.yaml"), ".",
			".k.yaml\n.yaml\nKustomization\na.yaml\nb.yml\nc.json\nd.YAML\ne.Yml\nf.JSON\nl.sops.yaml\nm n.yaml",
		},
		{
			"dot-directories", names(".github/w.yaml", "a/.chainsaw-test/b.yaml", "a/c.yaml"), ".",
			"a/c.yaml\nskip: .github: dot-directories\nskip: a/.chainsaw-test: dot-directories",
		},
		{"dot-directory given", names(".github/w.yaml", ".github/.x/y.yaml"), ".github", ".github/w.yaml\nskip: .github/.x: dot-directories"},
		{"file of a dot-directory given", names(".github/w.yaml"), ".github/w.yaml", ".github/w.yaml"},
		{"below a dot-directory given", names(".x/y/w.yaml"), ".x/y", ".x/y/w.yaml"},
		{"git's own directory", names(".git/w.yaml", "sub/.git/w.yaml", "a.yaml"), ".", "a.yaml"},
		{"directory with the name of a file", names("x.yaml/a.yaml"), ".", "x.yaml/a.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			enterTree(t, tt.tree)
			got := Walk(strings.Fields(tt.paths), strings.NewReader(""))
			if got := summary(got); got != tt.want {
				t.Errorf("Walk(%s):\n%s\nwant:\n%s", tt.paths, got, tt.want)
			}
			again := Walk(strings.Fields(tt.paths), strings.NewReader(""))
			if summary(again) != summary(got) {
				t.Errorf("the second time:\n%s", summary(again))
			}
		})
	}
}

func TestWalkIgnoring(t *testing.T) {
	const repository = "-- .git/HEAD --\n"
	tests := []struct{ name, tree, paths, want string }{
		{"in the directory", "-- .gitignore --\nb.yaml\n" + names("a.yaml", "b.yaml", "sub/b.yaml"), ".", "a.yaml"},
		{"anchored", "-- .gitignore --\n/b.yaml\n" + names("a.yaml", "b.yaml", "sub/b.yaml"), ".", "a.yaml\nsub/b.yaml"},
		{"directory", "-- .gitignore --\nout/\n" + names("a.yaml", "out/b.yaml", "sub/out/b.yaml"), ".", "a.yaml"},
		{"further down", "-- sub/.gitignore --\nb.yaml\n" + names("b.yaml", "sub/b.yaml", "sub/c.yaml"), ".", "b.yaml\nsub/c.yaml"},
		{"negation", "-- .gitignore --\n*.yaml\n!keep.yaml\n" + names("a.yaml", "keep.yaml"), ".", "keep.yaml"},
		{"negation further down", "-- .gitignore --\n*.yaml\n-- sub/.gitignore --\n!*.yaml\n" + names("a.yaml", "sub/a.yaml"), ".", "sub/a.yaml"},
		{"no way back from an ignored directory", "-- .gitignore --\nout/\n!out/a.yaml\n" + names("out/a.yaml", "b.yaml"), ".", "b.yaml"},
		{"ignored dot-directory is not said", "-- .gitignore --\n.cache\n" + names(".cache/a.yaml", "b.yaml"), ".", "b.yaml"},

		{"above, in a repository", repository + "-- .gitignore --\nb.yaml\n" + names("x/y/a.yaml", "x/y/b.yaml"), "x/y", "x/y/a.yaml"},
		{"above, anchored", repository + "-- .gitignore --\n/x/y/b.yaml\n" + names("x/y/a.yaml", "x/y/b.yaml"), "x/y", "x/y/a.yaml"},
		{"halfway, in a repository", repository + "-- x/.gitignore --\n/y/b.yaml\n" + names("x/y/a.yaml", "x/y/b.yaml"), "x/y", "x/y/a.yaml"},
		{"above, given in parts", repository + "-- .gitignore --\nb.yaml\n" + names("x/b.yaml", "x/c.yaml", "y/b.yaml"), "x y", "x/c.yaml"},
		{"above, overruled", repository + "-- .gitignore --\nb.yaml\n-- x/.gitignore --\n!b.yaml\n" + names("x/b.yaml"), "x", "x/b.yaml"},
		{"above the repository", "-- .gitignore --\nb.yaml\n" + names("x/.git/HEAD", "x/y/b.yaml"), "x/y", "x/y/b.yaml"},
		{"above the repository, whose root is given", "-- .gitignore --\nb.yaml\n" + names("x/.git/HEAD", "x/b.yaml"), "x", "x/b.yaml"},
		{"above, without a repository", "-- .gitignore --\nb.yaml\n" + names("x/b.yaml"), "x", "x/b.yaml"},
		{"repository is a file", "-- .git --\ngitdir: ../x\n-- .gitignore --\nb.yaml\n" + names("x/b.yaml", "x/c.yaml"), "x", "x/c.yaml"},

		{"given file", repository + "-- .gitignore --\n*.yaml\n" + names("x/a.yaml"), "x/a.yaml", "x/a.yaml"},
		{"given directory", repository + "-- .gitignore --\nout/\n" + names("out/a.yaml"), "out", "out/a.yaml"},
		{"given file and its directory", repository + "-- .gitignore --\nb.yaml\n" + names("a.yaml", "b.yaml"), "b.yaml .", "b.yaml\na.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			enterTree(t, tt.tree)
			if got := summary(Walk(strings.Fields(tt.paths), nil)); got != tt.want {
				t.Errorf("Walk(%s):\n%s\nwant:\n%s", tt.paths, got, tt.want)
			}
		})
	}
}

// TestWalkAbsolute gives absolute paths, which are shown as they are, and
// paths above the current directory.
func TestWalkAbsolute(t *testing.T) {
	dir := enterTree(t, small)
	t.Chdir(filepath.Join(dir, "k8s", "sub"))
	tests := []struct{ path, want string }{
		{dir + "/k8s/sub", dir + "/k8s/sub/c.yaml"},
		{dir + "//k8s/./sub/", dir + "/k8s/sub/c.yaml"},
		{dir + "/k8s/a.yaml", dir + "/k8s/a.yaml"},
		{dir + "/no", "problem: " + dir + "/no: no such file or directory"},
		{"..", "../a.yaml\n../b.yaml\n../sub/c.yaml"},
		{"../sub", "../sub/c.yaml"},
	}
	for _, tt := range tests {
		if got := summary(Walk([]string{tt.path}, nil)); got != tt.want {
			t.Errorf("Walk(%s):\n%s\nwant:\n%s", tt.path, got, tt.want)
		}
	}
}

func TestEntryReal(t *testing.T) {
	dir := enterTree(t, small)
	for _, e := range Walk([]string{"-", "k8s"}, strings.NewReader("")).Entries {
		want := filepath.Join(dir, filepath.FromSlash(e.Path))
		if e.Path == StdinPath {
			want = ""
		}
		if e.Real != want {
			t.Errorf("Real of %s = %q, want %q", e.Path, e.Real, want)
		}
	}
}

func TestRepository(t *testing.T) {
	dir := enterTree(t, names("r/.git/HEAD", "r/x/y/a.yaml", "r/x/.git", "s/a.yaml"))
	if err := os.Symlink("r", "link"); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{
		"r": "r", "r/x": "r/x", "r/x/y/a.yaml": "r/x", "r/.git": "r", "link": "r", "s": "", "s/a.yaml": "", "nowhere": "",
	} {
		if want != "" {
			want = filepath.Join(dir, want)
		}
		if got := Repository(path); got != want {
			t.Errorf("Repository(%s) = %q, want %q", path, got, want)
		}
	}
}

// TestWalkOrderIsThatOfNames takes the order of the standard library.
func TestWalkOrderIsThatOfNames(t *testing.T) {
	enterTree(t, names("b/z.yaml", "a-b.yaml", "a/x.yaml", "a.yaml", "B.yaml", "é.yaml"))
	var walked []string
	for _, e := range Walk([]string{"."}, nil).Entries {
		walked = append(walked, e.Path)
	}
	var want []string
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			want = append(want, path)
		}
		return err
	})
	if err != nil || !slices.Equal(walked, want) {
		t.Errorf("Walk lists %q, want %q (%v)", walked, want, err)
	}
}

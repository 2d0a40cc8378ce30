//go:build unix

package source

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// links makes symbolic links in the current directory, each given as
// "name -> target".
func links(t *testing.T, all string) {
	t.Helper()
	for link := range strings.SplitSeq(all, "\n") {
		name, target, ok := strings.Cut(link, " -> ")
		if !ok {
			t.Fatalf("%q is no link", link)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWalkLinks(t *testing.T) {
	tests := []struct{ name, tree, links, paths, want string }{
		{"to a file of the tree", names("t/b.yaml"), "t/a.yaml -> b.yaml", "t", "t/b.yaml"},
		{"to a file of a later directory", names("t/z/b.yaml"), "t/a.yaml -> z/b.yaml", "t", "t/z/b.yaml"},
		{"to a file of a later path", names("t/x.yaml", "u/b.yaml"), "t/a.yaml -> ../u/b.yaml", "t u", "t/x.yaml\nu/b.yaml"},
		{"to a file outside", names("o/b.yaml"), "t/a.yaml -> ../o/b.yaml", "t", "t/a.yaml"},
		{"two to one file outside", names("o/b.yaml"), "t/c.yaml -> ../o/b.yaml\nt/a.yaml -> ../o/b.yaml", "t", "t/a.yaml"},
		{"to a file of another name", names("o/b.txt"), "t/a.yaml -> ../o/b.txt", "t", "t/a.yaml"},
		{"of another name", names("o/b.yaml"), "t/a.txt -> ../o/b.yaml", "t", ""},
		{"chain", names("o/b.yaml"), "t/a.yaml -> ../c.yaml\nc.yaml -> o/b.yaml", "t", "t/a.yaml"},
		{"to a directory outside", names("o/x/b.yaml", "t/a.yaml"), "t/d -> ../o", "t", "t/a.yaml\nt/d/x/b.yaml"},
		{"to a directory of the tree", names("t/z/b.yaml"), "t/a -> z", "t", "t/z/b.yaml"},
		{"to the parent", names("t/b.yaml", "t/s/c.yaml"), "t/s/up -> ..", "t", "t/b.yaml\nt/s/c.yaml"},
		{"loop of directories", names("t/a/x.yaml", "t/b/y.yaml"), "t/a/b -> ../b\nt/b/a -> ../a", "t", "t/a/x.yaml\nt/b/y.yaml"},
		{"loop by way of outside", names("o/x.yaml", "t/y.yaml"), "t/o -> ../o\no/t -> ../t", "t", "t/y.yaml\nt/o/x.yaml"},
		{"dangling", names("t/b.yaml"), "t/a.yaml -> nowhere.yaml", "t", "t/b.yaml\nskip: t/a.yaml: dangling symbolic links"},
		{"dangling, of another name", names("t/b.yaml"), "t/a -> nowhere", "t", "t/b.yaml"},
		{
			"cycle", names("t/c.yaml"), "t/a.yaml -> b.yaml\nt/b.yaml -> a.yaml", "t",
			"t/c.yaml\nskip: t/a.yaml: dangling symbolic links\nskip: t/b.yaml: dangling symbolic links",
		},
		{"to a dot-directory", names("o/.x/b.yaml"), "t/d -> ../o/.x", "t", "t/d/b.yaml"},
		{"named as a dot-directory", names("o/b.yaml"), "t/.d -> ../o", "t", "skip: t/.d: dot-directories"},
		{"to git's own directory", names("o/b.yaml"), "t/.git -> ../o", "t", ""},
		{"given file", names("o/b.yaml"), "a.yaml -> o/b.yaml", "a.yaml", "a.yaml"},
		{"given file and its target", names("o/b.yaml"), "a.yaml -> o/b.yaml", "a.yaml o", "a.yaml"},
		{"given directory", names("o/b.yaml"), "d -> o", "d", "d/b.yaml"},
		{"given and dangling", "", "a.yaml -> nowhere", "a.yaml", "problem: a.yaml: no such file or directory"},
		{"given cycle", "", "a.yaml -> b.yaml\nb.yaml -> a.yaml", "a.yaml", "problem: a.yaml: cannot be read: EvalSymlinks: too many links"},

		{"ignored", "-- t/.gitignore --\na.yaml\n" + names("o/b.yaml"), "t/a.yaml -> ../o/b.yaml", "t", ""},
		{"git sees a link to a directory as a file", "-- t/.gitignore --\nd/\n" + names("o/b.yaml"), "t/d -> ../o", "t", "t/d/b.yaml"},
		{
			"directory with its own rules", "-- t/.gitignore --\nb.yaml\n-- o/.gitignore --\nc.yaml\n" + names("o/b.yaml", "o/c.yaml"),
			"t/d -> ../o", "t", "t/d/b.yaml",
		},
		{"ignored in its own place", "-- t/.gitignore --\nout/\n" + names("t/out/b.yaml"), "t/a.yaml -> out/b.yaml", "t", "t/a.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			enterTree(t, tt.tree)
			links(t, tt.links)
			if got := summary(Walk(strings.Fields(tt.paths), nil)); got != tt.want {
				t.Errorf("Walk(%s):\n%s\nwant:\n%s", tt.paths, got, tt.want)
			}
		})
	}
}

// TestWalkLinkOutOfAnIgnoringTree links to a file outside of a tree whose
// rules would match the absolute path of that file.
func TestWalkLinkOutOfAnIgnoringTree(t *testing.T) {
	dir := enterTree(t, names("outside/b.yaml"))
	rule := strings.TrimPrefix(dir, "/") + "/outside/*.yaml\n"
	if err := os.MkdirAll("t", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("t/.gitignore", []byte(rule), 0o644); err != nil {
		t.Fatal(err)
	}
	links(t, "t/a.yaml -> ../outside/b.yaml")
	if got := summary(Walk([]string{"t"}, nil)); got != "t/a.yaml" {
		t.Errorf("Walk(t):\n%s\nwant t/a.yaml, which no rule of t excludes", got)
	}
}

// TestWalkLinkToANeighbour links to a directory whose path begins like that of
// the tree, so that its files must not be taken for files of the tree.
func TestWalkLinkToANeighbour(t *testing.T) {
	enterTree(t, "-- t/.gitignore --\n/wo/*.yaml\n"+names("two/b.yaml"))
	links(t, "t/a.yaml -> ../two/b.yaml")
	if got := summary(Walk([]string{"t"}, nil)); got != "t/a.yaml" {
		t.Errorf("Walk(t):\n%s\nwant t/a.yaml, which no rule of t excludes", got)
	}
}

// TestWalkSpecialFiles has a pipe, which nobody writes to, and a socket in the
// tree. Neither may be opened.
func TestWalkSpecialFiles(t *testing.T) {
	enterTree(t, names("t/a.yaml"))
	socket(t, "t/s.yaml")
	for _, name := range []string{"t/p.yaml", "t/p.txt", "out.yaml"} {
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Skip(err)
		}
	}
	links(t, "t/l.yaml -> ../out.yaml")
	want := text(`t/a.yaml
		skip: t/p.yaml: special files
		skip: t/s.yaml: special files
		skip: t/l.yaml: special files`)
	done := make(chan string)
	go func() { done <- summary(Walk([]string{"t"}, nil)) }()
	select {
	case got := <-done:
		if got != want {
			t.Errorf("Walk(t):\n%s\nwant:\n%s", got, want)
		}
	case <-time.After(time.Minute):
		t.Fatal("Walk blocks")
	}
}

// socket makes a file that exists and that nobody can open, not even root.
func socket(t *testing.T, path string) {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { listener.Close() })
}

func TestReadUnopenable(t *testing.T) {
	enterTree(t, "")
	socket(t, "s.yaml")
	entries := Walk([]string{"./s.yaml"}, nil).Entries
	if len(entries) != 1 {
		t.Fatalf("Walk lists %v", entries)
	}
	wantProblem(t, entries[0], "s.yaml: cannot be read: open: ")
}

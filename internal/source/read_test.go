package source

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// wantProblem reads an entry that cannot be read.
func wantProblem(t *testing.T, e Entry, prefix string) {
	t.Helper()
	f, err := e.Read()
	var p Problem
	if !errors.As(err, &p) {
		t.Fatalf("Read() = %v, %v; want a Problem", f, err)
	}
	if f != nil || !strings.HasPrefix(p.Error(), prefix) {
		t.Errorf("Read() = %v, %q; want %q", f, p, prefix)
	}
	if strings.Count(p.Error(), e.Path) != 1 {
		t.Errorf("%q does not name the file once", p)
	}
}

func TestRead(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"plain", "a: b\n", ""},
		{"empty", "", ""},
		{"byte order mark", "\ufeffa: b\n", ""},
		{"Latin-1 is left to the parser", "a: \xe9\n", ""},
		{"UTF-16, little end first", "\xff\xfea\x00:\x00", "f.yaml: UTF-16 text: convert it to UTF-8"},
		{"UTF-16, big end first", "\xfe\xff\x00a\x00:", "f.yaml: UTF-16 text: convert it to UTF-8"},
		{"UTF-16 without a mark", "a\x00:\x00", "f.yaml:1:2: a NUL byte: this is not a text file"},
		{"NUL", "a: b\r\né: \x00", "f.yaml:2:4: a NUL byte: this is not a text file"},
		{"NUL behind a mark", "\ufeffa\x00", "f.yaml:1:2: a NUL byte: this is not a text file"},
		{"git-crypt's mark further on", "a\n\x00GITCRYPT\x00", "f.yaml:2:1: a NUL byte: this is not a text file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := enterTree(t, "")
			if err := os.WriteFile("f.yaml", []byte(tt.src), 0o644); err != nil {
				t.Fatal(err)
			}
			entry := Walk([]string{"f.yaml"}, nil).Entries[0]
			if tt.want != "" {
				wantProblem(t, entry, tt.want)
				return
			}
			f, err := entry.Read()
			if err != nil || string(f.Src) != tt.src || f.Path != "f.yaml" || f.Real != filepath.Join(dir, "f.yaml") {
				t.Errorf("Read() = %+v, %v", f, err)
			}
		})
	}
}

func TestReadEncrypted(t *testing.T) {
	const src = "\x00GITCRYPT\x00\x12\x34"
	enterTree(t, "-- f.yaml --\n"+src)
	f, err := Walk([]string{"f.yaml"}, nil).Entries[0].Read()
	if f != nil || !errors.Is(err, ErrEncrypted) {
		t.Errorf("Read() = %v, %v; want ErrEncrypted", f, err)
	}
	f, err = Walk([]string{"-"}, strings.NewReader(src)).Entries[0].Read()
	if f != nil || !errors.Is(err, ErrEncrypted) {
		t.Errorf("Read() of standard input = %v, %v; want ErrEncrypted", f, err)
	}
}

// TestReadVanished removes and replaces files between listing and reading.
func TestReadVanished(t *testing.T) {
	enterTree(t, names("t/a.yaml", "t/b.yaml"))
	entries := Walk([]string{"t"}, nil).Entries
	if err := errors.Join(os.Remove("t/a.yaml"), os.Remove("t/b.yaml"), os.Mkdir("t/b.yaml", 0o755)); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, entries[0], "t/a.yaml: cannot be read: open: no such file or directory")
	wantProblem(t, entries[1], "t/b.yaml: cannot be read: read: is a directory")
}

func TestReadStdin(t *testing.T) {
	const src = "a: b\n"
	f, err := Walk([]string{"-"}, iotest.OneByteReader(strings.NewReader(src))).Entries[0].Read()
	if err != nil || string(f.Src) != src || f.Path != "<stdin>" || f.Real != "" {
		t.Errorf("Read() = %+v, %v", f, err)
	}
	broken := io.MultiReader(strings.NewReader(src), iotest.ErrReader(errors.New("gone")))
	wantProblem(t, Walk([]string{"-"}, broken).Entries[0], "<stdin>: cannot be read: gone")
}

// TestReadByLink reads a file by a link: it is shown by the name of the link
// and lies where its target does.
func TestReadByLink(t *testing.T) {
	dir := enterTree(t, "-- o/b.yaml --\na: b\n")
	if err := os.Symlink(filepath.Join("o", "b.yaml"), "l.yaml"); err != nil {
		t.Skip(err)
	}
	f, err := Walk([]string{"l.yaml"}, nil).Entries[0].Read()
	if err != nil || f.Path != "l.yaml" || f.Real != filepath.Join(dir, "o", "b.yaml") || string(f.Src) != "a: b\n" {
		t.Errorf("Read() = %+v, %v", f, err)
	}
}

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// put makes a file with a mode, whatever the umask.
func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// wantText holds that a file has a text.
func wantText(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s has %q, %v, want %q", path, got, err, want)
	}
}

// wantNames holds that a directory has these entries and no others.
func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
}

func TestWriteMode(t *testing.T) {
	for _, mode := range []fs.FileMode{0o600, 0o644, 0o755, 0o666, 0o444, 0o640} {
		dir := t.TempDir()
		path := filepath.Join(dir, "x.yaml")
		put(t, path, "a long text before", mode)
		if err := Write(path, []byte("after")); err != nil {
			t.Fatal(err)
		}
		wantText(t, path, "after")
		wantNames(t, dir, "x.yaml")
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("the mode is %v, %v, want %v", info.Mode(), err, mode)
		}
	}
}

// TestWriteReaders holds that who has the file open still reads what it was.
func TestWriteReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	put(t, path, "before", 0o644)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Write(path, []byte("after")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 100)
	if n, _ := f.Read(got); string(got[:n]) != "before" {
		t.Errorf("the reader gets %q", got[:n])
	}
}

func TestWriteIf(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.yaml")
	put(t, path, "before", 0o644)
	no := errors.New("not now")
	if err := WriteIf(path, []byte("after"), func() error { return no }); !errors.Is(err, no) {
		t.Errorf("the error is %v", err)
	}
	wantText(t, path, "before")
	wantNames(t, dir, "x.yaml")

	// It is asked when the file beside it is whole.
	err := WriteIf(path, []byte("after"), func() error {
		all, err := filepath.Glob(filepath.Join(dir, ".egresslint-*"))
		if err != nil || len(all) != 1 {
			t.Fatalf("there are %q, %v", all, err)
		}
		wantText(t, all[0], "after")
		wantText(t, path, "before")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	wantText(t, path, "after")
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	if err := Write(filepath.Join(dir, "nowhere", "x.yaml"), nil); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), dir) {
		t.Errorf("in a directory that is not there: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "taken"), nil); err == nil || strings.Contains(err.Error(), prefix) {
		t.Errorf("in place of a directory: %v", err)
	}
	wantNames(t, dir, "taken")
}

func TestWriteLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "real", "x.yaml"), "before", 0o600)
	for name, target := range map[string]string{"one": "two", "two": filepath.Join(dir, "real", "x.yaml"), "new": "real/y.yaml"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	for _, name := range []string{"one", "new"} {
		if err := Write(filepath.Join(dir, name), []byte("after")); err != nil {
			t.Error(err)
		}
	}
	wantText(t, filepath.Join(dir, "real", "x.yaml"), "after")
	wantText(t, filepath.Join(dir, "real", "y.yaml"), "after")
	wantNames(t, filepath.Join(dir, "real"), "x.yaml", "y.yaml")
	for _, name := range []string{"one", "two", "new"} {
		if _, err := os.Readlink(filepath.Join(dir, name)); err != nil {
			t.Errorf("the link is gone: %v", err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "one")); err != nil || info.Mode() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
}

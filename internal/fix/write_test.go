package fix

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wantFiles holds that a directory has these files, by their names, with these
// contents, and no others.
func wantFiles(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := want[e.Name()]; !ok && !e.IsDir() {
			t.Errorf("there is a file %s", e.Name())
		}
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != text {
			t.Errorf("%s has %q, %v, want %q", name, got, err, text)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	files := []Changed{changed("a.yaml", policy, mended), changed("same.yaml", policy, policy), added("new.yaml", policy), changed("e.yaml", "", "e")}
	files[3].Path, files[3].Real = "elsewhere/e.yaml", filepath.Join(dir, "e.yaml")
	lay(t, dir, []Changed{files[0], files[1], changed("e.yaml", "", "")})
	past, err := os.Stat("same.yaml")
	if err != nil {
		t.Fatal(err)
	}
	written, err := Write(files)
	if want := []string{"a.yaml", "new.yaml", "elsewhere/e.yaml"}; err != nil || !slices.Equal(written, want) {
		t.Errorf("written are %q, %v, want %q", written, err, want)
	}
	wantFiles(t, dir, map[string]string{"a.yaml": mended, "same.yaml": policy, "new.yaml": policy, "e.yaml": "e"})
	if now, err := os.Stat("same.yaml"); err != nil || !os.SameFile(past, now) {
		t.Errorf("a file without changes was replaced (%v)", err)
	}
}

// TestWriteOthers holds that a file that cannot be written keeps none of the
// others from it.
func TestWriteOthers(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	lay(t, dir, []Changed{
		changed("edited.yaml", policy+"# edited\n", ""), changed("there.yaml", "mine", ""), changed("folder/x", "", ""), changed("last.yaml", policy, ""),
	})
	written, err := Write([]Changed{
		changed("edited.yaml", policy, mended), changed("gone.yaml", policy, mended), added("there.yaml", policy),
		changed("folder", policy, mended), added("nowhere/x.yaml", policy), changed("last.yaml", policy, mended),
	})
	if want := []string{"last.yaml"}; !slices.Equal(written, want) {
		t.Errorf("written are %q, want %q", written, want)
	}
	want := []string{
		"write edited.yaml: changed while egresslint ran; nothing was written to it",
		"write gone.yaml: changed while egresslint ran; nothing was written to it",
		"write there.yaml: it is there already; nothing was written to it",
		"write folder: not a regular file; nothing was written to it",
		"write nowhere/x.yaml: make a file in its directory: no such file or directory",
	}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("the error is\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
	for _, kind := range []error{ErrChanged, ErrExists, ErrSpecial, os.ErrNotExist} {
		if !errors.Is(err, kind) {
			t.Errorf("the error is none of %v", kind)
		}
	}
	wantFiles(t, dir, map[string]string{"edited.yaml": policy + "# edited\n", "there.yaml": "mine", "last.yaml": mended})
}

// TestWriteLink holds that a link stays, and that no file is made where one
// leads to nothing.
func TestWriteLink(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	lay(t, dir, []Changed{changed("real.yaml", policy, "")})
	for link, target := range map[string]string{"link.yaml": "real.yaml", "dangling.yaml": "later.yaml"} {
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err)
		}
	}
	written, err := Write([]Changed{changed("link.yaml", policy, mended), added("dangling.yaml", policy)})
	if !slices.Equal(written, []string{"link.yaml"}) || !errors.Is(err, ErrExists) {
		t.Errorf("written are %q, %v", written, err)
	}
	for link, want := range map[string]string{"link.yaml": "real.yaml", "dangling.yaml": "later.yaml"} {
		if got, err := os.Readlink(link); got != want {
			t.Errorf("%s leads to %q, %v, want %q", link, got, err, want)
		}
	}
	if err := os.Remove("dangling.yaml"); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, map[string]string{"real.yaml": mended, "link.yaml": mended})
}

package fix

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// asNobody makes the rest of the test see files as a user without rights does.
// Root writes everywhere, and tests often run as root.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	runtime.LockOSThread() // the identity for files is one of the thread
	if err := syscall.Setfsuid(65534); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setfsuid(0); err == nil {
			runtime.UnlockOSThread()
		}
	})
}

// TestWriteReadOnly holds for a directory that takes no new file, and for a file
// that is not to be written in one that takes some.
func TestWriteReadOnly(t *testing.T) {
	dir := t.TempDir()
	files := []Changed{changed("closed/x.yaml", policy, mended), changed("open/locked.yaml", policy, mended), changed("open/z.yaml", policy, mended)}
	lay(t, dir, files)
	for path, mode := range map[string]os.FileMode{
		filepath.Dir(dir): 0o755, dir: 0o755,
		"closed": 0o555, "closed/x.yaml": 0o666, "open": 0o777, "open/locked.yaml": 0o444, "open/z.yaml": 0o666,
	} {
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "closed"), 0o755) }) // so that it can be removed
	t.Chdir(dir)
	asNobody(t)
	if f, err := os.Create("closed/probe"); err == nil {
		f.Close()
		t.Skip("this user writes everywhere")
	}
	written, err := Write(files)
	if len(written) != 1 || written[0] != "open/z.yaml" {
		t.Errorf("written are %q", written)
	}
	const want = "write closed/x.yaml: make a file in its directory: permission denied\n" +
		"write open/locked.yaml: permission denied"
	if err == nil || err.Error() != want {
		t.Errorf("the error is\n%v\nwant\n%s", err, want)
	}
	wantFiles(t, "closed", map[string]string{"x.yaml": policy})
	wantFiles(t, "open", map[string]string{"locked.yaml": policy, "z.yaml": mended})
}

// TestWritePipe holds that a pipe is not opened: that would wait for its other
// end.
func TestWritePipe(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("pipe", 0o666); err != nil {
		t.Skip(err)
	}
	if written, err := Write([]Changed{changed("pipe", policy, mended)}); len(written) > 0 || !errors.Is(err, ErrSpecial) {
		t.Errorf("written are %q, %v", written, err)
	}
}

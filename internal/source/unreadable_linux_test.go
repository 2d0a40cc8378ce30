package source

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// asNobody makes the rest of the test see files as a user without rights does.
// Root reads everything, and tests often run as root.
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

func TestWalkUnreadable(t *testing.T) {
	dir := enterTree(t, names("t/a.yaml", "t/closed/b.yaml", "t/locked.yaml", "t/z.yaml"))
	// Whoever is nobody must be able to come here.
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"t/closed", "t/locked.yaml"} {
		if err := os.Chmod(name, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(name, 0o700) }) // so that it can be removed
	}
	asNobody(t)
	if _, err := os.ReadDir("t/closed"); err == nil {
		t.Skip("this user reads everything")
	}
	listing := Walk([]string{"t"}, nil)
	want := text(`t/a.yaml
		t/locked.yaml
		t/z.yaml
		problem: t/closed: cannot be read: open: permission denied`)
	if got := summary(listing); got != want {
		t.Errorf("Walk(t):\n%s\nwant:\n%s", got, want)
	}
	wantProblem(t, listing.Entries[1], "t/locked.yaml: cannot be read: open: permission denied")
	if got := summary(Walk([]string{"t/closed/b.yaml"}, nil)); got != "problem: t/closed/b.yaml: cannot be read: lstat: permission denied" {
		t.Errorf("Walk of a file in a closed directory: %s", got)
	}
}

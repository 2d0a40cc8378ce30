package fix

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/source"
)

// victim is set in the process that TestWriteKilled kills.
const victim = "EGRESSLINT_TEST_VICTIM"

// large is n files of some megabytes, as they are and as they should be.
func large(n int) []Changed {
	var files []Changed
	for i := range n {
		lines := strings.Repeat("- 0123456789\n", 300_000)
		files = append(files, changed(fmt.Sprintf("%d.yaml", i), "# before\n"+lines, "# after\n"+lines))
	}
	return files
}

// writeForever writes the files as they should be, then as they were, and so on,
// with a line on standard output before each.
func writeForever(files []Changed) {
	for i := 0; ; i++ {
		for _, f := range files {
			if i%2 == 1 {
				f.Before, f.After = f.After, f.Before
			}
			fmt.Println(f.Path)
			if _, err := Write([]Changed{f}); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	}
}

// TestWriteKilled kills a process that writes, and looks at what it leaves.
func TestWriteKilled(t *testing.T) {
	files := large(3)
	if os.Getenv(victim) != "" {
		writeForever(files) // until it is killed
	}
	dir := t.TempDir()
	for round := range 12 {
		lay(t, dir, files)
		kill(t, dir, 1+round%5, round*50, files)
		for _, f := range files {
			got, err := os.ReadFile(filepath.Join(dir, f.Path))
			if err != nil || !bytes.Equal(got, f.Before) && !bytes.Equal(got, f.After) {
				t.Errorf("round %d: %s has %d bytes, %v, and is neither as it was nor as it should be", round, f.Path, len(got), err)
			}
		}
		wantLeft(t, dir, files)
	}
}

// kill starts a process that writes in a directory. It ends it after some of
// its lines, as soon as one of some looks finds a file half written.
func kill(t *testing.T, dir string, lines, looks int, files []Changed) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestWriteKilled$")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), victim+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(out)
	for range lines {
		if !scanner.Scan() {
			t.Fatalf("the process ended by itself: %v", cmd.Wait())
		}
	}
	for looks > 0 && !half(dir, files) {
		looks--
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it says that it was killed
}

// half reports whether a file in the directory, whatever its name, is shorter
// than each of the files.
func half(dir string, files []Changed) bool {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && !slices.ContainsFunc(files, func(f Changed) bool { return int(info.Size()) >= min(len(f.Before), len(f.After)) }) {
			return true
		}
	}
	return false
}

// wantLeft holds that what else is left in the directory is nothing that the
// linter reads, and removes it.
func wantLeft(t *testing.T, dir string, files []Changed) {
	t.Helper()
	listing := source.Walk([]string{dir}, nil)
	if len(listing.Entries) != len(files) || len(listing.Skips) > 0 || len(listing.Problems) > 0 {
		t.Errorf("the linter finds %+v", listing)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if slices.ContainsFunc(files, func(f Changed) bool { return f.Path == e.Name() }) {
			continue
		}
		if !strings.HasPrefix(e.Name(), ".egresslint-") || filepath.Ext(e.Name()) == ".yaml" {
			t.Errorf("it leaves a file %s", e.Name())
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			t.Error(err)
		}
	}
	if n := len(entries) - len(files); n > 1 {
		t.Errorf("it leaves %d files, want one at most", n)
	}
}

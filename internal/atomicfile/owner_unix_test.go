//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWriteUmask(t *testing.T) {
	dir := t.TempDir()
	old := syscall.Umask(0o027)
	defer syscall.Umask(old)
	path := filepath.Join(dir, "x.yaml")
	if err := Write(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("the mode is %v, %v, want 0640", info.Mode(), err)
	}
}

func TestWriteOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	put(t, path, "before", 0o644)
	if err := os.Chown(path, 65534, 65533); err != nil {
		t.Skip(err)
	}
	put(t, path, "before", 0o754)
	if err := Write(path, []byte("after")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if was := info.Sys().(*syscall.Stat_t); was.Uid != 65534 || was.Gid != 65533 {
		t.Errorf("the owner is %d and the group %d", was.Uid, was.Gid)
	}
	if want := fs.FileMode(0o754); info.Mode().Perm() != want {
		t.Errorf("the mode is %v, want %v", info.Mode().Perm(), want)
	}
}

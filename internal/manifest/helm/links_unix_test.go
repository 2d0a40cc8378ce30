//go:build unix

package helm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadLinks(t *testing.T) {
	outside := t.TempDir()
	putFile(t, outside, "secret", "x")
	tests := []struct {
		name, link, target string
		want               error
	}{
		{"to a file outside", "templates/a.yaml", filepath.Join(outside, "secret"), ErrLink},
		{"to a file outside by a relative path", "templates/a.yaml", "../../" + filepath.Base(outside) + "/secret", ErrLink},
		{"to a directory outside", "templates/more", outside, ErrLink},
		{"to the parent", "templates/more", "../..", ErrLink},
		{"to nowhere", "a.txt", "none", ErrLink},
		{"to a file inside", "templates/a.yaml", "../values.yaml", nil},
		{"to a directory inside", "charts/sub", "../vendor/sub", nil},
		{"loop", "templates/again", "../templates", ErrLink},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := writeChart(t, "-- values.yaml --\na: 1\n-- templates/x.yaml --\nx\n-- vendor/sub/Chart.yaml --\nname: sub\n-- charts/x --\n")
			if err := os.Symlink(tt.target, filepath.Join(dir, tt.link)); err != nil {
				t.Fatal(err)
			}
			_, err := Read(dir)
			if !errors.Is(err, tt.want) || err != nil && !strings.HasPrefix(err.Error(), tt.link) {
				t.Errorf("Read: %v, want %v", err, tt.want)
			}
		})
	}
}

// TestReadLinkedFile holds that a link counts as what it leads to.
func TestReadLinkedFile(t *testing.T) {
	dir := writeChart(t, "-- values.yaml --\na: 1\n-- vendor/sub/Chart.yaml --\nname: sub\n-- charts/x --\n")
	for link, target := range map[string]string{"other.yaml": "values.yaml", "charts/sub": "../vendor/sub"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if string(c.files["other.yaml"]) != "a: 1\n" || string(c.files["charts/sub/Chart.yaml"]) != "name: sub\n" {
		t.Errorf("Read: %q", c.files)
	}
}

// TestReadManyLinks has two loops, which together are one of 2 to the power of
// the depth.
func TestReadManyLinks(t *testing.T) {
	dir := writeChart(t, "")
	for _, name := range []string{"a", "b"} {
		if err := os.Symlink(".", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Read(dir); !errors.Is(err, ErrLink) {
		t.Errorf("Read: %v", err)
	}
}

// TestReadPipe has a pipe that nobody writes to. It must not be opened.
func TestReadPipe(t *testing.T) {
	dir := writeChart(t, "-- templates/x.yaml --\nx\n")
	if err := syscall.Mkfifo(filepath.Join(dir, "templates", "p.yaml"), 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := Read(dir); !errors.Is(err, ErrSpecial) || !strings.HasPrefix(err.Error(), "templates/p.yaml: ") {
		t.Errorf("Read: %v", err)
	}
}

func TestUnpackRefuses(t *testing.T) {
	tests := []struct {
		name   string
		header tar.Header
		want   string
	}{
		{"link", tar.Header{Typeflag: tar.TypeSymlink, Name: "sub/a", Linkname: "/etc/passwd"}, ErrLink.Error()},
		{"hard link", tar.Header{Typeflag: tar.TypeLink, Name: "sub/a", Linkname: "/etc/passwd"}, ErrLink.Error()},
		{"device", tar.Header{Typeflag: tar.TypeChar, Name: "sub/a"}, ErrSpecial.Error()},
		{"path out of the archive", tar.Header{Typeflag: tar.TypeReg, Name: "sub/../../a"}, "no path of a file"},
		{"path of a parent", tar.Header{Typeflag: tar.TypeReg, Name: "../a"}, "no path of a file"},
		{"absolute path", tar.Header{Typeflag: tar.TypeReg, Name: "/sub/a"}, "no path of a file"},
		{"path without a directory", tar.Header{Typeflag: tar.TypeReg, Name: "a"}, "no path of a file"},
		{"path of Windows", tar.Header{Typeflag: tar.TypeReg, Name: `sub/..\..\a`}, "no path of a file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			zipped := gzip.NewWriter(&out)
			w := tar.NewWriter(zipped)
			if err := errors.Join(w.WriteHeader(&tt.header), w.Close(), zipped.Close()); err != nil {
				t.Fatal(err)
			}
			r := &reader{files: map[string][]byte{}}
			err := r.unpack("charts/sub.tgz", out.Bytes())
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "charts/sub.tgz: ") {
				t.Errorf("unpack: %v, want %s", err, tt.want)
			}
			if len(r.files) > 0 {
				t.Errorf("unpack adds %q", r.files)
			}
		})
	}
}

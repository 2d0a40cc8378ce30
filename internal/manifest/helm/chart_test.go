package helm

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// writeChart writes a chart that is given as a txtar archive, to which a Chart.yaml is added where
// it has none.
func writeChart(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range contents(archive) {
		if err := write(filepath.Join(dir, filepath.FromSlash(name)), text); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// oneTemplate is the archive of a chart that is nothing unusual.
const oneTemplate = "-- templates/x.yaml --\na: 1\n"

// contents are the files of an archive.
func contents(archive string) map[string][]byte {
	files := map[string][]byte{"Chart.yaml": chartYAML("top")}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[f.Name] = f.Data
	}
	return files
}

func chartYAML(name string) []byte {
	return []byte("apiVersion: v2\nname: " + name + "\nversion: 1.2.3\n")
}

// mustRead reads a chart that is nothing unusual.
func mustRead(t *testing.T, archive string) *Chart {
	t.Helper()
	c, err := Read(writeChart(t, archive))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRead(t *testing.T) {
	dir := writeChart(t, "-- values.yaml --\na: 1\n-- templates/x.yaml --\nx\n-- .git/config --\nx\n-- charts/README.md --\nx\n")
	c, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Join(slices.Sorted(maps.Keys(c.files)), " ")
	if want := "Chart.yaml charts/README.md templates/x.yaml values.yaml"; names != want || c.Name != "top" || c.Dir != dir {
		t.Errorf("Read: %s, name %s, directory %s\nwant %s", names, c.Name, c.Dir, want)
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, archive, want string }{
		{"no name", "-- Chart.yaml --\nversion: 1.0.0\n", "Chart.yaml: the chart has no name"},
		{"no YAML", "-- Chart.yaml --\na: [\n", "Chart.yaml: "},
		{"subchart that is none", "-- charts/sub/values.yaml --\na: 1\n", "charts/sub/Chart.yaml: no such file"},
		{"archive that is none", "-- charts/sub.tgz --\nx\n", "charts/sub.tgz: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Read(writeChart(t, tt.archive)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("Read: %v\nwant %s", err, tt.want)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Read of what is not there: %v", err)
	}
	if _, err := Read(t.TempDir()); err == nil || err.Error() != "Chart.yaml: no such file" {
		t.Errorf("Read of an empty directory: %v", err)
	}
}

func TestReadTooBig(t *testing.T) {
	dir := writeChart(t, "")
	f, err := os.Create(filepath.Join(dir, "big"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(maxBytes + 1); err != nil { // it takes no room on the disk
		t.Fatal(err)
	}
	if _, err := Read(dir); !errors.Is(err, ErrTooBig) || !strings.HasPrefix(err.Error(), "big: ") {
		t.Errorf("Read: %v", err)
	}
}

// packed is the archive of a subchart.
func packed(t *testing.T, archive string) string {
	t.Helper()
	text, err := pack(contents(archive))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// putFile writes a file that no txtar archive can hold.
func putFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := write(filepath.Join(dir, filepath.FromSlash(name)), []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// TestReadArchives has an archive in an archive.
func TestReadArchives(t *testing.T) {
	outer := contents("-- Chart.yaml --\nname: a\n-- templates/a.yaml --\na\n-- docs/b.tgz --\nno archive\n")
	outer["charts/b.tgz"] = []byte(packed(t, "-- Chart.yaml --\nname: b\n-- templates/b.yaml --\nb\n"))
	text, err := pack(outer)
	if err != nil {
		t.Fatal(err)
	}
	dir := writeChart(t, "")
	putFile(t, dir, "charts/a-1.tgz", string(text))
	c, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Chart.yaml", "charts/a-1.tgz/Chart.yaml", "charts/a-1.tgz/charts/b.tgz/Chart.yaml",
		"charts/a-1.tgz/charts/b.tgz/templates/b.yaml", "charts/a-1.tgz/docs/b.tgz", "charts/a-1.tgz/templates/a.yaml",
	}
	if got := slices.Sorted(maps.Keys(c.files)); !slices.Equal(got, want) {
		t.Errorf("Read: %q", got)
	}
	again, err := repack(c.files)
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(again)); !slices.Equal(got, []string{"Chart.yaml", "charts/a-1.tgz"}) {
		t.Fatalf("repack: %q", got)
	}
	r := &reader{files: again}
	if err := r.archives(); err != nil || !maps.EqualFunc(r.files, c.files, bytes.Equal) {
		t.Errorf("packed and unpacked again: %q, %v", slices.Sorted(maps.Keys(r.files)), err)
	}
}

func TestPath(t *testing.T) {
	c := mustRead(t, `
-- Chart.yaml --
name: top
dependencies:
- name: sub
  alias: other
- name: sub
-- charts/directory/Chart.yaml --
name: sub
-- charts/directory/charts/inner/Chart.yaml --
name: nested
`)
	tests := []struct{ source, want string }{
		{"top/templates/a.yaml", "templates/a.yaml"},
		{"top/templates/charts/a.yaml", "templates/charts/a.yaml"},
		{"top/charts/sub/templates/a.yaml", "charts/directory/templates/a.yaml"},
		{"top/charts/other/templates/a.yaml", "charts/directory/templates/a.yaml"},
		{"top/charts/other/charts/nested/templates/a.yaml", "charts/directory/charts/inner/templates/a.yaml"},
		{"top/charts/unknown/templates/a.yaml", "charts/unknown/templates/a.yaml"},
	}
	for _, tt := range tests {
		if got := c.root.path(tt.source); got != tt.want {
			t.Errorf("path(%s) = %s, want %s", tt.source, got, tt.want)
		}
	}
}

func TestMissing(t *testing.T) {
	tests := []struct{ name, archive, want string }{
		{"none", "", ""},
		{"all", "-- Chart.yaml --\nname: top\ndependencies: [{name: a}, {name: b, alias: c}, {name: a, alias: d}]\n", "a b"},
		{"one", "-- Chart.yaml --\nname: top\ndependencies: [{name: a}, {name: b}]\n-- charts/x/Chart.yaml --\nname: b\n", "a"},
		{"of an old chart", "-- requirements.yaml --\ndependencies: [{name: a}]\n", "a"},
		{"of a subchart", "-- charts/x/Chart.yaml --\nname: x\ndependencies: [{name: a}]\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("PATH", t.TempDir()) // it is found without helm
			_, err := mustRead(t, tt.archive).Render(t.Context(), Options{})
			var missing *DependencyError
			got := ""
			if errors.As(err, &missing) {
				got = strings.Join(missing.Names, " ")
			}
			if got != tt.want {
				t.Errorf("missing %q, want %q", got, tt.want)
			}
		})
	}
}

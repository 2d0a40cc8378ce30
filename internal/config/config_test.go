package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/config"
)

// realDir is a new directory without symbolic links in its path.
func realDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestHolds(t *testing.T) {
	for _, tt := range []struct {
		pattern, path string
		want          bool
	}{
		// A directory, and what lies at or below it.
		{"k8s/prod", "k8s/prod", true},
		{"k8s/prod", "k8s/prod/web/pod.yaml", true},
		{"k8s/prod", "k8s", false},
		{"k8s/prod", "k8s/production", false},
		{"k8s/prod", "other/k8s/prod", false},
		{"k8s/prod/", "k8s/prod/pod.yaml", true},
		{"./k8s/prod", "k8s/prod/pod.yaml", true},
		// A file.
		{"k8s/pod.yaml", "k8s/pod.yaml", true},
		{"k8s/pod.yaml", "k8s/pod.yml", false},
		{"k8s/*.yaml", "k8s/pod.yaml", true},
		{"k8s/*.yaml", "k8s/web/pod.yaml", false},
		// One star is one part of a path, and may leave what is below to the rest.
		{"k8s/*/prod", "k8s/web/prod", true},
		{"k8s/*/prod", "k8s/web/prod/pod.yaml", true},
		{"k8s/*/prod", "k8s/web/api/prod", false},
		{"k8s/{web,api}", "k8s/api/pod.yaml", true},
		{"k8s/{web,api}", "k8s/db/pod.yaml", false},
		// Two stars are any number of directories, none of them too.
		{"**/prod", "prod", true},
		{"**/prod", "k8s/web/prod/pod.yaml", true},
		{"**/prod", "k8s/web/dev/pod.yaml", false},
		{"k8s/**/prod", "k8s/prod", true},
		{"k8s/**/prod", "k8s/a/b/c/prod/pod.yaml", true},
		{"k8s/**/*.yaml", "k8s/a/b/pod.yaml", true},
		{"**", "anything/at/all.yaml", true},
		// The directory of the settings itself.
		{".", ".", true},
		{"**", ".", true},
		// Outside of it.
		{"**/prod", "../elsewhere/dev", false},
		{"../elsewhere/dev", "../elsewhere/dev", true},
		{"../elsewhere/dev", "../elsewhere/dev/pod.yaml", true},
		{"../elsewhere/dev", "../elsewhere/prod", false},
	} {
		t.Run(tt.pattern+" "+tt.path, func(t *testing.T) {
			dir := filepath.Join(realDir(t), "repo")
			file := filepath.Join(dir, config.FileName)
			write(t, file, "views:\n- name: v\n  paths:\n  - never/there\n  - '"+tt.pattern+"'\n")
			c, err := config.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Holds(&c.Views[0], filepath.Join(dir, filepath.FromSlash(tt.path))); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestHoldsThroughLink names the settings through a symbolic link: the paths
// are resolved, and so the directory of the settings must be.
func TestHoldsThroughLink(t *testing.T) {
	dir := realDir(t)
	write(t, filepath.Join(dir, "repo", config.FileName), "views: [{name: v, paths: [k8s]}]\n")
	if err := os.Symlink("repo", filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	c, err := config.Load(filepath.Join(dir, "link", config.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if !c.Holds(&c.Views[0], filepath.Join(dir, "repo", "k8s", "pod.yaml")) {
		t.Error("a file below the directory that the link leads to is not held")
	}
}

func TestFind(t *testing.T) {
	dir := realDir(t)
	outer := filepath.Join(dir, "repo", config.FileName)
	inner := filepath.Join(dir, "repo", "inner", config.FileName)
	for _, file := range []string{
		outer, inner,
		filepath.Join(dir, "repo", "inner", "deep", "pod.yaml"),
		filepath.Join(dir, "repo", "pod.yaml"),
		filepath.Join(dir, "other", "pod.yaml"),
	} {
		write(t, file, "")
	}
	for path, want := range map[string]string{
		"repo":                     outer,
		"repo/pod.yaml":            outer,
		"repo/.egresslint.yaml":    outer,
		"repo/inner":               inner,
		"repo/inner/deep":          inner,
		"repo/inner/deep/pod.yaml": inner,
		"repo/not/there":           outer,
		"other":                    "",
		"other/pod.yaml":           "",
	} {
		t.Run(path, func(t *testing.T) {
			if got := config.Find(filepath.Join(dir, filepath.FromSlash(path))); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	t.Run("relative", func(t *testing.T) {
		t.Chdir(filepath.Join(dir, "repo", "inner", "deep"))
		if got := config.Find("."); got != inner {
			t.Errorf("got %q, want %q", got, inner)
		}
	})
}

func TestLoad(t *testing.T) {
	for name, text := range map[string]string{
		"empty":             "",
		"comment":           "# nothing yet\n",
		"document markers":  "---\n...\n",
		"null":              "null\n",
		"no views":          "views:\n",
		"an empty list":     "views: []\n",
		"an empty document": "---\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(realDir(t), config.FileName)
			write(t, file, text)
			c, err := config.Load(file)
			if err != nil || c == nil || len(c.Views) != 0 {
				t.Errorf("got %+v, %v; want no views and no error", c, err)
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"unknown key":            {"views: []\nrule: {}\n", "line 2"},
		"unknown key of view":    {"views:\n- name: a\n  paths: [a]\n  path: b\n", "line 4"},
		"no mapping":             {"- a\n", "line 1"},
		"views is no list":       {"views: a\n", "line 1"},
		"paths is no list":       {"views:\n- name: a\n  paths: {a: b}\n", "line 3"},
		"not YAML":               {"views: [\n", ""},
		"no name":                {"views:\n- paths: [a]\n", "view 1 has no name"},
		"second has no name":     {"views:\n- {name: a, paths: [a]}\n- paths: [a]\n", "view 2 has no name"},
		"two of one name":        {"views:\n- {name: a, paths: [a]}\n- {name: a, paths: [b]}\n", `there are two views "a"`},
		"no paths":               {"views:\n- name: a\n", `view "a" has no paths`},
		"an empty list":          {"views:\n- {name: a, paths: []}\n", `view "a" has no paths`},
		"an open bracket":        {"views:\n- {name: a, paths: ['[a']}\n", `view "a": "[a" is no glob`},
		"an open brace":          {"views:\n- {name: a, paths: [b, 'x/{a']}\n", `view "a": "x/{a" is no glob`},
		"a backslash at the end": {"views:\n- {name: a, paths: ['a\\']}\n", "is no glob"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(realDir(t), config.FileName)
			write(t, file, tt.text)
			_, err := config.Load(file)
			if err == nil {
				t.Fatal("no error")
			}
			if text, ok := strings.CutPrefix(err.Error(), file+": "); !ok || !strings.Contains(text, tt.want) {
				t.Errorf("got %q, want the file and %q", err, tt.want)
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		file := filepath.Join(realDir(t), "nowhere.yaml")
		if _, err := config.Load(file); err == nil || err.Error() != file+": no such file or directory" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a directory", func(t *testing.T) {
		dir := realDir(t)
		if _, err := config.Load(dir); err == nil || strings.Count(err.Error(), dir) != 1 {
			t.Errorf("got %v, want an error that names it once", err)
		}
	})
}

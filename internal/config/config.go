// Package config reads .egresslint.yaml, the settings of a repository.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/source"
)

// FileName is what the file of settings is called.
const FileName = ".egresslint.yaml"

// Config is the settings. The zero Config is what holds without a file.
type Config struct {
	// Views spell out the views of the tree, in the place of those that would be
	// worked out.
	Views []View `yaml:"views"`
	// DNS tells what answers DNS in the cluster. Without it that is CoreDNS.
	DNS DNS `yaml:"dns"`

	// dir is the directory of the file, absolute and with symbolic links
	// resolved.
	dir string
}

// View is one view that is spelled out.
type View struct {
	// Name is what it is called.
	Name string `yaml:"name"`
	// Paths are globs of directories and files, relative to the file of
	// settings, with slashes; ** stands for any number of directories. What
	// lies at or below one is part of the view.
	Paths []string `yaml:"paths"`
}

// Find is the path of the file that holds for a path: the nearest at or above
// it. It is "" where there is none.
func Find(of string) string {
	dir := source.Real(of)
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	for {
		file := filepath.Join(dir, FileName)
		if _, err := os.Stat(file); err == nil {
			return file
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// Load reads a file of settings. A key that is not known is an error, with the
// line.
func Load(file string) (*Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		var perr *fs.PathError
		if errors.As(err, &perr) {
			err = perr.Err
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	c := &Config{dir: source.Real(filepath.Dir(file))}
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithKnownFields())
	if err == nil {
		err = loader.Load(c)
	}
	if err != nil && !errors.Is(err, io.EOF) { // a file without settings is none
		text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "construct errors: ")
		return nil, fmt.Errorf("%s: %s", file, unknownKey.ReplaceAllString(text, "unknown key $1"))
	}
	return c, c.check(file)
}

// unknownKey is how the parser says that there is no such key.
var unknownKey = regexp.MustCompile(`field (\S+) not found in type \S+`)

// check looks for what no view can be made of.
func (c *Config) check(file string) error {
	names := map[string]bool{}
	for i, v := range c.Views {
		switch {
		case v.Name == "":
			return fmt.Errorf("%s: view %d has no name", file, i+1)
		case names[v.Name]:
			return fmt.Errorf("%s: there are two views %q", file, v.Name)
		case len(v.Paths) == 0:
			return fmt.Errorf("%s: view %q has no paths", file, v.Name)
		}
		names[v.Name] = true
		for _, pattern := range v.Paths {
			if !doublestar.ValidatePattern(pattern) {
				return fmt.Errorf("%s: view %q: %q is no glob", file, v.Name, pattern)
			}
		}
	}
	for i := range c.DNS {
		if err := c.DNS[i].check(); err != nil {
			return fmt.Errorf("%s: dns: %w", file, err)
		}
	}
	return nil
}

// Holds reports whether what lies at a path, absolute and with symbolic links
// resolved, is part of a view of these settings.
func (c *Config) Holds(v *View, resolved string) bool {
	rel, err := filepath.Rel(c.dir, resolved)
	if err != nil {
		return false
	}
	for at := filepath.ToSlash(rel); ; at = path.Dir(at) {
		for _, pattern := range v.Paths {
			if doublestar.MatchUnvalidated(path.Clean(pattern), at) {
				return true
			}
		}
		if at == "." || at == "/" || path.Dir(at) == at {
			return false
		}
	}
}

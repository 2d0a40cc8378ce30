// Package config reads .egresslint.yaml, the settings of a repository.
package config

//go:generate go test -run TestSchema$ -update .

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/source"
)

// FileName is what the file of settings is called.
const FileName = ".egresslint.yaml"

// Config is the settings. The zero Config is what holds without a file.
type Config struct {
	// Levels of rules, by their codes or names: off, note, warning, error, or
	// default for the levels of the rule itself.
	Rules map[string]Level `yaml:"rules"`
	// Directories and files to lint where the command line names none, relative to
	// the file of settings.
	Paths []string `yaml:"paths"`
	// Globs of files and directories that are not linted, relative to the file of
	// settings; ** stands for any number of directories.
	Exclude []string `yaml:"exclude"`
	// Views that are spelled out, in the place of those that would be worked out.
	Views []View `yaml:"views"`
	// What answers DNS in the cluster. Without it that is CoreDNS.
	DNS DNS `yaml:"dns"`
	// Namespaces that need no egress isolation, beside those of the system; * stands
	// for any characters.
	ExemptNamespaces []string `yaml:"exempt-namespaces"`
	// What is known of the network plugin.
	Plugin Plugin `yaml:"plugin"`
	// Findings that are all right.
	Ignore []Ignore `yaml:"ignore"`
	// Whether a suppression has to give a reason. It has, unless this is false.
	RequireReason *bool `yaml:"require-reason"`
	// A file of findings that were there before, relative to the file of settings.
	Baseline string `yaml:"baseline"`
	// The level from which on findings fail a run: note, warning, error, or never.
	// Without it that is warning.
	FailLevel FailLevel `yaml:"fail-level"`
	// The format of what is printed. Without it that is text, or github in a
	// workflow of GitHub.
	Format string `yaml:"format"`

	// dir is the directory of the file, absolute and with symbolic links
	// resolved.
	dir string
}

// View is one view that is spelled out.
type View struct {
	// What it is called.
	Name string `yaml:"name"`
	// Globs of directories and files, relative to the file of settings, with
	// slashes; ** stands for any number of directories. What lies at or below one
	// is part of the view.
	Paths []string `yaml:"paths"`
}

// Plugin is what is known of the network plugin.
type Plugin struct {
	// Whether an ipBlock covers the addresses of pods. Plugins differ: without it
	// that is unknown.
	IPBlocksCoverPods *bool `yaml:"ip-blocks-cover-pods"`
	// The blocks of addresses that pods have, as 10.244.0.0/16.
	PodCIDRs []string `yaml:"pod-cidrs"`
}

// Ignore is findings that are all right. All that is given has to hold of one.
type Ignore struct {
	// Codes or names of rules.
	Rules []string `yaml:"rules"`
	// Globs of files and directories, relative to the file of settings.
	Paths []string `yaml:"paths,omitempty"`
	// Globs of objects, as "NetworkPolicy shop/*", with the namespace that the
	// object has after rendering.
	Objects []string `yaml:"objects,omitempty"`
	// Why the findings are all right.
	Reason string `yaml:"reason,omitempty"`

	at source.Span
}

// At is where the entry is written.
func (i *Ignore) At() source.Span { return i.at }

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

// Load reads a file of settings. A key that is not known is an error, and so is a
// value that means nothing; both with the line.
func Load(file string) (*Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		var perr *fs.PathError
		if errors.As(err, &perr) {
			err = perr.Err
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	c, err := parse(source.New(source.Shown(file), source.Real(file)).Rewritten(text))
	if err != nil {
		text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "construct errors: ")
		return nil, fmt.Errorf("%s: %s", file, unknownKey.ReplaceAllString(text, "unknown key $1"))
	}
	return c, nil
}

// unknownKey is how the parser says that there is no such key.
var unknownKey = regexp.MustCompile(`field (\S+) not found in type \S+`)

func parse(f *source.File) (*Config, error) {
	c := &Config{dir: filepath.Dir(f.Real)}
	loader, err := yaml.NewLoader(bytes.NewReader(f.Src), yaml.WithKnownFields())
	if err == nil {
		err = loader.Load(c)
	}
	if errors.Is(err, io.EOF) { // a file without settings is none
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(f.Src, &root); err != nil {
		return nil, err
	}
	for i := range c.Ignore {
		c.Ignore[i].at = f.Span(find(&root, "ignore", i), 1)
	}
	if fault := c.check(); fault != nil {
		return nil, fmt.Errorf("line %d: %s", find(&root, fault.path...).Line, fault.text)
	}
	return c, nil
}

// find is the node at a path of keys and indices, or the deepest part of that
// which is there.
func find(n *yaml.Node, path ...any) *yaml.Node {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	for _, step := range path {
		next := n
		switch step := step.(type) {
		case int:
			if n.Kind == yaml.SequenceNode && step < len(n.Content) {
				next = n.Content[step]
			}
		case string:
			for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					next = n.Content[i+1]
				}
			}
		}
		if next == n {
			return n
		}
		n = next
	}
	return n
}

// Dir is the directory of the file, absolute and with symbolic links resolved. It
// is "" without a file.
func (c *Config) Dir() string { return c.dir }

// At is the same settings for a copy of the tree: what lay below one directory
// lies below another.
func (c *Config) At(from, to string) *Config {
	moved := *c
	if rel, err := filepath.Rel(from, c.dir); err == nil && filepath.IsLocal(rel) {
		moved.dir = filepath.Join(to, rel)
	}
	return &moved
}

package config

import (
	"maps"
	"path"
	"path/filepath"
	"slices"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/egresslint/egresslint/rules"
)

// Holds reports whether what lies at a path, absolute and with symbolic links
// resolved, is part of a view of these settings.
func (c *Config) Holds(v *View, resolved string) bool { return c.below(v.Paths, resolved) }

// Excludes reports whether what lies at a path, absolute and with symbolic links
// resolved, is not to be linted.
func (c *Config) Excludes(resolved string) bool { return c.below(c.Exclude, resolved) }

// below reports whether a path, or a directory above it, is one of those that
// globs name.
func (c *Config) below(globs []string, resolved string) bool {
	if len(globs) == 0 || resolved == "" {
		return false
	}
	rel, err := filepath.Rel(c.dir, resolved)
	if err != nil {
		return false
	}
	for at := filepath.ToSlash(rel); ; at = path.Dir(at) {
		for _, glob := range globs {
			if doublestar.MatchUnvalidated(path.Clean(glob), at) {
				return true
			}
		}
		if at == "." || at == "/" || path.Dir(at) == at {
			return false
		}
	}
}

// Exempt reports whether a namespace needs no isolation.
func (c *Config) Exempt(namespace string) bool { return matches(c.ExemptNamespaces, namespace) }

// Ignores reports whether an entry is for a finding in an object, as
// "NetworkPolicy shop/api", at a path, absolute and with symbolic links resolved.
func (c *Config) Ignores(entry *Ignore, object, resolved string) bool {
	return (len(entry.Paths) == 0 || c.below(entry.Paths, resolved)) && (len(entry.Objects) == 0 || matches(entry.Objects, object))
}

func matches(globs []string, name string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool { return doublestar.MatchUnvalidated(glob, name) })
}

// Run are the rules that are not off.
func (c *Config) Run() []*rules.Rule {
	off := map[*rules.Rule]bool{}
	for name, level := range c.Rules {
		off[rules.Find(name)] = level == Off
	}
	return slices.DeleteFunc(slices.Clone(rules.All), func(r *rules.Rule) bool { return off[r] })
}

// Levels are those of the rules that have others than their own.
func (c *Config) Levels() map[*rules.Rule]rules.Level {
	all := map[*rules.Rule]rules.Level{}
	for name, level := range c.Rules {
		if level != Off && level != Default {
			all[rules.Find(name)] = rules.Level(level)
		}
	}
	return all
}

// RulesOf are the rules that an entry names.
func (i *Ignore) RulesOf() []*rules.Rule {
	all := make([]*rules.Rule, len(i.Rules))
	for n, name := range i.Rules {
		all[n] = rules.Find(name)
	}
	return all
}

// AsksReason reports whether a suppression has to give a reason.
func (c *Config) AsksReason() bool { return c.RequireReason == nil || *c.RequireReason }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

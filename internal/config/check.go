package config

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/egresslint/egresslint/rules"
)

// Level is how grave the findings of a rule are.
type Level string

// The levels beside those of package rules.
const (
	Off     Level = "off"
	Default Level = "default"
)

// FailLevel is a level of package rules, or Never.
type FailLevel string

// Never is the level at which no finding fails a run.
const Never FailLevel = "never"

// FailLevels are those from which on findings may fail a run.
var FailLevels = []FailLevel{FailLevel(rules.Note), FailLevel(rules.Warning), FailLevel(rules.Error), Never}

// levels are those that a rule can be given, the least grave first.
var levels = []Level{Off, Level(rules.Note), Level(rules.Warning), Level(rules.Error), Default}

// fault is what is wrong with a value, and the way to that.
type fault struct {
	path []any
	text string
}

func faulty(path []any, format string, args ...any) *fault {
	return &fault{path, fmt.Sprintf(format, args...)}
}

// check looks for values that mean nothing. It is nil where there are none.
func (c *Config) check() *fault {
	for _, check := range []func() *fault{
		c.checkRules, c.checkPaths, c.checkViews, c.checkDNS, c.checkNamespaces, c.checkPlugin, c.checkIgnore, c.checkFailLevel,
	} {
		if f := check(); f != nil {
			return f
		}
	}
	return nil
}

func (c *Config) checkRules() *fault {
	known := map[*rules.Rule]bool{}
	for _, name := range sortedKeys(c.Rules) {
		rule, err := rules.Named(name)
		at := []any{"rules", name}
		switch {
		case err != nil:
			return faulty(at, "rules: %v", err)
		case known[rule]:
			return faulty(at, "rules: %s is there twice, by its code and by its name", rule.Code)
		case !slices.Contains(levels, c.Rules[name]):
			return faulty(at, "rules: %s: %q is not one of %s", name, c.Rules[name], join(levels))
		}
		known[rule] = true
	}
	return nil
}

func (c *Config) checkPaths() *fault {
	for i, path := range c.Paths {
		if !filepath.IsLocal(filepath.FromSlash(path)) {
			return faulty([]any{"paths", i}, "paths: %q does not lie below the settings", path)
		}
	}
	if c.Baseline != "" && !filepath.IsLocal(filepath.FromSlash(c.Baseline)) {
		return faulty([]any{"baseline"}, "baseline: %q does not lie below the settings", c.Baseline)
	}
	return checkGlobs("exclude", c.Exclude, "exclude")
}

func (c *Config) checkViews() *fault {
	names := map[string]bool{}
	for i, v := range c.Views {
		at := []any{"views", i}
		switch {
		case v.Name == "":
			return faulty(at, "view %d has no name", i+1)
		case names[v.Name]:
			return faulty(at, "there are two views %q", v.Name)
		case len(v.Paths) == 0:
			return faulty(at, "view %q has no paths", v.Name)
		}
		names[v.Name] = true
		if f := checkGlobs(fmt.Sprintf("view %q", v.Name), v.Paths, "views", i, "paths"); f != nil {
			return f
		}
	}
	return nil
}

func (c *Config) checkDNS() *fault {
	for i := range c.DNS {
		if err := c.DNS[i].check(); err != nil {
			return faulty([]any{"dns", i}, "dns: %v", err)
		}
	}
	return nil
}

func (c *Config) checkNamespaces() *fault {
	return checkGlobs("exempt-namespaces", c.ExemptNamespaces, "exempt-namespaces")
}

func (c *Config) checkPlugin() *fault {
	for i, cidr := range c.Plugin.PodCIDRs {
		if prefix, err := netip.ParsePrefix(cidr); err != nil || prefix.Masked() != prefix {
			return faulty([]any{"plugin", "pod-cidrs", i}, "plugin: %q is no block of addresses", cidr)
		}
	}
	return nil
}

func (c *Config) checkIgnore() *fault {
	for i, entry := range c.Ignore {
		at := []any{"ignore", i}
		switch {
		case len(entry.Rules) == 0:
			return faulty(at, "ignore: entry %d names no rules", i+1)
		case len(entry.Paths) == 0 && len(entry.Objects) == 0:
			return faulty(at, "ignore: entry %d has neither paths nor objects: to have nothing of a rule, set it to off under \"rules\"", i+1)
		}
		for j, name := range entry.Rules {
			if _, err := rules.Named(name); err != nil {
				return faulty([]any{"ignore", i, "rules", j}, "ignore: %v", err)
			}
		}
		for _, globs := range []struct {
			key  string
			list []string
		}{{"paths", entry.Paths}, {"objects", entry.Objects}} {
			if f := checkGlobs("ignore", globs.list, "ignore", i, globs.key); f != nil {
				return f
			}
		}
	}
	return nil
}

func (c *Config) checkFailLevel() *fault {
	if c.FailLevel != "" && !slices.Contains(FailLevels, c.FailLevel) {
		return faulty([]any{"fail-level"}, "fail-level: %q is not one of %s", c.FailLevel, join(FailLevels))
	}
	return nil
}

// checkGlobs looks at the globs at a path.
func checkGlobs(what string, globs []string, path ...any) *fault {
	for i, glob := range globs {
		if glob == "" || !doublestar.ValidatePattern(glob) {
			return faulty(append(slices.Clip(path), i), "%s: %q is no glob", what, glob)
		}
	}
	return nil
}

func join[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

package cli

import (
	"errors"
	"os"
	"slices"

	"github.com/egresslint/egresslint/internal/baseline"
	"github.com/egresslint/egresslint/internal/config"
	"github.com/egresslint/egresslint/internal/fix"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/internal/suppress"
)

// reader reads and lints the paths of a run.
type reader struct {
	*program

	paths  []string
	flags  *lintFlags
	config *config.Config
	// baseline is nil without one.
	baseline *baseline.Baseline
	// since are the fingerprints of what was found at a revision, nil without one.
	since map[string]bool
}

func (p *program) newReader(paths []string, flags *lintFlags) (*reader, error) {
	settings, paths, err := flags.settings(paths)
	if err != nil {
		return nil, err
	}
	r := &reader{program: p, paths: paths, flags: flags, config: settings}
	return r, r.check()
}

// check looks for flags that do not go together.
func (r *reader) check() error {
	f := r.flags
	asked := 0
	for _, flag := range []bool{f.fix || f.unsafe, f.writeIgnores, f.writeBaseline != ""} {
		if flag {
			asked++
		}
	}
	stdin := slices.Contains(r.paths, source.Stdin)
	switch {
	case f.diff && (f.format != "" && f.format != "text" || len(f.outputs) > 0):
		return errors.New("--diff prints a patch and no report: leave out --format and --output")
	case f.fixes() && f.view != "":
		return errors.New("a fix has to hold in all views: leave out --view")
	case (f.fixes() || f.writeIgnores) && stdin:
		return errors.New("standard input is no file that could be written: give the paths of the files")
	case f.since != "" && stdin:
		return errors.New("--since: standard input has no revisions: give the paths of the files")
	case asked > 1, f.diff && f.writeBaseline != "":
		return errors.New("fix findings, --write-ignores and --write-baseline: only one at a time")
	}
	return f.checkKnown()
}

// linted lints the paths, and does what is asked for about findings. What is left
// has the fixes that may be offered; with --view there are none, because they
// have to hold in the other views too.
func (r *reader) linted() (*lint.Result, error) {
	if err := r.prepare(); err != nil {
		return nil, err
	}
	state, err := r.read()
	switch {
	case err != nil:
		return nil, err
	case r.flags.writeIgnores:
		return r.ignored(state)
	case r.flags.fixes():
		return r.fixed(state)
	case r.flags.writeBaseline != "":
		return r.recorded(state)
	case r.flags.view != "":
		return state.Result, nil
	}
	return state.Result, fix.Prove(state, r.lint)
}

// read is what the paths are now.
func (r *reader) read() (*fix.State, error) {
	tree, err := r.tree(r.paths, &r.flags.treeFlags, r.config)
	if err != nil {
		return nil, err
	}
	return r.lint(tree, nil)
}

// lint is the fix.Linter of the run. Of a tree that is only tried nothing is
// suppressed: what it must not bring up is compared as it is.
func (r *reader) lint(tree *manifest.Tree, before *fix.State) (*fix.State, error) {
	s := clusterSettings(r.config)
	s.Fixes = r.flags.view == "" && before == nil
	var found *lint.Result
	if before != nil {
		s.Before, found = before.Views, before.Result
	}
	views, err := r.flags.views(tree, s)
	if err != nil {
		return nil, err
	}
	result, err := lint.Run(tree, views, r.config.Run(), found)
	if err == nil && before == nil {
		result = r.sifted(result, tree)
	}
	return &fix.State{Tree: tree, Views: views, Result: result}, err
}

// sifted is a result without what is suppressed, ignored or known, and with the
// levels that the settings give.
func (r *reader) sifted(result *lint.Result, tree *manifest.Tree) *lint.Result {
	result = suppress.Apply(result, tree, r.suppressions(tree)).Leveled(r.config.Levels())
	if r.since != nil {
		result = r.changed(result)
	}
	if r.baseline != nil {
		whole := r.whole()
		result = r.baseline.Apply(result, func(path string) bool { return whole && tree.Covers(path) })
	}
	return result
}

// suppressions are those of the settings, and what is asked of all of them.
func (r *reader) suppressions(tree *manifest.Tree) suppress.Settings {
	s := suppress.Settings{Run: r.config.Run(), RequireReason: r.config.AsksReason(), Unused: r.whole()}
	s.UnusedIgnores = s.Unused && tree.Covers(r.config.Dir())
	for i := range r.config.Ignore {
		entry := &r.config.Ignore[i]
		s.Ignores = append(s.Ignores, suppress.Ignore{
			Rules: entry.RulesOf(), Reason: entry.Reason, At: entry.At(),
			Holds: func(f *lint.Finding) bool {
				return !slices.ContainsFunc(f.Objects, func(o *manifest.Resource) bool {
					return !r.config.Ignores(entry, o.Title(), f.At.File.Real)
				})
			},
		})
	}
	return s
}

// whole reports whether trees were asked for as a whole: directories, in all their
// views. Only then can be told that a suppression is of no use.
func (r *reader) whole() bool {
	return r.flags.view == "" && !slices.ContainsFunc(r.paths, func(path string) bool {
		info, err := os.Stat(path)
		return path == source.Stdin || err != nil || !info.IsDir()
	})
}

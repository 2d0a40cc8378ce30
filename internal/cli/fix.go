package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/fix"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// fixFlags say what is done about findings.
type fixFlags struct {
	fix, unsafe, diff bool
}

func (f *fixFlags) addTo(flags *pflag.FlagSet) {
	flags.BoolVar(&f.fix, "fix", false, "write the fixes that change no traffic")
	flags.BoolVar(&f.unsafe, "unsafe-fixes", false, "write the fixes that open or close connections")
	flags.BoolVar(&f.diff, "diff", false, "print the fixes as a patch and write nothing; exit 1 when there is one. Alone it is for --fix")
}

// chooses reports whether a fix is one of those that were asked for.
func (f *fixFlags) chooses(fix *lint.Fix) bool {
	if fix.Safe {
		return f.fix || !f.unsafe
	}
	return f.unsafe
}

var (
	errFixView  = errors.New("a fix has to hold in all views: leave out --view")
	errFixStdin = errors.New("standard input is no file that could be fixed: give the paths of the files")
)

// linted lints the paths, and applies the fixes that are asked for. What is left
// has the fixes that may be offered; with --view there are none, because they
// have to hold in the other views too.
func (p *program) linted(paths []string, flags *lintFlags) (*lint.Result, error) {
	asked := flags.fix || flags.unsafe || flags.diff
	switch {
	case asked && flags.view != "":
		return nil, errFixView
	case asked && slices.Contains(paths, source.Stdin):
		return nil, errFixStdin
	}
	r, err := p.newReader(paths, flags)
	if err != nil {
		return nil, err
	}
	state, err := r.read()
	switch {
	case err != nil:
		return nil, err
	case asked:
		return r.fixed(state)
	case flags.view != "":
		return state.Result, nil
	}
	return state.Result, fix.Prove(state, r.lint)
}

// reader reads and lints the paths of a run.
type reader struct {
	*program

	paths    []string
	flags    *lintFlags
	settings cluster.Settings
}

func (p *program) newReader(paths []string, flags *lintFlags) (*reader, error) {
	settings, err := flags.settings(paths)
	if err != nil {
		return nil, err
	}
	return &reader{p, paths, flags, clusterSettings(settings)}, nil
}

// read is what the paths are now.
func (r *reader) read() (*fix.State, error) {
	tree, err := r.tree(r.paths, &r.flags.treeFlags)
	if err != nil {
		return nil, err
	}
	return r.lint(tree, nil)
}

// lint is the fix.Linter of the run.
func (r *reader) lint(tree *manifest.Tree, before *fix.State) (*fix.State, error) {
	s := r.settings
	s.Fixes = r.flags.view == "" && before == nil
	var found *lint.Result
	if before != nil {
		s.Before, found = before.Views, before.Result
	}
	views, err := r.flags.views(tree, s)
	if err != nil {
		return nil, err
	}
	result, err := lint.Run(tree, views, rules.All, found)
	return &fix.State{Tree: tree, Views: views, Result: result}, err
}

// fixed applies fixes, and writes or prints what they change.
func (r *reader) fixed(state *fix.State) (*lint.Result, error) {
	applied, err := fix.Apply(state, r.lint, r.flags.chooses)
	if err != nil {
		return nil, err
	}
	if r.flags.diff {
		return applied.Result, r.patch(applied)
	}
	written, err := fix.Write(applied.Files)
	if err != nil {
		r.raise(ExitTrouble)
		fmt.Fprintf(r.stderr, "egresslint: %v\n", err)
		if applied.State, err = r.read(); err != nil { // not all became as it should
			return nil, err
		}
	}
	for _, f := range applied.Fixed {
		if !slices.ContainsFunc(f.Fixes[0].Edits, func(e source.Edit) bool { return !slices.Contains(written, e.File.Path) }) {
			applied.Result.Fixed = append(applied.Result.Fixed, f)
		}
	}
	return applied.Result, nil
}

// patch prints the fixes as a patch for the working directory.
func (p *program) patch(applied *fix.Applied) error {
	if err := p.trouble(applied.Tree, applied.Views); err != nil {
		return err
	}
	here := source.Real(".")
	for i := range applied.Files {
		f := &applied.Files[i]
		rel, err := filepath.Rel(here, f.Real)
		if err != nil || !filepath.IsLocal(rel) {
			return fmt.Errorf("--diff: %s lies outside the working directory, to which a patch is relative", f.Path)
		}
		f.Path = filepath.ToSlash(rel)
	}
	text, err := fix.Diff(applied.Files)
	if err != nil {
		return err
	}
	if text != "" {
		p.raise(ExitFindings)
	}
	_, err = io.WriteString(p.stdout, text)
	return err
}

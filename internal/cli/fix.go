package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/egresslint/egresslint/internal/fix"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
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

// fixes reports whether fixes are asked for.
func (f *fixFlags) fixes() bool { return f.fix || f.unsafe || f.diff }

// chooses reports whether a fix is one of those that were asked for.
func (f *fixFlags) chooses(fix *lint.Fix) bool {
	if fix.Safe {
		return f.fix || !f.unsafe
	}
	return f.unsafe
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

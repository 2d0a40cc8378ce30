package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/egresslint/egresslint/internal/baseline"
	"github.com/egresslint/egresslint/internal/fix"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/revision"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/internal/suppress"
)

// knownFlags say which findings are known, and not to be reported.
type knownFlags struct {
	baseline, writeBaseline string
	since                   string
	writeIgnores            bool
	reason                  string
	showSuppressed          bool
}

func (k *knownFlags) addTo(f *pflag.FlagSet) {
	f.StringVar(&k.baseline, "baseline", "", "report only findings that are not in this `FILE`")
	f.StringVar(&k.writeBaseline, "write-baseline", "", "write the findings to this `FILE`, for --baseline")
	f.StringVar(&k.since, "since", "", "report only findings that were not there at this git `REVISION`")
	f.BoolVar(&k.writeIgnores, "write-ignores", false, "write a comment at each finding that suppresses it; needs --reason")
	f.StringVar(&k.reason, "reason", "", "the `TEXT` that --write-ignores gives as the reason")
	f.BoolVar(&k.showSuppressed, "show-suppressed", false, "report what is suppressed too, as such")
}

// checkKnown looks for flags that do not go together.
func (k *knownFlags) checkKnown() error {
	switch {
	case k.writeIgnores && strings.TrimSpace(k.reason) == "":
		return errors.New("--write-ignores needs a --reason: say why the findings are all right")
	case !k.writeIgnores && k.reason != "":
		return errors.New("--reason is the reason for --write-ignores, which is missing")
	case strings.ContainsAny(k.reason, "\r\n"):
		return errors.New("--reason: a comment is one line")
	case k.writeBaseline != "" && k.since != "":
		return errors.New("--write-baseline writes all findings: leave out --since")
	}
	return nil
}

// prepare reads what is known already. A baseline that is to be written anew is
// none.
func (r *reader) prepare() error {
	file := r.flags.baseline
	if file == "" && r.config.Baseline != "" {
		file = source.Shown(filepath.Join(r.config.Dir(), filepath.FromSlash(r.config.Baseline)))
	}
	if file != "" && r.flags.writeBaseline == "" {
		var err error
		if r.baseline, err = baseline.Load(file); err != nil {
			return err
		}
	}
	if r.flags.since == "" {
		return nil
	}
	var err error
	r.since, err = r.before(context.Background())
	return err
}

// before are the fingerprints of what was found at the revision, with the settings
// of today.
func (r *reader) before(ctx context.Context) (known map[string]bool, err error) {
	old, err := revision.Checkout(ctx, r.flags.since, r.paths, r.flags.allowOutside)
	if err != nil {
		return nil, fmt.Errorf("--since: %w", err)
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	then := reader{program: r.program, flags: r.flags, config: r.config.At(old.Root, old.Dir)}
	for _, path := range r.paths {
		if old.Has(path) {
			then.paths = append(then.paths, old.Path(path))
		}
	}
	known = map[string]bool{}
	if len(then.paths) == 0 {
		return known, nil
	}
	state, err := then.read()
	if err != nil {
		return nil, fmt.Errorf("--since: %w", err)
	}
	for _, f := range state.Result.Findings {
		known[f.Fingerprint] = true
	}
	return known, nil
}

// changed is a result without what was found at the revision.
func (r *reader) changed(result *lint.Result) *lint.Result {
	return result.Suppress(func(f *lint.Finding) *lint.Suppression {
		if !r.since[f.Fingerprint] {
			return nil
		}
		return &lint.Suppression{By: lint.BySince, Reason: "found at " + r.flags.since + " too"}
	})
}

// recorded writes the baseline.
func (r *reader) recorded(state *fix.State) (*lint.Result, error) {
	file := r.flags.writeBaseline
	if err := baseline.Write(file, state.Result.Findings); err != nil {
		return nil, err
	}
	written, err := baseline.Load(file)
	if err != nil {
		return nil, err
	}
	return written.Apply(state.Result, func(string) bool { return false }), nil
}

// ignored writes a comment at each finding.
func (r *reader) ignored(state *fix.State) (*lint.Result, error) {
	edits, refused := suppress.Comments(state.Result.Findings, strings.TrimSpace(r.flags.reason), state.Tree.Has)
	files, err := changedBy(edits)
	if err != nil {
		return nil, err
	}
	if r.flags.diff {
		return state.Result, r.patch(&fix.Applied{State: state, Files: files})
	}
	if _, err := fix.Write(files); err != nil {
		r.raise(ExitTrouble)
		fmt.Fprintf(r.stderr, "egresslint: %v\n", err)
	}
	for _, f := range refused {
		fmt.Fprintf(r.stderr, "egresslint: %s:%d: no comment is written for %s: %s\n",
			source.PrintablePath(f.At.File.Path), f.At.Start().Line, f.Rule.Code, f.Why)
	}
	state, err = r.read()
	if err != nil {
		return nil, err
	}
	return state.Result, nil
}

// changedBy are the files that edits change.
func changedBy(edits []source.Edit) ([]fix.Changed, error) {
	by := map[string][]source.Edit{}
	var order []*source.File
	for _, e := range edits {
		if by[e.File.Real] == nil {
			order = append(order, e.File)
		}
		by[e.File.Real] = append(by[e.File.Real], e)
	}
	var files []fix.Changed
	for _, f := range order {
		after, err := f.Apply(by[f.Real])
		if err != nil {
			return nil, err
		}
		files = append(files, fix.Changed{Path: f.Path, Real: f.Real, Before: f.Src, After: after, Edits: by[f.Real]})
	}
	return files, nil
}

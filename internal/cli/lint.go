package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/egresslint/egresslint/internal/config"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/report"
	"github.com/egresslint/egresslint/rules"
)

// lintFlags are the flags of the command itself.
type lintFlags struct {
	treeFlags

	format    string
	outputs   []string
	failLevel string
	color     string

	fixFlags
	knownFlags
}

func (p *program) lintCommand() *cobra.Command {
	var flags lintFlags
	c := &cobra.Command{
		Use:   "egresslint [flags] [PATH...]",
		Short: "find where the egress of Kubernetes NetworkPolicies is open, broken or leaking",
		Long: `egresslint reads Kubernetes manifests, works out which traffic their
NetworkPolicies allow, and reports where egress is open, broken or leaking.

A PATH is a file, a directory, or - for standard input. Without a path it reads
the working directory. The exit status is 0 when nothing was found at or above
--fail-level, 1 when something was, and 2 when something could not be read or
the call was wrong.

Some findings have a fix, which is tried in memory before it is offered: the
finding is gone then, no other came up, and the connections that open and close
are those that the report lists. With --fix, those that change no traffic are
written to the files, with --unsafe-fixes those that change it, and with --diff
either are printed as a patch instead.`,
		Example: `  egresslint ./k8s
  kustomize build overlays/prod | egresslint -
  egresslint --format json -o sarif=egresslint.sarif ./k8s`,
		Args:    cobra.ArbitraryArgs,
		Version: version(),
		RunE:    func(_ *cobra.Command, paths []string) error { return p.lint(paths, &flags) },
	}
	f := c.Flags()
	f.StringVarP(&flags.format, "format", "f", "", "print the report in this `FORMAT`: "+strings.Join(report.Names(), ", ")+" (default text, or github in a workflow of GitHub)")
	f.StringArrayVarP(&flags.outputs, "output", "o", nil, "write a report to a file too, as `FORMAT=PATH`; may be given several times")
	f.StringVar(&flags.failLevel, "fail-level", "", "exit 1 for findings of this `LEVEL` and above: note, warning, error, or never (default warning)")
	f.StringVar(&flags.color, "color", "auto", "colour the text: `WHEN` is auto, always or never")
	flags.fixFlags.addTo(f)
	flags.knownFlags.addTo(f)
	flags.treeFlags.addTo(f)
	return withoutUsage(c)
}

func (p *program) lint(paths []string, flags *lintFlags) error {
	r, err := p.newReader(paths, flags)
	if err != nil {
		return err
	}
	outputs, err := p.parseOutputs(flags, r.config)
	if err != nil {
		return err
	}
	level, err := failLevel(flags, r.config)
	if err != nil {
		return err
	}
	colored, err := p.colored(flags.color)
	if err != nil {
		return err
	}
	result, err := r.linted()
	if err != nil || flags.diff {
		return err
	}
	if level != config.Never && result.Failed(rules.Level(level)) {
		p.raise(ExitFindings)
	}
	if len(result.Problems) > 0 {
		p.raise(ExitTrouble)
	}
	options := report.Options{Root: root(r.paths), Version: version(), Suppressed: flags.showSuppressed}
	for _, out := range outputs {
		options.Color = colored && out.path == toStdout
		if err := out.write(p.stdout, result, options); err != nil {
			return err
		}
	}
	return nil
}

// failLevel is the level from which on findings fail a run.
func failLevel(flags *lintFlags, settings *config.Config) (config.FailLevel, error) {
	level := cmp.Or(config.FailLevel(flags.failLevel), settings.FailLevel, config.FailLevel(rules.Warning))
	if !slices.Contains(config.FailLevels, level) {
		return "", fmt.Errorf("--fail-level %q is not one of note, warning, error, never", level)
	}
	return level, nil
}

// colored decides whether to print in colours. The package color knows about
// terminals and NO_COLOR.
func (p *program) colored(when string) (bool, error) {
	switch when {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return p.stdout == io.Writer(os.Stdout) && !color.NoColor, nil
	default:
		return false, fmt.Errorf("--color %q is not one of auto, always, never", when)
	}
}

// root is what URIs are relative to: the repository of the first path that
// lies in one, else the working directory.
func root(paths []string) string {
	for _, path := range append(slices.Clone(paths), ".") {
		if path == source.Stdin {
			continue
		}
		if dir := source.Repository(path); dir != "" {
			return dir
		}
	}
	return source.Real(".")
}

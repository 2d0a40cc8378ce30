package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/egresslint/egresslint/internal/atomicfile"
	"github.com/egresslint/egresslint/internal/lint"
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
	f.StringVarP(&flags.format, "format", "f", "text", "print the report in this `FORMAT`: "+strings.Join(report.Names(), ", "))
	f.StringArrayVarP(&flags.outputs, "output", "o", nil, "write a report to a file too, as `FORMAT=PATH`; may be given several times")
	f.StringVar(&flags.failLevel, "fail-level", string(rules.Warning), "exit 1 for findings of this `LEVEL` and above: note, warning, error")
	f.StringVar(&flags.color, "color", "auto", "colour the text: `WHEN` is auto, always or never")
	flags.fixFlags.addTo(f)
	flags.treeFlags.addTo(f)
	return withoutUsage(c)
}

func (p *program) lint(paths []string, flags *lintFlags) error {
	level := rules.Level(flags.failLevel)
	if !slices.Contains(rules.Levels, level) {
		return fmt.Errorf("--fail-level %q is not one of note, warning, error", flags.failLevel)
	}
	if flags.diff && (flags.format != "text" || len(flags.outputs) > 0) {
		return errors.New("--diff prints a patch and no report: leave out --format and --output")
	}
	outputs, err := parseOutputs(flags)
	if err != nil {
		return err
	}
	colored, err := p.colored(flags.color)
	if err != nil {
		return err
	}
	result, err := p.linted(paths, flags)
	if err != nil || flags.diff {
		return err
	}
	if result.Failed(level) {
		p.raise(ExitFindings)
	}
	if len(result.Problems) > 0 {
		p.raise(ExitTrouble)
	}
	top := root(paths)
	for _, out := range outputs {
		options := report.Options{Root: top, Version: version(), Color: colored && out.path == toStdout}
		if err := out.write(p.stdout, result, options); err != nil {
			return err
		}
	}
	return nil
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

// toStdout is the path that stands for standard output.
const toStdout = "-"

// output is one report that is asked for.
type output struct {
	format report.Format
	// path may be toStdout.
	path string
}

// parseOutputs reads --format and --output. The report that is printed comes
// first, so that it is not lost where a file cannot be written; an output to
// "-" takes the place of --format.
func parseOutputs(flags *lintFlags) ([]output, error) {
	format, err := findFormat("--format", flags.format)
	if err != nil {
		return nil, err
	}
	outputs := []output{{format, toStdout}}
	printed := false
	for _, given := range flags.outputs {
		name, path, ok := strings.Cut(given, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--output %q is not FORMAT=PATH", given)
		}
		format, err := findFormat("--output", name)
		switch {
		case err != nil:
			return nil, err
		case path != toStdout:
			outputs = append(outputs, output{format, path})
		case printed:
			return nil, fmt.Errorf("--output %q is a second report on standard output", given)
		default:
			outputs[0], printed = output{format, path}, true
		}
	}
	return outputs, nil
}

func findFormat(flag, name string) (report.Format, error) {
	format := report.Find(name)
	if format == nil {
		return nil, fmt.Errorf("%s: format %q is not one of %s", flag, name, strings.Join(report.Names(), ", "))
	}
	return format, nil
}

// write writes the report. A file is either written whole or not touched.
func (o output) write(stdout io.Writer, result *lint.Result, options report.Options) error {
	if o.path == toStdout {
		return o.format(stdout, result, options)
	}
	text, err := report.Bytes(o.format, result, options)
	if err != nil {
		return err
	}
	if info, err := os.Stat(o.path); err == nil && !info.Mode().IsRegular() {
		// A device such as /dev/stdout cannot be replaced.
		return os.WriteFile(o.path, text, 0o644)
	}
	if err := atomicfile.Write(o.path, text); err != nil {
		return fmt.Errorf("write %s: %w", o.path, err)
	}
	return nil
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

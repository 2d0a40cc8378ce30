package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/report"
	"github.com/egresslint/egresslint/rules"
)

// lintFlags are the flags of the command itself.
type lintFlags struct {
	format    string
	outputs   []string
	failLevel string
	color     string
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
the call was wrong.`,
		Example: `  egresslint ./k8s
  kustomize build overlays/prod | egresslint -
  egresslint --format json -o sarif=egresslint.sarif ./k8s`,
		Args:    cobra.ArbitraryArgs,
		Version: version(),
		RunE:    func(_ *cobra.Command, paths []string) error { return p.lint(paths, &flags) },
	}
	f := c.Flags()
	f.StringVarP(&flags.format, "format", "f", "text", "format of what is printed: "+strings.Join(report.Names(), ", "))
	f.StringArrayVarP(&flags.outputs, "output", "o", nil, "write a report to a file too, as `FORMAT=PATH`; may be given several times")
	f.StringVar(&flags.failLevel, "fail-level", string(rules.Warning), "exit 1 for findings of this `LEVEL` and above: note, warning, error")
	f.StringVar(&flags.color, "color", "auto", "colour the text: auto, always, never")
	return withoutUsage(c)
}

func (p *program) lint(paths []string, flags *lintFlags) error {
	level := rules.Level(flags.failLevel)
	if !slices.Contains(rules.Levels, level) {
		return fmt.Errorf("--fail-level %q is not one of note, warning, error", flags.failLevel)
	}
	outputs, err := parseOutputs(flags)
	if err != nil {
		return err
	}
	colored, err := p.colored(flags.color)
	if err != nil {
		return err
	}
	tree, views := p.load(paths)
	result, err := lint.Run(tree, views, rules.All)
	if err != nil {
		return err
	}
	if result.Failed(level) {
		p.raise(ExitFindings)
	}
	if len(result.Problems) > 0 {
		p.raise(ExitTrouble)
	}
	for _, out := range outputs {
		options := report.Options{Root: root(paths), Version: version(), Color: colored && out.path == source.Stdin}
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

// output is one report that is asked for.
type output struct {
	format report.Format
	// path is "-" for standard output.
	path string
}

// parseOutputs reads --format and --output. An output to "-" takes the place
// of --format.
func parseOutputs(flags *lintFlags) ([]output, error) {
	var outputs []output
	printed := false
	for _, given := range flags.outputs {
		name, path, ok := strings.Cut(given, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--output %q is not FORMAT=PATH", given)
		}
		format, err := findFormat("--output", name)
		if err != nil {
			return nil, err
		}
		printed = printed || path == source.Stdin
		outputs = append(outputs, output{format, path})
	}
	format, err := findFormat("--format", flags.format)
	if err != nil {
		return nil, err
	}
	if !printed {
		outputs = append(outputs, output{format, source.Stdin})
	}
	return outputs, nil
}

func findFormat(flag, name string) (report.Format, error) {
	format := report.Find(name)
	if format == nil {
		return nil, fmt.Errorf("%s %q is not one of %s", flag, name, strings.Join(report.Names(), ", "))
	}
	return format, nil
}

// write writes the report. A file is either written whole or not touched.
func (o output) write(stdout io.Writer, result *lint.Result, options report.Options) error {
	if o.path == source.Stdin {
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
	return replace(o.path, text)
}

// replace puts a file in place of another in one step.
func replace(path string, text []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".egresslint-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if _, err = temp.Write(text); err == nil {
		err = temp.Chmod(0o644)
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
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
	dir, err := filepath.Abs(".")
	if err != nil {
		return ""
	}
	return dir
}

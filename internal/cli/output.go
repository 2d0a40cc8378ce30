package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/egresslint/egresslint/internal/atomicfile"
	"github.com/egresslint/egresslint/internal/config"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/report"
)

// toStdout is the path that stands for standard output.
const toStdout = "-"

// output is one report that is asked for.
type output struct {
	// name is that of the format.
	name   string
	format report.Format
	// path may be toStdout.
	path string
	// add is set for a file that is written on, not anew.
	add bool
}

// parseOutputs reads --format and --output. The report that is printed comes
// first, so that it is not lost where a file cannot be written; an output to
// "-" takes the place of --format. In a workflow of GitHub the job has a summary
// too.
func (p *program) parseOutputs(flags *lintFlags, settings *config.Config) ([]output, error) {
	first, err := findOutput(printed(flags, settings))
	if err != nil {
		return nil, err
	}
	outputs := []output{first}
	taken := false
	for _, given := range flags.outputs {
		name, path, ok := strings.Cut(given, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--output %q is not FORMAT=PATH", given)
		}
		out, err := findOutput("--output", name)
		out.path = path
		switch {
		case err != nil:
			return nil, err
		case path != toStdout:
			outputs = append(outputs, out)
		case taken:
			return nil, fmt.Errorf("--output %q is a second report on standard output", given)
		default:
			outputs[0], taken = out, true
		}
	}
	if summary := os.Getenv("GITHUB_STEP_SUMMARY"); outputs[0].name == github && summary != "" {
		outputs = append(outputs, output{name: markdown, format: report.Find(markdown), path: summary, add: true})
	}
	return outputs, nil
}

// The formats for a workflow of GitHub: of the log, and of the summary of a job.
const (
	github   = "github"
	markdown = "markdown"
)

// printed is the name of the format to print, and what has asked for it.
func printed(flags *lintFlags, settings *config.Config) (from, name string) {
	switch {
	case flags.format != "":
		return "--format", flags.format
	case settings.Format != "":
		return "format in " + config.FileName, settings.Format
	case os.Getenv("GITHUB_ACTIONS") == "true":
		return "", github
	default:
		return "", "text"
	}
}

// findOutput is a report on standard output in the format of a name.
func findOutput(from, name string) (output, error) {
	format := report.Find(name)
	if format == nil {
		return output{}, fmt.Errorf("%s: format %q is not one of %s", from, name, strings.Join(report.Names(), ", "))
	}
	return output{name: name, format: format, path: toStdout}, nil
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
	if o.add {
		return add(o.path, text)
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

// add writes at the end of a file.
func add(path string, text []byte) error {
	//nolint:gosec // others on the machine may read a summary
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

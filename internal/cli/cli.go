// Package cli is the command line: flags, wiring and exit statuses.
package cli

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// The exit statuses.
const (
	// ExitClean means that nothing was found at the level that fails a run.
	ExitClean = 0
	// ExitFindings means that something was.
	ExitFindings = 1
	// ExitTrouble means that something could not be read, or that the call was
	// wrong. It wins over the others.
	ExitTrouble = 2
)

// program is one run of the command.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	// status is the exit status so far.
	status int
}

// Main runs the command with arguments that do not hold its name, and returns
// the exit status.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr}
	root := p.lintCommand()
	root.AddCommand(p.mapCommand(), p.complementCommand(), p.viewsCommand(), p.rulesCommand(), p.explainCommand(), p.configCommand())
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w (egresslint --help lists the flags)", err)
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.Execute(); err != nil {
		fmt.Fprintf(stderr, "egresslint: %v\n", err)
		return ExitTrouble
	}
	return p.status
}

// raise makes the exit status at least status.
func (p *program) raise(status int) { p.status = max(p.status, status) }

// version is the version of the build, in the form of semantic versions.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version[1:]
	}
	return "0.0.0-devel"
}

// withoutUsage keeps cobra from printing on its own: Main does.
func withoutUsage(c *cobra.Command) *cobra.Command {
	c.SilenceUsage = true
	c.SilenceErrors = true
	return c
}

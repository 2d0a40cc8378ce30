package cli_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/egresslint/egresslint/internal/cli"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"egresslint": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the program as users do: one process a command, with its
// exit status, standard output and standard error.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// Under the race detector each process would end with a pause of
			// a second.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   status,
			"unescape": unescape,
			"configs":  configs,
		},
	})
}

// status N ARGUMENT... runs egresslint and checks its exit status, which the
// command exec does not tell from another failure.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: status N argument...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec("egresslint", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("egresslint: %v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// unescape FILE... replaces escapes as in Go strings, so that bytes that no
// editor shows can be read in the script.
func unescape(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: unescape file...")
	}
	for _, name := range args {
		lines := strings.SplitAfter(ts.ReadFile(name), "\n")
		for i, line := range lines {
			text, end := strings.CutSuffix(line, "\n")
			text, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
			ts.Check(err)
			lines[i] = text
			if end {
				lines[i] += "\n"
			}
		}
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(strings.Join(lines, "")), 0o644))
	}
}

// configs FILE MEGABYTES appends objects that need no parse to a file.
func configs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: configs file megabytes")
	}
	megabytes, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := bytes.NewBufferString(ts.ReadFile(args[0]))
	for i := 0; text.Len() < megabytes<<20; i++ {
		fmt.Fprintf(text, "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config-%d\ndata:\n  key: |\n", i)
		text.WriteString(strings.Repeat("    a line of the value of a key\n", 1000))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text.Bytes(), 0o644))
}

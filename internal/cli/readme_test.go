package cli_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/cli"
)

// TestReadme holds what the README shows: the screen of the demo, line by
// line, and rows of its map.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	screen, status := run(t, "./testdata/demo")
	if status != cli.ExitFindings {
		t.Errorf("the demo exits %d, want %d", status, cli.ExitFindings)
	}
	for _, code := range []string{"EGR001", "EGR002", "EGR003", "EGR004"} {
		if !strings.Contains(screen, code) {
			t.Errorf("the demo does not show %s", code)
		}
	}
	if !strings.Contains(string(readme), "```\n"+screen+"```\n") {
		t.Errorf("the README does not show what the demo prints:\n%s", screen)
	}
	table, _ := run(t, "map", "--ip", "8.8.8.8", "./testdata/demo")
	_, shown, _ := strings.Cut(string(readme), "FROM ")
	shown, _, _ = strings.Cut("FROM "+shown, "```")
	for row := range strings.Lines(shown) {
		if row != "...\n" && !strings.Contains(table, row) {
			t.Errorf("the README shows a row that the map does not have: %s", row)
		}
	}
}

func run(t *testing.T, args ...string) (stdout string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	status = cli.Main(args, strings.NewReader(""), &out, &errs)
	if errs.Len() > 0 {
		t.Errorf("%v wrote to standard error: %s", args, &errs)
	}
	return out.String(), status
}

// Package ruletest checks one rule against the trees in testdata/<rule>: each
// is a txtar archive of YAML files in which
//
//   - {} # want `a regular expression`
//
// says that the rule reports on this line a message that matches, and "want -2"
// that it does two lines above. Several expressions stand side by side. A
// level in front of an expression, as in "want note `...`", asks for that level
// too. A file without a want must stay silent.
package ruletest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/scanner"

	"golang.org/x/tools/txtar"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/internal/suppress"
	"github.com/egresslint/egresslint/rules"
)

// Run checks the rule against every archive in dir. There must be at least one
// that fires and one that stays silent.
func Run(t *testing.T, rule *rules.Rule, dir string) {
	t.Helper()
	archives, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	fires, silent := 0, 0
	for _, archive := range archives {
		name := strings.TrimSuffix(filepath.Base(archive), ".txtar")
		t.Run(name, func(t *testing.T) {
			if check(t, rule, archive) > 0 {
				fires++
			} else {
				silent++
			}
		})
	}
	if fires == 0 || silent == 0 {
		t.Errorf("%s: %d archives fire and %d stay silent: a rule needs both", dir, fires, silent)
	}
}

// Lint applies the rules to the tree in dir and returns what one of them finds. What
// could not be read fails the test.
func Lint(t *testing.T, rule *rules.Rule, dir string) []*lint.Finding {
	t.Helper()
	tree := manifest.Load(source.Walk([]string{dir}, nil), manifest.Options{Wanted: cluster.Wanted, NoHelm: true})
	result, err := lint.Run(tree, cluster.Views(tree, cluster.Settings{}), rules.All, nil)
	if err != nil {
		t.Fatal(err)
	}
	result = suppress.Apply(result, tree, suppress.Settings{Run: rules.All, RequireReason: true, Unused: true})
	for _, p := range result.Problems {
		t.Errorf("input error: %v", p)
	}
	return slices.DeleteFunc(result.Findings, func(f *lint.Finding) bool { return f.Rule != rule })
}

// want is one expected finding.
type want struct {
	place   string // path:line
	level   string // "" for any
	message *regexp.Regexp
}

// check compares what the rule reports on one archive with what its comments
// want, and returns how many findings were wanted.
func check(t *testing.T, rule *rules.Rule, archive string) int {
	t.Helper()
	parsed, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var wants []want
	for _, f := range parsed.Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		wants = append(wants, wantsOf(t, f)...)
	}
	n := len(wants)
	for _, f := range Lint(t, rule, dir) {
		rel, err := filepath.Rel(dir, filepath.FromSlash(f.At.File.Path))
		if err != nil {
			t.Fatal(err)
		}
		place := fmt.Sprintf("%s:%d", filepath.ToSlash(rel), f.At.Start().Line)
		i := slices.IndexFunc(wants, func(w want) bool {
			return w.place == place && (w.level == "" || w.level == string(f.Level)) && w.message.MatchString(f.Message)
		})
		if i < 0 {
			t.Errorf("%s: unexpected %s: %s", place, f.Level, f.Message)
			continue
		}
		wants = slices.Delete(wants, i, i+1)
	}
	for _, w := range wants {
		t.Errorf("%s: no finding %s %#q", w.place, w.level, w.message)
	}
	return n
}

// wantsOf reads the comments of one file.
func wantsOf(t *testing.T, f txtar.File) []want {
	t.Helper()
	var all []want
	for i, line := range strings.Split(string(f.Data), "\n") {
		_, text, ok := strings.Cut(line, "# want ")
		if !ok {
			continue
		}
		w := want{place: fmt.Sprintf("%s:%d", f.Name, i+1)}
		s := new(scanner.Scanner).Init(strings.NewReader(text))
		for token := s.Scan(); token != scanner.EOF; token = s.Scan() {
			switch token {
			case '-':
				s.Scan()
				up, _ := strconv.Atoi(s.TokenText())
				w.place = fmt.Sprintf("%s:%d", f.Name, i+1-up)
			case scanner.Ident:
				w.level = s.TokenText()
			case scanner.String, scanner.RawString:
				expr, err := strconv.Unquote(s.TokenText())
				if err != nil {
					t.Fatalf("%s:%d: %v", f.Name, i+1, err)
				}
				w.message = regexp.MustCompile(expr)
				all = append(all, w)
			default:
				t.Fatalf("%s:%d: not a want: %s", f.Name, i+1, text)
			}
		}
	}
	return all
}

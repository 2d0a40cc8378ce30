package rules_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/egresslint/egresslint/internal/ruletest"
	"github.com/egresslint/egresslint/rules"
)

var update = flag.Bool("update", false, "write the pages in docs/rules")

const (
	testdata = "../testdata"
	docs     = "../docs/rules"
)

// TestRules runs each rule on its folder of testdata.
func TestRules(t *testing.T) {
	for _, r := range rules.All {
		t.Run(r.Kebab(), func(t *testing.T) { ruletest.Run(t, r, filepath.Join(testdata, r.Kebab())) })
	}
}

// TestExamples runs the pages: each rule reports its Bad and not its Good.
func TestExamples(t *testing.T) {
	for _, r := range rules.All {
		t.Run(r.Kebab(), func(t *testing.T) {
			if len(ruletest.Lint(t, r, written(t, r.Bad))) == 0 {
				t.Error("Bad is not reported")
			}
			for _, f := range ruletest.Lint(t, r, written(t, r.Good)) {
				t.Errorf("Good is reported: %s", f.Message)
			}
		})
	}
}

func written(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	archive := txtar.Parse([]byte(text))
	if len(archive.Files) == 0 {
		archive.Files = []txtar.File{{Name: "manifests.yaml", Data: []byte(text)}}
	}
	for _, f := range archive.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestListed fails when a rule has no folder, a folder no rule, or the list of
// rules was not generated: a rule is one file and one folder, and needs both.
func TestListed(t *testing.T) {
	check := exec.Command("go", "run", "gen_all.go", "-check")
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%s%v", out, err)
	}
	var names []string
	for _, r := range rules.All {
		names = append(names, r.Kebab())
		if _, err := os.Stat(filepath.Join(testdata, r.Kebab())); err != nil {
			t.Errorf("%s has no folder: %v", r.Code, err)
		}
		if _, err := os.Stat(r.Name + ".go"); err != nil {
			t.Errorf("%s has no file: %v", r.Code, err)
		}
	}
	folders, err := os.ReadDir(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if name := f.Name(); name != "script" && name != "demo" && !slices.Contains(names, name) {
			t.Errorf("testdata/%s belongs to no rule", name)
		}
	}
}

// TestForm holds what every rule has in common.
func TestForm(t *testing.T) {
	code := regexp.MustCompile(`^EGR\d{3}$`)
	for i, r := range rules.All {
		if !code.MatchString(r.Code) || i > 0 && r.Code <= rules.All[i-1].Code {
			t.Errorf("%s: codes are EGR and three digits, and no two are the same", r.Code)
		}
		if !slices.Contains(rules.Levels, r.Level) {
			t.Errorf("%s: level %q", r.Code, r.Level)
		}
		if s := r.Summary(); len(s) > 100 || strings.HasSuffix(s, ".") {
			t.Errorf("%s: the summary is one short line without a period: %q", r.Code, s)
		}
		for name, text := range map[string]string{"What": r.What(), "Why": r.Why, "Fix": r.Fix, "Misses": r.Misses, "Bad": r.Bad, "Good": r.Good} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: no %s", r.Code, name)
			}
		}
		if rules.Find(r.Code) != r || rules.Find(strings.ToUpper(r.Kebab())) != r {
			t.Errorf("%s is not found by code and name", r.Code)
		}
	}
	if rules.Find("EGR") != nil {
		t.Error("a part of a code finds a rule")
	}
}

// TestPages fails when a page in docs/rules is not what the rule says. With
// -update it writes them.
func TestPages(t *testing.T) {
	want := map[string]string{"README.md": rules.Index()}
	for _, r := range rules.All {
		want[r.Kebab()+".md"] = r.Page()
	}
	if *update {
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, text := range want {
		have, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil || string(have) != text {
			t.Errorf("docs/rules/%s is out of date: run go generate ./...", name)
		}
	}
	files, err := os.ReadDir(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := want[f.Name()]; !ok {
			t.Errorf("docs/rules/%s belongs to no rule", f.Name())
		}
	}
}

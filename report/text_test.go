package report

import (
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

func TestClip(t *testing.T) {
	fits, long := strings.Repeat("x", maxLine), strings.Repeat("é", maxLine+1)
	half := strings.Repeat("é", maxLine/2)
	tests := []struct {
		name, before, marked, after string
		want                        [3]string
	}{
		{"nothing", "", "", "", [3]string{"", "", ""}},
		{"all that fits", fits, fits, fits, [3]string{fits, fits, fits}},
		{"before keeps its end", "start" + long, "m", "", [3]string{"…" + half, "m", ""}},
		{"after keeps its start", "", "m", long + "end", [3]string{"", "m", half + "…"}},
		{"marked hides what follows", "b", long, "after", [3]string{"b", strings.Repeat("é", maxLine) + "…", ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got [3]string
			got[0], got[1], got[2] = clip(test.before, test.marked, test.after)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestBlank(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"  - to:", "       "},
		{"\ta\t", "\t \t"},
		{"é", " "},
		{"e\u0301", " "},
		{"你好", "    "},
		{"😀", "  "},
		{`\u202e`, "      "},
	}
	for _, test := range tests {
		if got := blank(test.text); got != test.want {
			t.Errorf("blank(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

// TestBlankLikeCarets holds that what stands before the carets is measured as
// they are: letter by letter, however many characters make one.
func TestBlankLikeCarets(t *testing.T) {
	for _, text := range []string{"👩‍💻", "🇦🇹", "👍🏽", "e\u0301"} {
		if got, want := len(blank(text)), runewidth.StringWidth(text); got != want {
			t.Errorf("%q: %d blanks, but %d carets", text, got, want)
		}
	}
}

func TestPalette(t *testing.T) {
	off, on := newPalette(false), newPalette(true)
	if got := off.bold.Sprint("a") + off.dim.Sprint("b") + off.caret.Sprint("c") + off.levels[rules.Error].Sprint("d"); got != "abcd" {
		t.Errorf("without colours: %q", got)
	}
	if got := on.bold.Sprint("a"); !strings.HasPrefix(got, "\x1b[1ma\x1b[") {
		t.Errorf("bold: %q", got)
	}
	seen := map[string]rules.Level{}
	for _, level := range rules.Levels {
		color := on.levels[level].Sprint("x")
		if other, twice := seen[color]; twice {
			t.Errorf("%s has the colour of %s", level, other)
		}
		seen[color] = level
	}
}

// TestTextColor holds that colours add nothing but colours.
func TestTextColor(t *testing.T) {
	enter(t, everything)
	result := resultOf(t, "k8s")
	plain := written(t, Text, result, Options{})
	colored := written(t, Text, result, Options{Color: true})
	if strings.Contains(plain, "\x1b") {
		t.Error("colours where none were asked for")
	}
	if !strings.Contains(colored, "\x1b[") {
		t.Error("no colours where they were asked for")
	}
	if got := withoutColors(colored); got != plain {
		t.Errorf("without its colours it is\n%s\nwant\n%s", got, plain)
	}
}

// withoutColors removes the escape sequences that end with the letter m.
func withoutColors(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "\x1b[") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "m")
		}
		b.WriteString(part)
	}
	return b.String()
}

func TestSummary(t *testing.T) {
	tests := []struct {
		name   string
		result lint.Result
		want   string
	}{
		{"nothing", lint.Result{}, "nothing to lint: no YAML or JSON file was read"},
		{"one of each",
			lint.Result{
				Summary: lint.Summary{
					Levels: map[rules.Level]int{rules.Note: 1, rules.Error: 1, rules.Warning: 1},
					Files:  1, Documents: 9, Policies: 1, Namespaces: 1, Workloads: 1, Views: 1,
				},
				Problems: []source.Problem{{Path: "a"}},
			},
			"1 input error; 1 error, 1 warning, 1 note; read 1 policy, 1 namespace and 1 workload in 1 view of 1 file"},
		{"many of each",
			lint.Result{
				Summary: lint.Summary{
					Levels: map[rules.Level]int{rules.Note: 2, rules.Error: 3},
					Files:  2, Policies: 3, Namespaces: 4, Workloads: 5, Views: 6,
				},
				Problems: []source.Problem{{Path: "a"}, {Path: "b"}, {}},
			},
			"1 failed rule; 2 input errors; 3 errors, 2 notes; read 3 policies, 4 namespaces and 5 workloads in 6 views of 2 files"},
		{"left out and undecided",
			lint.Result{Summary: lint.Summary{Files: 1, Views: 1}, Notes: []lint.Note{
				{Reason: "apples", Count: 2, Kind: lint.Skipped},
				{Reason: "pears", Count: 3, Kind: lint.Skipped},
				{Reason: "questions", Count: 4, Kind: lint.Undecided},
			}},
			"no findings; read 0 policies, 0 namespaces and 0 workloads in 1 view of 1 file; " +
				"not analysed: apples (2), pears (3); not decided: questions (4)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := summary(&test.result); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestTextProblems(t *testing.T) {
	tests := []struct {
		problem source.Problem
		want    string
	}{
		{source.Problem{Path: "a.yaml", Line: 3, Column: 4, Message: "wrong"}, "a.yaml:3:4: input error: wrong"},
		{source.Problem{Path: "a.yaml", Line: 3, Message: "wrong"}, "a.yaml:3: input error: wrong"},
		{source.Problem{Path: "a.yaml", Message: "wrong"}, "a.yaml: input error: wrong"},
		{source.Problem{Message: "wrong"}, "error: wrong"},
		{source.Problem{Path: "wrong.yaml", Line: 1, Message: "wrong"}, "wrong.yaml:1: input error: wrong"},
		{source.Problem{Path: "a\x1b[2K\n.yaml", Message: "wrong"}, `a\x1b[2K\n.yaml: input error: wrong`},
	}
	for _, test := range tests {
		text := written(t, Text, &lint.Result{Problems: []source.Problem{test.problem}}, Options{})
		if got, _, _ := strings.Cut(text, "\n"); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestTextViews(t *testing.T) {
	enter(t, map[string]string{"policy.yaml": implied})
	result := resultOf(t, ".")
	result.Findings[0].Views = []string{"prod", "staging"}
	text := written(t, Text, result, Options{})
	if first, _, _ := strings.Cut(text, "\n"); !strings.HasSuffix(first, " [prod, staging]") {
		t.Errorf("the finding does not end with its views: %s", first)
	}
}

// TestTextLastLine holds for a file without a final line break, where the
// finding is at its very end.
func TestTextLastLine(t *testing.T) {
	enter(t, map[string]string{"policy.yaml": "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec:"})
	if text := written(t, Text, resultOf(t, "."), Options{}); !strings.Contains(text, "    4 | spec:\n      | ^^^^") {
		t.Errorf("the frame is not at the last line:\n%s", text)
	}
}

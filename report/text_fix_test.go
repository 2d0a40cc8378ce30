package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// manyChanges opens n connections, and closes the first.
func manyChanges(n int) []string {
	changes := []string{"- a -> 0"}
	for i := 1; i < n; i++ {
		changes = append(changes, fmt.Sprintf("+ a -> %d", i))
	}
	return changes
}

func TestTextFixes(t *testing.T) {
	enter(t, map[string]string{"a.yaml": implied, "b.yaml": implied, "c.yaml": implied})
	result := resultOf(t, ".")
	if len(result.Findings) != 3 {
		t.Fatalf("%d findings, want 3", len(result.Findings))
	}
	result.Findings[0].Fixes = []lint.Fix{{Title: "write \x1bit", Safe: true}, {Title: "add \"x\"", Changes: manyChanges(8)}}
	result.Findings[0].Views = []string{"prod"}
	result.Findings[1].Fixes = []lint.Fix{{Title: "add y", Changes: append(manyChanges(9), "+ never shown")}}
	result.Findings[2].Refused = "it is \x1bodd"

	var got []string
	for line := range strings.Lines(written(t, Text, result, Options{})) {
		if !strings.Contains(line, " | ") { // no frame
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	got = slices.DeleteFunc(got, func(line string) bool { return strings.HasPrefix(line, "      | ") })
	message := result.Findings[0].Message
	eight := "    " + strings.Join(manyChanges(8), "\n    ")
	want := strings.Join([]string{
		"a.yaml:6:1: warning EGR001 missing-policy-types: " + message + " [prod] [fixable]",
		"  fix (--fix): write \\x1bit",
		"  fix (--unsafe-fixes): add \"x\"", eight,
		"b.yaml:6:1: warning EGR001 missing-policy-types: " + message + " [fixable]",
		"  fix (--unsafe-fixes): add y", eight, "    and 2 more",
		"c.yaml:6:1: warning EGR001 missing-policy-types: " + message,
		"  no fix: it is \\x1bodd",
		summary(result),
	}, "\n")
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestTextFixesColor holds that what opens and what closes have colours of their
// own, and that they add nothing but colours.
func TestTextFixesColor(t *testing.T) {
	enter(t, map[string]string{"a.yaml": implied})
	result := resultOf(t, ".")
	result.Findings[0].Fixes = []lint.Fix{{Title: "add x", Changes: []string{"+ a -> b", "- c -> d"}}}
	colored := written(t, Text, result, Options{Color: true})
	for _, want := range []string{"    \x1b[32m+ a -> b\x1b[", "    \x1b[31m- c -> d\x1b["} {
		if !strings.Contains(colored, want) {
			t.Errorf("there is no %q in\n%q", want, colored)
		}
	}
	if got, want := withoutColors(colored), written(t, Text, result, Options{}); got != want {
		t.Errorf("without its colours it is\n%s\nwant\n%s", got, want)
	}
}

// TestTextFixesRelated holds that a fix is told also where the related places
// are too many to show.
func TestTextFixesRelated(t *testing.T) {
	enter(t, map[string]string{"a.yaml": implied})
	result := resultOf(t, ".")
	f := result.Findings[0]
	for range maxFrames + 1 {
		f.Related = append(f.Related, lint.Related{Message: "here", At: source.Span{File: f.At.File}})
	}
	f.Fixes = []lint.Fix{{Title: "write it", Safe: true}}
	if text := written(t, Text, result, Options{}); !strings.Contains(text, "\n  fix (--fix): write it\n") || strings.Contains(text, "here") {
		t.Errorf("got\n%s", text)
	}
}

func TestSummaryFixable(t *testing.T) {
	finding := func(safe ...bool) *lint.Finding {
		f := &lint.Finding{}
		for _, s := range safe {
			f.Fixes = append(f.Fixes, lint.Fix{Safe: s})
		}
		return f
	}
	tests := []struct {
		findings []*lint.Finding
		want     string
	}{
		{[]*lint.Finding{finding()}, "1 warning; read "},
		{[]*lint.Finding{finding(), finding(true)}, "2 warnings; 1 fixable: 1 with --fix; read "},
		{[]*lint.Finding{finding(false), finding(false, false)}, "2 warnings; 2 fixable: 2 with --unsafe-fixes; read "},
		{[]*lint.Finding{finding(false), finding(true, false), finding(true)}, "3 warnings; 3 fixable: 2 with --fix, 1 with --unsafe-fixes; read "},
	}
	for _, test := range tests {
		result := &lint.Result{Findings: test.findings, Summary: lint.Summary{Levels: map[rules.Level]int{rules.Warning: len(test.findings)}, Files: 1}}
		if got := summary(result); !strings.HasPrefix(got, test.want) {
			t.Errorf("got %q, want it to begin with %q", got, test.want)
		}
	}
}

package fix_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/fix"
	"github.com/egresslint/egresslint/internal/lint"
)

func both(*lint.Fix) bool { return true }

func onlySafe(f *lint.Fix) bool { return f.Safe }

func onlyUnsafe(f *lint.Fix) bool { return !f.Safe }

// TestApply applies all fixes of each tree, and holds that nothing is left that
// could be applied, and that only what the fixes are about has changed.
func TestApply(t *testing.T) {
	for name, archive := range trees {
		t.Run(name, func(t *testing.T) { newBench(t, []byte(archive)).converges(onlySafe) })
		t.Run(name+", unsafe first", func(t *testing.T) { newBench(t, []byte(archive)).converges(onlyUnsafe) })
	}
}

// TestApplyToCases does the same with the shared cases, where they are there.
func TestApplyToCases(t *testing.T) {
	const cases = "../../../shared/cases"
	shared, err := filepath.Abs(cases)
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := os.ReadDir(shared)
	if err != nil {
		t.Skip(err)
	}
	for _, dir := range dirs {
		if !dir.IsDir() {
			continue
		}
		t.Run(dir.Name(), func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.CopyFS(".", os.DirFS(filepath.Join(shared, dir.Name()))); err != nil {
				t.Fatal(err)
			}
			b := &bench{t, linter(nil)}
			s := b.proved()
			for _, f := range s.Result.Findings {
				for i := range f.Fixes {
					b.alone(s, f, &f.Fixes[i])
				}
			}
			b.oneByOne()
			b.converges(onlyUnsafe)
		})
	}
}

// converges applies some fixes to the working directory, and then all. It returns
// how many findings were mended.
func (b *bench) converges(first func(*lint.Fix) bool) int {
	b.Helper()
	n := b.applies(first)
	return n + b.applies(both)
}

// applies applies fixes to the working directory, and looks at what is there
// then.
func (b *bench) applies(choose func(*lint.Fix) bool) int {
	b.Helper()
	s := b.read()
	allowed := egressLines(s.Result)
	applied, err := fix.Apply(s, b.lint, choose)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range applied.Fixed {
		if len(f.Fixes) != 1 || !choose(&f.Fixes[0]) {
			b.Errorf("%s: it is mended by %d fixes, one of them not to be chosen", f.Message, len(f.Fixes))
		}
	}
	for _, what := range broughtUp(s.Result, applied.Result) {
		b.Errorf("all together bring up %q", what)
	}
	if len(applied.Fixed) == 0 && len(applied.Files) > 0 || len(applied.Fixed) > 0 && len(applied.Files) == 0 {
		b.Errorf("%d findings are mended in %d files", len(applied.Fixed), len(applied.Files))
	}
	scoped := slices.ContainsFunc(applied.Fixed, func(f *lint.Finding) bool { return f.Rule.Code == "EGR004" })
	for _, c := range applied.Files {
		old := allowed[c.Path]
		if !scoped {
			old = nil
		}
		patch, err := fix.Diff([]fix.Changed{c})
		if err != nil {
			b.Fatal(err)
		}
		needed := 0
		for _, h := range hunks(c.Before, c.After) {
			needed += len(h.gone)
		}
		if got := strings.Count(patch, "\n-") - strings.Count(patch, "\n---"); got != needed {
			b.Errorf("the patch of %s takes away %d lines, %d would do", c.Path, got, needed)
		}
		for _, line := range lostLines(c.Before, c.After, old) {
			b.Errorf("%s loses the line %q", c.Path, line)
		}
	}
	if _, err := fix.Write(applied.Files); err != nil {
		b.Fatal(err)
	}
	for _, c := range applied.Files {
		if got, err := os.ReadFile(c.Real); err != nil || !bytes.Equal(got, c.After) {
			b.Errorf("%s: %v, it has not the content that it should have", c.Path, err)
		}
	}
	again, err := fix.Apply(b.read(), b.lint, choose)
	if err != nil {
		b.Fatal(err)
	}
	if len(again.Files)+len(again.Fixed) > 0 {
		b.Errorf("applied again it mends %d findings in %d files", len(again.Fixed), len(again.Files))
	}
	for _, reason := range moreLeftOut(s.Result, again.Result) {
		b.Errorf("not analysed any more: %s", reason)
	}
	if got, want := identities(again.Result), identities(applied.Result); !slices.Equal(got, want) {
		b.Errorf("read anew there are the findings %q, not %q", got, want)
	}
	for _, f := range again.Result.Findings {
		if i := slices.IndexFunc(f.Fixes, func(fixed lint.Fix) bool { return choose(&fixed) }); i >= 0 {
			b.Errorf("%s is left, and called fixable: %s", f.Message, f.Fixes[i].Title)
		}
	}
	return len(applied.Fixed)
}

// egressLines are the lines, by files, on which the egress rules stand of
// policies that open DNS to anyone.
func egressLines(r *lint.Result) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, f := range r.Findings {
		if f.Rule.Code != "EGR004" {
			continue
		}
		if all[f.At.File.Path] == nil {
			all[f.At.File.Path] = map[string]bool{}
		}
		within := f.Object.Span("spec", "egress")
		if f.Object.Rendered() {
			within = f.Object.Written(within)
		}
		for line := within.Start().Line; line <= within.End().Line; line++ {
			all[f.At.File.Path][within.File.Line(line)] = true
		}
	}
	return all
}

// nothing is an empty list or value at the end of a line.
var nothing = regexp.MustCompile(`(\[ *\]|\{ *\}|null|~)?[ ,\r]*(#.*)?$`)

// hunk is lines that are taken away, and those that stand there instead.
type hunk struct{ gone, come []string }

// hunks are the smallest difference of two texts.
func hunks(before, after []byte) []hunk {
	a, b := slices.Collect(strings.Lines(string(before))), slices.Collect(strings.Lines(string(after)))
	common := make([][]int32, len(a)+1) // how many lines are common to the rests
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var all []hunk
	var h hunk
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			if len(h.gone)+len(h.come) > 0 {
				all, h = append(all, h), hunk{}
			}
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			h.gone, i = append(h.gone, a[i]), i+1
		default:
			h.come, j = append(h.come, b[j]), j+1
		}
	}
	return append(all, h)
}

// lostLines are the lines of a text that another one has no more, save those
// that may change: allowed ones, and those into which something was inserted, in
// the place of nothing perhaps.
func lostLines(before, after []byte, allowed map[string]bool) []string {
	var lost []string
	for _, h := range hunks(before, after) {
		left := h.come
		for _, line := range h.gone {
			text := strings.TrimRight(line, "\r\n")
			if allowed[text] {
				continue
			}
			text = nothing.ReplaceAllString(text, "")
			i := slices.IndexFunc(left, func(now string) bool { return subsequence(text, now) })
			if i < 0 {
				lost = append(lost, line)
				continue
			}
			left = left[i+1:]
		}
	}
	return lost
}

// subsequence reports whether a text is another one without some of it. A
// bracket at the end may be on another line.
func subsequence(text, whole string) bool {
	for _, c := range []byte(strings.TrimRight(text, " ]},")) {
		i := strings.IndexByte(whole, c)
		if i < 0 {
			return false
		}
		whole = whole[i+1:]
	}
	return true
}

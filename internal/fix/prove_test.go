package fix_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/egresslint/egresslint/internal/fix"
	"github.com/egresslint/egresslint/internal/lint"
)

// offers says which fixes a state offers, and how many of each.
func offers(r *lint.Result) string {
	counts := map[string]int{}
	for _, f := range r.Findings {
		for _, fixed := range f.Fixes {
			kind := "unsafe"
			if fixed.Safe {
				kind = "safe"
			}
			counts[f.Rule.Code+" "+kind]++
		}
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%s %d", key, counts[key]))
	}
	return strings.Join(all, ", ")
}

// TestFixesAlone applies each fix that is offered by itself, reads the tree from
// the disk, and compares what has become of findings and maps with what was
// promised.
func TestFixesAlone(t *testing.T) {
	for name, archive := range trees {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, []byte(archive))
			s := b.proved()
			want, _, _ := strings.Cut(strings.TrimSpace(string(txtar.Parse([]byte(archive)).Comment)), "\n")
			if got := offers(s.Result); got != want {
				t.Errorf("offered are %s, not %s", got, want)
				for _, f := range s.Result.Findings {
					t.Logf("%s %s: %d suggested, refused: %s", f.Rule.Code, f.Object.Qualified(), len(f.Suggested), f.Refused)
				}
			}
			for _, f := range s.Result.Findings {
				for i := range f.Fixes {
					b.alone(s, f, &f.Fixes[i])
				}
			}
		})
	}
}

// edits are the fixes of a finding, to be compared.
func edits(f *lint.Finding) []string {
	var all []string
	for _, fixed := range f.Fixes {
		all = append(all, fixed.Title)
		for _, e := range fixed.Edits {
			all = append(all, fmt.Sprintf("%s %d-%d %q", e.File.Path, e.From, e.To, e.New))
		}
	}
	slices.Sort(all)
	return all
}

// TestFixesOfOneFinding holds that what is offered does not depend on what is
// tried with it.
func TestFixesOfOneFinding(t *testing.T) {
	for name, archive := range trees {
		t.Run(name, func(t *testing.T) {
			newBench(t, []byte(archive)).oneByOne()
		})
	}
}

// oneByOne compares the fixes that are offered for each finding with those that
// are offered for it when nothing else is suggested.
func (b *bench) oneByOne() {
	b.Helper()
	s := b.proved()
	for i, want := range s.Result.Findings {
		alone := *s.Result
		alone.Findings = nil
		for _, f := range s.Result.Findings {
			other := *f
			other.Fixes = nil
			if f != want { // but for what is the same fix: it may do more for the other
				other.Suggested = slices.DeleteFunc(slices.Clone(f.Suggested), func(fixed lint.Fix) bool {
					return !slices.ContainsFunc(want.Suggested, func(own lint.Fix) bool { return own.Same(&fixed) })
				})
			}
			alone.Findings = append(alone.Findings, &other)
		}
		if err := fix.Prove(&fix.State{Tree: s.Tree, Views: s.Views, Result: &alone}, b.lint); err != nil {
			b.Fatal(err)
		}
		got := alone.Findings[i]
		if !slices.Equal(edits(got), edits(want)) {
			b.Errorf("%s: alone %q is offered, with others %q; refused %q and %q", want.Message, edits(got), edits(want), got.Refused, want.Refused)
		}
	}
}

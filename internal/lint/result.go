package lint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// Note says what was left out, or could not be decided.
type Note struct {
	// Reason is a plural that goes with Count: "Helm templates".
	Reason string
	Count  int
	// Undecided is set for a question without an answer. Otherwise Places tell
	// where what was left out lies, as "path" or "path:line".
	Undecided bool
	Places    []string
}

// result puts in order what was collected.
func (r *runner) result(views []*cluster.View) *Result {
	findings := merged(r.findings)
	fingerprint(findings)
	problems := append(slices.Clone(r.tree.Problems), r.problems...)
	skips := slices.Clone(r.tree.Skips)
	s := Summary{
		Levels: map[rules.Level]int{},
		Files:  r.tree.Files, Documents: r.tree.Documents, Views: len(views),
	}
	for _, f := range findings {
		s.Levels[f.Level]++
	}
	for _, v := range views {
		problems = append(problems, v.Problems...)
		skips = append(skips, v.Skips...)
		s.Policies += len(v.Policies)
		s.Namespaces += len(v.Namespaces)
		s.Workloads += len(v.Workloads)
	}
	slices.SortStableFunc(problems, func(a, b source.Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	for i := range problems {
		problems[i].Message = source.Printable(problems[i].Message)
	}
	return &Result{findings, slices.Compact(problems), notes(skips, r.undecided), s}
}

// notes counts what was left out and what was not decided, by reason. What
// several views left out counts once. It sorts skips.
func notes(skips []source.Skip, undecided map[string]int) []Note {
	slices.SortFunc(skips, func(a, b source.Skip) int {
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	var all []Note
	for _, s := range slices.Compact(skips) {
		place := source.Printable(s.Path)
		if s.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, s.Line)
		}
		if len(all) == 0 || all[len(all)-1].Reason != s.Reason {
			all = append(all, Note{Reason: s.Reason})
		}
		last := &all[len(all)-1]
		last.Count++
		last.Places = append(last.Places, place)
	}
	for _, reason := range slices.Sorted(maps.Keys(undecided)) {
		all = append(all, Note{Reason: reason, Count: undecided[reason], Undecided: true})
	}
	return all
}

// merged sorts findings by place and makes one of those that several views
// have in common.
func merged(findings []*Finding) []*Finding {
	slices.SortStableFunc(findings, func(a, b *Finding) int {
		return cmp.Or(
			cmp.Compare(a.At.File.Path, b.At.File.Path), cmp.Compare(a.At.From, b.At.From), cmp.Compare(a.At.To, b.At.To),
			cmp.Compare(a.Rule.Code, b.Rule.Code), cmp.Compare(a.Message, b.Message), slices.Compare(a.Views, b.Views),
		)
	})
	var all []*Finding
	for _, f := range findings {
		if n := len(all); n > 0 && all[n-1].At == f.At && all[n-1].Rule == f.Rule && all[n-1].Message == f.Message {
			all[n-1].Views = append(all[n-1].Views, f.Views...)
			continue
		}
		all = append(all, f)
	}
	return all
}

// fingerprint gives each finding its identity: the rule, the object and the
// text at fault, but no line and no path. The findings are sorted, so that
// equal ones can be counted.
func fingerprint(findings []*Finding) {
	seen := map[string]int{}
	for _, f := range findings {
		text := strings.Join(strings.Fields(f.At.Text()), " ")
		identity := strings.Join([]string{f.Rule.Code, f.category, f.Object.Kind, f.Namespace, f.Object.Name, text}, "\x00")
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", identity, seen[identity]))
		seen[identity]++
		f.Fingerprint = hex.EncodeToString(sum[:16])
	}
}

// Failed reports whether a finding is as grave as level, or graver.
func (r *Result) Failed(level rules.Level) bool {
	return slices.ContainsFunc(rules.Levels[slices.Index(rules.Levels, level):], func(l rules.Level) bool {
		return r.Summary.Levels[l] > 0
	})
}

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
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// Note says what was left out, or could not be decided.
type Note struct {
	// Reason is a plural that goes with Count: "Helm templates".
	Reason string
	Count  int
	Kind   NoteKind
	// Places tell where what was left out lies; a question has none.
	Places []Place
}

// NoteKind tells what a note is about.
type NoteKind string

// The kinds of notes: what was left out on purpose, questions without an answer,
// and entries of a baseline that no finding has any more.
const (
	Skipped   NoteKind = "skipped"
	Undecided NoteKind = "undecided"
	Stale     NoteKind = "stale"
)

// Place is where something lies that was left out.
type Place struct {
	// Path is as shown to the user. Line counts from one; 0 stands for the whole
	// file.
	Path string
	Line int
	// Detail says what is particular about it; it is "" for nothing.
	Detail string
}

// String is "path", "path:line", or one of them with ": detail" behind it.
func (p Place) String() string {
	text := source.Printable(p.Path)
	if p.Line > 0 {
		text = fmt.Sprintf("%s:%d", text, p.Line)
	}
	if p.Detail != "" {
		text += ": " + source.Printable(p.Detail)
	}
	return text
}

// result puts in order what was collected.
func result(tree *manifest.Tree, views []*cluster.View, found map[*cluster.View]*driver) *Result {
	var all []*Finding
	problems, skips := slices.Clone(tree.Problems), slices.Clone(tree.Skips)
	undecided := map[string]int{}
	for _, v := range views {
		all = append(all, found[v].findings...)
		problems = append(problems, found[v].problems...)
		for reason, n := range found[v].undecided {
			undecided[reason] += n
		}
	}
	findings := merged(all)
	fingerprint(findings)
	s := Summary{Levels: levels(findings), Files: tree.Files, Documents: tree.Documents, Views: len(views)}
	for _, v := range views {
		problems = append(problems, v.Problems...)
		skips = append(skips, v.Skips...)
	}
	s.count(views)
	slices.SortStableFunc(problems, func(a, b source.Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	for i := range problems {
		problems[i].Message = source.Printable(problems[i].Message)
	}
	return &Result{Findings: findings, Problems: slices.Compact(problems), Notes: notes(skips, undecided), Summary: s, found: found}
}

// levels counts findings by their levels.
func levels(findings []*Finding) map[rules.Level]int {
	counts := map[rules.Level]int{}
	for _, f := range findings {
		counts[f.Level]++
	}
	return counts
}

// count counts what the views have, once where several have it.
func (s *Summary) count(views []*cluster.View) {
	objects := map[*manifest.Resource]bool{}
	namespaces := map[string]bool{}
	for _, v := range views {
		for _, p := range v.Policies {
			if !objects[p.Resource] {
				objects[p.Resource] = true
				s.Policies++
			}
		}
		for _, w := range v.Workloads {
			if !objects[w.Resource] {
				objects[w.Resource] = true
				s.Workloads++
			}
		}
		for _, ns := range v.Namespaces {
			unit := ""
			if ns.Unit != nil {
				unit = ns.Unit.Path
			}
			namespaces[strings.Join([]string{ns.Name, ns.Placeholder, unit}, "\x00")] = true
		}
	}
	s.Namespaces = len(namespaces)
}

// notes counts what was left out and what was not decided, by reason. What
// several views left out counts once. It sorts skips.
func notes(skips []source.Skip, undecided map[string]int) []Note {
	slices.SortFunc(skips, func(a, b source.Skip) int {
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Detail, b.Detail))
	})
	var all []Note
	for _, s := range slices.Compact(skips) {
		if len(all) == 0 || all[len(all)-1].Reason != s.Reason {
			all = append(all, Note{Reason: s.Reason, Kind: Skipped})
		}
		last := &all[len(all)-1]
		last.Count++
		last.Places = append(last.Places, Place{s.Path, s.Line, s.Detail})
	}
	for _, reason := range slices.Sorted(maps.Keys(undecided)) {
		all = append(all, Note{Reason: reason, Count: undecided[reason], Kind: Undecided})
	}
	return all
}

// merged sorts findings by place and makes one of those that several views
// have in common.
func merged(findings []*Finding) []*Finding {
	slices.SortStableFunc(findings, byPlace)
	var all []*Finding
	for _, f := range findings {
		if n := len(all); n > 0 && all[n-1].At == f.At && all[n-1].Rule == f.Rule && all[n-1].Message == f.Message {
			all[n-1].join(f)
			continue
		}
		all = append(all, f.copy())
	}
	return all
}

// byPlace is the order of findings.
func byPlace(a, b *Finding) int {
	return cmp.Or(
		cmp.Compare(a.At.File.Path, b.At.File.Path), cmp.Compare(a.At.From, b.At.From), cmp.Compare(a.At.To, b.At.To),
		cmp.Compare(a.Rule.Code, b.Rule.Code), cmp.Compare(a.Message, b.Message), slices.Compare(a.Views, b.Views),
	)
}

// union is both lists as one, sorted.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// Identity is the rule, the object and the text at fault. Findings that differ
// may have the same.
func (f *Finding) Identity() string {
	text := strings.Join(strings.Fields(f.At.Text()), " ")
	return strings.Join([]string{f.Rule.Code, f.category, f.Object.Kind, f.Namespace, f.Object.Name, text}, "\x00")
}

// fingerprint gives each finding its identity: the rule, the object and the
// text at fault, but no line and no path. The findings are sorted, so that
// equal ones can be counted.
func fingerprint(findings []*Finding) {
	seen := map[string]int{}
	for _, f := range findings {
		identity := f.Identity()
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

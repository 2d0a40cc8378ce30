// Package suppress takes findings out of a report that people have decided about,
// in comments, annotations and settings. What is wrong with such a decision is
// itself a finding.
package suppress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// Settings say what suppressions there are beside those in the manifests, and
// what is wanted of all of them.
type Settings struct {
	// Ignores are those of the settings file.
	Ignores []Ignore
	// Run are the rules that were run. Of others nothing is said.
	Run []*rules.Rule
	// RequireReason asks for a reason.
	RequireReason bool
	// Unused asks to report what suppresses nothing in the manifests, and
	// UnusedIgnores in the settings. Where only a part of a tree was read, that
	// cannot be told.
	Unused, UnusedIgnores bool
}

// Ignore is a suppression in the settings file.
type Ignore struct {
	Rules  []*rules.Rule
	Reason string
	// At is where it is written.
	At source.Span
	// Holds tells which findings of the rules it is for.
	Holds func(*lint.Finding) bool
}

// Apply is the result without what is suppressed, and with what is wrong with
// the suppressions.
func Apply(r *lint.Result, tree *manifest.Tree, s Settings) *lint.Result {
	a := newApplied(r, tree, s)
	r = r.Suppress(func(f *lint.Finding) *lint.Suppression { return a.first(f, a.written(f), a.ignored(f)) })
	r = r.With(a.faults(a.directives, s.Unused))
	r = r.Suppress(func(f *lint.Finding) *lint.Suppression { return a.first(f, a.ignored(f)) })
	return r.With(a.faults(a.settings, s.UnusedIgnores))
}

// applied is all suppressions of a run.
type applied struct {
	Settings

	comments map[string][]*comment // by file
	of       map[*manifest.Resource][]*directive
	// directives are those of comments and annotations, settings the others.
	directives, settings []*directive
}

func newApplied(r *lint.Result, tree *manifest.Tree, s Settings) *applied {
	a := &applied{Settings: s, comments: map[string][]*comment{}}
	a.directives, a.of = annotations(tree)
	read := func(f *source.File) {
		if _, known := a.comments[f.Real]; known || f.Real == "" && f.Path != source.StdinPath {
			return // it was read, or nobody wrote it
		}
		a.comments[f.Real] = comments(f)
		for _, c := range a.comments[f.Real] {
			a.directives = append(a.directives, c.directive)
		}
	}
	for _, f := range tree.Sources() {
		read(f)
	}
	for _, f := range r.Findings {
		read(f.At.File)
	}
	for _, i := range s.Ignores {
		d := newDirective(lint.ByConfig, i.At)
		d.rules, d.reason = i.Rules, i.Reason
		a.settings = append(a.settings, d)
	}
	return a
}

// written are the comments and annotations that suppress a finding. Of one that
// stands for several objects all must have the annotation.
func (a *applied) written(f *lint.Finding) []*directive {
	var all []*directive
	for _, c := range a.comments[f.At.File.Real] {
		if c.names(f.Rule) && c.holds(f) {
			all = append(all, c.directive)
		}
	}
	var annotated []*directive
	for _, object := range f.Objects {
		before := len(annotated)
		for _, d := range a.of[object] {
			if d.names(f.Rule) {
				annotated = append(annotated, d)
			}
		}
		if len(annotated) == before {
			return all
		}
	}
	return append(all, annotated...)
}

// ignored are the entries of the settings that suppress a finding.
func (a *applied) ignored(f *lint.Finding) []*directive {
	var all []*directive
	for i, d := range a.settings {
		if d.names(f.Rule) && a.Ignores[i].Holds(f) {
			all = append(all, d)
		}
	}
	return all
}

// first takes the first of some directives and notes that all are used.
func (a *applied) first(f *lint.Finding, all ...[]*directive) *lint.Suppression {
	found := slices.Concat(all...)
	for _, d := range found {
		d.used[f.Rule] = true
	}
	if len(found) == 0 {
		return nil
	}
	return found[0].suppression()
}

func (d *directive) names(r *rules.Rule) bool { return slices.Contains(d.rules, r) }

// faults are what is wrong with some directives.
func (a *applied) faults(all []*directive, unused bool) []*lint.Finding {
	if !slices.Contains(a.Run, rules.FaultySuppression) {
		return nil
	}
	var found []*lint.Finding
	for _, d := range all {
		for _, message := range a.messages(d, unused) {
			found = append(found, lint.New(rules.FaultySuppression, "", message, d.at, d.object))
		}
	}
	return found
}

// messages say what is wrong with a directive.
func (a *applied) messages(d *directive, unused bool) []string {
	var all []string
	if d.err != nil {
		all = append(all, d.err.Error())
	}
	idle := 0
	for _, r := range d.rules {
		if unused && !d.used[r] && slices.Contains(a.Run, r) {
			all = append(all, fmt.Sprintf("this suppresses nothing: no %s %s is found here", r.Code, r.Kebab()))
			idle++
		}
	}
	if a.RequireReason && d.reason == "" && idle < len(d.rules) {
		all = append(all, fmt.Sprintf(`the suppression of %s gives no reason: add one behind "--"`, codes(d.rules)))
	}
	return all
}

// codes names rules in a sentence.
func codes(all []*rules.Rule) string {
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = r.Code
	}
	return strings.Join(names, ", ")
}

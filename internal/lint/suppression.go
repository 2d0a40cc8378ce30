package lint

import (
	"slices"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// SuppressedBy is what keeps a finding from being reported.
type SuppressedBy string

// What suppresses a finding. The first two stand in the manifests themselves.
const (
	ByComment    SuppressedBy = "comment"
	ByAnnotation SuppressedBy = "annotation"
	ByConfig     SuppressedBy = "config"
	ByBaseline   SuppressedBy = "baseline"
	BySince      SuppressedBy = "since"
)

// Suppression is why a finding is not reported.
type Suppression struct {
	By SuppressedBy
	// Reason is what people wrote down for it; it is "" for nothing.
	Reason string
	// At is where that is written. Its Path is "" for what was found before a
	// change.
	At Place
}

// InSource reports whether the suppression stands in the manifests.
func (s *Suppression) InSource() bool { return s.By == ByComment || s.By == ByAnnotation }

// New is a finding that no rule made of a view: of what the run was told to do.
// The object may be nil.
func New(rule *rules.Rule, category, message string, at source.Span, object *manifest.Resource) *Finding {
	if object == nil {
		object = &manifest.Resource{File: at.File}
	}
	return &Finding{
		Rule: rule, Level: rule.LevelOf(category), Message: source.Printable(message), At: at,
		Object: object, Objects: []*manifest.Resource{object}, Namespace: object.Namespace, category: category,
	}
}

// All are the findings of the run, reported or not, in the order of their places.
func (r *Result) All() []*Finding {
	all := slices.Concat(r.Findings, r.Suppressed)
	slices.SortStableFunc(all, byPlace)
	return all
}

// Suppress is the result without the findings that why gives a reason for. Those
// that were suppressed before stay so.
func (r *Result) Suppress(why func(*Finding) *Suppression) *Result {
	next := *r
	next.Findings, next.Suppressed = nil, slices.Clone(r.Suppressed)
	for _, f := range r.Findings {
		s := why(f)
		if s == nil {
			next.Findings = append(next.Findings, f)
			continue
		}
		hidden := *f
		hidden.Suppression = s
		next.Suppressed = append(next.Suppressed, &hidden)
	}
	slices.SortStableFunc(next.Suppressed, byPlace)
	next.Summary.Levels = levels(next.Findings)
	return &next
}

// With is the result with findings added that were made by New.
func (r *Result) With(more []*Finding) *Result {
	next := *r
	next.Findings = slices.Concat(r.Findings, more)
	slices.SortStableFunc(next.Findings, byPlace)
	slices.SortStableFunc(more, byPlace)
	fingerprint(more)
	next.Summary.Levels = levels(next.Findings)
	return &next
}

// Leveled is the result with the findings of some rules at other levels.
func (r *Result) Leveled(at map[*rules.Rule]rules.Level) *Result {
	next := *r
	next.Findings = nil
	for _, f := range r.Findings {
		leveled := *f
		if level, ok := at[f.Rule]; ok {
			leveled.Level = level
		}
		next.Findings = append(next.Findings, &leveled)
	}
	next.Summary.Levels = levels(next.Findings)
	return &next
}

// WithNote is the result with a note added.
func (r *Result) WithNote(n Note) *Result {
	next := *r
	next.Notes = append(slices.Clip(r.Notes), n)
	return &next
}

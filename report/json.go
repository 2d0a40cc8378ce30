package report

import (
	"encoding/json"
	"io"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

type jsonReport struct {
	Findings []jsonFinding `json:"findings"`
	// Fixed are findings that were mended in this run, each with that fix.
	Fixed    []jsonFinding `json:"fixed"`
	Problems []jsonProblem `json:"problems"`
	Notes    []jsonNote    `json:"notes"`
	Summary  jsonSummary   `json:"summary"`
}

type jsonFinding struct {
	Code      string        `json:"code"`
	Rule      string        `json:"rule"`
	Level     string        `json:"level"`
	Message   string        `json:"message"`
	Namespace string        `json:"namespace"`
	Views     []string      `json:"views"`
	Overlays  []string      `json:"overlays"`
	Location  jsonLocation  `json:"location"`
	Object    jsonObject    `json:"object"`
	Related   []jsonRelated `json:"related"`
	Fixes     []jsonFix     `json:"fixes"`
	// Refused is why there is no fix although the rule knows one.
	Refused     string `json:"refused,omitempty"`
	Fingerprint string `json:"fingerprint"`
	URL         string `json:"url"`
}

// jsonLocation has lines and columns from one; columns count characters, and
// the end is just after the last.
type jsonLocation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"startLine"`
	StartColumn int    `json:"startColumn"`
	EndLine     int    `json:"endLine"`
	EndColumn   int    `json:"endColumn"`
}

type jsonObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	// Template is what made it, where a comment above it tells.
	Template string `json:"template,omitempty"`
}

type jsonRelated struct {
	Message  string       `json:"message"`
	Location jsonLocation `json:"location"`
}

// jsonFix is one of the ways to mend a finding. A safe one changes no traffic and
// is what --fix applies; the others are for --unsafe-fixes.
type jsonFix struct {
	Title string `json:"title"`
	Safe  bool   `json:"safe"`
	// Changes are the connections that it opens (+) and closes (-).
	Changes []string `json:"changes"`
	// Edits belong together. None overlaps another.
	Edits []jsonEdit `json:"edits"`
}

// jsonEdit puts a new text in place of what stands from the start up to, not
// including, the end. Lines and columns are those of a location; offsets are
// bytes from zero. A file that is not there yet is an empty one.
type jsonEdit struct {
	jsonLocation
	StartOffset int    `json:"startOffset"`
	EndOffset   int    `json:"endOffset"`
	New         string `json:"new"`
}

// jsonProblem is something that could not be read. Line and column are 0 where
// they are not known.
type jsonProblem struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// jsonNote is something left out, with its places, or a question that was not
// decided.
type jsonNote struct {
	Kind   string   `json:"kind"`
	Reason string   `json:"reason"`
	Count  int      `json:"count"`
	Places []string `json:"places"`
}

type jsonSummary struct {
	Errors     int `json:"errors"`
	Warnings   int `json:"warnings"`
	Notes      int `json:"notes"`
	Files      int `json:"files"`
	Documents  int `json:"documents"`
	Policies   int `json:"policies"`
	Namespaces int `json:"namespaces"`
	Workloads  int `json:"workloads"`
	Views      int `json:"views"`
	// FixableSafe counts the findings with a safe fix, FixableUnsafe those that
	// have only others.
	FixableSafe   int `json:"fixableSafe"`
	FixableUnsafe int `json:"fixableUnsafe"`
}

// JSON writes one object with findings, problems, notes and a summary. Lists
// are never null.
func JSON(w io.Writer, r *lint.Result, _ Options) error {
	s := r.Summary
	safe, unsafe := r.Fixable()
	out := jsonReport{
		Findings: []jsonFinding{}, Fixed: []jsonFinding{}, Problems: []jsonProblem{}, Notes: []jsonNote{},
		Summary: jsonSummary{
			s.Levels[rules.Error], s.Levels[rules.Warning], s.Levels[rules.Note],
			s.Files, s.Documents, s.Policies, s.Namespaces, s.Workloads, s.Views,
			safe, unsafe,
		},
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, newJSONFinding(f))
	}
	for _, f := range r.Fixed {
		out.Fixed = append(out.Fixed, newJSONFinding(f))
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, jsonProblem{p.Path, p.Line, p.Column, p.Message})
	}
	for _, n := range r.Notes {
		places := []string{}
		for _, place := range n.Places {
			places = append(places, place.String())
		}
		out.Notes = append(out.Notes, jsonNote{string(n.Kind), n.Reason, n.Count, places})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func newJSONFinding(f *lint.Finding) jsonFinding {
	out := jsonFinding{
		Code: f.Rule.Code, Rule: f.Rule.Kebab(), Level: string(f.Level), Message: f.Message,
		Namespace: f.Namespace, Views: list(f.Views), Overlays: list(f.Overlays), Location: newJSONLocation(f.At),
		Object:  jsonObject{f.Object.APIVersion, f.Object.Kind, f.Object.Namespace, f.Object.Name, f.Object.Template},
		Related: []jsonRelated{}, Fixes: []jsonFix{}, Refused: f.Refused, Fingerprint: f.Fingerprint, URL: f.Rule.URL,
	}
	for _, related := range f.Related {
		out.Related = append(out.Related, jsonRelated{related.Message, newJSONLocation(related.At)})
	}
	for _, fix := range f.Fixes {
		out.Fixes = append(out.Fixes, newJSONFix(fix))
	}
	return out
}

func newJSONFix(fix lint.Fix) jsonFix {
	out := jsonFix{Title: fix.Title, Safe: fix.Safe, Changes: list(fix.Changes), Edits: []jsonEdit{}}
	for _, e := range fix.Edits {
		out.Edits = append(out.Edits, jsonEdit{newJSONLocation(e.Span), e.From, e.To, e.New})
	}
	return out
}

func newJSONLocation(s source.Span) jsonLocation {
	start, end := s.Start(), s.End()
	return jsonLocation{s.File.Path, start.Line, start.Column, end.Line, end.Column}
}

// list makes a nil list an empty one.
func list(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

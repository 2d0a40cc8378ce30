package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage    = "https://github.com/egresslint/egresslint"
	// sourceRoot stands for the repository in URIs. Where it lies on the
	// machine is left out: the report is the same on all of them.
	sourceRoot = "%SRCROOT%"
)

// SARIF writes SARIF 2.1.0. Columns count the units of UTF-16. A region that
// spans lines ends with its first: GitHub shows a result in a pull request
// only when all its lines are part of the change.
func SARIF(w io.Writer, r *lint.Result, o Options) error {
	run := sarif.NewRunWithInformationURI("egresslint", homepage)
	run.WithColumnKind("utf16CodeUnits")
	run.OriginalUriBaseIds = map[string]sarif.ArtifactLocation{
		sourceRoot: *sarif.NewArtifactLocation().WithDescription(sarif.NewTextMessage("the root of the repository, or the working directory")),
	}
	run.Tool.Driver.WithSemanticVersion(o.Version)
	for _, rule := range rules.All {
		run.Tool.Driver.AddRule(sarifRule(rule))
	}
	s := sarifWriter{o.Root}
	for _, f := range r.Findings {
		run.AddResult(s.result(f))
	}
	run.AddInvocation(s.invocation(r.Problems))

	report := sarif.NewReport().AddRun(run)
	report.Schema = sarifSchema
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}

func sarifRule(r *rules.Rule) *sarif.ReportingDescriptor {
	page := r.Page()
	text := func(text string) *sarif.MultiformatMessageString {
		return sarif.NewMultiformatMessageString().WithText(text)
	}
	properties := sarif.NewPropertyBag()
	properties.Add("security-severity", r.Severity)
	properties.Add("precision", "very-high")
	properties.Add("problem.severity", problemSeverity(r.Level))
	properties.Tags = r.Tags
	return sarif.NewRule(r.Code).
		WithName(r.Kebab()).
		WithShortDescription(text(r.Summary())).
		WithFullDescription(text(r.What())).
		WithHelp(text(page).WithMarkdown(page)).
		WithHelpURI(r.URL).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(string(r.Level))).
		WithProperties(properties)
}

// problemSeverity is a level in the words of GitHub.
func problemSeverity(level rules.Level) string {
	if level == rules.Note {
		return "recommendation"
	}
	return string(level)
}

// sarifWriter writes paths relative to root.
type sarifWriter struct{ root string }

func (s sarifWriter) result(f *lint.Finding) *sarif.Result {
	object := f.Object.Kind + " " + f.Object.Name
	logical := sarif.NewLogicalLocation().WithKind("resource").WithName(f.Object.Name).
		WithFullyQualifiedName(strings.Trim(f.Namespace+"/"+object, "/"))
	result := sarif.NewRuleResult(f.Rule.Code).
		WithLevel(string(f.Level)).
		WithMessage(sarif.NewTextMessage(f.Message)).
		WithPartialFingerprints(map[string]string{"egresslint/v1": f.Fingerprint}).
		AddLocation(sarif.NewLocation().WithPhysicalLocation(s.place(f.At)).WithLogicalLocations([]*sarif.LogicalLocation{logical}))
	result.RuleIndex = slices.Index(rules.All, f.Rule)
	for i, related := range f.Related {
		result.AddRelatedLocation(sarif.NewLocation().
			WithID(i + 1).
			WithPhysicalLocation(s.place(related.At)).
			WithMessage(sarif.NewTextMessage(related.Message)))
	}
	for _, fix := range f.Fixes {
		if len(fix.Edits) > 0 { // the standard wants one at least
			result.Fixes = append(result.Fixes, s.fix(fix))
		}
	}
	return result
}

func (s sarifWriter) place(at source.Span) *sarif.PhysicalLocation {
	start, end := at.FirstLine().Start(), at.FirstLine().End()
	region := sarif.NewRegion().
		WithStartLine(start.Line).WithStartColumn(start.UTF16Column).
		WithEndLine(end.Line).WithEndColumn(end.UTF16Column)
	return sarif.NewPhysicalLocation().WithArtifactLocation(s.artifact(at.File.Path, at.File.Real)).WithRegion(region)
}

// artifact names a file by its path below the root. The path with symbolic
// links resolved is used where it is known: GitHub does not follow links.
func (s sarifWriter) artifact(shown, resolved string) *sarif.ArtifactLocation {
	if shown == source.StdinPath {
		return sarif.NewArtifactLocation().WithURI("stdin")
	}
	if resolved == "" {
		resolved = source.Real(shown)
	}
	if rel, err := filepath.Rel(s.root, resolved); err == nil && filepath.IsLocal(rel) {
		return sarif.NewArtifactLocation().WithURI(uri(rel)).WithURIBaseID(sourceRoot)
	}
	return sarif.NewArtifactLocation().WithURI("file://" + uri(resolved))
}

// uri is a path as a URI reference.
func uri(path string) string {
	return (&url.URL{Path: filepath.ToSlash(path)}).String()
}

// invocation tells what could not be read.
func (s sarifWriter) invocation(problems []source.Problem) *sarif.Invocation {
	invocation := sarif.NewInvocation().WithExecutionSuccessful(len(problems) == 0)
	for _, p := range problems {
		n := sarif.NewNotification().WithLevel("error").WithMessage(sarif.NewTextMessage(p.Message))
		if p.Path != "" {
			place := sarif.NewPhysicalLocation().WithArtifactLocation(s.artifact(p.Path, ""))
			if p.Line > 0 {
				place.WithRegion(sarif.NewRegion().WithStartLine(p.Line))
			}
			n.WithLocations([]*sarif.Location{sarif.NewLocation().WithPhysicalLocation(place)})
		}
		invocation.AddToolExecutionNotification(n)
	}
	return invocation
}

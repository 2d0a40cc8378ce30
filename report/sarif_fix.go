package report

import (
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
)

// fix says what a fix does, and puts its edits together by their files. Who
// applies fixes without asking must know which are safe: the standard has no
// word for it, so it is a property.
func (s sarifWriter) fix(fix lint.Fix) *sarif.Fix {
	text := strings.Join(append([]string{fix.Title}, fix.Changes...), "\n")
	properties := sarif.NewPropertyBag()
	properties.Add("safe", fix.Safe)
	out := sarif.NewFix().WithDescription(sarif.NewTextMessage(text)).WithProperties(properties)
	changes := map[string]*sarif.ArtifactChange{}
	for _, e := range fix.Edits {
		change := changes[e.File.Path]
		if change == nil {
			change = sarif.NewArtifactChange().WithArtifactLocation(s.artifact(e.File.Path, e.File.Real))
			changes[e.File.Path] = change
			out.AddArtifactChange(change)
		}
		change.AddReplacement(replacement(e))
	}
	return out
}

// replacement is an edit. Unlike the regions of results its region is exact: an
// insertion has an empty one, and a line with its line break ends where the
// next begins.
func replacement(e source.Edit) *sarif.Replacement {
	start, end := e.Start(), e.End()
	out := sarif.NewReplacement().WithDeletedRegion(sarif.NewRegion().
		WithStartLine(start.Line).WithStartColumn(start.UTF16Column).
		WithEndLine(end.Line).WithEndColumn(end.UTF16Column))
	if e.New != "" {
		out.WithInsertedContent(sarif.NewArtifactContent().WithText(e.New))
	}
	return out
}

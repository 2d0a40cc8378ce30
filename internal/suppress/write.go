package suppress

import (
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest/edit"
	"github.com/egresslint/egresslint/internal/source"
)

// Refused is a finding that no comment can be written for.
type Refused struct {
	*lint.Finding

	Why string
}

// Comments are the edits that write a comment at each finding, one for all
// findings on a line. It does not write what is not part of the paths that were
// read, which has tells.
func Comments(findings []*lint.Finding, reason string, has func(*source.File) bool) (edits []source.Edit, refused []Refused) {
	type place struct {
		path string
		line int
	}
	at := map[place][]*lint.Finding{}
	var places []place
	for _, f := range findings {
		p := place{f.At.File.Real, f.At.Start().Line}
		if at[p] == nil {
			places = append(places, p)
		}
		at[p] = append(at[p], f)
	}
	for _, p := range places {
		written, err := together(at[p], reason, has)
		if err != nil {
			for _, f := range at[p] {
				refused = append(refused, Refused{f, err.Error()})
			}
			continue
		}
		edits = append(edits, written...)
	}
	return edits, refused
}

// together is the comment at the findings of one line.
func together(findings []*lint.Finding, reason string, has func(*source.File) bool) ([]source.Edit, error) {
	f := findings[0].At.File
	if !has(f) {
		return nil, edit.Refusal("its file is not one of those that were asked for")
	}
	var names []string
	for _, finding := range findings {
		if code := finding.Rule.Code; !slices.Contains(names, code) {
			names = append(names, code)
		}
	}
	slices.Sort(names)
	return edit.Comment(f, findings[0].At.From, Marker+" "+strings.Join(names, ", ")+" -- "+reason)
}

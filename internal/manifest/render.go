package manifest

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/kustomize"
	"github.com/egresslint/egresslint/internal/source"
)

// rendered is what a unit came to.
type rendered struct {
	unit *Unit
	// parsed are its objects, and parts the documents that made each.
	parsed *document.Parsed
	parts  [][]document.Document
	unsure []bool
	skips  []source.Skip
}

// overlay builds a kustomization. Where it does not build, it is built without
// what has no part in what matters, or read from its files. The charts of its
// kustomizations are rendered already; inflated says which are not.
func (u *use) overlay(unit *Unit, inflated map[*kustomize.Kustomization][]source.Skip) *rendered {
	r := &rendered{unit: unit}
	root := unit.kustomizations[0]
	for _, k := range unit.kustomizations {
		r.faults(k)
		r.skips = append(r.skips, inflated[k]...)
		unit.Partial = unit.Partial || len(inflated[k]) > 0
	}
	objects, err := u.workspace.Build(root.Dir, false)
	bare, lost := err != nil, false
	if bare {
		first := err
		if objects, err = u.workspace.Build(root.Dir, true); err != nil {
			objects, lost = u.workspace.Plain(root), true
		}
		r.skip(root.File, 0, Unbuilt, u.shown(first))
	}
	var targets []kustomize.Target
	for _, k := range unit.kustomizations {
		targets = append(targets, k.LostPatches(u.workspace, lost)...)
		if bare && k.Rewrites() {
			targets = append(targets, kustomize.Target{}) // any object may be another one
		}
		unit.Partial = unit.Partial || bare && k.Generates()
	}
	r.take(objects, targets)
	return r
}

// shown is an error with the directories as the user knows them.
func (u *use) shown(err error) string {
	text := err.Error()
	for _, k := range u.all {
		text = strings.ReplaceAll(text, k.Dir, filepath.ToSlash(filepath.Dir(k.File.Path)))
	}
	return text
}

// Why a kustomization is known only in part. Each is a plural, for the summary.
const (
	Unbuilt          = "kustomizations that do not build, read from their files"
	RemoteParts      = "parts of kustomizations that lie on other machines"
	MissingParts     = "parts of kustomizations that are missing"
	OutsideParts     = "parts of kustomizations outside the paths given"
	EmptyParts       = "directories without a kustomization that one names"
	UnrenderedCharts = "charts that are not rendered"
	MissingData      = "files for ConfigMaps and Secrets that are missing"
	IgnoredSchemas   = "OpenAPI schemas of kustomizations, which are not used"
)

// faults says what a kustomization names and cannot be read.
func (r *rendered) faults(k *kustomize.Kustomization) {
	for _, ref := range k.Refs {
		reason := map[kustomize.Fault]string{
			kustomize.Missing: MissingParts, kustomize.Remote: RemoteParts, kustomize.Outside: OutsideParts, kustomize.Empty: EmptyParts, kustomize.Inflated: UnrenderedCharts,
		}[ref.Fault]
		switch {
		case ref.Field == "openapi" && ref.Fault == kustomize.None:
			reason = IgnoredSchemas
		case reason == "":
			continue
		case ref.Role == kustomize.Data:
			reason = MissingData
		case ref.Role == kustomize.Resource, ref.Role == kustomize.Component, ref.Fault == kustomize.Inflated:
			r.unit.Partial = true
		}
		r.skip(k.File, k.Span(ref.Node).Start().Line, reason, ref.Field+": "+ref.Text)
	}
}

func (r *rendered) skip(f *source.File, line int, reason, detail string) {
	r.skips = append(r.skips, source.Skip{Path: f.Path, Line: line, Reason: reason, Detail: detail})
}

// take parses the objects of a build. They are one text, so that each has its
// place in it.
func (r *rendered) take(objects []kustomize.Object, lost []kustomize.Target) {
	var text bytes.Buffer
	for _, o := range objects {
		fmt.Fprintf(&text, "---\n%s", o.YAML)
	}
	r.parsed = document.Whole(source.Made(r.unit.Path, text.Bytes()))
	for i, o := range objects {
		r.parts = append(r.parts, o.Parts)
		unsure := false
		if len(lost) > 0 && i < len(r.parsed.Documents) {
			kind, name := identity(r.parsed.Documents[i].Root)
			for _, target := range lost {
				unsure = unsure || target.Matches(kind, name)
			}
		}
		r.unsure = append(r.unsure, unsure)
	}
}

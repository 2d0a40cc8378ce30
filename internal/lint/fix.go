package lint

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/source"
)

// Fix is a way to mend a finding.
type Fix struct {
	// Title says what it does, in a phrase: "write policyTypes [Ingress]".
	Title string
	// Safe is set where it changes no traffic.
	Safe bool
	// Edits are its changes to files, in the order of paths and places. A file
	// that does not exist yet is an empty one.
	Edits []source.Edit
	// Changes are the connections that it opens and closes, a line each:
	// "+ shop/api -> shop/db TCP/5432". There are none where it is Safe.
	Changes []string
	// Named are the changes that the rule names, by the names of the views. Once
	// the fix is proved they are its Changes.
	Named map[string][]string
}

// Same reports whether both fixes make the same edits.
func (f *Fix) Same(g *Fix) bool {
	return slices.EqualFunc(f.Edits, g.Edits, sameEdit)
}

func sameEdit(a, b source.Edit) bool {
	return a.File.Real == b.File.Real && a.From == b.From && a.To == b.To && a.New == b.New
}

func sortEdits(edits []source.Edit) {
	slices.SortStableFunc(edits, func(a, b source.Edit) int {
		return cmp.Or(cmp.Compare(a.File.Path, b.File.Path), cmp.Compare(a.From, b.From))
	})
}

// suggested is a fix as a rule suggests it. One without edits says in its title
// why there is none.
func (d *driver) suggested(s analysis.SuggestedFix, safe bool) Fix {
	title, changes, _ := strings.Cut(s.Message, "\n")
	f := Fix{Title: title, Safe: safe, Named: map[string][]string{}}
	if changes != "" {
		f.Named[d.view.Name] = strings.Split(changes, "\n")
	}
	for _, e := range s.TextEdits {
		f.Edits = append(f.Edits, source.Edit{Span: d.places.span(e.Pos, e.End), New: string(e.NewText)})
	}
	sortEdits(f.Edits)
	return f
}

// suggest takes in a suggestion of the rule.
func (f *Finding) suggest(fix Fix) {
	if f.At.File.Path == source.StdinPath {
		return // there is no file to mend
	}
	if len(fix.Edits) == 0 {
		f.Refused = cmp.Or(f.Refused, fix.Title)
		return
	}
	f.Suggested = append(f.Suggested, fix)
}

// differs is why there is no fix where the same finding of several overlays or
// views would have to be mended in several ways.
const differs = "what mends it differs between the overlays or views"

// copy is the finding with suggestions of its own, to be joined with others.
func (f *Finding) copy() *Finding {
	c := *f
	c.Objects = slices.Clone(f.Objects)
	c.Suggested = slices.Clone(f.Suggested)
	for i := range c.Suggested {
		c.Suggested[i].Named = maps.Clone(f.Suggested[i].Named)
		c.Suggested[i].Edits = slices.Clone(f.Suggested[i].Edits)
	}
	return &c
}

// join takes over the same finding in another overlay or view: it is mended where
// it is in all of them.
func (f *Finding) join(g *Finding) {
	f.Views = union(f.Views, g.Views)
	f.Overlays = union(f.Overlays, g.Overlays)
	f.Objects = append(f.Objects, g.Objects...)
	if len(f.Suggested) != len(g.Suggested) {
		f.Suggested, f.Refused = nil, cmp.Or(f.Refused, g.Refused, differs)
	}
	for i := range f.Suggested {
		f.Suggested[i].join(&g.Suggested[i])
	}
}

// join makes the fix do what both do.
func (f *Fix) join(g *Fix) {
	for view, changes := range g.Named {
		f.Named[view] = append(f.Named[view], changes...)
	}
	if f.Same(g) {
		return
	}
	if f.Title != g.Title {
		f.Title += ", and " + g.Title
	}
	for _, e := range g.Edits {
		if !slices.ContainsFunc(f.Edits, func(have source.Edit) bool { return sameEdit(have, e) }) {
			f.Edits = append(f.Edits, e)
		}
	}
	sortEdits(f.Edits)
}

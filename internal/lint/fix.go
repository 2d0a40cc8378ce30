package lint

import (
	"cmp"
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
	return slices.EqualFunc(f.Edits, g.Edits, func(a, b source.Edit) bool {
		return a.File.Real == b.File.Real && a.From == b.From && a.To == b.To && a.New == b.New
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
	slices.SortStableFunc(f.Edits, func(a, b source.Edit) int {
		return cmp.Or(cmp.Compare(a.File.Path, b.File.Path), cmp.Compare(a.From, b.From))
	})
	return f
}

// suggest takes in a suggestion of the rule.
func (f *Finding) suggest(fix Fix) {
	if len(fix.Edits) == 0 {
		f.Refused = cmp.Or(f.Refused, fix.Title)
		return
	}
	f.Suggested = append(f.Suggested, fix)
}

// differs is why there is no fix where the same finding of several overlays or
// views would have to be mended in several ways.
const differs = "what mends it differs between the overlays or views"

// join takes over the fixes of the same finding in another overlay or view. One
// that mends not all of them is none.
func (f *Finding) join(g *Finding) {
	kept := f.Suggested[:0]
	for _, fix := range f.Suggested {
		i := slices.IndexFunc(g.Suggested, func(other Fix) bool { return fix.Same(&other) })
		if i < 0 {
			f.Refused = cmp.Or(f.Refused, g.Refused, differs)
			continue
		}
		for view, changes := range g.Suggested[i].Named {
			fix.Named[view] = append(fix.Named[view], changes...)
		}
		kept = append(kept, fix)
	}
	f.Suggested = kept
}

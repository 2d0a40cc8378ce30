// Package lint runs the rules over the views of a tree and makes findings of
// what they report: each traced to its object, once, and in a fixed order.
package lint

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/netpol"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// Result is what a run found. It is not changed once made.
type Result struct {
	// Findings are in the order of their places.
	Findings []*Finding
	// Fixed are the findings that a fix has mended in this run, each with that
	// fix. They are not among Findings.
	Fixed []*Finding
	// Suppressed are findings that are not reported, each with its Suppression.
	// They are not among Findings, and not counted in Summary.Levels.
	Suppressed []*Finding
	// Problems are what could not be read, in the order of their places.
	Problems []source.Problem
	// Notes are what was not analysed, and what could not be decided.
	Notes   []Note
	Summary Summary

	found map[*cluster.View]*driver
}

// Engine tells what the policies of a view allow, which was one of those of the
// run.
func (r *Result) Engine(v *cluster.View) *netpol.Engine {
	results := r.found[v].results
	if results[netpol.Analyzer] == nil {
		results[netpol.Analyzer] = netpol.New(v)
	}
	return results[netpol.Analyzer].(*netpol.Engine)
}

// Finding is one defect.
type Finding struct {
	Rule    *rules.Rule
	Level   rules.Level
	Message string
	// Views are the names of the views in which it was found. It is empty
	// when the tree has one view only.
	Views []string
	// Overlays are the kustomizations and charts in which it was found, by their
	// directories, and how they were rendered where that is not plain. It is
	// empty for a finding in a file that is applied as it is.
	Overlays []string
	At       source.Span
	// Object is what the finding is in. It is never nil, and without kind and name
	// for a finding that is in no object. Namespace is its namespace, "" where
	// that is given at apply time; of a Namespace it is the name.
	Object    *manifest.Resource
	Namespace string
	// Objects are all that Object stands for: one of each overlay or view in which
	// the finding is the same.
	Objects []*manifest.Resource
	Related []Related
	// Fingerprint stays the same when lines move and files are renamed.
	Fingerprint string
	// Suggested are ways to mend the finding, each by itself, as its rule has
	// them. Fixes are those that were proved; there are none before.
	Suggested, Fixes []Fix
	// Refused says why the finding has no fix although its rule knows one. It is
	// "" where there is one, or none is known.
	Refused string
	// Suppression is why the finding is not reported. It is nil for one that is.
	Suppression *Suppression

	category string
}

// Related is another place that belongs to a finding.
type Related struct {
	Message string
	At      source.Span
}

// Summary counts what a run looked at.
type Summary struct {
	// Levels counts the findings of each level.
	Levels map[rules.Level]int
	// Files and Documents were read; the others are what is in them, over all
	// views.
	Files, Documents, Policies, Namespaces, Workloads, Views int
}

// Run applies the rules to the views of a tree. An error is a mistake of the
// program: rules that do not fit together.
//
// Of views that are those of a result before, what was found is taken over; it
// may be nil.
func Run(tree *manifest.Tree, views []*cluster.View, all []*rules.Rule, before *Result) (*Result, error) {
	analyzers := make([]*analysis.Analyzer, len(all))
	for i, r := range all {
		analyzers[i] = r.Analyzer
	}
	if err := analysis.Validate(analyzers); err != nil {
		return nil, err
	}
	places := newPlaces(tree)
	found := map[*cluster.View]*driver{}
	for _, v := range views {
		if before != nil && before.found[v] != nil {
			found[v] = before.found[v]
			continue
		}
		d := &driver{tree: tree, places: places, view: v, results: map[*analysis.Analyzer]any{cluster.Analyzer: v}, undecided: map[string]int{}}
		for _, rule := range all {
			d.rule(rule)
		}
		found[v] = d
	}
	return result(tree, views, found), nil
}

// driver runs analyzers over one view, each once, and collects what the rules
// report.
type driver struct {
	tree    *manifest.Tree
	places  *places
	view    *cluster.View
	results map[*analysis.Analyzer]any

	findings  []*Finding
	problems  []source.Problem
	undecided map[string]int
}

// rule runs one rule. What goes wrong in it costs its own findings only.
func (d *driver) rule(r *rules.Rule) {
	var found []*Finding
	result, err := d.run(r.Analyzer, func(diagnostic analysis.Diagnostic) {
		found = append(found, d.finding(r, diagnostic))
	})
	undecided, ok := result.(rules.Undecided)
	if err == nil && !ok {
		err = fmt.Errorf("its result is %T, not %T", result, undecided)
	}
	if err != nil {
		d.problems = append(d.problems, source.Problem{Message: fmt.Sprintf("rule %s (%s) failed: %v", r.Code, r.Kebab(), err)})
		return
	}
	d.findings = append(d.findings, found...)
	for reason, n := range undecided {
		d.undecided[reason] += n
	}
}

// run runs an analyzer after those that it requires.
func (d *driver) run(a *analysis.Analyzer, report func(analysis.Diagnostic)) (result any, err error) {
	if result, ok := d.results[a]; ok {
		return result, nil
	}
	inputs := map[*analysis.Analyzer]any{}
	for _, required := range a.Requires {
		if inputs[required], err = d.run(required, func(analysis.Diagnostic) {}); err != nil {
			return nil, err
		}
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	pass := &analysis.Pass{
		Analyzer: a,
		Fset:     d.tree.Set.FileSet,
		Pkg:      types.NewPackage(d.view.Name, "yaml"), // Pass.String reads it
		ResultOf: inputs,
		Report:   report,
	}
	if result, err = a.Run(pass); err != nil {
		return nil, err
	}
	if got := reflect.TypeOf(result); got != a.ResultType {
		return nil, fmt.Errorf("its result is %v, not %v", got, a.ResultType)
	}
	d.results[a] = result
	return result, nil
}

// finding traces a diagnostic to its file and object.
func (d *driver) finding(r *rules.Rule, found analysis.Diagnostic) *Finding {
	object := d.places.object(found.Pos)
	f := &Finding{
		Rule:     r,
		Level:    r.LevelOf(found.Category),
		Message:  source.Printable(found.Message),
		At:       d.places.written(found.Pos, found.End),
		Object:   object,
		Objects:  []*manifest.Resource{object},
		category: found.Category,
	}
	if d.view.Name != "" && object.Unapplied == "" {
		f.Views = []string{d.view.Name}
	}
	if object.Rendered() {
		f.Overlays = []string{object.Unit.Title()}
	}
	f.Namespace = f.Object.Namespace
	if f.Object.Kind == "Namespace" {
		f.Namespace = f.Object.Name
	}
	for i, suggested := range found.SuggestedFixes {
		f.suggest(d.suggested(suggested, r.Safe && i == 0))
	}
	for _, related := range found.Related {
		f.Related = append(f.Related, Related{source.Printable(related.Message), d.places.written(related.Pos, related.End)})
	}
	return f
}

// places finds what stands at a position of the file set.
type places struct {
	set *source.Set
	// objects are those of each file in the order of the text.
	objects map[*source.File][]placed
}

// placed is an object and the offset at which it begins.
type placed struct {
	from int
	*manifest.Resource
}

func newPlaces(tree *manifest.Tree) *places {
	p := &places{tree.Set, map[*source.File][]placed{}}
	for _, r := range tree.Resources {
		p.objects[r.File] = append(p.objects[r.File], placed{r.Document().From, r})
	}
	for _, objects := range p.objects { // an item of a list may be an alias, and so stand before the one above it
		slices.SortStableFunc(objects, func(a, b placed) int { return cmp.Compare(a.from, b.from) })
	}
	return p
}

// written is where people have written what stands between two positions.
func (p *places) written(pos, end token.Pos) source.Span {
	return p.object(pos).Written(p.span(pos, end))
}

// span is the range of two positions of one file. Without an end it is empty.
func (p *places) span(pos, end token.Pos) source.Span {
	f := p.set.FileOf(pos)
	if !end.IsValid() {
		end = pos
	}
	return source.Span{File: f, From: f.Offset(pos), To: f.Offset(end)}
}

// object is the last object that begins at or before pos.
func (p *places) object(pos token.Pos) *manifest.Resource {
	f := p.set.FileOf(pos)
	objects := p.objects[f]
	i, _ := slices.BinarySearchFunc(objects, f.Offset(pos)+1, func(o placed, offset int) int { return cmp.Compare(o.from, offset) })
	return objects[max(i-1, 0)].Resource
}

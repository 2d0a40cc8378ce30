package rules

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/draft"
	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/netpol"
	"github.com/egresslint/egresslint/internal/source"
)

// A suggested fix has a message of several lines: what it does, and then each
// connection that it opens or closes, as netpol.Engine.Changes tells them. One
// without edits says why there is no fix.

// fix is a suggested fix in the making.
type fix struct {
	pass *analysis.Pass
	// edits are its changes of text, changes those of policies.
	edits   []source.Edit
	changes []netpol.Edit
	err     error
}

// suggest makes fixes, where the view asks for them: they cost more than the
// findings.
func suggest(pass *analysis.Pass, fixes ...func() analysis.SuggestedFix) []analysis.SuggestedFix {
	var all []analysis.SuggestedFix
	if cluster.Of(pass).Fixes {
		for _, fix := range fixes {
			all = append(all, fix())
		}
	}
	return all
}

// newFix begins a fix of what a pass reports.
func newFix(pass *analysis.Pass) *fix { return &fix{pass: pass} }

// edit takes over edits of text, unless they failed.
func (f *fix) edit(edits []source.Edit, err error) {
	f.edits = append(f.edits, edits...)
	f.fail(err)
}

// fail notes why there is no fix. The first reason counts.
func (f *fix) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// lines are the connections that the fix opens and closes.
func (f *fix) lines() []string { return netpol.Of(f.pass).Changes(f.changes) }

// done is the fix, or why there is none. title says what it does.
func (f *fix) done(title string) analysis.SuggestedFix {
	if f.err != nil {
		return analysis.SuggestedFix{Message: f.err.Error()}
	}
	s := analysis.SuggestedFix{Message: strings.Join(append([]string{title}, f.lines()...), "\n")}
	tree := cluster.Of(f.pass).Tree
	for _, e := range joined(f.edits) {
		tree.Set.Add(e.File)
		pos, end := e.Pos()
		s.TextEdits = append(s.TextEdits, analysis.TextEdit{Pos: pos, End: end, NewText: []byte(e.New)})
	}
	return s
}

// joined makes one insertion of those at one place, in their order.
func joined(edits []source.Edit) []source.Edit {
	var all []source.Edit
	for _, e := range edits {
		i := slices.IndexFunc(all, func(have source.Edit) bool { return have.Span == e.Span && e.From == e.To })
		if i < 0 {
			all = append(all, e)
			continue
		}
		all[i].New += e.New
	}
	return all
}

// Why a rule knows no fix for a finding.
var (
	errPatched  = errors.New("patches change it, so that no single place says it")
	errShape    = errors.New("it is not written as it is applied")
	errNoSpec   = errors.New("it has no spec")
	errUnlisted = errors.New("no kustomization lies in the directory that is applied")
	errRival    = errors.New("another object has its name")
	errNowhere  = errors.New("its namespace is given at apply time")
	errSystem   = errors.New("the cluster itself depends on the pods of that namespace")
	errPartial  = errors.New("parts of the tree cannot be read")
	errIsolates = errors.New("it would isolate pods that are not isolated now")
)

// written is the document in which a policy is written, and its spec.
func written(p *cluster.Policy) (document.Document, *yaml.Node, error) {
	d, err := p.Source()
	if err != nil {
		return d, nil, err
	}
	spec := child(d.Root, "spec")
	if node.IsNull(spec) {
		return d, nil, errNoSpec
	}
	return d, spec, nil
}

// child is the value of a key as it is written, without following aliases. It
// is nil where there is none.
func child(mapping *yaml.Node, key string) *yaml.Node {
	_, value := node.Child(mapping, key)
	return value
}

// texts is a list of texts.
func texts(all ...string) *yaml.Node {
	n := draft.List()
	for _, text := range all {
		n.Content = append(n.Content, node.NewText(text))
	}
	return n
}

package fix

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
)

// State is a tree, and what was found in it.
type State struct {
	Tree   *manifest.Tree
	Views  []*cluster.View
	Result *lint.Result
}

// Linter lints a tree. Of one that only differs by edits from that of a state
// before, no fixes are suggested. An error is a mistake of the program.
type Linter func(tree *manifest.Tree, before *State) (*State, error)

// Prove looks which of the suggested fixes may be offered, and gives them to the
// findings; those that may not leave a reason. A fix is proved when the tree with
// its edits has the finding no more and none that it did not have, and when its
// policies open and close the very connections that the fix names.
//
// Fixes are tried together where none can be the reason why another one holds:
// no policy is changed by two, and none opens what another one closes, or what
// the rules of another one have to meet. Where a trial fails those that may be at
// fault are tried apart.
func Prove(s *State, relint Linter) error {
	p := prover{State: s, relint: relint}
	for _, batch := range batches(proposals(s.Result)) {
		if err := p.prove(batch); err != nil {
			return err
		}
	}
	for _, f := range s.Result.Findings {
		if len(f.Fixes) > 0 { // one way is enough
			f.Refused = ""
		}
		slices.SortStableFunc(f.Fixes, func(a, b lint.Fix) int { // in the order of the rule
			index := func(fix lint.Fix) int {
				return slices.IndexFunc(f.Suggested, func(s lint.Fix) bool { return s.Same(&fix) })
			}
			return cmp.Compare(index(a), index(b))
		})
	}
	return nil
}

// proposal is edits that mend findings, one or several.
type proposal struct {
	lint.Fix

	findings []*lint.Finding
}

// proposals makes one of the fixes that make the same edits.
func proposals(r *lint.Result) []*proposal {
	var all []*proposal
	known := map[string][]*proposal{}
	for _, f := range r.Findings {
		for _, fix := range f.Suggested {
			key := fix.Edits[0].File.Real
			i := slices.IndexFunc(known[key], func(have *proposal) bool { return have.Same(&fix) })
			if i < 0 {
				p := &proposal{Fix: fix, findings: []*lint.Finding{f}}
				p.Named = map[string][]string{}
				all = append(all, p)
				known[key] = append(known[key], p)
				i = len(known[key]) - 1
			}
			p := known[key][i]
			if !slices.Contains(p.findings, f) {
				p.findings = append(p.findings, f)
			}
			for view, changes := range fix.Named {
				p.Named[view] = union(p.Named[view], changes)
			}
		}
	}
	return all
}

// union is both lists as one, sorted, with nothing twice.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// batches divides proposals, so that those of a batch do not touch each other.
func batches(all []*proposal) [][]*proposal {
	var divided [][]*proposal
	for len(all) > 0 {
		var batch, rest []*proposal
		t := newTouched()
		for _, p := range all {
			switch {
			case p.unnamed():
				divided = append(divided, []*proposal{p})
			case t.add(p):
				batch = append(batch, p)
			default:
				rest = append(rest, p)
			}
		}
		if len(batch) > 0 {
			divided = append(divided, batch)
		}
		all = rest
	}
	return divided
}

// unnamed holds for a fix that lets a policy take effect as it is written: what
// it changes is what that policy says.
func (p *proposal) unnamed() bool { return len(p.Named) == 0 && !p.Safe }

// touched is what some proposals change.
type touched struct {
	edits    map[string][]source.Edit // by file
	findings map[*lint.Finding]bool
	changes  map[string]bool
}

func newTouched() *touched {
	return &touched{map[string][]source.Edit{}, map[*lint.Finding]bool{}, map[string]bool{}}
}

// add takes in a proposal. It is false, and changes nothing, where the proposal
// touches what others do.
func (t *touched) add(p *proposal) bool {
	if slices.ContainsFunc(p.findings, func(f *lint.Finding) bool { return t.findings[f] }) {
		return false
	}
	for _, e := range p.Edits {
		if slices.ContainsFunc(t.edits[e.File.Real], func(have source.Edit) bool {
			return e.From == have.From || e.From < have.To && have.From < e.To
		}) {
			return false
		}
	}
	for view, changes := range p.Named {
		if slices.ContainsFunc(changes, func(line string) bool { return t.changes[view+"\n"+line] }) {
			return false
		}
	}
	for _, f := range p.findings {
		t.findings[f] = true
	}
	for _, e := range p.Edits {
		t.edits[e.File.Real] = append(t.edits[e.File.Real], e)
	}
	for view, changes := range p.Named {
		for _, line := range changes {
			t.changes[view+"\n"+line] = true
		}
	}
	return true
}

// prover tries fixes of one state.
type prover struct {
	*State

	relint Linter
}

// prove tries a batch, and what is part of it.
func (p *prover) prove(batch []*proposal) error {
	batch = slices.DeleteFunc(slices.Clone(batch), (*proposal).needless)
	if len(batch) == 0 {
		return nil
	}
	_, err := p.try(batch, false)
	var refused *refusal
	switch {
	case err == nil:
		for _, proved := range batch {
			proved.offer()
		}
		return nil
	case !errors.As(err, &refused):
		return err
	case len(batch) == 1:
		for _, f := range batch[0].findings {
			f.Refused = cmp.Or(f.Refused, refused.Error())
		}
		return nil
	}
	suspects, others := divide(batch, refused)
	switch {
	case len(suspects) == 0:
		half := len(batch) / 2
		return cmp.Or(p.prove(batch[:half]), p.prove(batch[half:]))
	case len(others) > 0 && refused.apart:
		return cmp.Or(p.prove(others), p.prove(suspects))
	}
	err = p.prove(others)
	for _, suspect := range suspects {
		err = cmp.Or(err, p.prove([]*proposal{suspect}))
	}
	return err
}

// divide takes those out of a batch that are likely to be why it was refused.
func divide(batch []*proposal, r *refusal) (suspects, others []*proposal) {
	for _, p := range batch {
		if r.suspects != nil && r.suspects(p) {
			suspects = append(suspects, p)
		} else {
			others = append(others, p)
		}
	}
	return suspects, others
}

// needless holds for a fix that only does in another place what one does that is
// offered already.
func (p *proposal) needless() bool {
	return !slices.ContainsFunc(p.findings, func(f *lint.Finding) bool {
		return !slices.ContainsFunc(f.Fixes, func(fix lint.Fix) bool { return fix.Title == p.Title })
	})
}

// offer gives a proved fix to its findings.
func (p *proposal) offer() {
	fix := p.Fix
	for _, changes := range p.Named {
		fix.Changes = union(fix.Changes, changes)
	}
	for _, f := range p.findings {
		f.Fixes = append(f.Fixes, fix)
	}
}

// refusal is why fixes are not offered.
type refusal struct {
	reason string
	// suspects tells which of several fixes are likely to be at fault. It saves
	// trials, and nothing is refused for it alone. It may be nil.
	suspects func(*proposal) bool
	// apart is set where these would only have to be tried apart from the others.
	apart bool
}

func (r *refusal) Error() string { return r.reason }

func refuse(format string, args ...any) *refusal {
	return &refusal{reason: fmt.Sprintf(format, args...)}
}

// suspect adds who is likely to be at fault.
func (r *refusal) suspect(who func(*proposal) bool) *refusal {
	r.suspects = who
	return r
}

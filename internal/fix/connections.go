package fix

import (
	"maps"
	"slices"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/netpol"
)

// connections looks whether the very connections change that the proposals name:
// each by itself, or all together. One that names none lets a policy take effect
// as it is written: then what changes is what that policy says.
func (t *trial) connections() error {
	if len(t.after.Views) != len(t.Views) {
		return refuse("it would change which overlays are one cluster")
	}
	suspects := map[*proposal]bool{}
	isSuspect := func(p *proposal) bool { return suspects[p] }
	unnamed := len(t.batch) == 1 && t.batch[0].unnamed()
	var refused *refusal
	for i, view := range t.Views {
		edits, err := difference(view, t.after.Views[i])
		if err != nil {
			return err
		}
		if unnamed && t.batch[0].applies(edits) {
			t.batch[0].Named[view.Name] = union(t.Result.Engine(view).Changes(edits), nil)
			continue
		}
		parts := t.divided(edits, suspects)
		if parts == nil {
			shared := refuse("several fixes change the same policy").suspect(isSuspect)
			shared.apart = true
			return shared
		}
		if t.jointly {
			parts = []part{{t.batch, edits}}
		}
		cells := newCells()
		for _, part := range parts {
			effects := t.Result.Engine(view).Effects(part.edits)
			var named []string
			for _, proposal := range part.proposals {
				named = union(named, proposal.Named[view.Name])
			}
			if changes := union(effects.Changes, nil); !slices.Equal(changes, named) {
				refused = refuse("it would not change what it names: %s", firstOther(changes, named)).suspect(isSuspect)
				part.mark(suspects)
			} else if !cells.add(&effects) && refused == nil {
				part.mark(suspects)
			}
		}
	}
	if refused == nil && len(suspects) > 0 {
		refused = refuse("it depends on another fix").suspect(isSuspect)
		refused.apart = true
	}
	if refused == nil {
		return nil
	}
	return refused
}

// part is proposals and what they change.
type part struct {
	proposals []*proposal
	edits     []netpol.Edit
}

func (p *part) mark(suspects map[*proposal]bool) {
	for _, proposal := range p.proposals {
		suspects[proposal] = true
	}
}

// divided tells which proposal changes which policies: those that its text is part
// of. It is nil where several change one; all but the first of them are suspects.
func (t *trial) divided(edits []netpol.Edit, suspects map[*proposal]bool) []part {
	var parts []part
	index := map[*proposal]int{}
	for i, p := range t.batch {
		index[p] = i
		parts = append(parts, part{proposals: t.batch[i : i+1]})
	}
	if len(parts) == 1 {
		parts[0].edits = edits
		return parts
	}
	unique := true
	for _, edit := range edits {
		owners := t.owners(edit.New)
		if len(owners) != 1 {
			unique = false
			for _, p := range owners[min(1, len(owners)):] {
				suspects[p] = true
			}
			continue
		}
		i := index[owners[0]]
		parts[i].edits = append(parts[i].edits, edit)
	}
	if !unique {
		return nil
	}
	return parts
}

// owners are the proposals whose text is part of a policy.
func (t *trial) owners(p *cluster.Policy) []*proposal {
	if p == nil {
		return nil
	}
	d, err := p.Source()
	if err != nil {
		return nil
	}
	span := d.Span(d.Root)
	var owners []*proposal
	for _, e := range t.edits[span.File.Real] {
		if e.from <= span.To && span.From <= e.to && !slices.Contains(owners, e.proposal) {
			owners = append(owners, e.proposal)
		}
	}
	return owners
}

// cells collects the effects of proposals that are tried together.
type cells struct{ opens, closes, meets map[netpol.Cell]bool }

func newCells() *cells {
	return &cells{map[netpol.Cell]bool{}, map[netpol.Cell]bool{}, map[netpol.Cell]bool{}}
}

// add takes in the effects of one proposal. It is false, and takes nothing in,
// where one of the others opens what this one closes or has to meet, or the
// other way round: then one may hide what the other would bring up.
func (c *cells) add(e *netpol.Effects) bool {
	for cell := range e.Opens {
		if c.closes[cell] || c.meets[cell] {
			return false
		}
	}
	for cell := range c.opens {
		if e.Closes[cell] || e.Meets[cell] {
			return false
		}
	}
	maps.Copy(c.opens, e.Opens)
	maps.Copy(c.closes, e.Closes)
	maps.Copy(c.meets, e.Meets)
	return true
}

// firstOther is the first line that is in one list only.
func firstOther(changes, named []string) string {
	for _, line := range changes {
		if !slices.Contains(named, line) {
			return line
		}
	}
	for _, line := range named {
		if !slices.Contains(changes, line) {
			return "not " + line
		}
	}
	return ""
}

// applies reports whether all that changes is that policies of the finding's
// own file take effect.
func (p *proposal) applies(edits []netpol.Edit) bool {
	return !slices.ContainsFunc(edits, func(e netpol.Edit) bool {
		if e.Old != nil {
			return true
		}
		d, err := e.New.Source()
		return err != nil || d.File.Real != p.findings[0].Object.File.Real
	})
}

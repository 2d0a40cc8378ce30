package fix

import (
	"cmp"
	"errors"
	"slices"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
)

// Applied is what came of applying fixes.
type Applied struct {
	// State is the tree with the fixes, and what is still found in it. Its
	// findings have their fixes.
	*State

	// Fixed are the findings that are gone, each with the one fix that mended it,
	// in the order in which that was done.
	Fixed []*lint.Finding
	// Files are those that changed, in the order of their paths.
	Files []Changed
}

// Apply applies, of the fixes of each finding, the first that may be chosen. It
// does so in rounds: a fix whose text another one has changed waits for the
// next, and is then proved anew. It ends when nothing is left to choose, and in any
// case after some rounds for each finding. The files on the disk are not touched.
func Apply(s *State, relint Linter, choose func(*lint.Fix) bool) (*Applied, error) {
	a := &Applied{State: s}
	changed := map[string]*history{}
	const roundsEach = 3
	for range 1 + roundsEach*len(s.Result.Findings) {
		if err := Prove(a.State, relint); err != nil {
			return nil, err
		}
		p := prover{State: a.State, relint: relint}
		chosen, next, err := p.together(chosen(a.Result, choose))
		if err != nil {
			return nil, err
		}
		if len(chosen) == 0 {
			break
		}
		a.done(chosen)
		record(changed, chosen)
		if a.State, err = relint(next.Tree, nil); err != nil {
			return nil, err
		}
	}
	a.Files = changedFiles(a.State, changed)
	return a, nil
}

// done notes what proposals have mended.
func (a *Applied) done(round []*proposal) {
	for _, p := range round {
		for _, f := range p.findings {
			done := *f
			done.Fixes = []lint.Fix{p.Fix}
			a.Fixed = append(a.Fixed, &done)
		}
	}
}

// chosen are the fixes to apply that do not touch each other.
func chosen(r *lint.Result, choose func(*lint.Fix) bool) []*proposal {
	t := newTouched()
	var all []*proposal
	for _, f := range r.Findings {
		i := slices.IndexFunc(f.Fixes, func(fix lint.Fix) bool { return choose(&fix) })
		if i < 0 {
			continue
		}
		p := &proposal{Fix: f.Fixes[i]}
		for _, g := range r.Findings {
			if slices.ContainsFunc(g.Fixes, func(fix lint.Fix) bool { return fix.Same(&p.Fix) }) {
				p.findings = append(p.findings, g)
			}
		}
		if t.add(p) {
			all = append(all, p)
		}
	}
	return all
}

// together applies as many of the proposals as hold together: each is proved,
// but two may close what the other needs.
func (p *prover) together(all []*proposal) ([]*proposal, *State, error) {
	for len(all) > 0 {
		after, err := p.try(all, true)
		var refused *refusal
		if err == nil || !errors.As(err, &refused) {
			return all, after, err
		}
		suspects, others := divide(all, refused)
		if refused.apart && len(suspects) > 0 && len(others) > 0 {
			all = others
			continue
		}
		all = all[:len(all)/2]
	}
	return nil, nil, nil
}

// history is a file as it was at first, and what became of its text.
type history struct {
	*source.File

	pieces pieces
}

// record notes what proposals change in one round.
func record(changed map[string]*history, round []*proposal) {
	edits := map[string][]source.Edit{}
	for _, p := range round {
		for _, e := range p.Edits {
			edits[e.File.Real] = append(edits[e.File.Real], e)
			if changed[e.File.Real] == nil {
				changed[e.File.Real] = &history{e.File, newPieces(e.File)}
			}
		}
	}
	for path, these := range edits {
		changed[path].pieces = changed[path].pieces.edited(these)
	}
}

// changedFiles are the files of a tree that differ from what they were.
func changedFiles(s *State, changed map[string]*history) []Changed {
	var all []Changed
	for _, f := range s.Tree.EditedFiles() {
		old := changed[f.Real]
		all = append(all, Changed{
			Path: f.Path, Real: f.Real, Before: old.Src, After: f.Src, New: len(old.Src) == 0, Edits: old.pieces.edits(old.File),
		})
	}
	slices.SortFunc(all, func(a, b Changed) int { return cmp.Compare(a.Path, b.Path) })
	return all
}

package fix

import (
	"cmp"
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
)

// trial is proposals that are applied in memory.
type trial struct {
	*prover

	batch []*proposal
	// jointly asks only that all hold together, not that each does by itself.
	jointly bool
	// edits are where the edits come to lie, by file.
	edits map[string][]placed
	after *State
}

// placed is an edit of a proposal and the range of its text in the new file.
type placed struct {
	source.Edit
	*proposal

	from, to int
}

// try applies proposals in memory and looks what comes of it. The error is a
// refusal, or a mistake of the program.
func (p *prover) try(batch []*proposal, jointly bool) (*State, error) {
	t := &trial{prover: p, batch: batch, jointly: jointly, edits: map[string][]placed{}}
	files, err := t.edited()
	if err != nil {
		return nil, err
	}
	if t.after, err = p.relint(p.Tree.Edited(files), p.State); err != nil {
		return nil, err
	}
	for _, check := range []func() error{t.findings, t.notes, t.connections} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return t.after, nil
}

// edited are the files with the edits of the proposals.
func (t *trial) edited() ([]*source.File, error) {
	var order []*source.File
	for _, proposal := range t.batch {
		for _, e := range proposal.Edits {
			if t.edits[e.File.Real] == nil {
				if len(e.File.Src) > 0 && !t.Tree.Has(e.File) {
					return nil, refuse("%s lies outside the paths given", e.File.Path)
				}
				order = append(order, e.File)
			}
			t.edits[e.File.Real] = append(t.edits[e.File.Real], placed{Edit: e, proposal: proposal})
		}
	}
	var files []*source.File
	for _, f := range order {
		text, err := f.Apply(t.place(f))
		if err != nil {
			return nil, refuse("%v", err)
		}
		files = append(files, f.Rewritten(text))
	}
	return files, nil
}

// place works out where the edits of a file come to lie.
func (t *trial) place(f *source.File) []source.Edit {
	all := t.edits[f.Real]
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.From, b.From) })
	var edits []source.Edit
	shift := 0
	for i := range all {
		e := &all[i]
		e.from = e.From + shift
		e.to = e.from + len(e.New)
		shift += len(e.New) - (e.To - e.From)
		edits = append(edits, e.Edit)
	}
	return edits
}

// edits reports whether the fix edits a file.
func (p *proposal) edits(f *source.File) bool {
	return slices.ContainsFunc(p.Edits, func(e source.Edit) bool { return e.File.Real == f.Real })
}

// near reports whether the fix edits a file in which a finding is.
func (p *proposal) near(f *lint.Finding) bool {
	return p.edits(f.At.File) || slices.ContainsFunc(f.Related, func(r lint.Related) bool { return p.edits(r.At.File) })
}

// findings looks whether the findings are gone, and no other came up.
func (t *trial) findings() error {
	left, mended, places := map[string]int{}, map[string]bool{}, map[string]bool{}
	for _, f := range t.Result.All() {
		left[f.Identity()]++
		places[placeOf(f)] = true
	}
	for _, proposal := range t.batch {
		for _, f := range proposal.findings {
			left[f.Identity()]--
			mended[f.Identity()] = true
		}
	}
	for _, f := range t.after.Result.All() {
		id := f.Identity()
		if _, known := left[id]; !mended[id] && (known || places[placeOf(f)]) {
			continue // it may be said in several parts now, or of an object that is applied now
		}
		if left[id]--; left[id] >= 0 {
			continue
		}
		if mended[id] {
			return refuse("it does not mend the finding").suspect(func(p *proposal) bool {
				return slices.ContainsFunc(p.findings, func(mended *lint.Finding) bool { return mended.Identity() == f.Identity() })
			})
		}
		return refuse("it would bring up %s: %s", f.Rule.Code, f.Message).suspect(func(p *proposal) bool { return p.near(f) })
	}
	known := map[string]int{}
	for _, problem := range t.Result.Problems {
		known[withoutPlace(problem)]++
	}
	for _, problem := range t.after.Result.Problems {
		if known[withoutPlace(problem)]--; known[withoutPlace(problem)] < 0 {
			return refuse("it would bring up an error: %v", problem)
		}
	}
	return nil
}

// placeOf is the rule of a finding, and the text at fault.
func placeOf(f *lint.Finding) string {
	return f.Rule.Code + "\n" + f.At.File.Real + "\n" + f.Object.Kind + "\n" + f.Object.Name + "\n" + f.At.Text()
}

// notes looks whether all that was read before still is.
func (t *trial) notes() error {
	left := map[string]int{}
	for _, n := range t.Result.Notes {
		left[n.Reason] = n.Count
	}
	for _, n := range t.after.Result.Notes {
		if n.Kind == lint.Skipped && n.Count > left[n.Reason] {
			detail := n.Reason
			if d := n.Places[0].Detail; d != "" {
				detail += ": " + d
			}
			return refuse("not all could be read then: %s", detail)
		}
	}
	return nil
}

// withoutPlace is the same for a problem that has moved by some lines.
func withoutPlace(p source.Problem) string {
	return p.Path + ": " + strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, p.Message)
}

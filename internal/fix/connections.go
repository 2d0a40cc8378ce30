package fix

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/netpol"
	"github.com/egresslint/egresslint/internal/source"
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

// difference is how the policies of one view become those of another. All else
// has to be the same in both.
func difference(before, after *cluster.View) ([]netpol.Edit, error) {
	if before == after {
		return nil, nil
	}
	if what, r := others(before, after); what != "" {
		return nil, refuse("it would change %s, not only policies", what).suspect(func(p *proposal) bool {
			return r != nil && p.edits(r.Written(r.Document()).File)
		})
	}
	namespaces := map[string]*cluster.Namespace{}
	for _, ns := range before.Namespaces {
		namespaces[place(ns)] = ns
	}
	old := newFormer(before)
	var edits []netpol.Edit
	for _, p := range after.Policies {
		q := old.take(p)
		if q != nil && same(p, q) {
			continue
		}
		if p.Rival && (q == nil || !q.Rival) {
			return nil, refuse("there would be two policies %q", p.Qualified())
		}
		moved := *p
		if in := namespaces[place(p.In)]; in != nil {
			moved.In = in // else it is in a namespace without pods
		}
		edits = append(edits, netpol.Edit{Old: q, New: &moved})
	}
	for _, p := range old.left() {
		edits = append(edits, netpol.Edit{Old: p})
	}
	return edits, nil
}

// former is the policies of a view, to find what they became in another.
type former struct {
	all    []*cluster.Policy
	byNode map[*yaml.Node]*cluster.Policy
	byName map[string][]*cluster.Policy
	taken  map[*cluster.Policy]bool
}

func newFormer(v *cluster.View) *former {
	f := &former{v.Policies, map[*yaml.Node]*cluster.Policy{}, map[string][]*cluster.Policy{}, map[*cluster.Policy]bool{}}
	for _, p := range v.Policies {
		f.byNode[p.Node] = p
		f.byName[identity(p)] = append(f.byName[identity(p)], p)
	}
	return f
}

// take is the policy that became p, nil where p is new. One that was not read
// again has its node; else it is the first of its name in its file.
func (f *former) take(p *cluster.Policy) *cluster.Policy {
	q := f.byNode[p.Node]
	for _, same := range f.byName[identity(p)] {
		if q == nil && !f.taken[same] {
			q = same
		}
	}
	if q != nil {
		f.taken[q] = true
	}
	return q
}

// left are the policies that became nothing.
func (f *former) left() []*cluster.Policy {
	return slices.DeleteFunc(slices.Clone(f.all), func(p *cluster.Policy) bool { return f.taken[p] })
}

// identity is the namespace, the name and the file of a policy.
func identity(p *cluster.Policy) string {
	file := p.File.Path
	if d, err := p.Source(); err == nil {
		file = d.File.Path
	}
	return place(p.In) + "\n" + p.Name + "\n" + file
}

// same reports whether two policies mean the same.
func same(p, q *cluster.Policy) bool {
	return place(p.In) == place(q.In) && p.Rival == q.Rival && p.Pods.Key == q.Pods.Key &&
		p.Effective(cluster.Egress) == q.Effective(cluster.Egress) && p.Effective(cluster.Ingress) == q.Effective(cluster.Ingress) &&
		reflect.DeepEqual(p.Rules, q.Rules)
}

// place tells namespaces apart, in two views.
func place(ns *cluster.Namespace) string {
	unit := ""
	if ns.Unit != nil {
		unit = ns.Unit.Place()
	}
	return ns.Name + "\n" + ns.Placeholder + "\n" + unit
}

// edits reports whether the fix edits a file.
func (p *proposal) edits(f *source.File) bool {
	return slices.ContainsFunc(p.Edits, func(e source.Edit) bool { return e.File.Real == f.Real })
}

// others names what differs between two views besides their policies, "" where
// nothing does. The object is nil for a namespace.
func others(before, after *cluster.View) (what string, object *manifest.Resource) {
	counts := map[string]int{}
	for _, ns := range before.Namespaces {
		counts[namespaceText(ns)]++
	}
	for _, w := range before.Workloads {
		counts[workloadText(w)]++
	}
	for _, f := range before.Foreign {
		counts[foreignText(f)]++
	}
	for _, ns := range after.Namespaces {
		if counts[namespaceText(ns)]--; counts[namespaceText(ns)] < 0 && len(ns.Workloads) > 0 {
			return ns.Title(), nil
		}
	}
	for _, w := range after.Workloads {
		if counts[workloadText(w)]--; counts[workloadText(w)] < 0 {
			return w.Kind + " " + w.Qualified(), w.Resource
		}
	}
	for _, f := range after.Foreign {
		if counts[foreignText(f)]--; counts[foreignText(f)] < 0 {
			return f.Kind + " " + f.Qualified() + ", of which not all is known", f.Resource
		}
	}
	return "", nil
}

func namespaceText(ns *cluster.Namespace) string {
	return fmt.Sprint("namespace ", place(ns), ns.Labels.Key(), ns.Partial, ns.Unseen)
}

func workloadText(w *cluster.Workload) string {
	return fmt.Sprint(w.Kind, " ", w.Name, place(w.In), w.Labels.Key(), w.Ports, w.MorePorts, w.HostNetwork)
}

func foreignText(f *cluster.Foreign) string {
	return f.Kind + " " + f.APIVersion + " " + f.Qualified() + " " + f.Reason
}

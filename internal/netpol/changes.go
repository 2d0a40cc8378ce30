package netpol

import (
	"slices"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// Edit is a change of one policy.
type Edit struct {
	// Old is the policy as the view has it, nil for one that is new.
	Old *cluster.Policy
	// New is the policy as it becomes, nil for one that goes. It is in a
	// namespace of the view.
	New *cluster.Policy
}

// delta is what edits change on one side of the connections between a class
// and others that all policies treat alike.
type delta struct {
	other

	before, after *Allowed
}

// ends is one class in one direction, with the policies that govern it before
// and after edits.
type ends struct {
	e             *Engine
	n             uint32
	d             cluster.Direction
	before, after ruling
	// changed are the rules of the policies that differ, rules are all rules.
	changed, rules []*rule
	// all is what the class can be connected with.
	all []other
}

// isolated tells whether the class is isolated before, and after.
func (x *ends) isolated() (before, after verdict.Verdict) {
	c := x.e.classes[x.n]
	return c.isolatedBy(x.before), c.isolatedBy(x.after)
}

// deltas are the changes that edits make for what the rules treat alike.
func (x *ends) deltas() []delta {
	var all []delta
	for _, o := range x.all {
		d := delta{o, x.with(x.before, o), x.with(x.after, o)}
		if !d.before.equals(d.after) {
			all = append(all, d)
		}
	}
	return all
}

// with is what policies allow with others.
func (x *ends) with(policies ruling, o other) *Allowed {
	switch {
	case o.addr.IsValid():
		return x.e.addressBy(policies, x.n, x.d, o.addr)
	case o.peer != "":
		return x.withPeer(policies, o.peer)
	default:
		return x.e.with(policies, x.n, x.d, o.classes)
	}
}

// withPeer is what policies allow with pods that the tree does not have: what
// rules with that very peer allow, and those for everyone.
func (x *ends) withPeer(policies ruling, peer string) *Allowed {
	isolated := x.e.classes[x.n].isolatedBy(policies)
	if isolated == verdict.No {
		return &Allowed{Sure: AllPorts}
	}
	var pass passage
	for p, v := range policies {
		for i := range p.rules[x.d] {
			r := &p.rules[x.d][i]
			if !r.everyone && !slices.ContainsFunc(r.blocks, wholeIPv4) && !slices.Contains(x.e.absent(p, r), peer) {
				continue
			}
			pass.possible = pass.possible.Union(r.numbers)
			if v == verdict.Yes {
				pass.sure = pass.sure.Union(r.numbers)
			}
		}
	}
	return x.e.allowed(x.n, isolated, pass)
}

// equals reports whether both allow the same.
func (a *Allowed) equals(b *Allowed) bool {
	return a.Sure.equals(b.Sure) && a.Unknown.equals(b.Unknown)
}

// affected lists, in order, the sides whose policies edits change.
func (e *Engine) affected(edits []Edit) []*ends {
	var classes interval.Set
	for _, edit := range edits {
		for _, p := range []*cluster.Policy{edit.Old, edit.New} {
			if p == nil || e.spaces[p.In] == nil {
				continue
			}
			classes = classes.Union(e.matching(p.In, p.Pods).possible)
		}
	}
	var all []*ends
	for n := range classes.All {
		for _, d := range []cluster.Direction{cluster.Egress, cluster.Ingress} {
			x := &ends{e: e, n: n, d: d, before: e.policiesOf(e.classes[n], d)}
			x.after = e.edited(n, d, edits)
			if x.collect(edits) {
				all = append(all, x)
			}
		}
	}
	return all
}

// collect finds the rules. It is false where the same policies govern the class
// before and after.
func (x *ends) collect(edits []Edit) bool {
	differ := false
	for _, policies := range []ruling{x.before, x.after} {
		for p := range policies {
			changed := slices.ContainsFunc(edits, func(edit Edit) bool { return edit.Old == p.Policy || edit.New == p.Policy })
			differ = differ || changed
			for i := range p.rules[x.d] {
				x.rules = append(x.rules, &p.rules[x.d][i])
				if changed {
					x.changed = append(x.changed, &p.rules[x.d][i])
				}
			}
		}
	}
	if differ {
		x.all = x.others()
	}
	return differ
}

// edited is the policies that govern a class after edits.
func (e *Engine) edited(n uint32, d cluster.Direction, edits []Edit) ruling {
	c := e.classes[n]
	return func(yield func(*policy, verdict.Verdict) bool) {
		for p, v := range e.policiesOf(c, d) {
			if !slices.ContainsFunc(edits, func(edit Edit) bool { return edit.Old == p.Policy }) && !yield(p, v) {
				return
			}
		}
		for _, edit := range edits {
			if edit.New == nil || edit.New.In != c.in || !edit.New.Effective(d) {
				continue
			}
			v := e.matching(c.in, edit.New.Pods).overlaps(interval.Single(n))
			if edit.New.Rival {
				v = min(v, verdict.Unknown)
			}
			if v != verdict.No && !yield(e.compiled(edit.New), v) {
				return
			}
		}
	}
}

// compiled is a policy with its peers and ports worked out, also one that is
// not of the view.
func (e *Engine) compiled(p *cluster.Policy) *policy {
	if e.policies[p] == nil {
		e.compile(p)
	}
	return e.policies[p]
}

package netpol

import (
	"reflect"
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

	// added is what opens, removed what closes. Unknown are ports that open or
	// close only perhaps.
	added, removed Allowed
}

// ends is one class in one direction, with the policies that govern it before
// and after edits, as far as these matter: their rules are those about the ports
// of rules that differ.
type ends struct {
	e             *Engine
	n             uint32
	d             cluster.Direction
	before, after governing
	// changed are the rules that are there before or after only.
	changed []*rule
	// all is what the class can be connected with.
	all []other
}

// governing is policies that govern a class.
type governing struct {
	policies []applied
	// isolated tells whether they isolate it.
	isolated verdict.Verdict
}

func (g *governing) ruling(yield func(*policy, verdict.Verdict) bool) {
	for _, a := range g.policies {
		if !yield(a.policy, a.Verdict) {
			return
		}
	}
}

// deltas are the changes that edits make for what the rules treat alike.
func (x *ends) deltas() []delta {
	var all []delta
	for _, o := range x.all {
		before, after := x.with(&x.before, o), x.with(&x.after, o)
		if !before.equals(after) {
			all = append(all, delta{o, before.gains(after), before.loses(after)})
		}
	}
	return all
}

// gains is what b allows and a does not.
func (a *Allowed) gains(b *Allowed) Allowed {
	return Allowed{b.Sure.Minus(a.Sure), b.Unknown.Minus(a.Unknown).Minus(a.Sure)}
}

// loses is what a allows and b does not, or not surely.
func (a *Allowed) loses(b *Allowed) Allowed {
	gone := a.Unknown.Minus(b.Unknown).Minus(b.Sure)
	return Allowed{a.Sure.Minus(b.Sure).Minus(b.Unknown), gone.Union(a.Sure.Intersect(b.Unknown))}
}

// with is what policies allow with others.
func (x *ends) with(g *governing, o other) *Allowed {
	return x.e.allowed(x.n, g.isolated, func() passage {
		switch {
		case o.addr.IsValid():
			return x.e.addressBy(g.ruling, x.n, x.d, o.addr)
		case o.peer != "":
			return x.withPeer(g.ruling, o.peer)
		default:
			return x.e.passesBy(g.ruling, x.n, x.d, o.classes)
		}
	})
}

// withPeer is what policies let through to pods that the tree does not have: what
// rules with that very peer allow, and those for everyone.
func (x *ends) withPeer(policies ruling, peer string) passage {
	var pass passage
	for p, v := range policies {
		for i := range p.rules[x.d] {
			r := &p.rules[x.d][i]
			if !r.everyone && r.held != verdict.Yes && !slices.Contains(x.e.absent(p, r), peer) {
				continue
			}
			pass.possible = pass.possible.Union(r.numbers)
			if v == verdict.Yes {
				pass.sure = pass.sure.Union(r.numbers)
			}
		}
	}
	return pass
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
			if x := e.ends(n, d, edits); x != nil {
				all = append(all, x)
			}
		}
	}
	return all
}

// ends is one class in one direction before and after edits, nil where the same
// policies govern it.
func (e *Engine) ends(n uint32, d cluster.Direction, edits []Edit) *ends {
	x := &ends{e: e, n: n, d: d}
	before, after := e.policiesOf(e.classes[n], d), e.edited(n, d, edits)
	old, now := touched(before, d, edits), touched(after, d, edits)
	if old == nil && now == nil {
		return nil
	}
	x.changed = append(without(old, now), without(now, old)...)
	x.before.isolated, x.after.isolated = e.classes[n].isolatedBy(before), e.classes[n].isolatedBy(after)
	ports := AllPorts
	if x.before.isolated == verdict.Yes && x.after.isolated == verdict.Yes {
		ports = Ports{}
		for _, r := range x.changed {
			ports = ports.Union(r.asked())
		}
	}
	x.before.policies, x.after.policies = about(before, d, ports), about(after, d, ports)
	x.all = x.others()
	return x
}

// ruled is a rule of a policy that selects a class, surely or possibly.
type ruled struct {
	*rule
	verdict.Verdict
}

// touched lists the rules of those policies that edits are about. It is nil
// where there is no such policy.
func touched(policies ruling, d cluster.Direction, edits []Edit) []ruled {
	var all []ruled
	for p, v := range policies {
		if slices.ContainsFunc(edits, func(edit Edit) bool { return edit.Old == p.Policy || edit.New == p.Policy }) {
			if all == nil {
				all = []ruled{}
			}
			for i := range p.rules[d] {
				all = append(all, ruled{&p.rules[d][i], v})
			}
		}
	}
	return all
}

// without lists the rules that are not among others.
func without(rules, others []ruled) []*rule {
	var all []*rule
	for _, r := range rules {
		if !slices.ContainsFunc(others, func(o ruled) bool { return o.Verdict == r.Verdict && reflect.DeepEqual(o.written, r.written) }) {
			all = append(all, r.rule)
		}
	}
	return all
}

// asked is the ports that a rule may be about: all of a protocol where a name
// stands for one.
func (r *rule) asked() Ports {
	ports := r.numbers
	for _, entry := range r.demands {
		if entry.name.name != "" {
			ports = ports.Union(Ports{protocolRange(entry.name.protocol)})
		}
	}
	return ports
}

// about is policies with those rules of a direction that may be about some
// ports.
func about(policies ruling, d cluster.Direction, ports Ports) []applied {
	var all []applied
	for p, v := range policies {
		some := &policy{Policy: p.Policy, effective: p.effective}
		for _, r := range p.rules[d] {
			if r.asked().Overlaps(ports) {
				some.rules[d] = append(some.rules[d], r)
			}
		}
		all = append(all, applied{some, v})
	}
	return all
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

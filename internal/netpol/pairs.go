package netpol

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/selection"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// Pairing is what came of comparing one peer of a rule with the rules of the
// pods that it names.
type Pairing struct {
	// Own names the pods that the rule's policy selects, as in Gap.
	Own []string
	// Gaps are the pods that the peer names and whose own policies let nothing,
	// or not all, of the rule's traffic through. Pods with the same gap are one.
	Gaps []Gap
	// Undecided says what would have to be known, "" where all is decided.
	Undecided string
}

// Gap is traffic that one side allows and the other, isolated, does not.
type Gap struct {
	// In is the namespace of the pods.
	In *cluster.Namespace
	// Pods names the pods that the peer stands for: workloads as
	// "namespace/name", or a selector where the tree has no such workload.
	Pods []string
	// Missing are the ports that the rule allows and that do not get through,
	// Passing those that do. A port that the rule names is written with its
	// number: "web (TCP/8080)".
	Missing, Passing []string
	// Isolating are the policies that isolate the pods, none of whose rules
	// let the missing ports through.
	Isolating []*cluster.Policy
}

// What a Pairing may be undecided for.
const (
	UnknownBlocks   = "an ipBlock may hold the pods' addresses"
	UnknownForeign  = "policies that are not read may apply"
	UnknownLabels   = "labels or namespaces are not in the tree"
	UnknownPortName = "the port's number is not in the tree"
	UnknownParts    = "parts of the tree cannot be read"
	UnknownRivals   = "only one of several objects with one name can apply"
)

// Pair compares one peer of a rule of p with the policies of the pods that the
// peer names. A peer that names everyone, or everyone but some, has no gap. One
// whose podSelector asks for a label must be met by each workload it selects,
// one that names a namespace by the workloads there together. Of the pods that p
// itself selects one suffices: a rule is at fault when nobody can use it. A port
// that one peer does not take is no gap when another peer of the rule takes it.
// The policy must be of the engine's view.
func (e *Engine) Pair(p *cluster.Policy, d cluster.Direction, ruleIndex, peerIndex int) Pairing {
	pairing := e.pair(p, d, ruleIndex, peerIndex)
	for j := range p.Rules[d][ruleIndex].Peers {
		if j == peerIndex || !slices.ContainsFunc(pairing.Gaps, Gap.partial) {
			continue
		}
		var missing []string
		for _, gap := range e.pair(p, d, ruleIndex, j).Gaps {
			missing = append(missing, gap.Missing...)
		}
		pairing.taken(missing)
	}
	return pairing
}

// partial holds where some of the ports get through.
func (g Gap) partial() bool { return len(g.Passing) > 0 }

// taken drops from the partial gaps the ports that are not missing elsewhere.
func (p *Pairing) taken(missing []string) {
	for i := range p.Gaps {
		if gap := &p.Gaps[i]; gap.partial() {
			gap.Missing = slices.DeleteFunc(slices.Clone(gap.Missing), func(port string) bool { return !slices.Contains(missing, port) })
		}
	}
	p.Gaps = slices.DeleteFunc(p.Gaps, func(g Gap) bool { return len(g.Missing) == 0 })
}

// asks reports whether a selector asks for a label. One that only rules labels
// out stands for everyone else.
func asks(s *cluster.Selector) bool {
	return s != nil && slices.ContainsFunc(s.Requirements, func(r cluster.Requirement) bool {
		return r.Operator == selection.In || r.Operator == selection.Exists
	})
}

// pair is Pair for a peer that is alone in its rule.
func (e *Engine) pair(p *cluster.Policy, d cluster.Direction, ruleIndex, peerIndex int) Pairing {
	written := &p.Rules[d][ruleIndex].Peers[peerIndex]
	specific, ofNamespace := asks(written.Pods), asks(written.Namespaces)
	if !e.policies[p].effective[d] || written.Block != nil || !specific && !ofNamespace {
		return Pairing{}
	}
	own := e.own(p)
	q := question{
		e:       e,
		d:       d,
		own:     own,
		maybe:   e.matching(p.In, p.Pods).possible.Minus(own).Minus(e.onHosts),
		demands: e.policies[p].rules[d][ruleIndex].demands,
	}
	named := e.peer(p.In, written)
	peers := named.sure.Intersect(e.visible)
	for _, home := range e.homes(p, written) {
		peers = peers.Union(e.standIn(home, podsOf(written)))
	}
	switch {
	case q.own.Empty() && q.maybe.Intersect(e.visible).Empty():
		return Pairing{} // policies do not govern the policy's own pods
	case peers.Empty() && named.possible.Overlaps(e.onHosts) && named.possible.Intersect(e.visible).Within(e.onHosts):
		return Pairing{} // nor those of the peer
	case q.own.Empty(), peers.Empty():
		return Pairing{Undecided: UnknownLabels}
	}
	pairing := Pairing{}
	if specific {
		pairing = q.each(peers)
	} else {
		pairing = q.together(peers, named.possible.Minus(e.onHosts))
	}
	if len(pairing.Gaps) > 0 {
		for n := range q.own.All {
			pairing.Own = append(pairing.Own, e.classes[n].pods()...)
		}
	}
	return pairing
}

// own is the classes that a policy surely selects and governs, or the stand-in
// for them.
func (e *Engine) own(p *cluster.Policy) interval.Set {
	visible := e.matching(p.In, p.Pods).sure.Intersect(e.visible)
	return visible.Minus(e.onHosts).Minus(e.maybeOnHosts).Union(e.standIn(p.In, p.Pods))
}

// standIn is the class that stands in for what a selector selects in a
// namespace, none where the tree has, or may have, the pods themselves.
func (e *Engine) standIn(in *cluster.Namespace, s *cluster.Selector) interval.Set {
	if n, ok := e.standIns[podsKey{in, s.Key}]; ok {
		return interval.Single(n)
	}
	return nil
}

// question is one rule, asked of the pods on its other side.
type question struct {
	e *Engine
	// d is the direction of the rule.
	d cluster.Direction
	// own are the classes that the rule's policy selects, maybe those that it
	// may select too, stand-ins among them.
	own, maybe interval.Set
	// others are classes that may be among those that are asked.
	others  interval.Set
	demands []demand
}

// answer is what the policies of one class say to a question.
type answer struct {
	missing, passing []string
	undecided        string
}

// each asks every class.
func (q question) each(peers interval.Set) Pairing {
	var p Pairing
	for n := range peers.All {
		p.add(q, interval.Single(n), q.ask(interval.Single(n), nil))
	}
	return p
}

// together asks, namespace by namespace, what its classes let through together.
// Others that the peer possibly names may let more through, and so may pods
// that the tree does not have, unless a policy isolates the whole namespace.
func (q question) together(peers, possible interval.Set) Pairing {
	var p Pairing
	for !peers.Empty() {
		in := q.e.classes[peers[0].Lo].in
		all := q.e.spaces[in].all
		classes := peers.Intersect(all)
		a := q.ask(classes, possible.Intersect(all).Minus(classes))
		if len(a.missing) > 0 && q.e.Covered(in, q.d.Opposite()) != verdict.Yes {
			a = answer{undecided: UnknownLabels}
		}
		p.add(q, classes, a)
		peers = peers.Minus(all)
	}
	return p
}

// add notes the answer of some classes, their gap with others of the same.
func (p *Pairing) add(q question, classes interval.Set, a answer) {
	if len(a.missing) > 0 && q.e.classes[classes[0].Lo].in.Partial {
		a = answer{undecided: UnknownParts}
	}
	if p.Undecided == "" {
		p.Undecided = a.undecided
	}
	if len(a.missing) == 0 {
		return
	}
	for n := range classes.All {
		c := q.e.classes[n]
		gap := Gap{In: c.in, Missing: a.missing, Passing: a.passing, Isolating: q.e.isolating(c, q.d.Opposite())}
		i := slices.IndexFunc(p.Gaps, func(have Gap) bool {
			return have.In == gap.In && slices.Equal(have.Missing, gap.Missing) && slices.Equal(have.Passing, gap.Passing) && slices.Equal(have.Isolating, gap.Isolating)
		})
		if i < 0 {
			p.Gaps, i = append(p.Gaps, gap), len(p.Gaps)
		}
		p.Gaps[i].Pods = append(p.Gaps[i].Pods, c.pods()...)
	}
}

// isolating lists the policies that surely isolate a class.
func (e *Engine) isolating(c *class, d cluster.Direction) []*cluster.Policy {
	var all []*cluster.Policy
	for p, v := range e.policiesOf(c, d) {
		if v == verdict.Yes {
			all = append(all, p.Policy)
		}
	}
	return all
}

// ask compares the rule with the policies of some classes on its other side,
// which together are to let it through. possible are classes that may be of them.
func (q question) ask(classes, possible interval.Set) answer {
	d := q.d.Opposite()
	isolated, foreign, contested := verdict.Yes, false, false
	for n := range classes.All {
		c := q.e.classes[n]
		v := q.e.isolated(c, d)
		if v == verdict.No || c.alone() && q.own.Within(interval.Single(n)) {
			return answer{}
		}
		isolated = min(isolated, v)
		foreign = foreign || len(c.in.Foreign) > 0
		contested = contested || q.e.contested(c, d)
	}
	q.others = possible
	var a answer
	whole := q.passes(classes, q.own)
	for _, entry := range q.demands {
		q.entry(classes, entry, whole, &a)
	}
	switch {
	case len(a.missing) == 0:
		return answer{undecided: a.undecided}
	case foreign:
		return answer{undecided: UnknownForeign}
	case isolated == verdict.Unknown && contested:
		return answer{undecided: UnknownRivals}
	case isolated == verdict.Unknown:
		return answer{undecided: UnknownLabels}
	}
	return a
}

// contested reports whether rivals decide over a class.
func (e *Engine) contested(c *class, d cluster.Direction) bool {
	for p := range e.policiesOf(c, d) {
		if p.Rival {
			return true
		}
	}
	return false
}

// passes is what some classes let through between them and some of the rule's
// own pods. What pods let through that are only possibly of either is possible.
func (q question) passes(classes, own interval.Set) passage {
	d := q.d.Opposite()
	var pass passage
	for n := range classes.All {
		pass = pass.union(q.e.passes(n, d, own))
		if !q.maybe.Empty() {
			pass = pass.perhaps(q.e.passes(n, d, q.maybe))
		}
	}
	for n := range q.others.All {
		pass = pass.perhaps(q.e.passes(n, d, own.Union(q.maybe)))
	}
	return pass
}

// entry judges one entry of the rule's ports. whole is what passes between the
// classes and the rule's own pods.
func (q question) entry(classes interval.Set, entry demand, whole passage, a *answer) {
	if entry.name.name == "" {
		a.judge(entry.ports, entry.broad, whole, entry.ports.phrases())
		return
	}
	// The name has its numbers on the pods that are reached. It is met where it
	// is met with one of them.
	var named answer
	met := false
	reached := q.own
	passes := func(on interval.Set) passage { return q.passes(classes, on) }
	if q.d == cluster.Egress {
		reached = classes
		passes = func(on interval.Set) passage { return q.passes(on, q.own) }
	}
	for _, resolved := range q.e.resolve(entry.name, reached) {
		before := len(named.missing)
		text := fmt.Sprintf("%s (%s)", entry.name.name, resolved.ports)
		named.judge(resolved.ports, false, passes(resolved.classes), []string{text})
		met = met || len(named.missing) == before
	}
	if met {
		named.missing = nil
	}
	a.join(named)
	if !reached.Overlaps(q.e.anonymous) {
		return
	}
	// A pod whose ports are not all known may give the name any number. One of
	// the tree may also not have it, and then the rule asks nothing of it.
	anyNumber := Ports{protocolRange(entry.name.protocol)}
	if whole.possible.Overlaps(anyNumber) || reached.Intersect(q.e.anonymous).Overlaps(q.e.visible) {
		a.undecided = UnknownPortName
		return
	}
	a.missing = append(a.missing, fmt.Sprintf("%s/%s", entry.name.protocol, entry.name.name))
}

// join adds what was answered to one entry.
func (a *answer) join(b answer) {
	a.missing = append(a.missing, b.missing...)
	a.passing = append(a.passing, b.passing...)
	a.undecided = cmp.Or(a.undecided, b.undecided)
}

// judge sorts ports into missing, passing and undecided. A broad entry asks for
// some of them only. names are how the ports are written when all of them go
// the same way.
func (a *answer) judge(ports Ports, broad bool, pass passage, names []string) {
	missing := ports.Minus(pass.possible)
	passing := ports.Intersect(pass.sure)
	switch {
	case broad && ports.Overlaps(pass.possible), missing.Empty():
		if passing.Empty() || !broad && !ports.Within(pass.sure) {
			a.undecided = cmp.Or(pass.doubt, UnknownPortName)
			return
		}
		if broad {
			names = passing.phrases()
		}
		a.passing = append(a.passing, names...)
	case passing.Empty() && ports.Within(missing):
		a.missing = append(a.missing, names...)
	default:
		a.missing = append(a.missing, missing.phrases()...)
		a.passing = append(a.passing, passing.phrases()...)
	}
}

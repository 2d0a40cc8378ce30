package netpol

import (
	"fmt"
	"slices"

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
	UnknownRivals   = "only one of several objects with one name can apply"
)

// Pair compares one peer of a rule of p with the policies of the pods that the
// peer names. A peer that names everyone has no gap. One whose podSelector
// asks for something must be met by each workload it selects, one that names
// a namespace by one workload there. Of the pods that p itself selects one
// suffices: a rule is at fault when nobody can use it. The policy must be of the
// engine's view.
func (e *Engine) Pair(p *cluster.Policy, d cluster.Direction, ruleIndex, peerIndex int) Pairing {
	written := &p.Rules[d][ruleIndex].Peers[peerIndex]
	specific := written.Pods != nil && !written.Pods.Everything()
	ofNamespace := written.Namespaces != nil && !written.Namespaces.Everything()
	if !e.policies[p].effective[d] || written.Block != nil || !specific && !ofNamespace {
		return Pairing{}
	}
	own := e.own(p)
	q := question{
		e:       e,
		d:       d,
		own:     own,
		maybe:   e.governable(e.matching(p.In, p.Pods).possible.Minus(own)),
		demands: e.policies[p].rules[d][ruleIndex].demands,
	}
	named := e.peer(p.In, written)
	peers := named.sure.Intersect(e.visible)
	for _, home := range e.homes(p, written) {
		peers = peers.Union(e.standIn(home, podsOf(written)))
	}
	switch {
	case q.own.Empty() && q.maybe.Empty():
		return Pairing{} // policies do not govern the policy's own pods
	case peers.Empty() && named.possible.Overlaps(e.onHosts) && e.governable(named.possible).Empty():
		return Pairing{} // nor those of the peer
	case q.own.Empty(), peers.Empty():
		return Pairing{Undecided: UnknownLabels}
	}
	pairing := Pairing{}
	if specific {
		pairing = q.each(peers)
	} else {
		pairing = q.oneOfEach(peers, e.governable(named.possible.Minus(named.sure)))
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

// governable is the classes of the tree among some that policies may govern.
func (e *Engine) governable(some interval.Set) interval.Set {
	return some.Intersect(e.visible).Minus(e.onHosts)
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
	// may select too.
	own, maybe interval.Set
	demands    []demand
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
		a := q.ask(n)
		if len(a.missing) > 0 {
			p.add(q.e, n, q.d.Opposite(), a)
		}
		if p.Undecided == "" {
			p.Undecided = a.undecided
		}
	}
	return p
}

// oneOfEach asks, namespace by namespace, for one class that gets through.
// Those that the peer possibly names may be it.
func (q question) oneOfEach(peers, possible interval.Set) Pairing {
	var p Pairing
	all := slices.Collect(peers.All)
	for len(all) > 0 {
		in := q.e.classes[all[0]].in
		end := slices.IndexFunc(all, func(n uint32) bool { return q.e.classes[n].in != in })
		if end < 0 {
			end = len(all)
		}
		q.oneOf(all[:end], possible.Intersect(q.e.spaces[in].all), &p)
		all = all[end:]
	}
	return p
}

func (q question) oneOf(classes []uint32, possible interval.Set, p *Pairing) {
	answers := make([]answer, len(classes))
	undecided := ""
	for i, n := range classes {
		answers[i] = q.ask(n)
		if len(answers[i].missing) > 0 {
			continue
		}
		if answers[i].undecided == "" {
			return
		}
		undecided = answers[i].undecided
	}
	for n := range possible.All {
		if len(q.ask(n).missing) == 0 {
			undecided = UnknownLabels
		}
	}
	if undecided != "" {
		p.Undecided = undecided
		return
	}
	for i, n := range classes {
		p.add(q.e, n, q.d.Opposite(), answers[i])
	}
}

// add notes the gap of one class, with others of the same.
func (p *Pairing) add(e *Engine, n uint32, d cluster.Direction, a answer) {
	c := e.classes[n]
	gap := Gap{Missing: a.missing, Passing: a.passing, Isolating: e.isolating(c, d)}
	i := slices.IndexFunc(p.Gaps, func(have Gap) bool {
		return slices.Equal(have.Missing, gap.Missing) && slices.Equal(have.Passing, gap.Passing) && slices.Equal(have.Isolating, gap.Isolating)
	})
	if i < 0 {
		p.Gaps, i = append(p.Gaps, gap), len(p.Gaps)
	}
	p.Gaps[i].Pods = append(p.Gaps[i].Pods, c.pods()...)
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

// ask compares the rule with the policies of one class on its other side.
func (q question) ask(n uint32) answer {
	c, d := q.e.classes[n], q.d.Opposite()
	isolated := q.e.isolated(c, d)
	if isolated == verdict.No || c.alone() && q.own.Within(interval.Single(n)) {
		return answer{}
	}
	var a answer
	whole := q.e.passes(n, d, q.own)
	for _, entry := range q.demands {
		q.entry(n, entry, whole, &a)
	}
	switch {
	case len(a.missing) == 0:
		return answer{undecided: a.undecided}
	case len(c.in.Foreign) > 0:
		return answer{undecided: UnknownForeign}
	case isolated == verdict.Unknown && q.e.contested(c, d):
		return answer{undecided: UnknownRivals}
	case isolated == verdict.Unknown, !q.maybe.Empty() && !q.e.passes(n, d, q.maybe).possible.Empty():
		return answer{undecided: UnknownLabels}
	}
	a.undecided = ""
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

// entry judges one entry of the rule's ports. whole is what passes between the
// class and any of the rule's own pods.
func (q question) entry(n uint32, entry demand, whole passage, a *answer) {
	if entry.name.name == "" {
		a.judge(entry.ports, entry.broad, whole, entry.ports.phrases())
		return
	}
	reached := q.own
	if q.d == cluster.Egress {
		reached = interval.Single(n)
	}
	for _, resolved := range q.e.resolve(entry.name, reached) {
		pass := whole
		if q.d == cluster.Ingress {
			pass = q.e.passes(n, q.d.Opposite(), resolved.classes)
		}
		text := fmt.Sprintf("%s (%s)", entry.name.name, resolved.ports)
		a.judge(resolved.ports, false, pass, []string{text})
	}
	if !reached.Overlaps(q.e.anonymous) {
		return
	}
	// A pod whose ports are not all known may give the name any number. One of
	// the tree may also not have it, and then the rule asks nothing of it.
	anyNumber := Ports{protocolRange(entry.name.protocol)}
	text := fmt.Sprintf("%s/%s", entry.name.protocol, entry.name.name)
	if whole.possible.Overlaps(anyNumber) || reached.Intersect(q.e.anonymous).Overlaps(q.e.visible) {
		a.undecided = UnknownPortName
		return
	}
	a.missing = append(a.missing, text)
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
			a.undecided = pass.doubt
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

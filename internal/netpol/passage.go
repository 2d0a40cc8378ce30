package netpol

import (
	"cmp"
	"maps"
	"slices"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// passage is the ports that get from, or to, one class: surely, and possibly.
type passage struct {
	sure, possible Ports
	// doubt says why the two differ, "" where only the number of a port name is
	// not known.
	doubt string
}

// union is what one passage or the other lets through.
func (p passage) union(q passage) passage {
	return passage{p.sure.Union(q.sure), p.possible.Union(q.possible), cmp.Or(p.doubt, q.doubt)}
}

// perhaps adds what another passage lets through, if it is one.
func (p passage) perhaps(q passage) passage {
	if q.possible.Within(p.possible) {
		return p
	}
	return passage{p.sure, p.possible.Union(q.possible), UnknownLabels}
}

// passes works out which ports the rules of class n let through in a direction
// between it and some class of others. What the others' own policies say is
// not part of it.
func (e *Engine) passes(n uint32, d cluster.Direction, others interval.Set) passage {
	return e.passesBy(e.policiesOf(e.classes[n], d), n, d, others)
}

// passesBy is passes for policies that need not be those of the view.
func (e *Engine) passesBy(policies ruling, n uint32, d cluster.Direction, others interval.Set) passage {
	var pass passage
	for p, v := range policies {
		for i := range p.rules[d] {
			r := &p.rules[d][i]
			meets := e.hasPeer(r, others)
			if meets == verdict.No {
				continue
			}
			reached := interval.Single(n)
			if d == cluster.Egress {
				reached = others
				if !r.everyone && e.held(r, others) == verdict.No {
					reached = others.Intersect(r.peers.possible)
				}
			}
			sure, possible := e.portsOn(r, reached)
			if verdict.And(v, meets) == verdict.Yes {
				pass.sure = pass.sure.Union(sure)
			} else if pass.doubt == "" {
				pass.doubt = r.doubt(p.Rival, others)
			}
			pass.possible = pass.possible.Union(possible)
		}
	}
	return pass
}

// hasPeer is the verdict on whether a rule has one of a set of classes as a peer.
func (e *Engine) hasPeer(r *rule, others interval.Set) verdict.Verdict {
	if r.everyone {
		return verdict.Yes
	}
	return max(r.peers.overlaps(others), e.held(r, others))
}

// held is the verdict on whether the blocks of a rule hold the addresses of some
// classes. Those in the network of their node have no address of pods.
func (e *Engine) held(r *rule, classes interval.Set) verdict.Verdict {
	if r.held == verdict.No && len(r.blocks) > 0 && (classes.Overlaps(e.onHosts) || classes.Overlaps(e.maybeOnHosts)) {
		return verdict.Unknown
	}
	return r.held
}

// doubt says why a rule that may let traffic through, of a policy that may have
// rivals, does not surely do so.
func (r *rule) doubt(rival bool, others interval.Set) string {
	if rival {
		return UnknownRivals
	}
	if len(r.blocks) > 0 && !r.peers.possible.Overlaps(others) {
		return UnknownBlocks
	}
	return UnknownLabels
}

// portsOn is the ports of a rule on the pods that are reached: its numbers, and
// what its names stand for there.
func (e *Engine) portsOn(r *rule, reached interval.Set) (sure, possible Ports) {
	sure, possible = r.numbers, r.numbers
	for _, entry := range r.demands {
		if entry.name.name == "" {
			continue
		}
		for _, resolved := range e.resolve(entry.name, reached) {
			sure = sure.Union(resolved.ports)
			possible = possible.Union(resolved.ports)
		}
		if reached.Overlaps(e.anonymous) {
			possible = possible.Union(Ports{protocolRange(entry.name.protocol)})
		}
	}
	return sure, possible
}

// numbered is a number that a port name stands for, and the classes where it
// does.
type numbered struct {
	ports   Ports
	classes interval.Set
}

// resolve lists the numbers that a port name stands for on some of the
// classes, in ascending order.
func (e *Engine) resolve(name portName, on interval.Set) []numbered {
	numbers := e.named[name]
	var candidates []int32
	if on.Len() < len(numbers) {
		for n := range on.All {
			for _, p := range e.classes[n].ports {
				if p.Name == name.name && p.Protocol == name.protocol {
					candidates = append(candidates, p.Number)
				}
			}
		}
	} else {
		candidates = slices.Collect(maps.Keys(numbers))
	}
	slices.Sort(candidates)
	var all []numbered
	for _, number := range slices.Compact(candidates) {
		if classes := numbers[number].Intersect(on); !classes.Empty() {
			all = append(all, numbered{PortsOf(name.protocol, number, number), classes})
		}
	}
	return all
}

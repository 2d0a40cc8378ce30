package netpol

import (
	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/verdict"
)

// Caller is a peer of an ingress rule, by its place.
type Caller struct {
	Policy      *cluster.Policy
	Rule, Index int
}

// Callers are the ingress rules that name pods of a namespace which are not
// isolated for egress. They would need rules for egress if these pods were. The
// namespace must be of the engine's view.
func (e *Engine) Callers(ns *cluster.Namespace) []Caller {
	var all []Caller
	for _, p := range e.view.Policies {
		if !p.Effective(cluster.Ingress) || e.own(p).Empty() {
			continue
		}
		for i, rule := range p.Rules[cluster.Ingress] {
			for j := range rule.Peers {
				if peer := &rule.Peers[j]; e.calls(p, peer, ns) {
					all = append(all, Caller{p, i, j})
				}
			}
		}
	}
	return all
}

// calls reports whether a peer of p names pods of a namespace that are not
// isolated for egress.
func (e *Engine) calls(p *cluster.Policy, peer *cluster.Peer, ns *cluster.Namespace) bool {
	if peer.Block != nil || peer.Namespaces == nil && p.In != ns || !asks(peer.Pods) && !asks(peer.Namespaces) {
		return false
	}
	pods := e.peer(p.In, peer).sure
	for _, home := range e.homes(p, peer) {
		pods = pods.Union(e.standIn(home, podsOf(peer)))
	}
	for n := range pods.Intersect(e.spaces[ns].all).All {
		if e.isolated(e.classes[n], cluster.Egress) != verdict.Yes {
			return true
		}
	}
	return false
}

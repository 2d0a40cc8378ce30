package netpol_test

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/egresslint/egresslint/internal/verdict"
)

// pairing is what the reference says of one peer: which of the rule's ports
// do not get through to whom. Ports are probes, or port names with a number.
type pairing struct {
	own  []string
	gaps map[string]gap // by workload
	// applies is false where the policy or the peer names pods that the cluster
	// does not have: then others stand in for them.
	applies bool
}

type gap struct {
	missing, passing, isolating []string
}

// pair compares one peer of a rule with the policies of the pods that it
// selects.
func (c *reference) pair(p *networkingv1.NetworkPolicy, d networkingv1.PolicyType, r rule, peer *networkingv1.NetworkPolicyPeer) pairing {
	own, ownSelected := c.governed(func(w *workload) bool {
		return w.Namespace == p.Namespace && c.selects(&p.Spec.PodSelector, w.Labels)
	})
	peers, peersSelected := c.governed(func(w *workload) bool { return peer.IPBlock == nil && c.selected(p, peer, w) })
	result := pairing{gaps: map[string]gap{}, applies: ownSelected && peersSelected && c.inhabited(peer)}
	for _, w := range own {
		result.own = append(result.own, w.Name)
	}
	specific := peer.PodSelector != nil && !unrestricted(peer.PodSelector)
	named := peer.NamespaceSelector != nil && !unrestricted(peer.NamespaceSelector)
	if !governs(p, d) || peer.IPBlock != nil || !specific && !named || len(own) == 0 {
		return result
	}
	through := map[string]bool{} // namespaces of which somebody gets through
	for _, w := range peers {
		if g := c.gapOf(w, d, own, r); len(g.missing) > 0 {
			result.gaps[w.Name] = g
		} else {
			through[w.Namespace] = true
		}
	}
	for _, w := range peers {
		if !specific && through[w.Namespace] {
			delete(result.gaps, w.Name)
		}
	}
	return result
}

// governed lists the workloads for which keep holds, without those in the
// network of their node, and reports whether there was any before.
func (c *reference) governed(keep func(*workload) bool) (all []*workload, some bool) {
	for _, w := range c.workloads {
		if !keep(w) {
			continue
		}
		some = true
		if !w.Spec.HostNetwork {
			all = append(all, w)
		}
	}
	return all, some
}

// inhabited reports whether all namespaces that a peer names as a whole have
// pods.
func (c *reference) inhabited(peer *networkingv1.NetworkPolicyPeer) bool {
	if peer.NamespaceSelector == nil || peer.PodSelector != nil && !unrestricted(peer.PodSelector) {
		return true
	}
	for _, ns := range c.namespaces {
		here := func(w *workload) bool { return w.Namespace == ns.Name }
		if c.selects(peer.NamespaceSelector, c.namespaceLabels(ns.Name)) && !slices.ContainsFunc(c.workloads, here) {
			return false
		}
	}
	return true
}

// gapOf tells which ports of a rule, whose policy selects own, w does not let
// through to or from any of them.
func (c *reference) gapOf(w *workload, d networkingv1.PolicyType, own []*workload, r rule) gap {
	opposite := ingress
	if d == ingress {
		opposite = egress
	}
	var g gap
	for _, p := range c.isolating(w, opposite) {
		g.isolating = append(g.isolating, p.Name)
	}
	// What a pod sends to itself needs no rule.
	itself := w.kind == "Pod" && len(own) == 1 && own[0] == w
	if len(g.isolating) == 0 || itself {
		return gap{}
	}
	q := asking{w: w, opposite: opposite, own: own, lets: map[*workload][]verdict.Verdict{}}
	for _, other := range own {
		q.lets[other] = c.withoutSelf(w, opposite, other)
	}
	if len(r.ports) == 0 {
		q.broad(&g, nil)
	}
	for i := range r.ports {
		q.entry(&g, &r.ports[i])
	}
	for _, list := range []*[]string{&g.missing, &g.passing, &g.isolating} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return g
}

// asking is a rule, asked of a workload at its other side.
type asking struct {
	w        *workload
	opposite networkingv1.PolicyType
	own      []*workload
	// lets is what w lets through to or from each of own.
	lets map[*workload][]verdict.Verdict
}

// through tells whether w lets a port through to or from one of some workloads.
func (q asking) through(others []*workload, asked probe) verdict.Verdict {
	some := verdict.No
	for _, other := range others {
		some = max(some, q.lets[other][slices.Index(probes, asked)])
	}
	return some
}

// withoutSelf is allows, but a pod's way to itself counts only when a rule
// allows it: a rule is not usable because a pod needs none.
func (c *reference) withoutSelf(w *workload, d networkingv1.PolicyType, other *workload) []verdict.Verdict {
	if w == other {
		twin := *w
		other = &twin
	}
	return c.allows(w, d, end{workload: other})
}

func (q asking) entry(g *gap, written *networkingv1.NetworkPolicyPort) {
	switch {
	case written.Port == nil, written.EndPort != nil && written.Port.IntVal == 1 && *written.EndPort == 65535:
		q.broad(g, written)
	case written.Port.Type == intstr.String:
		q.name(g, written)
	default:
		for _, asked := range probes {
			if portMatches(written, asked, end{}) {
				g.note(asked.String(), q.through(q.own, asked))
			}
		}
	}
}

// broad asks for an entry that names no port: it is missing when no port of
// its protocol gets through. Nil stands for no entry at all.
func (q asking) broad(g *gap, written *networkingv1.NetworkPolicyPort) {
	some := verdict.No
	var all, passing []string
	for _, asked := range probes {
		if written != nil && protocolOf(written) != asked.protocol {
			continue
		}
		all = append(all, asked.String())
		v := q.through(q.own, asked)
		if v == verdict.Yes {
			passing = append(passing, asked.String())
		}
		some = max(some, v)
	}
	g.passing = append(g.passing, passing...)
	if some == verdict.No {
		g.missing = append(g.missing, all...)
	}
}

// name asks for a named port: for each number that it has on the pods that
// are reached, among those that have it.
func (q asking) name(g *gap, written *networkingv1.NetworkPolicyPort) {
	reached := q.own
	if q.opposite == ingress {
		reached = []*workload{q.w}
	}
	having := map[int32][]*workload{}
	for _, w := range reached {
		if n := numberOf(w, written); n != 0 {
			having[n] = append(having[n], w)
		}
	}
	for n, others := range having {
		if q.opposite == ingress {
			others = q.own
		}
		asked := probe{protocolOf(written), n}
		g.note(fmt.Sprintf("%s (%s)", written.Port.StrVal, asked), q.through(others, asked))
	}
}

func (g *gap) note(what string, v verdict.Verdict) {
	switch v {
	case verdict.Yes:
		g.passing = append(g.passing, what)
	case verdict.No:
		g.missing = append(g.missing, what)
	case verdict.Unknown:
	}
}

func (p probe) String() string { return fmt.Sprintf("%s/%d", p.protocol, p.number) }

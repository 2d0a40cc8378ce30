package netpol_test

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	// nobody is set where the peer names pods that the cluster does not have.
	nobody bool
	// uncovered is set where a pod that the cluster does not have yet would get
	// through.
	uncovered bool
	// amongOthers is set where the rule has more peers than this one.
	amongOthers bool
}

type gap struct {
	missing, passing, isolating []string
}

// whole is pair without the ports that another peer of the rule takes.
func (c *reference) whole(p *networkingv1.NetworkPolicy, d networkingv1.PolicyType, r rule, peer *networkingv1.NetworkPolicyPeer) pairing {
	result := c.pair(p, d, r, peer)
	c.taken(p, d, r, peer, result.gaps)
	result.amongOthers = len(r.peers) > 1
	return result
}

// pair compares one peer of a rule, as if it were alone, with the policies of
// the pods that it selects.
func (c *reference) pair(p *networkingv1.NetworkPolicy, d networkingv1.PolicyType, r rule, peer *networkingv1.NetworkPolicyPeer) pairing {
	own, ownSelected := c.governed(func(w *workload) bool {
		return w.Namespace == p.Namespace && c.selects(&p.Spec.PodSelector, w.Labels)
	})
	peers, peersSelected := c.governed(func(w *workload) bool { return peer.IPBlock == nil && c.selected(p, peer, w) })
	result := pairing{gaps: map[string]gap{}, applies: ownSelected && peersSelected && c.inhabited(peer), nobody: !peersSelected && peer.IPBlock == nil}
	for _, w := range own {
		result.own = append(result.own, w.Name)
	}
	specific, named := asks(peer.PodSelector), asks(peer.NamespaceSelector)
	if !governs(p, d) || peer.IPBlock != nil || !specific && !named || len(own) == 0 {
		return result
	}
	for _, group := range groups(peers, specific) {
		g := c.gapOf(group, d, own, r)
		if len(g.missing) == 0 {
			continue
		}
		if !specific && !c.covered(group[0].Namespace, otherWay(d)) {
			result.uncovered = true
			continue
		}
		for _, w := range group {
			g.isolating = c.isolatingNames(w, otherWay(d))
			result.gaps[w.Name] = g
		}
	}
	return result
}

// groups are the workloads that are asked together: each for itself, or those
// of a namespace.
func groups(peers []*workload, each bool) map[string][]*workload {
	all := map[string][]*workload{}
	for _, w := range peers {
		key := w.Namespace
		if each {
			key = w.Name
		}
		all[key] = append(all[key], w)
	}
	return all
}

func (c *reference) isolatingNames(w *workload, d networkingv1.PolicyType) []string {
	var names []string
	for _, p := range c.isolating(w, d) {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// taken leaves of the gaps in which some ports pass those that no other peer of
// the rule takes.
func (c *reference) taken(p *networkingv1.NetworkPolicy, d networkingv1.PolicyType, r rule, peer *networkingv1.NetworkPolicyPeer, gaps map[string]gap) {
	for i := range r.peers {
		if &r.peers[i] == peer {
			continue
		}
		other := c.pair(p, d, r, &r.peers[i])
		if other.nobody {
			continue // it takes nothing
		}
		var missing []string
		for _, g := range other.gaps {
			missing = append(missing, g.missing...)
		}
		for name, g := range gaps {
			if len(g.passing) == 0 {
				continue
			}
			if g.missing = intersection(g.missing, missing); len(g.missing) == 0 {
				delete(gaps, name)
				continue
			}
			gaps[name] = g
		}
	}
}

func otherWay(d networkingv1.PolicyType) networkingv1.PolicyType {
	if d == ingress {
		return egress
	}
	return ingress
}

func intersection(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return !slices.Contains(b, x) })
}

// asks reports whether a selector asks for a label, rather than ruling some out.
func asks(s *metav1.LabelSelector) bool {
	return s != nil && (len(s.MatchLabels) > 0 || slices.ContainsFunc(s.MatchExpressions, func(e metav1.LabelSelectorRequirement) bool {
		return e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpExists
	}))
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

// gapOf tells which ports of a rule, whose policy selects own, none of a group
// lets through to or from any of them.
func (c *reference) gapOf(group []*workload, d networkingv1.PolicyType, own []*workload, r rule) gap {
	opposite := otherWay(d)
	q := asking{group: group, opposite: opposite, own: own, lets: map[[2]*workload][]verdict.Verdict{}}
	for _, w := range group {
		// What a pod sends to itself needs no rule.
		itself := w.kind == "Pod" && len(own) == 1 && own[0] == w
		if len(c.isolating(w, opposite)) == 0 || itself {
			return gap{}
		}
		for _, other := range own {
			q.lets[[2]*workload{w, other}] = c.withoutSelf(w, opposite, other)
		}
	}
	var g gap
	if len(r.ports) == 0 {
		q.broad(&g, nil)
	}
	for i := range r.ports {
		q.entry(&g, &r.ports[i])
	}
	for _, list := range []*[]string{&g.missing, &g.passing} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return g
}

// asking is a rule, asked of workloads at its other side.
type asking struct {
	group    []*workload
	opposite networkingv1.PolicyType
	own      []*workload
	// lets is what each of group lets through to or from each of own.
	lets map[[2]*workload][]verdict.Verdict
}

// through tells whether one of some workloads lets a port through to or from
// one of others.
func (q asking) through(some, others []*workload, asked probe) verdict.Verdict {
	best := verdict.No
	for _, w := range some {
		for _, other := range others {
			best = max(best, q.lets[[2]*workload{w, other}][slices.Index(probes, asked)])
		}
	}
	return best
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
	case written.Port == nil, written.EndPort != nil && *written.EndPort > written.Port.IntVal:
		q.broad(g, written)
	case written.Port.Type == intstr.String:
		q.name(g, written)
	default:
		for _, asked := range probes {
			if portMatches(written, asked, end{}) {
				g.note(asked.String(), q.through(q.group, q.own, asked))
			}
		}
	}
}

// broad asks for an entry that names no port, or a range: it is missing when no
// port of it gets through. Nil stands for no entry at all.
func (q asking) broad(g *gap, written *networkingv1.NetworkPolicyPort) {
	some := verdict.No
	var all, passing []string
	for _, asked := range probes {
		if written != nil && !portMatches(written, asked, end{}) {
			continue
		}
		all = append(all, asked.String())
		v := q.through(q.group, q.own, asked)
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
// are reached, among those that have it. It is met with one of them.
func (q asking) name(g *gap, written *networkingv1.NetworkPolicyPort) {
	reached := q.own
	if q.opposite == ingress {
		reached = q.group
	}
	having := map[int32][]*workload{}
	for _, w := range reached {
		if n := numberOf(w, written); n != 0 {
			having[n] = append(having[n], w)
		}
	}
	var named gap
	met := false
	for n, workloads := range having {
		some, others := q.group, workloads
		if q.opposite == ingress {
			some, others = workloads, q.own
		}
		asked := probe{protocolOf(written), n}
		v := q.through(some, others, asked)
		met = met || v != verdict.No
		named.note(fmt.Sprintf("%s (%s)", written.Port.StrVal, asked), v)
	}
	if !met {
		g.missing = append(g.missing, named.missing...)
	}
	g.passing = append(g.passing, named.passing...)
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

// namesUnseenPods reports whether some selector of a policy names pods that the
// cluster does not have. They may be there all the same, and use a rule.
func (c *reference) namesUnseenPods() bool {
	for _, p := range c.policies {
		_, some := c.governed(func(w *workload) bool {
			return w.Namespace == p.Namespace && c.selects(&p.Spec.PodSelector, w.Labels)
		})
		if !some {
			return true
		}
		for _, r := range slices.Concat(rulesOf(p, ingress), rulesOf(p, egress)) {
			for i := range r.peers {
				peer := &r.peers[i]
				_, some := c.governed(func(w *workload) bool { return peer.IPBlock != nil || c.selected(p, peer, w) })
				if !some || !c.inhabited(peer) {
					return true
				}
			}
		}
	}
	return false
}

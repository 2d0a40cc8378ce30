package netpol

import (
	"cmp"
	"fmt"
	"iter"
	"net/netip"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// Flow is what the policies of two endpoints allow between them, each side by
// itself: a connection needs both.
type Flow struct {
	// From and To are "namespace/name" of a workload, or an address.
	From, To string
	// Egress is what the source may send, Ingress what the destination accepts.
	// An address has no policies: its side is nil.
	Egress, Ingress *Allowed
}

// Allowed is the ports that one side allows.
type Allowed struct {
	// Sure are allowed whatever is not known, Unknown only perhaps.
	Sure, Unknown Ports
}

// none reports whether nothing can be allowed.
func (a *Allowed) none() bool { return a == nil || a.Sure.Empty() && a.Unknown.Empty() }

// endpoint is one end of flows: a workload, or an address.
type endpoint struct {
	id       string
	workload *cluster.Workload
	class    uint32
	addr     netip.Addr
}

// Endpoints lists the names of the workloads and addresses between which Flows
// tells what is allowed, in its order. Workloads that have one name are told
// apart by their kinds, and where that is not enough by a number.
func (e *Engine) Endpoints(addrs []netip.Addr) []string {
	var ids []string
	for _, end := range e.endpoints(addrs) {
		ids = append(ids, end.id)
	}
	return ids
}

func (e *Engine) endpoints(addrs []netip.Addr) []endpoint {
	count := map[string]int{}
	for _, w := range e.view.Workloads {
		count[w.ID()]++
	}
	ends := make([]endpoint, 0, len(e.view.Workloads)+len(addrs))
	for _, w := range e.view.Workloads {
		end := endpoint{id: w.ID(), workload: w, class: e.classOf[w]}
		if count[end.id] > 1 {
			end.id += " (" + w.Kind + ")"
			if count[end.id]++; count[end.id] > 1 {
				end.id = fmt.Sprintf("%s #%d", end.id, count[end.id])
			}
		}
		ends = append(ends, end)
	}
	for _, addr := range addrs {
		ends = append(ends, endpoint{id: addr.String(), addr: addr})
	}
	slices.SortStableFunc(ends, func(a, b endpoint) int { return cmp.Compare(a.id, b.id) })
	return ends
}

// Flows yields what is allowed between each ordered pair of endpoints, save
// pairs of addresses and pairs with nothing on either side.
func (e *Engine) Flows(addrs []netip.Addr) iter.Seq[Flow] {
	return func(yield func(Flow) bool) {
		ends := e.endpoints(addrs)
		for _, from := range ends {
			known := map[uint32]Flow{} // between classes
			for _, to := range ends {
				f := e.flow(from, to, known)
				f.From, f.To = from.id, to.id
				if (!f.Egress.none() || !f.Ingress.none()) && !yield(f) {
					return
				}
			}
		}
	}
}

func (e *Engine) flow(from, to endpoint, known map[uint32]Flow) Flow {
	switch {
	case from.workload == nil && to.workload == nil:
		return Flow{}
	case from.workload == nil:
		return Flow{Ingress: e.withAddress(to.class, cluster.Ingress, from.addr)}
	case to.workload == nil:
		return Flow{Egress: e.withAddress(from.class, cluster.Egress, to.addr)}
	case from.workload == to.workload && from.workload.Kind == "Pod":
		itself := &Allowed{Sure: AllPorts} // a pod always reaches itself
		return Flow{Egress: itself, Ingress: itself}
	}
	f, ok := known[to.class]
	if !ok {
		f.Egress = e.withClass(from.class, cluster.Egress, to.class)
		f.Ingress = e.withClass(to.class, cluster.Ingress, from.class)
		known[to.class] = f
	}
	return f
}

// withClass is what class n allows with another class.
func (e *Engine) withClass(n uint32, d cluster.Direction, other uint32) *Allowed {
	return e.allowed(n, e.isolated(e.classes[n], d), func() passage { return e.passes(n, d, interval.Single(other)) })
}

// withAddress is what class n allows with an address outside the cluster.
func (e *Engine) withAddress(n uint32, d cluster.Direction, addr netip.Addr) *Allowed {
	c := e.classes[n]
	return e.allowed(n, e.isolated(c, d), func() passage { return e.addressBy(e.policiesOf(c, d), n, d, addr) })
}

// addressBy is the ports that the rules of some policies let through between
// class n and an address.
func (e *Engine) addressBy(policies ruling, n uint32, d cluster.Direction, addr netip.Addr) passage {
	var pass passage
	for p, v := range policies {
		for i := range p.rules[d] {
			r := &p.rules[d][i]
			if !r.everyone && !slices.ContainsFunc(r.blocks, func(b *networkingv1.IPBlock) bool { return holds(b, addr) }) {
				continue
			}
			sure, possible := r.numbers, r.numbers // a port name matches no address
			if d == cluster.Ingress {
				sure, possible = e.portsOn(r, interval.Single(n))
			}
			pass.possible = pass.possible.Union(possible)
			if v == verdict.Yes {
				pass.sure = pass.sure.Union(sure)
			}
		}
	}
	return pass
}

// allowed makes a passage an answer: a class that is not isolated allows all,
// and where that is not known, or what other policies allow, every port may be
// open.
func (e *Engine) allowed(n uint32, isolated verdict.Verdict, passes func() passage) *Allowed {
	if isolated == verdict.No {
		return &Allowed{Sure: AllPorts}
	}
	pass := passes()
	if isolated == verdict.Unknown || len(e.classes[n].in.Foreign) > 0 {
		pass.possible = AllPorts
	}
	return &Allowed{pass.sure, pass.possible.Minus(pass.sure)}
}

package netpol

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// class is pods that no policy can tell apart.
type class struct {
	in     *cluster.Namespace
	labels cluster.Labels
	ports  []cluster.Port
	// morePorts means that the pods may have other ports too.
	morePorts bool
	// workloads are those whose pods they are, none for a stand-in.
	workloads []*cluster.Workload
	// standIn is the selector that a stand-in meets.
	standIn     *cluster.Selector
	hostNetwork verdict.Verdict
	// applied are the policies that select the class by its labels; those that
	// select the whole namespace are in its space.
	applied []applied
}

// late sorts the stand-ins behind the classes that the tree has.
func (c *class) late() int {
	if c.standIn != nil {
		return 1
	}
	return 0
}

// alone holds for a class of one single pod, which always reaches itself.
func (c *class) alone() bool {
	return len(c.workloads) == 1 && c.workloads[0].Kind == "Pod"
}

// classesOf groups the workloads.
func classesOf(workloads []*cluster.Workload) []*class {
	type identity struct {
		in   *cluster.Namespace
		text string
	}
	var classes []*class
	same := map[identity]*class{}
	for _, w := range workloads {
		key := identity{w.In, fmt.Sprintf("%s %q %t %v", w.Labels.Key(), w.Ports, w.MorePorts, w.HostNetwork)}
		c := same[key]
		if c == nil {
			c = &class{in: w.In, labels: w.Labels, ports: w.Ports, morePorts: w.MorePorts, hostNetwork: w.HostNetwork}
			same[key] = c
			classes = append(classes, c)
		}
		c.workloads = append(c.workloads, w)
	}
	return classes
}

// number gives the classes their numbers, those of one namespace in a row with
// the stand-ins last, and indexes them.
func (e *Engine) number(classes []*class) {
	slices.SortStableFunc(classes, func(a, b *class) int {
		return cmp.Or(cmp.Compare(e.spaces[a.in].number, e.spaces[b.in].number), cmp.Compare(a.late(), b.late()))
	})
	e.classes = classes
	for _, s := range e.spaces {
		s.all = nil
	}
	e.classOf = map[*cluster.Workload]uint32{}
	e.named = map[portName]map[int32]interval.Set{}
	e.peers, e.selected = map[peerKey]reach{}, map[podsKey]reach{}

	labels := make([]*cluster.Labels, len(classes))
	var visible, onHosts, maybeOnHosts, anonymous []interval.Range
	for i, c := range classes {
		n := uint32(i)
		labels[i] = &c.labels
		s := e.spaces[c.in]
		s.all = interval.Set(appendTo(s.all, n))
		if c.standIn != nil {
			anonymous = appendTo(anonymous, n)
			e.standIns[podsKey{c.in, c.standIn.Key}] = n
			continue
		}
		visible = appendTo(visible, n)
		if c.morePorts {
			anonymous = appendTo(anonymous, n)
		}
		switch c.hostNetwork {
		case verdict.Yes:
			onHosts = appendTo(onHosts, n)
		case verdict.Unknown:
			maybeOnHosts = appendTo(maybeOnHosts, n)
		case verdict.No:
		}
		e.addWorkloads(n, c)
	}
	e.visible, e.onHosts, e.maybeOnHosts, e.anonymous = visible, onHosts, maybeOnHosts, anonymous
	e.pods = newIndex(labels)
}

func (e *Engine) addWorkloads(n uint32, c *class) {
	for _, w := range c.workloads {
		e.classOf[w] = n
	}
	for _, p := range c.ports {
		if p.Name == "" {
			continue
		}
		name := portName{p.Protocol, p.Name}
		if e.named[name] == nil {
			e.named[name] = map[int32]interval.Set{}
		}
		if have := e.named[name][p.Number]; !have.Has(n) { // two containers may declare the same port
			e.named[name][p.Number] = appendTo(have, n)
		}
	}
}

// missing makes the stand-ins: one for each podSelector and each peer that
// names pods of a namespace, of which the tree has none.
func (e *Engine) missing() []*class {
	var all []*class
	made := map[podsKey]bool{}
	stand := func(in *cluster.Namespace, s *cluster.Selector) {
		key := podsKey{in, s.Key}
		if made[key] || !e.matching(in, s).possible.Empty() {
			return
		}
		made[key] = true
		all = append(all, &class{in: in, labels: s.Representative(), standIn: s})
	}
	for _, p := range e.view.Policies {
		stand(p.In, p.Pods)
		for _, rules := range p.Rules {
			for _, r := range rules {
				for i := range r.Peers {
					for _, in := range e.homes(p, &r.Peers[i]) {
						stand(in, podsOf(&r.Peers[i]))
					}
				}
			}
		}
	}
	return all
}

// podsOf is the selector of the pods of a peer.
func podsOf(peer *cluster.Peer) *cluster.Selector {
	if peer.Pods == nil {
		return everything
	}
	return peer.Pods
}

// homes are the namespaces in which a peer is sure to name pods. When it asks
// for labels of pods and may mean several namespaces, the pods may be in any
// of them, and so surely in none.
func (e *Engine) homes(p *cluster.Policy, peer *cluster.Peer) []*cluster.Namespace {
	switch {
	case peer.Block != nil:
		return nil
	case peer.Namespaces == nil:
		return []*cluster.Namespace{p.In}
	case peer.Namespaces.Everything():
		return nil
	}
	r := e.namespacesOf(peer.Namespaces)
	if !podsOf(peer).Everything() && r.possible.Len() > 1 {
		return nil
	}
	var all []*cluster.Namespace
	for n := range r.sure.All {
		all = append(all, e.view.Namespaces[n])
	}
	return all
}

// pods names the pods of a class: "namespace/name" of each workload, or what a
// stand-in stands for.
func (c *class) pods() []string {
	if c.standIn == nil {
		ids := make([]string, len(c.workloads))
		for i, w := range c.workloads {
			ids[i] = w.Qualified()
		}
		return ids
	}
	return []string{peerName(c.in, &cluster.Peer{Pods: c.standIn})}
}

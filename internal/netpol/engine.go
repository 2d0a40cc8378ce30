// Package netpol works out what the policies of a cluster allow. It knows
// nothing of files: it is given namespaces, workloads and policies, and answers
// with verdicts.
//
// Pods that have the same namespace, labels and ports are one class, and sets
// of classes are ranges of their numbers. The work is per rule of a policy,
// never per pair of pods.
package netpol

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// Analyzer makes the Engine of a view, once for all rules that require it.
var Analyzer = &analysis.Analyzer{
	Name:       "netpol",
	Doc:        "what the policies of a cluster view allow",
	Requires:   []*analysis.Analyzer{cluster.Analyzer},
	ResultType: reflect.TypeFor[*Engine](),
	Run: func(pass *analysis.Pass) (any, error) {
		return New(cluster.Of(pass)), nil
	},
}

// Of is the engine of the view that a pass looks at. The pass must require
// Analyzer.
func Of(pass *analysis.Pass) *Engine {
	return pass.ResultOf[Analyzer].(*Engine)
}

// Engine answers what the policies of one view allow. It is made for one
// goroutine: answers are remembered as they are worked out.
type Engine struct {
	view    *cluster.View
	classes []*class
	pods    *index
	// spaces tells the number of a namespace, and the classes in it.
	spaces map[*cluster.Namespace]*space
	names  *index // of namespaces
	// visible are the classes of pods that the tree has, the others stand in for
	// pods that it does not have.
	visible     interval.Set
	hostNetwork interval.Set
	// named tells which classes have a named port, by number.
	named map[portName]map[int32]interval.Set
	// anonymous are the classes whose ports are not all known.
	anonymous interval.Set

	classOf  map[*cluster.Workload]uint32
	standIns map[standInKey]uint32
	policies map[*cluster.Policy]*policy
	// peers, selected and namespaces remember what selectors select.
	peers      map[peerKey]reach
	selected   map[selectedKey]reach
	namespaces map[string]reach
}

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

// space is a namespace as the engine sees it.
type space struct {
	number uint32
	// all are its classes, stand-ins too.
	all     interval.Set
	applied []applied
}

// applied is a policy that selects a class, surely or possibly.
type applied struct {
	*policy
	verdict.Verdict
}

// policy is a cluster.Policy with its peers and ports worked out.
type policy struct {
	*cluster.Policy
	// effective tells whether the policy governs each Direction.
	effective [2]bool
	// rules are those that have an effect.
	rules [2][]rule
}

type rule struct {
	everyone bool
	peers    reach
	blocks   []*networkingv1.IPBlock
	demands  []demand
	// numbers is the ports of all demands that are not names.
	numbers Ports
}

type (
	standInKey struct {
		in       *cluster.Namespace
		selector string
	}
	selectedKey struct {
		in       *cluster.Namespace
		selector string
	}
	peerKey struct {
		in               *cluster.Namespace
		namespaces, pods string
	}
)

// everything selects every pod.
var everything = &cluster.Selector{}

// New works out what does not depend on a question.
func New(v *cluster.View) *Engine {
	e := &Engine{
		view:       v,
		spaces:     map[*cluster.Namespace]*space{},
		policies:   map[*cluster.Policy]*policy{},
		standIns:   map[standInKey]uint32{},
		namespaces: map[string]reach{},
	}
	labels := make([]*cluster.Labels, len(v.Namespaces))
	for i, ns := range v.Namespaces {
		e.spaces[ns] = &space{number: uint32(i)}
		labels[i] = &ns.Labels
	}
	e.names = newIndex(labels)

	classes := classesOf(v.Workloads)
	e.number(classes)
	e.number(append(classes, e.missing()...))
	for _, p := range v.Policies {
		e.compile(p)
	}
	for _, p := range v.Policies {
		certain := verdict.Yes
		if p.Rival {
			certain = verdict.Unknown
		}
		e.apply(p, p.In, certain)
	}
	for _, ns := range v.Namespaces {
		for _, p := range ns.Elsewhere {
			e.apply(p, ns, verdict.Unknown)
		}
	}
	return e
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
		key := identity{w.In, fmt.Sprint(w.Labels.Key(), w.Ports, w.MorePorts, w.HostNetwork)}
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
	e.peers, e.selected = map[peerKey]reach{}, map[selectedKey]reach{}
	e.visible, e.hostNetwork, e.anonymous = nil, nil, nil

	labels := make([]*cluster.Labels, len(classes))
	var visible, host, anonymous []interval.Range
	for i, c := range classes {
		n := uint32(i)
		labels[i] = &c.labels
		s := e.spaces[c.in]
		s.all = interval.Set(appendTo(s.all, n))
		if c.standIn != nil {
			anonymous = appendTo(anonymous, n)
			e.standIns[standInKey{c.in, c.standIn.Key}] = n
			continue
		}
		visible = appendTo(visible, n)
		if c.morePorts {
			anonymous = appendTo(anonymous, n)
		}
		if c.hostNetwork != verdict.No {
			host = appendTo(host, n)
		}
		e.addWorkloads(n, c)
	}
	e.visible, e.hostNetwork, e.anonymous = visible, host, anonymous
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
	made := map[standInKey]bool{}
	stand := func(in *cluster.Namespace, s *cluster.Selector) {
		key := standInKey{in, s.Key}
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

// matching is what a selector selects in one namespace.
func (e *Engine) matching(in *cluster.Namespace, s *cluster.Selector) reach {
	key := selectedKey{in, s.Key}
	r, ok := e.selected[key]
	if !ok {
		r = e.pods.selects(s, e.spaces[in].all)
		e.selected[key] = r
	}
	return r
}

// namespacesOf is what a selector selects among the namespaces.
func (e *Engine) namespacesOf(s *cluster.Selector) reach {
	r, ok := e.namespaces[s.Key]
	if !ok {
		var all interval.Set
		if n := len(e.view.Namespaces); n > 0 {
			all = interval.Of(interval.Range{Hi: uint32(n - 1)}) //nolint:gosec // n is positive
		}
		r = e.names.selects(s, all)
		e.namespaces[s.Key] = r
	}
	return r
}

// peer is the pods that a peer with selectors stands for. Whether selectors
// reach pods in the network of their node is not defined.
func (e *Engine) peer(in *cluster.Namespace, peer *cluster.Peer) reach {
	pods := podsOf(peer)
	if peer.Namespaces == nil {
		return e.governed(e.matching(in, pods))
	}
	key := peerKey{nil, peer.Namespaces.Key, pods.Key}
	r, ok := e.peers[key]
	if !ok {
		spaces := e.namespacesOf(peer.Namespaces)
		within := reach{e.classesIn(spaces.sure), e.classesIn(spaces.possible)}
		r = e.pods.selects(pods, within.possible)
		r = e.governed(reach{r.sure.Intersect(within.sure), r.possible})
		e.peers[key] = r
	}
	return r
}

func (e *Engine) governed(r reach) reach {
	return reach{r.sure.Minus(e.hostNetwork), r.possible}
}

// classesIn is the classes of some namespaces.
func (e *Engine) classesIn(numbers interval.Set) interval.Set {
	var ranges []interval.Range
	for n := range numbers.All {
		ranges = append(ranges, e.spaces[e.view.Namespaces[n]].all...)
	}
	if len(ranges) == 0 {
		return nil
	}
	return interval.Of(ranges...)
}

// compile works out the peers and ports of the rules that have an effect.
func (e *Engine) compile(written *cluster.Policy) {
	p := &policy{Policy: written}
	for d, rules := range written.Rules {
		if p.effective[d] = written.Effective(cluster.Direction(d)); !p.effective[d] {
			continue
		}
		for i := range rules {
			p.rules[d] = append(p.rules[d], e.rule(written.In, &rules[i]))
		}
	}
	e.policies[written] = p
}

func (e *Engine) rule(in *cluster.Namespace, written *cluster.Rule) rule {
	r := rule{everyone: len(written.Peers) == 0, demands: demands(written.Ports)}
	for i := range written.Peers {
		peer := &written.Peers[i]
		if peer.Block != nil {
			r.blocks = append(r.blocks, peer.Block)
			continue
		}
		r.peers = r.peers.union(e.peer(in, peer))
	}
	for _, d := range r.demands {
		r.numbers = r.numbers.Union(d.ports)
	}
	return r
}

// apply notes the policy at what it selects in a namespace, no surer than
// certain.
func (e *Engine) apply(written *cluster.Policy, in *cluster.Namespace, certain verdict.Verdict) {
	p := e.policies[written]
	if written.Pods.Everything() {
		s := e.spaces[in]
		s.applied = append(s.applied, applied{p, certain})
		return
	}
	r := e.matching(in, written.Pods)
	for n := range r.possible.All {
		c := e.classes[n]
		c.applied = append(c.applied, applied{p, min(certain, r.has(n))})
	}
}

// policiesOf yields the policies that select a class, surely or possibly, and
// govern a direction.
func (e *Engine) policiesOf(c *class, d cluster.Direction) func(yield func(*policy, verdict.Verdict) bool) {
	return func(yield func(*policy, verdict.Verdict) bool) {
		for _, list := range [][]applied{e.spaces[c.in].applied, c.applied} {
			for _, a := range list {
				if a.effective[d] && !yield(a.policy, a.Verdict) {
					return
				}
			}
		}
	}
}

// isolated tells whether a class is isolated in a direction.
func (e *Engine) isolated(c *class, d cluster.Direction) verdict.Verdict {
	if c.hostNetwork == verdict.Yes {
		return verdict.No
	}
	some := verdict.No
	if len(c.in.Foreign) > 0 {
		some = verdict.Unknown
	}
	for _, v := range e.policiesOf(c, d) {
		if some = max(some, v); some == verdict.Yes {
			break
		}
	}
	return verdict.And(some, c.hostNetwork.Not())
}

// Isolated tells whether the pods of a workload are isolated in a direction:
// whether some policy that governs it selects them. Pods in the network of
// their node never are.
func (e *Engine) Isolated(w *cluster.Workload, d cluster.Direction) verdict.Verdict {
	return e.isolated(e.classes[e.classOf[w]], d)
}

// Covered tells whether any pod of a namespace is isolated in a direction,
// whatever its labels, also one that is not made yet.
func (e *Engine) Covered(ns *cluster.Namespace, d cluster.Direction) verdict.Verdict {
	all := verdict.No
	if len(ns.Foreign) > 0 {
		all = verdict.Unknown
	}
	for _, a := range e.spaces[ns].applied {
		if a.effective[d] {
			all = max(all, a.Verdict)
		}
	}
	return all
}

// pods names the pods of a class: "namespace/name" of each workload, or what a
// stand-in stands for.
func (c *class) pods() []string {
	if c.standIn == nil {
		ids := make([]string, len(c.workloads))
		for i, w := range c.workloads {
			ids[i] = w.ID()
		}
		return ids
	}
	if c.standIn.Everything() {
		return []string{"the pods of " + c.in.Title()}
	}
	return []string{fmt.Sprintf("pods with %s in %s", c.standIn.Key, c.in.Title())}
}

// Package netpol works out what the policies of a cluster allow. It knows
// nothing of files: it is given namespaces, workloads and policies, and answers
// with verdicts.
//
// Pods that have the same namespace, labels and ports are one class, and sets
// of classes are ranges of their numbers. The work is per rule of a policy,
// never per pair of pods.
package netpol

import (
	"iter"
	"reflect"

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
	visible interval.Set
	// onHosts are the visible classes in the network of their node, maybeOnHosts
	// those that may be: policies do not govern the former.
	onHosts, maybeOnHosts interval.Set
	// named tells which classes have a named port, by number.
	named map[portName]map[int32]interval.Set
	// anonymous are the classes whose ports are not all known.
	anonymous interval.Set

	classOf  map[*cluster.Workload]uint32
	standIns map[podsKey]uint32
	policies map[*cluster.Policy]*policy
	// peers, selected and namespaces remember what selectors select.
	peers      map[peerKey]reach
	selected   map[podsKey]reach
	namespaces map[string]reach
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
	written  *cluster.Rule
	everyone bool
	peers    reach
	blocks   []*networkingv1.IPBlock
	// held tells whether the blocks hold the addresses of pods.
	held    verdict.Verdict
	demands []demand
	// numbers is the ports of all demands that are not names.
	numbers Ports
}

// podsKey is a selector of pods in one namespace, peerKey one in those that
// another selects.
type (
	podsKey struct {
		in   *cluster.Namespace
		pods string
	}
	peerKey struct{ namespaces, pods string }
)

// everything selects every pod.
var everything = &cluster.Selector{}

// New works out what does not depend on a question.
func New(v *cluster.View) *Engine {
	e := &Engine{
		view:       v,
		spaces:     map[*cluster.Namespace]*space{},
		policies:   map[*cluster.Policy]*policy{},
		standIns:   map[podsKey]uint32{},
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
	r := rule{written: written, everyone: len(written.Peers) == 0, demands: demands(written.Ports)}
	for i := range written.Peers {
		peer := &written.Peers[i]
		if peer.Block != nil {
			r.blocks = append(r.blocks, peer.Block)
			continue
		}
		r.peers = r.peers.union(e.peer(in, peer))
	}
	r.held = holdsPods(e.view.Plugin, r.blocks)
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
		c.applied = append(c.applied, applied{p, min(certain, r.overlaps(interval.Single(n)))})
	}
}

// ruling is policies that select a class, surely or possibly, and govern a
// direction.
type ruling = iter.Seq2[*policy, verdict.Verdict]

// policiesOf is the policies of the view that select a class and govern a
// direction.
func (e *Engine) policiesOf(c *class, d cluster.Direction) ruling {
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
	return c.isolatedBy(e.policiesOf(c, d))
}

// isolatedBy tells whether policies isolate the class in the direction that
// they govern.
func (c *class) isolatedBy(policies ruling) verdict.Verdict {
	if c.hostNetwork == verdict.Yes {
		return verdict.No
	}
	some := verdict.No
	if len(c.in.Foreign) > 0 {
		some = verdict.Unknown
	}
	for _, v := range policies {
		if some = max(some, v); some == verdict.Yes {
			break
		}
	}
	return verdict.And(some, c.hostNetwork.Not())
}

// Isolated tells whether the pods of a workload are isolated in a direction:
// whether some policy that governs it selects them. Pods in the network of
// their node never are. The workload must be of the engine's view.
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

package cluster

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

type namespaceKey struct {
	name, placeholder string
	unit              *manifest.Unit
}

// identity is what an object can be in the cluster only once.
type identity struct {
	kind string
	in   *Namespace
	name string
}

// sameName is the policies of one identity. Where they differ only one of them
// can be in the cluster.
type sameName struct {
	policies []*Policy
	differ   bool
}

type builder struct {
	view        *View
	namespaces  map[namespaceKey]*Namespace
	workloads   map[identity]*Workload
	policies    map[identity]*sameName
	clusterWide []*Foreign
}

// build makes the view of its objects.
func (v *View) build() {
	b := &builder{
		view:       v,
		namespaces: map[namespaceKey]*Namespace{},
		workloads:  map[identity]*Workload{},
		policies:   map[identity]*sameName{},
	}
	for _, r := range v.resources {
		if r.Unapplied != "" {
			b.unapplied(r)
		} else {
			b.add(r)
		}
	}
	b.finish()
}

// unapplied takes in an object that nothing applies. Of a policy, what it says
// may be wrong all the same.
func (b *builder) unapplied(r *manifest.Resource) {
	isPolicy := r.Kind == "NetworkPolicy" && r.APIVersion == "networking.k8s.io/v1"
	if !isPolicy && r.Kind != "Namespace" && workloadKindOf(r) == nil {
		return
	}
	b.skip(r, r.Unapplied)
	if !isPolicy || r.Encrypted {
		return
	}
	d := b.view.decoded.decode(r)
	b.view.Problems = append(b.view.Problems, d.problems...)
	if len(d.problems) > 0 || d.hidden {
		return
	}
	p := d.policy
	p.Resource = r
	b.view.Unapplied = append(b.view.Unapplied, &p)
}

func (b *builder) add(r *manifest.Resource) {
	if node.PlaceholderName(r.Namespace) {
		b.skip(r, ObscureNamespaces)
	}
	if r.Kind == "Namespace" && r.APIVersion == "v1" {
		b.declare(r)
		return
	}
	if is, clusterWide := foreign(r); is {
		reason := r.Kind + " objects"
		if r.Kind == "NetworkPolicy" {
			reason += " of " + r.Group()
		}
		b.foreign(r, clusterWide, reason)
		return
	}
	if misspelt(r.Kind) {
		d := newDecoder(r)
		d.fail(node.Field(r.Node, "kind"), "there is no such kind: did you mean %q?", "NetworkPolicy")
		b.view.Problems = append(b.view.Problems, d.problems...)
		return
	}
	if r.Kind == "NetworkPolicy" {
		b.policy(r)
		return
	}
	if kind := workloadKindOf(r); kind != nil {
		b.workload(r, kind)
	}
	if unseen(r) {
		b.skip(r, UnseenWorkloads)
		b.unseen(r)
	}
}

// unseen notes that a namespace has pods that the tree does not show. Flux
// puts a chart where targetNamespace says.
func (b *builder) unseen(r *manifest.Resource) {
	target := node.Text(node.Field(node.Field(r.Node, "spec"), "targetNamespace"))
	if target != "" && !node.PlaceholderName(target) {
		b.lookup(namespaceKey{name: target}).Unseen = true
		return
	}
	b.namespace(r).Unseen = true
}

func (b *builder) skip(r *manifest.Resource, reason string) {
	place := r.Written(r.Document())
	b.view.Skips = append(b.view.Skips, source.Skip{Path: place.File.Path, Line: place.Start().Line, Reason: reason})
}

// namespace is the namespace that an object is in.
func (b *builder) namespace(r *manifest.Resource) *Namespace {
	ns := b.lookup(keyOf(r))
	ns.Partial = ns.Partial || r.Unit.Partial
	return ns
}

// keyOf tells the namespace that an object is in. One that is given at apply
// time is that of the unit.
func keyOf(r *manifest.Resource) namespaceKey {
	switch {
	case r.Namespace == "":
		return namespaceKey{unit: r.Unit}
	case node.PlaceholderName(r.Namespace):
		return namespaceKey{placeholder: r.Namespace, unit: r.Unit}
	default:
		return namespaceKey{name: r.Namespace}
	}
}

func (b *builder) lookup(key namespaceKey) *Namespace {
	ns := b.namespaces[key]
	if ns == nil {
		ns = &Namespace{Name: key.name, Placeholder: key.placeholder, Unit: key.unit, Labels: Labels{Open: true}}
		b.namespaces[key] = ns
		b.view.Namespaces = append(b.view.Namespaces, ns)
	}
	return ns
}

// declare takes in a Namespace object. Of two that differ, only what they have
// in common is known.
func (b *builder) declare(r *manifest.Resource) {
	if r.Name == "" || r.Generated {
		return // no namespace is known to have these labels
	}
	key := namespaceKey{name: r.Name}
	if node.PlaceholderName(r.Name) {
		key = namespaceKey{placeholder: r.Name, unit: r.Unit}
	}
	ns := b.lookup(key)
	written := labelsOf(r.Node)
	if ns.Declared == nil {
		ns.Declared, ns.Labels = r, written
		return
	}
	ns.Labels.merge(&written)
}

func (b *builder) foreign(r *manifest.Resource, clusterWide bool, reason string) {
	f := &Foreign{Resource: r, Reason: reason}
	if !clusterWide {
		f.In = b.namespace(r)
		if external(r) {
			f.In.Firewalls = append(f.In.Firewalls, f)
		} else {
			f.In.Foreign = append(f.In.Foreign, f)
		}
	} else {
		b.clusterWide = append(b.clusterWide, f)
	}
	b.view.Foreign = append(b.view.Foreign, f)
	if reason != InvalidPolicies { // that is a problem, and said already
		b.skip(r, reason)
	}
}

// policy takes in a NetworkPolicy. One that cannot be understood is there all
// the same, and what it does is unknown.
func (b *builder) policy(r *manifest.Resource) {
	if r.APIVersion != "networking.k8s.io/v1" { // it is linted all the same
		old := newDecoder(r)
		old.fail(node.Field(r.Node, "apiVersion"), "apiVersion %q has no NetworkPolicy (extensions/v1beta1 had one before Kubernetes 1.16): write networking.k8s.io/v1", r.APIVersion)
		b.view.Problems = append(b.view.Problems, old.problems...)
	}
	if r.Encrypted {
		b.obscure(r, ObscurePolicies)
		return
	}
	if r.Unsure {
		b.obscure(r, UnsurePolicies)
		return
	}
	d := b.view.decoded.decode(r)
	b.view.Problems = append(b.view.Problems, d.problems...)
	switch {
	case len(d.problems) > 0:
		b.foreign(r, false, InvalidPolicies)
		return
	case d.hidden:
		b.obscure(r, ObscurePolicies)
		return
	}
	p := &d.policy
	p.Resource, p.In = r, b.namespace(r)
	p.In.Policies = append(p.In.Policies, p)
	b.view.Policies = append(b.view.Policies, p)
	if p.Generated {
		return // the API server makes a name for each
	}
	same := b.sameName(r, p.In)
	same.policies = append(same.policies, p)
	same.differ = same.differ || !same.policies[0].Alike(p)
}

// obscure takes in a policy whose values are not known: it may differ from
// another of its name.
func (b *builder) obscure(r *manifest.Resource, reason string) {
	b.foreign(r, false, reason)
	b.sameName(r, b.namespace(r)).differ = true
}

func (b *builder) sameName(r *manifest.Resource, in *Namespace) *sameName {
	key := identity{"NetworkPolicy", in, r.Name}
	if b.policies[key] == nil {
		b.policies[key] = &sameName{}
	}
	return b.policies[key]
}

func (b *builder) workload(r *manifest.Resource, kind *workloadKind) {
	w := kind.workload(r)
	if w == nil {
		b.skip(r, Fragments)
		return
	}
	w.In = b.namespace(r)
	if r.Unsure {
		w.Labels.Open, w.MorePorts = true, true
	}
	key := identity{r.Kind, w.In, r.Name}
	if first := b.workloads[key]; first != nil && r.Name != "" && !r.Generated {
		first.merge(w)
		return
	}
	b.workloads[key] = w
	w.In.Workloads = append(w.In.Workloads, w)
	b.view.Workloads = append(b.view.Workloads, w)
}

// elsewhere is those of some policies that may turn out to be in a namespace.
func elsewhere(policies []*Policy, keep func(*Policy) bool) []*Policy {
	var all []*Policy
	for _, p := range policies {
		if keep(p) {
			all = append(all, p)
		}
	}
	return all
}

func (b *builder) finish() {
	slices.SortFunc(b.view.Namespaces, func(x, y *Namespace) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Placeholder, y.Placeholder), cmp.Compare(unitPath(x), unitPath(y)))
	})
	for _, same := range b.policies {
		for _, p := range same.policies {
			p.Rival = same.differ
		}
	}
	units := map[*manifest.Unit][]*Policy{}
	for _, p := range b.view.Policies {
		units[p.Unit] = append(units[p.Unit], p)
	}
	for _, ns := range b.view.Namespaces {
		ns.Foreign = append(ns.Foreign, b.clusterWide...)
		if ns.Name == "" {
			ns.Elsewhere = elsewhere(units[ns.Unit], func(p *Policy) bool { return p.In != ns })
			ns.Labels.obscure(corev1.LabelMetadataName)
			continue
		}
		seen := map[*manifest.Unit]bool{}
		for _, w := range ns.Workloads {
			if !seen[w.Unit] {
				seen[w.Unit] = true
				ns.Elsewhere = append(ns.Elsewhere, elsewhere(units[w.Unit], func(p *Policy) bool { return p.In.Placeholder != "" })...)
			}
		}
		if ns.Labels.Known == nil {
			ns.Labels.Known = map[string]string{}
		}
		ns.Labels.Known[corev1.LabelMetadataName] = ns.Name
	}
}

func unitPath(ns *Namespace) string {
	if ns.Unit == nil {
		return ""
	}
	return ns.Unit.Path
}

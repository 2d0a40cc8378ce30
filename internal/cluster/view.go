// Package cluster turns the objects of a tree into what a cluster would make
// of them: namespaces, workloads and policies, with every selector compiled
// once. What the policies allow is worked out in package netpol.
package cluster

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
)

// View is one cluster as the tree describes it. It is not changed once made,
// and may be read from several goroutines.
type View struct {
	// Name is "" when the tree has one view only.
	Name string
	// Units are what the view is made of.
	Units []*manifest.Unit
	// Namespaces are in the order of their names; every other list is in the
	// order of the files.
	Namespaces []*Namespace
	Workloads  []*Workload
	Policies   []*Policy
	// Unapplied are policies that nothing applies: they are in no namespace, and
	// isolate nothing.
	Unapplied []*Policy
	// Foreign are the policies whose rules are not known.
	Foreign []*Foreign
	// Problems are objects that the API server would refuse, Skips what is no
	// whole object.
	Problems []source.Problem
	Skips    []source.Skip
	// DNS are the servers of the cluster's DNS. There is at least one.
	DNS []Nameserver
	// Plugin is what is known of the network plugin.
	Plugin Plugin
	// Tree is what the view was made of.
	Tree *manifest.Tree
	// Fixes asks for fixes of what is found.
	Fixes bool

	// resources are the objects that it is made of, decoded what the policies
	// among them say.
	resources []*manifest.Resource
	decoded   *decodings
	exempt    func(namespace string) bool
}

// Plugin is what is known of a network plugin; of the zero Plugin that is nothing.
type Plugin struct {
	// CoversPods tells whether an ipBlock covers the addresses of pods, which the
	// API leaves to the plugin. It is nil where that is not known.
	CoversPods *bool
	// PodCIDRs are the blocks that the addresses of all pods are in; none stand
	// for blocks that are not known.
	PodCIDRs []netip.Prefix
}

// Exempt reports whether a namespace needs no isolation: its pods are the
// cluster's own, or the settings say so.
func (v *View) Exempt(name string) bool {
	return name == "kube-system" || name == "kube-public" || name == "kube-node-lease" || name != "" && v.exempt != nil && v.exempt(name)
}

// Written is all policies, applied or not: what one says may be wrong either
// way.
func (v *View) Written() []*Policy { return slices.Concat(v.Policies, v.Unapplied) }

// Reserved reports whether the cluster itself depends on the pods of a namespace:
// by its name, or because DNS is answered there.
func (v *View) Reserved(name string) bool {
	return strings.HasPrefix(name, "kube-") || strings.HasPrefix(name, "openshift") ||
		slices.ContainsFunc(v.DNS, func(s Nameserver) bool { return name != "" && s.Namespace == name })
}

// Namespace is a namespace that is declared, or that an object is in.
type Namespace struct {
	// Name is "" where the namespace is given at apply time.
	Name string
	// Placeholder is what stands for the name where a later tool fills it in.
	Placeholder string
	// Unit is the unit whose objects are in the namespace, where it has no Name.
	Unit *manifest.Unit
	// Unseen is set where something runs pods in the namespace that the tree does
	// not show: a HelmRelease, or what is given to an operator. There are at
	// least the workloads that are known.
	Unseen bool
	// Partial is set where units have objects in the namespace that cannot be
	// read in full: there may be other policies and workloads.
	Partial bool
	// Declared is the Namespace object, nil where the tree has none.
	Declared *manifest.Resource
	// Labels are Open where the namespace is not declared. Every namespace
	// that has a name carries it as a label.
	Labels    Labels
	Workloads []*Workload
	Policies  []*Policy
	// Foreign are the policies whose rules are not known and that may apply to
	// the namespace.
	Foreign []*Foreign
	// Firewalls are objects that only govern traffic that leaves the cluster,
	// and whose rules are not known.
	Firewalls []*Foreign
	// Elsewhere are policies of the same unit in other namespaces that may turn
	// out to be this one: all others for a namespace without a name, those with
	// a placeholder for one with a name. A policy that is given its namespace
	// at apply time is none of them: nothing says that it will be this one.
	Elsewhere []*Policy
}

// Title names the namespace in a sentence.
func (ns *Namespace) Title() string {
	switch {
	case ns.Name != "":
		return "namespace " + strconv.Quote(ns.Name)
	case ns.Placeholder != "":
		return "namespace " + strconv.Quote(ns.Placeholder)
	default:
		return "the namespace given at apply time"
	}
}

// Foreign is a policy that is there, but whose rules are not known: its kind
// is not modelled, or its values cannot be read.
type Foreign struct {
	*manifest.Resource
	// In is nil for a policy that may apply to every namespace.
	In *Namespace
	// Reason says why, as a plural: "CiliumNetworkPolicy objects".
	Reason string
}

// Why an object is left out of a view, or known only in part.
const (
	Fragments         = "workloads without the fields that the API server asks for"
	InvalidPolicies   = "NetworkPolicy objects that the API server refuses"
	ObscurePolicies   = "NetworkPolicy objects with placeholders or encrypted values"
	ObscureNamespaces = "objects whose namespace is a placeholder"
	UnseenWorkloads   = "objects whose pods the tree does not show"
	UnsurePolicies    = "NetworkPolicy objects with a patch that could not be applied"
)

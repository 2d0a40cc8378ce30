package cluster

import (
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/manifest"
)

// foreignKind is a kind of policy that is recognised, but whose rules are not
// read.
type foreignKind struct {
	kind, group string
	clusterWide bool
}

var foreignKinds = []foreignKind{
	{"AdminNetworkPolicy", "policy.networking.k8s.io", true},
	{"BaselineAdminNetworkPolicy", "policy.networking.k8s.io", true},
	{"ClusterNetworkPolicy", "policy.networking.k8s.io", true},
	{"CiliumNetworkPolicy", "cilium.io", false},
	{"CiliumClusterwideNetworkPolicy", "cilium.io", true},
	{"NetworkPolicy", "projectcalico.org", false},
	{"NetworkPolicy", "crd.projectcalico.org", false},
	{"GlobalNetworkPolicy", "projectcalico.org", true},
	{"GlobalNetworkPolicy", "crd.projectcalico.org", true},
	{"NetworkPolicy", "crd.antrea.io", false},
	{"ClusterNetworkPolicy", "crd.antrea.io", true},
	{"EgressFirewall", "k8s.ovn.org", false},
	{"EgressNetworkPolicy", "network.openshift.io", false},
}

// generatorKinds are kinds whose objects may make policies: the text of such
// an object tells.
var generatorKinds = []foreignKind{
	{"ClusterPolicy", "kyverno.io", true},
	{"Policy", "kyverno.io", false},
	{"GeneratingPolicy", "policies.kyverno.io", true},
	{"Policy", "policy.open-cluster-management.io", true},
	{"ConfigurationPolicy", "policy.open-cluster-management.io", true},
}

// foreign tells whether r is a policy, or makes policies, of a kind that is
// not modelled, and whether it reaches beyond its namespace.
func foreign(r *manifest.Resource) (is, clusterWide bool) {
	same := func(k foreignKind) bool { return k.kind == r.Kind && k.group == r.Group() }
	if i := slices.IndexFunc(foreignKinds, same); i >= 0 {
		return true, foreignKinds[i].clusterWide
	}
	if i := slices.IndexFunc(generatorKinds, same); i >= 0 && generates(r) {
		return true, generatorKinds[i].clusterWide
	}
	// A kind of a project that is not known here is recognised by its name. The
	// constraints of Gatekeeper ask for policies, they make none; and a group of
	// Kubernetes itself that has no such kind is a mistake.
	group := r.Group()
	if group == "constraints.gatekeeper.sh" || r.Kind == "NetworkPolicy" && (!strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io")) {
		return false, false
	}
	return strings.HasSuffix(r.Kind, "NetworkPolicy"), r.Namespace == "" && r.Kind != "NetworkPolicy"
}

// generates reports whether a policy of Kyverno or of Open Cluster Management
// makes network policies, rather than asking for them.
func generates(r *manifest.Resource) bool {
	if !strings.Contains(r.Document().Text(), "NetworkPolicy") {
		return false
	}
	if r.Group() != "kyverno.io" {
		return true
	}
	for _, rule := range manifest.Items(manifest.Field(manifest.Field(r.Node, "spec"), "rules")) {
		if g := manifest.Field(rule, "generate"); g != nil && strings.Contains(r.SpanOf(g).Text(), "NetworkPolicy") {
			return true
		}
	}
	return false
}

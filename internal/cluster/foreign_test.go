package cluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/source"
)

// wide is an object of a kind that has no namespace.
func wide(apiVersion, kind, body string) string {
	return fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {name: x}, spec: {%s}}\n", apiVersion, kind, body)
}

const (
	kyvernoMakes = "rules: [{name: a}, {generate: {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, name: deny}}]"
	kyvernoAsks  = "rules: [{match: {resources: {kinds: [NetworkPolicy]}}, validate: {message: no}}]"
	kyvernoOther = "rules: [{match: {kinds: [NetworkPolicy]}, generate: {kind: ConfigMap}}]"
	acmMakes     = "object-templates: [{objectDefinition: {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy}}]"
	acmOther     = "object-templates: [{objectDefinition: {kind: ConfigMap}}]"
)

var foreignTests = []struct {
	text           string
	is, everywhere bool
	// firewall is set where only traffic out of the cluster is governed.
	firewall bool
}{
	{text: wide("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", ""), is: true, everywhere: true},
	{text: wide("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", ""), is: true, everywhere: true},
	{text: wide("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", ""), is: true, everywhere: true},
	{text: object("cilium.io/v2", "CiliumNetworkPolicy", "x", ""), is: true},
	{text: wide("cilium.io/v2", "CiliumClusterwideNetworkPolicy", ""), is: true, everywhere: true},
	{text: object("projectcalico.org/v3", "NetworkPolicy", "x", ""), is: true},
	{text: object("crd.projectcalico.org/v1", "NetworkPolicy", "x", ""), is: true},
	{text: wide("projectcalico.org/v3", "GlobalNetworkPolicy", ""), is: true, everywhere: true},
	{text: wide("crd.projectcalico.org/v1", "GlobalNetworkPolicy", ""), is: true, everywhere: true},
	{text: object("crd.antrea.io/v1beta1", "NetworkPolicy", "x", ""), is: true},
	{text: wide("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", ""), is: true, everywhere: true},
	{text: object("k8s.ovn.org/v1", "EgressFirewall", "x", ""), is: true, firewall: true},
	{text: object("network.openshift.io/v1", "EgressNetworkPolicy", "x", ""), is: true, firewall: true},

	// Kinds that nobody told us of: what their names promise is taken as true.
	{text: object("example.com/v1", "NetworkPolicy", "x", ""), is: true},
	{text: object("example.com/v1", "SmartNetworkPolicy", "x", ""), is: true},
	{text: wide("example.com/v1", "SmartNetworkPolicy", ""), is: true, everywhere: true},
	{text: "{apiVersion: example.com/v1, kind: NetworkPolicy, metadata: {name: x}}\n", is: true},

	{text: wide("kyverno.io/v1", "ClusterPolicy", kyvernoMakes), is: true, everywhere: true},
	{text: object("kyverno.io/v1", "Policy", "x", "spec: {"+kyvernoMakes+"}"), is: true},
	{text: wide("policies.kyverno.io/v1alpha1", "GeneratingPolicy", "text: NetworkPolicy"), is: true, everywhere: true},
	{text: object("policy.open-cluster-management.io/v1", "Policy", "x", "spec: {"+acmMakes+"}"), is: true, everywhere: true},
	{text: wide("policy.open-cluster-management.io/v1", "ConfigurationPolicy", acmMakes), is: true, everywhere: true},

	{text: wide("constraints.gatekeeper.sh/v1beta1", "K8sRequireNetworkPolicy", "")},
	{text: wide("kyverno.io/v1", "ClusterPolicy", kyvernoAsks)},
	{text: wide("kyverno.io/v1", "ClusterPolicy", kyvernoOther)},
	{text: wide("kyverno.io/v1", "ClusterPolicy", "")},
	{text: wide("policies.kyverno.io/v1alpha1", "GeneratingPolicy", "text: ConfigMap")},
	{text: object("policy.open-cluster-management.io/v1", "Policy", "x", "spec: {"+acmOther+"}")},
	{text: wide("example.com/v1", "ClusterPolicy", kyvernoMakes)},
	{text: object("example.com/v1", "EgressFirewall", "x", "")},
	{text: object("example.com/v1", "NetworkPolicySet", "x", "")},
	{text: object("policy/v1", "PodDisruptionBudget", "x", "")},
}

func TestForeign(t *testing.T) {
	for _, c := range foreignTests {
		v := viewOf(t, stream(pod("w", "{}", oneContainer), declaration("quiet", "{}"), c.text))
		if len(v.Policies) > 0 || len(v.Problems) > 0 {
			t.Errorf("policies %v, problems %v: %s", v.Policies, v.Problems, c.text)
		}
		if got := len(v.Foreign) == 1; got != c.is {
			t.Errorf("foreign: %v: %s", got, c.text)
			continue
		}
		checkReach(t, v, c.is && !c.firewall, c.everywhere)
		if got := slices.ContainsFunc(v.Namespaces, func(ns *Namespace) bool { return len(ns.Firewalls) == 1 && ns.Name == "ns" }); got != c.firewall {
			t.Errorf("a firewall: %v: %s", got, c.text)
		}
		if !c.is {
			continue
		}
		f := v.Foreign[0]
		reason := f.Kind + " objects"
		if f.Kind == "NetworkPolicy" {
			reason += " of " + f.Group() // there are several projects with this kind
		}
		if f.Reason != reason || (f.In == nil) != c.everywhere {
			t.Errorf("reason %q, in %v: %s", f.Reason, f.In, c.text)
		}
		if !slices.ContainsFunc(v.Skips, func(s source.Skip) bool { return s.Reason == f.Reason && s.Line > 0 }) {
			t.Errorf("not counted: %v", v.Skips)
		}
	}
}

// checkReach looks which namespaces a foreign policy may apply to.
func checkReach(t *testing.T, v *View, is, everywhere bool) {
	t.Helper()
	for _, ns := range v.Namespaces {
		own := is && len(v.Foreign) > 0 && v.Foreign[0].In == ns
		if got, want := len(ns.Foreign) == 1, is && (everywhere || own); got != want {
			t.Errorf("%s has %d foreign policies, everywhere: %v", ns.Title(), len(ns.Foreign), everywhere)
		}
	}
}

// Every kind that is known by name has a test above.
func TestForeignTableIsTested(t *testing.T) {
	tested := map[[2]string]bool{}
	for _, c := range foreignTests {
		if !c.is {
			continue
		}
		for _, f := range viewOf(t, c.text).Foreign {
			tested[[2]string{f.Group(), f.Kind}] = true
		}
	}
	for _, k := range slices.Concat(foreignKinds, generatorKinds) {
		if !tested[[2]string{k.group, k.kind}] {
			t.Errorf("%s of %s has no test", k.kind, k.group)
		}
	}
}

// A kind that can only be meant to be NetworkPolicy is an input error, and not
// an object of a kind that nobody knows.
func TestMisspeltKind(t *testing.T) {
	for _, kind := range []string{"Networkpolicy", "networkPolicy", "NetworkPolicies", "'NetworkPolicy '"} {
		v := viewOf(t, "apiVersion: networking.k8s.io/v1\nkind: "+kind+"\nmetadata: {name: p}\nspec: {}\n")
		if len(v.Problems) != 1 || v.Problems[0].Line != 2 || !strings.Contains(v.Problems[0].Message, `did you mean "NetworkPolicy"?`) {
			t.Errorf("%s: %v", kind, v.Problems)
		}
	}
}

// Two spellings of one policy are no rivals.
func TestAlike(t *testing.T) {
	flow := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53}]}]}\n"
	block := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\nspec:\n  policyTypes:\n  - Egress\n  egress:\n  - ports:\n    - port: 53\n"
	for _, p := range viewOf(t, stream(flow, block)).Policies {
		if p.Rival {
			t.Error("a rival of itself")
		}
	}
}

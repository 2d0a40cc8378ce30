package netpol_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/netpol"
)

const (
	cilium = "---\n{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: x, namespace: shop}, spec: {}}\n"
	admin  = "---\n{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: x}, spec: {}}\n"
	denyA  = "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]}"
)

// workloadOf is a Pod that is given its labels.
func workloadOf(namespace, name, labels string) string {
	at := ""
	if namespace != "" {
		at = ", namespace: " + namespace
	}
	return fmt.Sprintf("---\n{apiVersion: v1, kind: Pod, metadata: {name: %s%s, labels: %s}, spec: {containers: [{name: c}]}}\n", name, at, labels)
}

// isolationOf writes which workloads are isolated for egress, and which
// namespaces are covered.
func isolationOf(view *cluster.View, e *netpol.Engine) string {
	var all []string
	for _, w := range view.Workloads {
		all = append(all, w.ID()+" "+e.Isolated(w, cluster.Egress).String())
	}
	for _, ns := range view.Namespaces {
		all = append(all, ns.Name+"* "+e.Covered(ns, cluster.Egress).String())
	}
	return strings.Join(all, ", ")
}

// TestUnknownIsolation tells who is isolated for egress where the tree leaves
// something open. "shop*" is the next pod of shop.
func TestUnknownIsolation(t *testing.T) {
	pods := workloadOf("shop", "a", "{app: a}") + workloadOf("other", "c", "{app: c}")
	tests := []struct{ name, yaml, want string }{
		{"all is known", pods + policy(denyA), "shop/a yes, other/c no, other* no, shop* no"},
		{"a whole namespace", pods + policy("{policyTypes: [Egress]}"), "shop/a yes, other/c no, other* no, shop* yes"},
		{"a foreign policy of the namespace", pods + cilium, "shop/a unknown, other/c no, other* no, shop* unknown"},
		{"a foreign policy leaves isolated what is", pods + cilium + policy(denyA), "shop/a yes, other/c no, other* no, shop* unknown"},
		{"a foreign policy of the cluster", pods + admin + policy("{policyTypes: [Egress]}"), "shop/a yes, other/c unknown, other* unknown, shop* yes"},
		{"a policy that the API server refuses", pods + policy("{egres: []}"), "shop/a unknown, other/c no, other* no, shop* unknown"},
		{"a policy type that is filled in later", pods + policy("{policyTypes: ['${TYPE}']}"), "shop/a unknown, other/c no, other* no, shop* unknown"},
		{"a selector that is filled in later", pods + policy("{podSelector: {matchLabels: {app: '${APP}'}}, policyTypes: [Egress]}"), "shop/a unknown, other/c no, other* no, shop* no"},
		{"a label that is filled in later", workloadOf("shop", "a", "{app: '${APP}'}") + policy(denyA), "shop/a unknown, shop* no"},
		{"another label that is filled in later", workloadOf("shop", "a", "{app: a, tier: '${TIER}'}") + policy(denyA), "shop/a yes, shop* no"},
		{"an encrypted label", workloadOf("shop", "a", "{app: 'ENC[AES256_GCM,data:x]'}") + policy(denyA), "shop/a unknown, shop* no"},
		{
			"a label that a controller adds", "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: shop}, spec: {selector: {}, template: {spec: {containers: [{name: c}]}}}}\n" +
				policy("{podSelector: {matchExpressions: [{key: pod-template-hash, operator: Exists}]}, policyTypes: [Egress]}"), "shop/a unknown, shop* no",
		},

		{"rivals that differ", pods + policy("{policyTypes: [Egress]}") + policy("{policyTypes: [Ingress]}"), "shop/a unknown, other/c no, other* no, shop* unknown"},
		{"rivals that are alike", pods + policy("{policyTypes: [Egress]}") + policy("{policyTypes: [Egress]}"), "shop/a yes, other/c no, other* no, shop* yes"},
		{
			"two alike and a rival", pods + policy("{policyTypes: [Egress]}") + policy("{policyTypes: [Egress]}") + policy("{policyTypes: [Ingress]}"),
			"shop/a unknown, other/c no, other* no, shop* unknown",
		},
		{
			"a rival that cannot be read", pods + policy("{policyTypes: [Egress]}") + policy("{policyTypes: ['${TYPE}']}"),
			"shop/a unknown, other/c no, other* no, shop* unknown",
		},
		{"rival pods", workloadOf("shop", "a", "{app: a, x: y}") + workloadOf("shop", "a", "{app: b, x: y}") + policy(denyA), "shop/a unknown, shop* no"},
		{"what rival pods have in common", workloadOf("shop", "a", "{app: a, x: y}") + workloadOf("shop", "a", "{app: a, x: z}") + policy(denyA), "shop/a yes, shop* no"},
		{
			"rivals of which one is in the node's network", workloadOf("shop", "a", "{app: a}") +
				"---\n{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop, labels: {app: a}}, spec: {hostNetwork: true, containers: [{name: c}]}}\n" + policy(denyA),
			"shop/a unknown, shop* no",
		},

		{"no namespace at all", workloadOf("", "a", "{app: a}") + named(`""`, "p", denyA), "/a yes, * no"},
		{"no namespace is not default", workloadOf("", "a", "{app: a}") + workloadOf("default", "b", "{app: a}") + named("default", "p", denyA), "/a unknown, default/b yes, * no, default* no"},
		{"a policy elsewhere that covers", workloadOf("", "a", "{}") + policy("{policyTypes: [Egress]}"), "/a unknown, * unknown, shop* yes"},
		{"a policy elsewhere of other pods", workloadOf("", "b", "{app: b}") + policy(denyA), "/b no, * no, shop* no"},
		{"a policy elsewhere that is for ingress", workloadOf("", "a", "{app: a}") + policy("{policyTypes: [Ingress]}"), "/a no, * no, shop* no"},
		{"a namespace that is filled in later", workloadOf("'${NS}'", "a", "{app: a}") + named("'${NS}'", "p", denyA), "${NS}/a yes, * no"},
		// Nothing says that it will be applied to shop.
		{"a policy whose namespace is given later", workloadOf("shop", "a", "{}") + named(`""`, "p", "{policyTypes: [Egress]}"), "shop/a no, * yes, shop* no"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, view := loadTree(tt.yaml)
			if got := isolationOf(view, netpol.New(view)); got != tt.want {
				t.Errorf("isolated for egress: %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestUnknownFlows(t *testing.T) {
	pods := workloadOf("shop", "a", "{app: a}") + workloadOf("other", "c", "{app: c}")
	declared := "---\n{apiVersion: v1, kind: Namespace, metadata: {name: other, labels: %s}}\n"
	toTeam := onlyA("egress", "{to: [{namespaceSelector: {matchLabels: {team: other}}}]}")
	tests := []struct{ name, yaml, want string }{
		{"a namespace that is not declared", pods + toTeam, "perhaps every port / every port"},
		{"a namespace that is", pods + toTeam + fmt.Sprintf(declared, "{team: other}"), "every port / every port"},
		{"a namespace without the label", pods + toTeam + fmt.Sprintf(declared, "{}"), "- / every port"},
		{"a label that is filled in later", pods + toTeam + fmt.Sprintf(declared, "{team: '${TEAM}'}"), "perhaps every port / every port"},
		{"a namespace declared twice", pods + toTeam + fmt.Sprintf(declared, "{team: other}") + fmt.Sprintf(declared, "{team: x}"), "perhaps every port / every port"},
		{
			"the name of one that is not declared", pods + onlyA("egress", "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}]}"),
			"every port / every port",
		},
		{
			"not the name of one that is not declared", pods + onlyA("egress", "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}]}"),
			"- / every port",
		},
		{
			"NotIn of one that is not declared", pods + onlyA("egress", "{to: [{namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [x]}]}}]}"),
			"perhaps every port / every port",
		},
		{
			"a peer that is filled in later", pods + onlyA("egress", "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: '${APP}'}}}], ports: [{port: 1}]}"),
			"perhaps TCP/1 / every port",
		},
		{"a foreign policy where one is isolated", pods + cilium + onlyA("egress", "{ports: [{port: 1}]}"), "TCP/1; perhaps TCP/2-65535, every UDP port, every SCTP port / every port"},
		{
			"rivals", pods + policy("{policyTypes: [Egress], egress: [{ports: [{port: 1}]}]}") + policy("{policyTypes: [Egress], egress: [{ports: [{port: 2}]}]}"),
			"perhaps every port / every port",
		},
		{
			"ports of rival pods", "---\n{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: other}, spec: {containers: [{name: c, ports: [{name: web, containerPort: 80}]}]}}\n" +
				"---\n{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: other}, spec: {containers: [{name: c, ports: [{name: web, containerPort: 8080}]}]}}\n" +
				workloadOf("shop", "a", "{app: a}") + onlyA("egress", "{ports: [{port: web}]}"),
			"perhaps every TCP port / every port",
		},
		{
			"one port of rival pods", "---\n{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: other}, spec: {containers: [{name: c, ports: [{name: web, containerPort: 80}]}]}}\n" +
				"---\n{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: other}, spec: {containers: [{name: c, ports: [{name: web, containerPort: 80}, {containerPort: 81}]}]}}\n" +
				workloadOf("shop", "a", "{app: a}") + onlyA("egress", "{ports: [{port: web}]}"),
			"TCP/80 / every port",
		},
		{
			"pods whose namespace is given later", workloadOf("", "c", "{app: c}") + workloadOf("shop", "a", "{app: a}") + onlyA("egress", "{to: [{podSelector: {}}]}"),
			"- / every port",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, view := loadTree(tt.yaml)
			checkFlows(t, netpol.New(view), "a > c: "+tt.want)
		})
	}
}

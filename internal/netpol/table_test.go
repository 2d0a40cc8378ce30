package netpol_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/netpol"
)

// stage is the cluster on which most rows play. The namespaces shop and other
// have the labels team=shop and team=other, and every pod has the label app
// with its name.
const stage = `
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: other, labels: {team: other}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop, labels: {app: a, tier: front}},
 spec: {containers: [{name: c, ports: [{name: web, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop, labels: {app: b}},
 spec: {containers: [{name: c, ports: [{name: web, containerPort: 8080}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: other, labels: {app: c, tier: front}},
 spec: {containers: [{name: c, ports: [{name: web, containerPort: 80, protocol: UDP}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: shop, labels: {app: host}},
 spec: {hostNetwork: true, containers: [{name: c}]}}
`

// policy is a policy of the namespace shop.
func policy(spec string) string { return named("shop", "p", spec) }

func named(namespace, name, spec string) string {
	return fmt.Sprintf("---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: %s, namespace: %s}, spec: %s}\n", name, namespace, spec)
}

// onlyA is a policy of shop for the pods of a, with one rule in a direction.
func onlyA(direction, rule string) string {
	return policy(fmt.Sprintf("{podSelector: {matchLabels: {app: a}}, policyTypes: [Ingress, Egress], %s: [%s]}", direction, rule))
}

// flowsOf writes the flows between the wanted ends, each as
// "egress / ingress".
func flowsOf(e *netpol.Engine) map[string]string {
	all := map[string]string{}
	for f := range e.Flows(addresses) {
		all[bare(f.From)+" > "+bare(f.To)] = sideOf(f.Egress) + " / " + sideOf(f.Ingress)
	}
	return all
}

// sideOf writes one side: what is sure before "perhaps", "-" for nothing.
func sideOf(a *netpol.Allowed) string {
	if a == nil {
		return "*" // an address
	}
	var parts []string
	if !a.Sure.Empty() {
		parts = append(parts, a.Sure.String())
	}
	if !a.Unknown.Empty() {
		parts = append(parts, "perhaps "+a.Unknown.String())
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, "; ")
}

// checkFlows compares flows, written one a line as "a > b: egress / ingress".
func checkFlows(t *testing.T, e *netpol.Engine, want string) {
	t.Helper()
	got := flowsOf(e)
	for line := range strings.Lines(want) {
		ends, sides, _ := strings.Cut(strings.TrimSpace(line), ": ")
		is, ok := got[ends]
		if !ok {
			is = "nothing"
		}
		if ends != "" && is != sides {
			t.Errorf("%s: %s, want %s", ends, is, sides)
		}
	}
}

func TestSemantics(t *testing.T) {
	tests := []struct{ name, policies, want string }{
		{"no policies", "", `a > b: every port / every port
			a > 8.8.8.8: every port / *
			8.8.8.8 > a: * / every port`},

		// Which directions a policy governs.
		{"policyTypes absent, egress absent", policy("{podSelector: {}}"), "a > b: every port / -\na > 8.8.8.8: every port / *"},
		{"policyTypes absent, egress null", policy("{podSelector: {}, egress: null}"), "a > b: every port / -"},
		{"policyTypes absent, egress []", policy("{podSelector: {}, egress: []}"), "a > b: every port / -"},
		{"policyTypes null, egress []", policy("{podSelector: {}, policyTypes: null, egress: []}"), "a > b: every port / -"},
		{"policyTypes [], one egress rule", policy("{podSelector: {}, policyTypes: [], egress: [{ports: [{port: 1}]}]}"), "a > b: TCP/1 / -"},
		{"policyTypes absent, ingress and egress rules", policy("{podSelector: {}, ingress: [{ports: [{port: 2}]}], egress: [{ports: [{port: 1}]}]}"), "a > b: TCP/1 / TCP/2"},
		{"Egress without rules", policy("{podSelector: {}, policyTypes: [Egress]}"), "a > b: - / every port\na > 8.8.8.8: nothing"},
		{"Egress with null", policy("{podSelector: {}, policyTypes: [Egress], egress: null}"), "a > b: - / every port"},
		{"egress rules are dead under Ingress", policy("{podSelector: {}, policyTypes: [Ingress], egress: [{ports: [{port: 1}]}]}"), "a > b: every port / -"},
		{"ingress rules are dead under Egress", policy("{podSelector: {}, policyTypes: [Egress], ingress: [{}]}"), "a > b: - / every port"},

		// Which pods a policy governs.
		{"podSelector {}", policy("{podSelector: {}, policyTypes: [Egress]}"), "a > c: - / every port\nb > c: - / every port\nc > a: every port / every port"},
		{"podSelector null", policy("{podSelector: null, policyTypes: [Egress]}"), "a > c: - / every port\nb > c: - / every port"},
		{"podSelector absent", policy("{policyTypes: [Egress]}"), "a > c: - / every port\nb > c: - / every port"},
		{"matchLabels {}", policy("{podSelector: {matchLabels: {}}, policyTypes: [Egress]}"), "a > c: - / every port\nb > c: - / every port"},
		{"matchLabels null", policy("{podSelector: {matchLabels: null, matchExpressions: []}, policyTypes: [Egress]}"), "b > c: - / every port"},
		{"matchLabels", policy("{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]}"), "a > c: - / every port\nb > c: every port / every port"},
		{
			"In", policy("{podSelector: {matchExpressions: [{key: app, operator: In, values: [b, x]}]}, policyTypes: [Egress]}"),
			"a > c: every port / every port\nb > c: - / every port",
		},
		{
			"NotIn selects where the key is absent", policy("{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}, policyTypes: [Egress]}"),
			"a > c: every port / every port\nb > c: - / every port",
		},
		{
			"DoesNotExist", policy("{podSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}, policyTypes: [Egress]}"),
			"a > c: every port / every port\nb > c: - / every port",
		},
		{
			"Exists", policy("{podSelector: {matchExpressions: [{key: tier, operator: Exists, values: []}]}, policyTypes: [Egress]}"),
			"a > c: - / every port\nb > c: every port / every port",
		},
		{
			"labels and expressions are ANDed", policy("{podSelector: {matchLabels: {app: a}, matchExpressions: [{key: tier, operator: DoesNotExist}]}, policyTypes: [Egress]}"),
			"a > c: every port / every port",
		},
		{"two policies add up", onlyA("egress", "{ports: [{port: 1}]}") + named("shop", "q", "{policyTypes: [Egress], egress: [{ports: [{port: 7}]}]}"), "a > c: TCP/1, TCP/7 / every port\nb > c: TCP/7 / every port"},
		{"pods of the node's network", policy("{policyTypes: [Ingress, Egress]}"), "host > a: every port / -\na > host: - / every port\n8.8.8.8 > host: * / every port"},
		{"a pod reaches itself", policy("{policyTypes: [Ingress, Egress]}"), "a > a: every port / every port\na > b: nothing"},

		// Whom a rule is about.
		{"to missing", onlyA("egress", "{ports: [{port: 1}]}"), "a > c: TCP/1 / every port\na > 8.8.8.8: TCP/1 / *\na > fd00::1: TCP/1 / *"},
		{"to null", onlyA("egress", "{to: null}"), "a > c: every port / every port\na > fd00::1: every port / *"},
		{"to []", onlyA("egress", "{to: []}"), "a > c: every port / every port"},
		{"from []", onlyA("ingress", "{from: []}"), "c > a: every port / every port\n8.8.8.8 > a: * / every port"},
		{"a rule that is {}", onlyA("egress", "{}"), "a > c: every port / every port\na > host: every port / every port"},
		{"podSelector of the own namespace", onlyA("egress", "{to: [{podSelector: {}}]}"), "a > b: every port / every port\na > c: - / every port\na > 8.8.8.8: nothing"},
		{"namespaceSelector absent is not {}", onlyA("egress", "{to: [{podSelector: {matchLabels: {tier: front}}}]}"), "a > c: - / every port"},
		{"namespaceSelector null is absent", onlyA("egress", "{to: [{podSelector: {}, namespaceSelector: null}]}"), "a > b: every port / every port\na > c: - / every port"},
		{"namespaceSelector {}", onlyA("egress", "{to: [{namespaceSelector: {}}]}"), "a > b: every port / every port\na > c: every port / every port\na > 8.8.8.8: nothing"},
		{"by the name of the namespace", onlyA("egress", "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}]}"), "a > b: - / every port\na > c: every port / every port"},
		{
			"selectors in one peer are ANDed", onlyA("egress", "{to: [{namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: c}}}]}"),
			"a > b: - / every port\na > c: - / every port",
		},
		{
			"two peers are ORed", onlyA("egress", "{to: [{namespaceSelector: {matchLabels: {team: shop}}}, {podSelector: {matchLabels: {app: c}}}]}"),
			"a > b: every port / every port\na > c: - / every port",
		},
		{"a selector and a pod of the node's network", onlyA("egress", "{to: [{podSelector: {}}]}"), "a > host: perhaps every port / every port"},
		{"of another namespace", named("other", "p", "{policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}"), "a > c: every port / -"},

		// On which ports.
		{"ports null", onlyA("egress", "{ports: null}"), "a > c: every port / every port"},
		{"ports []", onlyA("egress", "{ports: []}"), "a > c: every port / every port"},
		{"protocol absent", onlyA("egress", "{ports: [{port: 53}]}"), "a > c: TCP/53 / every port"},
		{"protocol null", onlyA("egress", "{ports: [{port: 53, protocol: null}]}"), "a > c: TCP/53 / every port"},
		{"UDP only", onlyA("egress", "{ports: [{port: 53, protocol: UDP}]}"), "a > c: UDP/53 / every port"},
		{"port absent", onlyA("egress", "{ports: [{protocol: SCTP}]}"), "a > c: every SCTP port / every port"},
		{"an empty entry", onlyA("egress", "{ports: [{}]}"), "a > c: every TCP port / every port"},
		{"endPort is inclusive", onlyA("egress", "{ports: [{port: 80, endPort: 82}]}"), "a > c: TCP/80-82 / every port"},
		{"a range of one", onlyA("egress", "{ports: [{port: 80, endPort: 80}]}"), "a > c: TCP/80 / every port"},
		{"the highest port", onlyA("egress", "{ports: [{port: 65535}]}"), "a > c: TCP/65535 / every port"},
		{"a name, by name and protocol", onlyA("egress", "{ports: [{port: web}]}"), "a > b: TCP/8080 / every port\na > c: - / every port\na > 8.8.8.8: nothing"},
		{"a name of UDP", onlyA("egress", "{ports: [{port: web, protocol: UDP}]}"), "a > b: - / every port\na > c: UDP/80 / every port"},
		{"a name and a block", onlyA("egress", "{to: [{ipBlock: {cidr: 8.0.0.0/8}}], ports: [{port: web}]}"), "a > 8.8.8.8: nothing\na > b: perhaps TCP/8080 / every port"},
		{"a name of the destination on ingress", onlyA("ingress", "{ports: [{port: web}]}"), "b > a: every port / TCP/80\n8.8.8.8 > a: * / TCP/80"},

		// Addresses.
		{"all of IPv4", onlyA("egress", "{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}"), "a > 8.8.8.8: every port / *\na > fd00::1: nothing\na > c: every port / every port"},
		{"all of IPv6", onlyA("egress", "{to: [{ipBlock: {cidr: '::/0'}}]}"), "a > 8.8.8.8: nothing\na > fd00::1: every port / *\na > c: perhaps every port / every port"},
		{"a private range", onlyA("egress", "{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}"), "a > 10.1.2.3: every port / *\na > 8.8.8.8: nothing\na > c: perhaps every port / every port"},
		{"except", onlyA("egress", "{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}"), "a > 10.1.2.3: nothing\na > 10.2.0.1: every port / *"},
		{
			"the except of one block is not that of another", onlyA("egress", "{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {ipBlock: {cidr: 10.1.2.0/24}}]}"),
			"a > 10.1.2.3: every port / *",
		},
		{"fd00::/8 is not 253.0.0.0/8", onlyA("egress", "{to: [{ipBlock: {cidr: 'fd00::/8'}}]}"), "a > fd00::1: every port / *\na > 253.0.0.1: nothing"},
		{"bits after the prefix", onlyA("egress", "{to: [{ipBlock: {cidr: 10.1.2.3/8}}]}"), "a > 10.2.0.1: every port / *"},
		{"from an address", onlyA("ingress", "{from: [{ipBlock: {cidr: 8.8.8.0/24}}]}"), "8.8.8.8 > a: * / every port\n10.1.2.3 > a: nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, view := loadTree(stage + tt.policies)
			if len(view.Problems) > 0 {
				t.Fatal(view.Problems)
			}
			checkFlows(t, netpol.New(view), tt.want)
		})
	}
}

// TestMappedAddress asks for an address of IPv4 as IPv6 writes it.
func TestMappedAddress(t *testing.T) {
	_, view := loadTree(stage + onlyA("egress", "{to: [{ipBlock: {cidr: 8.0.0.0/8}}]}"))
	for f := range netpol.New(view).Flows([]netip.Addr{netip.MustParseAddr("::ffff:8.8.8.8")}) {
		if bare(f.From) == "a" && bare(f.To) == "::ffff:8.8.8.8" {
			return // there is no flow where nothing is allowed
		}
	}
	t.Error("8.0.0.0/8 does not hold ::ffff:8.8.8.8")
}

// TestEqualLabels asks of pods that differ in nothing but their ports, or in
// whether they are in the network of their node.
func TestEqualLabels(t *testing.T) {
	pod := func(name, spec string) string {
		return fmt.Sprintf("---\n{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: shop, labels: {app: x}}, spec: {%s}}\n", name, spec)
	}
	_, view := loadTree(stage + onlyA("egress", "{ports: [{port: web}]}") + named("shop", "deny", "{policyTypes: [Ingress]}") +
		pod("x1", "containers: [{name: c, ports: [{name: web, containerPort: 1}]}]") +
		pod("x2", "containers: [{name: c, ports: [{name: web, containerPort: 2}]}]") +
		pod("x3", "hostNetwork: true, containers: [{name: c, ports: [{name: web, containerPort: 1}]}]"))
	checkFlows(t, netpol.New(view), `a > x1: TCP/1 / -
		a > x2: TCP/2 / -
		a > x3: TCP/1 / every port`)
}

// TestPodTemplates finds the labels of the pods of every kind of workload, not
// those around them.
func TestPodTemplates(t *testing.T) {
	const pod = "{metadata: {labels: {app: x}}, spec: {containers: [{name: c}]}}"
	for kind, object := range map[string]string{
		"Deployment":            "apiVersion: apps/v1, spec: {selector: {}, template: " + pod + "}",
		"DaemonSet":             "apiVersion: apps/v1, spec: {selector: {}, template: " + pod + "}",
		"StatefulSet":           "apiVersion: apps/v1, spec: {selector: {}, template: " + pod + "}",
		"Job":                   "apiVersion: batch/v1, spec: {template: " + pod + "}",
		"CronJob":               "apiVersion: batch/v1, spec: {jobTemplate: {metadata: {labels: {app: z}}, spec: {template: " + pod + "}}}",
		"ReplicationController": "apiVersion: v1, spec: {template: " + pod + "}",
	} {
		t.Run(kind, func(t *testing.T) {
			_, view := loadTree(policy("{podSelector: {matchLabels: {app: x}}, policyTypes: [Egress]}") +
				fmt.Sprintf("---\n{kind: %s, metadata: {name: w, namespace: shop, labels: {app: y}}, %s}\n", kind, object))
			e := netpol.New(view)
			for _, w := range view.Workloads {
				if got := e.Isolated(w, cluster.Egress); got.String() != "yes" {
					t.Errorf("isolated for egress: %s", got)
				}
			}
			// Its pods are more than one, and need rules to reach each other.
			checkFlows(t, e, "w > w: - / every port")
			if len(view.Workloads) != 1 {
				t.Errorf("%d workloads", len(view.Workloads))
			}
		})
	}
}

// TestEndpoints has workloads that share a name in all ways: each is an
// endpoint of its own, and no port of one is taken for a port of another.
func TestEndpoints(t *testing.T) {
	const (
		a = "---\n{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: %s}, spec: {containers: [{name: c, ports: [%s]}]}}\n"
		b = "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: x}, spec: {selector: {}, template: {spec: {containers: [{name: c}]}}}}\n"
	)
	_, view := loadTree(fmt.Sprintf(a, "x", "{name: 'p TCP 1} {q', containerPort: 2}") + b + fmt.Sprintf(a, "'${X}'", "{name: p, containerPort: 1}, {name: q, containerPort: 2}"))
	got := netpol.New(view).Endpoints(nil)
	if want := []string{"${X}/a", "x/a (Deployment)", "x/a (Pod)"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

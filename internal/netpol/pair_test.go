package netpol_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/netpol"
)

// pairsOf writes what comes of all peers of all policies, without those that
// have no gap: "own -> pods: missing (passing; policies)".
func pairsOf(view *cluster.View, e *netpol.Engine) string {
	var all []string
	for _, p := range view.Policies {
		for _, d := range []cluster.Direction{cluster.Ingress, cluster.Egress} {
			for i, r := range p.Rules[d] {
				for j := range r.Peers {
					all = append(all, pairText(p.Name, e.Pair(p, d, i, j))...)
				}
			}
		}
	}
	return strings.Join(all, "\n")
}

func pairText(name string, pairing netpol.Pairing) []string {
	var all []string
	for _, g := range pairing.Gaps {
		text := fmt.Sprintf("%s: %s with %s lacks %s", name, strings.Join(pairing.Own, "+"), strings.Join(g.Pods, "+"), strings.Join(g.Missing, "+"))
		if len(g.Passing) > 0 {
			text += " has " + strings.Join(g.Passing, "+")
		}
		by := []string{text}
		for _, p := range g.Isolating {
			by = append(by, p.Name)
		}
		all = append(all, strings.Join(by, " by "))
	}
	if pairing.Undecided != "" {
		all = append(all, name+": "+pairing.Undecided)
	}
	return all
}

// TestPair compares pairs on small clusters, most of them of policies alone:
// then pods with the labels that are asked for stand in.
func TestPair(t *testing.T) {
	deny := named("shop", "deny", "{policyTypes: [Ingress, Egress]}")
	toDB := "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}]}"
	fromAPI := "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [%s]}]}"
	from := func(ports string) string { return named("shop", "from", fmt.Sprintf(fromAPI, ports)) }
	to := named("shop", "to", toDB)
	pods := workloadOf("shop", "api", "{app: api}") + workloadOf("shop", "db", "{app: db}")
	byName := "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %s}}}], ports: [{port: 53, protocol: UDP}]}]}"
	const db = "---\n{apiVersion: v1, kind: Pod, metadata: {name: db%d, namespace: shop, labels: {app: db%[1]d, kind: db}}, spec: {containers: [{name: c, ports: [{name: pg, containerPort: %d}]}]}}\n"
	twoDBs := fmt.Sprintf(db, 1, 5432) + fmt.Sprintf(db, 2, 5433) + workloadOf("shop", "api", "{app: api}")
	fromTwo := func(ports string) string { return strings.Replace(from(ports), "app: db", "kind: db", 1) }
	const toOne = "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db%d}}}], ports: [{port: %s}]}]}"

	tests := []struct{ name, yaml, want string }{
		{"both sides", pods + deny + to + from("{port: 5432}"), ""},
		{"nobody is isolated", pods + to, ""},
		{"one side", pods + deny + to, "to: shop/api with shop/db lacks TCP/5432 by deny"},
		{"the other side", pods + deny + from("{port: 5432}"), "from: shop/db with shop/api lacks TCP/5432 by deny"},
		{"other ports", pods + deny + to + from("{port: 5433}"), "to: shop/api with shop/db lacks TCP/5432 by deny by from\nfrom: shop/db with shop/api lacks TCP/5433 by deny by to"},
		{"some of the ports", pods + deny + to + from("{port: 5432, endPort: 5433}"), ""}, // a range asks for some port
		{"some of the ports by number", pods + deny + to + from("{port: 5432}, {port: 5433}"), "from: shop/db with shop/api lacks TCP/5433 has TCP/5432 by deny by to"},
		{"another protocol", pods + deny + to + from("{port: 5432, protocol: UDP}"), "to: shop/api with shop/db lacks TCP/5432 by deny by from\nfrom: shop/db with shop/api lacks UDP/5432 by deny by to"},
		{"every port asks for some", pods + deny + to + from(""), ""},
		{"every port of a protocol asks for some", pods + deny + to + from("{protocol: TCP}"), ""},
		{"a range of every port asks for some", pods + deny + to + from("{port: 1, endPort: 65535}"), ""},
		{"and of another for some of that", pods + deny + to + from("{protocol: UDP}, {port: 5432}"), "from: shop/db with shop/api lacks every UDP port has TCP/5432 by deny by to"},
		{"a name that a pod does not have", pods + deny + to + from("{port: pg}, {port: 5432}"), ""},
		{"a rule to itself", workloadOf("shop", "api", "{app: api}") + deny + named("shop", "p", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: api}}}]}]}"), ""},
		{"a dead rule", pods + deny + named("shop", "p", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}"), ""},
		{"everyone of the namespace", pods + deny + named("shop", "p", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}"), ""},
		{"everyone", pods + deny + named("shop", "p", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]}"), ""},
		{"a namespace of which one gets through", pods + deny + named("shop", "to", fmt.Sprintf(byName, "shop")) + named("shop", "p", "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{}]}"), ""},
		{
			"a namespace of which none gets through", workloadOf("dns", "a", "{app: a}") + workloadOf("dns", "b", "{app: b}") + named("dns", "deny", "{policyTypes: [Ingress]}") +
				workloadOf("shop", "api", "{app: api}") + named("shop", "to", fmt.Sprintf(byName, "dns")),
			"to: shop/api with dns/a+dns/b lacks UDP/53 by deny",
		},

		{"stand-ins on both sides", deny + to, `to: pods with app=api in namespace "shop" with pods with app=db in namespace "shop" lacks TCP/5432 by deny`},
		{"stand-ins that pass", deny + to + from("{port: 5432}"), ""},
		{"a stand-in that other labels may select", deny + to + named("shop", "p", "{podSelector: {matchLabels: {tier: back}}, policyTypes: [Ingress], ingress: [{}]}"), "to: labels or namespaces are not in the tree"},
		{"a policy that may isolate beside one that does", deny + to + named("shop", "p", "{podSelector: {matchLabels: {tier: back}}, policyTypes: [Ingress]}"), `to: pods with app=api in namespace "shop" with pods with app=db in namespace "shop" lacks TCP/5432 by deny`},
		{"a stand-in that no policy isolates", to, ""},
		{"a stand-in that a policy may isolate", to + named("shop", "p", "{podSelector: {matchLabels: {tier: back}}, policyTypes: [Ingress]}"), "to: labels or namespaces are not in the tree"},
		{"a stand-in that other labels do not select", deny + to + named("shop", "p", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{}]}"), `to: pods with app=api in namespace "shop" with pods with app=db in namespace "shop" lacks TCP/5432 by deny`},
		{
			"a stand-in without a label", deny + named("shop", "to", strings.Replace(toDB, "{matchLabels: {app: db}}", "{matchExpressions: [{key: old, operator: DoesNotExist}]}", 1)) +
				named("shop", "p", "{podSelector: {matchLabels: {old: a}}, policyTypes: [Ingress], ingress: [{}]}"),
			"", // everyone but some
		},
		{"the pods of another namespace", named("dns", "deny", "{policyTypes: [Ingress]}") + named("shop", "to", fmt.Sprintf(byName, "dns")), `to: pods with app=api in namespace "shop" with the pods of namespace "dns" lacks UDP/53 by deny`},
		{
			"a name that a stand-in may have", deny + named("shop", "to", strings.Replace(toDB, "5432", "pg", 1)) + from("{port: 5432}"),
			"to: the port's number is not in the tree\nfrom: the port's number is not in the tree",
		},
		{
			"a name that nothing lets through", deny + named("shop", "to", strings.Replace(toDB, "5432", "pg", 1)),
			`to: pods with app=api in namespace "shop" with pods with app=db in namespace "shop" lacks TCP/pg by deny`,
		},

		{
			"a name only on the pods of the other rule", twoDBs + deny + fromTwo("{port: 5433}") + named("shop", "to", fmt.Sprintf(toOne, 1, "pg")),
			"from: shop/db1+shop/db2 with shop/api lacks TCP/5433 by deny by to\nto: shop/api with shop/db1 lacks pg (TCP/5432) by deny by from",
		},
		{
			"a name only on the pods that have its number", twoDBs + deny + fromTwo("{port: pg}") + named("shop", "to", fmt.Sprintf(toOne, 1, "5433")) + named("shop", "to2", fmt.Sprintf(toOne, 2, "5432")),
			"from: shop/db1+shop/db2 with shop/api lacks pg (TCP/5432)+pg (TCP/5433) by deny by to by to2\n" +
				"to: shop/api with shop/db1 lacks TCP/5433 by deny by from\nto2: shop/api with shop/db2 lacks TCP/5432 by deny by from",
		},

		{"a foreign policy", pods + deny + to + cilium, "to: policies that are not read may apply"},
		{"an ipBlock", pods + deny + to + named("shop", "p", "{policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"), "to: an ipBlock may hold the pods' addresses"},
		{"all of IPv4", pods + deny + to + named("shop", "p", "{policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"), ""},
		{
			"a namespace that is not declared", pods + deny + to + named("shop", "p", "{policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: api}}}]}]}"),
			"to: labels or namespaces are not in the tree\np: labels or namespaces are not in the tree",
		},
		{
			"own pods whose labels are filled in later", workloadOf("shop", "api", "{app: api}") + workloadOf("shop", "db", "{app: '${DB}'}") + deny + from("{port: 5432}"),
			"from: labels or namespaces are not in the tree",
		},
		{
			"peers that may be in the network of their node", strings.Replace(workloadOf("shop", "api", "{app: api}"), "spec: {", "spec: {hostNetwork: '${HOST}', ", 1) + workloadOf("shop", "db", "{app: db}") + deny + from("{port: 5432}"),
			"from: labels or namespaces are not in the tree",
		},
		{
			"one of two pods of a namespace that has a block",
			workloadOf("other", "c", "{app: c}") + workloadOf("other", "d", "{app: d}") + workloadOf("shop", "db", "{app: db}") +
				named("other", "deny", "{policyTypes: [Egress]}") +
				named("other", "block", "{podSelector: {matchLabels: {app: d}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}") +
				named("shop", "from", "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}], ports: [{port: 5432}]}]}"),
			"from: an ipBlock may hold the pods' addresses",
		},
		{"a rival that isolates", pods + named("shop", "deny", "{policyTypes: [Ingress, Egress]}") + named("shop", "deny", "{policyTypes: [Egress]}") + to, "to: only one of several objects with one name can apply"},
		{"a rival that lets through", pods + deny + to + from("{port: 5432}") + from("{port: 5433}"), "to: only one of several objects with one name can apply\nfrom: shop/db with shop/api lacks TCP/5433 by deny by to"},
		{
			"a port that one of two rivals has", "---\n{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: [{name: c, ports: [{name: pg, containerPort: 5432}]}]}}\n" +
				"---\n{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: [{name: c, ports: [{name: pg, containerPort: 5433}]}]}}\n" +
				workloadOf("shop", "api", "{app: api}") + deny + named("shop", "to", strings.Replace(toDB, "5432", "pg", 1)) + from("{port: 5432}"),
			"to: the port's number is not in the tree\nfrom: the port's number is not in the tree",
		},
		{
			"own pods of which one is not known", workloadOf("shop", "api", "{app: api}") + workloadOf("shop", "db", "{app: db}") + workloadOf("shop", "db2", "{app: '${DB}', tier: back}") + deny +
				from("{port: 5432}") + named("shop", "to", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchExpressions: [{key: tier, operator: In, values: [back]}]}}]}]}"),
			"from: labels or namespaces are not in the tree\nto: labels or namespaces are not in the tree",
		},
		{
			"a policy whose namespace is given later", pods + deny + from("{port: 5432}") + named(`""`, "to", toDB),
			// Nothing says that it will be applied to shop.
			"from: shop/db with shop/api lacks TCP/5432 by deny\nto: labels or namespaces are not in the tree",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, view := loadTree(tt.yaml)
			if got := pairsOf(view, netpol.New(view)); got != tt.want {
				t.Errorf("pairs:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

package cluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
)

// describe tells everything that a policy says, in one line: the selector, the
// types, then the rules with peers and ports. A list that is nil, and so means
// everyone, is "all".
func describePolicy(p *Policy) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %v", describeSelector(p.Pods), p.Types)
	for _, d := range []Direction{Ingress, Egress} {
		for _, r := range p.Rules[d] {
			fmt.Fprintf(&b, " %s(%s; %s)", d.PeersKey(), describePeers(r.Peers), describePorts(r.Ports))
		}
	}
	return b.String()
}

func describeSelector(s *Selector) string {
	switch {
	case s == nil:
		return "-"
	case s.Key == "":
		return "{}"
	default:
		return "{" + s.Key + "}"
	}
}

func describePeers(peers []Peer) string {
	if len(peers) == 0 {
		return "all"
	}
	var all []string
	for _, p := range peers {
		if p.Block != nil {
			all = append(all, strings.Join(append([]string{p.Block.CIDR}, p.Block.Except...), "-"))
			continue
		}
		all = append(all, describeSelector(p.Namespaces)+"/"+describeSelector(p.Pods))
	}
	return strings.Join(all, " ")
}

func describePorts(ports []networkingv1.NetworkPolicyPort) string {
	if len(ports) == 0 {
		return "all"
	}
	var all []string
	for _, p := range ports {
		text := "*"
		if p.Protocol != nil {
			text = string(*p.Protocol)
		}
		if p.Port != nil {
			text += ":" + p.Port.String()
		}
		if p.EndPort != nil {
			text += fmt.Sprint("-", *p.EndPort)
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

var acceptTests = []struct{ name, text, want string }{
	{"no spec", bodyText("metadata: {name: p}\n"), "{} []"},
	{"null spec", policyText("null"), "{} []"},
	{"empty spec", policyText("{}"), "{} []"},
	{"null everywhere", policyText("{podSelector: , policyTypes: null, ingress: ~, egress: }"), "{} []"},
	{"empty everywhere", policyText("{podSelector: {}, policyTypes: [], ingress: [], egress: []}"), "{} []"},
	{"null in the selector", selectorText("{matchLabels: null, matchExpressions: ~}"), "{} []"},
	{"empty in the selector", selectorText("{matchLabels: {}, matchExpressions: []}"), "{} []"},
	{"null rule", ruleText("null"), "{} [] to(all; all)"},
	{"empty rule", ruleText("{}"), "{} [] to(all; all)"},
	{"null rule as a dash", policyText("\n  egress:\n  -\n  ingress:\n  - "), "{} [] from(all; all) to(all; all)"},
	{"null lists", ruleText("{to: null, ports: }"), "{} [] to(all; all)"},
	{"empty lists", ruleText("{to: [], ports: []}"), "{} [] to(all; all)"},
	{"null port", portText("null"), "{} [] to(all; *)"},
	{"empty port", portText("{}"), "{} [] to(all; *)"},
	{"null in a port", portText("{protocol: null, port: ~, endPort: }"), "{} [] to(all; *)"},
	{"empty pods", peerText("{podSelector: {}}"), "{} [] to(-/{}; all)"},
	{"empty namespaces", peerText("{namespaceSelector: {}}"), "{} [] to({}/-; all)"},
	{"empty both", peerText("{namespaceSelector: {}, podSelector: {}}"), "{} [] to({}/{}; all)"},
	{"null beside namespaces", peerText("{namespaceSelector: {}, podSelector: null, ipBlock: ~}"), "{} [] to({}/-; all)"},
	{"null beside a block", peerText("{podSelector: , ipBlock: {cidr: 10.0.0.0/8, except: }}"), "{} [] to(10.0.0.0/8; all)"},
	{"empty except", blockText("{cidr: 10.0.0.0/8, except: []}"), "{} [] to(10.0.0.0/8; all)"},
	{"null values of Exists", expressionText("{key: a, operator: Exists, values: null}"), "{a} []"},
	{"empty values of DoesNotExist", expressionText("{key: a, operator: DoesNotExist, values: []}"), "{!a} []"},
	{"null label is empty", labelsText("{a: , b: ''}"), "{a=,b=} []"},
	{"empty value", expressionText("{key: a, operator: NotIn, values: ['', b]}"), "{a notin (,b)} []"},

	{"types", policyText("{policyTypes: [Egress, Ingress]}"), "{} [Egress Ingress]"},
	{"one type twice", policyText("{policyTypes: [Egress, Egress]}"), "{} [Egress Egress]"},
	{"anything else of metadata", bodyText(`metadata:
  generateName: p-
  annotations: {a b: "1", c: , d: 'x: y'}
  creationTimestamp: null
  deletionTimestamp: 2024-01-01T00:00:00Z
  finalizers: [a/b]
  generation: 1
  managedFields: [{manager: kubectl}]
  ownerReferences: [{apiVersion: v1, kind: Pod, name: x, uid: y}]
  resourceVersion: "1"
  selfLink: /x
  uid: z
  labels: {app.kubernetes.io/name: web, empty: ""}
status: {conditions: [{type: x}]}
`), "{} []"},
	{"name and generateName", bodyText("metadata: {name: p, generateName: p-}\n"), "{} []"},
	{"name with dots", bodyText("metadata: {name: 10.web, namespace: '1'}\n"), "{} []"},
	{"tagged texts", bodyText("metadata: {name: !!str 12}\nspec: {podSelector: {matchLabels: {a: !!str yes}}}\n"), "{a=yes} []"},

	{"quoted numbers", labelsText(`{a: "1", b: '1.10', c: "true", d: 'yes', e: "null"}`), "{a=1,b=1.10,c=true,d=yes,e=null} []"},
	{"block texts", policyText("\n  podSelector:\n    matchLabels:\n      a: |-\n        1\n      b: >-\n        2"), "{a=1,b=2} []"},
	{"texts that look like numbers", labelsText("{a: 1.2.3, b: v1, c: 1a, d: 10.0.0.1, e: trueish, f: nope, g: None}"), "{a=1.2.3,b=v1,c=1a,d=10.0.0.1,e=trueish,f=nope,g=None} []"},
	{"a date is a text", labelsText("{a: 2024-01-01}"), "{a=2024-01-01} []"},
	{"quoted keys", policyText(`{"podSelector": {'matchLabels': {"a": "b"}}}`), "{a=b} []"},
	{"a number as a key", labelsText("{1: a}"), "{1=a} []"},
	{"expressions", selectorText("{matchLabels: {b: c}, matchExpressions: [{key: a, operator: In, values: [y1, x]}, {key: c, operator: NotIn, values: [z]}]}"), "{a in (x,y1),b=c,c notin (z)} []"},

	{"aliases", policyText("{podSelector: &s {matchLabels: {a: b}}, egress: [{to: &t [{podSelector: *s}], ports: &p [{port: &n 53}]}, {to: *t, ports: *p}, {ports: [{port: *n, protocol: &u UDP}, {protocol: *u}]}]}"),
		"{a=b} [] to(-/{a=b}; *:53) to(-/{a=b}; *:53) to(all; UDP:53 UDP)"},
	{"merge keys", policyText(`
  podSelector:
    matchLabels: &l {a: b, c: d}
  egress:
  - &r
    to: [{podSelector: {matchLabels: {<<: *l, c: e}}}]
    ports: [{port: 53}]
  - {<<: *r, ports: [{port: 54}]}
  - {<<: [{ports: [{port: 55}]}, *r]}`),
		"{a=b,c=d} [] to(-/{a=b,c=e}; *:53) to(-/{a=b,c=e}; *:54) to(-/{a=b,c=e}; *:55)"},
	{"an alias for a key", strings.Replace(policyText("{podSelector: {matchLabels: {*k : b}}}"), "name: p", "name: &k p", 1), "{p=b} []"},

	{"leading zeros", blockText("{cidr: 010.000.0.0/8, except: [010.1.0.0/16]}"), "{} [] to(10.0.0.0/8-10.1.0.0/16; all)"},
	{"leading zero in the prefix", blockText("{cidr: 10.0.0.0/08}"), "{} [] to(10.0.0.0/8; all)"},
	{"bits after the prefix", blockText("{cidr: 10.1.2.3/8, except: [10.2.3.4/16]}"), "{} [] to(10.0.0.0/8-10.2.0.0/16; all)"},
	{"all addresses", blockText("{cidr: 0.0.0.0/0, except: [10.0.0.0/8, 192.168.0.0/16, 10.0.0.0/8]}"), "{} [] to(0.0.0.0/0-10.0.0.0/8-192.168.0.0/16-10.0.0.0/8; all)"},
	{"IPv6", blockText("{cidr: '::/0', except: ['fd00::/8', FE80::1/10]}"), "{} [] to(::/0-fd00::/8-fe80::/10; all)"},
	{"IPv6 without quotes", peerText("{ipBlock: {cidr: 2001:DB8::/32}}, {ipBlock: {cidr: ::1/128}}"), "{} [] to(2001:db8::/32 ::1/128; all)"},

	{"ports", portText("{port: 1}, {port: 65535, protocol: UDP}, {protocol: SCTP}"), "{} [] to(all; *:1 UDP:65535 SCTP)"},
	{"port names", portText("{port: http}, {port: '8080-tcp', protocol: UDP}, {port: a}, {port: x-1}"), "{} [] to(all; *:http UDP:8080-tcp *:a *:x-1)"},
	{"ranges", portText("{port: 80, endPort: 80}, {port: 1, endPort: 65535}, {endPort: 90, port: 80}"), "{} [] to(all; *:80-80 *:1-65535 *:80-90)"},
	{"hexadecimal port", portText("{port: 0x35}"), "{} [] to(all; *:53)"},

	{"comments", policyText(`# spec
  # a comment
  podSelector: # of the pods
    # nothing
    matchLabels:
      a: b # c
  egress: # rules
  # first
  - to: # peers
    - podSelector: {} # all
`), "{a=b} [] to(-/{}; all)"},
	{"JSON", `{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": {"podSelector": {"matchLabels": {"a": "1"}}, "policyTypes": ["Egress"], "egress": [{"to": null, "ports": [{"port": 53, "protocol": "UDP"}, {"port": "dns"}]}]}}`,
		"{a=1} [Egress] to(all; UDP:53 *:dns)"},
	{"carriage returns", strings.ReplaceAll(policyText("\n  podSelector:\n    matchLabels:\n      a: b\n  egress:\n  -"), "\n", "\r\n"), "{a=b} [] to(all; all)"},
}

func TestAccepted(t *testing.T) {
	for _, c := range acceptTests {
		t.Run(c.name, func(t *testing.T) {
			if got := describePolicy(onlyPolicy(t, c.text)); got != c.want {
				t.Errorf("read as %q, want %q\n%s", got, c.want, c.text)
			}
		})
	}
}

// The key egress matters even where it has no rules.
func TestHasEgress(t *testing.T) {
	for spec, want := range map[string]bool{"{}": false, "{egress: []}": true, "{egress: }": true, "{egress: [{}]}": true, "{ingress: []}": false} {
		if got := onlyPolicy(t, policyText(spec)).HasEgress; got != want {
			t.Errorf("%s: %v", spec, got)
		}
	}
}

func TestEffective(t *testing.T) {
	for _, c := range []struct {
		spec            string
		ingress, egress bool
	}{
		{"{}", true, false},
		{"{policyTypes: []}", true, false},
		{"{egress: []}", true, false},
		{"{egress: [{}]}", true, true},
		{"{policyTypes: , egress: [{}]}", true, true},
		{"{policyTypes: [Ingress], egress: [{}]}", true, false},
		{"{policyTypes: [Egress]}", false, true},
		{"{policyTypes: [Egress], ingress: [{}]}", false, true},
		{"{policyTypes: [Egress, Ingress]}", true, true},
	} {
		p := onlyPolicy(t, policyText(c.spec))
		if p.Effective(Ingress) != c.ingress || p.Effective(Egress) != c.egress {
			t.Errorf("%s: ingress %v, egress %v", c.spec, p.Effective(Ingress), p.Effective(Egress))
		}
	}
}

func TestDirection(t *testing.T) {
	for _, c := range []struct {
		d, opposite     Direction
		text, peers, of string
	}{
		{Ingress, Egress, "ingress", "from", "Ingress"},
		{Egress, Ingress, "egress", "to", "Egress"},
	} {
		got := []string{c.d.String(), c.d.PeersKey(), string(c.d.Type())}
		if c.d.Opposite() != c.opposite || !slices.Equal(got, []string{c.text, c.peers, c.of}) {
			t.Errorf("%v: %q, opposite %v", c.d, got, c.d.Opposite())
		}
	}
}

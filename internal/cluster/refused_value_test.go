package cluster

import (
	"strings"
	"testing"
)

// What the API server refuses in a value of the right shape. The source is
// ValidateNetworkPolicy in pkg/apis/networking/validation of Kubernetes.
var valueTests = []refusal{
	{"no metadata", "»apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {}\n", []string{"no name"}},
	{"null metadata", bodyText("metadata:»\n"), []string{"metadata has no name"}},
	{"no name", bodyText("metadata: »{namespace: ns}\n"), []string{"metadata has no name"}},
	{"null name", bodyText("metadata: »{name: null}\n"), []string{"metadata has no name"}},
	{"empty name", bodyText("metadata: {name: »''}\n"), []string{"name"}},
	{"empty generateName", bodyText("metadata: »{generateName: ''}\n"), []string{"metadata has no name"}},
	{"name in capitals", bodyText("metadata: {name: »Web}\n"), []string{`the name "Web" is refused by the API server: a lowercase RFC 1123 subdomain`}},
	{"name with an underscore", bodyText("metadata: {name: »a_b}\n"), []string{"the name"}},
	{"long name", bodyText("metadata: {name: »" + strings.Repeat("a", 254) + "}\n"), []string{"must be no more than 253"}},
	{"generateName that is a list", bodyText("metadata: {generateName: »[a]}\n"), []string{"generateName is a list"}},
	{"generateName in capitals", bodyText("metadata: {generateName: »Web-}\n"), []string{"Web-"}},
	{"namespace with a dot", bodyText("metadata: {name: p, namespace: »a.b}\n"), []string{`the namespace "a.b" is refused`}},
	{"namespace in capitals", bodyText("metadata: {name: p, namespace: »Team}\n"), []string{`the namespace "Team" is refused`}},
	{"long namespace", bodyText("metadata: {name: p, namespace: »" + strings.Repeat("a", 64) + "}\n"), []string{"must be no more than 63"}},
	{"label without a name", bodyText("metadata: {name: p, labels: {»a/: b}}\n"), []string{`the label "a/" is refused`}},
	{"label with a space", bodyText("metadata: {name: p, labels: {»a b: c}}\n"), []string{`the label "a b" is refused`}},
	{"long label value", bodyText("metadata: {name: p, labels: {a: »" + strings.Repeat("b", 64) + "}}\n"), []string{"must be no more than 63"}},
	{"label value with a slash", bodyText("metadata: {name: p, labels: {a: »b/c}}\n"), []string{`label a with the value "b/c" is refused`}},

	{"policy type in lower case", policyText("{policyTypes: [»egress]}"), []string{`"egress" is not one of Ingress, Egress: did you mean "Egress"?`}},
	{"policy type in capitals", policyText("{policyTypes: [»EGRESS]}"), []string{`did you mean "Egress"?`}},
	{"policy type unknown", policyText("{policyTypes: [Ingress, »Both]}"), []string{`"Both" is not one of Ingress, Egress`}},
	{"empty policy type", policyText("{policyTypes: [»'']}"), []string{`"" is not one of`}},
	{"null policy type", policyText("{policyTypes: [»null]}"), []string{"policy type"}},
	{"three policy types", policyText("{policyTypes: »[Ingress, Egress, Egress]}"), []string{"more than two"}},

	{"selector label without a name", labelsText("{»example.com/: a}"), []string{`the label "example.com/" is refused`}},
	{"selector label with a space", labelsText("{a: »b c}"), []string{`label a with the value "b c" is refused`}},
	{"selector label with a comma", labelsText("{a: »'b,c'}"), []string{"is refused"}},
	{"number as a label", labelsText("{a: »1}"), []string{"a is 1, which is no string to the API server: write it in quotes"}},
	{"version number as a label", labelsText("{a: »1.10}"), []string{"a is 1.10"}},
	{"exponent as a label", labelsText("{a: »12e5}"), []string{"a is 12e5"}},
	{"octal number as a label", labelsText("{a: »010}"), []string{"a is 010"}},
	{"grouped number as a label", labelsText("{a: »1_000}"), []string{"a is 1_000"}},
	{"hexadecimal number as a label", labelsText("{a: »0x1F}"), []string{"a is 0x1F"}},
	{"negative number as a label", labelsText("{a: »-1}"), []string{"a is -1"}},
	{"boolean as a label", labelsText("{a: »true}"), []string{"a is true"}},
	{"yes as a label", labelsText("{a: »yes}"), []string{"a is yes"}},
	{"off as a label", labelsText("{a: »off}"), []string{"a is off"}},
	{"y as a label", labelsText("{a: »y}"), []string{"a is y"}},

	{"no key", expressionText("»{operator: Exists}"), []string{"a match expression without key"}},
	{"bad key", expressionText("{key: »a b, operator: Exists}"), []string{`the label "a b" is refused`}},
	{"no operator", expressionText("»{key: a, values: [b]}"), []string{"a match expression without operator"}},
	{"operator in lower case", expressionText("{key: a, operator: »in, values: [b]}"), []string{`did you mean "In"?`}},
	{"operator in capitals", expressionText("{key: a, operator: »EXISTS}"), []string{`did you mean "Exists"?`}},
	{"operator of node selectors", expressionText("{key: a, operator: »Gt, values: [b]}"), []string{`operator "Gt" is not one of In, NotIn, Exists, DoesNotExist`}},
	{"operator of code", expressionText("{key: a, operator: »'==', values: [b]}"), []string{`operator "==" is not one of`}},
	{"In without values", expressionText("»{key: a, operator: In}"), []string{"operator In without values"}},
	{"NotIn with null values", expressionText("»{key: a, operator: NotIn, values: }"), []string{"operator NotIn without values"}},
	{"In with no values", expressionText("»{key: a, operator: In, values: []}"), []string{"operator In without values"}},
	{"Exists with values", expressionText("»{key: a, operator: Exists, values: [b]}"), []string{"operator Exists takes no values"}},
	{"DoesNotExist with values", expressionText("»{key: a, operator: DoesNotExist, values: [b]}"), []string{"operator DoesNotExist takes no values"}},
	{"bad value", expressionText("{key: a, operator: In, values: [b, »c/d]}"), []string{`the value "c/d" is refused`}},

	{"empty peer", peerText("»{}"), []string{"an empty peer"}},
	{"null peer", peerText("»null"), []string{"an empty peer"}},
	{"peer of nulls", peerText("»{podSelector: null, namespaceSelector: , ipBlock: ~}"), []string{"an empty peer"}},
	{"block and pods", peerText("»{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}"), []string{"either an ipBlock or selectors"}},
	{"block and namespaces", peerText("»{namespaceSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}"), []string{"either an ipBlock or selectors"}},
	{"no cidr", blockText("»{except: [10.0.0.0/9]}"), []string{"an ipBlock without cidr"}},
	{"empty block", blockText("»{}"), []string{"an ipBlock without cidr"}},
	{"null cidr", blockText("»{cidr: }"), []string{"an ipBlock without cidr"}},
	{"empty cidr", blockText("{cidr: »''}"), []string{"cidr"}},
	{"address for a cidr", blockText("{cidr: »10.0.0.1}"), []string{`cidr "10.0.0.1" is no block of addresses`}},
	{"host for a cidr", blockText("{cidr: »example.com/32}"), []string{"is no block of addresses"}},
	{"long prefix", blockText("{cidr: »10.0.0.0/33}"), []string{"is no block of addresses"}},
	{"three numbers", blockText("{cidr: »10.0.0/8}"), []string{"is no block of addresses"}},
	{"space before the prefix", blockText("{cidr: »10.0.0.0 /8}"), []string{"is no block of addresses"}},
	{"number for a cidr", blockText("{cidr: »10}"), []string{"cidr is 10, which is no string"}},
	{"bad except", blockText("{cidr: 10.0.0.0/8, except: [10.1.0.0/16, »10.2.0.1]}"), []string{`except "10.2.0.1" is no block`}},
	{"null except", blockText("{cidr: 10.0.0.0/8, except: [»null]}"), []string{"except"}},
	{"except outside", blockText("{cidr: 10.0.0.0/8, except: [»11.0.0.0/16]}"), []string{"except 11.0.0.0/16 is not a strict part of 10.0.0.0/8"}},
	{"except equal", blockText("{cidr: 10.0.0.0/8, except: [»10.0.0.0/8]}"), []string{"is not a strict part"}},
	{"except greater", blockText("{cidr: 10.0.0.0/8, except: [»0.0.0.0/0]}"), []string{"is not a strict part"}},
	{"except equal once normalised", blockText("{cidr: 10.0.0.0/8, except: [»010.1.0.0/8]}"), []string{"except 10.0.0.0/8 is not a strict part"}},
	{"except before cidr", blockText("{except: [»11.0.0.0/16], cidr: 10.0.0.0/8}"), []string{"is not a strict part"}},
	{"except of another family", blockText("{cidr: 0.0.0.0/0, except: [»'fd00::/8']}"), []string{"is not a strict part"}},

	{"protocol in lower case", portText("{protocol: »tcp}"), []string{`protocol "tcp" is not one of TCP, UDP, SCTP: did you mean "TCP"?`}},
	{"protocol ICMP", portText("{protocol: »ICMP}"), []string{`protocol "ICMP" is not one of`}},
	{"protocol with a space", portText("{protocol: »'TCP '}"), []string{"is not one of"}},
	{"empty protocol", portText("{protocol: »''}"), []string{`protocol "" is not one of`}},
	{"port 0", portText("{port: »0}"), []string{"port 0 is not between 1 and 65535"}},
	{"port 65536", portText("{port: »65536}"), []string{"port 65536 is not between 1 and 65535"}},
	{"port below 0", portText("{port: »-1}"), []string{"port -1 is not between"}},
	{"port beyond 32 bits", portText("{port: »4294967376}"), []string{"port is"}},
	{"port in quotes", portText("{port: »'53'}"), []string{`port "53" is a name because of its quotes, and a name needs a letter: write 53`}},
	{"port with a fraction", portText("{port: »53.5}"), []string{"port 53.5 is neither"}},
	{"boolean port", portText("{port: »true}"), []string{"port true is neither"}},
	{"port name with an underscore", portText("{port: »web_port}"), []string{`the port name "web_port" is refused`}},
	{"port name in mixed case", portText("{port: »Web_Port}"), []string{`the port name "Web_Port" is refused`}},
	{"long port name", portText("{port: »abcdefghijklmnop}"), []string{"must be no more than 15"}},
	{"empty port name", portText("{port: »''}"), []string{`the port name "" is refused`}},
	{"port and protocol in one", portText("{port: »53/UDP}"), []string{`the port name "53/UDP" is refused`}},
	{"port range in one", portText("{port: »8000-8010}"), []string{`the port name "8000-8010" is refused`}},
	{"endPort alone", portText("{endPort: »90}"), []string{"endPort without port"}},
	{"endPort with a null port", portText("{port: , endPort: »90}"), []string{"endPort without port"}},
	{"endPort with a name", portText("{port: web, endPort: »90}"), []string{`endPort with the port name "web"`}},
	{"endPort below port", portText("{port: 80, endPort: »79}"), []string{"endPort 79 is less than port 80"}},
	{"endPort before port", portText("{endPort: »79, port: 80}"), []string{"endPort 79 is less than port 80"}},
	{"endPort 0", portText("{port: 80, endPort: »0}"), []string{"endPort 0 is less than port 80"}},
	{"endPort beyond", portText("{port: 80, endPort: »65536}"), []string{"endPort 65536 is not between 1 and 65535"}},
	{"endPort in quotes", portText("{port: 80, endPort: »'90'}"), []string{`endPort is "90", not a whole number`}},
	{"endPort that is a name", portText("{port: 80, endPort: »web}"), []string{`endPort is "web", not a whole number`}},
	{"endPort of a bad port", portText("{port: »0, endPort: 90}"), []string{"port 0"}},
	{"a bad port and a bad protocol", portText("{port: »0, protocol: »udp}"), []string{"port 0", `protocol "udp"`}},
}

func TestRefusedValues(t *testing.T) {
	for _, c := range valueTests {
		t.Run(c.name, c.run)
	}
}

// One run tells all the faults of an object, each once, in any of its parts.
func TestAllProblemsAtOnce(t *testing.T) {
	c := refusal{"", `# a comment
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: »Web
  labels:
    app: »1
spec:
  podSelector:
    »matchLabel: {a: b}
  policyTypes: [»egress]
  ingress:
  - from:
    - »{}
    ports:
    - port: »"80"
  egress:
  - »too: []
  - to:
    - ipBlock:
        cidr: »10.0.0.0
        »excepts: []
    - namespaceSelector:
        matchExpressions:
        - »{key: a, operator: In}
    ports:
    - protocol: »tcp
      port: »0
    # é and 𝄞 count as one column each
    - {protocol: é𝄞, »endport: 2}
»specs: {}
`, []string{
		`the name "Web"`, "app is 1", `unknown key "matchLabel"`, `"egress" is not one of`, "an empty peer", `port "80"`,
		`unknown key "too"`, `cidr "10.0.0.0"`, `unknown key "excepts"`, "without values", `protocol "tcp"`, "port 0",
		`unknown key "endport"`, `unknown key "specs"`,
	}}
	c.text = strings.Replace(c.text, "protocol: é𝄞", "protocol: »é𝄞", 1)
	c.says = append(c.says[:12:12], append([]string{`protocol "é𝄞"`}, c.says[12:]...)...)
	c.run(t)
}

// What stands behind an anchor is at one place, however often it is used.
func TestProblemBehindAliasIsSaidOnce(t *testing.T) {
	c := refusal{"", policyText("{ingress: [{from: &x [{podSelector: {matchLabels: {a: »1}}}]}], egress: [{to: *x}, {to: *x}]}"), []string{"a is 1"}}
	c.run(t)
}

// Every fault is told, also behind a value that is not known.
func TestProblemAfterPlaceholder(t *testing.T) {
	for _, c := range []refusal{
		{"empty peer", peerText("{ipBlock: {cidr: '${X}'}}, »{}"), []string{"an empty peer"}},
		{"endPort", portText("{port: '${X}'}, {endPort: »1}"), []string{"endPort without port"}},
		{"operator", expressionText("{key: a, operator: '${X}'}, »{key: a, operator: In}"), []string{"without values"}},
		{"protocol", portText("{protocol: '${X}'}, {protocol: »tcp}"), []string{`protocol "tcp"`}},
	} {
		t.Run(c.name, c.run)
	}
}

// A policy of an API that is gone is linted as what it means today.
func TestOldAPIVersion(t *testing.T) {
	for _, version := range []string{"extensions/v1beta1", "networking.k8s.io/v1beta1"} {
		text, places := unmark(strings.Replace(policyText("{podSelector: {}, egress: []}"), "networking.k8s.io/v1", "»"+version, 1))
		v := viewOf(t, text)
		checkProblems(t, v.Problems, places, []string{`apiVersion "` + version + `" has no NetworkPolicy (extensions/v1beta1 had one before Kubernetes 1.16): write networking.k8s.io/v1`})
		if len(v.Policies) != 1 || len(v.Foreign) != 0 {
			t.Errorf("%s: %d policies, foreign: %q", version, len(v.Policies), reasons(v))
		}
	}
	text, places := unmark(strings.Replace(policyText("{»egres: []}"), "networking.k8s.io/v1", "»extensions/v1beta1", 1))
	v := viewOf(t, text)
	checkProblems(t, v.Problems, places, []string{"write networking.k8s.io/v1", `unknown key "egres"`})
	if len(v.Policies) != 0 || len(v.Foreign) != 1 {
		t.Errorf("%d policies, foreign: %q", len(v.Policies), reasons(v))
	}
}

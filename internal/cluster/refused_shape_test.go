package cluster

import "testing"

// Where a mapping is wanted, a list and a text are refused, and so on for
// every level of a policy.
var shapeTests = []refusal{
	{"metadata is a list", bodyText("metadata: »[p]\n"), []string{`metadata is a list, not a mapping`}},
	{"metadata is a text", bodyText("metadata: »p\n"), []string{`metadata is "p", not a mapping`}},
	{"name is a list", bodyText("metadata: {name: »[p]}\n"), []string{"the name is a list, not a string"}},
	{"name is a mapping", bodyText("metadata: {name: »{p: q}}\n"), []string{"the name is a mapping, not a string"}},
	{"name is a number", bodyText("metadata: {name: »12}\n"), []string{"write it in quotes"}},
	{"namespace is a list", bodyText("metadata: {name: p, namespace: »[n]}\n"), []string{"the namespace is a list"}},
	{"namespace is a number", bodyText("metadata: {name: p, namespace: »12}\n"), []string{"write it in quotes"}},
	{"labels are a list", bodyText("metadata: {name: p, labels: »[a]}\n"), []string{"labels is a list, not a mapping"}},
	{"labels are a text", bodyText("metadata: {name: p, labels: »a}\n"), []string{`labels is "a", not a mapping`}},
	{"a label is a list", bodyText("metadata: {name: p, labels: {a: »[b]}}\n"), []string{"a is a list, not a string"}},
	{"a label is a mapping", bodyText("metadata: {name: p, labels: {a: »{b: c}}}\n"), []string{"a is a mapping, not a string"}},
	{"a label is a number", bodyText("metadata: {name: p, labels: {a: »1}}\n"), []string{"a is 1, which is no string"}},
	{"annotations are a list", bodyText("metadata: {name: p, annotations: »[a]}\n"), []string{"annotations is a list"}},
	{"an annotation is a boolean", bodyText("metadata: {name: p, annotations: {a: »true}}\n"), []string{"a is true, which is no string"}},

	{"spec is a list", policyText("»[]"), []string{"spec is a list, not a mapping"}},
	{"spec is a text", policyText("»x"), []string{`spec is "x", not a mapping`}},
	{"podSelector is a list", policyText("{podSelector: »[]}"), []string{"podSelector is a list, not a mapping"}},
	{"podSelector is a text", policyText("{podSelector: »x}"), []string{`podSelector is "x", not a mapping`}},
	{"matchLabels are a list", labelsText("»[{a: b}]"), []string{"matchLabels is a list, not a mapping"}},
	{"matchLabels are a text", labelsText("»a"), []string{`matchLabels is "a", not a mapping`}},
	{"a label to match is a list", labelsText("{a: »[b]}"), []string{"a is a list, not a string"}},
	{"a label to match is a mapping", labelsText("{a: »{b: c}}"), []string{"a is a mapping, not a string"}},
	{"matchExpressions are a mapping", selectorText("{matchExpressions: »{key: a}}"), []string{"matchExpressions is a mapping, not a list"}},
	{"matchExpressions are a text", selectorText("{matchExpressions: »a}"), []string{`matchExpressions is "a", not a list`}},
	{"an expression is a list", expressionText("»[a]"), []string{"a match expression is a list, not a mapping"}},
	{"an expression is a text", expressionText("»a"), []string{`a match expression is "a", not a mapping`}},
	{"key is a list", expressionText("{key: »[a], operator: Exists}"), []string{"key is a list, not a string"}},
	{"key is a boolean", expressionText("{key: »on, operator: Exists}"), []string{"key is on, which is no string"}},
	{"operator is a list", expressionText("{key: a, operator: »[Exists]}"), []string{"operator is a list, not a string"}},
	{"values are a text", expressionText("{key: a, operator: In, values: »b}"), []string{`values is "b", not a list`}},
	{"values are a mapping", expressionText("{key: a, operator: In, values: »{b: c}}"), []string{"values is a mapping, not a list"}},
	{"a value is a list", expressionText("{key: a, operator: In, values: [»[b]]}"), []string{"a value is a list, not a string"}},
	{"a value is a number", expressionText("{key: a, operator: In, values: [b, »2]}"), []string{"a value is 2, which is no string"}},

	{"policyTypes are a text", policyText("{policyTypes: »Egress}"), []string{`policyTypes is "Egress", not a list`}},
	{"policyTypes are a mapping", policyText("{policyTypes: »{Egress: true}}"), []string{"policyTypes is a mapping, not a list"}},
	{"a policy type is a list", policyText("{policyTypes: [»[Egress]]}"), []string{"the policy type is a list, not a string"}},
	{"a policy type is a mapping", policyText("{policyTypes: [»{Egress: }]}"), []string{"the policy type is a mapping, not a string"}},
	{"ingress is a mapping", policyText("{ingress: »{from: []}}"), []string{"ingress is a mapping, not a list"}},
	{"ingress is a text", policyText("{ingress: »none}"), []string{`ingress is "none", not a list`}},
	{"egress is a mapping", policyText("{egress: »{to: []}}"), []string{"egress is a mapping, not a list"}},
	{"egress is a text", policyText("{egress: »none}"), []string{`egress is "none", not a list`}},
	{"egress is a boolean", policyText("{egress: »false}"), []string{`egress is "false", not a list`}},
	{"an egress rule is a list", ruleText("»[to]"), []string{"an egress rule is a list, not a mapping"}},
	{"an egress rule is a text", ruleText("»to"), []string{`an egress rule is "to", not a mapping`}},
	{"an ingress rule is a text", policyText("{ingress: [»all]}"), []string{`an ingress rule is "all", not a mapping`}},
	{"to is a mapping", ruleText("{to: »{podSelector: {}}}"), []string{"to is a mapping, not a list"}},
	{"to is a text", ruleText("{to: »all}"), []string{`to is "all", not a list`}},
	{"from is a mapping", policyText("{ingress: [{from: »{podSelector: {}}}]}"), []string{"from is a mapping, not a list"}},
	{"a peer is a list", peerText("»[podSelector]"), []string{"a peer is a list, not a mapping"}},
	{"a peer is a text", peerText("»podSelector"), []string{`a peer is "podSelector", not a mapping`}},
	{"podSelector of a peer is a list", peerText("{podSelector: »[]}"), []string{"podSelector is a list, not a mapping"}},
	{"namespaceSelector is a text", peerText("{namespaceSelector: »kube-system}"), []string{`namespaceSelector is "kube-system", not a mapping`}},
	{"ipBlock is a list", blockText("»[10.0.0.0/8]"), []string{"an ipBlock is a list, not a mapping"}},
	{"ipBlock is a text", blockText("»10.0.0.0/8"), []string{`an ipBlock is "10.0.0.0/8", not a mapping`}},
	{"cidr is a list", blockText("{cidr: »[10.0.0.0/8]}"), []string{"cidr is a list, not a string"}},
	{"cidr is a mapping", blockText("{cidr: »{ip: 10.0.0.0/8}}"), []string{"cidr is a mapping, not a string"}},
	{"except is a text", blockText("{cidr: 10.0.0.0/8, except: »10.0.0.0/9}"), []string{`except is "10.0.0.0/9", not a list`}},
	{"except is a mapping", blockText("{cidr: 10.0.0.0/8, except: »{cidr: 10.0.0.0/9}}"), []string{"except is a mapping, not a list"}},
	{"an exception is a mapping", blockText("{cidr: 10.0.0.0/8, except: [»{cidr: 10.0.0.0/9}]}"), []string{"except is a mapping, not a string"}},
	{"ports are a mapping", ruleText("{ports: »{port: 53}}"), []string{"ports is a mapping, not a list"}},
	{"ports are a number", ruleText("{ports: »53}"), []string{`ports is "53", not a list`}},
	{"a port entry is a number", portText("»53"), []string{`a port is "53", not a mapping`}},
	{"a port entry is a list", portText("»[53]"), []string{"a port is a list, not a mapping"}},
	{"protocol is a list", portText("{protocol: »[TCP, UDP]}"), []string{"the protocol is a list, not a string"}},
	{"protocol is a mapping", portText("{protocol: »{TCP: 80}}"), []string{"the protocol is a mapping, not a string"}},
	{"port is a list", portText("{port: »[80, 443]}"), []string{"port is a list, not a whole number"}},
	{"port is a mapping", portText("{port: »{number: 80}}"), []string{"port is a mapping, not a whole number"}},
	{"endPort is a list", portText("{port: 80, endPort: »[90]}"), []string{"endPort is a list, not a whole number"}},
	{"endPort is a mapping", portText("{port: 80, endPort: »{number: 90}}"), []string{"endPort is a mapping, not a whole number"}},
}

func TestRefusedShapes(t *testing.T) {
	for _, c := range shapeTests {
		t.Run(c.name, c.run)
	}
}

// What no level of a policy has.
var keyTests = []refusal{
	{"top", bodyText("metadata: {name: p}\n»specs: {}\n"), []string{`unknown key "specs" in a NetworkPolicy: did you mean "spec"?`}},
	{"top, nothing near", bodyText("metadata: {name: p}\n»data: {}\n"), []string{`unknown key "data" in a NetworkPolicy`}},
	{"the spec at the top", bodyText("metadata: {name: p}\n»podSelector: {}\n»policyTypes: []\n"), []string{`unknown key "podSelector"`, `unknown key "policyTypes"`}},
	{"metadata", bodyText("metadata: {name: p, »namspace: n}\n"), []string{`unknown key "namspace" in metadata: did you mean "namespace"?`}},
	{"spec", policyText("{»egres: []}"), []string{`unknown key "egres" in spec: did you mean "egress"?`}},
	{"spec, another case", policyText("{»podselector: {a: b}, »policytypes: [Egress], »Egress: []}"), []string{
		`did you mean "podSelector"?`, `did you mean "policyTypes"?`, `did you mean "egress"?`,
	}},
	{"the singular", policyText("{»policyType: [Egress]}"), []string{`unknown key "policyType" in spec: did you mean "policyTypes"?`}},
	{"labels without matchLabels", selectorText("{»app: web}"), []string{`unknown key "app" in podSelector`}},
	{"podSelector", selectorText("{»matchlabels: {a: b}}"), []string{`in podSelector: did you mean "matchLabels"?`}},
	{"podSelector of a peer", peerText("{podSelector: {»matchLabel: {a: b}}}"), []string{`did you mean "matchLabels"?`}},
	{"namespaceSelector", peerText("{namespaceSelector: {»matchExpression: []}}"), []string{`in namespaceSelector: did you mean "matchExpressions"?`}},
	{"match expression", expressionText("{key: a, operator: In, values: [b], »value: c}"), []string{`in a match expression: did you mean "values"?`}},
	{"egress rule", ruleText("{»too: [], »port: []}"), []string{`in an egress rule: did you mean "to"?`, `did you mean "ports"?`}},
	{"from in an egress rule", ruleText("{»from: []}"), []string{`unknown key "from" in an egress rule`}},
	{"to in an ingress rule", policyText("{ingress: [{»to: []}]}"), []string{`unknown key "to" in an ingress rule`}},
	{"peer", peerText("{»namespaceselector: {}, »ipblock: {}}"), []string{`in a peer: did you mean "namespaceSelector"?`, `did you mean "ipBlock"?`}},
	{"ipBlock", blockText("{cidr: 10.0.0.0/8, »excepts: []}"), []string{`in an ipBlock: did you mean "except"?`}},
	{"port", portText("{port: 1, »endport: 2}"), []string{`in a port: did you mean "endPort"?`}},
	{"port of a Service", portText("{port: 1, »targetPort: 2, »name: x}"), []string{`unknown key "targetPort" in a port`, `unknown key "name" in a port`}},
	{"a list for a key", policyText("{podSelector: {}, ? »[egress] : []}"), []string{`unknown key "" in spec`}},

	{"twice at the top", bodyText("metadata: {name: p}\nspec: {}\n»spec: {}\n"), []string{`key "spec" is written twice in a NetworkPolicy`}},
	{"twice in metadata", bodyText("metadata: {name: p, »name: q}\n"), []string{`key "name" is written twice in metadata`}},
	{"twice in labels", bodyText("metadata: {name: p, labels: {a: b, »a: c}}\n"), []string{`key "a" is written twice in labels`}},
	{"twice in annotations", bodyText("metadata: {name: p, annotations: {a: b, »a: c}}\n"), []string{`key "a" is written twice in annotations`}},
	{"twice in spec", policyText("\n  egress: []\n  podSelector: {}\n  »egress: [{}]"), []string{`key "egress" is written twice in spec`}},
	{"twice in podSelector", selectorText("{matchLabels: {a: b}, »matchLabels: {c: d}}"), []string{`key "matchLabels" is written twice in podSelector`}},
	{"twice in matchLabels", labelsText("{a: b, »a: c}"), []string{`key "a" is written twice in matchLabels`}},
	{"thrice in matchLabels", labelsText("{a: b, »a: b, »a: b}"), []string{`key "a" is written twice`, `key "a" is written twice`}},
	{"twice in an expression", expressionText("{key: a, operator: In, values: [b], »values: [c]}"), []string{`key "values" is written twice in a match expression`}},
	{"twice in a rule", ruleText("{to: [], ports: [], »to: []}"), []string{`key "to" is written twice in an egress rule`}},
	{"twice in a peer", peerText("{podSelector: {}, »podSelector: {}}"), []string{`key "podSelector" is written twice in a peer`}},
	{"twice in an ipBlock", blockText("{cidr: 10.0.0.0/8, »cidr: 0.0.0.0/0}"), []string{`key "cidr" is written twice in an ipBlock`}},
	{"twice in a port", portText("{port: 53, »port: 54}"), []string{`key "port" is written twice in a port`}},
	{"an unknown key twice", policyText("{»x: 1, »x: 2}"), []string{`unknown key "x"`, `key "x" is written twice`}},
}

func TestRefusedKeys(t *testing.T) {
	for _, c := range keyTests {
		t.Run(c.name, c.run)
	}
}

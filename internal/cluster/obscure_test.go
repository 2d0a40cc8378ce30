package cluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/verdict"
)

// unknowns are the ways in which a value can be missing until later. The last
// two are a mapping in a mapping to YAML.
var unknowns = []string{`"${X}"`, `$(X)`, `'{{ .x }}'`, `<x>`, `"ENC[AES256_GCM,data:abc=]"`, `__VALUE__`, `"%x%"`, `{{ .x }}`, `{{ .Values.x | quote }}`}

// Positions of a value without which nobody knows what the policy does; %s is
// the value.
var obscuredPolicies = []struct{ name, text string }{
	{"spec", policyText("%s")},
	{"podSelector", policyText("{podSelector: %s}")},
	{"matchLabels", labelsText("%s")},
	{"matchExpressions", selectorText("{matchExpressions: %s}")},
	{"expression", expressionText("%s")},
	{"operator", expressionText("{key: a, operator: %s, values: [b]}")},
	{"operator without values", expressionText("{key: a, operator: %s}")},
	{"values", expressionText("{key: a, operator: In, values: %s}")},
	{"policyTypes", policyText("{policyTypes: %s}")},
	{"policy type", policyText("{policyTypes: [Ingress, %s]}")},
	{"ingress", policyText("{ingress: %s}")},
	{"egress", policyText("{egress: %s}")},
	{"rule", ruleText("%s")},
	{"to", ruleText("{to: %s}")},
	{"peer", peerText("%s")},
	{"podSelector of a peer", peerText("{podSelector: %s}")},
	{"namespaceSelector", peerText("{namespaceSelector: %s}")},
	{"ipBlock", blockText("%s")},
	{"cidr", blockText("{cidr: %s}")},
	{"cidr of exceptions", blockText("{cidr: %s, except: [10.0.0.0/9]}")},
	{"except", blockText("{cidr: 10.0.0.0/8, except: %s}")},
	{"exception", blockText("{cidr: 10.0.0.0/8, except: [10.0.0.0/9, %s]}")},
	{"ports", ruleText("{ports: %s}")},
	{"port entry", portText("%s")},
	{"protocol", portText("{protocol: %s}")},
	{"port", portText("{port: %s}")},
	{"port of a range", portText("{port: %s, endPort: 90}")},
	{"endPort", portText("{port: 80, endPort: %s}")},
	{"endPort of a name", portText("{port: web, endPort: %s}")},
}

func TestObscurePolicies(t *testing.T) {
	for _, c := range obscuredPolicies {
		t.Run(c.name, func(t *testing.T) {
			for _, value := range unknowns {
				checkObscure(t, strings.Replace(c.text, "%s", value, 1))
			}
		})
	}
}

func checkObscure(t *testing.T, text string) {
	t.Helper()
	v := viewOf(t, text)
	if len(v.Problems) > 0 {
		t.Errorf("a placeholder is a problem: %v\n%s", v.Problems, text)
	}
	if got := reasons(v); len(v.Policies) > 0 || !slices.Equal(got, []string{ObscurePolicies}) {
		t.Errorf("%d policies, foreign: %q\n%s", len(v.Policies), got, text)
	}
}

// A label that is not known makes its selector obscure; the rest of the policy
// is known. Braces without quotes may stand for any number of labels.
func TestObscureSelectors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		key        string
	}{
		{"value", labelsText("{a: b, c: %s}"), "a=b?"},
		{"only value", labelsText("{c: %s}"), "?"},
		{"label key", labelsText("{a: b, %s: c}"), "a=b?"},
		{"expression key", expressionText("{key: %s, operator: Exists}, {key: a, operator: In, values: [b]}"), "a=b?"},
		{"expression value", expressionText("{key: a, operator: In, values: [x, %s]}, {key: b, operator: Exists}"), "b?"},
	} {
		for _, value := range unknowns {
			if strings.HasPrefix(value, "{") {
				continue
			}
			t.Run(c.name+" "+value, func(t *testing.T) {
				p := onlyPolicy(t, strings.Replace(c.text, "%s", value, 1))
				if !p.Pods.Obscure || p.Pods.Key != c.key || p.Pods.Everything() {
					t.Errorf("selector %+v, want the key %q", p.Pods, c.key)
				}
			})
		}
	}
	for _, text := range []string{labelsText("{a: {{ .x }}}"), expressionText("{key: {{ .x }}, operator: Exists}"), expressionText("{key: a, operator: In, values: [{{ .x }}]}")} {
		t.Run(text, func(t *testing.T) { checkNeverKnown(t, text) })
	}
}

// checkNeverKnown takes a policy whose selector has a value in braces: either
// the selector is obscure, or the policy is.
func checkNeverKnown(t *testing.T, text string) {
	t.Helper()
	v := viewOf(t, text)
	if len(v.Problems) > 0 {
		t.Errorf("a placeholder is a problem: %v", v.Problems)
	}
	for _, p := range v.Policies {
		if !p.Pods.Obscure {
			t.Errorf("the selector %q is taken as known", p.Pods.Key)
		}
	}
}

// An obscure selector says no where its known part does, and never yes.
func TestObscureSelectorMatches(t *testing.T) {
	p := onlyPolicy(t, labelsText("{app: web, env: '${ENV}'}"))
	for _, c := range []struct {
		labels map[string]string
		want   verdict.Verdict
	}{
		{map[string]string{"app": "web", "env": "prod"}, verdict.Unknown},
		{map[string]string{"app": "db", "env": "prod"}, verdict.No},
	} {
		if got := p.Pods.Match(&Labels{Known: c.labels}); got != c.want {
			t.Errorf("%v: %v", c.labels, got)
		}
	}
}

// Names may be placeholders without hiding what the policy does.
func TestPlaceholderNames(t *testing.T) {
	for _, value := range unknowns {
		v := viewOf(t, bodyText(fmt.Sprintf("metadata: {name: %s}\nspec: {policyTypes: [Egress]}\n", value)))
		if len(v.Problems) > 0 {
			t.Errorf("%s: %v", value, v.Problems)
		}
		v = viewOf(t, bodyText(fmt.Sprintf("metadata: {name: p, namespace: %s, labels: {a: %s}, annotations: {b: %s}}\n", value, value, value)))
		if len(v.Problems) > 0 || len(v.Policies)+len(v.Foreign) != 1 {
			t.Errorf("%s: %v", value, v.Problems)
		}
		for _, text := range []string{"metadata: %s\n", "metadata: {name: p, labels: %s}\n", "metadata: {name: p, annotations: %s}\n"} {
			if v := viewOf(t, bodyText(fmt.Sprintf(text, value))); len(v.Problems) > 0 {
				t.Errorf(text+"%v", value, v.Problems)
			}
		}
	}
}

func TestEncryptedObject(t *testing.T) {
	v := viewOf(t, policyText("{policyTypes: ['ENC[AES256_GCM,data:x]'], egress: [{ports: [{port: 'ENC[x]'}]}], unknownKey: 1}")+"sops: {version: 3.7}\n")
	if len(v.Problems) > 0 || !slices.Equal(reasons(v), []string{ObscurePolicies}) {
		t.Errorf("problems %v, foreign %q", v.Problems, reasons(v))
	}
	if ns := namespaceOf(t, v, "ns"); len(ns.Foreign) != 1 || ns.Foreign[0].In != ns {
		t.Errorf("the namespace has %d foreign policies", len(ns.Foreign))
	}
}

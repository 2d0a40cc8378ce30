package cluster

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// bombMemory is what a policy of some kilobytes may cost in bytes, whatever its
// aliases stand for: several times what is needed.
const bombMemory = 1 << 29

// repeat is a flow list that holds first once and then n aliases of it.
func repeat(anchor, first string, n int) string {
	return "[&" + anchor + " " + first + strings.Repeat(", *"+anchor, n) + "]"
}

// bombs stand for many millions of values each.
func bombs() map[string]string {
	const n = 200
	rules := func(rule string) string { return policyText("{egress: " + repeat("r", rule, n) + "}") }
	values := repeat("v", "x", n)
	expressions := repeat("e", "{key: a, operator: In, values: "+values+"}", n)
	return map[string]string{
		"ports":       rules("{ports: " + repeat("p", "{protocol: TCP, port: 80, endPort: 90}", 100*n) + "}"),
		"peers":       rules("{to: " + repeat("t", "{podSelector: {matchLabels: {a: b}}}", 100*n) + "}"),
		"blocks":      rules("{to: " + repeat("t", "{ipBlock: {cidr: 10.0.0.0/8, except: "+repeat("x", "10.1.0.0/16", n)+"}}", n) + "}"),
		"expressions": rules("{to: " + repeat("t", "{podSelector: {matchExpressions: "+expressions+"}}", n) + "}"),
		"types":       policyText("{podSelector: {matchExpressions: " + expressions + "}, policyTypes: " + repeat("y", "Egress", 100*n) + "}"),
		"labels":      rules("{to: " + repeat("t", "{podSelector: {matchLabels: {"+keys(n)+"}}, namespaceSelector: {matchLabels: {"+keys(n)+"}}}", n) + "}"),
	}
}

// keys are n labels in flow style.
func keys(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("k%d: v", i))
	}
	return strings.Join(all, ", ")
}

func TestAliasBombs(t *testing.T) {
	for name, text := range bombs() {
		t.Run(name, func(t *testing.T) {
			v := measured(t, text)
			if name == "types" {
				return // refused for its types already, before it gets large
			}
			if len(v.Problems) != 1 || !strings.Contains(v.Problems[0].Message, "its aliases expand to more than") {
				t.Errorf("problems: %v", v.Problems[:min(len(v.Problems), 10)])
			}
			if !slices.Equal(reasons(v), []string{InvalidPolicies}) {
				t.Errorf("foreign: %q", reasons(v))
			}
		})
	}
}

// A fault in what is repeated is no excuse for as many problems.
func TestFaultyAliasBombs(t *testing.T) {
	for name, text := range bombs() {
		t.Run(name, func(t *testing.T) {
			for _, fault := range []struct{ from, to string }{
				{"port: 80", "port: 0"}, {"[&v x", "[&v 1"}, {"{a: b}", "{a: 1}"}, {"10.1.0.0/16", "11.0.0.0/16"}, {"k0: v", "k0: 1"},
			} {
				text = strings.ReplaceAll(text, fault.from, fault.to)
			}
			if v := measured(t, text); len(v.Problems) == 0 || len(v.Problems) > 100 {
				t.Errorf("%d problems", len(v.Problems))
			}
		})
	}
}

// A merge key repeats what it merges, and so on: seven levels of ten are ten
// million keys.
func TestMergeBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("metadata:\n  name: p\n  annotations:\n")
	b.WriteString("    l0: &l0 {app: web}\n")
	const levels, width = 7, 10
	for i := 1; i <= levels; i++ {
		fmt.Fprintf(&b, "    l%d: &l%d {<<: [*l%d%s]}\n", i, i, i-1, strings.Repeat(fmt.Sprintf(", *l%d", i-1), width-1))
	}
	fmt.Fprintf(&b, "spec: {podSelector: {matchLabels: *l%d}}\n", levels)
	measured(t, bodyText(b.String()))
}

// The ports of a pod are as many as are written, however often they are used.
func TestWorkloadBomb(t *testing.T) {
	const n = 1000
	ports := repeat("p", "{containerPort: 80}", n)
	v := measured(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: w}\nspec: {containers: "+repeat("c", "{ports: "+ports+"}", n)+"}\n")
	for _, w := range v.Workloads {
		if len(w.Ports) > 2*n {
			t.Errorf("the pod has %d ports", len(w.Ports))
		}
	}
}

// measured makes the view of a text within the limit. The race detector changes
// what is allocated, so there it measures nothing.
func measured(t *testing.T, text string) *View {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	v := viewOf(t, text)
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > bombMemory && !raceDetector {
		t.Errorf("%d bytes take %d MiB", len(text), allocated>>20)
	}
	return v
}

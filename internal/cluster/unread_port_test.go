package cluster

import (
	"slices"
	"testing"
)

// A port that is filled in later may have any name and number, so that a name
// that is not found may still be there.
func TestUnreadPorts(t *testing.T) {
	for _, c := range []struct {
		name, spec string
		more       bool
	}{
		{"all is written", "containers: [{ports: [{name: http, containerPort: 80}]}]", false},
		{"no port", "containers: [{ports: }]", false},
		{"number", "containers: [{ports: [{name: http, containerPort: '${PORT}'}]}]", true},
		{"name", "containers: [{ports: [{name: '${NAME}', containerPort: 80}]}]", true},
		{"protocol", "containers: [{ports: [{name: http, containerPort: 80, protocol: '${P}'}]}]", true},
		{"braces", "containers: [{ports: [{name: http, containerPort: {{ .port }}}]}]", true},
		{"entry", "containers: [{ports: ['${PORT}']}]", true},
		{"list", "containers: [{ports: '${PORTS}'}]", true},
		{"container", "containers: [{name: c}, '${SIDECAR}']", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := onlyWorkload(t, pod("w", "{}", c.spec)).MorePorts; got != c.more {
				t.Errorf("more ports: %v, want %v", got, c.more)
			}
		})
	}
}

// An init container that keeps running has ports like any other, which some
// network plugins resolve by name and some do not: its names are not absent.
func TestSidecarPorts(t *testing.T) {
	const app = ", containers: [{ports: [{name: http, containerPort: 80}]}]"
	for spec, more := range map[string]bool{
		"initContainers: [{restartPolicy: Always, ports: [{name: proxy, containerPort: 15001}]}]": true,
		"initContainers: [{restartPolicy: Always, ports: [{containerPort: 15001}]}]":              false,
		"initContainers: [{restartPolicy: Always}]":                                               false,
		"initContainers: [{ports: [{name: setup, containerPort: 1}]}]":                            false,
	} {
		w := onlyWorkload(t, pod("w", "{}", spec+app))
		resolved := slices.ContainsFunc(w.Ports, func(p Port) bool { return p.Name == "proxy" })
		if got := w.MorePorts || resolved; got != more {
			t.Errorf("%s: more ports: %v, ports: %v", spec, w.MorePorts, w.Ports)
		}
		if slices.ContainsFunc(w.Ports, func(p Port) bool { return p.Name == "setup" }) {
			t.Errorf("%s: a port of a container that has ended: %v", spec, w.Ports)
		}
	}
}

// One object is left out once, whatever the reasons.
func TestObscurePolicyInObscureNamespaceIsCountedOnce(t *testing.T) {
	v := viewOf(t, bodyText("metadata: {name: p, namespace: '${NS}'}\nspec: {policyTypes: ['${T}']}\n"))
	seen := map[string]int{}
	for _, s := range v.Skips {
		seen[s.Reason]++
	}
	if seen[ObscureNamespaces] != 1 || seen[ObscurePolicies] != 1 {
		t.Errorf("skips: %v", seen)
	}
}

// Of rivals one will be in the cluster: the names that both have are known,
// and of the others any may be missing.
func TestPortsOfRivals(t *testing.T) {
	const http, dns = "{name: http, containerPort: 80}", "{name: dns, containerPort: 53, protocol: UDP}"
	for _, c := range []struct {
		first, second string
		ports         int
		more          bool
	}{
		{http, http, 1, false},
		{http + ", " + dns, dns + ", " + http, 2, false},
		{http, http + ", " + dns, 1, true},
		{http + ", " + dns, http, 1, true},
		{http, "{name: http, containerPort: 8080}", 0, true},
		{http, "{name: http, containerPort: 80, protocol: UDP}", 0, true},
		{"{containerPort: 1}", "{containerPort: 2}", 2, false}, // no rule can name them
	} {
		container := func(ports string) string { return "containers: [{ports: [" + ports + "]}]" }
		w := onlyWorkload(t, stream(pod("w", "{}", container(c.first)), pod("w", "{}", container(c.second))))
		if len(w.Ports) != c.ports || w.MorePorts != c.more {
			t.Errorf("%s and %s: ports %v, more: %v", c.first, c.second, w.Ports, w.MorePorts)
		}
	}
}

package cluster

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/internal/verdict"
)

// nameLabel is the label that every namespace has.
const nameLabel = "kubernetes.io/metadata.name"

// declaration is a Namespace object.
func declaration(name, labels string) string {
	return "{apiVersion: v1, kind: Namespace, metadata: {name: " + name + ", labels: " + labels + "}}\n"
}

// checkLabel compares what is known of one label of a namespace.
func checkLabel(t *testing.T, ns *Namespace, key, value string, want Presence) {
	t.Helper()
	if gotValue, got := ns.Labels.Get(key); gotValue != value || got != want {
		t.Errorf("the label %s of %s is %q, %v, want %q, %v", key, ns.Title(), gotValue, got, value, want)
	}
}

func TestDeclaredNamespace(t *testing.T) {
	v := viewOf(t, stream(pod("w", "{}", oneContainer), declaration("ns", "{team: a, env: '${ENV}'}"), policyText("{}"), declaration("empty", "")))
	ns := namespaceOf(t, v, "ns")
	if ns.Declared == nil || len(ns.Workloads) != 1 || len(ns.Policies) != 1 || ns.Workloads[0].In != ns || ns.Policies[0].In != ns {
		t.Errorf("%+v", ns)
	}
	checkLabel(t, ns, nameLabel, "ns", Present)
	checkLabel(t, ns, "team", "a", Present)
	checkLabel(t, ns, "env", "", Obscure)
	checkLabel(t, ns, "other", "", Absent)
	empty := namespaceOf(t, v, "empty")
	checkLabel(t, empty, nameLabel, "empty", Present)
	checkLabel(t, empty, "other", "", Absent)
	if len(v.Namespaces) != 2 {
		t.Errorf("%d namespaces", len(v.Namespaces))
	}
}

func TestUndeclaredNamespace(t *testing.T) {
	v := viewOf(t, policyText("{}"))
	ns := namespaceOf(t, v, "ns")
	checkLabel(t, ns, nameLabel, "ns", Present)
	checkLabel(t, ns, "other", "", Obscure)
	if ns.Declared != nil || ns.Title() != `namespace "ns"` {
		t.Errorf("%s, declared: %v", ns.Title(), ns.Declared)
	}
}

func TestNamespaceOfAnotherAPI(t *testing.T) {
	v := viewOf(t, strings.Replace(declaration("x", "{}"), "v1", "example.com/v1", 1))
	if len(v.Namespaces) != 0 {
		t.Errorf("%d namespaces", len(v.Namespaces))
	}
}

// A Namespace whose name is not written tells nothing of the namespace that is
// given at apply time.
func TestNamespaceWithoutName(t *testing.T) {
	for _, metadata := range []string{"{generateName: x-, labels: {team: a}}", "{labels: {team: a}}", "{name: {{ .ns }}, labels: {team: a}}"} {
		v := viewOf(t, stream("{apiVersion: v1, kind: Namespace, metadata: "+metadata+"}\n", bodyText("metadata: {name: p}\n")))
		ns := namespaceOf(t, v, "")
		checkLabel(t, ns, "team", "", Obscure)
		checkLabel(t, ns, "other", "", Obscure)
		if ns.Declared != nil {
			t.Errorf("%s is declared by %s", ns.Title(), metadata)
		}
	}
}

func TestNamespaceDeclaredTwice(t *testing.T) {
	first, second := declaration("ns", "{same: a, differs: b, first: c, hidden: d}"), declaration("ns", "{same: a, differs: x, second: y, hidden: '${H}', third: '${T}'}")
	for _, text := range []string{stream(first, second), stream(second, first), stream(first, second, first)} {
		ns := namespaceOf(t, viewOf(t, text), "ns")
		checkLabel(t, ns, nameLabel, "ns", Present)
		checkLabel(t, ns, "same", "a", Present)
		for _, key := range []string{"differs", "first", "second", "third", "hidden"} {
			checkLabel(t, ns, key, "", Obscure)
		}
		checkLabel(t, ns, "other", "", Absent)
		if !slices.IsSorted(ns.Labels.Obscure) {
			t.Errorf("not sorted: %q", ns.Labels.Obscure)
		}
	}
	ns := namespaceOf(t, viewOf(t, stream(first, first)), "ns")
	checkLabel(t, ns, "differs", "b", Present)
}

// A wrong value of the label is overwritten by the API server.
func TestWrittenNameLabel(t *testing.T) {
	for _, value := range []string{"other", "'${X}'", ""} {
		v := viewOf(t, declaration("ns", "{kubernetes.io/metadata.name: "+value+"}"))
		checkLabel(t, namespaceOf(t, v, "ns"), nameLabel, "ns", Present)
	}
}

func TestPlaceholderNamespace(t *testing.T) {
	inside := strings.ReplaceAll(policyText("{}"), "namespace: ns", "namespace: '${NS}'")
	v := viewOf(t, stream(inside, declaration("'${NS}'", "{team: a}"), declaration("'${OTHER}'", "{}")))
	if len(v.Namespaces) != 2 || len(v.Policies) != 1 {
		t.Fatalf("%d namespaces, %d policies %v", len(v.Namespaces), len(v.Policies), v.Problems)
	}
	ns := v.Policies[0].In
	if ns.Placeholder != "${NS}" || ns.Name != "" || ns.Title() != `namespace "${NS}"` || ns.Declared == nil {
		t.Errorf("%+v", ns)
	}
	checkLabel(t, ns, "team", "a", Present)
	checkLabel(t, ns, nameLabel, "", Obscure) // it is there, and nobody knows its value
	if want := []source.Skip{{Path: "<stdin>", Line: 1, Reason: ObscureNamespaces}}; !slices.Equal(v.Skips, want) {
		t.Errorf("skips %v", v.Skips)
	}
}

// The namespace given at apply time is one for each unit.
func TestUnknownNamespaceOfUnits(t *testing.T) {
	dir := t.TempDir()
	for _, unit := range []string{"a", "b"} {
		for name, text := range map[string]string{
			"kustomization.yaml": "resources: [policy.yaml, named.yaml]\n",
			"policy.yaml":        stream(bodyText("metadata: {name: p}\n"), bodyText("metadata: {name: q}\n"), bodyText("metadata: {name: r, namespace: '${NS}'}\n")),
			"named.yaml":         bodyText("metadata: {name: p, namespace: " + unit + "}\n"),
		} {
			write(t, filepath.Join(dir, unit, name), text)
		}
	}
	write(t, filepath.Join(dir, "loose.yaml"), bodyText("metadata: {name: p}\n"))
	tree := manifest.Load(source.Walk([]string{dir}, nil), manifest.Options{Wanted: Wanted})
	v := Views(tree, Settings{})[0]
	if len(v.Namespaces) != 7 || len(v.Policies) != 9 {
		t.Fatalf("%d namespaces, %d policies %v", len(v.Namespaces), len(v.Policies), v.Problems)
	}
	for _, ns := range v.Namespaces {
		unit := filepath.Base(unitPath(ns))
		switch {
		case ns.Name == "" && ns.Placeholder == "" && ns.Unit.Kind != manifest.Loose:
			if len(ns.Policies) != 2 || len(ns.Elsewhere) != 2 || ns.Title() != "the namespace given at apply time" {
				t.Errorf("unit %s: %+v", unit, ns)
			}
			checkLabel(t, ns, nameLabel, "", Obscure)
		case ns.Placeholder != "":
			if len(ns.Policies) != 1 || len(ns.Elsewhere) != 3 {
				t.Errorf("placeholder of unit %s: %+v", unit, ns)
			}
		case ns.Name != "" && len(ns.Elsewhere) != 0:
			t.Errorf("elsewhere of %s: %v", ns.Name, ns.Elsewhere)
		}
		for _, p := range ns.Policies {
			if p.Rival {
				t.Errorf("%s of %s is a rival of that of another unit", p.Name, ns.Title())
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOrder(t *testing.T) {
	in := func(ns, name string) string {
		return bodyText("metadata: {name: " + name + ", namespace: " + ns + "}\n")
	}
	v := viewOf(t, stream(in("b", "p4"), in("a", "p3"), in("'${X}'", "p2"), bodyText("metadata: {name: p1}\n"), in("a", "p0")))
	var namespaces, policies []string
	for _, ns := range v.Namespaces {
		namespaces = append(namespaces, ns.Name+ns.Placeholder)
	}
	for _, p := range v.Policies {
		policies = append(policies, p.Name)
	}
	if !slices.Equal(namespaces, []string{"", "${X}", "a", "b"}) || !slices.Equal(policies, []string{"p4", "p3", "p2", "p1", "p0"}) {
		t.Errorf("namespaces %q, policies %q", namespaces, policies)
	}
}

// Of policies with one name the equal ones are no rivals. One that differs is
// a rival of every other, whatever their order.
func TestPolicyRivals(t *testing.T) {
	a, b := policyText("{}"), policyText("{policyTypes: [Egress]}")
	unnamed := func(spec string) string { return bodyText("metadata: {generateName: p-}\nspec: " + spec + "\n") }
	for _, c := range []struct {
		name  string
		texts []string
		want  []bool
	}{
		{"alone", []string{a}, []bool{false}},
		{"equal", []string{a, a, a}, []bool{false, false, false}},
		{"different", []string{a, b}, []bool{true, true}},
		{"different, then equal", []string{a, b, a}, []bool{true, true, true}},
		{"equal, then different", []string{a, a, b}, []bool{true, true, true}},
		{"other namespace", []string{a, strings.Replace(b, "ns}", "other}", 1)}, []bool{false, false}},
		{"other name", []string{a, strings.Replace(b, "name: p", "name: q", 1)}, []bool{false, false}},
		{"names made by the API server", []string{unnamed("{}"), unnamed("{policyTypes: [Egress]}")}, []bool{false, false}},
		{"another kind", []string{a, pod("p", "{}", oneContainer)}, []bool{false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []bool
			for _, p := range viewOf(t, stream(c.texts...)).Policies {
				got = append(got, p.Rival)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestWorkloadRivals(t *testing.T) {
	first := pod("w", "{same: a, differs: b, first: c}", "containers: [{ports: [{containerPort: 80}, {containerPort: 81}]}], hostNetwork: true")
	second := pod("w", "{same: a, differs: x}", "containers: [{ports: [{containerPort: 81}, {containerPort: 82}]}]")
	for _, text := range []string{stream(first, second), stream(second, first)} {
		w := onlyWorkload(t, text)
		want := Labels{Known: map[string]string{"same": "a"}, Obscure: []string{"differs", "first"}}
		if !reflect.DeepEqual(w.Labels, want) || len(w.Ports) != 3 || w.HostNetwork != verdict.Unknown || len(w.In.Workloads) != 1 {
			t.Errorf("%+v", w)
		}
	}
	if w := onlyWorkload(t, stream(first, first)); w.HostNetwork != verdict.Yes || len(w.Ports) != 2 || len(w.Labels.Obscure) != 0 {
		t.Errorf("equal ones: %+v", w)
	}
	for _, other := range []string{strings.Replace(second, "name: w", "name: x", 1), strings.Replace(second, "namespace: ns", "namespace: n2", 1), object("v1", "ReplicationController", "w", "spec: {template: {"+podBody+"}}")} {
		if v := viewOf(t, stream(first, other)); len(v.Workloads) != 2 {
			t.Errorf("%d workloads: %s", len(v.Workloads), other)
		}
	}
	unnamed := "{apiVersion: v1, kind: Pod, metadata: {generateName: w-}, spec: {" + oneContainer + "}}\n"
	if v := viewOf(t, stream(unnamed, unnamed)); len(v.Workloads) != 2 || v.Workloads[0].ID() != "/w-*" {
		t.Errorf("%d workloads without a name", len(v.Workloads))
	}
}

// A policy whose values are not known may differ from another of its name. One
// that the API server refuses does not: it will not be in the cluster.
func TestUnreadRivals(t *testing.T) {
	for spec, want := range map[string]bool{"{policyTypes: ['${X}']}": true, "{policyTypes: [egress]}": false} {
		for _, texts := range [][]string{{policyText("{}"), policyText(spec)}, {policyText(spec), policyText("{}")}} {
			v := viewOf(t, stream(texts...))
			if len(v.Policies) != 1 || len(v.Foreign) != 1 || v.Policies[0].Rival != want {
				t.Errorf("%s: %d policies, rival: %v", spec, len(v.Policies), !want)
			}
		}
	}
}

// Where one of two lists of labels is not known, any label may be there.
func TestRivalsWithUnknownLabels(t *testing.T) {
	known, unknown := "{team: a}", "'${LABELS}'"
	for _, labels := range [][2]string{{known, unknown}, {unknown, known}} {
		ns := namespaceOf(t, viewOf(t, stream(declaration("ns", labels[0]), declaration("ns", labels[1]))), "ns")
		checkLabel(t, ns, nameLabel, "ns", Present)
		checkLabel(t, ns, "team", "", Obscure)
		checkLabel(t, ns, "other", "", Obscure)
		w := onlyWorkload(t, stream(pod("w", labels[0], oneContainer), pod("w", labels[1], oneContainer)))
		if _, got := w.Labels.Get("other"); got != Obscure {
			t.Errorf("another label of a pod is %v", got)
		}
	}
}

// What is a problem is not counted as left out as well.
func TestRefusedPolicyIsNoSkip(t *testing.T) {
	v := viewOf(t, policyText("{egres: []}"))
	if len(v.Problems) != 1 || len(v.Foreign) != 1 || len(v.Skips) != 0 {
		t.Errorf("problems %v, foreign %q, skips %v", v.Problems, reasons(v), v.Skips)
	}
}

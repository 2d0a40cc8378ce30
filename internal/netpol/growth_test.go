package netpol_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/netpol"
)

// fleet is a cluster in which every workload may call the next one of its
// namespace, and the last the first of the next namespace. Each namespace
// denies all else.
type fleet struct {
	namespaces, workloads int
	// ports is how a workload declares its ports, "" for one that does not.
	ports func(i int) string
	// port is what the rules name.
	port string
	// declared is set where the tree has the Namespace objects.
	declared bool
	// unpaired leaves out the other side of each connection.
	unpaired bool
}

func (f fleet) size() int { return f.namespaces * f.workloads }

func (f fleet) yaml() string {
	var b strings.Builder
	for n := range f.namespaces {
		in := fmt.Sprintf("team-%d", n)
		if f.declared {
			fmt.Fprintf(&b, "---\n{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {team: %s}}}\n", in, in)
		}
		b.WriteString(named(in, "deny", "{policyTypes: [Ingress, Egress]}"))
		for i := range f.workloads {
			f.workload(&b, n, i)
		}
	}
	return b.String()
}

func (f fleet) workload(b *strings.Builder, n, i int) {
	in, app := fmt.Sprintf("team-%d", n), fmt.Sprintf("app-%d", i)
	fmt.Fprintf(b, `---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s, namespace: %s}, spec: {selector: {}, template: {metadata: {labels: {app: %s, tier: t%d}}, spec: {containers: [{name: c, ports: [%s]}]}}}}
`, app, in, app, i%4, f.ports(i))
	b.WriteString(named(in, app+"-egress", fmt.Sprintf("{podSelector: {matchLabels: {app: %s}}, policyTypes: [Egress], egress: [{to: [%s], ports: [{port: %s}]}]}",
		app, f.neighbour(n, i, 1), f.port)))
	if !f.unpaired {
		b.WriteString(named(in, app+"-ingress", fmt.Sprintf("{podSelector: {matchLabels: {app: %s}}, policyTypes: [Ingress], ingress: [{from: [%s], ports: [{port: %s}]}]}",
			app, f.neighbour(n, i, -1), f.port)))
	}
}

// neighbour is the peer of workload i one step on or back.
func (f fleet) neighbour(n, i, step int) string {
	to := (n*f.workloads + i + step + f.size()) % f.size()
	peer := fmt.Sprintf("podSelector: {matchLabels: {app: app-%d}}", to%f.workloads)
	if to/f.workloads != n {
		peer += fmt.Sprintf(", namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: team-%d}}", to/f.workloads)
	}
	return "{" + peer + "}"
}

func http(int) string {
	return "{name: http, containerPort: 8080}, {name: metrics, containerPort: 9090}"
}

// view reads the fleet.
func (f fleet) view(t testing.TB) *cluster.View {
	t.Helper()
	_, view := loadTree(f.yaml())
	if len(view.Workloads) != f.size() || len(view.Problems) > 0 {
		t.Fatalf("%d workloads, want %d; problems %v", len(view.Workloads), f.size(), view.Problems)
	}
	return view
}

// everyPair asks for all pairs and counts the gaps.
func everyPair(view *cluster.View, e *netpol.Engine) (gaps int) {
	for _, p := range view.Policies {
		for _, d := range []cluster.Direction{cluster.Ingress, cluster.Egress} {
			for i, r := range p.Rules[d] {
				for j := range r.Peers {
					gaps += len(e.Pair(p, d, i, j).Gaps)
				}
			}
		}
	}
	return gaps
}

// work is all that the rules ask of an engine.
func work(view *cluster.View) {
	e := netpol.New(view)
	everyPair(view, e)
	for _, w := range view.Workloads {
		e.Isolated(w, cluster.Egress)
	}
	for _, ns := range view.Namespaces {
		e.Covered(ns, cluster.Egress)
	}
}

// allocated counts the objects and bytes that the work takes. Unlike time they
// are the same on every machine.
func allocated(view *cluster.View) (objects, bytes float64) {
	objects = testing.AllocsPerRun(1, func() { work(view) })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work(view)
	runtime.ReadMemStats(&after)
	return objects, float64(after.TotalAlloc - before.TotalAlloc)
}

func TestWorkGrowsLinearly(t *testing.T) {
	shapes := []struct {
		name string
		fleet
	}{
		{"plain", fleet{ports: http, port: "8080", declared: true}},
		{"undeclared namespaces", fleet{ports: http, port: "8080"}},
		{"unpaired", fleet{ports: http, port: "8080", declared: true, unpaired: true}},
		{"port names", fleet{ports: http, port: "http", declared: true}},
		{"every second workload has the port name", fleet{port: "http", declared: true, ports: func(i int) string {
			return []string{http(i), ""}[i%2]
		}}},
		{"the port name has another number everywhere", fleet{port: "http", declared: true, ports: func(i int) string {
			return fmt.Sprintf("{name: http, containerPort: %d}", 1000+i)
		}}},
	}
	growths := []struct {
		name       string
		small, big [2]int // namespaces and workloads in each
	}{
		{"one namespace", [2]int{1, 400}, [2]int{1, 800}},
		{"more namespaces", [2]int{40, 10}, [2]int{80, 10}},
	}
	if testing.Short() {
		growths = growths[:1]
	}
	for _, shape := range shapes {
		for _, g := range growths {
			t.Run(shape.name+"/"+g.name, func(t *testing.T) {
				measure := func(size [2]int) (objects, bytes float64) {
					f := shape.fleet
					f.namespaces, f.workloads = size[0], size[1]
					return allocated(f.view(t))
				}
				objects, bytes := measure(g.small)
				moreObjects, moreBytes := measure(g.big)
				t.Logf("twice the workloads: %.2f times the objects, %.2f times the bytes", moreObjects/objects, moreBytes/bytes)
				if limit := 2.4; moreObjects > limit*objects || moreBytes > limit*bytes {
					t.Errorf("twice the workloads take %.2f times the objects and %.2f times the bytes", moreObjects/objects, moreBytes/bytes)
				}
			})
		}
	}
}

// TestFleet makes sure that the fleets are what they should be.
func TestFleet(t *testing.T) {
	f := fleet{namespaces: 3, workloads: 5, ports: http, port: "8080", declared: true}
	view := f.view(t)
	if gaps := everyPair(view, netpol.New(view)); gaps != 0 {
		t.Errorf("%d gaps, want none", gaps)
	}
	f.unpaired = true
	view = f.view(t)
	if gaps := everyPair(view, netpol.New(view)); gaps != f.size() {
		t.Errorf("%d gaps, want %d", gaps, f.size())
	}
}

var fleets = []fleet{
	{namespaces: 1, workloads: 100, ports: http, port: "8080", declared: true},
	{namespaces: 1, workloads: 1000, ports: http, port: "8080", declared: true},
	{namespaces: 10, workloads: 100, ports: http, port: "8080", declared: true},
	{namespaces: 100, workloads: 10, ports: http, port: "8080", declared: true},
	{namespaces: 100, workloads: 100, ports: http, port: "8080", declared: true},
}

// perWorkload runs a benchmark for each fleet and reports its cost by workload.
func perWorkload(b *testing.B, run func(b *testing.B, view *cluster.View)) {
	b.Helper()
	for _, f := range fleets {
		b.Run(fmt.Sprintf("%dx%d", f.namespaces, f.workloads), func(b *testing.B) {
			view := f.view(b)
			b.ReportAllocs()
			run(b, view)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(f.size()), "ns/workload")
		})
	}
}

func BenchmarkNew(b *testing.B) {
	perWorkload(b, func(b *testing.B, view *cluster.View) {
		for b.Loop() {
			netpol.New(view)
		}
	})
}

func BenchmarkPairs(b *testing.B) {
	perWorkload(b, func(b *testing.B, view *cluster.View) {
		e := netpol.New(view)
		for b.Loop() {
			everyPair(view, e)
		}
	})
}

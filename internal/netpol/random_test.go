package netpol_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/netpol"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/internal/verdict"
)

// addresses are in no cluster. 253.0.0.1 begins with the byte of fd00::/8.
var addresses = []netip.Addr{
	netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("10.2.0.1"),
	netip.MustParseAddr("253.0.0.1"), netip.MustParseAddr("fd00::1"), netip.MustParseAddr("2001:4860:4860::8888"),
}

// loadTree reads manifests the way that the program does.
func loadTree(yaml string) (*manifest.Tree, *cluster.View) {
	tree := manifest.Load(source.Walk([]string{source.Stdin}, strings.NewReader(yaml)), manifest.Options{Wanted: cluster.Wanted})
	return tree, cluster.Views(tree, cluster.Settings{})[0]
}

// comparison holds what the engine says of manifests against what the
// reference says of the cluster.
type comparison struct {
	testing.TB
	yaml   string
	view   *cluster.View
	engine *netpol.Engine
	truth  *reference
	// partial is set where the manifests do not tell all of the cluster: then
	// the engine may say that it does not know, but nothing that is wrong.
	partial bool
	pairs   pairCount
}

type pairCount struct{ compared, gaps int }

func compare(t testing.TB, yaml string, truth *reference, partial bool) pairCount {
	t.Helper()
	_, view := loadTree(yaml)
	if !partial && len(view.Problems) > 0 {
		t.Fatalf("the engine refuses what the API server takes: %v\n%s", view.Problems, yaml)
	}
	c := &comparison{TB: t, yaml: yaml, view: view, engine: netpol.New(view), truth: truth, partial: partial}
	c.isolation()
	c.flows()
	c.allPairs()
	return c.pairs
}

func (c *comparison) fail(format string, args ...any) {
	c.Helper()
	c.Fatalf("%s\n%s", fmt.Sprintf(format, args...), c.yaml)
}

func (c *comparison) check(got, want verdict.Verdict, format string, args ...any) {
	c.Helper()
	if got != want && (!c.partial || got != verdict.Unknown) {
		c.fail("%s: %v, want %v", fmt.Sprintf(format, args...), got, want)
	}
}

func (c *comparison) workload(name string) *workload {
	i := slices.IndexFunc(c.truth.workloads, func(w *workload) bool { return w.Name == name })
	return c.truth.workloads[i]
}

func (c *comparison) isolation() {
	c.Helper()
	for _, d := range []cluster.Direction{cluster.Ingress, cluster.Egress} {
		for _, w := range c.view.Workloads {
			want := len(c.truth.isolating(c.workload(w.Name), d.Type())) > 0
			c.check(c.engine.Isolated(w, d), verdict.Of(want), "%s isolated for %s", w.Name, d)
		}
		for _, ns := range c.view.Namespaces {
			if ns.Name != "" {
				c.check(c.engine.Covered(ns, d), verdict.Of(c.truth.covered(ns.Name, d.Type())), "%s covered for %s", ns.Name, d)
			}
		}
	}
}

func (c *comparison) flows() {
	c.Helper()
	flows := map[[2]string]netpol.Flow{}
	for f := range c.engine.Flows(addresses) {
		flows[[2]string{bare(f.From), bare(f.To)}] = f
	}
	var ends []end
	for _, w := range c.truth.workloads {
		ends = append(ends, end{workload: w})
	}
	for _, addr := range addresses {
		ends = append(ends, end{addr: addr})
	}
	for _, from := range ends {
		for _, to := range ends {
			f, ok := flows[[2]string{from.name(), to.name()}]
			if ok && (f.Egress == nil) != (from.workload == nil) || ok && (f.Ingress == nil) != (to.workload == nil) {
				c.fail("%s to %s: only an address has no side, got %v", from.name(), to.name(), f)
			}
			c.side(from, egress, to, f.Egress)
			c.side(to, ingress, from, f.Ingress)
		}
	}
}

// bare is the name of an endpoint without its namespace.
func bare(id string) string { return id[strings.LastIndex(id, "/")+1:] }

// side compares one side of a flow. One that is not there allows nothing.
func (c *comparison) side(one end, d networkingv1.PolicyType, other end, got *netpol.Allowed) {
	c.Helper()
	if one.workload == nil {
		return
	}
	if got == nil {
		got = &netpol.Allowed{}
	}
	if got.Sure.Overlaps(got.Unknown) {
		c.fail("%s of %s with %s: %v is sure and unknown", d, one.name(), other.name(), got.Sure.Intersect(got.Unknown))
	}
	want := c.truth.allows(one.workload, d, other)
	for i, asked := range probes {
		c.check(verdictOn(got, asked), want[i], "%s of %s with %s on %s", d, one.name(), other.name(), asked)
	}
}

func verdictOn(a *netpol.Allowed, asked probe) verdict.Verdict {
	p := netpol.PortsOf(asked.protocol, asked.number, asked.number)
	switch {
	case p.Within(a.Sure):
		return verdict.Yes
	case p.Within(a.Unknown):
		return verdict.Unknown
	default:
		return verdict.No
	}
}

// allPairs compares every peer of every rule.
func (c *comparison) allPairs() {
	c.Helper()
	for _, p := range c.view.Policies {
		written := c.truth.policies[slices.IndexFunc(c.truth.policies, func(w *networkingv1.NetworkPolicy) bool { return w.Name == p.Name })]
		if p.Rival {
			continue // it is not known to be in the cluster
		}
		for _, d := range []cluster.Direction{cluster.Ingress, cluster.Egress} {
			for i, r := range rulesOf(written, d.Type()) {
				for j := range r.peers {
					where := fmt.Sprintf("%s.%s[%d].%s[%d]", p.Name, d, i, d.PeersKey(), j)
					c.pairing(where, c.engine.Pair(p, d, i, j), c.truth.whole(written, d.Type(), r, &r.peers[j]))
				}
			}
		}
	}
}

func (c *comparison) pairing(where string, got netpol.Pairing, want pairing) {
	c.Helper()
	if !want.applies {
		return
	}
	c.pairs.compared++
	gaps := map[string]gap{}
	for _, g := range got.Gaps {
		c.pairs.gaps++
		for _, id := range g.Pods {
			gaps[bare(id)] = probesOf(&g)
		}
	}
	// Pods that only a selector tells of may use a rule, or take its ports.
	if c.partial || (got.Undecided == netpol.UnknownLabels || want.amongOthers) && c.truth.namesUnseenPods() {
		c.noFalseGap(where, gaps, want)
		return
	}
	if fmt.Sprint(gaps) != fmt.Sprint(want.gaps) && !c.blocks() {
		c.fail("%s: gaps {missing passing isolating} %v, want %v", where, gaps, want.gaps)
	}
	for name := range want.gaps {
		if !slices.Equal(gaps[name].missing, want.gaps[name].missing) {
			c.fail("%s: %s lets not through %v, want %v", where, name, gaps[name].missing, want.gaps[name].missing)
		}
	}
	if len(gaps) != len(want.gaps) {
		c.fail("%s: gaps %v, want %v", where, gaps, want.gaps)
	}
	if len(gaps) > 0 && !slices.Equal(sortedBare(got.Own), want.own) {
		c.fail("%s: own pods %v, want %v", where, got.Own, want.own)
	}
	if got.Undecided != "" && !c.blocks() && !want.uncovered {
		c.fail("%s: undecided: %s", where, got.Undecided)
	}
}

// blocks reports whether a policy has an ipBlock. What passes is then not
// certain, and no more than what is missing is compared.
func (c *comparison) blocks() bool { return strings.Contains(c.yaml, "cidr") }

// noFalseGap checks that all that is said to be missing is.
func (c *comparison) noFalseGap(where string, gaps map[string]gap, want pairing) {
	c.Helper()
	for name, g := range gaps {
		for _, port := range g.missing {
			if !slices.Contains(want.gaps[name].missing, port) {
				c.fail("%s: %s of %s is missing, but nothing says that it is", where, port, name)
			}
		}
	}
}

// probesOf writes a gap with probes as the reference does.
func probesOf(g *netpol.Gap) gap {
	var isolating []string
	for _, p := range g.Isolating {
		isolating = append(isolating, p.Name)
	}
	slices.Sort(isolating)
	return gap{probesIn(g.Missing), probesIn(g.Passing), isolating}
}

func probesIn(texts []string) []string {
	var all []string
	for _, text := range texts {
		if strings.Contains(text, "(") {
			all = append(all, text) // a port name with its number
			continue
		}
		for _, asked := range probes {
			if describes(text, asked) {
				all = append(all, asked.String())
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// describes reports whether a text such as "TCP/80-90" or "every TCP port" is
// about a port.
func describes(text string, asked probe) bool {
	if text == "every port" || text == fmt.Sprintf("every %s port", asked.protocol) {
		return true
	}
	protocol, span, _ := strings.Cut(text, "/")
	low, high, isRange := strings.Cut(span, "-")
	if !isRange {
		high = low
	}
	first, _ := strconv.Atoi(low)
	last, _ := strconv.Atoi(high)
	return corev1.Protocol(protocol) == asked.protocol && first <= int(asked.number) && int(asked.number) <= last
}

func sortedBare(ids []string) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = bare(id)
	}
	slices.Sort(all)
	return all
}

// randomChoices is a stream that is the same for the same seed.
func randomChoices(seed uint64) choices {
	rng := rand.New(rand.NewPCG(seed, 1))
	c := make(choices, 2000)
	for i := range c {
		c[i] = byte(rng.Uint32())
	}
	return c
}

func clusters() uint64 {
	if testing.Short() {
		return 50
	}
	return 800
}

func TestAgainstReference(t *testing.T) {
	var total pairCount
	for seed := range clusters() {
		c := randomChoices(seed)
		truth := c.cluster()
		pairs := compare(t, c.render(truth), truth, false)
		total.compared += pairs.compared
		total.gaps += pairs.gaps
	}
	if total.gaps < int(clusters())/5 {
		t.Errorf("%d gaps in %d pairs: too few to tell anything", total.gaps, total.compared)
	}
	t.Logf("%d pairs compared, %d gaps", total.compared, total.gaps)
}

func FuzzVerdicts(f *testing.F) {
	for seed := range uint64(20) {
		f.Add([]byte(randomChoices(seed)[:400]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := choices(data)
		truth := c.cluster()
		compare(t, c.render(truth), truth, false)
	})
}

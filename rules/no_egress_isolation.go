package rules

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/netpol"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/internal/verdict"
)

// NoEgressIsolation reports namespaces in which a pod may reach any address.
var NoEgressIsolation = define(Rule{
	Code:     "EGR002",
	Level:    Warning,
	Graded:   map[string]Level{nextPod: Note, partial: Note},
	Severity: "6.0",
	Tags:     []string{"network-policy", "security", "isolation"},
	Analyzer: &analysis.Analyzer{
		Name: "no_egress_isolation",
		Doc: `a namespace has pods that are not isolated for egress

A pod is isolated for egress when a policy that governs Egress selects it. A
pod that no such policy selects may send to every address and every port. The
message names the workloads of the namespace that are open. It is a note where
each workload is isolated by a policy of its own, but no policy covers the
next one. kube-system, kube-public and kube-node-lease are exempt, and so is what
the settings name under "exempt-namespaces".`,
		Run: noEgressIsolation,
	},
	Why: `
Policies are lists of what is allowed, and they begin to count when the first
one selects a pod. Without a policy that selects all pods of the namespace,
the workload that is added tomorrow starts out with the whole Internet open.`,
	Fix: `
Add a policy with an empty podSelector and policyTypes [Egress] to the
namespace, then allow what its pods need: DNS first. Set up ingress policies
before egress policies, and do not do this in kube-system unless you know
what depends on it. --unsafe-fixes adds that policy with DNS to the cluster's own
servers, and one for each ingress rule that names the pods.`,
	Misses: `
Namespaces in which the tree shows no workload. Where a HelmRelease or an
operator runs pods that the tree does not show, the message names "at least" the
others. Where parts of a kustomization cannot be read, it is a note. Pods in the network of their
node (hostNetwork), which policies do not govern. Workloads that operators and
charts make. Where the tree holds policies of kinds that are not read
(Cilium, Calico, AdminNetworkPolicy and others) or policies made by Kyverno,
nothing is said of the namespaces they may reach.`,
	Bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
spec:
  containers:
  - name: api
    image: registry.example.com/api:1.0.0
`,
	Good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
spec:
  containers:
  - name: api
    image: registry.example.com/api:1.0.0
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-egress
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
  - Egress
`,
})

const (
	// nextPod is a namespace whose workloads are isolated one by one.
	nextPod = "next-pod"
	// partial is a namespace with objects that cannot be read.
	partial = "partial"
)

func noEgressIsolation(pass *analysis.Pass) (any, error) {
	engine := netpol.Of(pass)
	undecided := Undecided{}
	for _, ns := range cluster.Of(pass).Namespaces {
		if cluster.Of(pass).Exempt(ns.Name) {
			continue
		}
		covered := engine.Covered(ns, cluster.Egress)
		if covered == verdict.Yes {
			continue
		}
		open, isolated, unknown := divide(engine, ns.Workloads)
		switch {
		case len(open) > 0:
			category, may := "", "may reach every address"
			if len(ns.Firewalls) > 0 {
				may = "may reach every pod of the cluster"
			}
			if ns.Partial {
				category, may = partial, may+", as far as the tree shows: parts of it cannot be read"
			}
			report(pass, ns, category, "egress is not isolated in %s: %s "+may, open)
		case unknown > 0, len(isolated) > 0 && covered == verdict.Unknown:
			undecided["namespaces where "+doubt(ns)]++
		case len(isolated) > 0:
			report(pass, ns, nextPod, "each workload in %s is isolated for egress by itself, but no policy covers the next one (now %s)", isolated)
		}
	}
	return undecided, nil
}

// doubt says why it is not known whether a namespace is isolated.
func doubt(ns *cluster.Namespace) string {
	switch {
	case len(ns.Foreign) > 0:
		return netpol.UnknownForeign
	case slices.ContainsFunc(ns.Policies, func(p *cluster.Policy) bool { return p.Rival }):
		return netpol.UnknownRivals
	default:
		return netpol.UnknownLabels
	}
}

// divide sorts the workloads by whether they are isolated for egress. Pods in
// the network of their node are left out.
func divide(engine *netpol.Engine, workloads []*cluster.Workload) (open, isolated []*cluster.Workload, unknown int) {
	for _, w := range workloads {
		switch v := engine.Isolated(w, cluster.Egress); {
		case w.HostNetwork == verdict.Yes:
		case w.HostNetwork == verdict.Unknown, v == verdict.Unknown:
			unknown++
		case v == verdict.Yes:
			isolated = append(isolated, w)
		default:
			open = append(open, w)
		}
	}
	return open, isolated, unknown
}

// report reports a namespace at its declaration, or at the first of the
// workloads; format takes the names of the namespace and of the workloads.
func report(pass *analysis.Pass, ns *cluster.Namespace, category, format string, workloads []*cluster.Workload) {
	names := make([]string, len(workloads))
	least := ""
	if ns.Unseen {
		least = "at least "
	}
	d := analysis.Diagnostic{Category: category}
	for i, w := range workloads {
		names[i] = strings.ToLower(w.Kind) + " " + w.Name
		pos, end := nameOf(w.Resource).Pos()
		d.Related = append(d.Related, analysis.RelatedInformation{Pos: pos, End: end, Message: names[i] + " is here"})
	}
	at := workloads[0].Resource
	if ns.Declared != nil {
		at = ns.Declared
	}
	d.Pos, d.End = nameOf(at).Pos()
	d.Message = fmt.Sprintf(format, ns.Title(), least+enumerate(names))
	d.SuggestedFixes = suggest(pass, isolations(pass, ns, category, workloads)...)
	pass.Report(d)
}

// nameOf is where the name of an object stands.
func nameOf(r *manifest.Resource) source.Span { return r.Span("metadata", "name") }

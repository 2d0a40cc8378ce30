package rules

import (
	"fmt"
	"path"

	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
)

// OrphanPolicy reports policies that look applied, and are not.
var OrphanPolicy = define(Rule{
	Code:     "EGR005",
	Level:    Warning,
	Severity: "6.0",
	Tags:     []string{"network-policy", "security", "kustomize"},
	Analyzer: &analysis.Analyzer{
		Name: "orphan_policy",
		Doc: `a policy is not applied, although a kustomization applies its neighbours

Reported is a NetworkPolicy in a file that no kustomization lists, where a
kustomization lies beside the file, or lies above it and applies other files of
the same directory. Nothing in the tree applies such a file: the policy
isolates no pod, and the other rules do not count it.`,
		Run: orphanPolicy,
	},
	Why: `
A kustomization applies what it lists and nothing else. A policy that lies beside
it, with the right names and labels, passes every review, and protects nothing.`,
	Fix: `
List the file under "resources" of the kustomization. Before that, look at what
the policy would cut off: it has never been in effect. If it is not meant to
be, delete it. --unsafe-fixes lists it, and the report tells what that cuts off.`,
	Misses: `
Files that a kustomization of kind Component lists are silent, also where nothing
uses the component: it is an offer. Where a kustomization lists neither a file
nor a directory, nothing is said of what lies beside it. A policy that someone
applies by hand, or that a tool outside the tree applies, is reported although
it is in effect.`,
	Bad: `
-- kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
resources:
- deployment.yaml
-- deployment.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: api
spec:
  containers:
  - name: api
    image: registry.example.com/api:1.0.0
-- policy.yaml --
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
spec:
  podSelector: {}
  policyTypes:
  - Ingress
  - Egress
`,
	Good: `
-- kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
resources:
- deployment.yaml
- policy.yaml
-- deployment.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: api
spec:
  containers:
  - name: api
    image: registry.example.com/api:1.0.0
-- policy.yaml --
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
spec:
  podSelector: {}
  policyTypes:
  - Ingress
  - Egress
`,
})

func orphanPolicy(pass *analysis.Pass) (any, error) {
	for _, p := range cluster.Of(pass).Unapplied {
		if p.Unapplied != manifest.Orphans {
			continue
		}
		pos, end := nameOf(p.Resource).Pos()
		pass.Report(analysis.Diagnostic{
			Pos: pos, End: end,
			SuggestedFixes: suggest(pass, func() analysis.SuggestedFix { return listOrphan(pass, p) }),
			Message: fmt.Sprintf("%s isolates nothing: no kustomization lists %s, although %s applies what lies beside it",
				title(p), path.Base(p.File.Path), source.PrintablePath(p.Neighbour.File.Path)),
		})
	}
	return Undecided{}, nil
}

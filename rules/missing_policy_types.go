package rules

import (
	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/source"
)

// MissingPolicyTypes reports policies whose directions are left to the
// defaulting of the API server.
var MissingPolicyTypes = define(Rule{
	Code:     "EGR001",
	Level:    Warning,
	Graded:   map[string]Level{inertEgress: Error},
	Severity: "4.0",
	Tags:     []string{"network-policy", "correctness"},
	Safe:     true,
	Analyzer: &analysis.Analyzer{
		Name: "missing_policy_types",
		Doc: `policyTypes is absent or empty, so the directions of the policy are implied

A NetworkPolicy without policyTypes takes effect for Ingress always, and for
Egress only when it has at least one egress rule. The message says which
directions that gives. It is an error where the policy has an egress key
without rules: it looks like a policy that denies egress, and isolates nothing.`,
		Run: missingPolicyTypes,
	},
	Why: `
The implied directions surprise in both ways. A policy written to allow some
egress also denies all ingress to its pods, because Ingress is always implied.
A policy with "egress: []", written to deny egress, governs ingress alone.
Whoever removes the last egress rule of a policy removes the isolation too.`,
	Fix: `
Write the directions that the policy is meant to govern. Writing those that
the message names changes no traffic, and --fix does it. Where the egress key
misleads, --unsafe-fixes writes both directions instead.`,
	Misses: `
The rule reads each policy as written and by itself. It does not say whether
the implied directions are the intended ones.`,
	Bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api-egress
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  egress:
  - to:
    - ipBlock:
        cidr: 10.20.0.0/16
    ports:
    - protocol: TCP
      port: 5432
`,
	Good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api-egress
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes:
  - Egress
  egress:
  - to:
    - ipBlock:
        cidr: 10.20.0.0/16
    ports:
    - protocol: TCP
      port: 5432
`,
})

// inertEgress is a policy with an egress key that isolates nothing.
const inertEgress = "inert-egress"

func missingPolicyTypes(pass *analysis.Pass) (any, error) {
	for _, p := range cluster.Of(pass).Written() {
		if len(p.Types) > 0 {
			continue
		}
		d := analysis.Diagnostic{Message: title(p) + " has no policyTypes: " + implied(p)}
		if misleads(p) {
			d.Category = inertEgress
		}
		d.Pos, d.End = withoutTypes(p, d.Category).Pos()
		d.SuggestedFixes = suggest(pass, writeTypes(pass, p)...)
		pass.Report(d)
	}
	return Undecided(nil), nil
}

// misleads holds for a policy with an egress key that has no effect.
func misleads(p *cluster.Policy) bool { return p.HasEgress && !p.Effective(cluster.Egress) }

// implied says what the absence of policyTypes comes to.
func implied(p *cluster.Policy) string {
	switch {
	case misleads(p):
		return "its egress has no rules, so it takes effect for Ingress only and isolates nothing for egress"
	case !p.Effective(cluster.Egress) && len(p.Rules[cluster.Ingress]) == 0:
		return "it takes effect for Ingress only, and denies all ingress to its pods"
	case !p.Effective(cluster.Egress):
		return "it takes effect for Ingress only"
	case len(p.Rules[cluster.Ingress]) == 0:
		return "it takes effect for Ingress and Egress, so it also denies all ingress to its pods"
	default:
		return "it takes effect for Ingress and Egress"
	}
}

// withoutTypes is where to point: the key that misleads, the empty
// policyTypes, the spec that lacks it, or the kind where there is no spec.
func withoutTypes(p *cluster.Policy, category string) source.Span {
	if category == inertEgress {
		return p.KeySpan("spec", "egress")
	}
	if span := p.KeySpan("spec", "policyTypes"); span != p.Document() {
		return span
	}
	return p.Span("kind")
}

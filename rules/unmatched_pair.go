package rules

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/draft"
	"github.com/egresslint/egresslint/internal/netpol"
)

// UnmatchedPair reports rules that cannot work, because the other side of the
// connection does not allow it.
var UnmatchedPair = define(Rule{
	Code:     "EGR003",
	Level:    Warning,
	Severity: "5.0",
	Tags:     []string{"network-policy", "correctness", "connectivity"},
	Analyzer: &analysis.Analyzer{
		Name: "unmatched_pair",
		Doc: `a rule allows a connection that the other side does not allow

A connection between two pods needs two permissions: egress from the one that
sends and ingress to the one that receives. The rule reports a peer that names
pods or namespaces, where the pods it names are isolated in the other direction
and none of the rules that apply to them lets the traffic through. Ports are
compared as sets, so the message can say that one port passes and another
does not. Where the tree has no pod that the peer selects, a pod with exactly
the labels that the peer asks for stands in for it.`,
		Run: unmatchedPair,
	},
	Why: `
The moment a namespace is isolated for egress, every connection that ingress
rules allow needs an egress rule too, and the other way round. A rule without
its counterpart looks like an open connection in review and is a closed one in
the cluster.`,
	Fix: `
Add the complementary rule: swap podSelector and peer, keep the ports, and name
the other direction. Across namespaces the policy goes to the namespace of the
peer, and its own peer gains a namespaceSelector. If the connection is not
wanted, remove the rule. --unsafe-fixes writes the complementary rule.`,
	Misses: `
Peers that name everyone: no peer, an empty podSelector, an empty
namespaceSelector, or selectors that only rule labels out. Of the pods that the
policy itself selects one is enough: a rule that works for some of them is not
reported. The pods of a namespace that a peer names as a whole count together,
and where a rule has several peers a port is enough for one of them. A rule
without port numbers, or with a range, is reported only when nothing passes.
Objects without a namespace are taken for a namespace of their own. Nothing is
reported where an ipBlock may hold the pods' addresses, where labels of a
namespace or pod are not in the tree, where pods that the tree does not show may
use the rule, or where policies of kinds that are not read may apply; the last
line of the output counts these.`,
	Bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
  - Ingress
  - Egress
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db-from-api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: db
  policyTypes:
  - Ingress
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: api
    ports:
    - protocol: TCP
      port: 5432
`,
	Good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
  - Ingress
  - Egress
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db-from-api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: db
  policyTypes:
  - Ingress
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: api
    ports:
    - protocol: TCP
      port: 5432
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api-to-db
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes:
  - Egress
  egress:
  - to:
    - podSelector:
        matchLabels:
          app: db
    ports:
    - protocol: TCP
      port: 5432
`,
})

func unmatchedPair(pass *analysis.Pass) (any, error) {
	engine := netpol.Of(pass)
	undecided := Undecided{}
	for _, p := range cluster.Of(pass).Policies {
		for _, d := range []cluster.Direction{cluster.Ingress, cluster.Egress} {
			for i, rule := range p.Rules[d] {
				for j := range rule.Peers {
					pairing := engine.Pair(p, d, i, j)
					if pairing.Undecided != "" {
						undecided["pairs where "+pairing.Undecided]++
					}
					for _, gap := range pairing.Gaps {
						pos, end := p.Span("spec", d.String(), i, d.PeersKey(), j).Pos()
						pass.Report(analysis.Diagnostic{
							Pos: pos, End: end,
							Message: unmatched(d, &gap, pairing.Own),
							Related: otherSide(d.Opposite(), &gap),
							SuggestedFixes: suggest(pass, func() analysis.SuggestedFix {
								return complement(pass, p, draft.Peer{Direction: d, Rule: i, Index: j}, &gap)
							}),
						})
					}
				}
			}
		}
	}
	return undecided, nil
}

// unmatched says which traffic one side lets through and the other does not.
func unmatched(d cluster.Direction, gap *netpol.Gap, own []string) string {
	from, to, here, there := enumerate(gap.Pods), enumerate(own), "in", "out"
	if d == cluster.Egress {
		from, to, here, there = to, from, there, here
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s -> %s: ", from, to)
	if len(gap.Passing) > 0 {
		fmt.Fprintf(&b, "%s %s, ", enumerate(gap.Passing), agree(gap.Passing, "passes", "pass"))
	}
	fmt.Fprintf(&b, "%s %s let %s, not %s; ", enumerate(gap.Missing), agree(gap.Missing, "is", "are"), here, there)
	policy := closest(gap.Isolating)
	fmt.Fprintf(&b, "%s isolates %s for %s", title(policy), enumerate(gap.Pods), d.Opposite())
	fmt.Fprintf(&b, " and no rule lets %s %s", agree(gap.Missing, "it", "them"), there)
	return b.String()
}

// agree is the form of a verb that goes with a list.
func agree(list []string, one, many string) string {
	if len(list) == 1 {
		return one
	}
	return many
}

// otherSide points at the policy that isolates the other side.
func otherSide(d cluster.Direction, gap *netpol.Gap) []analysis.RelatedInformation {
	p := closest(gap.Isolating)
	pos, end := p.KeySpan("spec", "policyTypes").Pos()
	message := fmt.Sprintf("isolated for %s here: %s", d, enumerate(gap.Pods))
	return []analysis.RelatedInformation{{Pos: pos, End: end, Message: message}}
}

// closest is the policy in which the missing rule would stand: one that is
// about the pods rather than about their whole namespace, where there is one.
func closest(policies []*cluster.Policy) *cluster.Policy {
	i := slices.IndexFunc(policies, func(p *cluster.Policy) bool { return !p.Pods.Everything() })
	return policies[max(i, 0)]
}

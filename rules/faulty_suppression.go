package rules

import "golang.org/x/tools/go/analysis"

// FaultySuppression is what is wrong with suppressions. Whether one is of use is
// only known when the other rules are done: what applies them reports it, and the
// analyzer itself finds nothing.
var FaultySuppression = define(Rule{
	Code:     "EGR900",
	Level:    Warning,
	Severity: "1.0",
	Tags:     []string{"network-policy", "maintainability"},
	Analyzer: &analysis.Analyzer{
		Name: "faulty_suppression",
		Doc: `a suppression suppresses nothing, gives no reason, or cannot be read

Reported is a suppression, in a comment, in the annotation "egresslint/ignore" or
under "ignore" in the settings, of a rule that finds nothing there; one without
a reason, unless the settings say "require-reason: false"; and one that names no
rule, or one that does not exist.`,
		Run: func(*analysis.Pass) (any, error) { return Undecided{}, nil },
	},
	Why: `
A suppression that outlives its reason hides the next defect at that place. Who
reads it later has to know why it was all right.`,
	Fix: `
Remove what suppresses nothing. Write the reason behind two dashes:
"# egresslint:ignore EGR004 -- the resolver is audited".`,
	Misses: `
What suppresses nothing is reported only where all paths given are directories,
and no single view was asked for: in a part of a tree it may be of use for the
rest. Of entries of the settings it is reported only where the directory of the
settings was read as a whole, and nothing is said of rules that are off.`,
	Bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
  - Egress
  egress:
  - ports: # egresslint:ignore EGR004
    - port: 53
      protocol: UDP
`,
	Good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
  - Egress
  egress:
  - ports: # egresslint:ignore EGR004 -- the node's resolver has any address, and is audited
    - port: 53
      protocol: UDP
`,
})

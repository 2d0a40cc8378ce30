package rules

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/netpol"
	"github.com/egresslint/egresslint/internal/source"
)

// UnscopedDNS reports rules by which port 53 of any address is open.
var UnscopedDNS = define(Rule{
	Code:     "EGR004",
	Level:    Warning,
	Graded:   map[string]Level{allPorts: Note},
	Severity: "6.5",
	Tags:     []string{"network-policy", "security", "dns", "exfiltration"},
	Analyzer: &analysis.Analyzer{
		Name: "unscoped_dns",
		Doc: `an egress rule opens port 53 of any address

Reported is an egress rule that reaches any address (it has no "to", or blocks
that hold all public addresses of IPv4 or IPv6, with or without exceptions) on
TCP or UDP port 53: by its number, in a range, or because the rule names only a
protocol. Where the rule opens every port, it is a note.`,
		Run: unscopedDNS,
	},
	Why: `
A pod that may send to port 53 of any address can talk to a name server of an
attacker, and queries carry data out. Rules like this are written to let pods
resolve names, for which the cluster's own DNS is enough.`,
	Fix: `
Name the DNS of the cluster in "to": the pods with the label k8s-app: kube-dns
in the namespace kube-system, on most clusters. A resolver in the cluster still
forwards queries, so this narrows the way out and does not close it.
--unsafe-fixes does that; a rule that opens more is split, and one that opens every
port is left alone.`,
	Misses: `
A peer that is pods, namespaces, or addresses of which not all public ones are
part is scoped, also where it holds resolvers that anyone can use. DNS over
other ports, such as DNS over HTTPS, is not seen. Whether the pods have another
policy that opens more does not matter to the rule.`,
	Bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-egress
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
  - Egress
  egress:
  - ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
`,
	Good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-egress
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
  - Egress
  egress:
  - to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
    ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
`,
})

// allPorts is a rule that opens port 53 among all others.
const allPorts = "all-ports"

func unscopedDNS(pass *analysis.Pass) (any, error) {
	udp := netpol.PortsOf(corev1.ProtocolUDP, 53, 53)
	dns := netpol.PortsOf(corev1.ProtocolTCP, 53, 53).Union(udp)
	for _, p := range cluster.Of(pass).Written() {
		if !p.Effective(cluster.Egress) {
			continue
		}
		for i := range p.Rules[cluster.Egress] {
			rule := &p.Rules[cluster.Egress][i]
			ports := netpol.RulePorts(rule.Ports)
			open := ports.Intersect(dns)
			if open.Empty() || !anyAddress(rule) {
				continue
			}
			d := analysis.Diagnostic{Message: fmt.Sprintf("%s lets %s out to any address, a way to leak data: name the cluster's DNS pods in \"to\"",
				title(p), strings.Join(open.List(), " and "))}
			if everyPort(ports) {
				d.Category = allPorts
				d.Message = title(p) + " lets every port out to any address, and so DNS to any server"
			}
			d.Pos, d.End = opening(p, i).Pos()
			d.SuggestedFixes = suggest(pass, func() analysis.SuggestedFix { return scopeDNS(pass, p, i) })
			pass.Report(d)
		}
	}
	return Undecided(nil), nil
}

// anyAddress reports whether a rule reaches any address: of all peers or by
// its blocks.
func anyAddress(rule *cluster.Rule) bool {
	return len(rule.Peers) == 0 || netpol.AnyAddress(blocks(rule))
}

func blocks(rule *cluster.Rule) []*networkingv1.IPBlock {
	var all []*networkingv1.IPBlock
	for _, peer := range rule.Peers {
		if peer.Block != nil {
			all = append(all, peer.Block)
		}
	}
	return all
}

// everyPort reports whether nothing is left closed but SCTP, which some rules
// leave out because hardly anyone uses it.
func everyPort(ports netpol.Ports) bool {
	every := netpol.PortsOf(corev1.ProtocolTCP, 1, netpol.MaxPort).Union(netpol.PortsOf(corev1.ProtocolUDP, 1, netpol.MaxPort))
	return every.Within(ports)
}

// opening is what opens the rule: the first block that reaches any address by
// itself, the "to" that is empty or whose blocks do so together, or the rule
// that has none.
func opening(p *cluster.Policy, i int) source.Span {
	rule := &p.Rules[cluster.Egress][i]
	if len(rule.Peers) == 0 {
		return p.KeySpan("spec", "egress", i, "to")
	}
	for j, peer := range rule.Peers {
		if peer.Block != nil && netpol.AnyAddress([]*networkingv1.IPBlock{peer.Block}) {
			return p.Span("spec", "egress", i, "to", j, "ipBlock", "cidr")
		}
	}
	return p.KeySpan("spec", "egress", i, "to")
}

package rules

import (
	"errors"
	"reflect"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/go/analysis"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/draft"
	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/edit"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/netpol"
)

// Why a rule that opens port 53 is left as it is.
var (
	errEverything = errors.New("the rule opens every port, and so means more than DNS")
	errJointly    = errors.New("several blocks reach any address together")
)

// scoping is the fix for a rule that opens port 53 of any address: it is for the
// cluster's DNS then. What else the rule opens stays open.
type scoping struct {
	*fix

	p     *cluster.Policy
	index int
	// written is the document of the policy, rule the rule as it is written there.
	written document.Document
	rule    *yaml.Node
	// servers are the cluster's DNS. scoped are the rules that let out to it.
	servers []draft.Servers
	scoped  []cluster.Rule
	// protocols are those on which the rule opens port 53.
	protocols []corev1.Protocol
}

// scopeDNS is the fix for one rule of a policy.
func scopeDNS(pass *analysis.Pass, p *cluster.Policy, index int) analysis.SuggestedFix {
	s := scoping{fix: newFix(pass), p: p, index: index, servers: draft.DNS(cluster.Of(pass), p.Unit)}
	var spec *yaml.Node
	var err error
	s.written, spec, err = written(p)
	s.fail(err)
	rules := child(spec, "egress")
	if items := node.Items(rules); s.err == nil && index < len(items) {
		s.rule = items[index]
	}
	if s.err == nil && (s.rule == nil || s.rule.Kind != yaml.MappingNode || len(node.Items(child(s.rule, "ports"))) != len(p.Rules[cluster.Egress][index].Ports)) {
		s.fail(errPatched)
	}
	s.decide()
	if s.err != nil {
		return s.done("")
	}
	if s.onlyDNS() {
		s.narrow(rules)
		return s.done("let DNS out to the cluster's own servers alone")
	}
	s.split(rules)
	return s.done("give DNS a rule of its own, to the cluster's own servers alone")
}

// decide finds out what is to be let out, and to whom.
func (s *scoping) decide() {
	if s.err != nil {
		return
	}
	written := &s.p.Rules[cluster.Egress][s.index]
	if everyPort(netpol.RulePorts(written.Ports)) || len(written.Ports) == 0 {
		s.fail(errEverything)
		return
	}
	for _, protocol := range []corev1.Protocol{corev1.ProtocolUDP, corev1.ProtocolTCP} {
		if netpol.PortsOf(protocol, cluster.DNSPort, cluster.DNSPort).Overlaps(netpol.RulePorts(written.Ports)) {
			s.protocols = append(s.protocols, protocol)
		}
	}
	in := s.p.In
	if in == nil { // nothing applies the policy
		in = &cluster.Namespace{}
	}
	rules := draft.Rules(s.servers, s.protocols...)
	meant := cluster.Draft(draft.Policy{Name: "draft", Pods: draft.Everyone(), Direction: cluster.Egress, Rules: rules}.Node(), in)
	if meant == nil {
		s.fail(errShape)
		return
	}
	s.scoped = meant.Rules[cluster.Egress]
}

// isDNS reports whether an entry of ports is port 53 and nothing else.
func isDNS(p *networkingv1.NetworkPolicyPort) bool {
	return p.Port != nil && p.Port.Type == intstr.Int && p.Port.IntVal == cluster.DNSPort && (p.EndPort == nil || *p.EndPort == cluster.DNSPort)
}

// onlyDNS reports whether the rule opens nothing but port 53.
func (s *scoping) onlyDNS() bool {
	ports := s.p.Rules[cluster.Egress][s.index].Ports
	return !slices.ContainsFunc(ports, func(p networkingv1.NetworkPolicyPort) bool { return !isDNS(&p) })
}

// narrow names the cluster's DNS in the rule, in the place of what reaches any
// address.
func (s *scoping) narrow(rules *yaml.Node) {
	first := s.servers[0]
	to := child(s.rule, "to")
	rule := s.p.Rules[cluster.Egress][s.index]
	meant := cluster.Rule{Ports: s.scoped[0].Ports, Peers: s.scoped[0].Peers}
	open := openBlocks(&rule)
	kept := len(open) > 0 && len(open) < len(rule.Peers)
	switch {
	case to != nil && to.Kind == yaml.AliasNode:
		s.fail(edit.Refusal("it is behind an anchor"))
	case kept && first.Port != cluster.DNSPort:
		s.apart(rules, to, open)
		return
	case to == nil:
		s.edit(edit.InsertKey(s.written, s.rule, "", "to", draft.List(first.Peers...)))
	case len(node.Items(to)) == 0 || len(open) == len(rule.Peers) && len(open) == 1:
		s.edit(edit.ReplaceValue(s.written, s.rule, "to", draft.List(first.Peers...)))
	case len(open) == 0 || to.Kind != yaml.SequenceNode || len(to.Content) != len(rule.Peers):
		s.fail(errJointly)
	default:
		meant.Peers = nil
		for i, peer := range rule.Peers {
			if !slices.Contains(open, i) {
				meant.Peers = append(meant.Peers, peer)
			}
		}
		meant.Peers = append(meant.Peers, s.scoped[0].Peers...)
		s.edit(edit.ReplaceItem(s.written, to, open[0], first.Peers[0]))
		for _, more := range first.Peers[1:] {
			s.edit(edit.AppendItem(s.written, to, more))
		}
		for _, i := range open[1:] {
			s.edit(edit.RemoveItem(s.written, to, i))
		}
	}
	if first.Port != cluster.DNSPort {
		for _, item := range node.Items(child(s.rule, "ports")) {
			s.edit(edit.ReplaceScalar(s.written, child(item, "port"), strconv.Itoa(int(first.Port))))
		}
	}
	others := []cluster.Rule{meant}
	for i, more := range draft.Rules(s.servers, s.protocols...) {
		if i > 0 && !s.has(&s.scoped[i]) {
			s.edit(edit.AppendItem(s.written, rules, more))
			others = append(others, s.scoped[i])
		}
	}
	s.change(others)
}

// has reports whether the policy has a rule already.
func (s *scoping) has(rule *cluster.Rule) bool {
	return slices.ContainsFunc(s.p.Rules[cluster.Egress], func(r cluster.Rule) bool { return reflect.DeepEqual(r, *rule) })
}

// apart takes out of a rule what reaches any address, and puts a rule before it
// for DNS, which has another port than the peers that stay.
func (s *scoping) apart(rules, to *yaml.Node, open []int) {
	if len(to.Content) != len(s.p.Rules[cluster.Egress][s.index].Peers) {
		s.fail(errPatched)
		return
	}
	before := s.insertServers(rules)
	rest := s.p.Rules[cluster.Egress][s.index]
	rest.Peers = nil
	for i, peer := range s.p.Rules[cluster.Egress][s.index].Peers {
		if slices.Contains(open, i) {
			s.edit(edit.RemoveItem(s.written, to, i))
		} else {
			rest.Peers = append(rest.Peers, peer)
		}
	}
	s.change(append(before, rest))
}

// insertServers puts the rules for DNS before the rule, save those that the policy
// has, and returns them.
func (s *scoping) insertServers(rules *yaml.Node) []cluster.Rule {
	var added []cluster.Rule
	for i, rule := range draft.Rules(s.servers, s.protocols...) {
		if !s.has(&s.scoped[i]) {
			s.edit(edit.InsertItem(s.written, rules, s.index, rule))
			added = append(added, s.scoped[i])
		}
	}
	return added
}

// openBlocks are the peers of a rule that are blocks which reach any address by
// themselves.
func openBlocks(rule *cluster.Rule) []int {
	var all []int
	for i, peer := range rule.Peers {
		if peer.Block != nil && netpol.AnyAddress([]*networkingv1.IPBlock{peer.Block}) {
			all = append(all, i)
		}
	}
	return all
}

// change notes what becomes of the rule.
func (s *scoping) change(rules []cluster.Rule) {
	if s.p.Unapplied != "" {
		return
	}
	with := *s.p
	with.Rules[cluster.Egress] = slices.Concat(s.p.Rules[cluster.Egress][:s.index], rules, s.p.Rules[cluster.Egress][s.index+1:])
	s.changes = []netpol.Edit{{Old: s.p, New: &with}}
}

// split takes port 53 out of the rule and puts a rule for DNS before it.
func (s *scoping) split(rules *yaml.Node) {
	before := s.insertServers(rules)
	ports := child(s.rule, "ports")
	rest := s.p.Rules[cluster.Egress][s.index]
	rest.Ports = nil
	for i, p := range s.p.Rules[cluster.Egress][s.index].Ports {
		switch {
		case isDNS(&p):
			s.edit(edit.RemoveItem(s.written, ports, i))
		case netpol.RulePorts([]networkingv1.NetworkPolicyPort{p}).Overlaps(netpol.PortsOf(protocolOf(&p), cluster.DNSPort, cluster.DNSPort)):
			around := without(&p)
			rest.Ports = append(rest.Ports, around...)
			s.around(ports, i, &p, around)
		default:
			rest.Ports = append(rest.Ports, p)
		}
	}
	s.change(append(before, rest))
}

// around writes the ranges around port 53 in the place of one that holds it.
func (s *scoping) around(ports *yaml.Node, i int, p *networkingv1.NetworkPolicyPort, ranges []networkingv1.NetworkPolicyPort) {
	item := node.Items(ports)[i]
	number := func(key string, n int) { s.edit(edit.ReplaceScalar(s.written, child(item, key), strconv.Itoa(n))) }
	switch {
	case p.EndPort == nil:
		s.edit(edit.ReplaceItem(s.written, ports, i, draft.Port(&ranges[0])))
	case p.Port.IntVal == cluster.DNSPort:
		number("port", cluster.DNSPort+1)
	default:
		number("endPort", cluster.DNSPort-1)
	}
	for _, more := range ranges[1:] {
		s.edit(edit.InsertItem(s.written, ports, i+1, draft.Port(&more)))
	}
}

func protocolOf(p *networkingv1.NetworkPolicyPort) corev1.Protocol {
	if p.Protocol == nil {
		return corev1.ProtocolTCP
	}
	return *p.Protocol
}

// without is an entry of ports without port 53: the ranges below and above.
func without(p *networkingv1.NetworkPolicyPort) []networkingv1.NetworkPolicyPort {
	first, last := int32(1), int32(netpol.MaxPort)
	if p.Port != nil {
		first, last = p.Port.IntVal, p.Port.IntVal
		if p.EndPort != nil {
			last = *p.EndPort
		}
	}
	var all []networkingv1.NetworkPolicyPort
	for _, r := range [][2]int32{{first, cluster.DNSPort - 1}, {cluster.DNSPort + 1, last}} {
		if r[0] > r[1] {
			continue
		}
		port := intstr.FromInt32(r[0])
		part := networkingv1.NetworkPolicyPort{Protocol: p.Protocol, Port: &port}
		if r[1] > r[0] {
			part.EndPort = &r[1]
		}
		all = append(all, part)
	}
	return all
}

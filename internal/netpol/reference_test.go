package netpol_test

import (
	"maps"
	"net"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/egresslint/egresslint/internal/verdict"
)

const (
	ingress = networkingv1.PolicyTypeIngress
	egress  = networkingv1.PolicyTypeEgress
)

// reference decides what the policies of a cluster allow the slow way: pod by
// pod and port by port, as k8s.io/api/networking/v1 describes each field. It
// knows everything of the cluster but the addresses of its pods.
type reference struct {
	namespaces []*corev1.Namespace
	workloads  []*workload
	policies   []*networkingv1.NetworkPolicy

	compiled map[*metav1.LabelSelector]labels.Selector
}

// workload is pods that are alike: one for the kind Pod, at least two for the
// other kinds.
type workload struct {
	kind string
	corev1.Pod
}

// end is the other end of a connection: pods, or else an address outside the
// cluster.
type end struct {
	*workload
	addr netip.Addr
}

// name is the name of the workload, or the address.
func (e end) name() string {
	if e.workload != nil {
		return e.Name
	}
	return e.addr.String()
}

// probe is a port that is asked for.
type probe struct {
	protocol corev1.Protocol
	number   int32
}

// rule is what ingress and egress rules have in common.
type rule struct {
	peers []networkingv1.NetworkPolicyPeer
	ports []networkingv1.NetworkPolicyPort
}

func rulesOf(p *networkingv1.NetworkPolicy, d networkingv1.PolicyType) []rule {
	var all []rule
	if d == ingress {
		for _, r := range p.Spec.Ingress {
			all = append(all, rule{r.From, r.Ports})
		}
		return all
	}
	for _, r := range p.Spec.Egress {
		all = append(all, rule{r.To, r.Ports})
	}
	return all
}

// selects reports whether a selector matches labels. A nil selector is the
// caller's business.
func (c *reference) selects(s *metav1.LabelSelector, l map[string]string) bool {
	if c.compiled == nil {
		c.compiled = map[*metav1.LabelSelector]labels.Selector{}
	}
	compiled, ok := c.compiled[s]
	if !ok {
		var err error
		if compiled, err = metav1.LabelSelectorAsSelector(s); err != nil {
			panic(err) // the generator makes valid selectors
		}
		c.compiled[s] = compiled
	}
	return compiled.Matches(labels.Set(l))
}

// namespaceLabels is the labels of a namespace, with the one that the API
// server sets.
func (c *reference) namespaceLabels(name string) map[string]string {
	all := map[string]string{}
	for _, ns := range c.namespaces {
		if ns.Name == name {
			maps.Copy(all, ns.Labels)
		}
	}
	all[corev1.LabelMetadataName] = name
	return all
}

// governs reports whether a policy has an effect in a direction.
func governs(p *networkingv1.NetworkPolicy, d networkingv1.PolicyType) bool {
	if len(p.Spec.PolicyTypes) > 0 {
		return slices.Contains(p.Spec.PolicyTypes, d)
	}
	return d == ingress || len(p.Spec.Egress) > 0
}

// isolating lists the policies that isolate pods in a direction. No policy
// governs pods in the network of their node.
func (c *reference) isolating(w *workload, d networkingv1.PolicyType) []*networkingv1.NetworkPolicy {
	if w.Spec.HostNetwork {
		return nil
	}
	var all []*networkingv1.NetworkPolicy
	for _, p := range c.policies {
		if p.Namespace == w.Namespace && governs(p, d) && c.selects(&p.Spec.PodSelector, w.Labels) {
			all = append(all, p)
		}
	}
	return all
}

// covered reports whether some policy isolates every pod of a namespace.
func (c *reference) covered(name string, d networkingv1.PolicyType) bool {
	for _, p := range c.policies {
		if p.Namespace == name && governs(p, d) && unrestricted(&p.Spec.PodSelector) {
			return true
		}
	}
	return false
}

func unrestricted(s *metav1.LabelSelector) bool {
	return len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0
}

// allows tells which probes the policies of w let through in a direction,
// between w and the other end.
func (c *reference) allows(w *workload, d networkingv1.PolicyType, other end) []verdict.Verdict {
	answers := make([]verdict.Verdict, len(probes))
	isolating := c.isolating(w, d)
	destination := other
	if d == ingress {
		destination = end{workload: w}
	}
	for i, asked := range probes {
		switch {
		case w == other.workload && w.kind == "Pod", len(isolating) == 0:
			answers[i] = verdict.Yes
			continue
		}
		for _, p := range isolating {
			for _, r := range rulesOf(p, d) {
				if !portsMatch(r.ports, asked, destination) {
					continue
				}
				answers[i] = max(answers[i], c.peersMatch(p, r.peers, other))
			}
		}
	}
	return answers
}

// peersMatch tells whether a rule is about the other end. No peers are every
// end.
func (c *reference) peersMatch(p *networkingv1.NetworkPolicy, peers []networkingv1.NetworkPolicyPeer, other end) verdict.Verdict {
	if len(peers) == 0 {
		return verdict.Yes
	}
	some := verdict.No
	for i := range peers {
		some = max(some, c.peerMatches(p, &peers[i], other))
	}
	return some
}

func (c *reference) peerMatches(p *networkingv1.NetworkPolicy, peer *networkingv1.NetworkPolicyPeer, other end) verdict.Verdict {
	switch {
	case peer.IPBlock != nil && other.workload == nil:
		return verdict.Of(inBlock(peer.IPBlock, other.addr))
	case peer.IPBlock != nil && peer.IPBlock.CIDR == "0.0.0.0/0" && len(peer.IPBlock.Except) == 0:
		return verdict.Yes
	case peer.IPBlock != nil:
		return verdict.Unknown // the addresses of pods are not known
	case other.workload == nil, !c.selected(p, peer, other.workload):
		return verdict.No
	case other.Spec.HostNetwork:
		return verdict.Unknown // whether selectors reach the network of the node is not defined
	default:
		return verdict.Yes
	}
}

// selected reports whether the selectors of a peer, which are ANDed, select
// pods.
func (c *reference) selected(p *networkingv1.NetworkPolicy, peer *networkingv1.NetworkPolicyPeer, w *workload) bool {
	if peer.NamespaceSelector == nil && w.Namespace != p.Namespace {
		return false
	}
	if peer.NamespaceSelector != nil && !c.selects(peer.NamespaceSelector, c.namespaceLabels(w.Namespace)) {
		return false
	}
	return peer.PodSelector == nil || c.selects(peer.PodSelector, w.Labels)
}

func inBlock(b *networkingv1.IPBlock, addr netip.Addr) bool {
	for _, except := range b.Except {
		if inCIDR(except, addr) {
			return false
		}
	}
	return inCIDR(b.CIDR, addr)
}

func inCIDR(cidr string, addr netip.Addr) bool {
	_, network, err := net.ParseCIDR(cidr)
	if err != nil {
		panic(err) // the generator makes valid blocks
	}
	return network.Contains(addr.AsSlice())
}

// portsMatch reports whether a rule is about a port on the destination. No
// ports are every port.
func portsMatch(written []networkingv1.NetworkPolicyPort, asked probe, destination end) bool {
	for i := range written {
		if portMatches(&written[i], asked, destination) {
			return true
		}
	}
	return len(written) == 0
}

func portMatches(written *networkingv1.NetworkPolicyPort, asked probe, destination end) bool {
	if protocolOf(written) != asked.protocol {
		return false
	}
	switch {
	case written.Port == nil:
		return true
	case written.Port.Type == intstr.String:
		return destination.workload != nil && numberOf(destination.workload, written) == asked.number
	case written.EndPort != nil:
		return written.Port.IntVal <= asked.number && asked.number <= *written.EndPort
	default:
		return written.Port.IntVal == asked.number
	}
}

func protocolOf(written *networkingv1.NetworkPolicyPort) corev1.Protocol {
	if written.Protocol == nil {
		return corev1.ProtocolTCP
	}
	return *written.Protocol
}

// numberOf is what a named port stands for on a pod, 0 for nothing.
func numberOf(w *workload, named *networkingv1.NetworkPolicyPort) int32 {
	for _, container := range w.Spec.Containers {
		for _, p := range container.Ports {
			if p.Name == named.Port.StrVal && p.Protocol == protocolOf(named) {
				return p.ContainerPort
			}
		}
	}
	return 0
}

// probes are the ports that are asked for: those that the generator writes,
// and those beside them, so that some lie between any two.
var probes = func() []probe {
	var all []probe
	for _, protocol := range []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP} {
		for _, number := range []int32{1, 2, 52, 53, 54, 79, 80, 81, 8079, 8080, 8081, 65534, 65535} {
			all = append(all, probe{protocol, number})
		}
	}
	return all
}()

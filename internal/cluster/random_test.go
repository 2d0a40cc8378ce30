package cluster

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
)

// maker makes random policies of which about half are refused.
type maker struct{ *rand.Rand }

func pick[T any](m maker, from ...T) T { return from[m.IntN(len(from))] }

// some is up to most values, nil as often as empty.
func some[T any](m maker, most int, one func() T) []T {
	n := m.IntN(most + 2)
	if n == 0 {
		return nil
	}
	list := make([]T, 0, n)
	for range n - 1 {
		list = append(list, one())
	}
	return list
}

// faulty is true now and then.
func (m maker) faulty() bool { return m.IntN(25) == 0 }

func (m maker) policy() *networkingv1.NetworkPolicy {
	p := &networkingv1.NetworkPolicy{TypeMeta: metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"}}
	p.Name = "p"
	p.Spec.PodSelector = *m.selector()
	p.Spec.PolicyTypes = some(m, 2, func() networkingv1.PolicyType {
		if m.faulty() {
			return pick[networkingv1.PolicyType](m, "egress", "", "Both")
		}
		return pick(m, networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress)
	})
	p.Spec.Ingress = some(m, 2, func() networkingv1.NetworkPolicyIngressRule {
		return networkingv1.NetworkPolicyIngressRule{From: some(m, 2, m.peer), Ports: some(m, 2, m.port)}
	})
	p.Spec.Egress = some(m, 2, func() networkingv1.NetworkPolicyEgressRule {
		return networkingv1.NetworkPolicyEgressRule{To: some(m, 2, m.peer), Ports: some(m, 2, m.port)}
	})
	return p
}

func (m maker) label() string {
	if m.faulty() {
		return pick(m, "a b", "a/b/c", "-a", "/a")
	}
	return pick(m, "app", "tier", "example.com/x", "A_b.c-1")
}

func (m maker) value() string {
	if m.faulty() {
		return pick(m, "a b", "b/c", "-", strings.Repeat("x", 64))
	}
	return pick(m, "", "web", "1", "true", "1.10", "x_y.z-1")
}

func (m maker) selector() *metav1.LabelSelector {
	s := &metav1.LabelSelector{}
	for range m.IntN(3) {
		metav1.AddLabelToSelector(s, m.label(), m.value())
	}
	s.MatchExpressions = some(m, 2, func() metav1.LabelSelectorRequirement {
		e := metav1.LabelSelectorRequirement{Key: m.label()}
		e.Operator = pick(m, metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist)
		if strings.HasSuffix(string(e.Operator), "In") != m.faulty() {
			e.Values = append(some(m, 2, m.value), m.value())
		}
		if m.faulty() {
			e.Operator = pick[metav1.LabelSelectorOperator](m, "in", "", "Gt")
		}
		return e
	})
	return s
}

func (m maker) peer() networkingv1.NetworkPolicyPeer {
	var p networkingv1.NetworkPolicyPeer
	kind := 1 + m.IntN(4)
	if m.faulty() {
		kind = m.IntN(8)
	}
	if kind&1 != 0 {
		p.PodSelector = m.selector()
	}
	if kind&2 != 0 {
		p.NamespaceSelector = m.selector()
	}
	if kind&4 != 0 {
		p.IPBlock = m.block()
	}
	return p
}

func (m maker) block() *networkingv1.IPBlock {
	b := &networkingv1.IPBlock{CIDR: pick(m, "10.0.0.0/8", "0.0.0.0/0", "010.1.2.3/16", "fd00::/8", "::/0", "192.168.1.1/32")}
	if m.faulty() {
		b.CIDR = pick(m, "", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "fd00::/129")
	}
	inside := map[string][]string{"10.0.0.0/8": {"10.1.0.0/16", "10.200.0.1/9"}, "0.0.0.0/0": {"10.0.0.0/8", "1.2.3.4/32"}, "fd00::/8": {"fd12::/16"}, "::/0": {"fd00::/8"}}
	b.Except = some(m, 2, func() string {
		if good := inside[b.CIDR]; good != nil && !m.faulty() {
			return pick(m, good...)
		}
		return pick(m, "", "10.0.0.0/8", "0.0.0.0/0", "fd00::/8", "1.2.3.4", "10.1.1.1/17")
	})
	return b
}

func (m maker) port() networkingv1.NetworkPolicyPort {
	var p networkingv1.NetworkPolicyPort
	if m.IntN(2) == 0 {
		protocol := pick(m, corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP)
		if m.faulty() {
			protocol = pick[corev1.Protocol](m, "tcp", "", "Any")
		}
		p.Protocol = &protocol
	}
	number := intstr.FromInt32(pick[int32](m, 1, 53, 8080, 65535))
	if m.faulty() {
		number = intstr.FromInt32(pick[int32](m, 0, -1, 65536, 1<<31-1))
	}
	name := intstr.FromString(pick(m, "http", "x-1", "8080-tcp"))
	if m.faulty() {
		name = intstr.FromString(pick(m, "53", "", "a--b", "-a", "web_port", "abcdefghijklmnopq"))
	}
	p.Port = pick(m, nil, &number, &number, &name)
	if p.Port != nil && p.Port.Type == intstr.Int && m.IntN(3) == 0 || m.faulty() {
		end := pick[int32](m, 65535, 65535, 8080, 0, 70000, -1)
		p.EndPort = &end
	}
	return p
}

// refused decides like ValidateNetworkPolicySpec of Kubernetes, which is no
// library.
func refused(p *networkingv1.NetworkPolicy) bool {
	bad := badSelector(&p.Spec.PodSelector) || len(p.Spec.PolicyTypes) > 2
	for _, r := range p.Spec.Ingress {
		bad = bad || badRule(r.From, r.Ports)
	}
	for _, r := range p.Spec.Egress {
		bad = bad || badRule(r.To, r.Ports)
	}
	for _, each := range p.Spec.PolicyTypes {
		bad = bad || each != networkingv1.PolicyTypeIngress && each != networkingv1.PolicyTypeEgress
	}
	return bad
}

func badRule(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) bool {
	bad := false
	for _, p := range peers {
		selects := p.PodSelector != nil || p.NamespaceSelector != nil
		bad = bad || selects == (p.IPBlock != nil) || badSelector(p.PodSelector) || badSelector(p.NamespaceSelector) || badBlock(p.IPBlock)
	}
	for _, p := range ports {
		bad = bad || badPort(p)
	}
	return bad
}

func badSelector(s *metav1.LabelSelector) bool {
	return len(metavalidation.ValidateLabelSelector(s, metavalidation.LabelSelectorValidationOptions{}, nil)) > 0
}

func badBlock(b *networkingv1.IPBlock) bool {
	if b == nil {
		return false
	}
	whole, err := prefix(b.CIDR)
	bad := err != nil
	for _, text := range b.Except {
		part, err := prefix(text)
		bad = bad || err != nil || part.Bits() <= whole.Bits() || !whole.Contains(part.Addr())
	}
	return bad
}

// prefix reads a block like the API server: leading zeros are decimal.
func prefix(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(strings.Replace(text, "010.", "10.", 1))
	return p.Masked(), err
}

func badPort(p networkingv1.NetworkPolicyPort) bool {
	bad := p.Protocol != nil && *p.Protocol != "TCP" && *p.Protocol != "UDP" && *p.Protocol != "SCTP"
	switch {
	case p.Port == nil:
		return bad || p.EndPort != nil
	case p.Port.Type == intstr.String:
		return bad || p.EndPort != nil || len(validation.IsValidPortName(p.Port.StrVal)) > 0
	case p.EndPort != nil && (*p.EndPort < p.Port.IntVal || *p.EndPort > 65535):
		return true
	default:
		return bad || p.Port.IntVal < 1 || p.Port.IntVal > 65535
	}
}

// Random policies are refused when the API server refuses them, and those that
// are accepted mean what was written.
func TestRandomPolicies(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(1, 2))}
	count := map[bool]int{}
	for range 4000 {
		p := m.policy()
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		v := viewOf(t, string(text))
		want := refused(p)
		count[want]++
		switch got := len(v.Policies) == 0; {
		case got != want:
			t.Fatalf("refused: %v, by the API server: %v, problems %v\n%s", got, want, v.Problems, text)
		case want != (len(v.Problems) > 0):
			t.Fatalf("refused: %v, with the problems %v\n%s", want, v.Problems, text)
		case !want:
			if got, want := describePolicy(v.Policies[0]), describeWritten(t, p); got != want {
				t.Fatalf("read as\n%s, want\n%s\n%s", got, want, text)
			}
		}
	}
	if min(count[true], count[false]) < 1000 {
		t.Errorf("accepted and refused: %v", count)
	}
}

// describeWritten is what describePolicy has to say of p.
func describeWritten(t *testing.T, p *networkingv1.NetworkPolicy) string {
	s := &p.Spec
	parts := []string{describeSelector(compiled(t, &s.PodSelector)), fmt.Sprint(s.PolicyTypes)}
	for _, r := range s.Ingress {
		parts = append(parts, fmt.Sprintf("from(%s; %s)", describeWrittenPeers(t, r.From), describePorts(r.Ports)))
	}
	for _, r := range s.Egress {
		parts = append(parts, fmt.Sprintf("to(%s; %s)", describeWrittenPeers(t, r.To), describePorts(r.Ports)))
	}
	return strings.Join(parts, " ")
}

func describeWrittenPeers(t *testing.T, written []networkingv1.NetworkPolicyPeer) string {
	var peers []Peer
	for _, p := range written {
		peer := Peer{Pods: compiled(t, p.PodSelector), Namespaces: compiled(t, p.NamespaceSelector)}
		if p.IPBlock != nil {
			peer.Block = &networkingv1.IPBlock{CIDR: normal(p.IPBlock.CIDR)}
			for _, except := range p.IPBlock.Except {
				peer.Block.Except = append(peer.Block.Except, normal(except))
			}
		}
		peers = append(peers, peer)
	}
	return describePeers(peers)
}

func normal(cidr string) string {
	p, _ := prefix(cidr)
	return p.String()
}

func compiled(t testing.TB, written *metav1.LabelSelector) *Selector {
	t.Helper()
	if written == nil {
		return nil
	}
	s, err := compile(written)
	if err != nil {
		t.Fatalf("%v: %v", written, err)
	}
	return s
}

// Selectors that are written alike are one, and do not mix with others.
func TestSelectorsAreShared(t *testing.T) {
	v := viewOf(t, stream(labelsText("{a: b}"), strings.ReplaceAll(peerText("{podSelector: {matchLabels: {a: b}}}, {podSelector: {matchLabels: {a: b, c: '${X}'}}}"), "name: p", "name: q")))
	first, peers := v.Policies[0].Pods, v.Policies[1].Rules[Egress][0].Peers
	if first != peers[0].Pods {
		t.Error("the same selector is compiled twice")
	}
	if first == peers[1].Pods || first.Obscure || !peers[1].Pods.Obscure || !reflect.DeepEqual(first.Requirements, peers[1].Pods.Requirements) {
		t.Errorf("%+v and %+v are mixed up", first, peers[1].Pods)
	}
}

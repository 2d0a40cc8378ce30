package netpol

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/egresslint/egresslint/internal/interval"
)

// MaxPort is the highest port of a protocol; the lowest is 1.
const MaxPort = 65535

// protocols are the protocols of policies, in the order of Ports.
var protocols = []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}

// base is where the ports of a protocol begin in a Ports set.
var base = map[corev1.Protocol]uint32{corev1.ProtocolTCP: 0, corev1.ProtocolUDP: 1 << 16, corev1.ProtocolSCTP: 2 << 16}

// Ports is a set of ports of TCP, UDP and SCTP. The nil Ports is empty.
type Ports struct{ set interval.Set }

// AllPorts is every port of every protocol.
var AllPorts = Ports{protocolRange(protocols[0]).Union(protocolRange(protocols[1])).Union(protocolRange(protocols[2]))}

// PortsOf is the ports from first to last of one protocol, both included.
func PortsOf(protocol corev1.Protocol, first, last int32) Ports {
	start, known := base[protocol]
	if !known || first < 1 || last > MaxPort || first > last {
		return Ports{}
	}
	return Ports{interval.Of(interval.Range{Lo: start + uint32(first), Hi: start + uint32(last)})} //nolint:gosec // both are ports
}

func protocolRange(protocol corev1.Protocol) interval.Set {
	return PortsOf(protocol, 1, MaxPort).set
}

// Empty reports whether there is no port in p.
func (p Ports) Empty() bool { return p.set.Empty() }

// Overlaps reports whether a port is in both.
func (p Ports) Overlaps(q Ports) bool { return p.set.Overlaps(q.set) }

// Within reports whether every port of p is in q.
func (p Ports) Within(q Ports) bool { return p.set.Within(q.set) }

// equals reports whether p and q are the same ports.
func (p Ports) equals(q Ports) bool { return p.Within(q) && q.Within(p) }

// Union is the ports in p or in q.
func (p Ports) Union(q Ports) Ports { return Ports{p.set.Union(q.set)} }

// Intersect is the ports in both p and q.
func (p Ports) Intersect(q Ports) Ports { return Ports{p.set.Intersect(q.set)} }

// Minus is the ports in p that are not in q.
func (p Ports) Minus(q Ports) Ports { return Ports{p.set.Minus(q.set)} }

// List writes the ports as "TCP/80" and "UDP/8000-8010", in order.
func (p Ports) List() []string {
	var all []string
	for _, protocol := range protocols {
		for _, r := range p.set.Intersect(protocolRange(protocol)) {
			text := fmt.Sprintf("%s/%d", protocol, r.Lo-base[protocol])
			if r.Hi > r.Lo {
				text += fmt.Sprintf("-%d", r.Hi-base[protocol])
			}
			all = append(all, text)
		}
	}
	return all
}

// phrases writes the ports for an enumeration: like List, but whole protocols
// by their names.
func (p Ports) phrases() []string {
	if AllPorts.Within(p) {
		return []string{"every port"}
	}
	var all []string
	for _, protocol := range protocols {
		whole := Ports{protocolRange(protocol)}
		if whole.Within(p) {
			all = append(all, fmt.Sprintf("every %s port", protocol))
			continue
		}
		all = append(all, p.Intersect(whole).List()...)
	}
	return all
}

// String writes the ports for a sentence: "TCP/80, UDP/53", "every TCP port",
// "every port".
func (p Ports) String() string { return strings.Join(p.phrases(), ", ") }

// portName is a port that a rule names. It is resolved on the pod that is
// reached.
type portName struct {
	protocol corev1.Protocol
	name     string
}

// demand is one entry of ports of a rule.
type demand struct {
	// ports are those of an entry with numbers, or of all ports of a protocol.
	ports Ports
	// name is set instead for an entry with a name.
	name portName
	// broad is set where the entry names no port, or a range: then it asks for
	// some port to be open, not for each.
	broad bool
}

// demands compiles the ports of a rule. No entry stands for every port.
func demands(written []networkingv1.NetworkPolicyPort) []demand {
	if len(written) == 0 {
		return []demand{{ports: AllPorts, broad: true}}
	}
	all := make([]demand, 0, len(written))
	for i := range written {
		all = append(all, demandOf(&written[i]))
	}
	return all
}

// demandOf reads one entry: an absent protocol is TCP, an absent port every
// port of the protocol, and endPort the end of a range (NetworkPolicyPort in
// k8s.io/api/networking/v1).
func demandOf(p *networkingv1.NetworkPolicyPort) demand {
	protocol := corev1.ProtocolTCP
	if p.Protocol != nil {
		protocol = *p.Protocol
	}
	switch {
	case p.Port == nil:
		return demand{ports: Ports{protocolRange(protocol)}, broad: true}
	case p.Port.Type == intstr.String:
		return demand{name: portName{protocol, p.Port.StrVal}}
	}
	first, last := p.Port.IntVal, p.Port.IntVal
	if p.EndPort != nil {
		last = *p.EndPort
	}
	return demand{ports: PortsOf(protocol, first, last), broad: last > first}
}

// RulePorts is the ports of a rule that are written as numbers, or are not
// written and so are all. Names have no part in it: they match no address.
func RulePorts(written []networkingv1.NetworkPolicyPort) Ports {
	var all Ports
	for _, d := range demands(written) {
		all = all.Union(d.ports)
	}
	return all
}

package netpol_test

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/egresslint/egresslint/internal/netpol"
)

const (
	tcp  = corev1.ProtocolTCP
	udp  = corev1.ProtocolUDP
	sctp = corev1.ProtocolSCTP
)

func TestPorts(t *testing.T) {
	tests := []struct {
		name         string
		ports        netpol.Ports
		list, string string
	}{
		{"none", netpol.Ports{}, "", ""},
		{"one", netpol.PortsOf(tcp, 80, 80), "TCP/80", "TCP/80"},
		{"range", netpol.PortsOf(udp, 8000, 8010), "UDP/8000-8010", "UDP/8000-8010"},
		{"two ports side by side", netpol.PortsOf(tcp, 80, 80).Union(netpol.PortsOf(tcp, 81, 81)), "TCP/80-81", "TCP/80-81"},
		{"two ports apart", netpol.PortsOf(tcp, 443, 443).Union(netpol.PortsOf(tcp, 80, 80)), "TCP/80 TCP/443", "TCP/80, TCP/443"},
		{
			"protocols in their order", netpol.PortsOf(sctp, 7, 7).Union(netpol.PortsOf(udp, 53, 53)).Union(netpol.PortsOf(tcp, 53, 53)),
			"TCP/53 UDP/53 SCTP/7", "TCP/53, UDP/53, SCTP/7",
		},
		{"a protocol", netpol.PortsOf(udp, 1, 65535), "UDP/1-65535", "every UDP port"},
		{
			"a protocol and more", netpol.PortsOf(udp, 1, 65535).Union(netpol.PortsOf(tcp, 80, 80)),
			"TCP/80 UDP/1-65535", "TCP/80, every UDP port",
		},
		{"all", netpol.AllPorts, "TCP/1-65535 UDP/1-65535 SCTP/1-65535", "every port"},
		{"all but one", netpol.AllPorts.Minus(netpol.PortsOf(sctp, 65535, 65535)), "TCP/1-65535 UDP/1-65535 SCTP/1-65534", "every TCP port, every UDP port, SCTP/1-65534"},
		{
			"the last of one protocol and the first of the next", netpol.PortsOf(tcp, 65535, 65535).Union(netpol.PortsOf(udp, 1, 1)),
			"TCP/65535 UDP/1", "TCP/65535, UDP/1",
		},

		{"port 0", netpol.PortsOf(tcp, 0, 80), "", ""},
		{"port 65536", netpol.PortsOf(tcp, 80, 65536), "", ""},
		{"backwards", netpol.PortsOf(tcp, 81, 80), "", ""},
		{"unknown protocol", netpol.PortsOf("ICMP", 80, 80), "", ""},
		{"lowest", netpol.PortsOf(sctp, 1, 1), "SCTP/1", "SCTP/1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(tt.ports.List(), " "); got != tt.list {
				t.Errorf("List %q, want %q", got, tt.list)
			}
			if got := tt.ports.String(); got != tt.string {
				t.Errorf("String %q, want %q", got, tt.string)
			}
			if tt.ports.Empty() != (tt.list == "") {
				t.Errorf("Empty %v of %v", tt.ports.Empty(), tt.ports)
			}
		})
	}
}

func TestPortsAsSets(t *testing.T) {
	low, high := netpol.PortsOf(tcp, 1, 100), netpol.PortsOf(tcp, 80, 65535)
	if got := low.Intersect(high).String(); got != "TCP/80-100" {
		t.Errorf("Intersect %s", got)
	}
	if got := low.Minus(high).String(); got != "TCP/1-79" {
		t.Errorf("Minus %s", got)
	}
	if got := low.Union(high).String(); got != "every TCP port" {
		t.Errorf("Union %s", got)
	}
	if !low.Overlaps(high) || low.Overlaps(netpol.PortsOf(udp, 1, 100)) || low.Overlaps(netpol.Ports{}) {
		t.Error("Overlaps is wrong")
	}
	if !low.Within(netpol.AllPorts) || low.Within(high) || !(netpol.Ports{}).Within(low) {
		t.Error("Within is wrong")
	}
}

// TestRulePorts reads the ports of a rule that are numbers.
func TestRulePorts(t *testing.T) {
	number := func(n int32) *intstr.IntOrString { return new(intstr.FromInt32(n)) }
	tests := []struct {
		name  string
		ports []networkingv1.NetworkPolicyPort
		want  string
	}{
		{"none", nil, "every port"},
		{"an empty list", []networkingv1.NetworkPolicyPort{}, "every port"},
		{"an empty entry", []networkingv1.NetworkPolicyPort{{}}, "every TCP port"},
		{"protocol only", []networkingv1.NetworkPolicyPort{{Protocol: new(udp)}}, "every UDP port"},
		{"number only", []networkingv1.NetworkPolicyPort{{Port: number(53)}}, "TCP/53"},
		{"number and protocol", []networkingv1.NetworkPolicyPort{{Port: number(53), Protocol: new(udp)}}, "UDP/53"},
		{"range", []networkingv1.NetworkPolicyPort{{Port: number(50), EndPort: new(int32(53))}}, "TCP/50-53"},
		{"range of one", []networkingv1.NetworkPolicyPort{{Port: number(53), EndPort: new(int32(53))}}, "TCP/53"},
		{"range of all", []networkingv1.NetworkPolicyPort{{Port: number(1), EndPort: new(int32(65535))}}, "every TCP port"},
		{"name", []networkingv1.NetworkPolicyPort{{Port: new(intstr.FromString("dns"))}}, ""},
		{"several", []networkingv1.NetworkPolicyPort{{Port: new(intstr.FromString("dns"))}, {Port: number(53)}, {Protocol: new(udp)}}, "TCP/53, every UDP port"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := netpol.RulePorts(tt.ports).String(); got != tt.want {
				t.Errorf("RulePorts %q, want %q", got, tt.want)
			}
		})
	}
}

// public is all of IPv4 that is given out, as operators write it: the
// aggregated gaps between the ranges that are not.
var public = []string{
	"1.0.0.0/8", "2.0.0.0/7", "4.0.0.0/6", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3",
	"64.0.0.0/3", "96.0.0.0/6", "100.0.0.0/10", "100.128.0.0/9", "101.0.0.0/8", "102.0.0.0/7", "104.0.0.0/5", "112.0.0.0/5",
	"120.0.0.0/6", "124.0.0.0/7", "126.0.0.0/8", "128.0.0.0/3", "160.0.0.0/5", "168.0.0.0/8", "169.0.0.0/9", "169.128.0.0/10",
	"169.192.0.0/11", "169.224.0.0/12", "169.240.0.0/13", "169.248.0.0/14", "169.252.0.0/15", "169.255.0.0/16", "170.0.0.0/7",
	"172.0.0.0/12", "172.32.0.0/11", "172.64.0.0/10", "172.128.0.0/9", "173.0.0.0/8", "174.0.0.0/7", "176.0.0.0/4",
	"192.0.1.0/24", "192.0.3.0/24", "192.0.4.0/22", "192.0.8.0/21", "192.0.16.0/20", "192.0.32.0/19", "192.0.64.0/18",
	"192.0.128.0/17", "192.1.0.0/16", "192.2.0.0/15", "192.4.0.0/14", "192.8.0.0/13", "192.16.0.0/12", "192.32.0.0/11",
	"192.64.0.0/12", "192.80.0.0/13", "192.88.0.0/18", "192.88.64.0/19", "192.88.96.0/23", "192.88.98.0/24", "192.88.100.0/22",
	"192.88.104.0/21", "192.88.112.0/20", "192.88.128.0/17", "192.89.0.0/16", "192.90.0.0/15", "192.92.0.0/14", "192.96.0.0/11",
	"192.128.0.0/11", "192.160.0.0/13", "192.169.0.0/16", "192.170.0.0/15", "192.172.0.0/14", "192.176.0.0/12", "192.192.0.0/10",
	"193.0.0.0/8", "194.0.0.0/7", "196.0.0.0/7", "198.0.0.0/12", "198.16.0.0/15", "198.20.0.0/14", "198.24.0.0/13", "198.32.0.0/12",
	"198.48.0.0/15", "198.50.0.0/16", "198.51.0.0/18", "198.51.64.0/19", "198.51.96.0/22", "198.51.101.0/24", "198.51.102.0/23",
	"198.51.104.0/21", "198.51.112.0/20", "198.51.128.0/17", "198.52.0.0/14", "198.56.0.0/13", "198.64.0.0/10", "198.128.0.0/9",
	"199.0.0.0/8", "200.0.0.0/7", "202.0.0.0/8", "203.0.0.0/18", "203.0.64.0/19", "203.0.96.0/20", "203.0.112.0/24",
	"203.0.114.0/23", "203.0.116.0/22", "203.0.120.0/21", "203.0.128.0/17", "203.1.0.0/16", "203.2.0.0/15", "203.4.0.0/14",
	"203.8.0.0/13", "203.16.0.0/12", "203.32.0.0/11", "203.64.0.0/10", "203.128.0.0/9", "204.0.0.0/6", "208.0.0.0/4",
}

func TestAnyAddress(t *testing.T) {
	block := func(cidr string, except ...string) *networkingv1.IPBlock {
		return &networkingv1.IPBlock{CIDR: cidr, Except: except}
	}
	blocks := func(cidrs ...string) []*networkingv1.IPBlock {
		var all []*networkingv1.IPBlock
		for _, cidr := range cidrs {
			all = append(all, block(cidr))
		}
		return all
	}
	private := []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}
	tests := []struct {
		name   string
		blocks []*networkingv1.IPBlock
		want   bool
	}{
		{"none", nil, false},
		{"all of IPv4", blocks("0.0.0.0/0"), true},
		{"all of IPv6", blocks("::/0"), true},
		{"all that is given out of IPv6", blocks("2000::/3"), true},
		{"both", blocks("0.0.0.0/0", "::/0"), true},
		{"less private ranges", []*networkingv1.IPBlock{block("0.0.0.0/0", private...)}, true},
		{"less private ranges and one resolver", []*networkingv1.IPBlock{block("0.0.0.0/0", append(slices.Clone(private), "8.8.8.8/32")...)}, true},
		{"two halves", blocks("0.0.0.0/1", "128.0.0.0/1"), true},
		{"two halves, less private ranges", []*networkingv1.IPBlock{block("0.0.0.0/1", "10.0.0.0/8"), block("128.0.0.0/1", private[1:]...)}, true},
		{"the lower half", blocks("0.0.0.0/1"), false},
		{"the upper half", blocks("128.0.0.0/1"), false},
		{"less all that is public", []*networkingv1.IPBlock{block("0.0.0.0/0", public...)}, false},
		{"less both halves", []*networkingv1.IPBlock{block("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1")}, false},
		{"less both halves of IPv6", []*networkingv1.IPBlock{block("::/0", "::/1", "8000::/1")}, false},
		{"all that is public, aggregated", blocks(public...), true},
		{"all that is public but one block", blocks(public[1:]...), false},
		{"a private range", blocks("10.0.0.0/8"), false},
		{"every private range", blocks(private...), false},
		{"one address", blocks("8.8.8.8/32"), false},
		{"unique local addresses of IPv6", blocks("fd00::/8"), false},
		{"one address of IPv6", blocks("2001:4860:4860::8888/128"), false},
		{"half of what is given out of IPv6", blocks("2000::/4"), false},
		{"halves of what is given out of IPv6", blocks("2000::/4", "3000::/4"), true},
		{"halves of two families", blocks("0.0.0.0/1", "8000::/1"), false},
		{"IPv6 less a long prefix", []*networkingv1.IPBlock{block("::/0", "2001:4860:4860::/48")}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := netpol.AnyAddress(tt.blocks); got != tt.want {
				t.Errorf("AnyAddress = %v, want %v", got, tt.want)
			}
		})
	}
}

package cluster

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/egresslint/egresslint/internal/verdict"
)

// Nameserver is where the pods of a cluster find its DNS: pods, or a block of
// addresses.
type Nameserver struct {
	// Namespace and Pods tell which pods serve: those with the labels. Both are
	// empty where CIDR is set.
	Namespace string
	Pods      map[string]string
	// CIDR is a block of addresses, "" for pods.
	CIDR string
	// Port is the port on which the pods, not their Service, listen.
	Port int32
}

// DNSPort is the port of DNS.
const DNSPort = 53

// The servers that clusters commonly have. CoreDNS goes by the labels that
// kube-dns had. The node-local cache of Kubernetes listens on an address of each
// node. The pods of OpenShift's DNS listen on a port of their own.
var (
	CoreDNS      = []Nameserver{{Namespace: "kube-system", Pods: map[string]string{"k8s-app": "kube-dns"}, Port: DNSPort}}
	NodeLocalDNS = []Nameserver{{CIDR: "169.254.20.10/32", Port: DNSPort}}
	OpenShiftDNS = []Nameserver{{Namespace: "openshift-dns", Pods: map[string]string{"dns.operator.openshift.io/daemonset-dns": "default"}, Port: 5353}}
)

// usualDNS is OpenShift's where a policy lets out to its namespace, else CoreDNS.
func usualDNS(views []*View) []Nameserver {
	openshift := Labels{Known: map[string]string{corev1.LabelMetadataName: OpenShiftDNS[0].Namespace}}
	names := func(p Peer) bool {
		return p.Namespaces != nil && !p.Namespaces.Everything() && p.Namespaces.Match(&openshift) == verdict.Yes
	}
	for _, v := range views {
		for _, p := range v.Policies {
			if slices.ContainsFunc(p.Rules[Egress], func(r Rule) bool { return slices.ContainsFunc(r.Peers, names) }) {
				return OpenShiftDNS
			}
		}
	}
	return CoreDNS
}

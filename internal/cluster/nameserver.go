package cluster

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

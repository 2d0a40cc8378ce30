package cluster

import (
	"net"
	"strings"

	"go.yaml.in/yaml/v4"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/egresslint/egresslint/internal/manifest/node"
)

var (
	objectKeys   = []string{"apiVersion", "kind", "metadata", "spec", "status"}
	metadataKeys = []string{
		"annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName",
		"generation", "labels", "managedFields", "name", "namespace", "ownerReferences", "resourceVersion", "selfLink", "uid",
	}
	specKeys       = []string{"podSelector", "policyTypes", "ingress", "egress"}
	ingressKeys    = []string{"from", "ports"}
	egressKeys     = []string{"to", "ports"}
	portKeys       = []string{"protocol", "port", "endPort"}
	peerKeys       = []string{"podSelector", "namespaceSelector", "ipBlock"}
	blockKeys      = []string{"cidr", "except"}
	selectorKeys   = []string{"matchLabels", "matchExpressions"}
	expressionKeys = []string{"key", "operator", "values"}
)

var (
	policyTypes = []string{string(networkingv1.PolicyTypeIngress), string(networkingv1.PolicyTypeEgress)}
	protocols   = []string{string(corev1.ProtocolTCP), string(corev1.ProtocolUDP), string(corev1.ProtocolSCTP)}
	operators   = []string{
		string(metav1.LabelSelectorOpIn), string(metav1.LabelSelectorOpNotIn),
		string(metav1.LabelSelectorOpExists), string(metav1.LabelSelectorOpDoesNotExist),
	}
)

// policyDecoder reads NetworkPolicies. Selectors that are written alike are
// compiled once.
type policyDecoder struct {
	*decoder
	compiled map[string]*Selector
}

// policy reads the whole object.
func (d *policyDecoder) policy() *Policy {
	p := &Policy{Resource: d.Resource, Pods: d.everything()}
	if node.Field(d.Node, "metadata") == nil {
		d.fail(d.Node, "it has no metadata, and so no name")
	}
	for key, value := range d.fields(d.Node, "a NetworkPolicy", objectKeys) {
		switch key {
		case "metadata":
			d.metadata(value)
		case "spec":
			d.spec(p, value)
		}
	}
	return p
}

// metadata checks what the API server checks of names and labels.
func (d *policyDecoder) metadata(n *yaml.Node) {
	named := false
	before := d.state()
	for key, value := range d.fields(n, "metadata", metadataKeys) {
		switch key {
		case "name":
			named = named || notEmpty(value)
			if !node.IsNull(value) && !notEmpty(value) {
				d.fail(value, "the name is empty")
			}
			d.name(value, "the name", validation.IsDNS1123Subdomain)
		case "namespace":
			d.name(value, "the namespace", validation.IsDNS1123Label)
		case "generateName":
			named = named || notEmpty(value)
			d.name(value, "generateName", func(text string) []string { return apivalidation.NameIsDNSSubdomain(text, true) })
		case "labels":
			d.labels(value, "labels")
		case "annotations":
			d.texts(value, "annotations")
		}
	}
	if !named && d.state() == before {
		d.fail(n, "metadata has no name")
	}
}

// notEmpty holds for anything but null and an empty text.
func notEmpty(n *yaml.Node) bool {
	n = node.Resolve(n)
	return !node.IsNull(n) && (n.Kind != yaml.ScalarNode || n.Value != "")
}

// name checks a name. An empty one is like none.
func (d *policyDecoder) name(n *yaml.Node, what string, check func(string) []string) {
	if node.IsNull(n) {
		return
	}
	text, ok := d.text(n, what)
	if !ok || text == "" || node.PlaceholderName(text) {
		return
	}
	d.check(n, what, text, check)
}

// check fails with the API server's own words.
func (d *policyDecoder) check(n *yaml.Node, what, text string, check func(string) []string) {
	if errs := check(text); len(errs) > 0 {
		d.fail(n, "%s %q is refused by the API server: %s", what, text, strings.Join(errs, "; "))
	}
}

func (d *policyDecoder) spec(p *Policy, n *yaml.Node) {
	for key, value := range d.fields(n, "spec", specKeys) {
		switch key {
		case "podSelector":
			p.Pods = d.selector(value, key)
		case "policyTypes":
			p.Types = d.types(value)
		case "ingress":
			p.Rules[Ingress] = d.rules(value, Ingress, ingressKeys)
		case "egress":
			p.HasEgress = true
			p.Rules[Egress] = d.rules(value, Egress, egressKeys)
		}
	}
}

func (d *policyDecoder) types(n *yaml.Node) []networkingv1.PolicyType {
	var types []networkingv1.PolicyType
	items := d.list(n, "policyTypes")
	if len(items) > len(policyTypes) {
		d.fail(n, "policyTypes has more than two entries")
	}
	for _, item := range items {
		if text, ok := d.choice(item, "the policy type", policyTypes); ok {
			types = append(types, networkingv1.PolicyType(text))
		}
	}
	return types
}

func (d *policyDecoder) rules(n *yaml.Node, dir Direction, keys []string) []Rule {
	var rules []Rule
	for _, item := range d.list(n, dir.String()) {
		var r Rule
		for key, value := range d.fields(item, "an "+dir.String()+" rule", keys) {
			if key == "ports" {
				r.Ports = d.ports(value)
			} else {
				r.Peers = d.peers(value, key)
			}
		}
		rules = append(rules, r)
	}
	return rules
}

func (d *policyDecoder) ports(n *yaml.Node) []networkingv1.NetworkPolicyPort {
	var ports []networkingv1.NetworkPolicyPort
	for _, item := range d.list(n, "ports") {
		ports = append(ports, d.port(item))
	}
	return ports
}

// port reads one entry of ports. The rules are those of
// ValidateNetworkPolicyPort of the API server.
func (d *policyDecoder) port(n *yaml.Node) networkingv1.NetworkPolicyPort {
	var p networkingv1.NetworkPolicyPort
	var port, end *yaml.Node
	before := d.hidden
	for key, value := range d.fields(n, "a port", portKeys) {
		if node.IsNull(value) {
			continue
		}
		switch key {
		case "protocol":
			if text, ok := d.choice(value, "the protocol", protocols); ok {
				protocol := corev1.Protocol(text)
				p.Protocol = &protocol
			}
		case "port":
			port = value
			p.Port = d.portNumber(value)
		case "endPort":
			end = value
			if i, ok := d.integer(value, key); ok {
				last := int32(i) //nolint:gosec // integer reads 32 bits
				p.EndPort = &last
			}
		}
	}
	if p.EndPort == nil || d.hidden > before {
		return p
	}
	switch {
	case port == nil:
		d.fail(end, "endPort without port")
	case p.Port == nil: // said already
	case p.Port.Type == intstr.String:
		d.fail(end, "endPort with the port name %q: only a number can begin a range", p.Port.StrVal)
	case *p.EndPort < p.Port.IntVal:
		d.fail(end, "endPort %d is less than port %d", *p.EndPort, p.Port.IntVal)
	case *p.EndPort > 65535:
		d.fail(end, "endPort %d is not between 1 and 65535", *p.EndPort)
	}
	return p
}

// portNumber reads a number or the name of a container's port. It is nil for
// a problem.
func (d *policyDecoder) portNumber(n *yaml.Node) *intstr.IntOrString {
	got := node.Resolve(n)
	if got != nil && got.Kind == yaml.ScalarNode && got.Tag != "!!int" {
		return d.portName(n)
	}
	i, ok := d.integer(n, "port")
	if !ok {
		return nil
	}
	if errs := validation.IsValidPortNum(i); len(errs) > 0 {
		d.fail(n, "port %d is not between 1 and 65535", i)
		return nil
	}
	number := intstr.FromInt32(int32(i)) //nolint:gosec // a valid port
	return &number
}

func (d *policyDecoder) portName(n *yaml.Node) *intstr.IntOrString {
	if got := node.Resolve(n); got.Tag == "!!float" || got.Tag == "!!bool" {
		d.fail(n, "port %s is neither a whole number nor the name of a port", got.Value)
		return nil
	}
	text, ok := d.text(n, "port")
	if unknownText(text, validation.IsValidPortName) {
		d.hidden++
		return nil
	}
	if !ok {
		return nil
	}
	if text != "" && strings.Trim(text, "0123456789") == "" {
		d.fail(n, "port %q is a name because of its quotes, and a name needs a letter: write %s", text, text)
		return nil
	}
	d.check(n, "the port name", text, validation.IsValidPortName)
	name := intstr.FromString(text)
	return &name
}

func (d *policyDecoder) peers(n *yaml.Node, what string) []Peer {
	var peers []Peer
	for _, item := range d.list(n, what) {
		peers = append(peers, d.peer(item))
	}
	return peers
}

// peer reads one entry of from or to. The rules are those of
// ValidateNetworkPolicyPeer of the API server.
func (d *policyDecoder) peer(n *yaml.Node) Peer {
	var p Peer
	before := d.state()
	for key, value := range d.fields(n, "a peer", peerKeys) {
		// A null is a key that is not there: it takes no part in the count below.
		if node.IsNull(value) {
			continue
		}
		switch key {
		case "podSelector":
			p.Pods = d.selector(value, key)
		case "namespaceSelector":
			p.Namespaces = d.selector(value, key)
		case "ipBlock":
			p.Block = d.block(value)
		}
	}
	switch {
	case d.state() != before:
	case p.Block != nil && (p.Pods != nil || p.Namespaces != nil):
		d.fail(n, "a peer has either an ipBlock or selectors, not both")
	case p.Block == nil && p.Pods == nil && p.Namespaces == nil:
		d.fail(n, "an empty peer: for everyone leave out the list, for every pod of the namespace write podSelector: {}")
	}
	return p
}

// block reads an ipBlock. The rules are those of ValidateIPBlock of the API
// server.
func (d *policyDecoder) block(n *yaml.Node) *networkingv1.IPBlock {
	b := &networkingv1.IPBlock{}
	var whole *net.IPNet
	var excepts []*yaml.Node
	before := d.state()
	for key, value := range d.fields(n, "an ipBlock", blockKeys) {
		switch key {
		case "cidr":
			b.CIDR, whole = d.cidr(value, key)
		case "except":
			excepts = d.list(value, key)
		}
	}
	if node.IsNull(node.Field(n, "cidr")) && d.state() == before {
		d.fail(n, "an ipBlock without cidr")
	}
	for _, item := range excepts {
		if node.IsNull(item) {
			d.fail(item, "an empty exception")
		}
		text, part := d.cidr(item, "except")
		if part == nil {
			continue
		}
		b.Except = append(b.Except, text)
		if whole != nil && !strictlyWithin(part, whole) {
			d.fail(item, "except %s is not a strict part of %s", text, b.CIDR)
		}
	}
	return b
}

func strictlyWithin(part, whole *net.IPNet) bool {
	outer, _ := whole.Mask.Size()
	inner, _ := part.Mask.Size()
	return whole.Contains(part.IP) && outer < inner
}

// cidr reads an address block as the API server does, which lets old forms
// pass (leading zeros, bits after the prefix). The network is nil for a problem
// and for a value that is not known.
func (d *policyDecoder) cidr(n *yaml.Node, what string) (string, *net.IPNet) {
	if node.IsNull(n) {
		return "", nil
	}
	text, ok := d.text(n, what)
	if !ok || d.obscure(text) {
		return "", nil
	}
	if errs := validation.IsValidCIDRForLegacyField(field.NewPath(what), text, false, nil); len(errs) > 0 {
		d.fail(n, "%s %q is no block of addresses such as 10.0.0.0/8", what, text)
		return "", nil
	}
	_, network, err := netutils.ParseCIDRSloppy(text)
	if err != nil {
		d.fail(n, "%s %q: %v", what, text, err)
		return "", nil
	}
	return network.String(), network
}

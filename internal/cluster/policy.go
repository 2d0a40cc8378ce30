package cluster

import (
	"net"
	"slices"
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

	"github.com/egresslint/egresslint/internal/manifest"
)

// Direction is one of the two ways that a policy can govern.
type Direction uint8

// The directions, as seen from the pods that a policy selects.
const (
	Ingress Direction = iota
	Egress
)

// Opposite is the direction as the other end of the connection sees it.
func (d Direction) Opposite() Direction { return Egress - d }

// Type is the direction as policyTypes has it.
func (d Direction) Type() networkingv1.PolicyType {
	if d == Egress {
		return networkingv1.PolicyTypeEgress
	}
	return networkingv1.PolicyTypeIngress
}

// String is "ingress" or "egress", the key of its rules in a policy.
func (d Direction) String() string { return strings.ToLower(string(d.Type())) }

// PeersKey is the key of the peers in a rule: "from" or "to".
func (d Direction) PeersKey() string {
	if d == Egress {
		return "to"
	}
	return "from"
}

// Policy is a NetworkPolicy of networking.k8s.io/v1 that the API server would
// accept.
type Policy struct {
	*manifest.Resource
	In *Namespace
	// Pods selects the pods that the policy governs. It is never nil: an
	// absent podSelector selects every pod of the namespace.
	Pods *Selector
	// Types is policyTypes as written, nil where absent or empty.
	Types []networkingv1.PolicyType
	// Rules are the rules as written, by Direction, also those of a direction
	// in which the policy has no effect.
	Rules [2][]Rule
	// HasEgress is set when the policy has the key egress, with rules or without.
	HasEgress bool
	// Rival is set when the tree has another object of the same kind,
	// namespace and name: only one of them can be in the cluster.
	Rival bool
}

// Effective reports whether the policy governs a direction: it isolates the
// pods it selects, and its rules of that direction count. Without policyTypes
// that is ingress, and egress when there is at least one egress rule
// (NetworkPolicySpec.PolicyTypes in k8s.io/api/networking/v1).
func (p *Policy) Effective(d Direction) bool {
	if len(p.Types) == 0 {
		return d == Ingress || len(p.Rules[Egress]) > 0
	}
	return slices.Contains(p.Types, d.Type())
}

// Rule is one entry of ingress or egress.
type Rule struct {
	// Peers are ORed. None means everyone and every address.
	Peers []Peer
	// Ports are ORed. None means every port of every protocol.
	Ports []networkingv1.NetworkPolicyPort
}

// Peer is one entry of from or to. Either Block is set, or one of the others
// or both, which are then ANDed.
type Peer struct {
	// Pods is nil where podSelector is absent: every pod.
	Pods *Selector
	// Namespaces is nil where namespaceSelector is absent: the policy's own.
	Namespaces *Selector
	Block      *networkingv1.IPBlock
}

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
	if manifest.Field(d.Node, "metadata") == nil {
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
			if !manifest.IsNull(value) && !notEmpty(value) {
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
	n = manifest.Resolve(n)
	return !manifest.IsNull(n) && (n.Kind != yaml.ScalarNode || n.Value != "")
}

// name checks a name. An empty one is like none.
func (d *policyDecoder) name(n *yaml.Node, what string, check func(string) []string) {
	if manifest.IsNull(n) {
		return
	}
	text, ok := d.text(n, what)
	if !ok || text == "" || manifest.PlaceholderName(text) {
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

// labels checks keys and values. What it returns holds placeholders too.
func (d *policyDecoder) labels(n *yaml.Node, what string) map[string]string {
	texts := d.texts(n, what)
	if texts == nil {
		return nil
	}
	for p := range manifest.Pairs(n) {
		key, value := p.Key.Value, texts[p.Key.Value]
		if !unknownText(key, validation.IsQualifiedName) {
			d.check(p.Key, "the label", key, validation.IsQualifiedName)
		}
		if !unknownText(value, validation.IsValidLabelValue) {
			d.check(p.Value, "the value of label "+key+",", value, validation.IsValidLabelValue)
		}
	}
	return texts
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
		if manifest.IsNull(value) {
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
	got := manifest.Resolve(n)
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
		if manifest.IsNull(value) {
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
	if manifest.IsNull(manifest.Field(n, "cidr")) && d.state() == before {
		d.fail(n, "an ipBlock without cidr")
	}
	for _, item := range excepts {
		if manifest.IsNull(item) {
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
	if manifest.IsNull(n) {
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

// everything is the selector of every object.
func (d *policyDecoder) everything() *Selector { return d.compile(nil, &metav1.LabelSelector{}, false) }

// selector reads a label selector. It is never nil.
func (d *policyDecoder) selector(n *yaml.Node, what string) *Selector {
	var written metav1.LabelSelector
	obscure := false
	for key, value := range d.fields(n, what, selectorKeys) {
		switch key {
		case "matchLabels":
			labels := newLabels(d.labels(value, key))
			written.MatchLabels = labels.Known
			obscure = obscure || len(labels.Obscure) > 0 || labels.Open
		case "matchExpressions":
			for _, item := range d.list(value, key) {
				if e, ok := d.expression(item); ok {
					written.MatchExpressions = append(written.MatchExpressions, e)
				} else {
					obscure = true
				}
			}
		}
	}
	return d.compile(n, &written, obscure)
}

// expression reads one entry of matchExpressions. It is false for a problem
// and where a value is not known.
func (d *policyDecoder) expression(n *yaml.Node) (e metav1.LabelSelectorRequirement, ok bool) {
	before := d.state()
	known := true
	for key, value := range d.fields(n, "a match expression", expressionKeys) {
		switch key {
		case "key":
			e.Key, _ = d.text(value, key)
			known = known && !unknownText(e.Key, validation.IsQualifiedName)
			if known && e.Key != "" {
				d.check(value, "the label", e.Key, validation.IsQualifiedName)
			}
		case "operator":
			text, _ := d.choice(value, key, operators)
			e.Operator = metav1.LabelSelectorOperator(text)
		case "values":
			for _, item := range d.list(value, key) {
				text, _ := d.text(item, "a value")
				known = known && !unknownText(text, validation.IsValidLabelValue)
				if known {
					d.check(item, "the value", text, validation.IsValidLabelValue)
				}
				e.Values = append(e.Values, text)
			}
		}
	}
	if d.state() == before {
		d.complete(n, &e)
	}
	return e, known && d.state() == before
}

// complete checks that the parts of a match expression fit together.
func (d *policyDecoder) complete(n *yaml.Node, e *metav1.LabelSelectorRequirement) {
	compares := e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpNotIn
	switch {
	case e.Key == "":
		d.fail(n, "a match expression without key")
	case e.Operator == "":
		d.fail(n, "a match expression without operator")
	case compares && len(e.Values) == 0:
		d.fail(n, "operator %s without values", e.Operator)
	case !compares && len(e.Values) > 0:
		d.fail(n, "operator %s takes no values", e.Operator)
	}
}

func (d *policyDecoder) compile(n *yaml.Node, written *metav1.LabelSelector, obscure bool) *Selector {
	if len(d.problems) > 0 {
		return &Selector{} // the policy is refused: what it selects does not matter
	}
	s, err := compile(written)
	if err != nil {
		d.fail(n, "%v", err)
		return &Selector{}
	}
	if obscure {
		s.Obscure, s.Key = true, s.Key+"?"
	}
	if known, ok := d.compiled[s.Key]; ok {
		return known
	}
	d.compiled[s.Key] = s
	return s
}

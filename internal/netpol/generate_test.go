package netpol_test

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// choices is a stream of bytes that decides what is generated, so that a
// fuzzer can steer it. Once it has run dry every choice is the first.
type choices []byte

// upTo chooses a number from 0 to n.
func (c *choices) upTo(n int) int {
	if len(*c) == 0 {
		return 0
	}
	first := (*c)[0]
	*c = (*c)[1:]
	return int(first) % (n + 1)
}

func (c *choices) oneIn(n int) bool { return c.upTo(n-1) == n-1 }

func oneOf[T any](c *choices, options ...T) T { return options[c.upTo(len(options)-1)] }

var (
	namespaceNames = []string{"n0", "n1", "n2"}
	labelValues    = []string{"a", "1"}
	portNames      = []string{"web", "dns"}
	numbers        = []int32{53, 80, 8080, 65535}
)

// cluster generates a small cluster.
func (c *choices) cluster() *reference {
	r := &reference{}
	blocks := c.oneIn(2)
	for i := range 1 + c.upTo(2) {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespaceNames[i], Labels: c.labels("team", "env")}}
		r.namespaces = append(r.namespaces, ns)
		for range oneOf(c, 1, 2, 3, 0) {
			name := fmt.Sprintf("w%d", len(r.workloads))
			r.workloads = append(r.workloads, c.workload(ns.Name, name))
		}
	}
	for i := range c.upTo(7) {
		in := oneOf(c, r.namespaces...).Name
		r.policies = append(r.policies, c.policy(in, fmt.Sprintf("p%d", i), blocks))
	}
	return r
}

func (c *choices) labels(keys ...string) map[string]string {
	all := map[string]string{}
	for _, key := range keys {
		if i := c.upTo(len(labelValues)); i < len(labelValues) {
			all[key] = labelValues[i]
		}
	}
	return all
}

func (c *choices) workload(in, name string) *workload {
	w := &workload{kind: oneOf(c, "Pod", "Deployment", "Pod", "StatefulSet", "CronJob")}
	w.Namespace, w.Name, w.Labels = in, name, c.labels("app", "tier")
	w.Spec.HostNetwork = c.oneIn(8)
	w.Spec.Containers = make([]corev1.Container, 1+c.upTo(1))
	free := portNames // names are unique in a pod
	for range c.upTo(3) {
		p := corev1.ContainerPort{Protocol: c.protocol(), ContainerPort: oneOf(c, numbers...)}
		if len(free) > 0 && c.oneIn(2) {
			p.Name, free = free[0], free[1:]
		}
		container := &w.Spec.Containers[c.upTo(len(w.Spec.Containers)-1)]
		container.Ports = append(container.Ports, p)
	}
	return w
}

func (c *choices) protocol() corev1.Protocol {
	return oneOf(c, corev1.ProtocolTCP, corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP)
}

func (c *choices) policy(in, name string, blocks bool) *networkingv1.NetworkPolicy {
	p := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: in, Name: name}}
	p.Spec.PolicyTypes = oneOf(c, nil, []networkingv1.PolicyType{ingress}, []networkingv1.PolicyType{egress},
		[]networkingv1.PolicyType{ingress, egress}, []networkingv1.PolicyType{egress, ingress})
	if c.oneIn(2) {
		p.Spec.PodSelector = *c.selector("app", "tier")
	}
	for range c.upTo(2) {
		p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: c.peers(blocks), Ports: c.ports()})
	}
	for range c.upTo(2) {
		p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: c.peers(blocks), Ports: c.ports()})
	}
	return p
}

// selector generates a selector of labels with two keys, often one that
// selects everything.
func (c *choices) selector(keys ...string) *metav1.LabelSelector {
	s := &metav1.LabelSelector{}
	shape := c.upTo(4)
	if shape == 1 || shape == 2 {
		s.MatchLabels = map[string]string{oneOf(c, keys...): oneOf(c, labelValues...)}
	}
	if shape == 2 || shape == 3 {
		s.MatchExpressions = append(s.MatchExpressions, c.expression(keys))
	}
	if shape == 4 {
		s.MatchExpressions = append(s.MatchExpressions, c.expression(keys), c.expression(keys))
	}
	return s
}

func (c *choices) expression(keys []string) metav1.LabelSelectorRequirement {
	e := metav1.LabelSelectorRequirement{Key: oneOf(c, keys...)}
	e.Operator = oneOf(c, metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist)
	if e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpNotIn {
		e.Values = oneOf(c, labelValues[:1], labelValues[1:], labelValues)
	}
	return e
}

func (c *choices) peers(blocks bool) []networkingv1.NetworkPolicyPeer {
	var all []networkingv1.NetworkPolicyPeer
	for range c.upTo(2) {
		all = append(all, c.peer(blocks))
	}
	return all
}

func (c *choices) peer(blocks bool) networkingv1.NetworkPolicyPeer {
	byName := &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: oneOf(c, namespaceNames...)}}
	switch c.upTo(5) {
	case 0:
		return networkingv1.NetworkPolicyPeer{PodSelector: c.selector("app", "tier")}
	case 1:
		return networkingv1.NetworkPolicyPeer{NamespaceSelector: c.selector("team", "env")}
	case 2:
		return networkingv1.NetworkPolicyPeer{NamespaceSelector: c.selector("team", "env"), PodSelector: c.selector("app", "tier")}
	case 3:
		return networkingv1.NetworkPolicyPeer{NamespaceSelector: byName}
	case 4:
		return networkingv1.NetworkPolicyPeer{NamespaceSelector: byName, PodSelector: c.selector("app", "tier")}
	default:
		if !blocks {
			return networkingv1.NetworkPolicyPeer{PodSelector: c.selector("app", "tier")}
		}
		return networkingv1.NetworkPolicyPeer{IPBlock: c.block()}
	}
}

func (c *choices) block() *networkingv1.IPBlock {
	return oneOf(c,
		&networkingv1.IPBlock{CIDR: "0.0.0.0/0"},
		&networkingv1.IPBlock{CIDR: "::/0"},
		&networkingv1.IPBlock{CIDR: "10.0.0.0/8"},
		&networkingv1.IPBlock{CIDR: "0.0.0.0/0", Except: []string{"10.0.0.0/8", "8.8.8.0/24"}},
		&networkingv1.IPBlock{CIDR: "10.0.0.0/8", Except: []string{"10.1.0.0/16"}},
		&networkingv1.IPBlock{CIDR: "0.0.0.0/1"},
		&networkingv1.IPBlock{CIDR: "fd00::/8", Except: []string{"fd00:1::/32"}},
	)
}

func (c *choices) ports() []networkingv1.NetworkPolicyPort {
	var all []networkingv1.NetworkPolicyPort
	for range c.upTo(2) {
		all = append(all, c.port())
	}
	return all
}

func (c *choices) port() networkingv1.NetworkPolicyPort {
	var p networkingv1.NetworkPolicyPort
	if c.oneIn(2) {
		p.Protocol = new(c.protocol())
	}
	switch c.upTo(4) {
	case 0:
		p.Port = new(intstr.FromInt32(oneOf(c, numbers...)))
	case 1:
		p.Port = new(intstr.FromString(oneOf(c, portNames...)))
	case 2:
		first := c.upTo(len(numbers) - 1)
		last := first + c.upTo(len(numbers)-1-first)
		p.Port, p.EndPort = new(intstr.FromInt32(numbers[first])), new(numbers[last])
	case 3:
		p.Port, p.EndPort = new(intstr.FromInt32(1)), new(oneOf[int32](c, 53, 8080, 65535))
	}
	return p
}

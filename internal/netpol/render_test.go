package netpol_test

import (
	"encoding/json"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// object is a mapping of YAML.
type object map[string]any

// render writes the manifests of a cluster. What the API takes to be the same
// is written now in one way, now in another.
func (c *choices) render(r *reference) string {
	var all []object
	for _, ns := range r.namespaces {
		all = append(all, object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": ns.Name, "labels": ns.Labels}})
	}
	for _, w := range r.workloads {
		all = append(all, c.manifest(w))
	}
	for _, p := range r.policies {
		all = append(all, c.networkPolicy(p))
	}
	if c.oneIn(2) {
		slices.Reverse(all)
	}
	block := c.oneIn(2)
	var b strings.Builder
	for _, o := range all {
		text, err := json.Marshal(o)
		if block {
			text, err = yaml.Marshal(o)
		}
		if err != nil {
			panic(err) // there is nothing in it that cannot be written
		}
		b.WriteString("---\n" + string(text) + "\n")
	}
	return b.String()
}

// metadata leaves the namespace out where it is given at apply time.
func metadata(m *metav1.ObjectMeta) object {
	o := object{"name": m.Name}
	if m.Namespace != "" {
		o["namespace"] = m.Namespace
	}
	return o
}

func (c *choices) manifest(w *workload) object {
	labels := object{"labels": w.Labels}
	spec := object{"containers": containers(w)}
	if w.Spec.HostNetwork || c.oneIn(2) {
		spec["hostNetwork"] = w.Spec.HostNetwork
	}
	o := object{"kind": w.kind, "metadata": metadata(&w.ObjectMeta)}
	template := object{"metadata": labels, "spec": spec}
	switch w.kind {
	case "Pod":
		o["apiVersion"], o["spec"] = "v1", spec
		o["metadata"].(object)["labels"] = w.Labels
	case "CronJob":
		// Only the labels of the pods count, none of those around them.
		job := object{"metadata": object{"labels": object{"app": "a"}}, "spec": object{"template": template}}
		o["apiVersion"], o["spec"] = "batch/v1", object{"schedule": "@hourly", "jobTemplate": job}
	default:
		o["metadata"].(object)["labels"] = object{"app": "b"}
		o["apiVersion"], o["spec"] = "apps/v1", object{"selector": object{"matchLabels": w.Labels}, "template": template}
	}
	return o
}

func containers(w *workload) []object {
	var all []object
	for _, container := range w.Spec.Containers {
		var ports []object
		for _, p := range container.Ports {
			port := object{"containerPort": p.ContainerPort}
			if p.Name != "" {
				port["name"] = p.Name
			}
			if p.Protocol != corev1.ProtocolTCP {
				port["protocol"] = p.Protocol
			}
			ports = append(ports, port)
		}
		all = append(all, object{"name": "c", "image": "i", "ports": ports})
	}
	return all
}

func (c *choices) networkPolicy(p *networkingv1.NetworkPolicy) object {
	spec := object{"podSelector": c.selectorObject(&p.Spec.PodSelector)}
	if unrestricted(&p.Spec.PodSelector) {
		c.nothing(spec, "podSelector", object{})
	}
	put(c, spec, "policyTypes", p.Spec.PolicyTypes)
	put(c, spec, "ingress", c.rules(p, ingress, "from"))
	put(c, spec, "egress", c.rules(p, egress, "to"))
	o := object{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata(&p.ObjectMeta), "spec": spec}
	if p.Kind != "" {
		o["apiVersion"], o["kind"] = p.APIVersion, p.Kind
	}
	return o
}

func (c *choices) rules(p *networkingv1.NetworkPolicy, d networkingv1.PolicyType, peersKey string) []object {
	var all []object
	for _, r := range rulesOf(p, d) {
		o := object{}
		var peers, ports []object
		for i := range r.peers {
			peers = append(peers, c.peerObject(&r.peers[i]))
		}
		for i := range r.ports {
			ports = append(ports, portObject(&r.ports[i]))
		}
		put(c, o, peersKey, peers)
		put(c, o, "ports", ports)
		all = append(all, o)
	}
	return all
}

// put sets the key to a list. One without items is written in all the ways
// that mean it.
func put[T any](c *choices, o object, key string, list []T) {
	if o[key] = list; len(list) == 0 {
		c.nothing(o, key, []T{})
	}
}

// nothing leaves the key out, or sets it to null or to what is empty.
func (c *choices) nothing(o object, key string, empty any) {
	if o[key] = oneOf(c, empty, nil, "absent"); o[key] == "absent" {
		delete(o, key)
	}
}

func (c *choices) peerObject(peer *networkingv1.NetworkPolicyPeer) object {
	o := object{}
	if peer.PodSelector != nil {
		o["podSelector"] = c.selectorObject(peer.PodSelector)
	}
	if peer.NamespaceSelector != nil {
		o["namespaceSelector"] = c.selectorObject(peer.NamespaceSelector)
	}
	if peer.IPBlock != nil {
		o["ipBlock"] = object{"cidr": peer.IPBlock.CIDR, "except": peer.IPBlock.Except}
	}
	return o
}

func (c *choices) selectorObject(s *metav1.LabelSelector) object {
	o := object{"matchLabels": s.MatchLabels}
	if len(s.MatchLabels) == 0 {
		c.nothing(o, "matchLabels", object{})
	}
	var expressions []object
	for _, e := range s.MatchExpressions {
		expression := object{"key": e.Key, "operator": e.Operator}
		put(c, expression, "values", e.Values)
		expressions = append(expressions, expression)
	}
	put(c, o, "matchExpressions", expressions)
	return o
}

func portObject(p *networkingv1.NetworkPolicyPort) object {
	o := object{}
	if p.Protocol != nil {
		o["protocol"] = *p.Protocol
	}
	if p.EndPort != nil {
		o["endPort"] = *p.EndPort
	}
	if p.Port != nil && p.Port.StrVal != "" {
		o["port"] = p.Port.StrVal
	} else if p.Port != nil {
		o["port"] = p.Port.IntVal
	}
	return o
}

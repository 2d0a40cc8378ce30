package netpol_test

import (
	"maps"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// hide makes of a cluster what a tree may tell of it: less. Whatever is hidden,
// the engine must not contradict the cluster.
func (c *choices) hide(truth *reference, ways ...func(*choices, *reference)) *reference {
	told := truth.clone()
	for range 1 + c.upTo(2) {
		oneOf(c, ways...)(c, told)
	}
	return told
}

func (c *reference) clone() *reference {
	told := &reference{}
	for _, ns := range c.namespaces {
		told.namespaces = append(told.namespaces, ns.DeepCopy())
	}
	for _, w := range c.workloads {
		told.workloads = append(told.workloads, &workload{w.kind, *w.DeepCopy()})
	}
	for _, p := range c.policies {
		told.policies = append(told.policies, p.DeepCopy())
	}
	return told
}

// undeclare drops a Namespace object.
func undeclare(c *choices, told *reference) {
	if n := len(told.namespaces); n > 0 {
		i := c.upTo(n - 1)
		told.namespaces = slices.Delete(told.namespaces, i, i+1)
	}
}

// veil is a value that a later tool fills in, or that SOPS has encrypted.
func (c *choices) veil() string { return oneOf(c, "${VALUE}", "ENC[AES256_GCM,data:x]", "{{ .x }}") }

// veilLabel hides the value of a label that is there.
func (c *choices) veilLabel(labels map[string]string) {
	if len(labels) > 0 {
		labels[oneOf(c, slices.Sorted(maps.Keys(labels))...)] = c.veil()
	}
}

func veilPod(c *choices, told *reference) {
	if len(told.workloads) > 0 {
		c.veilLabel(oneOf(c, told.workloads...).Labels)
	}
}

func veilNamespace(c *choices, told *reference) {
	if len(told.namespaces) > 0 {
		c.veilLabel(oneOf(c, told.namespaces...).Labels)
	}
}

// veilSelector hides a value of a selector of a policy.
func veilSelector(c *choices, told *reference) {
	if len(told.policies) == 0 {
		return
	}
	p := oneOf(c, told.policies...)
	s := oneOf(c, append(selectorsOf(p), &p.Spec.PodSelector)...)
	c.veilLabel(s.MatchLabels)
	if len(s.MatchExpressions) > 0 {
		e := &s.MatchExpressions[0]
		if e.Values = slices.Clone(e.Values); len(e.Values) > 0 {
			e.Values[0] = c.veil()
		}
	}
}

func selectorsOf(p *networkingv1.NetworkPolicy) []*metav1.LabelSelector {
	var all []*metav1.LabelSelector
	for _, r := range slices.Concat(rulesOf(p, ingress), rulesOf(p, egress)) {
		for _, peer := range r.peers {
			for _, s := range []*metav1.LabelSelector{peer.PodSelector, peer.NamespaceSelector} {
				if s != nil {
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// veilPort hides a port of a policy, of which then nothing is known.
func veilPort(c *choices, told *reference) {
	for _, p := range told.policies {
		for _, r := range slices.Concat(rulesOf(p, ingress), rulesOf(p, egress)) {
			for i := range r.ports {
				if r.ports[i].Port != nil && r.ports[i].EndPort == nil && c.oneIn(2) {
					r.ports[i].Port = new(intstr.FromString("${PORT}"))
					return
				}
			}
		}
	}
}

// otherKind writes a policy as one of a kind that is not read.
func otherKind(c *choices, told *reference) {
	if len(told.policies) == 0 {
		return
	}
	p := oneOf(c, told.policies...)
	if p.Kind != "" {
		return
	}
	p.APIVersion, p.Kind = "cilium.io/v2", "CiliumNetworkPolicy"
	if c.oneIn(2) {
		p.APIVersion, p.Kind, p.Namespace = "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", ""
	}
}

// rivalPolicy writes another policy under the name of one that is there, of
// which there may then be two copies.
func rivalPolicy(c *choices, told *reference) {
	if len(told.policies) == 0 {
		return
	}
	p := oneOf(c, told.policies...)
	rivals := []*networkingv1.NetworkPolicy{c.policy(p.Namespace, p.Name, true)}
	if c.oneIn(2) {
		rivals = append(rivals, p.DeepCopy())
	}
	told.policies = slices.Insert(told.policies, c.upTo(len(told.policies)), rivals...)
}

// rivalWorkload writes another workload under the name of one that is there.
func rivalWorkload(c *choices, told *reference) {
	if len(told.workloads) == 0 {
		return
	}
	w := oneOf(c, told.workloads...)
	rival := c.workload(w.Namespace, w.Name)
	rival.kind = w.kind
	told.workloads = slices.Insert(told.workloads, c.upTo(len(told.workloads)), rival)
}

// unname leaves the namespace out of all objects of one, so that nothing tells
// its name. It does nothing the second time: all that has no namespace is in one.
func unname(c *choices, told *reference) {
	in := oneOf(c, namespaceNames...)
	objects := told.namespaced()
	if slices.ContainsFunc(objects, func(m *metav1.ObjectMeta) bool { return m.Namespace == "" }) {
		return
	}
	for _, m := range objects {
		if m.Namespace == in {
			m.Namespace = ""
		}
	}
	told.namespaces = slices.DeleteFunc(told.namespaces, func(ns *corev1.Namespace) bool { return ns.Name == in })
}

// namespaced is the metadata of all objects that are in a namespace.
func (c *reference) namespaced() []*metav1.ObjectMeta {
	var all []*metav1.ObjectMeta
	for _, w := range c.workloads {
		all = append(all, &w.ObjectMeta)
	}
	for _, p := range c.policies {
		all = append(all, &p.ObjectMeta)
	}
	return all
}

var hidings = []struct {
	name string
	ways []func(*choices, *reference)
}{
	{"labels", []func(*choices, *reference){undeclare, veilPod, veilNamespace, veilSelector}},
	{"policies", []func(*choices, *reference){veilPort, otherKind}},
	{"rival policies", []func(*choices, *reference){rivalPolicy}},
	{"rival workloads", []func(*choices, *reference){rivalWorkload}},
	{"namespace", []func(*choices, *reference){unname}},
}

// TestUnknownContradictsNothing hides part of a cluster and asks what the rest
// tells: it may be unknown, but where it is yes or no it is what the whole
// cluster says.
func TestUnknownContradictsNothing(t *testing.T) {
	for _, h := range hidings {
		t.Run(h.name, func(t *testing.T) {
			for seed := range clusters() / 4 {
				c := randomChoices(1000 + seed)
				truth := c.cluster()
				compare(t, c.render(c.hide(truth, h.ways...)), truth, true)
			}
		})
	}
}

// FuzzUnknown is TestUnknownContradictsNothing for the hidings together.
func FuzzUnknown(f *testing.F) {
	for seed := range uint64(20) {
		f.Add([]byte(randomChoices(seed)[:400]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := choices(data)
		truth := c.cluster()
		told := c.hide(truth, undeclare, veilPod, veilNamespace, veilSelector, veilPort, otherKind, unname)
		compare(t, c.render(told), truth, true)
	})
}

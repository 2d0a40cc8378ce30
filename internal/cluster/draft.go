package cluster

import (
	"go.yaml.in/yaml/v4"
	corev1 "k8s.io/api/core/v1"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// Draft is the policy that a mapping would be in a namespace of a view, whatever
// namespace the mapping names. It is nil where the API server would refuse it,
// or where it has placeholders. Its Resource stands in no file.
func Draft(root *yaml.Node, in *Namespace) *Policy {
	r := &manifest.Resource{
		File: source.Made("draft", nil), Node: root, Unit: &manifest.Unit{},
		APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Namespace: in.Name,
		Name: node.Text(node.Field(node.Field(root, "metadata"), "name")),
	}
	d := &policyDecoder{newDecoder(r), map[string]*Selector{}}
	p := d.policy()
	if len(d.problems) > 0 || d.hidden > 0 {
		return nil
	}
	p.In = in
	return p
}

// NamespaceLabel is the label by which the policies of the view would select a
// namespace: one that they already select namespaces by and that is declared
// with the name of the namespace, or else the one that every namespace has. The
// namespace must have a name.
func (v *View) NamespaceLabel(ns *Namespace) (key, value string) {
	best, most := corev1.LabelMetadataName, 0
	counts := map[string]int{}
	for _, p := range v.Policies {
		for _, rules := range p.Rules {
			for i := range rules {
				for j := range rules[i].Peers {
					count(counts, rules[i].Peers[j].Namespaces)
				}
			}
		}
	}
	for key, n := range counts {
		declared := ns.Declared != nil && ns.Labels.Known[key] == ns.Name
		if declared && (n > most || n == most && key < best) {
			best, most = key, n
		}
	}
	return best, ns.Name
}

// count counts the keys that a selector compares with one value.
func count(counts map[string]int, s *Selector) {
	if s == nil {
		return
	}
	for _, r := range s.Requirements {
		if len(r.Values) == 1 {
			counts[r.Key]++
		}
	}
}

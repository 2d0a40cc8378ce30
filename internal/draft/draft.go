// Package draft writes NetworkPolicies as YAML nodes: the other side of a rule,
// with podSelector and peer swapped, and the policy that denies all egress but DNS. It
// decides what a policy says; where it is put, and in which style, is decided
// elsewhere.
package draft

import (
	"maps"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// Policy is a policy that governs one direction.
type Policy struct {
	Name string
	// Namespace is metadata.namespace, nil where it is not to be written.
	Namespace *yaml.Node
	// Pods is the podSelector.
	Pods      *yaml.Node
	Direction cluster.Direction
	// Rules are the rules of the direction. There may be none.
	Rules []*yaml.Node
	// Comment is written above the policy, "" for none.
	Comment string
}

// Node is the whole object.
func (p Policy) Node() *yaml.Node {
	metadata := mapping("name", node.NewText(p.Name))
	if p.Namespace != nil {
		metadata.Content = append(metadata.Content, node.NewText("namespace"), p.Namespace)
	}
	spec := mapping(
		"podSelector", p.Pods,
		"policyTypes", List(node.NewText(string(p.Direction.Type()))),
	)
	if len(p.Rules) > 0 {
		spec.Content = append(spec.Content, node.NewText(p.Direction.String()), List(p.Rules...))
	}
	root := mapping(
		"apiVersion", node.NewText("networking.k8s.io/v1"),
		"kind", node.NewText("NetworkPolicy"),
		"metadata", metadata,
		"spec", spec,
	)
	root.HeadComment = p.Comment
	return root
}

// mapping makes a mapping of keys and values in turn.
func mapping(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i+1 < len(pairs); i += 2 {
		n.Content = append(n.Content, node.NewText(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return n
}

// List is a list of values.
func List(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
}

func number(n int32) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(int(n))}
}

// Everyone is a selector without requirements.
func Everyone() *yaml.Node { return mapping() }

// Labels is a selector of the objects that have all the labels.
func Labels(labels map[string]string) *yaml.Node {
	values := mapping()
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		values.Content = append(values.Content, node.NewText(key), node.NewText(labels[key]))
	}
	return mapping("matchLabels", values)
}

// Expressions is Labels in another form.
func Expressions(labels map[string]string) *yaml.Node {
	all := List()
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		all.Content = append(all.Content, mapping("key", node.NewText(key), "operator", node.NewText("In"), "values", List(node.NewText(labels[key]))))
	}
	return mapping("matchExpressions", all)
}

// Named is the selector of a namespace that the policies of a view would use.
func Named(v *cluster.View, ns *cluster.Namespace) *yaml.Node {
	key, value := v.NamespaceLabel(ns)
	return Labels(map[string]string{key: value})
}

// Servers are the peers that answer DNS on one port.
type Servers struct {
	Port  int32
	Peers []*yaml.Node
}

// DNS is the servers of a view's DNS by their ports, as a policy of a unit names
// them.
func DNS(v *cluster.View, u *manifest.Unit) []Servers {
	// What one overlay has another may share.
	expressions := u.Kind == manifest.Overlay && slices.ContainsFunc(v.Tree.Units, (*manifest.Unit).Selects)
	var all []Servers
	for _, s := range v.DNS {
		i := slices.IndexFunc(all, func(have Servers) bool { return have.Port == s.Port })
		if i < 0 {
			all, i = append(all, Servers{Port: s.Port}), len(all)
		}
		all[i].Peers = append(all[i].Peers, peer(v, s, expressions))
	}
	return all
}

// Rules are the rules that let out to servers, one for each port.
func Rules(servers []Servers, protocols ...corev1.Protocol) []*yaml.Node {
	var rules []*yaml.Node
	for _, s := range servers {
		var ports []*yaml.Node
		for _, protocol := range protocols {
			ports = append(ports, mapping("protocol", node.NewText(string(protocol)), "port", number(s.Port)))
		}
		rules = append(rules, mapping("to", List(s.Peers...), "ports", List(ports...)))
	}
	return rules
}

// peer names a server. A kustomization that puts labels into selectors leaves
// expressions alone.
func peer(v *cluster.View, s cluster.Nameserver, expressions bool) *yaml.Node {
	if s.CIDR != "" {
		return mapping("ipBlock", mapping("cidr", node.NewText(s.CIDR)))
	}
	in := &cluster.Namespace{Name: s.Namespace}
	if i := slices.IndexFunc(v.Namespaces, func(ns *cluster.Namespace) bool { return ns.Name == s.Namespace }); i >= 0 {
		in = v.Namespaces[i]
	}
	pods := Labels(s.Pods)
	if expressions {
		pods = Expressions(s.Pods)
	}
	return mapping("namespaceSelector", Named(v, in), "podSelector", pods)
}

// Port is an entry of the ports of a rule, with a number.
func Port(p *networkingv1.NetworkPolicyPort) *yaml.Node {
	n := mapping()
	add := func(key string, value *yaml.Node) { n.Content = append(n.Content, node.NewText(key), value) }
	if p.Protocol != nil {
		add("protocol", node.NewText(string(*p.Protocol)))
	}
	add("port", number(p.Port.IntVal))
	if p.EndPort != nil {
		add("endPort", number(*p.EndPort))
	}
	return n
}

package draft

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// Peer is one peer of a rule of a policy, by its place.
type Peer struct {
	Direction   cluster.Direction
	Rule, Index int
}

// Complement drafts the other side of what a policy allows one of its peers, by
// swapping its ends: the pods of the peer become those of the policy, and
// the other way round; the ports stay, and the direction is the opposite. root
// is the policy as it is written. namespace selects its namespace where the
// peer is in another one, nil where they are in the same. The draft has no name
// and no namespace yet. It is false where root does not have that peer.
func Complement(root *yaml.Node, at Peer, namespace *yaml.Node) (Policy, bool) {
	d := at.Direction
	spec := node.Field(root, "spec")
	rules := node.Items(node.Field(spec, d.String()))
	if at.Rule >= len(rules) {
		return Policy{}, false
	}
	rule := rules[at.Rule]
	peers := node.Items(node.Field(rule, d.PeersKey()))
	if at.Index >= len(peers) || node.Field(peers[at.Index], "ipBlock") != nil {
		return Policy{}, false
	}
	own := mapping()
	if namespace != nil {
		own.Content = append(own.Content, node.NewText("namespaceSelector"), namespace)
	}
	own.Content = append(own.Content, node.NewText("podSelector"), selector(node.Field(spec, "podSelector")))
	mirrored := mapping(d.Opposite().PeersKey(), List(own))
	if ports := node.Field(rule, "ports"); len(node.Items(ports)) > 0 {
		mirrored.Content = append(mirrored.Content, node.NewText("ports"), clone(ports))
	}
	return Policy{
		Pods:      selector(node.Field(peers[at.Index], "podSelector")),
		Direction: d.Opposite(),
		Rules:     []*yaml.Node{mirrored},
	}, true
}

// selector copies a selector. None is the one that selects all.
func selector(n *yaml.Node) *yaml.Node {
	if node.IsNull(n) {
		return Everyone()
	}
	return clone(n)
}

// clone copies what a node says: aliases and merge keys become what they stand
// for, comments and styles are left out.
func clone(n *yaml.Node) *yaml.Node {
	n = node.Resolve(n)
	c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" { // quotes make a text of what is none without them
		c.Style = n.Style & (yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle)
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0 {
			c.Style = yaml.DoubleQuotedStyle
		}
	}
	switch n.Kind {
	case yaml.MappingNode:
		for p := range node.Pairs(n) {
			c.Content = append(c.Content, clone(p.Key), clone(p.Value))
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			c.Content = append(c.Content, clone(item))
		}
	default: // it has no parts
	}
	return c
}

// ComplementName names the policy for the other side of what p allows a peer:
// "api-to-db" for egress, "db-from-api" for ingress, with the namespace of the
// far end where that is another one. taken tells which names are not free.
func ComplementName(p *cluster.Policy, at Peer, peer *cluster.Namespace, taken func(string) bool) string {
	near := p.Rules[at.Direction][at.Rule].Peers[at.Index].Pods // that of the draft
	far := word(p.Pods, p.In, near)
	if p.In != peer && p.In.Name != "" && !p.Pods.Everything() {
		far = p.In.Name + "-" + far
	}
	joint := "-to-"
	if at.Direction == cluster.Egress {
		joint = "-from-"
	}
	return Free(word(near, peer, p.Pods)+joint+far, taken)
}

// Free is a name, or the first of those with a number that is not taken.
func Free(name string, taken func(string) bool) string {
	name = strings.Trim(name[:min(len(name), maxName)], "-.")
	free := name
	for i := 2; taken(free); i++ {
		free = name + "-" + strconv.Itoa(i)
	}
	return free
}

// maxName leaves room for a number, and for what kustomizations add.
const maxName = 200

// telling are the labels that people name things by, the best first.
var telling = []string{"app", "app.kubernetes.io/name", "k8s-app", "name", "app.kubernetes.io/component", "component", "role", "tier"}

// word is a word for the pods of a selector in a namespace: where it can, one that
// does not name those of another selector too.
func word(s *cluster.Selector, in *cluster.Namespace, other *cluster.Selector) string {
	if s == nil || s.Everything() {
		if in.Name == "" {
			return "all"
		}
		return in.Name
	}
	own := slices.DeleteFunc(slices.Clone(s.Requirements), func(r cluster.Requirement) bool {
		return other != nil && slices.ContainsFunc(other.Requirements, func(o cluster.Requirement) bool { return o.String() == r.String() })
	})
	if len(own) == 0 {
		own = s.Requirements
	}
	best := slices.MinFunc(own, func(a, b cluster.Requirement) int { return cmp.Compare(rank(&a), rank(&b)) })
	text := best.Key[strings.LastIndexByte(best.Key, '/')+1:]
	if len(best.Values) > 0 {
		text = strings.Join(best.Values, "-")
	}
	if rulesOut(&best) {
		text = "not-" + text
	}
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

// rank tells how well a requirement names pods: the lower the better.
func rank(r *cluster.Requirement) int {
	at := slices.Index(telling, r.Key)
	switch {
	case rulesOut(r):
		return len(telling) + 1
	case at < 0 || len(r.Values) != 1:
		return len(telling)
	default:
		return at
	}
}

// rulesOut holds for what pods must not have.
func rulesOut(r *cluster.Requirement) bool {
	return r.Operator == selection.NotIn || r.Operator == selection.DoesNotExist
}

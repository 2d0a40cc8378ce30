package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/draft"
	"github.com/egresslint/egresslint/internal/manifest/edit"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/internal/verdict"
)

func (p *program) complementCommand() *cobra.Command {
	var flags treeFlags
	c := &cobra.Command{
		Use:   "complement [flags] PATH...",
		Short: "print the egress policies that ingress policies need on the other side",
		Long: `For each peer of each ingress rule, print the egress policy that lets its pods
send what the rule lets in: the pods and the peer are swapped, the ports stay.
Across namespaces the policy is in the namespace of the peer. A comment above
each policy says which rule it belongs to.

The policies isolate the pods that they select. So that these still find their
DNS, apply a policy that denies all egress but DNS first, as the fix of EGR002
writes it.

Where the paths do not tell a namespace, ${NAMESPACE} stands for it, and a
comment says what has to be filled in. What has no other side, such as an
ipBlock, is listed on standard error. The exit status is 2 when something could
not be read, and 0 otherwise.`,
		Example: `  egresslint complement k8s/policies > egress.yaml
  kustomize build overlays/prod | egresslint complement -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("complement takes the paths of ingress policies")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, paths []string) error { return p.complement(paths, &flags) },
	}
	flags.addTo(c.Flags())
	return withoutUsage(c)
}

func (p *program) complement(paths []string, flags *treeFlags) error {
	tree, views, err := p.load(paths, flags)
	if err != nil {
		return err
	}
	if len(views) > 1 {
		return fmt.Errorf("there are %d views, and the policies are for one: choose with --view; %s", len(views), known(views))
	}
	if err := p.trouble(tree, views); err != nil {
		return err
	}
	c := newComplements(views[0])
	for _, policy := range views[0].Policies {
		c.policy(policy)
	}
	for _, note := range c.notes {
		fmt.Fprintln(p.stderr, note)
	}
	b := bufio.NewWriter(p.stdout)
	if len(c.all) == 0 {
		fmt.Fprintln(b, "# Nothing to do: no ingress rule names pods that need an egress policy.")
	}
	for i, made := range c.all {
		if i > 0 {
			fmt.Fprintln(b, "---")
		}
		made.Comment = strings.Join(made.comments, "\n")
		fmt.Fprint(b, edit.Encode(made.Node(), nil))
	}
	return b.Flush()
}

// unknownNamespace stands for a namespace that the paths do not tell. The API
// server takes it neither as a namespace nor as a label.
const unknownNamespace = "${NAMESPACE}"

// unknownReceiver stands for that of an ingress policy, which is another one.
const unknownReceiver = "${INGRESS_NAMESPACE}"

// complements are the other sides of the ingress rules of a view.
type complements struct {
	view *cluster.View
	all  []*complement
	// byMeaning finds one that says the same.
	byMeaning map[string]*complement
	// names are those of policies, by what is written as their namespace.
	names map[[2]string]bool
	// notes are for standard error.
	notes []string
}

// complement is one policy to print.
type complement struct {
	draft.Policy

	comments []string
}

func newComplements(v *cluster.View) *complements {
	c := &complements{view: v, byMeaning: map[string]*complement{}, names: map[[2]string]bool{}}
	for _, p := range v.Policies {
		c.names[[2]string{writtenName(p.In), p.Name}] = true
	}
	for _, f := range v.Foreign {
		c.names[[2]string{f.Namespace, f.Name}] = true
	}
	return c
}

// writtenName is what objects of a namespace have as metadata.namespace.
func writtenName(ns *cluster.Namespace) string { return ns.Name + ns.Placeholder }

// place names a rule of a policy, and tells where it is written.
func place(p *cluster.Policy, rule int) (title, at string) {
	title = fmt.Sprintf("NetworkPolicy %q", p.Qualified())
	span := p.Span("spec")
	if rule >= 0 {
		title += fmt.Sprintf(", rule %d", rule+1)
		span = p.Span("spec", cluster.Ingress.String(), rule)
	}
	span = p.Written(span)
	at = fmt.Sprintf("%s:%d", source.PrintablePath(span.File.Path), span.Start().Line)
	return title, at
}

// note says something of a rule on standard error, once.
func (c *complements) note(p *cluster.Policy, rule int, format string, args ...any) {
	title, at := place(p, rule)
	text := at + ": " + title + ": " + source.Printable(fmt.Sprintf(format, args...))
	if !slices.Contains(c.notes, text) {
		c.notes = append(c.notes, text)
	}
}

// policy takes in the rules of a policy.
func (c *complements) policy(p *cluster.Policy) {
	rules := p.Rules[cluster.Ingress]
	if len(rules) > 0 && !p.Effective(cluster.Ingress) {
		c.note(p, -1, "its ingress rules have no effect, because policyTypes has no Ingress")
		return
	}
	for i, rule := range rules {
		if len(rule.Peers) == 0 {
			c.everyone(p, i)
		}
		for j := range rule.Peers {
			c.peer(p, draft.Peer{Direction: cluster.Ingress, Rule: i, Index: j}, &rule.Peers[j])
		}
	}
}

func (c *complements) everyone(p *cluster.Policy, rule int) {
	c.note(p, rule, "it lets everyone in: only a policy for all pods of all namespaces could be the other side")
}

// peer takes in one peer of a rule.
func (c *complements) peer(p *cluster.Policy, at draft.Peer, peer *cluster.Peer) {
	var from senders
	switch {
	case peer.Block != nil:
		c.note(p, at.Rule, "addresses (%s) have no egress policy", peer.Block.CIDR)
		return
	case peer.Namespaces == nil:
		from.all = []sender{{Namespace: p.In}}
	case !peer.Namespaces.Everything():
		from = c.senders(peer.Namespaces)
	case peer.Pods == nil || peer.Pods.Everything():
		c.everyone(p, at.Rule)
		return
	default:
		from = c.running(peer.Pods)
		c.note(p, at.Rule, "pods with %s of every namespace may send: namespaces that are not in the paths need a policy too", peer.Pods.Key)
	}
	if len(from.maybe) > 0 {
		c.note(p, at.Rule, "a namespace needs a policy too where it has %s, which is not known of %s", peer.Namespaces.Key, strings.Join(from.maybe, ", "))
	}
	if from.missing != "" {
		c.note(p, at.Rule, "fill in %s: %s", unknownNamespace, from.missing)
		from.all = append(from.all, sender{&cluster.Namespace{Placeholder: unknownNamespace}, "Fill in the namespace: " + from.missing + "."})
	}
	for _, s := range from.all {
		c.add(p, at, peer, s)
	}
}

// sender is a namespace that a peer names.
type sender struct {
	*cluster.Namespace

	// comment says how its name is known, where that is not plain.
	comment string
}

// add drafts the other side of a peer in one of the namespaces that it names.
func (c *complements) add(p *cluster.Policy, at draft.Peer, peer *cluster.Peer, from sender) {
	title, where := place(p, at.Rule)
	if p.Rendered() {
		where += ", in " + source.Printable(p.Unit.Title())
	}
	origin := fmt.Sprintf("The other side of %s (%s).", title, where)
	meaning := c.meaning(p, at, peer, from.Namespace)
	if same := c.byMeaning[meaning]; same != nil {
		if !slices.Contains(same.comments, origin) {
			same.comments = append(same.comments, origin)
		}
		return
	}
	var ours *yaml.Node // selects the namespace of p
	if from.Namespace != p.In {
		ours = c.selects(p.In)
	}
	policy, ok := draft.Complement(p.Node, at, ours)
	if !ok {
		return
	}
	in := writtenName(from.Namespace)
	if in != "" {
		policy.Namespace = node.NewText(in)
	}
	policy.Name = draft.ComplementName(p, at, from.Namespace, func(name string) bool { return c.names[[2]string{in, name}] })
	c.names[[2]string{in, policy.Name}] = true
	made := &complement{policy, append([]string{origin}, c.remarks(p, at.Rule, from)...)}
	c.byMeaning[meaning] = made
	c.all = append(c.all, made)
}

// remarks are further lines of comment. What has to be done is noted too.
func (c *complements) remarks(p *cluster.Policy, rule int, from sender) []string {
	var all []string
	if from.comment != "" {
		all = append(all, from.comment)
	}
	if from.Namespace != p.In && writtenName(p.In) == "" {
		c.note(p, rule, "fill in %s: %s", unknownReceiver, nowhere)
		all = append(all, "Fill in the namespace of the peer: "+nowhere+".")
	}
	if c.view.Reserved(from.Name) {
		c.note(p, rule, "the cluster itself depends on the pods of %s: look twice before isolating them", from.Title())
		all = append(all, "The cluster itself depends on the pods of that namespace: look twice.")
	}
	return all
}

// nowhere is why the namespace of a policy is not known.
const nowhere = "that of the ingress policy is given at apply time"

// meaning is the same for other sides that are the same policy.
func (c *complements) meaning(p *cluster.Policy, at draft.Peer, peer *cluster.Peer, in *cluster.Namespace) string {
	pods := ""
	if peer.Pods != nil {
		pods = peer.Pods.Key
	}
	text, err := json.Marshal([]any{writtenName(in), pods, in == p.In, writtenName(p.In), p.Pods.Key, p.Rules[at.Direction][at.Rule].Ports})
	if err != nil {
		panic(err) // texts and numbers can be written
	}
	return string(text)
}

// selects is a selector for the namespace of a policy.
func (c *complements) selects(ns *cluster.Namespace) *yaml.Node {
	switch {
	case ns.Name != "":
		return draft.Named(c.view, ns)
	case ns.Placeholder != "":
		return draft.Labels(map[string]string{corev1.LabelMetadataName: ns.Placeholder})
	default:
		return draft.Labels(map[string]string{corev1.LabelMetadataName: unknownReceiver})
	}
}

// senders are the namespaces that a peer names.
type senders struct {
	all []sender
	// maybe are namespaces with labels that are not known.
	maybe []string
	// missing says which namespaces the paths do not tell, "" for none.
	missing string
}

// senders are the namespaces that a selector selects. It has requirements.
func (c *complements) senders(s *cluster.Selector) senders {
	var found senders
	var missing []string
	r := &s.Requirements[0]
	single := len(s.Requirements) == 1 && r.Operator == selection.In
	byName := single && c.tellsNames(r.Key)
	for _, ns := range c.view.Namespaces {
		switch v := s.Match(&ns.Labels); {
		case v == verdict.Yes:
			found.all = append(found.all, sender{Namespace: ns})
		case v == verdict.Unknown && !byName && ns.Name != "":
			found.maybe = append(found.maybe, ns.Name)
		}
	}
	if !single && len(found.all) == 0 {
		missing = append(missing, s.Key)
	}
	for _, value := range r.Values {
		if !single || slices.ContainsFunc(found.all, func(s sender) bool { return s.Labels.Known[r.Key] == value }) {
			continue
		}
		if s, ok := c.named(r.Key, value); ok && byName {
			found.all = append(found.all, s)
		} else {
			missing = append(missing, r.Key+"="+value)
		}
	}
	if len(missing) > 0 {
		found.maybe, found.missing = nil, "no namespace is known to have "+strings.Join(missing, ", or ")
	}
	return found
}

// named is the namespace that a label names, unless it is declared without it.
func (c *complements) named(key, value string) (sender, bool) {
	if len(validation.IsDNS1123Label(value)) > 0 {
		return sender{}, false
	}
	s := sender{Namespace: &cluster.Namespace{Name: value}}
	for _, ns := range c.view.Namespaces {
		if ns.Name == value {
			s.Namespace = ns
		}
	}
	if s.Declared != nil {
		return sender{}, false
	}
	if key != corev1.LabelMetadataName {
		s.comment = fmt.Sprintf("Its namespace is not declared: %s is taken for the name, as that of others is.", key)
	}
	return s, true
}

// tellsNames reports whether a label of namespaces is their name: it sounds
// so, and each namespace that is declared with it has its name there.
func (c *complements) tellsNames(key string) bool {
	if key == corev1.LabelMetadataName {
		return true
	}
	word := key[strings.LastIndexByte(key, '/')+1:]
	told := strings.HasSuffix(word, "namespace") || word == "name"
	some := false
	for _, ns := range c.view.Namespaces {
		if value, ok := ns.Labels.Known[key]; ok {
			some = true
			told = told && value == ns.Name
		}
	}
	return told && some
}

// running are the namespaces with workloads that a selector may select.
func (c *complements) running(pods *cluster.Selector) senders {
	var found senders
	for _, ns := range c.view.Namespaces {
		if slices.ContainsFunc(ns.Workloads, func(w *cluster.Workload) bool { return pods.Match(&w.Labels) != verdict.No }) {
			found.all = append(found.all, sender{Namespace: ns})
		}
	}
	if len(found.all) == 0 {
		found.missing = "no namespace is known to have pods with " + pods.Key
	}
	return found
}

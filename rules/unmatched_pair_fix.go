package rules

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/draft"
	"github.com/egresslint/egresslint/internal/manifest/edit"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/netpol"
)

// complement is the fix for a peer whose own policies do not let the traffic
// through: the rule of the other side, in a policy that has just the pods and
// the direction already, or in a new one.
func complement(pass *analysis.Pass, p *cluster.Policy, at draft.Peer, gap *netpol.Gap) analysis.SuggestedFix {
	mirrored, err := mirror(pass, p, at, gap.In)
	if err != nil {
		f := newFix(pass)
		f.fail(err)
		return f.done("")
	}
	for _, q := range gap.In.Policies {
		if q.Pods.Key != mirrored.meant.Pods.Key || !q.Effective(mirrored.Direction) || q.Rival {
			continue
		}
		f := newFix(pass)
		f.addRule(q, mirrored)
		if f.err == nil {
			return f.opening("add a rule to " + title(q))
		}
	}
	f := newFix(pass)
	home := p
	if gap.In != p.In {
		home = closest(gap.Isolating)
	}
	mirrored.Name = draft.ComplementName(p, at, gap.In, taken(gap.In))
	f.addPolicy(home, mirrored)
	return f.opening("add " + titleOf(mirrored.Name, gap.In))
}

// side is a policy for the other side of a peer.
type side struct {
	// Policy is what is to be written.
	draft.Policy

	// meant is what it comes to in the cluster.
	meant *cluster.Policy
}

// mirror drafts the other side of a peer, in the namespace of its pods.
func mirror(pass *analysis.Pass, p *cluster.Policy, at draft.Peer, in *cluster.Namespace) (side, error) {
	var ours *yaml.Node // selects the namespace of p
	if in != p.In {
		if in.Name == "" || p.In.Name == "" {
			return side{}, errNowhere
		}
		ours = draft.Named(cluster.Of(pass), p.In)
	}
	d, _, err := written(p)
	if err != nil {
		return side{}, err
	}
	toWrite, ok := draft.Complement(d.Root, at, ours)
	rendered, alsoOK := draft.Complement(p.Node, at, ours)
	if !ok || !alsoOK {
		return side{}, errPatched
	}
	rendered.Name = "draft"
	meant := cluster.Draft(rendered.Node(), in)
	if meant == nil {
		return side{}, errShape
	}
	return side{toWrite, meant}, nil
}

// addRule adds the rule of a side to a policy.
func (f *fix) addRule(q *cluster.Policy, s side) {
	d, spec, err := written(q)
	if err != nil {
		f.fail(err)
		return
	}
	key := s.Direction.String()
	switch rules := child(spec, key); {
	case rules == nil:
		f.edit(edit.InsertKey(d, spec, "policyTypes", key, draft.List(s.Rules...)))
	case node.IsNull(rules) || rules.Kind == yaml.SequenceNode && len(rules.Content) == 0:
		f.edit(edit.ReplaceValue(d, spec, key, draft.List(s.Rules...)))
	default:
		f.edit(edit.AppendItem(d, rules, s.Rules[0]))
	}
	with := *q
	with.Rules[s.Direction] = slices.Concat(q.Rules[s.Direction], s.meant.Rules[s.Direction])
	f.changes = append(f.changes, netpol.Edit{Old: q, New: &with})
}

// addPolicy adds the policy of a side behind another one of its namespace, or
// one whose namespace is written the same way.
func (f *fix) addPolicy(home *cluster.Policy, s side) {
	d, _, err := written(home)
	if home.Rival {
		err = errRival
	}
	if err != nil {
		f.fail(err)
		return
	}
	s.Namespace = node.Resolve(child(child(d.Root, "metadata"), "namespace"))
	f.edit(edit.AppendDocument(d, s.Node()))
	f.changes = append(f.changes, netpol.Edit{New: s.meant})
}

// opening is the fix, unless it closes connections: that is not its business.
func (f *fix) opening(title string) analysis.SuggestedFix {
	if slices.ContainsFunc(f.lines(), func(line string) bool { return strings.HasPrefix(line, "-") }) {
		f.fail(errIsolates)
	}
	return f.done(title)
}

// taken tells which names policies of a namespace have, as they are written too: a
// kustomization may put something before or behind a name.
func taken(in *cluster.Namespace) func(string) bool {
	writtenName := func(p *cluster.Policy) string {
		d, err := p.Source()
		if err != nil {
			return p.Name
		}
		return node.Text(child(child(d.Root, "metadata"), "name"))
	}
	return func(name string) bool {
		return slices.ContainsFunc(in.Policies, func(p *cluster.Policy) bool { return p.Name == name || writtenName(p) == name }) ||
			slices.ContainsFunc(in.Foreign, func(f *cluster.Foreign) bool { return f.Name == name })
	}
}

package netpol

import (
	"reflect"
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// Changes tells in lines what edits change for the pods whose policies they
// are, with every pod and address: which connections they open ("+") and close
// ("-"), on the side of these pods.
//
//   - shop/api -> shop/db TCP/5432
//   - shop/web -> everyone but kube-system/coredns UDP/53
//   - shop/web -> everything but kube-system/coredns UDP/53; shop/db TCP/5432
//
// The last is pods that become isolated, with all that they may still do. Ports
// that are open only perhaps are marked with "?". What receives is marked where
// the change is on its side: "(ingress)". The lines are equal where the edits
// mean the same.
func (e *Engine) Changes(edits []Edit) []string { return e.Effects(edits).Changes }

// Effects is what edits do, and where.
type Effects struct {
	// Changes are the lines of Engine.Changes.
	Changes []string
	// Opens and Closes are the cells in which connections open and close. Pods
	// that become isolated count for both: what is allowed them is by the edits.
	Opens, Closes map[Cell]bool
	// Meets are the cells in which the far ends are of rules that are new.
	Meets map[Cell]bool
}

// Cell is the pods of a namespace in one direction. What a policy allows is about
// the pods of one cell, in each of its directions.
type Cell struct {
	In        *cluster.Namespace
	Direction cluster.Direction
}

// Effects tells what edits do. The namespaces are those of the engine's view.
func (e *Engine) Effects(edits []Edit) Effects {
	all := Effects{Opens: map[Cell]bool{}, Closes: map[Cell]bool{}, Meets: map[Cell]bool{}}
	for _, x := range e.affected(edits) {
		changes := x.changes()
		for _, pod := range e.classes[x.n].pods() {
			for _, c := range changes {
				all.Changes = append(all.Changes, c.line(pod, x.d))
			}
		}
		cell := Cell{e.classes[x.n].in, x.d}
		isolates := x.before.isolated != x.after.isolated
		for _, c := range changes {
			if isolates || c.sign == "+" {
				all.Opens[cell] = true
			}
			if isolates || c.sign == "-" {
				all.Closes[cell] = true
			}
		}
	}
	for _, edit := range edits {
		e.meets(edit, all.Meets)
	}
	return all
}

// meets collects the far ends of the rules that are new in an edit.
func (e *Engine) meets(edit Edit, cells map[Cell]bool) {
	if edit.New == nil {
		return
	}
	for d, rules := range edit.New.Rules {
		d := cluster.Direction(d)
		for _, rule := range rules {
			if edit.Old != nil && slices.ContainsFunc(edit.Old.Rules[d], func(old cluster.Rule) bool { return reflect.DeepEqual(old, rule) }) {
				continue
			}
			for _, peer := range rule.Peers {
				for _, in := range e.mayMean(edit.New.In, &peer) {
					cells[Cell{in, d.Opposite()}] = true
				}
			}
		}
	}
}

// mayMean are the namespaces in which a peer may mean pods.
func (e *Engine) mayMean(in *cluster.Namespace, peer *cluster.Peer) []*cluster.Namespace {
	switch {
	case peer.Block != nil:
		return nil
	case peer.Namespaces == nil:
		return []*cluster.Namespace{in}
	}
	var all []*cluster.Namespace
	for n := range e.namespacesOf(peer.Namespaces).possible.All {
		all = append(all, e.view.Namespaces[n])
	}
	return all
}

// change is one line, but for whose it is.
type change struct{ sign, other, ports string }

// line writes the change for pods: the arrow leads from who sends to who
// receives.
func (c change) line(pod string, d cluster.Direction) string {
	from, to, side := pod, c.other, ""
	if d == cluster.Ingress {
		from, to, side = c.other, pod, "(ingress)"
	}
	return strings.Join(strings.Fields(strings.Join([]string{c.sign, from, "->", to, c.ports, side}, " ")), " ")
}

// changes are what changes for the pods of the class.
func (x *ends) changes() []change {
	before, after := x.before.isolated, x.after.isolated
	switch {
	case before == verdict.No && after == verdict.No:
		return nil
	case before == verdict.No:
		return []change{{"-", "everything" + x.left(&x.after), ""}}
	case after == verdict.No:
		return []change{{"+", "everything" + x.left(&x.before), ""}}
	}
	var added, removed []group
	for _, d := range x.deltas() {
		added = addTo(added, d.other, d.added.String())
		removed = addTo(removed, d.other, d.removed.String())
	}
	return append(x.lines("+", added), x.lines("-", removed)...)
}

func (x *ends) lines(sign string, groups []group) []change {
	var all []change
	for _, g := range groups {
		for _, other := range x.name(g.others) {
			all = append(all, change{sign, other, g.ports})
		}
	}
	return all
}

// left is what policies allow an isolated pod, as " but ...".
func (x *ends) left(policies *governing) string {
	var groups []group
	for _, o := range x.all {
		groups = addTo(groups, o, x.with(policies, o).String())
	}
	var kept []string
	for _, g := range groups {
		for _, name := range x.name(g.others) {
			kept = append(kept, name+" "+g.ports)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return " but " + strings.Join(kept, "; ")
}

// group is others with whom the same ports open, or close.
type group struct {
	others []other
	ports  string
}

// addTo puts an other to those that have the same ports. One without ports has
// no group.
func addTo(groups []group, o other, ports string) []group {
	if ports == "" {
		return groups
	}
	for i := range groups {
		if groups[i].ports == ports {
			groups[i].others = append(groups[i].others, o)
			return groups
		}
	}
	return append(groups, group{[]other{o}, ports})
}

// String writes ports for a sentence, with "?" behind those that are open only
// perhaps. It is "" where there is none.
func (a Allowed) String() string {
	var parts []string
	if !a.Sure.Empty() {
		parts = append(parts, a.Sure.String())
	}
	if !a.Unknown.Empty() {
		for _, perhaps := range a.Unknown.phrases() {
			parts = append(parts, perhaps+"?")
		}
	}
	return strings.Join(parts, ", ")
}

// name names some of the others: everyone, or everyone but the rest where that
// is shorter, or each by itself.
func (x *ends) name(some []other) []string {
	mine, all := tally(some), tally(x.all)
	rest := all.pods.Minus(mine.pods)
	every := len(all.blocks) > 0 && len(mine.blocks) == len(all.blocks)
	switch {
	case every && rest.Len() <= mine.pods.Len():
		but := x.e.podsIn(rest)
		for _, peer := range all.absent {
			if !slices.Contains(mine.absent, peer) {
				but = append(but, peer)
			}
		}
		if len(but) == 0 {
			return []string{"everyone"}
		}
		return []string{"everyone but " + strings.Join(but, ", ")}
	case every:
		mine.blocks = []string{"every address"}
	}
	return slices.Concat(x.e.podsIn(mine.pods), mine.absent, mine.blocks)
}

// tallied is some others, sorted by what they are.
type tallied struct {
	pods           interval.Set
	absent, blocks []string
}

func tally(some []other) tallied {
	var t tallied
	for _, o := range some {
		t.pods = t.pods.Union(o.classes)
		switch {
		case o.addr.IsValid():
			t.blocks = append(t.blocks, o.block)
		case o.peer != "":
			t.absent = append(t.absent, o.peer)
		}
	}
	return t
}

// podsIn names the pods of classes.
func (e *Engine) podsIn(classes interval.Set) []string {
	var all []string
	for n := range classes.All {
		all = append(all, e.classes[n].pods()...)
	}
	return all
}

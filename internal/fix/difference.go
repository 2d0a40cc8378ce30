package fix

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/netpol"
)

// difference is how the policies of one view become those of another. All else
// has to be the same in both.
func difference(before, after *cluster.View) ([]netpol.Edit, error) {
	if before == after {
		return nil, nil
	}
	if what, r := others(before, after); what != "" {
		return nil, refuse("it would change %s, not only policies", what).suspect(func(p *proposal) bool {
			return r != nil && p.edits(r.Written(r.Document()).File)
		})
	}
	namespaces := map[string]*cluster.Namespace{}
	for _, ns := range before.Namespaces {
		namespaces[place(ns)] = ns
	}
	old := newFormer(before)
	var edits []netpol.Edit
	for _, p := range after.Policies {
		q := old.take(p)
		if q != nil && same(p, q) {
			continue
		}
		if p.Rival && (q == nil || !q.Rival) {
			return nil, refuse("there would be two policies %q", p.Qualified())
		}
		moved := *p
		if in := namespaces[place(p.In)]; in != nil {
			moved.In = in // else it is in a namespace without pods
		}
		edits = append(edits, netpol.Edit{Old: q, New: &moved})
	}
	for _, p := range old.left() {
		edits = append(edits, netpol.Edit{Old: p})
	}
	return edits, nil
}

// former is the policies of a view, to find what they became in another.
type former struct {
	all    []*cluster.Policy
	byNode map[*yaml.Node]*cluster.Policy
	byName map[string][]*cluster.Policy
	taken  map[*cluster.Policy]bool
}

func newFormer(v *cluster.View) *former {
	f := &former{v.Policies, map[*yaml.Node]*cluster.Policy{}, map[string][]*cluster.Policy{}, map[*cluster.Policy]bool{}}
	for _, p := range v.Policies {
		f.byNode[p.Node] = p
		f.byName[identity(p)] = append(f.byName[identity(p)], p)
	}
	return f
}

// take is the policy that became p, nil where p is new. One that was not read
// again has its node; else it is the first of its name in its file.
func (f *former) take(p *cluster.Policy) *cluster.Policy {
	q := f.byNode[p.Node]
	for _, same := range f.byName[identity(p)] {
		if q == nil && !f.taken[same] {
			q = same
		}
	}
	if q != nil {
		f.taken[q] = true
	}
	return q
}

// left are the policies that became nothing.
func (f *former) left() []*cluster.Policy {
	return slices.DeleteFunc(slices.Clone(f.all), func(p *cluster.Policy) bool { return f.taken[p] })
}

// identity is the namespace, the name and the file of a policy.
func identity(p *cluster.Policy) string {
	file := p.File.Path
	if d, err := p.Source(); err == nil {
		file = d.File.Path
	}
	return place(p.In) + "\n" + p.Name + "\n" + file
}

// same reports whether two policies do the same in the same place.
func same(p, q *cluster.Policy) bool {
	return place(p.In) == place(q.In) && p.Rival == q.Rival && p.Alike(q)
}

// place tells namespaces apart, in two views.
func place(ns *cluster.Namespace) string {
	unit := ""
	if ns.Unit != nil {
		unit = ns.Unit.Place()
	}
	return ns.Name + "\n" + ns.Placeholder + "\n" + unit
}

// others names what differs between two views besides their policies, "" where
// nothing does. The object is nil for a namespace.
func others(before, after *cluster.View) (what string, object *manifest.Resource) {
	counts := map[string]int{}
	for _, ns := range before.Namespaces {
		counts[namespaceText(ns)]++
	}
	for _, w := range before.Workloads {
		counts[workloadText(w)]++
	}
	for _, f := range before.Foreign {
		counts[foreignText(f)]++
	}
	for _, ns := range after.Namespaces {
		if counts[namespaceText(ns)]--; counts[namespaceText(ns)] < 0 && len(ns.Workloads) > 0 {
			return ns.Title(), nil
		}
	}
	for _, w := range after.Workloads {
		if counts[workloadText(w)]--; counts[workloadText(w)] < 0 {
			return w.Kind + " " + w.Qualified(), w.Resource
		}
	}
	for _, f := range after.Foreign {
		if counts[foreignText(f)]--; counts[foreignText(f)] < 0 {
			return f.Kind + " " + f.Qualified() + ", of which not all is known", f.Resource
		}
	}
	return "", nil
}

func namespaceText(ns *cluster.Namespace) string {
	return fmt.Sprint("namespace ", place(ns), ns.Labels.Key(), ns.Partial, ns.Unseen)
}

func workloadText(w *cluster.Workload) string {
	return fmt.Sprint(w.Kind, " ", w.Name, place(w.In), w.Labels.Key(), w.Ports, w.MorePorts, w.HostNetwork)
}

func foreignText(f *cluster.Foreign) string {
	return f.Kind + " " + f.APIVersion + " " + f.Qualified() + " " + f.Reason
}

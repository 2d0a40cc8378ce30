package cluster

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// Spelled is a view that the user spells out.
type Spelled struct {
	Name string
	// Holds tells whether what lies at a path, absolute and with symbolic links
	// resolved, is part of it.
	Holds func(path string) bool
}

// Settings are what a tree does not tell of its clusters.
type Settings struct {
	// Views spell out the views, in the place of those that would be worked out.
	Views []Spelled
	// DNS are the servers of the cluster's DNS. None stand for those that its
	// policies speak of, or CoreDNS.
	DNS []Nameserver
	// Exempt holds for namespaces that need no isolation. It may be nil.
	Exempt func(namespace string) bool
	// Plugin is what is known of the network plugin.
	Plugin Plugin
	// Fixes asks for fixes of what is found.
	Fixes bool
	// Before are the views of the same tree without some edits. Those that the
	// edits have no part in are taken over. It may be nil.
	Before []*View
}

// Views makes the views of a tree: those that are spelled out, in that order,
// or else those that can be told. Units that define the same object cannot be
// in one cluster: they are variants. A view is all units without rivals, and
// the variants of one name; the views are in the order of their names. Without
// variants there is one view, which has no name.
func Views(t *manifest.Tree, s Settings) []*View {
	views := plans(t, s.Views)
	known := &decodings{map[*yaml.Node]decoding{}, map[string]*Selector{}}
	if len(s.Before) > 0 {
		known = s.Before[0].decoded
	}
	for i, v := range views {
		if i < len(s.Before) && v.same(s.Before[i]) {
			views[i] = s.Before[i]
			continue
		}
		v.decoded = known
		v.build()
	}
	servers := s.DNS
	if len(servers) == 0 {
		servers = usualDNS(views)
	}
	for _, v := range views {
		if !slices.Contains(s.Before, v) {
			v.Tree, v.DNS, v.Fixes, v.Plugin, v.exempt = t, servers, s.Fixes, s.Plugin, s.Exempt
		}
	}
	return views
}

// same reports whether two views are made of the same objects.
func (v *View) same(w *View) bool {
	return v.Name == w.Name && slices.Equal(v.Units, w.Units) && slices.EqualFunc(v.resources, w.resources, func(a, b *manifest.Resource) bool {
		return a.Node == b.Node && a.Unit == b.Unit && a.Namespace == b.Namespace && a.Unapplied == b.Unapplied && a.Unsure == b.Unsure
	})
}

// plans are the views of a tree, with the objects that they are to be built of.
func plans(t *manifest.Tree, spelled []Spelled) []*View {
	var views []*View
	for _, s := range spelled {
		views = append(views, spelledView(t, s))
	}
	if len(spelled) > 0 {
		return views
	}
	variants := Variants(t)
	names := map[string]bool{}
	for _, name := range variants {
		names[name] = true
	}
	if len(names) == 0 {
		return []*View{{Units: t.Units, resources: t.Resources}}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		views = append(views, viewWith(t, name, func(u *manifest.Unit) bool {
			variant, isVariant := variants[u]
			return !isVariant || variant == name
		}))
	}
	return views
}

// spelledView is one view as the user has it. Loose files are part of it one by
// one, other units as a whole.
func spelledView(t *manifest.Tree, s Spelled) *View {
	units := viewUnits(t, func(u *manifest.Unit) bool { return u.Kind == manifest.Loose || s.Holds(u.Dir) })
	resources := slices.DeleteFunc(resourcesOf(t, units), func(r *manifest.Resource) bool {
		return r.Unit.Kind == manifest.Loose && r.File.Real != "" && !s.Holds(r.File.Real)
	})
	return &View{Name: s.Name, Units: units, resources: resources}
}

// viewWith makes the view of the units that keep holds for.
func viewWith(t *manifest.Tree, name string, keep func(*manifest.Unit) bool) *View {
	units := viewUnits(t, keep)
	return &View{Name: name, Units: units, resources: resourcesOf(t, units)}
}

func viewUnits(t *manifest.Tree, keep func(*manifest.Unit) bool) []*manifest.Unit {
	return slices.DeleteFunc(slices.Clone(t.Units), func(u *manifest.Unit) bool { return !keep(u) })
}

// resourcesOf are the resources of some units.
func resourcesOf(t *manifest.Tree, units []*manifest.Unit) []*manifest.Resource {
	kept := map[*manifest.Unit]bool{}
	for _, u := range units {
		kept[u] = true
	}
	return slices.DeleteFunc(slices.Clone(t.Resources), func(r *manifest.Resource) bool { return !kept[r.Unit] })
}

// objectKey is what an object can be in a cluster only once.
type objectKey struct{ kind, namespace, name string }

// Variants are the units that cannot be in one cluster with some other unit,
// because both define the same workload or policy, with their names. Loose
// files are in every cluster. Units whose rivals are chained together get names
// that tell them apart: what differs in their directories.
func Variants(t *manifest.Tree) map[*manifest.Unit]string {
	owners := map[objectKey][]*manifest.Unit{}
	for _, r := range t.Resources {
		if r.Unit.Kind == manifest.Loose || r.Unapplied != "" || r.Generated || r.Name == "" || r.Namespace == "" ||
			node.PlaceholderName(r.Name) || node.PlaceholderName(r.Namespace) ||
			r.Kind != "NetworkPolicy" && workloadKindOf(r) == nil {
			continue
		}
		key := objectKey{r.Kind, r.Namespace, r.Name}
		if units := owners[key]; len(units) == 0 || units[len(units)-1] != r.Unit {
			owners[key] = append(units, r.Unit)
		}
	}
	chains := chains{}
	for _, units := range owners {
		for _, u := range units[1:] {
			chains.join(units[0], u)
		}
	}
	rivals := map[*manifest.Unit][]*manifest.Unit{}
	for _, u := range t.Units {
		if chains[u] != nil {
			rivals[chains.end(u)] = append(rivals[chains.end(u)], u)
		}
	}
	names := map[*manifest.Unit]string{}
	for _, units := range rivals {
		nameVariants(units, names)
	}
	return names
}

// chains links each unit that has a rival to another one, so that those whose
// rivals are chained together end at the same.
type chains map[*manifest.Unit]*manifest.Unit

func (c chains) end(u *manifest.Unit) *manifest.Unit {
	for c[u] != nil && c[u] != u {
		u = c[u]
	}
	return u
}

func (c chains) join(a, b *manifest.Unit) {
	end := c.end(a)
	c[end] = end
	c[c.end(b)] = end
}

// nameVariants names units after what differs in their directories: those above
// all of them say nothing, nor those below that all have in common.
func nameVariants(units []*manifest.Unit, names map[*manifest.Unit]string) {
	paths := make([][]string, len(units))
	for i, u := range units {
		paths[i] = strings.Split(path.Clean(u.Place()), "/")
	}
	shared := func(at func([]string) string) bool {
		return !slices.ContainsFunc(paths, func(p []string) bool { return len(p) < 2 || at(p) != at(paths[0]) })
	}
	first := func(p []string) string { return p[0] }
	last := func(p []string) string { return p[len(p)-1] }
	for shared(first) {
		for i := range paths {
			paths[i] = paths[i][1:]
		}
	}
	for shared(last) {
		for i := range paths {
			paths[i] = paths[i][:len(paths[i])-1]
		}
	}
	taken := map[string]bool{}
	for i, u := range units {
		name := strings.Join(paths[i], "/")
		for n := 2; taken[name]; n++ { // something applies one directory twice
			name = fmt.Sprintf("%s (%d)", strings.Join(paths[i], "/"), n)
		}
		taken[name] = true
		names[u] = name
	}
}

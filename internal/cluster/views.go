package cluster

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// Views makes the views of a tree. Units that define the same object cannot be
// in one cluster: they are variants. A view is all units without rivals, and
// the variants of one name; where there are none, it is the one view of all.
// The views are in the order of their names.
func Views(t *manifest.Tree) []*View {
	variants := Variants(t)
	names := map[string]bool{}
	for _, name := range variants {
		names[name] = true
	}
	if len(names) == 0 {
		return []*View{newView("", t.Units, t.Resources)}
	}
	var views []*View
	for name := range names {
		views = append(views, viewWith(t, name, func(u *manifest.Unit) bool {
			variant, isVariant := variants[u]
			return !isVariant || variant == name
		}))
	}
	slices.SortFunc(views, func(a, b *View) int { return cmp.Compare(a.Name, b.Name) })
	return views
}

// viewWith makes the view of the units that keep holds for.
func viewWith(t *manifest.Tree, name string, keep func(*manifest.Unit) bool) *View {
	var units []*manifest.Unit
	kept := map[*manifest.Unit]bool{}
	for _, u := range t.Units {
		if keep(u) {
			units = append(units, u)
			kept[u] = true
		}
	}
	var resources []*manifest.Resource
	for _, r := range t.Resources {
		if kept[r.Unit] {
			resources = append(resources, r)
		}
	}
	return newView(name, units, resources)
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
	group := map[*manifest.Unit]*manifest.Unit{}
	var find func(u *manifest.Unit) *manifest.Unit
	find = func(u *manifest.Unit) *manifest.Unit {
		if next := group[u]; next != nil && next != u {
			return find(next)
		}
		return u
	}
	for _, units := range owners {
		for _, u := range units[1:] {
			group[find(u)] = find(units[0])
			group[find(units[0])] = find(units[0])
		}
	}
	rivals := map[*manifest.Unit][]*manifest.Unit{}
	for _, u := range t.Units {
		if group[u] != nil {
			rivals[find(u)] = append(rivals[find(u)], u)
		}
	}
	names := map[*manifest.Unit]string{}
	for _, units := range rivals {
		nameVariants(units, names)
	}
	return names
}

// nameVariants names units after what differs in their directories: those above
// all of them say nothing, nor those below that all have in common.
func nameVariants(units []*manifest.Unit, names map[*manifest.Unit]string) {
	paths := make([][]string, len(units))
	for i, u := range units {
		paths[i] = strings.Split(path.Clean(u.Path), "/")
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
	for i, u := range units {
		names[u] = strings.Join(paths[i], "/")
	}
}

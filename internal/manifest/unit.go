package manifest

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/kustomize"
	"github.com/egresslint/egresslint/internal/source"
)

// UnitKind is what makes objects be applied together.
type UnitKind string

// The kinds of units.
const (
	// Loose is the files that nothing else applies.
	Loose UnitKind = "files"
	// Overlay is a kustomization that no other kustomization uses.
	Overlay UnitKind = "kustomization"
	// Chart is a Helm chart.
	Chart UnitKind = "chart"
)

// Unit is what is applied together. An object is in one unit only: a file that
// several kustomizations apply is an object in each.
type Unit struct {
	Kind UnitKind
	// Path is the directory as shown to the user, with slashes; "" for loose
	// files.
	Path string
	// Dir is the directory, absolute and with symbolic links resolved; "" for
	// loose files.
	Dir string
	// Partial is set where objects of the unit may be missing, because what it
	// names cannot be read.
	Partial bool
	// Rendering says how its objects came to be, for people: "with
	// values.yaml". It is "" where that goes without saying.
	Rendering string

	// owner is what tells units of one directory apart, "" for most.
	owner string
	// namespace is that of objects without one, "" where it is not known.
	namespace string
	workspace *kustomize.Workspace
	// kustomizations are those that are part of it, the root first.
	kustomizations []*kustomize.Kustomization
	// at is where the unit is declared. It is zero for loose files.
	at source.Span
}

// Title names the unit for people: its directory, and how its objects came to
// be where that is not plain.
func (u *Unit) Title() string {
	if u.Rendering == "" {
		return u.Path
	}
	return u.Path + ", " + u.Rendering
}

// Place is what tells the unit from others: its directory or, where something
// else than the directory makes it a unit, where that lies.
func (u *Unit) Place() string { return cmp.Or(u.owner, u.Path) }

// Kustomization is the kustomization in the directory of the unit, nil where
// there is none.
func (u *Unit) Kustomization() *document.Document {
	for _, k := range u.kustomizations {
		if k.Dir == u.Dir {
			return &k.Document
		}
	}
	return nil
}

// Selects reports whether kustomizations of the unit put labels into selectors:
// into the matchLabels that are written, and not into expressions.
func (u *Unit) Selects() bool {
	return slices.ContainsFunc(u.kustomizations, (*kustomize.Kustomization).Selects)
}

// use tells what becomes of a file, by the kustomizations of the tree.
type use struct {
	workspace *kustomize.Workspace
	// all are the kustomizations of the tree, in the order of their files.
	all   []*kustomize.Kustomization
	byDir map[string]*kustomize.Kustomization
	// roots are those that are built.
	roots []*kustomize.Kustomization
	// applications are those that amount to a kustomization, charts those that
	// install one.
	applications map[*kustomize.Kustomization]*application
	charts       []application
	// applied are the files that a build reads as resources, named those that
	// some kustomization applies, be it part of a build or not.
	applied, named map[string]bool
	// inputs are the files that kustomizations use otherwise.
	inputs map[string]kustomize.Role
}

// add takes in one kustomization.
func (u *use) add(k *kustomize.Kustomization) {
	u.all = append(u.all, k)
	u.byDir[k.Dir] = k
	u.workspace.Add(k)
	for _, ref := range k.Refs {
		switch {
		case ref.Target == "" || ref.IsDir:
		case ref.Role == kustomize.Resource || ref.Role == kustomize.Component:
			u.named[ref.Target] = true
		default:
			if known, ok := u.inputs[ref.Target]; !ok || known != kustomize.Patch {
				u.inputs[ref.Target] = ref.Role
			}
		}
	}
}

// input tells whether kustomizations use a file without applying it, and how.
func (u *use) input(path string) (kustomize.Role, bool) {
	if u == nil || path == "" || u.named[path] {
		return 0, false
	}
	role, ok := u.inputs[path]
	return role, ok
}

// settle finds the roots, and what they apply. Of kustomizations that name each
// other, which kustomize refuses, the first is a root.
func (u *use) settle() {
	used := map[*kustomize.Kustomization]bool{}
	for _, k := range u.all {
		for _, named := range u.workspace.Closure(k)[1:] {
			used[named] = true
		}
	}
	reached := map[*kustomize.Kustomization]bool{}
	root := func(k *kustomize.Kustomization) {
		u.roots = append(u.roots, k)
		for _, part := range u.workspace.Closure(k) {
			reached[part] = true
		}
	}
	for _, k := range u.all {
		if !used[k] && !k.IsComponent() {
			root(k)
		}
	}
	for _, k := range u.all {
		if !reached[k] && !k.IsComponent() {
			root(k)
		}
	}
	for k := range reached {
		for _, ref := range k.Refs {
			if ref.Role == kustomize.Resource && ref.Target != "" && !ref.IsDir {
				u.applied[ref.Target] = true
			}
		}
	}
}

// Why an object is read, but not applied.
const (
	Orphans          = "objects that no kustomization applies, beside those that one does"
	UnusedComponents = "objects of components that no kustomization uses"
)

// unapplied says why the objects of a file are not applied, "" where they are,
// and which kustomization could have been expected to apply them.
func (u *use) unapplied(path string) (reason string, neighbour *document.Document) {
	if path == "" {
		return "", nil
	}
	if u.named[path] {
		return UnusedComponents, nil
	}
	if k := u.neighbour(path); k != nil {
		return Orphans, &k.Document
	}
	return "", nil
}

// neighbour is the kustomization beside a file, or above it, that applies what
// lies beside the file. It is nil where there is none: then the file is applied
// by other means.
func (u *use) neighbour(path string) *kustomize.Kustomization {
	beside := filepath.Dir(path)
	for dir := beside; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		k := u.byDir[dir]
		if k == nil {
			continue
		}
		if slices.ContainsFunc(k.Refs, func(ref kustomize.Ref) bool {
			return ref.Role != kustomize.Data && ref.Role != kustomize.Settings && (dir == beside || filepath.Dir(ref.Target) == beside)
		}) {
			return k
		}
		break
	}
	return nil
}

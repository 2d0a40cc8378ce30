package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/go/analysis"
	corev1 "k8s.io/api/core/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/draft"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/edit"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/netpol"
	"github.com/egresslint/egresslint/internal/source"
)

// denyEgress is the name of the policy that isolates a namespace, and of the
// file of its own where it needs one.
const denyEgress = "default-deny-egress"

// isolations are the ways to isolate a namespace: where its policies are and, in
// case other clusters share that place, in the kustomization of its pods alone.
func isolations(pass *analysis.Pass, ns *cluster.Namespace, category string, workloads []*cluster.Workload) []func() analysis.SuggestedFix {
	at := func(apart bool) func() analysis.SuggestedFix {
		return func() analysis.SuggestedFix { return isolate(pass, ns, category, workloads, apart) }
	}
	all := []func() analysis.SuggestedFix{at(false)}
	if cluster.Of(pass).Name != "" && workloads[0].Unit.Kind == manifest.Overlay {
		all = append(all, at(true))
	}
	return all
}

// isolate is the fix for a namespace with open pods: a policy that denies all
// egress but DNS, and one for each peer of an ingress rule that names its pods,
// so that no connection is cut that a rule speaks of.
func isolate(pass *analysis.Pass, ns *cluster.Namespace, category string, workloads []*cluster.Workload, apart bool) analysis.SuggestedFix {
	f := newFix(pass)
	switch {
	case cluster.Of(pass).Reserved(ns.Name):
		f.fail(errSystem)
	case category == partial:
		f.fail(errPartial)
	}
	if f.err != nil {
		return f.done("")
	}
	deny := draft.Policy{
		Name: draft.Free(denyEgress, taken(ns)), Pods: draft.Everyone(), Direction: cluster.Egress,
		Rules: draft.Rules(draft.DNS(cluster.Of(pass), workloads[0].Unit), corev1.ProtocolUDP, corev1.ProtocolTCP),
	}
	meant := cluster.Draft(deny.Node(), ns)
	if meant == nil {
		f.fail(errShape)
		return f.done("")
	}
	sides := append([]side{{deny, meant}}, f.callers(ns, deny.Name)...)
	for _, s := range sides {
		f.changes = append(f.changes, netpol.Edit{New: s.meant})
	}
	f.house(ns, workloads[0].Resource, sides, apart)
	title := "add " + titleOf(deny.Name, ns) + ", with DNS"
	if n := len(sides) - 1; n > 0 {
		title += fmt.Sprintf(", and %d for what ingress rules let in from there", n)
	}
	return f.done(title)
}

// callers are the policies for what ingress rules let in from a namespace.
func (f *fix) callers(ns *cluster.Namespace, deny string) []side {
	var all []side
	names := map[string]bool{deny: true}
	for _, c := range netpol.Of(f.pass).Callers(ns) {
		at := draft.Peer{Direction: cluster.Ingress, Rule: c.Rule, Index: c.Index}
		s, err := mirror(f.pass, c.Policy, at, ns)
		if err != nil {
			f.fail(err)
			return nil
		}
		isTaken := taken(ns)
		s.Name = draft.ComplementName(c.Policy, at, ns, func(name string) bool { return names[name] || isTaken(name) })
		names[s.Name] = true
		all = append(all, s)
	}
	return all
}

// house writes policies where those of the namespace are written, or else where
// its objects are: at the end of a file with several, or in a new one that the
// kustomization lists.
func (f *fix) house(ns *cluster.Namespace, workload *manifest.Resource, sides []side, apart bool) {
	for _, p := range slices.Backward(ns.Policies) {
		if apart {
			break
		}
		if d, _, err := written(p); err == nil && !p.Rival && edit.Check(d) == nil {
			f.append(d, node.Resolve(child(child(d.Root, "metadata"), "namespace")), sides)
			return
		}
	}
	var namespace *yaml.Node
	if ns.Name != "" {
		namespace = node.NewText(ns.Name)
	}
	switch workload.Unit.Kind {
	case manifest.Overlay:
		k := workload.Unit.Kustomization()
		if k == nil {
			f.fail(errUnlisted)
			return
		}
		if node.Field(k.Root, "namespace") != nil {
			namespace = nil
		}
		file := f.newFile(k.File, namespace, sides, k)
		f.edit(listed(*k, file))
	case manifest.Loose:
		home := workload
		if ns.Declared != nil && ns.Declared.Unit == workload.Unit {
			home = ns.Declared
		}
		d, err := home.Source()
		if f.fail(err); err != nil {
			return
		}
		if f.fail(edit.Check(d)); f.err != nil {
			return
		}
		if len(document.Whole(d.File).Documents) > 1 {
			f.append(d, namespace, sides)
			return
		}
		f.newFile(d.File, namespace, sides, &d)
	default:
		f.fail(fmt.Errorf("the %s makes its objects", workload.Unit.Kind))
	}
}

// append writes policies behind a document.
func (f *fix) append(d document.Document, namespace *yaml.Node, sides []side) {
	for _, s := range sides {
		s.Namespace = namespace
		f.edit(edit.AppendDocument(d, s.Node()))
	}
}

// newFile writes policies into a file of their own, beside another one.
func (f *fix) newFile(beside *source.File, namespace *yaml.Node, sides []side, like *document.Document) *source.File {
	file := cluster.Of(f.pass).Tree.FileBeside(beside, denyEgress+ext(beside))
	var text strings.Builder
	for i, s := range sides {
		if i > 0 {
			text.WriteString("---\n")
		}
		s.Namespace = namespace
		text.WriteString(edit.Encode(s.Node(), like))
	}
	f.edit([]source.Edit{{Span: source.Span{File: file}, New: text.String()}}, nil)
	return file
}

// ext is the ending that people here give to files of YAML.
func ext(f *source.File) string {
	if e := path.Ext(f.Path); e == ".yml" {
		return e
	}
	return ".yaml"
}

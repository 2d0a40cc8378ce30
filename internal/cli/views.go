package cli

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/report"
)

type viewsFlags struct {
	treeFlags

	format string
}

func (p *program) viewsCommand() *cobra.Command {
	var flags viewsFlags
	c := &cobra.Command{
		Use:   "views [flags] [PATH...]",
		Short: "show what is applied together, and what is not applied at all",
		Long: `A unit is what is applied together: a kustomization that no other one uses, a
chart, or the files outside both. Units that define the same object cannot be in
one cluster: they are variants of each other. A view is one cluster: all units
without variants, and the variants of one name. Views can be spelled out in
.egresslint.yaml; what is in none of them is listed last.`,
		Example: "  egresslint views ./k8s",
		Args:    cobra.ArbitraryArgs,
		RunE:    func(_ *cobra.Command, paths []string) error { return p.showViews(paths, &flags) },
	}
	c.Flags().StringVarP(&flags.format, "format", "f", "text", "print the views in this `FORMAT`: json, text")
	flags.addTo(c.Flags())
	return withoutUsage(c)
}

// jsonViews is what is understood of a tree.
type jsonViews struct {
	Views []jsonView `json:"views"`
	// Outside is what no view has.
	Outside []jsonOutside `json:"outside"`
}

type jsonView struct {
	Name  string     `json:"name"`
	Units []jsonUnit `json:"units"`
}

// jsonUnit is one unit of a view. Variant is its name among its rivals, ""
// where it has none.
type jsonUnit struct {
	Kind      string `json:"kind"`
	Path      string `json:"path"`
	Variant   string `json:"variant"`
	Rendering string `json:"rendering"`
	Partial   bool   `json:"partial"`
	Policies  int    `json:"policies"`
	Workloads int    `json:"workloads"`
}

type jsonOutside struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

func (p *program) showViews(paths []string, flags *viewsFlags) error {
	write, ok := map[string]func(*bufio.Writer, jsonViews) error{"json": viewsJSON, "text": viewsText}[flags.format]
	if !ok {
		return fmt.Errorf("--format %q is not one of json, text", flags.format)
	}
	tree, views, err := p.load(paths, &flags.treeFlags)
	if err != nil {
		return err
	}
	if err := p.trouble(tree, views); err != nil {
		return err
	}
	b := bufio.NewWriter(p.stdout)
	if err := write(b, describe(tree, views)); err != nil {
		return err
	}
	return b.Flush()
}

// describe is what a tree was understood to be.
func describe(tree *manifest.Tree, views []*cluster.View) jsonViews {
	all := jsonViews{Views: []jsonView{}, Outside: []jsonOutside{}}
	variants := cluster.Variants(tree)
	seen := map[*manifest.Resource]bool{}
	for _, v := range views {
		described := jsonView{Name: v.Name, Units: []jsonUnit{}}
		policies, workloads := map[*manifest.Unit]int{}, map[*manifest.Unit]int{}
		for _, policy := range v.Policies {
			policies[policy.Unit]++
			seen[policy.Resource] = true
		}
		for _, w := range v.Workloads {
			workloads[w.Unit]++
			seen[w.Resource] = true
		}
		for _, u := range v.Units {
			if u.Kind == manifest.Loose && policies[u]+workloads[u] == 0 {
				continue
			}
			described.Units = append(described.Units, jsonUnit{string(u.Kind), u.Path, variants[u], u.Rendering, u.Partial, policies[u], workloads[u]})
		}
		all.Views = append(all.Views, described)
	}
	all.Outside = append(all.Outside, outside(tree, seen)...)
	return all
}

// outside is the policies and workloads that no view has, and why.
func outside(tree *manifest.Tree, seen map[*manifest.Resource]bool) []jsonOutside {
	type place struct {
		path string
		line int
	}
	written := func(r *manifest.Resource) place {
		at := r.Written(r.Document())
		return place{at.File.Path, at.Start().Line}
	}
	covered := map[place]bool{} // by another overlay of the same file
	for r := range seen {
		covered[written(r)] = true
	}
	var all []jsonOutside
	for _, r := range tree.Resources {
		at := written(r)
		if covered[at] || r.Kind != "NetworkPolicy" && !cluster.RunsPods(r) {
			continue
		}
		all = append(all, jsonOutside{at.path, at.line, cmp.Or(r.Unapplied, "objects of units that are in none of the views")})
	}
	slices.SortFunc(all, func(a, b jsonOutside) int {
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(all)
}

func viewsJSON(b *bufio.Writer, all jsonViews) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}

func viewsText(b *bufio.Writer, all jsonViews) error {
	for _, v := range all.Views {
		name := "view " + v.Name
		if v.Name == "" {
			name = "one view"
		}
		fmt.Fprintln(b, source.Printable(name))
		for _, u := range v.Units {
			fmt.Fprintf(b, "  %s\n", source.Printable(u.String()))
		}
	}
	reason := ""
	for _, o := range all.Outside {
		if o.Reason != reason {
			reason = o.Reason
			fmt.Fprintf(b, "in no view: %s\n", reason)
		}
		fmt.Fprintf(b, "  %s:%d\n", source.PrintablePath(o.Path), o.Line)
	}
	return nil
}

// String is a unit in one line.
func (u jsonUnit) String() string {
	text := u.Kind
	if u.Path != "" {
		text += " " + u.Path
	}
	if u.Rendering != "" {
		text += ", " + u.Rendering
	}
	text += fmt.Sprintf(": %s, %s", report.Count(u.Policies, "policy", "policies"), report.Count(u.Workloads, "workload", "workloads"))
	if u.Variant != "" {
		text += ", variant " + u.Variant
	}
	if u.Partial {
		text += ", not all of it can be read"
	}
	return text
}

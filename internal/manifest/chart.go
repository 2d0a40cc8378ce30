package manifest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/helm"
	"github.com/egresslint/egresslint/internal/manifest/kustomize"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// releaseNamespace stands for the namespace of a release that is given at apply
// time. It is what objects of a chart are then in.
const releaseNamespace = "${NAMESPACE}"

// charts are the Chart.yaml of the charts in the listing that are no part of
// another chart, and that no kustomization names.
func (l *loader) charts() []source.Entry {
	dirs := map[string]bool{}
	var files []source.Entry
	for _, e := range l.listing.Entries {
		if filepath.Base(e.Real) == "Chart.yaml" {
			files = append(files, e)
			dirs[filepath.Dir(e.Real)] = true
		}
	}
	return slices.DeleteFunc(files, func(e source.Entry) bool {
		dir := filepath.Dir(e.Real)
		parent := filepath.Dir(dir)
		return l.inflated(dir) || filepath.Base(parent) == "charts" && dirs[filepath.Dir(parent)]
	})
}

// inflated reports whether a kustomization names the chart in dir: it is then
// applied with that.
func (l *loader) inflated(dir string) bool {
	for _, k := range l.use.all {
		for _, chart := range node.Items(node.Field(k.Root, "helmCharts")) {
			if source.Real(chartDir(k, chart)) == dir {
				return true
			}
		}
	}
	return false
}

// chartDir is where a chart that a kustomization names lies when it is vendored.
func chartDir(k *kustomize.Kustomization, chart *yaml.Node) string {
	home := "charts"
	if text := node.Text(node.Field(node.Field(k.Root, "helmGlobals"), "chartHome")); text != "" {
		home = text
	}
	return filepath.Join(k.Dir, filepath.FromSlash(home), filepath.FromSlash(node.Text(node.Field(chart, "name"))))
}

// chartUnit renders one chart as it would be installed: with its own values, and
// those that were given. An application, if any, says more.
func (l *loader) chartUnit(dir string, a *application) *rendered {
	e := l.listing.Entry(filepath.Join(dir, "Chart.yaml"))
	r := &rendered{unit: &Unit{Kind: Chart, Path: slashpath.Dir(e.Path), Dir: dir}}
	o := helm.Options{Namespace: releaseNamespace}
	if a != nil {
		o.Values, o.Release, o.Namespace = a.values, a.release, cmp.Or(a.namespace, releaseNamespace)
		r.unit.namespace = a.namespace
		r.unit.owner = filepath.ToSlash(filepath.Dir(a.File.Path)) + "/" + a.name
	}
	o.Values = slices.Concat(o.Values, l.HelmValues)
	names := []string{"values.yaml"}
	for _, values := range o.Values {
		names = append(names, values.Name)
	}
	r.unit.Rendering = "rendered with " + strings.Join(names, ", ")
	if known := l.unchanged(r.unit); known != nil {
		return known
	}
	if f, err := e.Read(); err == nil {
		r.unit.at = f.LineSpan(1)
	}
	parsed, err := l.renderChart(dir, o)
	if err != nil {
		r.unit.Rendering = "not rendered"
		if !errors.Is(err, helm.ErrLibrary) { // that is a part of other charts
			r.skips = append(r.skips, source.Skip{Path: e.Path, Reason: UnrenderedCharts, Detail: advice(err, r.unit.Path)})
		}
		return r
	}
	r.parsed = parsed
	for _, d := range parsed.Documents {
		r.parts = append(r.parts, []document.Document{d})
		r.unsure = append(r.unsure, false)
	}
	for _, p := range parsed.Problems {
		r.skips = append(r.skips, source.Skip{Path: e.Path, Reason: UnrenderedCharts, Detail: p.Message})
	}
	return r
}

// advice is what went wrong with a chart, and what can be done.
func advice(err error, dir string) string {
	var missing *helm.DependencyError
	if errors.As(err, &missing) {
		return fmt.Sprintf("%v: run helm dependency build %s", err, dir)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("rendering takes too long")
	}
	return fmt.Sprintf("%v: run helm template %s | egresslint -", err, dir)
}

// renderChart renders the chart in a directory. The documents are those of all
// its templates in one text, and lead to the templates.
func (l *loader) renderChart(dir string, o helm.Options) (*document.Parsed, error) {
	if l.NoHelm {
		return nil, errNoHelm
	}
	chart, err := helm.Read(dir)
	if err != nil {
		return nil, err
	}
	templates, err := chart.Render(context.Background(), o)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	var lines []source.Span
	for _, t := range templates {
		file, err := l.listing.Entry(filepath.Join(dir, filepath.FromSlash(t.Template))).Read()
		if err != nil { // it lies in an archive
			file, err = l.listing.Entry(filepath.Join(dir, "Chart.yaml")).Read()
			t.Lines = nil
		}
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&text, "---\n%s\n", bytes.TrimSuffix(t.Text, []byte("\n")))
		lines = append(lines, file.LineSpan(1))
		for i := range bytes.Count(bytes.TrimSuffix(t.Text, []byte("\n")), []byte("\n")) + 1 {
			line := 1
			if i < len(t.Lines) && t.Lines[i] > 0 {
				line = t.Lines[i]
			}
			lines = append(lines, file.LineSpan(line))
		}
	}
	parsed := document.Parse(source.Made(l.listing.Entry(dir).Path, text.Bytes()), l.Wanted)
	for i := range parsed.Documents {
		parsed.Documents[i].Lines = func(line int) source.Span { return lines[min(line, len(lines))-1] }
	}
	return parsed, nil
}

// inflated is what the charts of a kustomization came to.
type inflated struct {
	made  []*document.Parsed
	skips []source.Skip
}

// inflateAll renders the charts that kustomizations name, and gives them to the
// builds. It returns what is to be said of those that it cannot.
func (l *loader) inflateAll() map[*kustomize.Kustomization][]source.Skip {
	skips := map[*kustomize.Kustomization][]source.Skip{}
	l.inflatedSkips = skips
	l.use.workspace.Charts = map[*kustomize.Kustomization][]*document.Parsed{}
	for i, r := range inParallel(l.use.all, func(k *kustomize.Kustomization) inflated {
		if l.before != nil {
			if known, ok := l.before.charts[k.Root]; ok {
				return known
			}
		}
		made, skips := l.inflate(k)
		return inflated{made, skips}
	}) {
		k := l.use.all[i]
		skips[k], l.use.workspace.Charts[k] = r.skips, r.made
		for _, chart := range r.made {
			l.drop(chart.File.Path)
		}
	}
	return skips
}

// inflate renders the local charts that a kustomization names, and says which
// it cannot.
func (l *loader) inflate(k *kustomize.Kustomization) (made []*document.Parsed, skips []source.Skip) {
	for _, chart := range node.Items(node.Field(k.Root, "helmCharts")) {
		name := node.Text(node.Field(chart, "name"))
		parsed, err := l.inflateOne(k, chart)
		if err != nil {
			skips = append(skips, source.Skip{Path: k.File.Path, Line: k.Span(chart).Start().Line, Reason: UnrenderedCharts, Detail: "helmCharts: " + name + ": " + err.Error()})
			continue
		}
		made = append(made, parsed)
	}
	return made, skips
}

var (
	errRemoteChart = errors.New("it is not vendored beside the kustomization")
	errNoHelm      = errors.New("rendering is switched off")
)

func (l *loader) inflateOne(k *kustomize.Kustomization, chart *yaml.Node) (*document.Parsed, error) {
	resolved := source.Real(chartDir(k, chart))
	if _, err := os.Stat(filepath.Join(resolved, "Chart.yaml")); err != nil {
		return nil, errRemoteChart
	}
	if !l.use.workspace.Inside(resolved) {
		return nil, errors.New("it lies outside the paths given")
	}
	o := helm.Options{Release: node.Text(node.Field(chart, "releaseName")), Namespace: releaseNamespace}
	for _, n := range []*yaml.Node{k.Namespace(), node.Field(chart, "namespace")} {
		if text := node.Text(n); text != "" {
			o.Namespace = text
		}
	}
	for _, ref := range k.Refs {
		if ref.Field == "helmCharts" && (ref.Node == node.Field(chart, "valuesFile") || within(ref.Node, node.Field(chart, "additionalValuesFiles"))) {
			text, err := os.ReadFile(ref.Target)
			if ref.Fault != kustomize.None || err != nil {
				return nil, fmt.Errorf("its values file %s cannot be read", ref.Text)
			}
			o.Values = append(o.Values, helm.Values{Name: ref.Text, Text: text})
		}
	}
	if inline := node.Field(chart, "valuesInline"); inline != nil {
		text, err := yaml.Marshal(inline)
		if err != nil {
			return nil, err
		}
		o.Values = append(o.Values, helm.Values{Name: "valuesInline", Text: text})
	}
	return l.renderChart(resolved, o)
}

func within(n, list *yaml.Node) bool {
	for _, item := range node.Items(list) {
		if node.Resolve(item) == n {
			return true
		}
	}
	return false
}

package lint

import (
	"os"
	"reflect"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// policies are two policies of one namespace in one file.
const policies = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: first
  namespace: shop
spec:
  podSelector: {}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: second
  namespace: shop
spec:
  podSelector: {}
`

// fake makes a rule of a function.
func fake(name string, run func(*analysis.Pass) (any, error)) *rules.Rule {
	return &rules.Rule{
		Code:  "FAKE-" + name,
		Level: rules.Warning,
		Analyzer: &analysis.Analyzer{
			Name:       name,
			Doc:        "reports what a test wants",
			Requires:   []*analysis.Analyzer{cluster.Analyzer},
			ResultType: reflect.TypeFor[rules.Undecided](),
			Run:        run,
		},
	}
}

// atPath reports the value at a path of every policy.
func atPath(name, message string, path ...any) *rules.Rule {
	return fake(name, func(pass *analysis.Pass) (any, error) {
		for _, p := range cluster.Of(pass).Policies {
			pos, end := p.Span(path...).Pos()
			pass.Report(analysis.Diagnostic{Pos: pos, End: end, Message: message})
		}
		return rules.Undecided(nil), nil
	})
}

// load reads files, by their names, from a directory of their own.
func load(t *testing.T, files map[string]string) (*manifest.Tree, *cluster.View) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree := manifest.Load(source.Walk([]string{"."}, nil), manifest.Options{Wanted: cluster.Wanted})
	views := cluster.Views(tree, cluster.Settings{})
	if len(views) != 1 {
		t.Fatalf("%d views, want 1", len(views))
	}
	return tree, views[0]
}

// run applies rules to files.
func run(t *testing.T, files map[string]string, all ...*rules.Rule) *Result {
	t.Helper()
	tree, view := load(t, files)
	result, err := Run(tree, []*cluster.View{view}, all, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

package manifest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
)

// described lists the objects of a tree, with what applies them and what they
// are.
func described(t *manifest.Tree) []string {
	var all []string
	for _, r := range t.Resources {
		place := r.Written(r.Document())
		all = append(all, fmt.Sprintf("%s %s [%s] %s %s:%d\n%s", r.Kind, r.Qualified(), r.Unit.Title(), r.Unapplied, place.File.Path, place.Start().Line, r.Document().Text()))
	}
	slices.Sort(all)
	return all
}

const beforeEdits = `
-- loose.yaml --
apiVersion: v1
kind: Namespace
metadata: {name: loose}
-- base/kustomization.yaml --
resources: [policy.yaml]
-- base/policy.yaml --
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}}
-- prod/kustomization.yaml --
namespace: prod
resources: [../base]
-- dev/kustomization.yaml --
namespace: dev
resources:
- ../base
- dev.yaml
-- dev/dev.yaml --
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: dev}
spec: {podSelector: {}}
-- alone/kustomization.yaml --
namespace: alone
resources: [policy.yaml]
-- alone/policy.yaml --
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: alone}
spec: {podSelector: {}}
-- alone/orphan.yaml --
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: orphan}
spec: {podSelector: {}}
`

// TestEdited holds that a tree with edits is what would be read from a disk
// with them, and that what they have no part in is not read again.
func TestEdited(t *testing.T) {
	tests := map[string]string{
		"nothing":      "",
		"a loose file": "-- loose.yaml --\napiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n",
		"a base":       "-- base/policy.yaml --\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: allow}\nspec: {podSelector: {}, policyTypes: [Egress]}\n",
		"a new file":   "-- dev/new.yaml --\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: new}\nspec: {podSelector: {}}\n-- dev/kustomization.yaml --\nnamespace: dev\nresources:\n- ../base\n- dev.yaml\n- new.yaml\n",
		"a listed one": "-- alone/kustomization.yaml --\nnamespace: alone\nresources: [policy.yaml, orphan.yaml]\n",
		"a new loose":  "-- new.yaml --\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: new}\nspec: {podSelector: {}}\n",
		"what breaks":  "-- dev/kustomization.yaml --\nnamespace: dev\nresources: [missing.yaml]\n",
	}
	for name, edits := range tests {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, beforeEdits)
			load := func() *manifest.Tree {
				return manifest.Load(source.Walk([]string{"."}, nil), manifest.Options{Wanted: cluster.Wanted})
			}
			tree := load()
			before := described(tree)
			var files []*source.File
			for _, f := range txtar.Parse([]byte(edits)).Files {
				path := source.Real(f.Name)
				files = append(files, source.New(f.Name, path).Rewritten(f.Data))
			}
			edited := tree.Edited(files)
			write(t, edits)
			if got, want := described(edited), described(load()); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if !slices.Equal(described(tree), before) {
				t.Error("the tree itself has changed")
			}
			if again := edited.Edited(nil); !slices.Equal(described(again), described(edited)) {
				t.Error("an edited tree forgets its edits")
			}
			kept := 0
			for _, r := range edited.Resources {
				if slices.ContainsFunc(tree.Resources, func(old *manifest.Resource) bool { return old.Node == r.Node }) {
					kept++
				}
			}
			if kept == 0 {
				t.Error("everything was read again")
			}
		})
	}
}

// write writes the files of an archive below the working directory.
func write(t *testing.T, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

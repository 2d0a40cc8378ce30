package manifest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/egresslint/egresslint/internal/source"
)

// policiesAndPods wants so little that a kustomization is none of it.
func policiesAndPods(kind string, _ []byte) bool { return kind == "NetworkPolicy" || kind == "Pod" }

// beside is a tree beside a directory that is not part of it.
const beside = `
-- outside/base/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [pod.yaml]
-- outside/base/pod.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: outside
-- tree/in.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: in
`

// TestLoadOutside names what lies outside the paths given. It is read only
// where that is allowed, and its absence is said.
func TestLoadOutside(t *testing.T) {
	both := []string{"in", "outside"}
	tests := []struct {
		name, kustomization string
		links               [][2]string // name and target, both in the whole
		given               string
		allowed             []string // the pods where it is allowed
	}{
		{"a base", "resources: [in.yaml, ../outside/base]", nil, "tree", both},
		{"a file", "resources: [in.yaml, ../outside/base/pod.yaml]", nil, "tree", both},
		{"a linked base", "resources: [in.yaml, base]", [][2]string{{"tree/base", "outside/base"}}, "tree", both},
		{"a linked file", "resources: [in.yaml, out.yaml]", [][2]string{{"tree/out.yaml", "outside/base/pod.yaml"}}, "tree", both},
		{"a file that is given", "resources: [in.yaml, ../outside/base]", nil, "tree/kustomization.yaml", both},
		{"a base in a directory with a dot", "resources: [in.yaml, .base]", [][2]string{{"tree/.base", "outside/base"}}, "tree", both},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := inBeside(t, tt.kustomization, tt.links)
			for _, allow := range []bool{false, true} {
				listing := source.Walk([]string{tt.given}, nil)
				loaded := Load(listing, Options{Wanted: policiesAndPods, AllowOutside: allow})
				want := []string{"in"}
				if allow {
					want = tt.allowed
				}
				var got []string
				for _, r := range loaded.Resources {
					if r.Unit.Kind == Overlay {
						got = append(got, r.Name)
					}
				}
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("allowed %v: got %v, want %v\n%s", allow, got, want, summary(loaded))
				}
				said := slices.ContainsFunc(loaded.Skips, func(s source.Skip) bool { return s.Reason == OutsideParts })
				if said == allow {
					t.Errorf("allowed %v, and it is said that something lies outside: %v\n%s", allow, said, summary(loaded))
				}
				if strings.Contains(summary(loaded), tree) && !allow {
					t.Errorf("it tells where the tree lies:\n%s", summary(loaded))
				}
			}
		})
	}
}

func files(archive string) []txtar.File { return txtar.Parse([]byte(archive)).Files }

// inBeside writes the tree with a kustomization, and goes where both lie.
func inBeside(t *testing.T, kustomization string, links [][2]string) string {
	t.Helper()
	archive := beside + "-- tree/kustomization.yaml --\n" + kustomization + "\n"
	dir := enterTree(t, files(archive))
	for _, l := range links {
		if err := os.Symlink(filepath.Join(dir, l[1]), filepath.Join(dir, l[0])); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	return dir
}

// TestLoadRemote names things on other machines in every field that takes a
// path. Each is said, with its line, and the rest is built.
func TestLoadRemote(t *testing.T) {
	fields := []string{
		"resources: [in.yaml, '%s']", "bases: ['%s']", "components: ['%s']", "patches: [{path: '%s'}]", "patchesStrategicMerge: ['%s']",
		"patchesJson6902: [{path: '%s', target: {kind: Pod}}]", "replacements: [{path: '%s'}]", "configurations: ['%s']", "crds: ['%s']",
		"transformers: ['%s']", "generators: ['%s']", "validators: ['%s']", "openapi: {path: '%s'}", "configMapGenerator: [{name: a, files: ['%s']}]",
		"configMapGenerator: [{name: a, envs: ['%s']}]", "secretGenerator: [{name: a, files: ['%s']}]",
		"secretGenerator: [{name: a, files: ['k=%s']}]", "helmCharts: [{name: a, valuesFile: '%s'}]",
	}
	values := []string{
		"https://git.example.invalid/a/b", "ssh://git@git.example.invalid/a/b", "file:///a/b", "git@git.example.invalid:a/b", "github.com/a/b",
		"https://git.example.invalid/a.yaml?ref=b", "git::https://git.example.invalid/a/b",
	}
	for _, field := range fields {
		t.Run(field, func(t *testing.T) {
			for _, value := range values {
				inBeside(t, "namePrefix: p-\n"+fmt.Sprintf(field, value), nil)
				loaded := loadPaths("tree")
				if !slices.ContainsFunc(loaded.Skips, func(s source.Skip) bool {
					return s.Line == 2 && s.Path == "tree/kustomization.yaml" && strings.Contains(s.Detail, value)
				}) {
					t.Errorf("not a word of %s:\n%s", value, summary(loaded))
				}
				if strings.HasPrefix(field, "resources") && (len(loaded.Resources) != 1 || loaded.Resources[0].Name != "p-in") {
					t.Errorf("the rest is not built:\n%s", summary(loaded))
				}
			}
		})
	}
}

// TestLoadKustomizationHazards has kustomizations that cannot be built. Their
// files are read all the same, and it is said in a line why.
func TestLoadKustomizationHazards(t *testing.T) {
	tests := []struct{ name, archive, said string }{
		{"a list", "-- tree/kustomization.yaml --\n- in.yaml\n", "a kustomization is one mapping"},
		{"a text", "-- tree/kustomization.yaml --\nin.yaml\n", "a kustomization is one mapping"},
		{"two documents", "-- tree/kustomization.yaml --\nresources: [in.yaml]\n---\nresources: [in.yaml]\n", "a kustomization is one mapping"},
		{"broken", "-- tree/kustomization.yaml --\nresources: [in.yaml\n", "not valid YAML"},
		{"broken behind a document", "-- tree/kustomization.yaml --\nresources: [in.yaml]\n---\n{\n", "not valid YAML"},
		{"deep", "-- tree/kustomization.yaml --\nresources: [in.yaml]\na: " + strings.Repeat("[", 20_000) + "\n", "not valid YAML"},
		{"two files", "-- tree/kustomization.yaml --\nresources: [in.yaml]\n-- tree/kustomization.yml --\nresources: [in.yaml]\n", "multiple kustomization files"},
		{"itself", "-- tree/kustomization.yaml --\nresources: [in.yaml, .]\n", "cycle detected"},
		{"each other", "-- tree/a/kustomization.yaml --\nresources: [../in.yaml, ../b]\n-- tree/b/kustomization.yaml --\nresources: [../a]\n", "cycle detected"},
		{"its parent", "-- tree/kustomization.yaml --\nresources: [in.yaml, a]\n-- tree/a/kustomization.yaml --\nresources: [..]\n", "cycle detected"},
		{"a bomb of its own", "-- tree/kustomization.yaml --\nresources: [in.yaml]\nx: &a [1, 2]\ncommonLabels: {a: &b [*b]}\n", "aliases"},
		{"an unknown field", "-- tree/kustomization.yaml --\nresources: [in.yaml]\nresource: [a]\n", "unknown field"},
		{"an empty base", "-- tree/kustomization.yaml --\nresources: [in.yaml, a]\n-- tree/a/kustomization.yaml --\nresources: []\n", ""},
		{"a base elsewhere", "-- tree/kustomization.yaml --\nresources: [in.yaml, a]\n-- tree/a/kustomization.yaml --\nresources: ['https://git.example.invalid/a/b']\n", RemoteParts},
		{"a base that is missing a file", "-- tree/kustomization.yaml --\nresources: [in.yaml, a]\n-- tree/a/kustomization.yaml --\nresources: [gone.yaml]\n", MissingParts},
		{
			"a generator's file that is a directory with a kustomization",
			"-- tree/a/kustomization.yaml --\nconfigMapGenerator: [{name: a, files: [../b]}]\n-- tree/b/kustomization.yaml --\nresources: [../in.yaml]\n", "",
		},
		{"a broken resource", "-- tree/kustomization.yaml --\nresources: [in.yaml, a.yaml]\n-- tree/a.yaml --\nkind: Pod\nspec: {\n", "not valid YAML"},
		{"two objects of one name", "-- tree/kustomization.yaml --\nresources: [in.yaml, a.yaml]\n-- tree/a.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: in}\n", "already registered id"},
		{"a list that holds itself", "-- tree/kustomization.yaml --\nresources: [in.yaml]\n-- tree/a.yaml --\n&a\napiVersion: v1\nkind: List\nitems: [*a]\n", ""},
		{"a plugin", "-- tree/kustomization.yaml --\nresources: [in.yaml]\ngenerators: [p.yaml]\n-- tree/p.yaml --\napiVersion: a/v1\nkind: P\nmetadata: {name: p}\n", "external plugins disabled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := enterTree(t, files(beside+tt.archive))
			loaded := Load(source.Walk([]string{"tree"}, nil), Options{Wanted: policiesAndPods})
			text := summary(loaded)
			if !strings.Contains(text, tt.said) || !strings.Contains(text, "Pod /in") {
				t.Errorf("want %q and the pod in\n%s", tt.said, text)
			}
			for _, s := range loaded.Skips {
				if strings.Contains(s.Detail, "\n") || len(s.Detail) > 600 {
					t.Errorf("the detail is no line: %q", s.Detail)
				}
				if strings.Contains(s.Detail, dir) || strings.Contains(s.Detail, "built.egresslint") || strings.Contains(s.Detail, "kustomize failed") {
					t.Errorf("the detail is not for people: %q", s.Detail)
				}
			}
		})
	}
}

// TestLoadSchemas has a schema that is none. It is not used, and the builds
// beside it and behind it are as if it were not there.
func TestLoadSchemas(t *testing.T) {
	for _, schema := range []string{"[", "{}", "{\"definitions\": {\"a\": {\"type\": 1}}}", "{\"swagger\": \"2.0\"}"} {
		for range 2 {
			inBeside(t, "resources: [in.yaml]\nopenapi: {path: schema.json}\n", nil)
			if err := os.WriteFile("tree/schema.json", []byte(schema), 0o600); err != nil {
				t.Fatal(err)
			}
			got := loadPaths("tree", "outside")
			if len(got.Resources) != 2 || len(got.Problems) > 0 || !strings.Contains(summary(got), IgnoredSchemas) || strings.Contains(summary(got), Unbuilt) {
				t.Errorf("with %s:\n%s", schema, summary(got))
			}
		}
	}
}

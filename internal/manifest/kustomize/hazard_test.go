package kustomize

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestBuildRefuses builds what no build may have. What can be left out is, and
// the rest is refused with a reason that is no panic.
func TestBuildRefuses(t *testing.T) {
	fakeGit(t)
	tests := []struct {
		name, archive string
		// links are symbolic links: name and target. "outside" begins a target
		// beside the tree.
		links [][2]string
		// want is part of the error. Where it is "" the kustomization builds to
		// the objects.
		want    string
		objects []string
	}{
		{
			"a linked file outside", "-- kustomization.yaml --\nresources: [in.yaml, out.yaml]\n-- in.yaml --\n" + pod("in"),
			[][2]string{{"out.yaml", "outside/pod.yaml"}},
			"", []string{"Pod in"},
		},
		{
			"a linked directory outside", "-- kustomization.yaml --\nresources: [in.yaml, out]\n-- in.yaml --\n" + pod("in"),
			[][2]string{{"out", "outside"}},
			"", []string{"Pod in"},
		},
		{
			"a file in a linked directory outside", "-- kustomization.yaml --\nresources: [in.yaml, out/pod.yaml]\n-- in.yaml --\n" + pod("in"),
			[][2]string{{"out", "outside"}},
			"", []string{"Pod in"},
		},
		{
			"a linked patch outside", "-- kustomization.yaml --\nresources: [in.yaml]\npatches: [{path: out.yaml}]\npatchesStrategicMerge: [out.yaml]\n" +
				"patchesJson6902: [{path: out.yaml, target: {kind: Pod}}]\n-- in.yaml --\n" + pod("in"),
			[][2]string{{"out.yaml", "outside/pod.yaml"}},
			"", []string{"Pod in"},
		},
		{
			"a linked kustomization outside", "-- kustomization.yaml --\nresources: [in.yaml, base]\n-- in.yaml --\n" + pod("in"),
			[][2]string{{"base/kustomization.yaml", "outside/kustomization.yaml"}},
			"couldn't make target", nil,
		},
		{
			"generator files outside", "-- kustomization.yaml --\nresources: [in.yaml]\nconfigMapGenerator:\n- {name: a, files: [../outside/pod.yaml]}\n" +
				"- {name: b, files: [k=../outside/pod.yaml]}\n- {name: c, envs: [../outside/pod.yaml]}\n- {name: d, env: ../outside/pod.yaml}\n-- in.yaml --\n" + pod("in"),
			nil,
			"", []string{"Pod in"},
		},
		{
			"a generator file outside, named by a transformer", "-- kustomization.yaml --\nresources: [in.yaml]\ngenerators:\n- |-\n" +
				"  apiVersion: builtin\n  kind: ConfigMapGenerator\n  metadata:\n    name: a\n  files: [../outside/pod.yaml]\n-- in.yaml --\n" + pod("in"),
			nil,
			"outside the paths given", nil,
		},
		{
			"an absolute patch, named by a transformer", "-- kustomization.yaml --\nresources: [in.yaml]\ntransformers:\n- |-\n" +
				"  apiVersion: builtin\n  kind: PatchTransformer\n  metadata:\n    name: a\n  path: /etc/hostname\n-- in.yaml --\n" + pod("in"),
			nil,
			"outside the paths given", nil,
		},
		{
			"a remote patch, named by a transformer", "-- kustomization.yaml --\nresources: [in.yaml]\ntransformers:\n- |-\n" +
				"  apiVersion: builtin\n  kind: PatchTransformer\n  metadata:\n    name: a\n  path: https://example.invalid/a.yaml\n-- in.yaml --\n" + pod("in"),
			nil,
			"no network", nil,
		},
		{
			"absolute paths", "-- kustomization.yaml --\nresources: [in.yaml, /etc/hostname, /etc]\ncomponents: [/etc]\npatches: [{path: /etc/hostname}]\n-- in.yaml --\n" + pod("in"),
			nil,
			"", []string{"Pod in"},
		},
		{
			"a directory above", "-- kustomization.yaml --\nresources: [in.yaml, ../outside, ../../outside]\n-- in.yaml --\n" + pod("in"),
			nil,
			"", []string{"Pod in"},
		},
		{
			"an exec function", "-- kustomization.yaml --\nresources: [in.yaml]\ntransformers: [f.yaml]\n-- f.yaml --\n" +
				"apiVersion: example.com/v1\nkind: Exec\nmetadata:\n  name: f\n  annotations:\n    config.kubernetes.io/function: |\n" +
				"      exec: {path: git}\n-- in.yaml --\n" + pod("in"),
			nil,
			"Exec", nil,
		},
		{
			"a container function", "-- kustomization.yaml --\nresources: [in.yaml]\ngenerators: [f.yaml]\n-- f.yaml --\n" +
				"apiVersion: example.com/v1\nkind: Container\nmetadata:\n  name: f\n  annotations:\n    config.kubernetes.io/function: |\n" +
				"      container: {image: example.invalid/a}\n-- in.yaml --\n" + pod("in"),
			nil,
			"Container", nil,
		},
		{
			"a plugin", "-- kustomization.yaml --\nresources: [in.yaml]\ntransformers: [f.yaml]\n-- f.yaml --\n" +
				"apiVersion: example.com/v1\nkind: SomePlugin\nmetadata: {name: f}\n-- in.yaml --\n" + pod("in"),
			nil,
			"SomePlugin", nil,
		},
		{
			"a chart of a generator", "-- kustomization.yaml --\nresources: [in.yaml]\ngenerators:\n- |-\n" +
				"  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n  metadata: {name: c}\n  name: c\n  repo: https://example.invalid\n-- in.yaml --\n" + pod("in"),
			nil,
			"helm", nil,
		},
		{
			"itself", "-- kustomization.yaml --\nresources: [in.yaml, .]\n-- in.yaml --\n" + pod("in"),
			nil,
			"cycle detected", nil,
		},
		{
			"itself by another way", "-- kustomization.yaml --\nresources: [in.yaml, loop]\n-- in.yaml --\n" + pod("in"),
			[][2]string{{"loop", "."}},
			"cycle detected", nil,
		},
		{
			"two that name each other", "-- kustomization.yaml --\nresources: [a]\n-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nresources: [../a]\n",
			nil,
			"cycle detected", nil,
		},
		{
			"the parent", "-- kustomization.yaml --\nresources: [sub]\n-- sub/kustomization.yaml --\nresources: [..]\n",
			nil,
			"cycle detected", nil,
		},
		{
			"components that name each other", "-- kustomization.yaml --\ncomponents: [a]\n-- a/kustomization.yaml --\nkind: Component\ncomponents: [../b]\n" +
				"-- b/kustomization.yaml --\nkind: Component\ncomponents: [../a]\n",
			nil,
			"cycle detected", nil,
		},
		{
			"two kustomization files", "-- kustomization.yaml --\nresources: []\n-- kustomization.yml --\nresources: []\n",
			nil,
			"multiple kustomization files", nil,
		},
		{
			"a file with the name of a chart", "-- kustomization.yaml --\nresources: [.egresslint-chart--1.yaml, .egresslint-chart-7.yaml, in.yaml]\n" +
				"-- .egresslint-chart--1.yaml --\n" + pod("minus") + "-- .egresslint-chart-7.yaml --\n" + pod("seven") + "-- in.yaml --\n" + pod("in"),
			nil,
			"not exist", nil,
		},
		{"a base that is a list", "-- kustomization.yaml --\nresources: [base]\n-- base/kustomization.yaml --\n- a\n", nil, "couldn't make target", nil},
		{"a base that is broken", "-- kustomization.yaml --\nresources: [base]\n-- base/kustomization.yaml --\n{\n", nil, "couldn't make target", nil},
		{"a base that is empty", "-- kustomization.yaml --\nresources: [base]\n-- base/kustomization.yaml --\n", nil, "couldn't make target", nil},
		{"a base of two documents", "-- kustomization.yaml --\nresources: [base]\n-- base/kustomization.yaml --\na: b\n---\na: b\n", nil, "couldn't make target", nil},
		{"a base that is a directory", "-- kustomization.yaml --\nresources: [base]\n-- base/kustomization.yaml/a --\n", nil, "", nil},
		{"nothing", "-- kustomization.yaml --\n{}\n", nil, "", nil},
		{"a resource that is a list", "-- kustomization.yaml --\nresources: [a.yaml]\n-- a.yaml --\n- a\n", nil, "a.yaml", nil},
		{"a resource that is a text", "-- kustomization.yaml --\nresources: [a.yaml]\n-- a.yaml --\na\n", nil, "a.yaml", nil},
		{"an unknown field", "-- kustomization.yaml --\nresource: [a.yaml]\n", nil, "unknown field", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := writeText(t, "-- outside/kustomization.yaml --\nresources: [pod.yaml]\n-- outside/pod.yaml --\n"+pod("outside")+inTree(tt.archive))
			for _, l := range tt.links {
				target := l[1]
				if rest, ok := strings.CutPrefix(target, "outside"); ok {
					target = filepath.Join(dir, "outside", rest)
				}
				link(t, target, filepath.Join(dir, "tree", l[0]))
			}
			objects, err := readTree(t, filepath.Join(dir, "tree")).build(".")
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, objects %v, want an error with %q", err, names(objects), tt.want)
			case err == nil && !slices.Equal(names(objects), tt.objects):
				t.Errorf("got %v, want %v", names(objects), tt.objects)
			}
			if err != nil && (strings.Contains(err.Error(), "goroutine") || strings.Contains(err.Error(), "runtime error")) {
				t.Errorf("it panics: %v", err)
			}
		})
	}
}

func pod(name string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\n"
}

// inTree moves the files of an archive into the directory tree.
func inTree(archive string) string {
	return strings.TrimPrefix(strings.ReplaceAll("\n"+archive, "\n-- ", "\n-- tree/"), "\n")
}

// fakeGit puts a git first on the path, and fails the test if anyone starts it.
func fakeGit(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("programs are no scripts here")
	}
	dir := t.TempDir()
	marker := filepath.Join(dir, "started")
	for _, name := range []string{"git", "helm", "docker", "ssh"} {
		script := fmt.Sprintf("#!/bin/sh\necho \"%s $*\" >> %s\nexit 1\n", name, marker)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Cleanup(func() {
		if started, err := os.ReadFile(marker); err == nil {
			t.Errorf("a program was started: %s", started)
		}
	})
}

// TestBuildStartsNothing names things on other machines in every field that
// takes a path, in every way that kustomize knows.
func TestBuildStartsNothing(t *testing.T) {
	fields := []string{
		"resources: [%s, in.yaml]", "bases: [%s]", "components: [%s]", "patches: [{path: %s}]", "patchesStrategicMerge: [%s]",
		"patchesJson6902: [{path: %s, target: {kind: Pod}}]", "replacements: [{path: %s}]", "configurations: [%s]", "crds: [%s]",
		"transformers: [%s]", "generators: [%s]", "validators: [%s]", "openapi: {path: %s}", "configMapGenerator: [{name: a, files: [%s]}]",
		"configMapGenerator: [{name: a, envs: [%s]}]", "configMapGenerator: [{name: a, env: %s}]", "secretGenerator: [{name: a, files: [%s]}]",
		"secretGenerator: [{name: a, files: [k=%s]}]", "helmCharts: [{name: a, repo: %s, version: '1'}]", "helmCharts: [{name: a, valuesFile: %s}]",
		"helmChartInflationGenerator: [{chartName: a, chartRepoUrl: %s}]", "resources: [&a %s, *a]", "resources: &a [%s]\nbases: *a",
		"<<: {resources: [%s]}",
	}
	const host = "git.example.invalid"
	values := []string{
		"https://" + host + "/a/b", "http://" + host + "/a.yaml", "HTTPS://" + host + "/a/b?ref=v1", "ssh://git@" + host + "/a/b", "file:///tmp/a/b",
		"git@" + host + ":a/b", "me@" + host + ":a/b.git", "github.com/a/b", "GitHub.com/a/b", "github.com:a/b", "git::https://" + host + "/a/b", "GIT::github.com/a/b",
		host + "/a/b.git", host + "/a//b?ref=x", "./github.com/a/b", "org-1@github.com:a/b",
		`"https://` + host + `/a/b: c\nd: e"`, `"git@` + host + `:a/b: c\nd: e"`, `"github.com/a/b: c\nd: e\n"`, `"github.com:a/b: c\nkind: d\n"`, `"file:///tmp/a: b\nc: d"`,
		`"ssh://git@` + host + `/a/b:\n"`, `"\nhttps://` + host + `/a/b"`, `"https://` + host + `/a/b\n"`, `" https://` + host + `/a/b"`, `"kind: a\n---\ngithub.com/a/b: c\n"`,
		`"git@` + host + `:a/b: {apiVersion: v1, kind: Pod, metadata: {name: a}}\n"`,
	}
	for _, field := range fields {
		t.Run(field, func(t *testing.T) {
			fakeGit(t)
			for _, value := range values {
				dir := writeText(t, "-- kustomization.yaml --\n"+fmt.Sprintf(field, value)+"\n-- in.yaml --\n"+pod("in"))
				for _, relevantOnly := range []bool{false, true} {
					_, err := readTree(t, dir).Build(dir, relevantOnly)
					if err != nil && strings.Contains(err.Error(), "no network") {
						t.Errorf("%s: %v", value, err)
					}
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}

// TestBuildNamesLikeRepositories has directories whose names kustomize could
// take for repositories.
func TestBuildNamesLikeRepositories(t *testing.T) {
	fakeGit(t)
	for _, name := range []string{"github.com/a/b", "base.git", "_git/a", "git@example.invalid:a", "https:/example.invalid/a", "a?ref=b", "a//b", "a b", "{{a}}", "-n"} {
		if runtime.GOOS == "windows" {
			continue
		}
		dir := writeText(t, "-- base/kustomization.yaml --\nresources: [pod.yaml]\n-- base/pod.yaml --\n"+pod("a")+
			"-- kustomization.yaml --\nresources: ['"+name+"']\n")
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "base"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		objects, err := readTree(t, dir).build(".")
		if got := names(objects); err != nil || !slices.Equal(got, []string{"Pod a"}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// bomb10 is a mapping whose aliases expand to 10^10 values, on one line.
func bomb10() string {
	var b strings.Builder
	b.WriteString("{a: &a [x, x, x, x, x, x, x, x, x, x]")
	for _, c := range "bcdefghij" {
		b.WriteString(fmt.Sprintf(", %c: &%c [", c, c) + strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10), ", ") + "]")
	}
	return b.String() + "}"
}

// TestBuildBombs builds texts whose aliases expand to more than any machine
// has. Each is refused, or not read at all.
func TestBuildBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("a process for each bomb")
	}
	b := bomb10()
	lines := strings.ReplaceAll(b[1:len(b)-1], "], ", "]\n")
	indented := strings.ReplaceAll(lines, "\n", "\n    ")
	const ten = "*d, *d, *d, *d, *d, *d, *d, *d, *d"
	nearly := "{a: &a [x, x, x, x, x, x, x, x, x, x], b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a], c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b], " +
		"d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c], e: [" + strings.Repeat(ten+", ", 8) + ten + "]}"
	head := "apiVersion: v1\nkind: Pod\nmetadata:\n  name: in\nspec:\n"
	const in = "\n-- in.yaml --\napiVersion: v1\nkind: Pod\nmetadata:\n  name: in\nspec: {a: b}\n"
	tests := []struct{ name, archive string }{
		{"resource", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\n" + head + "  bomb: " + b + "\n"},
		{"resource of another kind", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: in\ndata: " + b + "\n"},
		{"resource behind another", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\n" + pod("a") + "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: in\ndata: " + b + "\n"},
		{"patch", "-- kustomization.yaml --\nresources: [in.yaml]\npatches: [{path: bomb.yaml}]\n-- bomb.yaml --\n" + head + "  bomb: " + b + in},
		{"JSON patch", "-- kustomization.yaml --\nresources: [in.yaml]\npatches: [{path: bomb.yaml, target: {kind: Pod}}]\n-- bomb.yaml --\n- op: add\n  path: /spec/a\n  value: " + b + in},
		{"inline patch", "-- kustomization.yaml --\nresources: [in.yaml]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: Pod\n    metadata:\n      name: in\n    spec: " + b + in},
		{"inline patch on one line", "-- kustomization.yaml --\nresources: [in.yaml]\npatches:\n- patch: '{apiVersion: v1, kind: Pod, metadata: {name: in}, spec: " + b + "}'" + in},
		{"inline JSON patch on one line", "-- kustomization.yaml --\nresources: [in.yaml]\npatches:\n- target: {kind: Pod}\n  patch: '[{op: add, path: /spec/a, value: " + b + "}]'" + in},
		{"inline JSON6902 patch on one line", "-- kustomization.yaml --\nresources: [in.yaml]\npatchesJson6902:\n- target: {version: v1, kind: Pod, name: in}\n  patch: '[{op: add, path: /spec/a, value: " + b + "}]'" + in},
		{"JSON6902 patch", "-- kustomization.yaml --\nresources: [in.yaml]\npatchesJson6902:\n- target: {version: v1, kind: Pod, name: in}\n  patch: |-\n    - op: add\n      path: /spec/a\n      value: " + b + in},
		{"old inline patch", "-- kustomization.yaml --\nresources: [in.yaml]\npatchesStrategicMerge:\n- |-\n  apiVersion: v1\n  kind: Pod\n  metadata:\n    name: in\n  spec: " + b + in},
		{"old inline patch on one line", "-- kustomization.yaml --\nresources: [in.yaml]\npatchesStrategicMerge:\n- '{apiVersion: v1, kind: Pod, metadata: {name: in}, spec: " + b + "}'" + in},
		{"inline transformer", "-- kustomization.yaml --\nresources: [in.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: PrefixTransformer\n  metadata:\n    name: in\n  prefix: " + b + in},
		{"inline transformer on one line", "-- kustomization.yaml --\nresources: [in.yaml]\ntransformers:\n- '{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: in}, prefix: " + b + "}'" + in},
		{"patch of an inline transformer", "-- kustomization.yaml --\nresources: [in.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata:\n    name: in\n  patch: '{apiVersion: v1, kind: Pod, metadata: {name: in}, spec: " + b + "}'" + in},
		{"transformer", "-- kustomization.yaml --\nresources: [in.yaml]\ntransformers: [bomb.yaml]\n-- bomb.yaml --\napiVersion: builtin\nkind: PrefixTransformer\nmetadata:\n  name: in\nprefix: " + b + in},
		{"patch of a transformer", "-- kustomization.yaml --\nresources: [in.yaml]\ntransformers: [t.yaml]\n-- t.yaml --\napiVersion: builtin\nkind: PatchTransformer\nmetadata:\n  name: in\npatch: '{apiVersion: v1, kind: Pod, metadata: {name: in}, spec: " + b + "}'" + in},
		{"replacement", "-- kustomization.yaml --\nresources: [in.yaml]\nreplacements: [{path: bomb.yaml}]\n-- bomb.yaml --\nsource: " + b + in},
		{"configuration", "-- kustomization.yaml --\nresources: [in.yaml]\nconfigurations: [bomb.yaml]\n-- bomb.yaml --\nnamePrefix: " + b + in},
		{"crds", "-- kustomization.yaml --\nresources: [in.yaml]\ncrds: [bomb.yaml]\n-- bomb.yaml --\na: " + b + in},
		{"OpenAPI schema", "-- kustomization.yaml --\nresources: [in.yaml]\nopenapi: {path: bomb.yaml}\n-- bomb.yaml --\na: " + b + in},
		{"generator file", "-- kustomization.yaml --\nresources: [in.yaml]\nconfigMapGenerator: [{name: a, files: [bomb.yaml], envs: [bomb.yaml]}]\n-- bomb.yaml --\n" + lines + in},
		{"generator literal", "-- kustomization.yaml --\nresources: [in.yaml]\nconfigMapGenerator: [{name: a, literals: ['a=" + b + "']}]" + in},
		{"kustomization", "-- kustomization.yaml --\nresources: [in.yaml]\ncommonLabels: " + b + in},
		{"kustomization in a field of no meaning", "-- kustomization.yaml --\n" + lines + "\nresources: [in.yaml]" + in},
		{"list of resources", "-- kustomization.yaml --\nx: " + b[:len(b)-1] + ", resources: &z [in.yaml]}\nresources: *j" + in},
		{"kustomization of a base", "-- kustomization.yaml --\nresources: [in.yaml, base]\n-- base/kustomization.yaml --\ncommonLabels: " + b + in},
		{"merge keys", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\n" + pod("in") + "spec:\n    " + strings.NewReplacer("[x, x, x, x, x, x, x, x, x, x]", "{k: v}", "[*", "{<<: [*", "]\n", "]}\n").Replace(indented+"\n") + "\n"},
		{"anchor that holds itself", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\n" + pod("in") + "spec: &a {b: *a}\n"},
		{"values just below the limit", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\n" + head + "  bomb: " + nearly + "\n"},
		{"many documents below the limit", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\n" + manyTimes(20, func(i int) string {
			return fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p%d\nspec: %s\n", i, nearly)
		})},
		{"anchor in front of a question mark", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\n" + head + "  bomb: " + strings.ReplaceAll(b, "&", "&z?&") + "\n"},
		{"copies of a JSON patch", "-- kustomization.yaml --\nresources: [in.yaml]\npatches:\n- target: {kind: Pod}\n  patch: |-\n" +
			strings.Repeat("    - {op: copy, from: /spec, path: /spec/a}\n    - {op: copy, from: /spec, path: /spec/b}\n", 30) + in[1:]},
		{"copies of replacements", "-- kustomization.yaml --\nresources: [in.yaml]\nreplacements:\n" + manyTimes(40, func(i int) string {
			return fmt.Sprintf("- source: {kind: Pod, fieldPath: spec}\n  targets: [{select: {kind: Pod}, fieldPaths: [spec.a%d], options: {create: true}}]\n", i)
		}) + in[1:]},
		{"copies between sections", "-- kustomization.yaml --\nresources: [in.yaml]\nreplacements:\n" + manyTimes(40, func(i int) string {
			return fmt.Sprintf("- source: {kind: Pod, fieldPath: spec}\n  targets: [{select: {kind: Pod}, fieldPaths: [data.a%d], options: {create: true}}]\n"+
				"- source: {kind: Pod, fieldPath: data}\n  targets: [{select: {kind: Pod}, fieldPaths: [spec.a%d], options: {create: true}}]\n", i, i)
		}) + in[1:]},
		{"copies at thirty levels", manyTimes(30, func(i int) string {
			return fmt.Sprintf("-- l%d/kustomization.yaml --\nresources: [a, b]\n-- l%d/a/kustomization.yaml --\nnamePrefix: a\nresources: [../../l%d]\n"+
				"-- l%d/b/kustomization.yaml --\nnamePrefix: b\nresources: [../../l%d]\n", i, i, i+1, i, i+1)
		}) + "-- l30/kustomization.yaml --\nresources: [in.yaml]\n-- l30/in.yaml --\n" + pod("in") + "-- kustomization.yaml --\nresources: [l0]\n"},
		{"deep kustomization", "-- kustomization.yaml --\nresources: [in.yaml]\na: " + strings.Repeat("[", 9990) + strings.Repeat("]", 9990) + in},
		{"deeper kustomization", "-- kustomization.yaml --\nresources: [in.yaml]\na: " + strings.Repeat("[", 100_000) + in},
		{"deep resource", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\n" + head + "  a: " + strings.Repeat("[", 9980) + strings.Repeat("]", 9980) + "\n"},
		{"deep inline patch", "-- kustomization.yaml --\nresources: [in.yaml]\npatches:\n- patch: '{apiVersion: v1, kind: Pod, metadata: {name: in}, spec: " +
			strings.Repeat("{a: ", 9980) + strings.Repeat("}", 9980) + "}'" + in},
		{"kustomization that holds itself", "-- kustomization.yaml --\n&a\nresources: [in.yaml]\nx: *a" + in},
		{"kustomization that merges itself", "-- kustomization.yaml --\n&a\nresources: [in.yaml]\n<<: *a" + in},
		{"list that holds itself", "-- kustomization.yaml --\nresources: [bomb.yaml]\n-- bomb.yaml --\n&a\napiVersion: v1\nkind: List\nmetadata: {}\nitems: [*a]\n"},
		{"inline patch that holds itself", "-- kustomization.yaml --\nresources: [in.yaml]\npatches:\n- patch: '{apiVersion: v1, kind: Pod, metadata: {name: in}, spec: &a {b: *a}}'" + in},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !isAlone() {
				alone(t)
				return
			}
			dir := writeText(t, tt.archive)
			r := readTree(t, dir)
			for _, relevantOnly := range []bool{false, true} {
				objects, err := r.Build(dir, relevantOnly)
				t.Logf("%v, %v", names(objects), err)
			}
			for _, k := range r.all {
				t.Log(names(r.Plain(k)), len(k.LostPatches(r.Workspace, true)), len(k.Operations(r.Workspace)))
			}
		})
	}
}

// manyTimes joins the texts of so many numbers.
func manyTimes(n int, text func(int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(text(i))
	}
	return b.String()
}

// bombEnv is set in the processes that build the bombs.
const bombEnv = "EGRESSLINT_TEST_BOMB"

func isAlone() bool { return os.Getenv(bombEnv) != "" }

// alone runs the test in a process of its own, which gives up where the test
// takes far more memory than it may: then the others still run.
func alone(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // one that waits does so forever
	defer cancel()
	name, sub, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.v", "-test.run=^"+name+"$/^"+regexp.QuoteMeta(sub)+"$")
	cmd.Env = append(os.Environ(), bombEnv+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out[max(0, len(out)-2000):])
	} else if testing.Verbose() {
		t.Logf("%s", out)
	}
}

// TestMain ends a process that builds a bomb and takes too much memory.
func TestMain(m *testing.M) {
	if isAlone() {
		go func() {
			const most = 1 << 30
			for ; ; time.Sleep(time.Millisecond) {
				var stats runtime.MemStats
				if runtime.ReadMemStats(&stats); stats.HeapAlloc > most {
					fmt.Println("it takes more than", most, "bytes")
					os.Exit(1)
				}
			}
		}()
	}
	os.Exit(m.Run())
}

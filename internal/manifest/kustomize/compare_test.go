package kustomize

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// treesEnv names directories whose kustomizations are compared too.
const treesEnv = "EGRESSLINT_TREES"

// TestBuildLikeKustomize builds the kustomizations of each archive as this
// package does, and as kustomize does by itself: the objects are the same.
func TestBuildLikeKustomize(t *testing.T) {
	offline(t)
	paths, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			c := compare(t, writeArchive(t, path))
			if len(c.equal) == 0 {
				t.Error("nothing was compared")
			}
			for _, reason := range c.skipped {
				t.Errorf("kustomize does not build it either: %s", reason)
			}
		})
	}
}

// TestBuildOtherTrees compares the trees that the environment names.
func TestBuildOtherTrees(t *testing.T) {
	trees := filepath.SplitList(os.Getenv(treesEnv))
	if len(trees) == 0 {
		t.Skipf("%s is not set", treesEnv)
	}
	offline(t)
	for _, dir := range trees {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			root, err := filepath.EvalSymlinks(dir)
			if err != nil {
				t.Fatal(err)
			}
			c := compare(t, root)
			t.Logf("%d equal, %d different, %d not built by kustomize, %d of %d objects without a source",
				len(c.equal), c.different, len(c.skipped), c.untraced, c.objects)
			for _, reason := range c.skipped {
				t.Log("left out: ", reason)
			}
		})
	}
}

// offline takes away what a build could reach other machines with.
func offline(t *testing.T) {
	t.Helper()
	t.Setenv("PATH", t.TempDir())
	before := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = before })
	http.DefaultTransport = noNetwork{}
}

// comparison is what came of the kustomizations of a tree.
type comparison struct {
	equal, skipped               []string
	different, objects, untraced int
}

// compare builds every kustomization of a tree twice, and reports those that
// come out different. Components are not built by themselves.
func compare(t *testing.T, root string) comparison {
	t.Helper()
	var c comparison
	r := readTree(t, root)
	for _, k := range r.all {
		dir := r.shown(k.Dir)
		if k.IsComponent() {
			continue
		}
		if reason := r.notComparable(k); reason != "" {
			c.skipped = append(c.skipped, dir+": "+reason)
			continue
		}
		build := plainly
		if os.Getenv(programEnv) != "" {
			build = byProgram
		}
		want, err := build(t, k.Dir)
		if err != nil {
			c.skipped = append(c.skipped, dir+": "+tidy(err))
			continue
		}
		objects, err := r.Build(k.Dir, false)
		if err != nil {
			c.different++
			t.Errorf("%s builds, but not here: %v", dir, err)
			continue
		}
		var got []string
		for _, o := range objects {
			got = append(got, normal(t, o.YAML))
			if c.objects++; len(o.Parts) == 0 {
				c.untraced++
			}
		}
		slices.Sort(got)
		if missing, extra := difference(want, got), difference(got, want); len(missing)+len(extra) > 0 {
			c.different++
			t.Errorf("%s comes to something else\nnot here:\n%s\nonly here:\n%s", dir, strings.Join(missing, "\n"), strings.Join(extra, "\n"))
			continue
		}
		c.equal = append(c.equal, dir)
	}
	return c
}

// notComparable says why a kustomization cannot be built by kustomize without
// leaving the machine, or uses what is left out on purpose.
func (r *tree) notComparable(k *Kustomization) string {
	for _, part := range r.Closure(k) {
		for _, ref := range part.Refs {
			if ref.Fault == Remote || ref.Fault == Outside {
				return "remote or outside: " + ref.Text
			}
		}
		for _, field := range []string{"helmCharts", "helmChartInflationGenerator", "openapi", "validators", "buildMetadata"} {
			if node.Field(part.Root, field) != nil {
				return field
			}
		}
	}
	return ""
}

// plainly is what kustomize makes of a directory: the texts of the objects
// that matter.
func plainly(t *testing.T, dir string) ([]string, error) {
	defer hush()()
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	made, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, r := range made.Resources() {
		if !applied(r.GetKind()) {
			continue
		}
		text, err := r.AsYAML()
		if err != nil {
			return nil, err
		}
		texts = append(texts, normal(t, text))
	}
	slices.Sort(texts)
	return texts, nil
}

// programEnv names the kustomize program to compare with, in the place of the
// library.
const programEnv = "EGRESSLINT_KUSTOMIZE"

// byProgram is what the program builds.
func byProgram(t *testing.T, dir string) ([]string, error) {
	t.Helper()
	out, err := exec.Command(os.Getenv(programEnv), "build", "--load-restrictor", "LoadRestrictionsNone", dir).Output()
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, d := range document.Whole(source.Made(dir, out)).Documents {
		text, err := yaml.Marshal(d.Root)
		if err != nil {
			return nil, err
		}
		if applied(node.Text(node.Field(d.Root, "kind"))) {
			texts = append(texts, normal(t, text))
		}
	}
	slices.Sort(texts)
	return texts, nil
}

// normal writes a text as every other that means the same.
func normal(t *testing.T, text []byte) string {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
	again, err := json.MarshalIndent(value, "", " ") // 1e+06 is 1000000 to it
	if err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
	return string(again)
}

// difference is what is in a and not in b, as often as it is more often there.
func difference(a, b []string) []string {
	count := map[string]int{}
	for _, text := range b {
		count[text]++
	}
	var rest []string
	for _, text := range a {
		if count[text]--; count[text] < 0 {
			rest = append(rest, text)
		}
	}
	return rest
}

// TestBuildInParallel builds all kustomizations of the archives at once, and
// again: what is global in kustomize does not show.
func TestBuildInParallel(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives", err)
	}
	type job struct {
		*tree
		dir, want string
	}
	text := func(j job) string {
		objects, err := j.Build(j.dir, false)
		var b strings.Builder
		for _, o := range objects {
			b.Write(o.YAML)
		}
		if err != nil {
			b.WriteString("no build") // what the error says holds numbers of marks
		}
		return b.String()
	}
	var jobs []job
	for _, path := range paths {
		r := readTree(t, writeArchive(t, path))
		for _, k := range r.all {
			j := job{tree: r, dir: k.Dir}
			j.want = text(j)
			jobs = append(jobs, j)
		}
	}
	var workers sync.WaitGroup
	for i := range 4 * len(jobs) {
		workers.Go(func() {
			j := jobs[i%len(jobs)]
			if got := text(j); got != j.want {
				t.Errorf("%s comes to\n%s\nand by itself to\n%s", j.shown(j.dir), got, j.want)
			}
		})
	}
	workers.Wait()
}

package manifest

import (
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/source"
)

// kustomizationNames are the file names that kustomize looks for.
var kustomizationNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// isKustomization goes by the name, that of a symbolic link too.
func isKustomization(e source.Entry) bool {
	return slices.Contains(kustomizationNames, filepath.Base(e.Path)) || slices.Contains(kustomizationNames, filepath.Base(e.Real))
}

// inputs collects the files that a kustomization uses but does not apply:
// patches, what its generators embed, and settings of its transformers.
type inputs struct {
	used, applied map[string]bool // absolute paths
}

func newInputs() *inputs {
	return &inputs{used: map[string]bool{}, applied: map[string]bool{}}
}

// only reports whether the file is an input of some kustomization and no
// kustomization applies it as it is.
func (in *inputs) only(resolved string) bool { return in.used[resolved] && !in.applied[resolved] }

// add notes what the kustomization in dir uses and applies.
func (in *inputs) add(dir string, root *yaml.Node) {
	k := kustomization{in, dir, root}
	for _, key := range []string{"resources", "bases", "components"} {
		k.files(in.applied, key)
	}
	for _, key := range []string{"patchesStrategicMerge", "transformers", "generators", "validators", "configurations", "crds"} {
		k.files(in.used, key)
	}
	for _, key := range []string{"patches", "patchesJson6902", "replacements"} {
		for _, item := range Items(Field(k.root, key)) {
			k.mark(in.used, Text(Field(item, "path")))
		}
	}
	for _, key := range []string{"configMapGenerator", "secretGenerator"} {
		for _, item := range Items(Field(k.root, key)) {
			k.embedded(item)
		}
	}
	k.mark(in.used, Text(Field(Field(k.root, "openapi"), "path")))
}

type kustomization struct {
	*inputs
	dir  string
	root *yaml.Node
}

// files marks each entry of a list of paths.
func (k kustomization) files(set map[string]bool, key string) {
	for _, item := range Items(Field(k.root, key)) {
		k.mark(set, Text(item))
	}
}

// embedded marks the files that a generator puts into a ConfigMap or Secret:
// "path" or "key=path".
func (k kustomization) embedded(generator *yaml.Node) {
	for _, item := range Items(Field(generator, "files")) {
		text := Text(item)
		if _, path, ok := strings.Cut(text, "="); ok {
			text = path
		}
		k.mark(k.used, text)
	}
}

// mark notes a path; an inline patch, which spans lines, is none.
func (k kustomization) mark(set map[string]bool, path string) {
	if path == "" || strings.Contains(path, "\n") {
		return
	}
	set[filepath.Join(k.dir, filepath.FromSlash(path))] = true
}

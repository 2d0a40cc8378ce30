package internal

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/egresslint/egresslint/"

// layers is the house: each package and the packages of this module that it
// may import, from bytes to the command line. Data flows the same way.
var layers = map[string][]string{
	"internal/verdict":            {},
	"internal/interval":           {},
	"internal/atomicfile":         {},
	"internal/source/span":        {},
	"internal/source/gitignore":   {},
	"internal/source":             {"internal/source/span", "internal/source/gitignore"},
	"internal/manifest/sniff":     {},
	"internal/manifest/node":      {},
	"internal/manifest/document":  {"internal/source", "internal/manifest/sniff"},
	"internal/manifest/edit":      {"internal/source", "internal/manifest/node", "internal/manifest/document"},
	"internal/manifest/kustomize": {"internal/source", "internal/manifest/sniff", "internal/manifest/node", "internal/manifest/document"},
	"internal/manifest/helm":      {},
	"internal/manifest":           {"internal/source", "internal/manifest/node", "internal/manifest/document", "internal/manifest/kustomize", "internal/manifest/helm"},
	"internal/cluster":            {"internal/verdict", "internal/source", "internal/manifest", "internal/manifest/node"},
	"internal/config":             {"internal/source", "rules"},
	"internal/netpol":             {"internal/verdict", "internal/interval", "internal/cluster"},
	"internal/draft":              {"internal/manifest/node", "internal/manifest", "internal/cluster"},
	"rules":                       {"internal/verdict", "internal/source", "internal/manifest/document", "internal/manifest/node", "internal/manifest/edit", "internal/manifest", "internal/cluster", "internal/netpol", "internal/draft"},
	"internal/lint":               {"internal/source", "internal/manifest", "internal/cluster", "internal/netpol", "rules"},
	"internal/suppress":           {"internal/source", "internal/manifest/edit", "internal/manifest", "internal/manifest/document", "internal/manifest/node", "internal/lint", "rules"},
	"internal/revision":           {"internal/source"},
	"internal/baseline":           {"internal/atomicfile", "internal/source", "internal/lint"},
	"report":                      {"internal/source", "internal/lint", "rules"},
	"internal/fix":                {"internal/atomicfile", "internal/source", "internal/manifest", "internal/cluster", "internal/netpol", "internal/lint"},
	"internal/cli":                {"internal/atomicfile", "internal/verdict", "internal/manifest/node", "internal/manifest/edit", "internal/draft", "internal/source", "internal/config", "internal/suppress", "internal/baseline", "internal/revision", "internal/manifest/helm", "internal/manifest", "internal/cluster", "internal/netpol", "rules", "internal/lint", "internal/fix", "report"},
	"cmd/egresslint":              {"internal/cli"},
	"internal/ruletest":           {"internal/source", "internal/manifest", "internal/cluster", "rules", "internal/lint", "internal/suppress"},
	"internal":                    {},
}

// TestLayers holds the import table. Tests may import what they like.
func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module)
		allowed, ok := layers[pkg]
		if !ok {
			t.Errorf("%s has no place in the table", pkg)
		}
		seen[pkg] = true
		for _, path := range fields[1:] {
			if imported, ours := strings.CutPrefix(path, module); ours && !slices.Contains(allowed, imported) {
				t.Errorf("%s must not import %s", pkg, imported)
			}
		}
	}
	for pkg := range layers {
		if !seen[pkg] {
			t.Errorf("%s is in the table and does not exist", pkg)
		}
	}
}

// TestLayersOrder holds that the table itself has no way back.
func TestLayersOrder(t *testing.T) {
	var visit func(pkg string, path []string)
	visit = func(pkg string, path []string) {
		if slices.Contains(path, pkg) {
			t.Fatalf("the table has a cycle: %s", strings.Join(append(path, pkg), " -> "))
		}
		for _, next := range layers[pkg] {
			visit(next, append(path, pkg))
		}
	}
	for pkg := range layers {
		visit(pkg, nil)
	}
}

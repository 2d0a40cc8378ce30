package rules

import (
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/edit"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// listOrphan is the fix for an orphan: its kustomization lists it. What that
// opens and closes is what the policy says, and told when the fix is proved.
func listOrphan(pass *analysis.Pass, p *cluster.Policy) analysis.SuggestedFix {
	f := newFix(pass)
	f.edit(listed(*p.Neighbour, p.File))
	return f.done(fmt.Sprintf("list %s in %s", filepath.Base(p.File.Path), p.Neighbour.File.Path))
}

// dotted reports whether the files of a list are written with "./".
func dotted(resources *yaml.Node) bool {
	dotted := false
	for _, item := range node.Items(resources) {
		switch text := node.Text(item); {
		case strings.HasPrefix(text, "./"):
			dotted = true
		case !strings.HasPrefix(text, "../") && !strings.Contains(text, "://"):
			return false
		}
	}
	return dotted
}

// listed is the edits by which a kustomization lists a file.
func listed(k document.Document, file *source.File) ([]source.Edit, error) {
	rel, err := filepath.Rel(filepath.Dir(k.File.Real), file.Real)
	if err != nil {
		return nil, err
	}
	name := filepath.ToSlash(rel)
	resources := child(k.Root, "resources")
	if dotted(resources) {
		name = "./" + name
	}
	switch {
	case resources == nil:
		return edit.InsertKey(k, k.Root, "kind", "resources", texts(name))
	case node.IsNull(resources):
		return edit.ReplaceValue(k, k.Root, "resources", texts(name))
	default:
		return edit.AppendItem(k, resources, node.NewText(name))
	}
}

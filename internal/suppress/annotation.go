package suppress

import (
	"strings"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// Annotation is the key of the annotation that suppresses what is found in its
// object. Each line of its value is a suppression. Unlike a comment it is still
// there when the object has been rendered.
const Annotation = "egresslint/ignore"

// annotations are the directives in the annotations of objects. What several
// overlays make of one annotation is one directive.
func annotations(tree *manifest.Tree) (all []*directive, of map[*manifest.Resource][]*directive) {
	of = map[*manifest.Resource][]*directive{}
	known := map[string]*directive{}
	for _, r := range tree.Resources {
		value := node.Field(node.Field(node.Field(r.Node, "metadata"), "annotations"), Annotation)
		if node.IsNull(value) {
			continue
		}
		at := r.Written(r.KeySpan("metadata", "annotations", Annotation))
		for text := range strings.Lines(strings.TrimSpace(node.Text(value))) {
			d := newDirective(lint.ByAnnotation, at)
			d.object = r
			d.parse(text)
			key := lint.Place{Path: at.File.Real, Line: at.From, Detail: text}.String()
			if known[key] == nil {
				known[key] = d
				all = append(all, d)
			}
			of[r] = append(of[r], known[key])
		}
	}
	return all, of
}

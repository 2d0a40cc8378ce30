package sniff

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v4"
)

// checkAgainstParser reports a verdict on src that the parser contradicts:
//   - the documents cover src without gaps, and their lines are right;
//   - where a document parses on its own, its verdict is right;
//   - where all of src parses, so does each document, and it holds the same kinds.
func checkAgainstParser(src []byte) error {
	docs, ok := Split(src)
	if !ok {
		return nil
	}
	if err := checkOffsets(src, docs); err != nil {
		return err
	}
	var kinds []string
	var failure error
	for _, doc := range docs {
		parsed, err := parse(src[doc.Start:doc.End])
		if err != nil {
			failure = err
			continue
		}
		if err := checkVerdict(doc, parsed); err != nil {
			return fmt.Errorf("%w in %q", err, src)
		}
		kinds = append(kinds, parsed...)
	}
	whole, err := parse(src)
	if err != nil {
		return nil //nolint:nilerr // a stream that does not parse proves nothing
	}
	if failure != nil {
		return fmt.Errorf("the stream parses and one of its documents does not (%w): %q", failure, src)
	}
	if !slices.Equal(kinds, whole) {
		return fmt.Errorf("the documents hold %q, the stream %q: %q", kinds, whole, src)
	}
	return nil
}

// checkOffsets reports a gap between docs or a wrong line.
func checkOffsets(src []byte, docs []Document) error {
	pos := 0
	if bytes.HasPrefix(src, []byte(byteOrderMark)) {
		pos = len(byteOrderMark)
	}
	for _, doc := range docs {
		if doc.Start != pos || doc.End <= doc.Start {
			return fmt.Errorf("document %+v does not follow offset %d in %q", doc, pos, src)
		}
		if line := 1 + bytes.Count(src[:pos], []byte("\n")); doc.Line != line {
			return fmt.Errorf("document %+v starts at line %d of %q", doc, line, src)
		}
		pos = doc.End
	}
	if pos != len(src) {
		return fmt.Errorf("the documents end at offset %d of %q", pos, src)
	}
	return nil
}

// checkVerdict compares doc with what the parser found in its text.
func checkVerdict(doc Document, parsed []string) error {
	var want []string
	switch doc.Certainty {
	case Unsure:
		return nil
	case HasKind:
		want = []string{"kind " + doc.Kind}
	case NoKind:
		want = []string{"no kind"}
	case Empty:
	}
	if !slices.Equal(parsed, want) {
		return fmt.Errorf("document %+v: the parser finds %q, want %q", doc, parsed, want)
	}
	return nil
}

// parse returns what the parser says of each document of src, empty ones aside:
// "kind X", "no kind" or "no mapping".
func parse(src []byte) ([]string, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	var kinds []string
	for {
		var node yaml.Node
		err := loader.Load(&node)
		if errors.Is(err, io.EOF) {
			return kinds, nil
		}
		if err != nil {
			return nil, err
		}
		root := &node
		if root.Kind == yaml.DocumentNode {
			root = root.Content[0]
		}
		if isEmptyScalar(root) {
			continue
		}
		kinds = append(kinds, describe(root))
	}
}

// isEmptyScalar reports whether a document's root is the null that stands for a
// document without content.
func isEmptyScalar(root *yaml.Node) bool {
	return root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" && root.Value == ""
}

// describe says which kind a document's root has, its own or a merged one.
func describe(root *yaml.Node) string {
	if root.Kind != yaml.MappingNode {
		return "no mapping"
	}
	if value := lookup(root, "kind"); value != nil {
		return "kind " + value.Value
	}
	merged := lookup(root, "<<")
	if merged == nil || merged.Kind != yaml.MappingNode {
		return "no kind"
	}
	if value := lookup(merged, "kind"); value != nil {
		return "kind " + value.Value
	}
	return "no kind"
}

// lookup returns the value of key in mapping, aliases resolved, or nil.
func lookup(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if resolve(mapping.Content[i]).Value == key {
			return resolve(mapping.Content[i+1])
		}
	}
	return nil
}

// resolve returns what node is an alias of, or node itself.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

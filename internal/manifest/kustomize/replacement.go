package kustomize

import (
	"errors"
	"os"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/node"
)

// maxSections bounds how many replacements of one kustomization may copy a
// whole section of an object, such as its spec.
const maxSections = 8

var errNested = errors.New("a replacement copies a field into itself, or too many copy whole sections: objects could double without end")

// checkReplacements refuses what can make an object grow without end: forty
// replacements can double it forty times.
func (r *rewriter) checkReplacements() error {
	sections := 0
	for _, item := range node.Items(r.kustomization.field("replacements")) {
		all := []*yaml.Node{item}
		if ref := r.refs[node.Field(item, "path")]; ref != nil && ref.Fault == None {
			all = replacementsIn(ref.Target)
		}
		for _, replacement := range all {
			from := node.Text(node.Field(node.Field(replacement, "source"), "fieldPath"))
			if from != "" && !strings.Contains(from, ".") {
				sections++
			}
			if nests(from, node.Items(node.Field(replacement, "targets"))) || sections > maxSections {
				return errNested
			}
		}
	}
	return nil
}

// replacementsIn are those of a file: one, or a list.
func replacementsIn(path string) []*yaml.Node {
	src, err := os.ReadFile(path)
	if err != nil || bomb(src) {
		return nil
	}
	var doc yaml.Node
	if yaml.Unmarshal(src, &doc) != nil || len(doc.Content) != 1 {
		return nil
	}
	if items := node.Items(doc.Content[0]); items != nil {
		return items
	}
	return doc.Content
}

// nests reports whether a target lies in what is copied to it.
func nests(from string, targets []*yaml.Node) bool {
	for _, target := range targets {
		for _, path := range node.Items(node.Field(target, "fieldPaths")) {
			if from != "" && strings.HasPrefix(node.Text(path), from+".") {
				return true
			}
		}
	}
	return false
}

package cluster

import (
	"bytes"
	"slices"
	"strings"
)

// Wanted reports whether documents of a kind have to be read. The text is that
// of the document; it spares the many Services that are none of Knative's. It
// is nil where only the kind is known.
func Wanted(kind string, text []byte) bool {
	switch kind {
	case "Namespace":
		return true
	case "Service":
		return text == nil || bytes.Contains(text, []byte(knative)) || bytes.IndexByte(text, '\\') >= 0
	}
	return strings.HasSuffix(kind, "NetworkPolicy") || misspelt(kind) ||
		slices.ContainsFunc(workloadKinds, func(k workloadKind) bool { return k.kind == kind }) ||
		slices.ContainsFunc(unseenKinds, func(k foreignKind) bool { return k.kind == kind }) ||
		slices.ContainsFunc(foreignKinds, func(k foreignKind) bool { return k.kind == kind }) ||
		slices.ContainsFunc(generatorKinds, func(k foreignKind) bool { return k.kind == kind })
}

// misspelt reports whether a kind can only be meant to be NetworkPolicy.
func misspelt(kind string) bool {
	word := strings.TrimSpace(kind)
	return kind != "NetworkPolicy" && (strings.EqualFold(word, "NetworkPolicy") || strings.EqualFold(word, "NetworkPolicies"))
}

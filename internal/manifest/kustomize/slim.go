package kustomize

import (
	"bytes"
	"fmt"

	"github.com/egresslint/egresslint/internal/manifest/sniff"
)

// slim cuts the schemas out of the CustomResourceDefinitions of a text: they
// are most of the bytes of many trees, and few builds need them.
func slim(src []byte) []byte {
	if !bytes.Contains(src, []byte("CustomResourceDefinition")) {
		return src
	}
	pieces, ok := sniff.Split(src)
	if !ok {
		return src
	}
	var out bytes.Buffer
	at := 0
	for _, d := range pieces {
		out.Write(src[at:d.Start])
		text := src[d.Start:d.End]
		if d.Certainty == sniff.HasKind && d.Kind == "CustomResourceDefinition" {
			text = withoutSchemas(text)
		}
		out.Write(text)
		at = d.End
	}
	out.Write(src[at:])
	return out.Bytes()
}

// withoutSchemas empties every openAPIV3Schema in block style.
func withoutSchemas(src []byte) []byte {
	const key = "openAPIV3Schema:"
	var out bytes.Buffer
	inside := -1
	for line := range bytes.Lines(src) {
		content := bytes.TrimLeft(line, " ")
		indent := len(line) - len(content)
		if content = bytes.TrimSpace(content); inside >= 0 && (len(content) == 0 || content[0] == '#' || indent > inside) {
			continue
		}
		if inside = -1; string(content) == key {
			inside = indent
			fmt.Fprintf(&out, "%s%s {}\n", line[:indent], key)
			continue
		}
		out.Write(line)
	}
	return out.Bytes()
}

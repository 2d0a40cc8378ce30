package edit

import (
	"bytes"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/source"
)

// AppendDocument writes value as a document of its own behind d.
func AppendDocument(d document.Document, value *yaml.Node) ([]source.Edit, error) {
	if d.Root == nil {
		return nil, notWritten
	}
	if err := Check(d); err != nil {
		return nil, err
	}
	d.Root = d.Whole()
	e := &editor{Document: d, src: d.File.Src}
	text, root := Encode(value, &d), value
	if root != nil && root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	if err := writable(root); err != nil {
		return nil, err
	}
	_, at := bounds(d)
	if bytes.Contains(e.src[e.Span(d.Root).To:at], []byte("\n%")) {
		return nil, Refusal("a directive stands behind it")
	}
	if strings.EqualFold(path.Ext(d.File.Path), ".json") {
		return nil, Refusal("its file is JSON")
	}
	if d.Root.Style&yaml.FlowStyle != 0 {
		return nil, Refusal("the document before it is JSON, or written in brackets as that is")
	}
	eol := eolAt(e.src, at)
	text = "---" + eol + text
	switch {
	case at == len(e.src) && e.src[at-1] != '\n':
		text = eol + strings.TrimSuffix(text, eol)
	case at < len(e.src) && rest(e.src, lineStart(e.src, at-1)) == "":
		text += eol
	}
	edits := []source.Edit{e.edit(at, at, text)}
	if !e.comesTo(edits, e.Root, root) {
		return nil, unsafeText
	}
	return edits, nil
}

// Encode is a document in block style, with the habits of like or, where that
// is nil, those of most people. It ends with a line end.
func Encode(value *yaml.Node, like *document.Document) string {
	h, eol := newHabits(), "\n"
	if like != nil {
		e := &editor{Document: *like, src: like.File.Src, path: []*yaml.Node{like.Root}}
		h = e.habits()
		h.comma, h.colon, h.json = ", ", ": ", false
		eol = eolAt(e.src, lineEnd(e.src, e.Span(like.Root).From))
	} else {
		h.defaults()
	}
	var lines []string
	if value != nil && value.Kind == yaml.DocumentNode && len(value.Content) == 1 {
		lines, value = comments(value), value.Content[0]
	}
	if value != nil {
		lines = append(append(lines, comments(value)...), h.lines(value)...)
	}
	return place(lines, "", eol) + eol
}

package edit

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/source"
)

// Comment writes a comment above the line of a file on which offset lies or, on the
// first line of a document, behind what stands there: above it, it would be one
// for the whole document. The text is one line.
func Comment(f *source.File, offset int, text string) ([]source.Edit, error) {
	if strings.EqualFold(path.Ext(f.Path), ".json") || json.Valid(f.Src) {
		return nil, Refusal("JSON has no comments")
	}
	e, first, err := around(f, offset)
	if err != nil {
		return nil, err
	}
	from, to := lineStart(f.Src, offset), lineEnd(f.Src, offset)
	line := string(f.Src[from:to])
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	edits := []source.Edit{e.edit(from, from, indent+"# "+text+eolAt(f.Src, offset))}
	if first {
		end := from + len(strings.TrimRight(line, " \t\r\n"))
		edits = []source.Edit{e.edit(end, end, " # "+text)}
	}
	if !e.comesTo(edits, e.Root) {
		return nil, Refusal("a comment there would be part of a text")
	}
	return edits, nil
}

// around is an editor of the document that holds an offset. The offset may lie on
// its first line.
func around(f *source.File, offset int) (e *editor, first bool, err error) {
	for _, d := range document.Whole(f).Documents {
		span := d.Span(d.Root)
		from := lineStart(f.Src, span.From)
		if offset < from || offset > span.To {
			continue
		}
		if err := Check(d); err != nil {
			return nil, false, err
		}
		return &editor{Document: d, src: f.Src}, offset < lineEnd(f.Src, span.From), nil
	}
	return nil, false, Refusal("it is not part of a document that can be read")
}

// Package sniff splits a YAML stream into documents and finds each document's
// top-level kind without parsing it.
//
// Parsing costs some fifty times as much as sniffing, and most documents of a
// repository are of kinds that no rule reads. A verdict is given only where it
// is certain to be the parser's own; a document in doubt is left to the parser,
// and so is a whole stream whose documents can't be told apart with certainty.
//
// The reasoning is the same throughout: a line at column 0 that reads `key:`
// is a key of the top-level mapping unless an earlier line left a quoted scalar
// or a flow collection open. Block scalars and plain scalars can't swallow such
// a line, because below a top-level key they have to be indented.
package sniff

import "bytes"

// byteOrderMark is U+FEFF in UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// Certainty says how much is known of a document that has not been parsed.
type Certainty uint8

const (
	// Unsure means that only the parser can tell whether the document has a kind.
	Unsure Certainty = iota
	// HasKind means that Document.Kind is proven.
	HasKind
	// NoKind means that the document is proven to have no top-level kind of its own.
	NoKind
	// Empty means that the document holds nothing but blank lines and comments.
	Empty
)

// Document is one document of a stream. Its text may still fail to parse; what is
// said of it holds if it parses.
type Document struct {
	// Start and End are byte offsets in the stream, End exclusive. The `---`
	// line belongs to the document that it opens.
	Start, End int
	// Line is the 1-based number of the line at Start.
	Line int
	// Kind is the text of the first top-level key `kind`, without quotes. It is ""
	// unless Certainty is HasKind.
	Kind string
	// Certainty is how much is known of the document.
	Certainty Certainty
}

// Split returns the documents of src in order, without gaps, or ok=false when
// src can't be split safely and must be parsed whole. A leading UTF-8 byte
// order mark belongs to no document. docs is nil when src is empty or ok is
// false.
func Split(src []byte) (docs []Document, ok bool) {
	if !isPlainText(src) {
		return nil, false
	}
	start := 0
	if bytes.HasPrefix(src, []byte(byteOrderMark)) {
		start = len(byteOrderMark)
	}
	docs, ok = cut(src, start)
	if !ok {
		return nil, false
	}
	for i := range docs {
		doc := &docs[i]
		doc.Kind, doc.Certainty, ok = sniffDocument(src[doc.Start:doc.End])
		if !ok {
			return nil, false
		}
	}
	return docs, true
}

// cut splits src, from start on, before every `---` line. It gives up on a
// directive or a `...` line: what may follow those depends on the parser.
func cut(src []byte, start int) (docs []Document, ok bool) {
	doc := Document{Start: start, Line: 1}
	line := 1
	for pos := start; pos < len(src); line++ {
		rest := src[pos:]
		switch rest[0] {
		case '%':
			return nil, false
		case '.':
			if isMarker(rest, "...") {
				return nil, false
			}
		case '-':
			if pos > doc.Start && isMarker(rest, "---") {
				doc.End = pos
				docs = append(docs, doc)
				doc = Document{Start: pos, Line: line}
			}
		}
		pos += lineLength(rest)
	}
	if doc.Start == len(src) {
		return docs, true
	}
	doc.End = len(src)
	return append(docs, doc), true
}

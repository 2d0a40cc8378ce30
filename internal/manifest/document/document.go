// Package document splits a file into its documents and parses those that
// matter. An error in one document does not hide the next.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/sniff"
	"github.com/egresslint/egresslint/internal/source"
)

// OtherTemplates is why a file or document is left out that a template language
// has still to fill in. It is a plural, for the summary.
const OtherTemplates = "template files"

// Document is one document of a file.
type Document struct {
	File *source.File
	// Root is what is below the document node, or an object in it. It is never nil.
	Root *yaml.Node
	// List is what is below the document node where Root is an object in that. It
	// is nil where Root is the whole document.
	List *yaml.Node
	// FirstLine is the line of the file on which the parsed piece began, as the
	// YAML scanner counts lines.
	FirstLine int
	// Lines leads from a line of File to where it is written. It is nil where
	// File is what is written: a template or an inline patch has made the others.
	Lines func(line int) source.Span
}

// Object is the document with an object in it as its root.
func (d Document) Object(n *yaml.Node) Document {
	if n != d.Root {
		d.Root, d.List = n, d.Whole()
	}
	return d
}

// Whole is what is below the document node.
func (d Document) Whole() *yaml.Node {
	if d.List != nil {
		return d.List
	}
	return d.Root
}

// Span is where a node of the document is written.
func (d Document) Span(n *yaml.Node) source.Span {
	span := d.File.Span(n, d.FirstLine)
	if d.Lines == nil {
		return span
	}
	return d.Lines(span.Start().Line)
}

// Parsed is all that came out of one file.
type Parsed struct {
	File      *source.File
	Documents []Document
	Problems  []source.Problem
	Skips     []source.Skip
	// Sniffed counts the documents that needed no parse.
	Sniffed int
}

func (p *Parsed) skip(line int, reason string) {
	p.Skips = append(p.Skips, source.Skip{Path: p.File.Path, Line: line, Reason: reason})
}

// Parse reads the documents of f whose kind is wanted, or cannot be told
// without a parse. An error in one document does not hide the next.
func Parse(f *source.File, wanted func(kind string, text []byte) bool) *Parsed {
	p := &Parsed{File: f}
	if yttTemplate(f.Src) {
		p.skip(0, OtherTemplates)
		return p
	}
	pieces, ok := sniff.Split(f.Src)
	if !ok {
		p.stream()
		return p
	}
	for _, d := range pieces {
		switch {
		case d.Certainty == sniff.Empty:
		case d.Certainty == sniff.NoKind,
			d.Certainty == sniff.HasKind && !holdsObjects(d.Kind) && !wanted(d.Kind, f.Src[d.Start:d.End]):
			p.Sniffed++
		default:
			p.piece(d.Start, d.End)
		}
	}
	return p
}

// Whole parses all documents of f, whatever their kind.
func Whole(f *source.File) *Parsed {
	p := &Parsed{File: f}
	p.stream()
	return p
}

// holdsObjects holds for kinds that are read here: lists, and templates that
// look like lists.
func holdsObjects(kind string) bool { return strings.HasSuffix(kind, "List") || kind == "Template" }

// stream parses a file that cannot be split beforehand. Behind an error it
// goes on at the next line that can only begin a document.
func (p *Parsed) stream() {
	for start := 0; start >= 0; {
		start = p.piece(start, len(p.File.Src))
	}
}

// nextDocument is the offset of the first "---" line that begins behind at,
// -1 when there is none.
func nextDocument(src []byte, at int) int {
	for {
		i := bytes.Index(src[at:], []byte("\n---"))
		if i < 0 {
			return -1
		}
		at += i + 1
		if rest := src[at+len("---"):]; len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0 {
			return at
		}
	}
}

// piece parses a part of the file: a document, or several. It returns the
// offset of the document behind an error that ended it, -1 where there is none.
func (p *Parsed) piece(start, end int) int {
	text := p.File.Src[start:end]
	firstLine := p.File.YAMLLine(start)
	documents, err := load(text)
	if err != nil && json.Valid(text) {
		documents, err = load(withoutSurrogates(text))
	}
	for _, root := range documents {
		p.Documents = append(p.Documents, Document{File: p.File, Root: root, FirstLine: firstLine})
	}
	if err == nil {
		return -1
	}
	problem := p.syntaxError(err, start, firstLine)
	next := nextDocument(p.File.Src, max(problem.Span.From-1, start)) // the error may be the line itself
	if next >= 0 {
		text = p.File.Src[start:min(next, end)]
	}
	if bytes.Contains(text, []byte("{{")) || bytes.Contains(text, []byte("{%")) {
		p.skip(p.File.Position(start).Line, OtherTemplates)
	} else {
		p.Problems = append(p.Problems, problem)
	}
	return next
}

// load parses a stream up to its first error. The roots are what is below the
// document nodes.
func load(text []byte) (roots []*yaml.Node, err error) {
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	for {
		var doc yaml.Node
		switch err := loader.Load(&doc); {
		case errors.Is(err, io.EOF):
			return roots, nil
		case err != nil:
			return roots, err
		}
		if len(doc.Content) == 1 {
			roots = append(roots, doc.Content[0])
		}
	}
}

// surrogate is half of a character outside the basic plane, as JSON escapes it.
var surrogate = regexp.MustCompile(`\\u[dD][89a-fA-F][0-9a-fA-F]{2}`)

// withoutSurrogates replaces what JSON has and YAML has not by as many bytes,
// so that positions stay. No name or value of Kubernetes has such characters.
func withoutSurrogates(text []byte) []byte {
	return surrogate.ReplaceAll(text, []byte("??????"))
}

// syntaxError says where and why a piece could not be parsed.
func (p *Parsed) syntaxError(err error, start, firstLine int) source.Problem {
	at := p.File.Position(start)
	message := err.Error()
	var bad *yaml.LoadError
	if i := bytes.Index(p.File.Src[start:], []byte("<<<<<<< ")); i >= 0 && (i == 0 || p.File.Src[start+i-1] == '\n') {
		at, message = p.File.Position(start+i), "an unresolved merge conflict"
	} else if errors.As(err, &bad) {
		message = "not valid YAML: " + bad.Message
		if bad.ContextMsg != "" {
			message += ", " + bad.ContextMsg
		}
		if bad.Mark.Line > 0 {
			at = p.File.YAMLPosition(firstLine+bad.Mark.Line-1, bad.Mark.Column)
		} else { // bytes that are no text: only their index is known
			at = p.File.Position(start + bad.Mark.Index)
		}
		if opened := bad.ContextMark.Line; opened > 0 && opened != bad.Mark.Line {
			message += fmt.Sprintf(" from line %d", p.File.YAMLPosition(firstLine+opened-1, 1).Line)
		}
	}
	span := source.Span{File: p.File, From: at.Offset, To: at.Offset}
	return source.Problem{Path: p.File.Path, Line: at.Line, Column: at.Column, Message: message, Span: span}
}

// yttTemplate holds for files of ytt, whose code stands in comments: they are
// valid YAML, but the values are not those that will be applied.
func yttTemplate(src []byte) bool {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	return bytes.HasPrefix(src, []byte("#@")) || bytes.Contains(src, []byte("\n#@"))
}

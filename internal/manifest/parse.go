package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/sniff"
	"github.com/egresslint/egresslint/internal/source"
)

// Why something that looks like an object is none. Each is a plural, for the
// summary.
const (
	EncryptedFiles      = "encrypted files"
	EncryptedObjects    = "objects with SOPS-encrypted values"
	HelmTemplates       = "Helm templates"
	Incomplete          = "documents without apiVersion"
	JSONPatches         = "JSON patches"
	KustomizeInputs     = "patches and other inputs of kustomizations"
	OpenShiftTemplates  = "OpenShift Templates"
	OtherTemplates      = "template files"
	PlainKustomizations = "kustomizations, whose files are read as they are written"
)

// document is one parsed document of a file.
type document struct {
	root *yaml.Node
	// firstLine is the line of the file on which the parsed piece began.
	firstLine int
}

// parsed is all that came out of one file.
type parsed struct {
	file      *source.File
	documents []document
	problems  []source.Problem
	skips     []source.Skip
	// sniffed counts the documents that needed no parse.
	sniffed int
}

func (p *parsed) skip(line int, reason string) {
	p.skips = append(p.skips, source.Skip{Path: p.file.Path, Line: line, Reason: reason})
}

// parse reads the documents of f whose kind is wanted, or cannot be told
// without a parse. An error in one document does not hide the next.
func parse(f *source.File, wanted func(kind string, text []byte) bool) *parsed {
	p := &parsed{file: f}
	if yttTemplate(f.Src) {
		p.skip(0, OtherTemplates)
		return p
	}
	pieces, ok := sniff.Split(f.Src)
	if !ok {
		p.piece(f.Src, 1)
		return p
	}
	for _, d := range pieces {
		text := f.Src[d.Start:d.End]
		switch {
		case d.Certainty == sniff.Empty:
		case d.Certainty == sniff.NoKind,
			d.Certainty == sniff.HasKind && !strings.HasSuffix(d.Kind, "List") && !wanted(d.Kind, text):
			p.sniffed++
		default:
			p.piece(text, d.Line)
		}
	}
	return p
}

// piece parses one piece of the file: a document, or the whole stream where it
// could not be split.
func (p *parsed) piece(text []byte, firstLine int) {
	documents, err := load(text)
	if err != nil && json.Valid(text) {
		documents, err = load(withoutSurrogates(text))
	}
	for _, root := range documents {
		p.documents = append(p.documents, document{root, firstLine})
	}
	switch {
	case err == nil:
	case bytes.Contains(text, []byte("{{")), bytes.Contains(text, []byte("{%")):
		p.skip(firstLine, OtherTemplates)
	default:
		p.problems = append(p.problems, p.syntaxError(err, firstLine))
	}
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

// surrogates is a character outside the basic plane as JSON escapes it.
var surrogates = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)

// withoutSurrogates replaces what JSON has and YAML has not by as many bytes,
// so that positions stay. No text in which it can occur is compared with anything.
func withoutSurrogates(text []byte) []byte {
	return surrogates.ReplaceAll(text, []byte("????????????"))
}

// syntaxError says where and why a piece could not be parsed.
func (p *parsed) syntaxError(err error, firstLine int) source.Problem {
	problem := source.Problem{Path: p.file.Path, Line: p.file.YAMLPosition(firstLine, 1).Line, Message: err.Error()}
	var bad *yaml.LoadError
	if !errors.As(err, &bad) {
		return problem
	}
	problem.Message = "not valid YAML: " + bad.Message
	if bad.ContextMsg != "" {
		problem.Message += ", " + bad.ContextMsg
	}
	if bad.Mark.Line > 0 {
		at := p.file.YAMLPosition(firstLine+bad.Mark.Line-1, bad.Mark.Column)
		problem.Line, problem.Column = at.Line, at.Column
	}
	if opened := bad.ContextMark.Line; opened > 0 && opened != bad.Mark.Line {
		at := p.file.YAMLPosition(firstLine+opened-1, bad.ContextMark.Column)
		problem.Message += " from line " + number(at.Line)
	}
	return problem
}

// yttTemplate holds for files of ytt, whose code stands in comments: they are
// valid YAML, but the values are not those that will be applied.
func yttTemplate(src []byte) bool {
	return bytes.HasPrefix(src, []byte("#@")) || bytes.Contains(src, []byte("\n#@"))
}

package edit

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/source"
)

// habits is the style in which a document is written.
type habits struct {
	// step is how far a mapping is indented below its key, dash how far the
	// dashes of a list are, and gap what stands behind a dash.
	step, dash int
	gap        string
	// json holds where all keys have double quotes. Then all texts get them.
	json bool
	// single holds where single quotes are more usual than double ones.
	single bool
	// comma and colon stand between entries in brackets, and behind their keys.
	comma, colon string
	// padMap and padList hold where brackets have spaces inside.
	padMap, padList bool
}

// maxStep is the deepest indentation that is taken for a habit.
const maxStep = 8

// teachers is how many documents of a file are asked for habits.
const teachers = 10

func newHabits() habits {
	return habits{step: -1, dash: -1, comma: ", ", colon: ": "}
}

// pad is the space inside of brackets.
func (h habits) pad(mapping bool) string {
	if mapping && h.padMap || !mapping && h.padList {
		return " "
	}
	return ""
}

// habits is the style around the node that is edited: of the nearest text that
// shows it, from that node up to the whole file.
func (e *editor) habits() habits {
	h := newHabits()
	for _, n := range slices.Backward(e.path) {
		h.learn(e.Document, n)
	}
	h.learnFile(e.src)
	h.defaults()
	h.learnQuotes(e.Root)
	h.learnFlow(e)
	return h
}

// learnFile takes what is not known yet from the first documents of a file.
func (h *habits) learnFile(src []byte) {
	for range teachers {
		if h.step >= 0 && h.dash >= 0 || len(src) == 0 {
			return
		}
		end := lineEnd(src, 0)
		for end < len(src) && !isMarker(src[end:], "---") {
			end = lineEnd(src, end)
		}
		for _, other := range document.Whole(source.Made("", src[:end])).Documents {
			h.learn(other, other.Root)
		}
		src = src[end:]
	}
}

func (h *habits) defaults() {
	if h.step < 0 {
		h.step = 2
		if h.dash > 0 {
			h.step = h.dash
		}
	}
	h.dash = max(h.dash, 0)
	if h.gap == "" {
		h.gap = " "
	}
}

// learn takes from a tree what is not yet known of indentation.
func (h *habits) learn(d document.Document, n *yaml.Node) {
	if n.Style&yaml.FlowStyle != 0 || h.step >= 0 && h.dash >= 0 && h.gap != "" {
		return
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			h.learnValue(d, n.Content[i-1], child)
		}
		h.learn(d, child)
	}
}

// learnValue takes what the value of a key shows, when it begins on a line
// below.
func (h *habits) learnValue(d document.Document, key, value *yaml.Node) {
	if value.Style&yaml.FlowStyle != 0 || len(value.Content) == 0 {
		return
	}
	first := value.Content[0]
	if value.Kind == yaml.SequenceNode {
		h.learnDash(d, key, first)
		return
	}
	if deep := first.Column - key.Column; h.step < 0 && first.Line > key.Line && deep > 0 && deep <= maxStep {
		h.step = deep
	}
}

// learnDash takes what the first item of a list below a key shows.
func (h *habits) learnDash(d document.Document, key, first *yaml.Node) {
	e := editor{Document: d, src: d.File.Src}
	at := d.File.Span(first, d.FirstLine).From
	dash := e.dash(at)
	if dash < 0 {
		return
	}
	indent, _ := indentAt(e.src, dash)
	if deep := len(indent) - (key.Column - 1); h.dash < 0 && deep >= 0 && deep <= maxStep {
		h.dash = deep
	}
	if gap := string(e.src[dash+1 : at]); h.gap == "" && gap != "" && strings.Trim(gap, " ") == "" && len(gap) <= maxStep {
		h.gap = gap
	}
}

// learnQuotes counts which quotes a document has.
func (h *habits) learnQuotes(root *yaml.Node) {
	count := 0
	walk(root, func(n *yaml.Node) {
		switch {
		case n.Style&yaml.SingleQuotedStyle != 0:
			count++
		case n.Style&yaml.DoubleQuotedStyle != 0:
			count--
		}
	})
	h.single = count > 0
}

// learnFlow takes how brackets, and quotes around keys, are written around the
// node that is edited.
func (h *habits) learnFlow(e *editor) {
	for _, n := range slices.Backward(e.path) {
		if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
			h.json = quotedKeys(n)
			if colon := e.Span(n.Content[0]).To; h.json && n.Style&yaml.FlowStyle != 0 && !strings.HasPrefix(string(e.src[colon:]), ": ") {
				h.comma, h.colon = ",", ":"
			}
			break
		}
	}
	mapping, list := false, false
	look := func(n *yaml.Node) {
		if n.Style&yaml.FlowStyle == 0 || len(n.Content) == 0 {
			return
		}
		padded := e.src[e.bracket(n)+1] == ' '
		switch {
		case n.Kind == yaml.MappingNode && !mapping:
			h.padMap, mapping = padded, true
		case n.Kind == yaml.SequenceNode && !list:
			h.padList, list = padded, true
		}
	}
	for _, n := range slices.Backward(e.path) {
		look(n)
	}
	walk(e.Root, look)
}

// quotedKeys holds for a mapping all of whose keys have double quotes.
func quotedKeys(m *yaml.Node) bool {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Style&yaml.DoubleQuotedStyle == 0 {
			return false
		}
	}
	return true
}

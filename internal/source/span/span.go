// Package span finds where a YAML node begins and ends in the bytes it was
// parsed from.
//
// A yaml.Node knows the line and column of its first character and nothing
// else. Its end is found by reading the source again from there. That needs no
// second parser, for two reasons. The text of a plain or block scalar differs
// from the node's value in white space alone, so the value itself tells where
// the text stops. And a collection stops where its last child stops, save for
// a closing bracket.
package span

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// quotedOrBlock are the styles of a scalar that has text even when its value
// is empty.
const quotedOrBlock = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle |
	yaml.LiteralStyle | yaml.FoldedStyle

// Node returns the byte range [start, end) of n in the source. firstLine is
// the 1-based YAML line in src on which the parsed piece began: 1 when src was
// parsed whole.
//
// The range begins at the node's anchor or tag, if it has one, and ends with
// its last character. A document has the range of its content, and a block
// scalar ends before its last line break and the blank lines there.
//
// A node without any text has an empty range where its value would be written,
// just after the colon or dash. Three are as near as the parser's position
// allows, and may lie outside of their mapping: a value without a colon, a
// value in a flow collection with a comment after its colon, and the value of a
// flow pair, as in [a: ].
//
// A node that is not from this source gets some range inside it.
func (l *Lines) Node(n *yaml.Node, firstLine int) (start, end int) {
	if n == nil {
		return 0, 0
	}
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 && n.Content[0] != nil {
		n = n.Content[0]
	}
	p := piece{Lines: l, firstLine: firstLine}
	start = p.start(n)
	return start, max(start, p.end(n))
}

// piece is a part of the source that was parsed on its own, so that its nodes
// count lines from its first line.
type piece struct {
	*Lines
	firstLine int
}

// start returns the offset of n's first byte.
func (p piece) start(n *yaml.Node) int {
	pos := p.Offset(n.Line+p.firstLine-1, n.Column)
	if isBare(n) && pos < len(p.src) && strings.IndexByte(",]}", p.src[pos]) >= 0 {
		// In a block collection the parser says where the value would be.
		// In a flow collection it only says what comes next.
		return p.backOverWhite(pos)
	}
	return pos
}

// backOverWhite returns the end of the token before pos when only white space
// lies between. Where that token may be the tail of a comment, an empty node
// cannot be said to lie there, and the answer is pos.
func (p piece) backOverWhite(pos int) int {
	back := skipWhiteBack(p.src, pos)
	before := p.Line(back)
	if before == p.Line(pos) {
		return back
	}
	if bytes.IndexByte(p.src[p.lines[before-1].start:back], '#') >= 0 {
		return pos
	}
	return back
}

// end returns the offset just after n's last byte. It goes down to the last
// descendant and comes back up, closing brackets. It does so in a loop, because
// the depth is chosen by whoever wrote the file.
func (p piece) end(n *yaml.Node) int {
	var parents []*yaml.Node
	for child := p.lastChild(n); child != nil; child = p.lastChild(n) {
		parents = append(parents, n)
		n = child
	}
	end := p.leafEnd(n)
	for _, parent := range slices.Backward(parents) {
		switch {
		case p.hasBrackets(parent):
			end = closeBracket(p.src, end, parent.Kind)
		case p.isPair(parent) && p.losesLastValue(parent):
			end = skipColon(p.src, end)
		}
	}
	return end
}

// lastChild returns the last node in n's text that has a known place, or nil.
// What an alias stands for is not a child of it.
func (p piece) lastChild(n *yaml.Node) *yaml.Node {
	last := len(n.Content) - 1
	switch {
	case last < 0:
		return nil
	case p.losesLastValue(n):
		return n.Content[last-1]
	}
	return n.Content[last]
}

// losesLastValue reports whether n is a mapping whose last value has no text
// and was put by the parser in no meaningful place. That happens in flow pairs,
// as in [a: ], and after a key without a colon in a block mapping.
func (p piece) losesLastValue(n *yaml.Node) bool {
	last := len(n.Content) - 1
	if n.Kind != yaml.MappingNode || last < 1 || n.Content[last] == nil || !isBare(n.Content[last]) {
		return false
	}
	if n.Style&yaml.FlowStyle != 0 {
		return p.isPair(n)
	}
	start := p.start(n.Content[last])
	return start == 0 || p.src[start-1] != ':'
}

// isPair reports whether n is a pair in a flow sequence, as in [a: 1]: a flow
// mapping without brackets. It starts where its key starts, or at a question
// mark.
func (p piece) isPair(n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode || n.Style&yaml.FlowStyle == 0 || len(n.Content) == 0 {
		return false
	}
	key, start := n.Content[0], p.start(n)
	if start < len(p.src) && p.src[start] == '?' {
		return true
	}
	return key != nil && key.Line == n.Line && key.Column == n.Column
}

// hasBrackets reports whether the collection n is written in brackets.
func (p piece) hasBrackets(n *yaml.Node) bool {
	return n.Style&yaml.FlowStyle != 0 && !p.isPair(n)
}

// leafEnd returns the offset just after n, which has no children.
func (p piece) leafEnd(n *yaml.Node) int {
	pos := skipProperties(p.src, p.start(n), propertyCount(n))
	if isEmpty(n) {
		return pos
	}
	pos = skipGap(p.src, pos)
	switch {
	case n.Kind == yaml.AliasNode:
		return skipName(p.src, pos)
	case n.Kind == yaml.ScalarNode:
		return scalarEnd(p.src, pos, n)
	case n.Style&yaml.FlowStyle != 0 && pos < len(p.src):
		return closeBracket(p.src, pos+1, n.Kind)
	}
	return pos
}

// scalarEnd returns the offset just after the text of n that starts at pos.
func scalarEnd(src []byte, pos int, n *yaml.Node) int {
	switch {
	case n.Style&yaml.SingleQuotedStyle != 0:
		return skipSingleQuoted(src, pos)
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return skipDoubleQuoted(src, pos)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return skipBlockScalar(src, pos, n.Value)
	}
	return skipText(src, pos, n.Value)
}

// isEmpty reports whether n is a scalar without text of its own. It may still
// have an anchor or a tag.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&quotedOrBlock == 0
}

// isBare reports whether no text at all belongs to n.
func isBare(n *yaml.Node) bool {
	return isEmpty(n) && propertyCount(n) == 0
}

// propertyCount returns how many of anchor and tag are written before n.
func propertyCount(n *yaml.Node) int {
	count := 0
	if n.Anchor != "" {
		count++
	}
	// The lone "!" is a written tag too, though the parser does not mark it.
	if n.Style&yaml.TaggedStyle != 0 || n.Tag == "!" {
		count++
	}
	return count
}

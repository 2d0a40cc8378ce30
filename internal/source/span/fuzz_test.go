package span

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// FuzzNode checks every node of whatever the parser accepts.
func FuzzNode(f *testing.F) {
	for _, tt := range nodeTests {
		f.Add([]byte(marks.Replace(tt.marked)))
	}
	f.Fuzz(checkSource)
}

// TestNodeRandom checks sources made of pieces that matter to YAML, which
// random bytes seldom form.
func TestNodeRandom(t *testing.T) {
	pieces := strings.Split("a|b c|- |-|: |:|? |, |,|[|]|{|}| # d|#|'|''|\"|\\\"|\\|&x |*x|!!str |! |!<z> ||"+
		" |  |\t|\n|\n|\n  |\n    |\r\n|\r|\u0085|\u2028|\n---\n|\n...\n|é|漢|😀|1|'it''s'|\"q\"|a: b|[a]|{a: 1}|[|]|k: |\nk: ", "|")
	pieces = append(pieces, "|", "|-\n", ">", ">2+\n", "|\n  ")
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 60_000 {
		var src []byte
		for range 1 + random.IntN(14) {
			src = append(src, pieces[random.IntN(len(pieces))]...)
		}
		if docs, err := parse(src); err == nil && len(docs) > 0 {
			accepted++
		}
		checkSource(t, src)
	}
	if accepted < 5_000 {
		t.Errorf("the parser accepted only %d sources", accepted)
	}
}

func checkSource(t *testing.T, src []byte) {
	docs, _ := parse(src)
	c := checker{T: t, src: src, lines: NewLines(src)}
	for _, doc := range docs {
		for _, n := range descendants(doc) {
			checkBounds(t, src, c.lines, n)
		}
	}
	if !isPlainUTF8(src) {
		return
	}
	end := 0
	for _, doc := range docs {
		start, after := c.lines.Node(doc, 1)
		if start < end {
			t.Fatalf("document at %d starts before %d in %q", start, end, src)
		}
		end = after
		c.checkTree(doc, false)
	}
}

// isPlainUTF8 reports whether positions in src can be trusted: the parser also
// reads UTF-16, and misplaces what follows a second byte order mark.
func isPlainUTF8(src []byte) bool {
	return utf8.Valid(src) && bytes.LastIndex(src, byteOrderMark) <= 0
}

// checker holds what the checks of one source share.
type checker struct {
	*testing.T
	src   []byte
	lines *Lines
}

// checkTree checks that n's children lie inside it, in order, and that the
// text of each means the same when parsed on its own.
func (c checker) checkTree(n *yaml.Node, inFlow bool) {
	start, end := c.lines.Node(n, 1)
	inFlow = inFlow || n.Style&yaml.FlowStyle != 0
	pos := start
	known := n.Content
	if (piece{Lines: c.lines, firstLine: 1}).losesLastValue(n) {
		known = known[:len(known)-1]
	}
	for _, child := range known {
		childStart, childEnd := c.lines.Node(child, 1)
		if childStart < pos || childEnd > end {
			c.Fatalf("child [%d, %d) not inside [%d, %d) in %q", childStart, childEnd, pos, end, c.src)
		}
		pos = childEnd
		c.checkTree(child, inFlow)
	}
	if n.Kind != yaml.DocumentNode && start < end {
		c.checkText(n, inFlow)
	}
}

// checkText parses the text of n alone and compares the outcome with n.
func (c checker) checkText(n *yaml.Node, inFlow bool) {
	start, end := c.lines.Node(n, 1)
	text := string(c.src[start:end])
	if n.Kind == yaml.AliasNode {
		if text != "*"+n.Value {
			c.Fatalf("alias %q spans %q in %q", n.Value, text, c.src)
		}
		return
	}
	if !meansTheSameAlone(n, text) || bytes.Contains(c.src, []byte("%TAG")) {
		return
	}
	alone := strings.Repeat(" ", n.Column-1) + text + "\n"
	if inFlow {
		alone = "[" + alone + "]"
	}
	docs, err := parse([]byte(alone))
	if err != nil || len(docs) != 1 {
		c.Fatalf("%q in %q does not parse alone as %q: %v", text, c.src, alone, err)
	}
	again := docs[0].Content[0]
	if inFlow && len(again.Content) == 1 {
		again = again.Content[0]
	}
	if got, want := outline(again), outline(n); got != want {
		c.Fatalf("%q in %q reads as\n %s, not\n %s", text, c.src, got, want)
	}
}

// meansTheSameAlone reports whether text, taken out of its context, should
// parse to n again. An alias wants its anchor, and the indentation in the header
// of a block scalar wants its parent. An indicator at the end of a plain scalar
// is only text while the right character follows it.
func meansTheSameAlone(n *yaml.Node, text string) bool {
	for _, d := range descendants(n) {
		if d.Kind == yaml.AliasNode {
			return false
		}
	}
	if text == "..." || text == "---" || strings.ContainsAny(text[len(text)-1:], "-?:") {
		return false // at the end of a line these are indicators
	}
	if n.Kind != yaml.ScalarNode {
		return true
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return !strings.ContainsAny(text[:skipLine([]byte(text), 0)], "123456789")
	}
	return true
}

// outline writes the shape and values of n. The line breaks that end a block
// scalar depend on what follows it and are left out.
func outline(n *yaml.Node) string {
	value := n.Value
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		value = strings.TrimRight(value, " \t\n\u2028\u2029")
	}
	var children []string
	for _, child := range n.Content {
		children = append(children, outline(child))
	}
	return fmt.Sprintf("%d %q %q %q (%s)", n.Kind, n.Anchor, n.Tag, value, strings.Join(children, ", "))
}

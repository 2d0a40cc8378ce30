package span

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// marks are what marked writes around each node, and no source may hold.
var marks = strings.NewReplacer("⟦", "", "⟧", "")

// Each test is a source in which every node but the document is marked.
var nodeTests = []struct{ name, marked string }{
	{"plain", "⟦⟦a⟧: ⟦b c⟧⟧  # comment\n"},
	{"plain with indicators inside", "⟦⟦a-b⟧: ⟦x:y#z 'q' [k], {m}⟧⟧\n"},
	{"plain key with blanks", "⟦⟦a b⟧ : ⟦c⟧⟧\n"},
	{"plain over lines", "⟦⟦a⟧: ⟦b\n  c\n\n  d⟧ # comment\n⟦e⟧: ⟦1⟧⟧\n"},
	{"plain over lines at the root", "⟦b\nc⟧\n# comment\n"},
	{"single quotes", "⟦⟦a⟧: ⟦'it''s'⟧⟧ # comment\n"},
	{"single quotes only", "⟦⟦''⟧: ⟦''''⟧⟧\n"},
	{"single quotes over lines", "⟦⟦a⟧: ⟦'b # no\n\n  ''c'' '⟧\n⟦d⟧: ⟦''⟧⟧\n"},
	{"double quotes", "⟦⟦\"a\"⟧: ⟦\"b \\\" \\\\\"⟧⟧ # comment\n"},
	{"double quotes over lines", "⟦⟦a⟧: ⟦\"b \\\n  # no\n  ' c\"⟧\n⟦d⟧: ⟦\"\"⟧⟧\n"},
	{"literal", "⟦⟦a⟧: ⟦|\n  b\n\n   c # no⟧\n⟦d⟧: ⟦1⟧⟧\n"},
	{"literal, last", "⟦⟦a⟧: ⟦|\n  b\n  c⟧⟧"},
	{"literal with header", "⟦⟦a⟧: ⟦|2-  # comment\n   b⟧\n\n# comment\n⟦d⟧: ⟦1⟧⟧\n"},
	{"literal keeping blank lines", "⟦⟦a⟧: ⟦|+\n  b⟧\n\n\n⟦d⟧: ⟦1⟧⟧\n"},
	{"literal with blanks at the end", "⟦⟦a⟧: ⟦|\n  b \t⟧\n⟦d⟧: ⟦1⟧⟧\n"},
	{"literal, then less indented comment", "⟦⟦a⟧: ⟦|\n  b⟧\n # comment\n⟦d⟧: ⟦1⟧⟧\n"},
	{"empty literal", "⟦⟦a⟧: ⟦|2-⟧ # comment\n\n⟦d⟧: ⟦|⟧⟧\n"},
	{"folded", "⟦⟦a⟧: ⟦>1+ # comment\n  b\n  c\n\n   d⟧\n⟦e⟧: ⟦>⟧⟧"},
	{"block scalars in a sequence", "⟦- ⟦|\n b⟧\n- ⟦>-\n c⟧⟧\n"},

	{"sequence", "⟦- ⟦a⟧\n- ⟦b⟧⟧ # comment\n\n# comment\n"},
	{"sequence not indented", "⟦⟦a⟧:\n⟦- ⟦b⟧\n- ⟦c⟧⟧\n⟦d⟧: ⟦1⟧⟧\n"},
	{"sequence in sequence", "⟦- ⟦- ⟦a⟧⟧\n- ⟦- ⟦- ⟦b⟧\n    - ⟦c⟧⟧⟧⟧\n"},
	{"mapping in sequence", "⟦- ⟦⟦a⟧: ⟦1⟧\n  ⟦b⟧: ⟦2⟧⟧\n- ⟦⟦c⟧: ⟦3⟧⟧⟧\n"},
	{"mapping in mapping", "⟦⟦a⟧:\n  # comment\n  ⟦⟦b⟧:\n    ⟦⟦c⟧: ⟦1⟧⟧⟧\n\n  # comment\n⟦d⟧: ⟦2⟧⟧\n\n\n# end"},
	{"explicit key", "⟦? ⟦a⟧\n: ⟦b⟧\n? ⟦- ⟦c⟧⟧\n: ⟦- ⟦d⟧⟧⟧\n"},
	{"explicit key without value", "⟦? ⟦a⟧\n⟦⟧? ⟦b⟧⟦⟧⟧"},

	{"flow sequence", "⟦⟦a⟧: ⟦[⟦b⟧, ⟦'c]'⟧, ⟦\"]\"⟧, ⟦[]⟧]⟧⟧ # ]\n"},
	{"flow mapping", "⟦⟦a⟧: ⟦{⟦b⟧: ⟦c d⟧, ⟦e⟧: ⟦{⟦f⟧: ⟦{ }⟧}⟧ }⟧⟧ # }\n"},
	{"flow with quotes inside plain", "⟦⟦a⟧: ⟦[⟦it's⟧, ⟦x\"⟧]⟧⟧\n"},
	{"flow over lines", "⟦⟦a⟧: ⟦[ # ]\n  ⟦b⟧, # ]\n  ⟦c\n  d⟧ , # ]\n\n  # ]\n]⟧\n⟦e⟧: ⟦{\n}⟧⟧\n"},
	{"flow with only a comment", "⟦[ # ]\n]⟧\n"},
	{"flow with end comma", "⟦[⟦a⟧, ⟦{⟦b⟧: ⟦1⟧,}⟧,]⟧\n"},
	{"flow pairs", "⟦[⟦⟦a⟧: ⟦b⟧⟧, ⟦? ⟦c⟧ : ⟦d⟧⟧, ⟦⟦{⟦e⟧: ⟦1⟧}⟧: ⟦[⟦2⟧]⟧⟧]⟧\n"},
	{"flow pair with an anchored key", "⟦[⟦⟦&k a⟧: ⟦b⟧⟧]⟧\n"},
	{"flow key that is a flow", "⟦⟦{⟦a⟧: ⟦1⟧}⟧: ⟦b⟧⟧\n"},
	{"JSON", "⟦{\n\t⟦\"a\"⟧: ⟦[⟦1⟧, ⟦true⟧, ⟦null⟧]⟧,\n\t⟦\"b\"⟧:⟦{⟦\"c\"⟧:⟦\"\\\\\"⟧}⟧\n}⟧\n"},
	{"tight JSON", "⟦{⟦\"a\"⟧:⟦[⟦1⟧,⟦{}⟧]⟧,⟦\"b\"⟧:⟦\"\"⟧}⟧"},

	{"tag", "⟦⟦a⟧: ⟦!!str 1⟧\n⟦b⟧: ⟦! 2⟧\n⟦c⟧: ⟦!<tag:x,[y]> 'z'⟧⟧ # comment\n"},
	{"anchor and alias", "⟦⟦a⟧: ⟦&x 1⟧\n⟦b⟧: ⟦*x⟧⟧ # comment\n"},
	{"alias as a key", "⟦⟦&x a⟧: ⟦1⟧\n⟦*x⟧ : ⟦2⟧⟧\n"},
	{"colons in a name", "⟦⟦a⟧: ⟦&x:y 1⟧\n⟦*x:y⟧: ⟦*x:y⟧⟧\n"},
	{"aliases in a flow", "⟦⟦a⟧: ⟦&x [⟦b⟧]⟧\n⟦c⟧: ⟦[⟦*x⟧, ⟦*x⟧]⟧⟧\n"},
	{"alias of a block", "⟦⟦a⟧: ⟦&x\n  ⟦b⟧: ⟦1⟧⟧\n⟦c⟧: ⟦*x⟧⟧\n"},
	{"properties in both orders", "⟦- ⟦&x !!str a⟧\n- ⟦!!str &y 'b'⟧⟧\n"},
	{"properties before a comment", "⟦⟦a⟧: ⟦&x # comment\n  !!str # comment\n  b⟧⟧ # comment\n"},
	{"properties of blocks", "⟦⟦a⟧: ⟦&x !!map\n  ⟦b⟧: ⟦1⟧⟧\n⟦c⟧: ⟦!!seq\n  - ⟦2⟧⟧\n⟦d⟧: ⟦&z |\n  e⟧⟧\n"},
	{"properties of flows", "⟦⟦a⟧: ⟦&x []⟧\n⟦b⟧: ⟦!!map {⟦c⟧: ⟦1⟧}⟧⟧\n"},
	{"properties alone", "⟦⟦a⟧: ⟦&x⟧ # comment\n⟦b⟧: ⟦!!null⟧\n⟦c⟧: ⟦!⟧\n⟦d⟧: ⟦&y !!str⟧⟧ # comment\n"},
	{"anchor alone before a tagged key", "⟦⟦a⟧: ⟦&x⟧\n⟦!!str b⟧: ⟦1⟧⟧\n"},
	{"properties alone in a flow", "⟦[⟦&x⟧ , ⟦!!str⟧, ⟦!⟧]⟧\n"},
	{"verbatim tag alone", "⟦⟦a⟧: ⟦!<tag:x>⟧\n⟦b⟧: ⟦1⟧⟧\n"},

	{"empty value", "⟦⟦a⟧:⟦⟧\n⟦b⟧: ⟦1⟧⟧\n"},
	{"empty value before a comment", "⟦⟦a⟧:⟦⟧ # comment\n⟦b⟧: ⟦1⟧⟧\n"},
	{"empty value, last", "⟦⟦a⟧:⟦⟧⟧ # comment\n\n# comment\n"},
	{"empty value at the end of the source", "⟦⟦a⟧:⟦⟧⟧"},
	{"empty value in a nested mapping", "⟦- ⟦⟦a⟧:\n    ⟦⟦b⟧:⟦⟧⟧⟧\n- ⟦1⟧⟧\n"},
	{"empty items", "⟦-⟦⟧\n- ⟦a⟧\n-⟦⟧⟧ # comment\n"},
	{"empty key", "⟦⟦⟧: ⟦a⟧⟧\n"},
	{"empty values in a flow mapping", "⟦{⟦a⟧:⟦⟧ , ⟦b⟧⟦⟧, ⟦c⟧:⟦⟧\n}⟧\n"},
	{"empty key in a flow", "⟦{⟦⟧: ⟦a⟧}⟧\n"},
	{"empty values in flow pairs", "⟦[⟦⟦a⟧⟦⟧:⟧ , ⟦⟦b⟧⟦⟧:⟧ ]⟧\n"},
	{"empty value in an explicit flow pair", "⟦[⟦? ⟦a⟧ ⟦⟧:⟧ , ⟦? ⟦b⟧⟦⟧⟧ ]⟧\n"},
	{"empty flow value before a comment", "⟦{⟦a⟧: # x:\n⟦⟧, ⟦b⟧: ⟦1⟧}⟧\n"},
	{"empty document", "---\n⟦⟧"},

	{"documents", "⟦⟦a⟧: ⟦1⟧⟧\n---\n⟦⟦b⟧: ⟦'2'⟧⟧\n...\n---\n⟦- ⟦c⟧⟧\n"},
	{"document on its marker line", "--- ⟦a⟧\n--- ⟦|\n b⟧\n"},
	{"directives", "# comment\n%TAG !e! tag:e,\n---\n⟦!e!x a⟧\n"},
	{"byte order mark", "\uFEFF⟦⟦a⟧: ⟦b⟧\n⟦c⟧: ⟦'d'⟧⟧\n"},
	{"CRLF", "⟦⟦a⟧: ⟦'b'⟧\r\n⟦c⟧:\r\n  ⟦- ⟦d\r\n    e⟧\r\n  - ⟦|\r\n    f⟧⟧⟧\r\n"},
	{"lone CR", "⟦⟦a⟧: ⟦b⟧\r⟦c⟧: ⟦[⟦d⟧, # e\r]⟧⟧\r"},
	{"NEL", "⟦⟦a⟧: ⟦b\u0085  c⟧\u0085⟦d⟧: ⟦|\u0085  e⟧\u0085⟦f⟧: ⟦[ # ]\u0085]⟧⟧\u0085"},
	{"LS and PS", "⟦⟦a⟧: ⟦b\u2028 c⟧\u2028⟦d⟧: ⟦'e\u2029'⟧\u2029⟦f⟧: ⟦1⟧⟧\u2028"},
	{"tabs", "⟦⟦a⟧:\t⟦b\tc⟧\t# comment\n⟦d⟧: ⟦[\t⟦e⟧\t,\t⟦'f'⟧\t]⟧⟧\t\n"},
	{"not ASCII", "⟦⟦é漢⟧: ⟦😀 x⟧ # ü\n⟦b⟧: ⟦[⟦'漢'⟧, ⟦é⟧]⟧⟧\n"},
	{"not ASCII before an empty value", "⟦{⟦é⟧: ⟦à⟧, ⟦ĩ⟧:⟦⟧\r\n}⟧\n"},
}

func TestNode(t *testing.T) {
	for _, tt := range nodeTests {
		t.Run(tt.name, func(t *testing.T) {
			src := []byte(marks.Replace(tt.marked))
			docs, err := parse(src)
			if err != nil {
				t.Fatalf("parse %q: %v", src, err)
			}
			if got := marked(src, docs); got != tt.marked {
				t.Errorf("spans\n got %q\nwant %q", got, tt.marked)
			}
		})
	}
}

// parse returns the documents of src up to the first error.
func parse(src []byte) ([]*yaml.Node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	var docs []*yaml.Node
	for {
		var doc yaml.Node
		switch err := loader.Load(&doc); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return docs, err
		}
		docs = append(docs, &doc)
	}
}

// marked returns src with marks around the span of every node.
func marked(src []byte, docs []*yaml.Node) string {
	var out strings.Builder
	lines, pos := NewLines(src), 0
	advance := func(to int) {
		out.Write(src[pos:max(pos, to)])
		pos = max(pos, to)
	}
	var write func(n *yaml.Node)
	write = func(n *yaml.Node) {
		start, end := lines.Node(n, 1)
		advance(start)
		out.WriteString("⟦")
		for _, child := range n.Content {
			write(child)
		}
		advance(end)
		out.WriteString("⟧")
	}
	for _, doc := range docs {
		for _, root := range doc.Content {
			write(root)
		}
	}
	advance(len(src))
	return out.String()
}

func TestNodeOfDocument(t *testing.T) {
	for src, want := range map[string]string{
		"# comment\n---\na: 1 # comment\n": "a: 1",
		"? a # comment\n\n":                "? a",
		"? - a\n  -\n\n":                   "? - a\n  -",
		"?\n  ? a\n\n: b\n\n":              "?\n  ? a\n\n: b",
	} {
		docs, err := parse([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		start, end := NewLines([]byte(src)).Node(docs[0], 1)
		if got := src[start:end]; got != want {
			t.Errorf("document %q spans %q, want %q", src, got, want)
		}
	}
}

// The colon here belongs to the outer mapping, not to the key it follows.
func TestNodeOfKeyWithoutColon(t *testing.T) {
	src := []byte("? ? a\n: b\n")
	docs, err := parse(src)
	if err != nil {
		t.Fatal(err)
	}
	start, end := NewLines(src).Node(docs[0].Content[0].Content[0], 1)
	if got := string(src[start:end]); got != "? a" {
		t.Errorf("inner mapping spans %q", got)
	}
}

func TestNodeOfPiece(t *testing.T) {
	src := []byte("\uFEFFa: é\n---\nb:\n  - 'c' # d\n")
	offset := bytes.Index(src, []byte("b:"))
	docs, err := parse(src[offset:])
	if err != nil {
		t.Fatal(err)
	}
	lines := NewLines(src)
	item := docs[0].Content[0].Content[1].Content[0]
	start, end := lines.Node(item, lines.Line(offset))
	if got := string(src[start:end]); got != "'c'" {
		t.Errorf("item spans %q", got)
	}
}

// A node need not come from the source: a caller's mistake must not panic.
func TestNodeOfOtherSource(t *testing.T) {
	nodes := []*yaml.Node{
		nil, {}, {Kind: yaml.DocumentNode},
		{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Content: []*yaml.Node{nil, nil}},
		{Kind: yaml.SequenceNode, Line: 2, Column: 1, Content: []*yaml.Node{{Line: 1, Column: 1}}},
	}
	for _, tt := range nodeTests {
		docs, _ := parse([]byte(marks.Replace(tt.marked)))
		for _, doc := range docs {
			nodes = append(nodes, descendants(doc)...)
		}
	}
	for _, tt := range nodeTests {
		whole := []byte(marks.Replace(tt.marked))
		for _, src := range [][]byte{nil, whole, whole[len(whole)/2:], whole[:len(whole)/3]} {
			lines := NewLines(src)
			for _, n := range nodes {
				checkBounds(t, src, lines, n)
			}
		}
	}
}

func TestNodeWithOtherText(t *testing.T) {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: "ab cd", Line: 1, Column: 1}
	if _, end := NewLines([]byte("ab ced")).Node(n, 1); end != len("ab c") {
		t.Errorf("span ends at %d, not where the source differs", end)
	}
}

func descendants(n *yaml.Node) []*yaml.Node {
	all := []*yaml.Node{n}
	for _, child := range n.Content {
		all = append(all, descendants(child)...)
	}
	return all
}

func checkBounds(t *testing.T, src []byte, lines *Lines, n *yaml.Node) {
	t.Helper()
	for _, firstLine := range []int{-5, 1, 2, 1 << 62} {
		start, end := lines.Node(n, firstLine)
		if start < 0 || start > end || end > len(src) {
			t.Fatalf("span [%d, %d) of %+v in %q of %d bytes", start, end, n, src, len(src))
		}
	}
}

// Depth is up to the file's author and the parser's limit up to its options.
func TestNodeDeep(t *testing.T) {
	const depth = 1_000_000
	src := []byte(strings.Repeat("[", depth) + strings.Repeat("]", depth))
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Line: 1, Column: depth}
	for column := depth - 1; column > 0; column-- {
		n = &yaml.Node{
			Kind: yaml.SequenceNode, Style: yaml.FlowStyle,
			Line: 1, Column: column, Content: []*yaml.Node{n},
		}
	}
	if start, end := NewLines(src).Node(n, 1); start != 0 || end != len(src) {
		t.Errorf("span is [%d, %d), want all %d bytes", start, end, len(src))
	}
}

// JSON may come in a single line. Reading it from the start for each of its
// nodes takes many minutes, more than a test may run.
func TestNodeOnLongLine(t *testing.T) {
	src := []byte("[" + strings.Repeat(`{"a": 1}, `, 100_000) + "2]")
	docs, err := parse(src)
	if err != nil {
		t.Fatal(err)
	}
	lines := NewLines(src)
	for _, n := range descendants(docs[0]) {
		if start, end := lines.Node(n, 1); start >= end {
			t.Fatalf("the node at column %d is empty", n.Column)
		}
	}
}

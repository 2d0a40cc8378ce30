package edit

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/source"
)

// meaning is what a document says, in a notation of its own: comments, styles
// and places are left out.
func meaning(n *yaml.Node) string {
	text := n.ShortTag() + " " + n.Anchor + " "
	if n.Kind == yaml.AliasNode {
		return "*" + n.Value
	}
	if n.Kind == yaml.ScalarNode {
		if n.ShortTag() == nullTag {
			return "null " + n.Anchor
		}
		return text + "<" + n.Value + ">"
	}
	var parts []string
	for _, child := range n.Content {
		parts = append(parts, meaning(child))
	}
	return text + "(" + strings.Join(parts, ";") + ")"
}

// attempt is one edit of a document, and what it has to come to.
type attempt struct {
	name  string
	edits []source.Edit
	err   error
	// want does the same to the node that is edited.
	want func(n *yaml.Node)
	// gone is the text that the edit may take away.
	gone source.Span
}

// values are what is written, each with the tags of its scalars.
var values = []string{
	"x", "'yes'", "1", "true", "{}", "[]", "[Egress]", "{a: [b, {c: d}]}", "[{a: b, c: {d: [e]}}, 'f: g']", "{'no': \"1\\n2\", e: {}}",
}

// try edits the node n of d in one of the ways that its kind has, by chance.
// There is none for a node that is a scalar without text.
func try(t testing.TB, r *rand.Rand, d document.Document, n *yaml.Node) (a attempt, ok bool) {
	t.Helper()
	v := value(t, values[r.IntN(len(values))])
	if r.IntN(6) == 0 {
		v.HeadComment = "why"
	}
	kids := len(n.Content)
	a.gone = source.Span{File: d.File}
	switch n.Kind {
	case yaml.MappingNode:
		if kids == 0 || r.IntN(2) == 0 {
			return insertKey(r, d, n, v), true
		}
		i := keyIndex(n, n.Content[2*r.IntN(kids/2)].Value)
		if i < 0 { // a key that is a mapping itself
			return a, false
		}
		a.name, a.gone = "ReplaceValue", d.Span(n.Content[2*i+1])
		a.edits, a.err = ReplaceValue(d, n, n.Content[2*i].Value, v)
		a.want = func(n *yaml.Node) { n.Content[2*i+1] = v }
	case yaml.SequenceNode:
		return tryList(r, d, n, v), true
	case yaml.ScalarNode:
		if d.Span(n).From == d.Span(n).To || n.Anchor != "" {
			return a, false
		}
		a.name, a.gone = "ReplaceScalar", d.Span(n)
		a.edits, a.err = ReplaceScalar(d, n, "other text")
		a.want = func(n *yaml.Node) { *n = yaml.Node{Kind: yaml.ScalarNode, Tag: strTag, Value: "other text"} }
	default:
		return a, false
	}
	return a, true
}

func insertKey(r *rand.Rand, d document.Document, m, v *yaml.Node) attempt {
	after, i := "", 0
	switch kids := len(m.Content); {
	case r.IntN(3) == 0:
		after, i = "none of these", kids
	case kids > 0 && r.IntN(2) == 0:
		// Of a key that is written twice, the last one counts.
		if after = m.Content[r.IntN(kids/2)*2].Value; after == "" {
			break
		}
		if i = 2 * (keyIndex(m, after) + 1); i == 0 { // a mapping that is a key
			i = kids
		}
	}
	a := attempt{name: "InsertKey", gone: source.Span{File: d.File}}
	a.edits, a.err = InsertKey(d, m, after, "new key", v)
	a.want = func(n *yaml.Node) {
		n.Content = slices.Insert(n.Content, i, &yaml.Node{Kind: yaml.ScalarNode, Value: "new key"}, v)
	}
	return a
}

func tryList(r *rand.Rand, d document.Document, list, v *yaml.Node) attempt {
	a := attempt{gone: source.Span{File: d.File}}
	kids := len(list.Content)
	i := r.IntN(kids + 1)
	switch way := r.IntN(3); {
	case way == 0 && kids > 1:
		i %= kids
		a.name, a.gone = "RemoveItem", d.Span(list.Content[i])
		a.edits, a.err = RemoveItem(d, list, i)
		a.want = func(n *yaml.Node) { n.Content = slices.Delete(n.Content, i, i+1) }
	case way == 1 && kids > 0:
		i %= kids
		a.name, a.gone = "ReplaceItem", d.Span(list.Content[i])
		a.edits, a.err = ReplaceItem(d, list, i, v)
		a.want = func(n *yaml.Node) { n.Content[i] = v }
	default:
		a.name = "InsertItem"
		a.edits, a.err = InsertItem(d, list, i, v)
		a.want = func(n *yaml.Node) { n.Content = slices.Insert(n.Content, i, v) }
	}
	return a
}

// holds compares what an attempt makes of a file with what it has to. With
// anyText the file need not be one of layout, and looks do not count.
func (a attempt) holds(t testing.TB, d document.Document, n *yaml.Node, anyText bool) {
	t.Helper()
	before := string(d.File.Src)
	changed, err := d.File.Apply(a.edits)
	if err != nil {
		t.Fatalf("%s: %v", a.name, err)
	}
	fail := func(what string) {
		t.Helper()
		t.Errorf("%s: %s\n--- before\n%s\n--- after\n%s\n%q", a.name, what, before, changed, before)
	}
	var want, got []string
	for _, other := range document.Whole(d.File).Documents {
		said := meaning(other.Root)
		if other.Root.Line+other.FirstLine == d.Root.Line+d.FirstLine && other.Root.Column == d.Root.Column {
			copies := map[*yaml.Node]*yaml.Node{}
			c := clone(d.Root, copies)
			a.want(copies[n])
			said = meaning(c)
		}
		want = append(want, said)
	}
	parsed := document.Whole(file(string(changed)))
	for _, other := range parsed.Documents {
		got = append(got, meaning(other.Root))
	}
	if len(parsed.Problems) > 0 || !slices.Equal(want, got) {
		fail("means something else")
	}
	if strings.HasPrefix(a.name, "Insert") && slices.ContainsFunc(a.edits, func(e source.Edit) bool { return e.From < e.To }) {
		fail("takes text away")
	}
	if !anyText {
		a.looks(before, string(changed), fail)
	}
}

// remark is a comment that layout has written; its name is like no other.
var remark = regexp.MustCompile(`# (?:- )?k[0-9]+`)

// looks holds what an edit does to the looks of a text: line ends and comments
// stay as they are.
func (a attempt) looks(before, after string, fail func(string)) {
	crlf, lf := strings.Count(before, "\r\n"), strings.Count(before, "\n")
	if got, all := strings.Count(after, "\r\n"), strings.Count(after, "\n"); crlf == 0 && got > 0 || crlf > 0 && crlf == lf && got != all {
		fail("mixes line ends")
	}
	if strings.HasSuffix(before, "\n") != strings.HasSuffix(after, "\n") {
		fail("adds or takes the final line end")
	}
	for _, e := range a.edits {
		if regexp.MustCompile(`\t|[ ]\r?\n`).MatchString(e.New) {
			fail("writes tabs or blanks at the end of a line")
		}
	}
	for _, at := range remark.FindAllStringIndex(before, -1) {
		line := strings.LastIndexByte(before[:at[0]], '\n') + 1
		inside := a.gone.To > a.gone.From && at[1] > a.gone.From && line <= a.gone.To
		text := before[at[0]:at[1]]
		if a.name == "RemoveItem" || inside || strings.Count(before, text) != 1 {
			continue
		}
		if !strings.Contains(after, text) {
			fail("takes the comment " + text)
		}
	}
}

// TestRandom edits random files. What is refused has to be little.
func TestRandom(t *testing.T) {
	const files = 1500
	for _, anchors := range []bool{false, true} {
		tried, refused := 0, map[string]int{}
		for seed := range uint64(files) {
			l := &layout{Rand: rand.New(rand.NewPCG(seed, 1)), anchors: anchors}
			text := l.file()
			parsed := document.Whole(file(text))
			if len(parsed.Problems) > 0 {
				t.Fatalf("seed %d: %v\n%s", seed, parsed.Problems, text)
			}
			d := parsed.Documents[l.IntN(len(parsed.Documents))]
			var nodes []*yaml.Node
			walk(d.Root, func(n *yaml.Node) { nodes = append(nodes, n) })
			n := nodes[l.IntN(len(nodes))]
			a, ok := try(t, l.Rand, d, n)
			if !ok {
				continue
			}
			tried++
			if a.err != nil {
				refused[a.name+": "+a.err.Error()]++
				continue
			}
			if a.holds(t, d, n, false); t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		sum := 0
		for _, count := range refused {
			sum += count
		}
		t.Logf("%d of %d refused: %v", sum, tried, refused)
		if tried < files/2 {
			t.Errorf("only %d of %d files tried", tried, files)
		}
		if share := float64(sum) / float64(tried); !anchors && share > 0.15 {
			t.Errorf("%.1f %% refused: %v", 100*share, refused)
		}
	}
}

// TestRandomDocument writes documents behind those of random files.
func TestRandomDocument(t *testing.T) {
	const files = 1000
	refused := 0
	for seed := range uint64(files) {
		l := &layout{Rand: rand.New(rand.NewPCG(seed, 2)), anchors: seed%2 == 0}
		text := l.file()
		all := document.Whole(file(text)).Documents
		i := l.IntN(len(all))
		v := value(t, values[l.IntN(len(values))])
		edits, err := AppendDocument(all[i], v)
		if err != nil {
			refused++
			continue
		}
		want := []string{}
		for _, d := range all {
			want = append(want, meaning(d.Root))
		}
		want = slices.Insert(want, i+1, meaning(v))
		changed, err := all[i].File.Apply(edits)
		if err != nil || len(edits) != 1 || edits[0].From < edits[0].To {
			t.Fatalf("error %v, edits %v", err, edits)
		}
		got := []string{}
		for _, d := range document.Whole(file(string(changed))).Documents {
			got = append(got, meaning(d.Root))
		}
		if !slices.Equal(want, got) {
			t.Fatalf("seed %d means something else\n--- before\n%s\n--- after\n%s", seed, text, changed)
		}
		attempt{name: "AppendDocument", edits: edits}.looks(text, string(changed), func(what string) {
			t.Fatalf("seed %d: %s\n%q\n%q", seed, what, text, changed)
		})
	}
	if refused > files*15/100 {
		t.Errorf("%d of %d refused", refused, files)
	}
}

// FuzzEdit edits arbitrary text. What comes out means what was meant, whatever
// it looks like.
func FuzzEdit(f *testing.F) {
	for seed := range uint64(20) {
		l := &layout{Rand: rand.New(rand.NewPCG(seed, 3)), anchors: seed%2 == 0}
		f.Add([]byte(l.file()), seed)
	}
	for i, test := range insertKeyTests {
		f.Add([]byte(test.before), uint64(i))
	}
	for i, test := range replaceValueTests {
		f.Add([]byte(test.before), uint64(i))
	}
	for i, text := range []string{"%YAML 1.1\n---\na: b\n...\n", "? a\n: b\n", "{? a : b, c, : d}\n", "- !!t\n", "a: |2+\n   b\n\n--- >\n c\n", "a\u2028b: c\n", "a: 1\na: 2\n", ": 1\n: 2\n"} {
		f.Add([]byte(text), uint64(i))
	}
	f.Fuzz(func(t *testing.T, src []byte, seed uint64) {
		if bytes.IndexByte(src, 0) >= 0 {
			return // no such file is read, and to the parser a NUL may end the text
		}
		parsed := document.Whole(file(string(src)))
		if len(parsed.Problems) > 0 || len(parsed.Documents) == 0 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 4))
		d := parsed.Documents[r.IntN(len(parsed.Documents))]
		var nodes []*yaml.Node
		walk(d.Root, func(n *yaml.Node) { nodes = append(nodes, n) })
		n := nodes[r.IntN(len(nodes))]
		if a, ok := try(t, r, d, n); ok && a.err == nil {
			a.holds(t, d, n, true)
		}
	})
}

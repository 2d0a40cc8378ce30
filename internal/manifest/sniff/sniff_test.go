package sniff

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// refused stands in a table for a stream that Split does not split.
const refused = "refused"

// streams are inputs with the expected verdicts, one a document: the kind itself
// or one of "?" (unsure), "-" (no kind) and "0" (empty). They also seed FuzzSplit.
var streams = []struct {
	name, src, want string
}{
	{"one document", "apiVersion: v1\nkind: Service\n", "Service"},
	{"no final line break", "kind: Service", "Service"},
	{"several documents", "kind: Service\n---\nkind: Pod\n--- # next\n\nkind: Foo\n", "Service Pod Foo"},
	{"marker with trailing blanks", "kind: A\n--- \t\nkind: B\n---\t\nkind: C\n", "A B C"},
	{"empty stream", "", ""},
	{"blank lines", "\n \n\t\n", "0"},
	{"comments only", "# kind: Service\n  # more\n", "0"},
	{"empty leading document", "# licence\n---\nkind: Service\n", "0 Service"},
	{"empty documents", "---\n---\n\n---\nkind: Z\n---\n", "0 0 Z 0"},
	{"comment against marker", "kind: A\n---#\nkind: B\n", "A"},
	{"indented marker", "a: |\n  x\n  ---\n  kind: Foo\nkind: B\n", "B"},
	{"first of two kinds", "kind: A\nkind: B\n", "A"},

	{"quoted kind", "kind: \"Foo\"\n", "Foo"},
	{"single-quoted kind with comment", "kind: 'Foo' # c\n", "Foo"},
	{"kind with comment", "kind: Foo # c\n", "Foo"},
	{"kind with tabs", "kind:\tFoo\t# c\n", "Foo"},
	{"kind before a comment and a key", "kind: Foo\n  # c\n\nspec: {}\n", "Foo"},
	{"kind continued", "kind: Foo\n  Bar\n", "?"},
	{"kind continued after a blank line", "kind: Foo\n\n  Bar\n", "?"},
	{"kind on the next line", "kind:\n  Foo\n", "?"},
	{"kind as block scalar", "kind: |\n  Foo\n", "?"},
	{"kind unclosed", "kind: \"Foo\n  Bar\"\n", "?"},
	{"kind with other quote", "kind: \"Foo'\n", "?"},
	{"kind with hash", "kind: Foo#x\n", "?"},
	{"kind of two words", "kind: Foo Bar\n", "?"},
	{"kind quoted twice", "kind: 'Foo' 'Bar'\n", "?"},
	{"kind quoted and empty", "kind: \"\"\n", "?"},
	{"kind with escape", "kind: \"F\\x6fo\"\n", "?"},
	{"kind not ASCII", "kind: Fo\u00e9\n", "?"},
	{"kind a number", "kind: 12\n", "?"},
	{"kind with anchor", "kind: &a Foo\n", "?"},
	{"kind with tag", "kind: !!str Foo\n", "?"},
	{"kind as alias", "a: &k Foo\nkind: *k\n", "?"},
	{"kind as template", "kind: {{ .Values.kind }}\n", "?"},
	{"kind as flow mapping", "kind: {a: b}\n", "?"},

	{"no space after the colon", "a: b\nkind:Foo\n", "?"},
	{"space before the colon", "a: b\nkind : Foo\n", "?"},
	{"quoted key", "a: b\n\"kind\": Foo\n", "?"},
	{"escaped key", "a: b\n\"k\\x69nd\": Foo\n", "?"},
	{"key with folded line break", "a: b\n? \"ki\\\n  nd\"\n: Foo\n", "?"},
	{"explicit key", "a: b\n? kind\n: Foo\n", "?"},
	{"anchored key", "a: b\n&x kind: Foo\n", "?"},
	{"aliased key", "a: &x kind\n*x : Foo\n", "?"},
	{"tagged key", "a: b\n!!str kind: Foo\n", "?"},
	{"merge key", "a: &x\n  kind: Foo\n<<: *x\n", "?"},
	{"merge key without kind", "a: &x\n  b: c\n<<: *x\n", "-"},
	{"template line", "a: b\n{{- if .x }}\nkind: Foo\n{{- end }}\n", "?"},

	{"no kind", "a: b\nc:\n  kind: Foo\n- d\n", "-"},
	{"no kind in a longer key", "kindly: Foo\nmy.kind: Foo\n", "-"},
	{"no kind after a quote", "a: \"x\n  y\"\nb: {c: [d]}\n", "-"},
	{"nested kind after a quote", "a:\n  b: 'x'\n  kind: Foo\n", "?"},
	{"backslash after a quote", "a: 'x\n  y\\'\n", "?"},

	{"double-quoted lines", "a: \"x\nkind: Foo\n\"\nkind: Bar\n", "?"},
	{"single-quoted lines", "a: 'x\nkind: Foo\n'\nkind: Bar\n", "?"},
	{"quoted lines of a nested value", "a:\n  b: \"x\nkind: Foo\n\"\nkind: Bar\n", "?"},
	{"quoted lines of a nested value, single", "a:\n  b: 'x\nkind: Foo\n'\nkind: Bar\n", "?"},
	{"quoted lines of an item", "a:\n- \"x\nkind: Foo\n\"\nkind: Bar\n", "?"},
	{"escaped quote", "a: \"\\\"\nkind: Foo\n\"\nkind: Bar\n", "?"},
	{"doubled quote", "a: 'it''s'\nkind: Foo\n", "?"},
	{"flow mapping of lines", "a: {x: 1,\nkind: Foo}\nkind: Bar\n", "?"},
	{"flow sequence of lines", "a: [x,\nkind: Foo\n]\nkind: Bar\n", "?"},
	{"nested flow mapping of lines", "a:\n  b: {x: 1,\nkind: Foo}\nkind: Bar\n", "?"},
	{"nested flow sequence of lines", "a:\n- [x,\nkind: Foo\n]\nkind: Bar\n", "?"},
	{"flow mapping with kind on a line of its own", "a: {\nkind: Foo\n}\nkind: Bar\n", "?"},
	{"flow sequence with kind on a line of its own", "a: [\nkind: Foo\n]\nkind: Bar\n", "?"},
	{"nested flow mapping with kind on a line of its own", "a:\n  b: {\nkind: Foo\n}\nkind: Bar\n", "?"},
	{"quoted value closed on its line", "apiVersion: \"v1\"\nkind: Foo\n", "Foo"},
	{"single-quoted value closed on its line", "apiVersion: 'v1'\nkind: Foo\n", "Foo"},
	{"block scalar", "a: |\n  kind: Foo\nkind: Bar\n", "Bar"},
	{"block scalar with comment-like text", "a: >-\n  # \"\n  kind: Foo\nkind: Bar\n", "Bar"},
	{"empty block scalar", "a: |+2\nkind: Foo\n", "Foo"},
	{"plain scalar of lines", "a: x\n kind: y\nkind: Foo\n", "Foo"},
	{"apostrophe in a comment", "# don't\nkind: Foo\n", "Foo"},
	{"apostrophe in a comment after a value", "a: b # don't\nkind: Foo\n", "?"},
	{"key that starts with a hyphen", "a: b\n-x: y\nkind: Foo\n", "?"},
	{"sequence items", "a:\n- b\n-\n- kind: c\nkind: Foo\n", "Foo"},
	{"anchor and tag without value", "a: &x\nb: !!str\nkind: Foo\n", "Foo"},
	{"unclosed quote ends with the document", "a: 'x\n---\nkind: Foo\n", "- Foo"},

	{"CRLF", "a: \"b\"\r\nkind: Foo\r\n---\r\nkind: 'Bar'\r\n", "Foo Bar"},
	{"lone CR", "kind: Foo\r---\rkind: Bar\r", refused},
	{"lone CR among CRLF", "a: b\r\nc: d\rkind: Foo\r\n", refused},
	{"CR at the end", "kind: Foo\r", refused},
	{"NEL", "a: b\u0085kind: Foo\n", refused},
	{"LS", "a: b\u2028---\nkind: Foo\n", refused},
	{"PS", "a: b\u2029---\nkind: Foo\n", refused},
	{"other text beyond ASCII", "a: \u00e9\u2027\nkind: Foo\n", "Foo"},
	{"UTF-16 little endian", "\xff\xfek\x00:\x00", refused},
	{"UTF-16 big endian", "\xfe\xff\x00k\x00:", refused},
	{"UTF-16 without ASCII", "\xff\xfe\x01\x01", refused},
	{"NUL", "kind: Foo\n# \x00\n", refused},
	{"byte order mark", "\xef\xbb\xbfkind: Foo\n", "Foo"},
	{"byte order mark alone", "\xef\xbb\xbf", ""},
	{"byte order mark later", "kind: Foo\n---\n\xef\xbb\xbfkind: Bar\n", refused},
	{"byte order mark before a marker", "a: b\n\xef\xbb\xbf---\nkind: Bar\n", refused},
	{"byte order mark twice", "\xef\xbb\xbf\xef\xbb\xbfkind: Foo\n", refused},

	{"end marker", "kind: Foo\n...\nkind: Bar\n", refused},
	{"end marker before a document", "kind: Foo\n... # c\n---\nkind: Bar\n", refused},
	{"dots that are no marker", "a: b\n....\nkind: Bar\n", "?"},
	{"directive", "%YAML 1.1\n---\nkind: Foo\n", refused},
	{"percent sign in a scalar", "a: 'x\n%YAML'\n", refused},
	{"block scalar after the marker", "--- |\n kind: Foo\n", refused},
	{"flow mapping after the marker", "--- {kind: Foo}\n", refused},
	{"key after the marker", "---\tkind: Foo\n", refused},
	{"tag after the marker", "--- !!map\nkind: Foo\n", refused},
	{"root is a flow mapping", "{\"kind\": \"Foo\"}\n", refused},
	{"root is a sequence", "- a\n- kind: Foo\n", refused},
	{"root is a quoted scalar", "---\n\"a\nkind: Foo\"\n", refused},
	{"root is a plain scalar", "a\nkind: Foo\n", refused},
	{"root is indented", "  kind: Foo\n  a: b\n", refused},
	{"root starts with a template", "{{- if .x }}\nkind: Foo\n{{- end }}\n", refused},
	{"root starts with an anchor", "&a kind: Foo\n", refused},
	{"root starts with a quoted key", "\"kind\": Foo\n", refused},
	{"root starts with an explicit key", "? kind\n: Foo\n", refused},
	{"root starts with a merge key", "<<: {kind: Foo}\n", refused},
	{"root is a key without a space", "kind:Foo\n", refused},
	{"later root is a sequence", "kind: Foo\n---\n- a\n", refused},
}

func TestSplit(t *testing.T) {
	for _, test := range streams {
		t.Run(test.name, func(t *testing.T) {
			if got := verdicts([]byte(test.src)); got != test.want {
				t.Errorf("Split(%q) = %q, want %q", test.src, got, test.want)
			}
			if err := checkAgainstParser([]byte(test.src)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSplitOffsets(t *testing.T) {
	src := "\xef\xbb\xbf# c\r\n---\r\nkind: Foo\r\n\r\n--- # d\r\na: b"
	want := []Document{
		{Start: 3, End: 8, Line: 1, Certainty: Empty},
		{Start: 8, End: 26, Line: 2, Kind: "Foo", Certainty: HasKind},
		{Start: 26, End: 39, Line: 5, Certainty: NoKind},
	}
	got, ok := Split([]byte(src))
	if !ok || !slices.Equal(got, want) {
		t.Errorf("Split(%q) = %+v, %v, want %+v", src, got, ok, want)
	}
}

func TestSplitAllocatesOnlyItsResult(t *testing.T) {
	src := []byte(strings.Repeat("# c\n", 100) + "apiVersion: v1\nkind: NetworkPolicy\n")
	allocs := testing.AllocsPerRun(10, func() { Split(src) })
	if allocs > 1 {
		t.Errorf("Split allocates %v times for one document, want once", allocs)
	}
}

// TestSplitAgainstParser compares Split with the parser on random streams, put
// together from lines that are each a trap or the bait of one.
func TestSplitAgainstParser(t *testing.T) {
	count := 100_000
	if testing.Short() {
		count = 5_000
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var tally [Empty + 1]int
	for range count {
		src := randomStream(rng)
		if err := checkAgainstParser(src); err != nil {
			t.Fatal(err)
		}
		docs, _ := Split(src)
		for _, doc := range docs {
			if _, err := parse(src[doc.Start:doc.End]); err == nil {
				tally[doc.Certainty]++
			}
		}
	}
	t.Logf("%d streams; documents that parse: %d unsure, %d with kind, %d without, %d empty",
		count, tally[Unsure], tally[HasKind], tally[NoKind], tally[Empty])
	// Too few documents of a sort would mean that the comparison proves nothing of it.
	for certainty, n := range tally {
		if n < count/100 {
			t.Errorf("only %d documents of certainty %d parse", n, certainty)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, stream := range streams {
		f.Add([]byte(stream.src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if err := checkAgainstParser(src); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	manifest := "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels:\n    app.kubernetes.io/name: web\n" +
		"spec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n      - name: web\n        image: \"registry.example/web:1.2\"\n" +
		"        args: [\"--port\", \"8080\"]\n        ports:\n        - containerPort: 8080\n"
	values := "image:\n  repository: web\n  tag: stable\nreplicas: 2\nresources:\n  limits:\n    memory: 128Mi\n"
	inputs := []struct{ name, src string }{
		{"manifests", strings.Repeat(manifest+"---\n", 2_000)},
		{"long", manifest + strings.Repeat("        - containerPort: 8080\n", 30_000)},
		{"crlf", strings.ReplaceAll(strings.Repeat(manifest+"---\n", 2_000), "\n", "\r\n")},
		{"values", strings.Repeat(values, 10_000)},
	}
	for _, input := range inputs {
		b.Run(input.name, func(b *testing.B) {
			src := []byte(input.src)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				Split(src)
			}
		})
	}
}

// verdicts returns the verdicts on src in the notation of streams.
func verdicts(src []byte) string {
	docs, ok := Split(src)
	if !ok {
		return refused
	}
	var words []string
	for _, doc := range docs {
		word := map[Certainty]string{Unsure: "?", HasKind: doc.Kind, NoKind: "-", Empty: "0"}[doc.Certainty]
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

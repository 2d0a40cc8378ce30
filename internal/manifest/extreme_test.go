package manifest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/egresslint/egresslint/internal/source"
)

// TestLoadDeep nests far deeper than any person does. The parser refuses that;
// what matters is that it is said and that nothing overflows.
func TestLoadDeep(t *testing.T) {
	const depth = 100_000
	var indented, keys strings.Builder
	for i := range 3000 {
		indented.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for range depth {
		keys.WriteString("{a: ")
	}
	tests := []struct {
		name, text string
		refused    bool
	}{
		{"open brackets", strings.Repeat("[", depth), true},
		{"brackets", strings.Repeat("[", depth) + strings.Repeat("]", depth), true},
		{"braces", keys.String(), true},
		{"dashes", strings.Repeat("- ", depth), true},
		{"question marks", strings.Repeat("? ", depth), true},
		{"indentation", indented.String(), false},
		{"brackets of an object", "apiVersion: v1\nkind: Pod\nspec: " + strings.Repeat("[", depth) + "\n", true},
		{"allowed brackets of an object", "apiVersion: v1\nkind: Pod\nspec: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := loadText(tt.text)
			if refused := len(tree.Problems) > 0; refused != tt.refused {
				t.Errorf("problems %v, want some: %v", tree.Problems, tt.refused)
			}
			for _, r := range tree.Resources {
				if got, want := r.Document().Text(), strings.TrimSpace(tt.text); got != want {
					t.Errorf("the document has %d bytes of %d", len(got), len(want))
				}
			}
		})
	}
}

// TestLoadLarge finds a policy behind a ConfigMap of 50 MB, which it has not
// to parse.
func TestLoadLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("50 MB")
	}
	line := "  " + strings.Repeat("x", 97) + "\n"
	lines := 50_000_000 / len(line)
	text := "apiVersion: v1\nkind: ConfigMap\ndata:\n  key: |\n" +
		strings.Repeat("  "+line, lines) + "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: last\n"
	tree := Load(source.Walk([]string{"-"}, strings.NewReader(text)), Options{Wanted: withoutConfigMaps})
	if len(tree.Problems) > 0 || len(tree.Resources) != 1 {
		t.Fatalf("%d resources, problems %v", len(tree.Resources), tree.Problems)
	}
	r := tree.Resources[0]
	if got, want := r.Span("metadata", "name").Start().Line, 4+lines+5; got != want || r.Name != "last" {
		t.Errorf("%s stands on line %d, want %d", r.Name, got, want)
	}
}

// TestLoadListBomb has nested lists whose items are all the same: five times
// ten of each. What is written once is not a million objects.
func TestLoadListBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: List\nl0: &l0 {apiVersion: v1, kind: Pod}\n")
	for i := range 5 {
		items := strings.Repeat(fmt.Sprintf("*l%d, ", i), 10)
		fmt.Fprintf(&b, "l%d: &l%d {apiVersion: v1, kind: List, items: [%s]}\n", i+1, i+1, items)
	}
	b.WriteString("items: [*l5]\n")
	tree := loadText(b.String())
	if got := len(tree.Resources); got > b.Len() {
		t.Errorf("%d resources in a file of %d bytes", got, b.Len())
	}
}

// selfContained is set in the process that loads a list that contains itself.
const selfContained = "EGRESSLINT_TEST_SELF_CONTAINED"

// TestLoadListInItself runs in a process of its own: an overflow of the stack
// cannot be recovered from and would end the other tests too.
func TestLoadListInItself(t *testing.T) {
	if text := os.Getenv(selfContained); text != "" {
		debug.SetMaxStack(16 << 20)
		t.Logf("%d resources", len(loadText(text).Resources))
		return
	}
	for _, text := range []string{
		"&a {apiVersion: v1, kind: List, items: [*a]}",
		"apiVersion: v1\nkind: List\nitems:\n- &a {apiVersion: v1, kind: List, items: [*a, {apiVersion: v1, kind: Pod}]}\n",
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLoadListInItself$")
		cmd.Env = append(os.Environ(), selfContained+"="+text)
		if out, err := cmd.CombinedOutput(); err != nil {
			first, _, _ := bytes.Cut(out, []byte("\n\n"))
			t.Errorf("loading %q: %v\n%s", text, err, first)
		}
	}
}

// TestLoadTopLevelArray has objects where no tool reads them. Whatever becomes
// of them, it must not be silence, which would look like success.
func TestLoadTopLevelArray(t *testing.T) {
	for _, text := range []string{
		`[{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}]`,
		"- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n",
	} {
		tree := loadText(text)
		if len(tree.Resources)+len(tree.Problems)+len(tree.Skips) == 0 {
			t.Errorf("not a word of %s", text)
		}
	}
	if tree := loadText("[1, 2]"); len(tree.Resources)+len(tree.Problems)+len(tree.Skips) > 0 {
		t.Error("a list of numbers is said to be something")
	}
}

// TestLoadSoundDocumentsOfBrokenStream has a line that ends a document, so that
// the stream is not split: one broken document must not hide the next there
// either.
func TestLoadSoundDocumentsOfBrokenStream(t *testing.T) {
	for name, end := range map[string]string{"end marker": "...\n", "lone carriage return": "# a\r# b\n"} {
		tree := loadText("kind: A\napiVersion: v1\n---\nkind: \"B\n---\nkind: C\napiVersion: v1\n" + end)
		var kinds []string
		for _, r := range tree.Resources {
			kinds = append(kinds, r.Kind)
		}
		if got := strings.Join(kinds, " "); got != "A C" || len(tree.Problems) != 1 {
			t.Errorf("%s: %s, problems %v; want A and C and one problem", name, got, tree.Problems)
		}
	}
}

// TestLoadYttWithByteOrderMark is a template whose first line has a mark.
func TestLoadYttWithByteOrderMark(t *testing.T) {
	tree := loadText("\ufeff#@ load(\"@ytt:data\", \"data\")\napiVersion: v1\nkind: Pod\nmetadata:\n  name: #@ data.values.name\n")
	if len(tree.Resources) > 0 || len(tree.Skips) != 1 {
		t.Errorf("%d resources, skips %v", len(tree.Resources), tree.Skips)
	}
}

// TestLoadLinesOfTemplates wants the lines of editors for what is skipped, as
// for everything else.
func TestLoadLinesOfTemplates(t *testing.T) {
	const template = "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ x }}-y}\n"
	for text, line := range map[string]int{
		template:            1,
		"a: b\n" + template: 1,
		"---\n" + template:  1,
		"# a\r" + template:  1,
		"\n\n\n" + template: 1,
	} {
		tree := loadText(text)
		if len(tree.Skips) != 1 || tree.Skips[0].Line != line {
			t.Errorf("skips %v of %q, want one on line %d", tree.Skips, text, line)
		}
	}
}

// TestLoadNoText has files that are no text in UTF-8, beside one that is.
func TestLoadNoText(t *testing.T) {
	enter(t, fstest.MapFS{
		"a.yaml":             {Data: []byte("\x00GITCRYPT\x00\x01"), Mode: 0o644},
		"b.yaml":             {Data: []byte("\xff\xfea\x00"), Mode: 0o644},
		"c.yaml":             {Data: []byte("a: b\nc: \x00"), Mode: 0o644},
		"e.yaml":             {Data: []byte("{kind: Pod, apiVersion: v1}"), Mode: 0o644},
		"kustomization.yaml": {Data: []byte("\x00GITCRYPT\x00\x01"), Mode: 0o644},
	})
	want := `Pod / e.yaml:1
problem: b.yaml: UTF-16 text: convert it to UTF-8
problem: c.yaml:2:4: a NUL byte: this is not a text file
skip: kustomization.yaml:0: encrypted files
skip: a.yaml:0: encrypted files
1 files, 1 documents
`
	if got := summary(loadPaths(".")); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestLoadPlacesOfBadBytes wants the line of what the parser's reader refuses,
// which comes before its scanner.
func TestLoadPlacesOfBadBytes(t *testing.T) {
	const before = "kind: Pod\napiVersion: v1\n---\nkind: Pod\napiVersion: v1\n"
	for name, line := range map[string]string{
		"Latin-1":            "name: caf\xe9\n",
		"half a character":   "name: \xe6\xbc\n",
		"control character":  "name: \x01\n",
		"escape sequence":    "name: \x1b[31m\n",
		"surrogate as UTF-8": "name: \xed\xa0\x80\n",
	} {
		tree := loadText(before + line + "more: text\n")
		if len(tree.Problems) != 1 || tree.Problems[0].Line != 6 {
			t.Errorf("%s: problems %v, want one on line 6", name, tree.Problems)
		}
	}
}

// TestLoadTwice loads one listing twice. Neither tree may change the other.
func TestLoadTwice(t *testing.T) {
	listing := &source.Listing{Skips: make([]source.Skip, 0, 4), Problems: make([]source.Problem, 0, 4)}
	listing.Entries = source.Walk([]string{"-"}, strings.NewReader("kind: Pod\n")).Entries
	first := Load(listing, Options{Wanted: everything})
	listing.Entries = source.Walk([]string{"-"}, strings.NewReader("a: b\n---\n- {op: add, path: /a}\n")).Entries
	Load(listing, Options{Wanted: everything})
	if len(first.Skips) != 1 || first.Skips[0].Reason != Incomplete {
		t.Errorf("the first tree now skips %v", first.Skips)
	}
}

// TestLoadInParallel loads a tree with one processor and with eight.
func TestLoadInParallel(t *testing.T) {
	files := fstest.MapFS{}
	for i := range 200 {
		text := fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: p%d}}\n---\n- {op: add, path: /a}\n---\n{broken\n", i)
		files[fmt.Sprintf("d%d/f%d.yaml", i%10, i)] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	for i := range 5 {
		text := fmt.Sprintf("kind: Kustomization\npatches: [{path: f%d.yaml}]\n", i)
		files[fmt.Sprintf("d%d/kustomization.yaml", i)] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	enter(t, files)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := loadPaths(".")
	for range 3 {
		runtime.GOMAXPROCS(8)
		got := loadPaths(".")
		if got, want := summary(got), summary(want); got != want {
			t.Fatalf("with 8 processors:\n%s\nwith one:\n%s", got, want)
		}
		for i, r := range got.Resources {
			if r.File.Pos(0) != want.Resources[i].File.Pos(0) {
				t.Errorf("%s has another place in the file set", r.File.Path)
			}
		}
	}
}

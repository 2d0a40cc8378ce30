package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// mapping parses one YAML text.
func mapping(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) != 1 {
		t.Fatalf("%d documents, %v in %q", len(doc.Content), err, text)
	}
	return doc.Content[0]
}

// pairs shows the scalar pairs of a mapping as "a=1 b=2".
func pairs(n *yaml.Node) string {
	var all []string
	for p := range Pairs(n) {
		all = append(all, p.Key.Value+"="+Text(p.Value))
	}
	return strings.Join(all, " ")
}

func TestPairs(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"in the order written", "{b: 1, a: 2}", "b=1 a=2"},
		{"empty", "{}", ""},
		{"no mapping", "[a, b]", ""},
		{"scalar", "a", ""},
		{"written twice", "{a: 1, b: 2, a: 3}", "a=1 b=2 a=3"},
		{"merged after written", "{<<: {b: 1, c: 2}, a: 3}", "a=3 b=1 c=2"},
		{"written beats merged", "{<<: {a: 1, b: 2}, a: 3}", "a=3 b=2"},
		{"written null beats merged", "{<<: {a: 1}, a: }", "a="},
		{"earlier of a list beats later", "{<<: [{a: 1}, {a: 2, b: 3}]}", "a=1 b=3"},
		{"earlier key beats later", "{<<: {a: 1}, <<: {a: 2, b: 3}}", "a=1 b=3"},
		{"merge inside of a merge", "{<<: {<<: {a: 1, b: 2}, b: 3}}", "b=3 a=1"},
		{"written twice beside a merge", "{a: 1, a: 2, <<: {a: 3, b: 4}}", "a=1 a=2 b=4"},
		{"merge of a scalar", "{<<: text, a: 1}", "a=1"},
		{"merge of nothing", "{<<: , a: 1}", "a=1"},
		{"merge of scalars and mappings", "{<<: [text, {b: 2}], a: 1}", "a=1 b=2"},
		{"quoted merge key is a key", `{"<<": {b: 2}, a: 1}`, "<<= a=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := pairs(mapping(t, tt.text)); got != tt.want {
				t.Errorf("Pairs of %s = %s, want %s", tt.text, got, tt.want)
			}
		})
	}
	if got := pairs(nil); got != "" {
		t.Errorf("Pairs(nil) = %s", got)
	}
}

// TestPairsStops leaves the loop early, with and without merge keys.
func TestPairsStops(t *testing.T) {
	for _, text := range []string{"{a: 1, b: 2}", "{<<: {a: 1}, b: 2}"} {
		count := 0
		for range Pairs(mapping(t, text)) {
			count++
			break
		}
		if count != 1 {
			t.Errorf("%d pairs of %s", count, text)
		}
	}
}

func TestAliases(t *testing.T) {
	root := mapping(t, "base: &b {x: 1, y: 2}\nlist: &l [p, q]\nword: &w text\n"+
		"a: *b\nm: {<<: *b, y: 3}\nn: {<<: [*b, {z: 4}]}\ni: *l\ns: *w\nj: [*w, *b]\nnone: &n\nk: *n\n*w : key\n")
	for key, want := range map[string]string{"a": "x=1 y=2", "m": "y=3 x=1", "n": "x=1 y=2 z=4"} {
		if got := pairs(Field(root, key)); got != want {
			t.Errorf("Pairs of %s = %s, want %s", key, got, want)
		}
	}
	if got := Items(Field(root, "i")); len(got) != 2 || Text(got[1]) != "q" {
		t.Errorf("Items through an alias = %v", got)
	}
	if got := Text(Field(root, "s")); got != "text" {
		t.Errorf("Text through an alias = %q", got)
	}
	if Field(root, "a") != Field(root, "base") {
		t.Error("Field returns the alias instead of its target")
	}
	items := Items(Field(root, "j"))
	if Text(items[0]) != "text" || Text(Field(items[1], "x")) != "1" {
		t.Error("items that are aliases are not followed")
	}
	if !IsNull(Field(root, "k")) {
		t.Error("an alias of nothing is something")
	}
}

func TestField(t *testing.T) {
	root := mapping(t, "a: 1\nb: {c: 2}\na: 3\nnone:\ntilde: ~\nempty: ''\n")
	tests := []struct {
		key, text string
		null      bool
	}{
		{"a", "3", false}, {"b", "", false}, {"none", "", true}, {"tilde", "", true}, {"empty", "", false}, {"missing", "", true},
	}
	for _, tt := range tests {
		n := Field(root, tt.key)
		if Text(n) != tt.text || IsNull(n) != tt.null {
			t.Errorf("Field(%s) = %q, null %v; want %q, null %v", tt.key, Text(n), IsNull(n), tt.text, tt.null)
		}
	}
	if Field(nil, "a") != nil || Field(Field(root, "a"), "a") != nil || Items(nil) != nil || Items(root) != nil || Text(root) != "" {
		t.Error("a node of another kind has fields, items or text")
	}
}

// atOnce fails if do does not come to an end: a minute is thousands of times
// what it needs. It may then go on until the tests end.
func atOnce(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("it does not come to an end")
	}
}

// TestAliasCycles has nodes that contain themselves, which the parser allows.
func TestAliasCycles(t *testing.T) {
	tests := []struct{ text, want string }{
		{"&a {<<: *a, b: 1}", "b=1"},
		{"&a {<<: [*a, {c: 2}], b: 1}", "b=1 c=2"},
		{"{<<: &a {<<: *a, b: 1}}", "b=1"},
		{"{<<: &a [*a, {b: 1}]}", "b=1"},
		{"{<<: &a [*a]}", ""},
		{"&a {b: *a}", "b="},
		{"&a [*a]", ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			atOnce(t, func() {
				root := mapping(t, tt.text)
				if got := pairs(root); got != tt.want {
					t.Errorf("Pairs = %q, want %q", got, tt.want)
				}
				for n := range 100 {
					root = Resolve(Field(root, "b"))
					if root == nil && n == 0 {
						break
					}
				}
			})
		})
	}
}

// TestMergeBombs has little text that stands for very many merged mappings. The
// factors are such that a program that follows them all needs minutes.
func TestMergeBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("a failure burns a processor")
	}
	many := func(alias string) string { return strings.Repeat(alias+", ", 20) }
	var layers strings.Builder
	layers.WriteString("l0: &l0 {b: 1}\n")
	for i := range 7 {
		fmt.Fprintf(&layers, "l%d: &l%d {<<: [%s]}\n", i+1, i+1, many(fmt.Sprintf("*l%d", i)))
	}
	for name, text := range map[string]string{
		"a mapping of itself": "&a {<<: [" + many("*a") + "], b: 1}\n",
		"layers":              layers.String() + "<<: *l7\n",
	} {
		t.Run(name, func(t *testing.T) {
			root := mapping(t, text)
			atOnce(t, func() {
				if got := Text(Field(root, "b")); got != "1" {
					t.Errorf("Field = %q, want 1", got)
				}
			})
		})
	}
}

func TestPlaceholder(t *testing.T) {
	placeholders := []string{
		"${NS}", "$NS", "$(namespace)", "($namespace)", "(join('-', ['a', 'b']))", "<node-hostname>", "{{ .Values.x }}",
		"{{x}}", "%HOST%", "@NS@", "[namespace]", "app-${ENV}", "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]",
	}
	for _, text := range placeholders {
		if !Placeholder(text) || !PlaceholderName(text) {
			t.Errorf("%q is taken for a value", text)
		}
	}
	values := []string{
		"", "a", "db-0", "kube-system", "A", "A1", "V2", "_", "12", "1_000", "Prod", "PROD-EU", "v1.2.3", "a_b", "A.B",
		"10.0.0.0/8", "fd00::/8", "http", "é", "app.kubernetes.io/name", "*", "0x1F",
	}
	for _, text := range values {
		if Placeholder(text) || PlaceholderName(text) {
			t.Errorf("%q is taken for a placeholder", text)
		}
	}
	// A label may have these values, but no object such a name.
	for _, text := range []string{"PROD", "EU", "TCP", "DE_1", "NAMESPACE", "__NAME__", "MY_NS", "NS2", "A1B"} {
		if Placeholder(text) || !PlaceholderName(text) {
			t.Errorf("%q is a value of a label and a placeholder for a name", text)
		}
	}
}

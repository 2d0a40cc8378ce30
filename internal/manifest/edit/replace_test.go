package edit

import "testing"

var replaceValueTests = []struct {
	name, before, path, key, value, comment, want string
}{
	{
		name: "nothing, with a comment", path: "spec", key: "to", value: "[{podSelector: {}}]",
		before: "spec:\n  to: # all\n  ports: []\n", want: "spec:\n  to: # all\n  - podSelector: {}\n  ports: []\n",
	},
	{
		name: "nothing, with a comment on the next line", path: "spec", key: "to", value: "[1]",
		before: "spec:\n  to:  \n    # - x\n", want: "spec:\n  to:\n  - 1\n    # - x\n",
	},
	{
		name: "nothing, at the end", path: "spec", key: "to", value: "[1]",
		before: "spec:\r\n  to:", want: "spec:\r\n  to:\r\n  - 1",
	},
	{name: "nothing, in one line", path: "", key: "to", value: "[]", before: "to: # c\n", want: "to: [] # c\n"},
	{
		name: "null", path: "spec", key: "to", value: "{a: {b: 1}}",
		before: "spec:\n    to: null  # c\n    x: 1\n", want: "spec:\n    to:  # c\n        a:\n            b: 1\n    x: 1\n",
	},
	{
		name: "empty list", path: "spec", key: "policyTypes", value: "[Ingress]",
		before: "spec:\n  policyTypes: []\n  ingress:\n    - {}\n", want: "spec:\n  policyTypes:\n    - Ingress\n  ingress:\n    - {}\n",
	},
	{
		name: "block by block", path: "spec", key: "to", value: "[c]",
		before: "spec:\n  to: # c\n    # all\n    - a\n    - b # x\n    # y\n  # next\n  x: 1\n",
		want:   "spec:\n  to: # c\n    # all\n    - c\n    # y\n  # next\n  x: 1\n",
	},
	{
		name: "block by one line", path: "spec", key: "to", value: "[]",
		before: "spec:\n  to: # c\n  - a\n  - b\n  x: 1\n", want: "spec:\n  to: [] # c\n  x: 1\n",
	},
	{
		name: "block by one line, at the end", path: "spec", key: "to", value: "{}",
		before: "spec:\r\n  to:\r\n    a: 1", want: "spec:\r\n  to: {}",
	},
	{
		name: "block by one line, at the end behind a blank line", path: "", key: "to", value: "{}",
		before: "to: # c\n\n- a", want: "to: {} # c",
	},
	{
		name: "block scalar", path: "", key: "a", value: "[b]",
		before: "a: |\n  text\n  text\n\nc: 1\n", want: "a:\n- b\n\nc: 1\n",
	},
	{
		name: "text of two lines", path: "", key: "a", value: "b",
		before: "a: 'one\n  two' # c\nc: 1\n", want: "a: b # c\nc: 1\n",
	},
	{
		name: "value on the next line", path: "", key: "a", value: "[b]",
		before: "a:\n  {b: 1,\n   c: 2} # c\nc: 1\n", want: "a:\n- b\nc: 1\n",
	},
	{
		name: "behind a dash", path: "0", key: "to", value: "[b]", comment: "why",
		before: "- to: null\n  x: 1\n", want: "- to:\n  # why\n  - b\n  x: 1\n",
	},
	{
		name: "comment above", path: "spec", key: "to", value: "[b]", comment: "why",
		before: "spec:\n  to: null\n  x: 1\n", want: "spec:\n  # why\n  to:\n  - b\n  x: 1\n",
	},
	{name: "alias", path: "", key: "b", value: "[1]", before: "a: &x 1\nb: *x\n", want: "a: &x 1\nb:\n- 1\n"},
	{name: "flow", path: "spec", key: "to", value: "[1]", before: "spec: {to: null, a: b}\n", want: "spec: {to: [1], a: b}\n"},
	{name: "flow, nothing", path: "spec", key: "to", value: "[1]", before: "spec: {to: , a: b}\n", want: "spec: {to: [1], a: b}\n"},
	{
		name: "like JSON", path: "spec", key: "to", value: "[{a: b}]",
		before: "{\"spec\": {\"to\": []}}", want: "{\"spec\": {\"to\": [{\"a\": \"b\"}]}}",
	},
	{name: "flow without a colon", path: "spec", key: "to", value: "[1]", before: "spec: {to}\n", want: "refused: question"},
	{name: "anchor inside", path: "", key: "a", value: "1", before: "a:\n- &x 1\nb: *x\n", want: "refused: anchor"},
	{name: "no such key", path: "", key: "x", value: "1", before: "a: 1\n", want: "refused: entry"},
}

func TestReplaceValue(t *testing.T) {
	for _, test := range replaceValueTests {
		t.Run(test.name, func(t *testing.T) {
			d := docOf(t, test.before, 0)
			v := value(t, test.value)
			v.HeadComment = test.comment
			edits, err := ReplaceValue(d, find(t, d.Root, test.path), test.key, v)
			check(t, d, edits, err, test.want)
		})
	}
}

var replaceItemTests = []struct {
	name, before, path string
	at                 int
	value, want        string
}{
	{
		name: "scalar by mapping, with a comment", path: "a", at: 0, value: "{b: 1, c: [d]}",
		before: "a:\n  - null # c\n  - x\n", want: "a:\n  - b: 1 # c\n    c:\n      - d\n  - x\n",
	},
	{name: "nothing", path: "a", at: 1, value: "{b: 1, c: 2}", before: "a:\n- x\n-\n", want: "a:\n- x\n- b: 1\n  c: 2\n"},
	{
		name: "nothing, with a comment", path: "a", at: 0, value: "{b: 1, c: 2}",
		before: "a:\n- # c\n- x\n", want: "a:\n- b: 1 # c\n  c: 2\n- x\n",
	},
	{
		name: "mapping", path: "a", at: 0, value: "{z: 1, x: 2}",
		before: "a:\n-   b: 1 # b\n    c: 2 # c\n# next\n-   d: 1\n", want: "a:\n-   z: 1\n    x: 2 # c\n# next\n-   d: 1\n",
	},
	{
		name: "mapping below its dash", path: "a", at: 0, value: "{z: 1, x: 2}",
		before: "a:\n- # c\n   b: 1\n- d\n", want: "a:\n- # c\n   z: 1\n   x: 2\n- d\n",
	},
	{name: "text, quoted like the others", path: "a", at: 0, value: "c", before: "a: [\"b\", \"x\"]\n", want: "a: [\"c\", \"x\"]\n"},
	{name: "anchored", path: "a", at: 0, value: "c", before: "a: [&b x, *b]\n", want: "refused: anchor"},
	{name: "no such item", path: "a", at: 2, value: "c", before: "a: [b, x]\n", want: "refused: entry"},
}

func TestReplaceItem(t *testing.T) {
	for _, test := range replaceItemTests {
		t.Run(test.name, func(t *testing.T) {
			d := docOf(t, test.before, 0)
			edits, err := ReplaceItem(d, find(t, d.Root, test.path), test.at, value(t, test.value))
			check(t, d, edits, err, test.want)
		})
	}
}

func TestReplaceScalar(t *testing.T) {
	for _, test := range []struct{ name, before, text, want string }{
		{"plain", "a: b # c\n", "c", "a: c # c\n"},
		{"plain, in need of quotes", "a: b\n", "yes", "a: \"yes\"\n"},
		{"single quotes", "a: 'b'\n", "it's", "a: 'it''s'\n"},
		{"double quotes", "a: \"b\"\n", "c\td\"", "a: \"c\\td\\\"\"\n"},
		{"number", "a: 80\n", "443", "a: 443\n"},
		{"name for a number", "a: 80\n", "http", "a: http\n"},
		{"old word for a number", "a: 80\n", "no", "a: \"no\"\n"},
		{"number for a text", "a: http\n", "80", "a: \"80\"\n"},
		{"null", "a: ~\n", "80", "a: \"80\"\n"},
		{"nothing", "a:\n", "80", "refused: safely"},
		{"tag", "a: !!str 80\n", "81", "refused: safely"},
		{"anchor", "a: &x 80\nb: *x\n", "81", "refused: anchor"},
		{"block scalar", "a: |-\n  x\n\nb: 1\n", "z", "a: z\n\nb: 1\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := docOf(t, test.before, 0)
			edits, err := ReplaceScalar(d, find(t, d.Root, "a"), test.text)
			check(t, d, edits, err, test.want)
		})
	}
	d := docOf(t, "{\"a\": 1, \"b\": 2}", 0)
	edits, err := ReplaceScalar(d, d.Root.Content[0], "c")
	check(t, d, edits, err, "{\"c\": 1, \"b\": 2}")
	edits, err = ReplaceScalar(d, d.Root.Content[0], "b")
	check(t, d, edits, err, "refused: already")
}

func TestRemoveItem(t *testing.T) {
	for _, test := range []struct {
		name, before, path string
		at                 int
		want               string
	}{
		{"first", "a:\n# all\n- b: 1 # x\n  c: 2\n  # of c\n# next\n- d\n", "a", 0, "a:\n# all\n# next\n- d\n"},
		{"second, with its comment", "a:\n  - b\n    # of b\n  # one\n  # two\n  - c\n  # tail\nd: 1\n", "a", 1, "a:\n  - b\n    # of b\n  # tail\nd: 1\n"},
		{"last without a line end", "a:\r\n- b\r\n- c", "a", 1, "a:\r\n- b"},
		{"last without a line end, behind a blank line", "a:\n- b\n\n# c\n- c", "a", 1, "a:\n- b"},
		{"between blank lines", "a:\n- b\n\n- c\n\n- d\n", "a", 1, "a:\n- b\n\n- d\n"},
		{"list in a list", "a:\n- - b\n  - c\n", "a.0", 0, "a:\n- - c\n"},
		{"flow, first", "a: [b, c, d]\n", "a", 0, "a: [c, d]\n"},
		{"flow, last", "a: [b, c, d, ]\n", "a", 2, "a: [b, c, ]\n"},
		{"flow on lines", "a: [\n  b, # b\n  c, # c\n  d # d\n]\n", "a", 1, "a: [\n  b, # b\n  d # d\n]\n"},
		{"flow on lines, last", "a: [\n  b, # b\n  c # c\n]\n", "a", 1, "a: [\n  b # b\n]\n"},
		{"flow on lines, last comma", "a: [\n  b, # b\n  c, # c\n]\n", "a", 1, "a: [\n  b, # b\n]\n"},
		{"JSON", "{\"a\": [\"b\",\n\"c\"]}", "a", 1, "{\"a\": [\"b\"]}"},
		{"flow, behind comments", "a: [b, # b\n  c]\n", "a", 1, "refused: safely"},
		{"only one", "a:\n- b\n", "a", 0, "refused: only item"},
		{"none", "a: [b, c]\n", "a", 2, "refused: entry"},
		{"anchored", "a:\n- &b x\n- c\nd: *b\n", "a", 0, "refused: anchor"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := docOf(t, test.before, 0)
			edits, err := RemoveItem(d, find(t, d.Root, test.path), test.at)
			check(t, d, edits, err, test.want)
		})
	}
}

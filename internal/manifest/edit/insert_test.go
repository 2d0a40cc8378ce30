package edit

import (
	"testing"
)

var insertKeyTests = []struct {
	name, before string
	path         string
	after, key   string
	value, want  string
	comment      string
	document     int
}{
	{
		name: "behind a key", path: "spec", after: "podSelector", key: "policyTypes", value: "[Egress]",
		before: "kind: NetworkPolicy\nspec:\n  podSelector: {}\n  egress: []\n",
		want:   "kind: NetworkPolicy\nspec:\n  podSelector: {}\n  policyTypes:\n  - Egress\n  egress: []\n",
	},
	{
		name: "indented dashes, comments", path: "spec", after: "podSelector", key: "policyTypes", value: "[Egress]",
		before: "spec: # s\n    # pods\n    podSelector: # p\n        matchLabels:\n            a: b # c\n        # deep\n    # in\n    ingress:\n        - {}\n",
		want:   "spec: # s\n    # pods\n    podSelector: # p\n        matchLabels:\n            a: b # c\n        # deep\n    policyTypes:\n        - Egress\n    # in\n    ingress:\n        - {}\n",
	},
	{
		name: "as the first key, above the comment of the next", path: "spec", key: "podSelector", value: "{}",
		before: "spec:\n  # in\n  ingress: []\n",
		want:   "spec:\n  podSelector: {}\n  # in\n  ingress: []\n",
	},
	{
		name: "as the first key of an item", path: "spec.egress.0", key: "to", value: "[{podSelector: {matchLabels: {app: db}}}]",
		before: "spec:\n  egress:\n  - ports: # p\n    - port: 53\n",
		want:   "spec:\n  egress:\n  - to:\n    - podSelector:\n        matchLabels:\n          app: db\n    ports: # p\n    - port: 53\n",
	},
	{
		name: "as the first key of an item, one line", path: "a.0", key: "x", value: "1",
		before: "a:\n-   y: 2\n    z: 3\n",
		want:   "a:\n-   x: 1\n    y: 2\n    z: 3\n",
	},
	{
		name: "comment above", path: "spec", after: "none", key: "b", value: "yes", comment: "why\n\n# and how",
		before: "spec:\n  a: 1\n",
		want:   "spec:\n  a: 1\n  # why\n  #\n  # and how\n  b: \"yes\"\n",
	},
	{
		name: "no final newline", path: "spec", after: "a", key: "b", value: "[1, 2]",
		before: "spec:\n  a: 1",
		want:   "spec:\n  a: 1\n  b:\n  - 1\n  - 2",
	},
	{
		name: "line ends of Windows, mixed", path: "spec", after: "a", key: "b", value: "[x]",
		before: "spec:\r\n  a: 1\r\n  c: 2\n",
		want:   "spec:\r\n  a: 1\r\n  b:\r\n  - x\r\n  c: 2\n",
	},
	{
		name: "byte order mark, root", after: "", key: "apiVersion", value: "v1",
		before: "\ufeffkind: Pod\n",
		want:   "\ufeffapiVersion: v1\nkind: Pod\n",
	},
	{
		name: "heading of a document", after: "", key: "apiVersion", value: "v1",
		before: "# Copyright\n\n# team a\nkind: Pod\n",
		want:   "# Copyright\n\n# team a\napiVersion: v1\nkind: Pod\n",
	},
	{
		name: "block scalar that keeps its lines", path: "", after: "a", key: "b", value: "1",
		before: "a: |+\n  text\n\nc: 2\n",
		want:   "a: |+\n  text\n\nb: 1\nc: 2\n",
	},
	{
		name: "block scalar before blank lines", path: "", after: "a", key: "b", value: "1",
		before: "a: |\n  text\n\nc: 2\n",
		want:   "a: |\n  text\nb: 1\n\nc: 2\n",
	},
	{
		name: "block scalar without its line end", path: "", after: "a", key: "b", value: "1",
		before: "a: |\n  text", want: "refused: the text around it",
	},
	{
		name: "second of three documents, habits of another", document: 1, path: "spec", after: "a", key: "b", value: "{c: {d: [e]}}",
		before: "x:\n   y:\n      - z\n---\nspec:\n a: 1\n# tail\n--- # three\nb: 1\n",
		want:   "x:\n   y:\n      - z\n---\nspec:\n a: 1\n b:\n  c:\n   d:\n      - e\n# tail\n--- # three\nb: 1\n",
	},
	{
		name: "end of a document", path: "spec", after: "a", key: "b", value: "1",
		before: "spec:\n  a: 1\n...\n---\nc: 1\n",
		want:   "spec:\n  a: 1\n  b: 1\n...\n---\nc: 1\n",
	},
	{
		name: "flow", path: "spec", after: "a", key: "b", value: "[x, {c: d}]",
		before: "spec: {a: 1, c: 2} # c\n",
		want:   "spec: {a: 1, b: [x, {c: d}], c: 2} # c\n",
	},
	{
		name: "flow with spaces and a last comma", path: "spec", after: "a", key: "b", value: "{c: [d]}",
		before: "spec: { a: 1, }\n",
		want:   "spec: { a: 1, b: { c: [d] }, }\n",
	},
	{
		name: "flow, first", path: "spec", key: "b", value: "1",
		before: "--- {spec: {a: 1}}\n",
		want:   "--- {spec: {b: 1, a: 1}}\n",
	},
	{
		name: "empty flow", path: "spec", key: "b", value: "[c]",
		before: "spec: {}\n", want: "spec: {b: [c]}\n",
	},
	{
		name: "empty flow with a space", path: "spec", key: "b", value: "[c]",
		before: "spec: { }\n", want: "spec: { b: [c] }\n",
	},
	{
		name: "flow on lines", path: "spec", after: "a", key: "b", value: "1",
		before: "spec: {\n  a: 1, # one\n  c: 2\n}\n",
		want:   "spec: {\n  a: 1, # one\n  b: 1,\n  c: 2\n}\n",
	},
	{
		name: "flow on lines, last", path: "spec", after: "none", key: "b", value: "1",
		before: "spec: {\n  a: 1,\n  c: 2 # two\n}\n",
		want:   "spec: {\n  a: 1,\n  c: 2, # two\n  b: 1\n}\n",
	},
	{
		name: "flow on lines, first", path: "spec", key: "b", value: "1",
		before: "spec: { # s\n  # one\n  a: 1,\n  c: 2,\n}\n",
		want:   "spec: { # s\n  b: 1,\n  # one\n  a: 1,\n  c: 2,\n}\n",
	},
	{
		name: "flow on lines from the bracket on", path: "spec", key: "b", value: "1",
		before: "spec: {a: 1,\n       c: 2}\n",
		want:   "spec: {b: 1,\n       a: 1,\n       c: 2}\n",
	},
	{
		name: "like JSON", path: "spec", after: "podSelector", key: "policyTypes", value: "[Egress, {a: 1, b: true}]",
		before: "{\"spec\": {\"podSelector\": {}}}\n",
		want:   "{\"spec\": {\"podSelector\": {}, \"policyTypes\": [\"Egress\", {\"a\": 1, \"b\": true}]}}\n",
	},
	{
		name: "like narrow JSON", path: "spec.podSelector", key: "matchLabels", value: "{app: db}",
		before: "{\"spec\":{\"podSelector\":{}}}",
		want:   "{\"spec\":{\"podSelector\":{\"matchLabels\":{\"app\":\"db\"}}}}",
	},
	{
		name: "like JSON on lines", path: "spec", after: "none", key: "policyTypes", value: "[Egress]",
		before: "{\r\n  \"spec\": {\r\n    \"podSelector\": {}\r\n  }\r\n}\r\n",
		want:   "{\r\n  \"spec\": {\r\n    \"podSelector\": {},\r\n    \"policyTypes\": [\"Egress\"]\r\n  }\r\n}\r\n",
	},
	{
		name: "quoted keys in block style", path: "spec", after: "a", key: "b", value: "[c]",
		before: "\"spec\":\n  \"a\": 1\n", want: "\"spec\":\n  \"a\": 1\n  \"b\":\n  - \"c\"\n",
	},
	{
		name: "single quotes", path: "", after: "a", key: "no", value: "'1'",
		before: "a: 'x'\n", want: "a: 'x'\n'no': '1'\n",
	},
	{
		name: "tab in a comment", path: "spec", after: "a", key: "b", value: "1",
		before: "spec:\n  a: 1\t# x\n\t# y\n  c: 2\n",
		want:   "spec:\n  a: 1\t# x\n  b: 1\n\t# y\n  c: 2\n",
	},
	{
		name: "deep comment behind a blank line", path: "spec", after: "a", key: "b", value: "1",
		before: "spec:\n  a: 1\n\n    # deep\n\n  c: 2\n",
		want:   "spec:\n  a: 1\n\n    # deep\n  b: 1\n\n  c: 2\n",
	},
	{
		name: "anchor nobody uses", path: "spec", after: "a", key: "b", value: "1",
		before: "spec: &s\n  a: 1\n", want: "spec: &s\n  a: 1\n  b: 1\n",
	},
	{name: "anchor", path: "spec", after: "a", key: "b", value: "1", before: "spec: &s\n  a: 1\nx: *s\n", want: "refused: anchor"},
	{name: "anchor above", path: "x.spec", after: "a", key: "b", value: "1", before: "x: &s\n  spec:\n    a: 1\ny: *s\n", want: "refused: anchor"},
	{name: "merge key", path: "spec", after: "a", key: "b", value: "1", before: "x: &s {}\nspec:\n  <<: *s\n  a: 1\n", want: "refused: merge"},
	{name: "question mark", path: "spec", after: "a", key: "b", value: "1", before: "spec:\n  ? a\n  : 1\n", want: "refused: question"},
	{name: "there already", path: "spec", after: "a", key: "a", value: "1", before: "spec:\n  a: 1\n", want: "refused: already"},
	{name: "list", path: "spec", after: "a", key: "a", value: "1", before: "spec:\n- a\n", want: "refused: mapping"},
	{name: "pair without brackets", path: "spec.0", after: "a", key: "b", value: "1", before: "spec: [a: 1]\n", want: "refused: safely"},
	{name: "key without a value", path: "spec", after: "a", key: "b", value: "1", before: "spec: {a: }\n", want: "refused: without a value"},
}

func TestInsertKey(t *testing.T) {
	for _, test := range insertKeyTests {
		t.Run(test.name, func(t *testing.T) {
			d := docOf(t, test.before, test.document)
			v := value(t, test.value)
			v.HeadComment = test.comment
			edits, err := InsertKey(d, find(t, d.Root, test.path), test.after, test.key, v)
			check(t, d, edits, err, test.want)
		})
	}
}

var insertItemTests = []struct {
	name, path, before string
	at                 int
	value, want        string
}{
	{
		name: "last, not indented", path: "spec.policyTypes", at: 1, value: "Egress",
		before: "spec:\n  policyTypes:\n  - Ingress # in\n  # next\n  egress: []\n",
		want:   "spec:\n  policyTypes:\n  - Ingress # in\n  - Egress\n  # next\n  egress: []\n",
	},
	{
		name: "last, quoted like the others", path: "a", at: 2, value: "c",
		before: "a:\n    - \"x\"\n    - \"y\"", want: "a:\n    - \"x\"\n    - \"y\"\n    - \"c\"",
	},
	{
		name: "first, above a comment", path: "spec.egress", at: 0, value: "{to: [{podSelector: {}}], ports: [{port: 53}]}",
		before: "spec:\n  egress:\n    # all\n    - {}\n",
		want:   "spec:\n  egress:\n    - to:\n        - podSelector: {}\n      ports:\n        - port: 53\n    # all\n    - {}\n",
	},
	{
		name: "between, with wide dashes and comments", path: "a", at: 1, value: "{x: 1, z: 2}",
		before: "a:\n  -   p: 1\n      # of p\n  # of q\n  -   q: 1\n",
		want:   "a:\n  -   p: 1\n      # of p\n  -   x: 1\n      z: 2\n  # of q\n  -   q: 1\n",
	},
	{
		name: "below dashes with comments", path: "a", at: 2, value: "{x: 1}",
		before: "a:\n- # one\n  p: 1\n-\n  q: 1\nb: 2\n",
		want:   "a:\n- # one\n  p: 1\n-\n  q: 1\n- x: 1\nb: 2\n",
	},
	{
		name: "first of a list in a list", path: "a.0", at: 0, value: "x",
		before: "a:\n- - y\n  - z\n", want: "a:\n- - x\n  - y\n  - z\n",
	},
	{
		name: "empty items", path: "a", at: 2, value: "x",
		before: "a:\n-\n- # c\n", want: "a:\n-\n- # c\n- x\n",
	},
	{
		name: "blank lines between", path: "a", at: 2, value: "x",
		before: "a:\n- b # b\n\n# of c\n- c\nd: 1\n", want: "a:\n- b # b\n\n# of c\n- c\n\n- x\nd: 1\n",
	},
	{
		name: "blank lines between, in the middle", path: "a", at: 1, value: "x",
		before: "a:\n- b\n\n# of c\n- c\n", want: "a:\n- b\n\n- x\n\n# of c\n- c\n",
	},
	{
		name: "blank lines between, first", path: "a", at: 0, value: "x",
		before: "a:\n- b\n\n- c\n", want: "a:\n- x\n\n- b\n\n- c\n",
	},
	{
		name: "blank lines between, no final line end", path: "a", at: 2, value: "x",
		before: "a:\r\n- b\r\n\r\n- c", want: "a:\r\n- b\r\n\r\n- c\r\n\r\n- x",
	},
	{
		name: "list that is the document", path: "", at: 1, value: "{b: 1}",
		before: "- a: 1\n---\n- c\n", want: "- a: 1\n- b: 1\n---\n- c\n",
	},
	{name: "flow", path: "a", at: 1, value: "c", before: "a: [b, d]\n", want: "a: [b, c, d]\n"},
	{name: "flow, first", path: "a", at: 0, value: "c", before: "a: [ b, d ]\n", want: "a: [ c, b, d ]\n"},
	{name: "empty flow", path: "a", at: 0, value: "{b: c}", before: "a: []\n", want: "a: [{b: c}]\n"},
	{name: "flow, quoted", path: "a", at: 1, value: "c", before: "a: ['b']\n", want: "a: ['b', 'c']\n"},
	{
		name: "flow on lines", path: "a", at: 2, value: "c",
		before: "a: [\n  b,\n  d, # d\n]\n", want: "a: [\n  b,\n  d, # d\n  c,\n]\n",
	},
	{
		name: "flow, comma first", path: "a", at: 1, value: "c",
		before: "a: [\n  b\n  , d\n]\n", want: "a: [\n  b, c\n  , d\n]\n",
	},
	{name: "no such place", path: "a", at: 3, value: "c", before: "a: []\n", want: "refused: entry"},
	{name: "anchored list", path: "a", at: 1, value: "c", before: "a: &l [b]\nc: *l\n", want: "refused: anchor"},
	{name: "tag", path: "a", at: 1, value: "c", before: "a: !!seq [b]\n", want: "a: !!seq [b, c]\n"},
}

func TestInsertItem(t *testing.T) {
	for _, test := range insertItemTests {
		t.Run(test.name, func(t *testing.T) {
			d := docOf(t, test.before, 0)
			list := find(t, d.Root, test.path)
			edits, err := InsertItem(d, list, test.at, value(t, test.value))
			check(t, d, edits, err, test.want)
			if test.at == len(list.Content) {
				edits, err := AppendItem(d, list, value(t, test.value))
				check(t, d, edits, err, test.want)
			}
		})
	}
}

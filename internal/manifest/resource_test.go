package manifest

import (
	"fmt"
	"strings"
	"testing"
)

// policy is the text whose parts TestSpan looks up.
const policy = `# a comment
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: "deny", labels: {app: é漢😀, tier: db}}
spec:
  podSelector: {}
  policyTypes: &types [Egress, Ingress]
  egress:
  - to:
    - namespaceSelector: &ns
        matchLabels: {a: b}
    ports:
    - port: 53
  - to:
    - *ns
  empty:
  "quoted": 'x y'
  again: *types
`

// path makes the elements of a path out of "spec.egress.0".
func path(dotted string) []any {
	var elements []any
	for part := range strings.SplitSeq(dotted, ".") {
		var index int
		if _, err := fmt.Sscanf(part, "%d", &index); err == nil {
			elements = append(elements, index)
		} else if part != "" {
			elements = append(elements, part)
		}
	}
	return elements
}

func TestSpan(t *testing.T) {
	r := only(t, policy)
	const egress = "- to:\n    - namespaceSelector: &ns\n        matchLabels: {a: b}\n    ports:\n    - port: 53\n  - to:\n    - *ns"
	tests := []struct{ path, span, key, at string }{
		{"kind", "NetworkPolicy", "kind", "3:7"},
		{"metadata.name", `"deny"`, "name", "4:18"},
		{"metadata.labels", "{app: é漢😀, tier: db}", "labels", "4:34"},
		{"metadata.labels.tier", "db", "tier", "4:51"},
		{"spec.podSelector", "{}", "podSelector", "6:16"},
		{"spec.policyTypes", "&types [Egress, Ingress]", "policyTypes", "7:16"},
		{"spec.policyTypes.1", "Ingress", "Ingress", "7:32"},
		{"spec.egress", egress, "egress", "9:3"},
		{"spec.egress.0.ports.0.port", "53", "port", "13:13"},
		{"spec.quoted", "'x y'", `"quoted"`, "17:13"},
		{"spec.empty", "", "empty", "16:9"},

		{"spec.egress.1.to.0", "*ns", "*ns", "15:7"},
		{"spec.egress.1.to.0.matchLabels.a", "*ns", "*ns", "15:7"},

		{"spec.again", "*types", "again", "18:10"},
		{"spec.again.1", "*types", "again", "18:10"},

		{"missing", "", "", "2:1"},
		{"metadata.annotations", `{name: "deny", labels: {app: é漢😀, tier: db}}`, "metadata", "4:11"},
		{"metadata.annotations.a.b", `{name: "deny", labels: {app: é漢😀, tier: db}}`, "metadata", "4:11"},
		{"spec.policyTypes.2", "&types [Egress, Ingress]", "policyTypes", "7:16"},
		{"spec.egress.0.ports.9.port", "- port: 53", "ports", "13:5"},
		{"spec.policyTypes.Egress", "&types [Egress, Ingress]", "policyTypes", "7:16"},
		{"spec.egress.to", egress, "egress", "9:3"},
		{"kind.0", "NetworkPolicy", "kind", "3:7"},
		{"kind.x", "NetworkPolicy", "kind", "3:7"},
		{"metadata.0", `{name: "deny", labels: {app: é漢😀, tier: db}}`, "metadata", "4:11"},
	}
	whole := r.Document().Text()
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			if tt.path == "missing" {
				tt.span, tt.key = whole, whole
			}
			s := r.Span(path(tt.path)...)
			if at := fmt.Sprintf("%d:%d", s.Start().Line, s.Start().Column); s.Text() != tt.span || at != tt.at {
				t.Errorf("Span = %q at %s, want %q at %s", s.Text(), at, tt.span, tt.at)
			}
			if got := r.KeySpan(path(tt.path)...).Text(); got != tt.key {
				t.Errorf("KeySpan = %q, want %q", got, tt.key)
			}
		})
	}
	if !strings.HasPrefix(whole, "apiVersion") || !strings.HasSuffix(whole, "*types") || r.Span().Text() != whole {
		t.Errorf("the document is %q, the empty path %q", whole, r.Span().Text())
	}
}

// TestSpanIndexBelowZero has an index that no list has.
func TestSpanIndexBelowZero(t *testing.T) {
	defer func() {
		if problem := recover(); problem != nil {
			t.Errorf("Span panics: %v", problem)
		}
	}()
	r := only(t, policy)
	if got := r.Span("spec", "policyTypes", -1).Text(); got != "&types [Egress, Ingress]" {
		t.Errorf("Span = %q", got)
	}
}

// TestSpanOfMergedValues looks for what a merge key brings in: it is not
// written in the mapping, so that the mapping is as near as one gets.
func TestSpanOfMergedValues(t *testing.T) {
	r := only(t, "apiVersion: v1\nkind: Pod\nbase: &b {name: x}\nmetadata: {<<: *b, namespace: n}\n")
	if r.Name != "x" {
		t.Errorf("Name = %q, want x", r.Name)
	}
	if got := r.Span("metadata", "name").Text(); got != "{<<: *b, namespace: n}" {
		t.Errorf("Span = %q", got)
	}
	if got := r.Span("metadata", "<<", "name").Text(); got != "*b" {
		t.Errorf("Span by the merge key = %q", got)
	}
}

// TestSpanOfKeysWrittenTwice takes the last, as Field does.
func TestSpanOfKeysWrittenTwice(t *testing.T) {
	r := only(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a, name: b}\n")
	if span := r.Span("metadata", "name"); span.Text() != r.Name || r.Name != "b" {
		t.Errorf("Name = %q, its span %q; want b", r.Name, span.Text())
	}
}

// TestSpanOfListedObject has a list of which one item stands elsewhere.
func TestSpanOfListedObject(t *testing.T) {
	tree := loadText("x: &p\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\napiVersion: v1\nkind: List\n" +
		"items:\n- *p\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n")
	var got []string
	for _, r := range tree.Resources {
		got = append(got, fmt.Sprintf("%s:%d:%s", r.Name, r.Document().Start().Line, r.Span("metadata", "name").Text()))
	}
	if strings.Join(got, " ") != "a:1:a b:9:b" {
		t.Errorf("resources are %v", got)
	}
}

// TestSpanBehindSurrogates has what YAML cannot read on the same line.
func TestSpanBehindSurrogates(t *testing.T) {
	r := only(t, `{"apiVersion": "v1", "kind": "Pod", "a": "\ud83d\ude00", "metadata": {"name": "x"}}`+"\n")
	if got := r.Span("metadata", "name").Text(); got != `"x"` || r.Name != "x" {
		t.Errorf("Span = %s, Name = %q", got, r.Name)
	}
}

func TestGroup(t *testing.T) {
	for apiVersion, want := range map[string]string{
		"v1": "", "apps/v1": "apps", "networking.k8s.io/v1": "networking.k8s.io", "": "", "/v1": "", "a/b/c": "a",
	} {
		if got := (&Resource{APIVersion: apiVersion}).Group(); got != want {
			t.Errorf("Group of %q = %q, want %q", apiVersion, got, want)
		}
	}
}

// TestPlacesAmongOddBytes finds the second document and the error in the third
// whatever the line breaks are, and whatever stands before.
func TestPlacesAmongOddBytes(t *testing.T) {
	const plain = "apiVersion: v1\nkind: Pod\nmetadata: {name: é漢😀, namespace: n}\n---\n" +
		"apiVersion: v1\nkind: Pod\nmetadata:\n  name: second\n---\nkind: Pod\nmetadata:\n  n: é: x\n"
	tests := []struct {
		name, text       string
		document, errors string
	}{
		{"LF", plain, "5:1", "<stdin>:12:7"},
		{"CRLF", strings.ReplaceAll(plain, "\n", "\r\n"), "5:1", "<stdin>:12:7"},
		{"byte order mark", "\ufeff" + plain, "5:1", "<stdin>:12:7"},
		{"byte order mark and CRLF", "\ufeff" + strings.ReplaceAll(plain, "\n", "\r\n"), "5:1", "<stdin>:12:7"},
		{"lone carriage return", "# a\rb: c\n" + plain, "6:1", "<stdin>:13:7"},
		{"next line", "# a\u0085# c\n" + plain, "6:1", "<stdin>:13:7"},
		{"line separator in a comment", "# a\u2028# c\n" + plain, "6:1", "<stdin>:13:7"},
		{"directive", "%YAML 1.1\n---\n" + plain, "7:1", "<stdin>:14:7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := loadText(tt.text)
			if len(tree.Problems) != 1 || !strings.HasPrefix(tree.Problems[0].Error(), tt.errors+": ") {
				t.Errorf("problems %v, want one at %s", tree.Problems, tt.errors)
			}
			for _, r := range tree.Resources {
				at := r.Document().Start()
				if r.Name == "second" && fmt.Sprintf("%d:%d", at.Line, at.Column) == tt.document && r.Span("metadata", "name").Text() == "second" {
					return
				}
			}
			t.Errorf("no second resource at %s", tt.document)
		})
	}
}

package cluster

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// maxValues bounds how many values one object may have once its aliases are
// followed. The largest policy of a real tree has some thousands.
const maxValues = 100_000

// maxProblems bounds how many problems of one object are said.
const maxProblems = 20

// decoder reads the values of one object as strictly as the API server does:
// an unknown key or a value of the wrong shape is a problem at its line. It
// goes on after a problem, so that all of them are said at once.
type decoder struct {
	*manifest.Resource
	problems []source.Problem
	// hidden counts the values that are encrypted or placeholders. Where there
	// is one, what the object means is not known.
	hidden int
	// left is how many more values may be read.
	left int
}

func newDecoder(r *manifest.Resource) *decoder {
	return &decoder{Resource: r, left: maxValues}
}

// fail notes a problem at n. Of an object with too many values nothing more is
// said: it was not read to its end.
func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	if d.left < 0 || len(d.problems) > maxProblems {
		return
	}
	if len(d.problems) == maxProblems {
		format, args = "more than %d problems", []any{maxProblems}
	}
	span := d.Written(d.SpanOf(n))
	at := span.Start()
	message := fmt.Sprintf("%s %q: ", d.Kind, d.Qualified()) + fmt.Sprintf(format, args...)
	p := source.Problem{Path: span.File.Path, Line: at.Line, Column: at.Column, Message: message, Span: span}
	if !slices.Contains(d.problems, p) { // an alias brings it back
		d.problems = append(d.problems, p)
	}
}

// spend counts one value at n. It is false when there have been too many.
func (d *decoder) spend(n *yaml.Node) bool {
	if d.left == 0 {
		d.fail(n, "its aliases expand to more than %d values", maxValues)
	}
	d.left = max(d.left-1, -1)
	return d.left >= 0
}

// fields yields the values of a mapping by key. A key that is not known, or
// that is written twice, is a problem; so is a node that is no mapping. what
// names the mapping. A null is a mapping without keys.
func (d *decoder) fields(n *yaml.Node, what string, known []string) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if !d.shape(n, what, yaml.MappingNode, "a mapping") {
			return
		}
		seen := make([]string, 0, len(known))
		for p := range node.Pairs(n) {
			key := p.Key.Value
			switch {
			case !d.spend(p.Key):
				return
			case slices.Contains(seen, key):
				d.fail(p.Key, "key %q is written twice in %s", key, what)
			case !slices.Contains(known, key):
				d.fail(p.Key, "unknown key %q in %s%s", key, what, didYouMean(key, known))
			case !yield(key, p.Value):
				return
			}
			seen = append(seen, key)
		}
	}
}

// state is how much was found so far. A mapping in which nothing was found can
// be judged as a whole.
type state struct{ problems, hidden int }

func (d *decoder) state() state { return state{len(d.problems), d.hidden} }

// list returns the items of a list. A null is a list without items.
func (d *decoder) list(n *yaml.Node, what string) []*yaml.Node {
	if !d.shape(n, what, yaml.SequenceNode, "a list") {
		return nil
	}
	items := node.Items(n)
	for i, item := range items {
		if !d.spend(item) {
			return items[:i]
		}
	}
	return items
}

// texts returns a mapping of texts, such as labels. A null is an empty text.
func (d *decoder) texts(n *yaml.Node, what string) map[string]string {
	if !d.shape(n, what, yaml.MappingNode, "a mapping") {
		return nil
	}
	texts := map[string]string{}
	for p := range node.Pairs(n) {
		if !d.spend(p.Key) {
			return texts
		}
		if _, twice := texts[p.Key.Value]; twice {
			d.fail(p.Key, "key %q is written twice in %s", p.Key.Value, what)
		}
		texts[p.Key.Value] = ""
		if !node.IsNull(p.Value) {
			texts[p.Key.Value], _ = d.text(p.Value, p.Key.Value)
		}
	}
	return texts
}

// shape reports whether n is there and of the wanted kind. Any other kind but
// null is a problem, or a placeholder.
func (d *decoder) shape(n *yaml.Node, what string, kind yaml.Kind, wanted string) bool {
	if node.IsNull(n) {
		return false
	}
	got := node.Resolve(n)
	if d.unknown(got) {
		return false
	}
	if got.Kind == kind {
		return true
	}
	d.fail(n, "%s is %s, not %s", what, describe(got), wanted)
	return false
}

// unknown notes that the value of n is not known, if it is a placeholder, also
// one in braces without quotes: {{ .x }} is a mapping in a mapping to YAML.
func (d *decoder) unknown(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.ScalarNode:
		return d.obscure(n.Value)
	case yaml.MappingNode:
		if !inBraces(n) {
			return false
		}
		d.hidden++
		return true
	default:
		return false
	}
}

// inBraces holds for {{ .x }} without quotes.
func inBraces(n *yaml.Node) bool { return len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode }

// obscure notes that a value is not known, if it is a placeholder or encrypted.
func (d *decoder) obscure(text string) bool {
	if !node.PlaceholderName(text) {
		return false
	}
	d.hidden++
	return true
}

// describe names what a node is, for a message.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return strconv.Quote(n.Value)
	}
}

// text reads a text. It is false for a problem. What YAML 1.1 reads as a
// number or a boolean reaches the API server as one and is refused.
func (d *decoder) text(n *yaml.Node, what string) (string, bool) {
	got := node.Resolve(n)
	if got == nil || got.Kind != yaml.ScalarNode {
		if got != nil && !d.unknown(got) {
			d.fail(n, "%s is %s, not a string", what, describe(got))
		}
		return "", false
	}
	if plain := got.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) == 0; plain && notText(got) {
		d.fail(n, "%s is %s, which is no string to the API server: write it in quotes", what, got.Value)
		return "", false
	}
	return got.Value, true
}

// notText reports whether kubectl sends a plain scalar as something else than
// a text. It reads YAML 1.1, where yes and 1_000 are none; the parse with
// that version costs much, and is kept for what may be one.
func notText(n *yaml.Node) bool {
	v := n.Value
	if v == "" {
		return false
	}
	word := v[0] >= 'a' && v[0] <= 'z' || v[0] >= 'A' && v[0] <= 'Z' || v[0] == '/'
	if word && (len(v) > len("false") || !strings.ContainsRune("yYnNtTfFoO", rune(v[0]))) {
		return false
	}
	return kyaml.IsValueNonString(v)
}

// choice reads a text that must be one of known. It is false for a problem and
// for a value that is not known.
func (d *decoder) choice(n *yaml.Node, what string, known []string) (string, bool) {
	text, ok := d.text(n, what)
	switch {
	case !ok:
		return "", false
	case slices.Contains(known, text):
		return text, true
	// Of words in capitals only those with an underscore: ICMP is a mistake.
	case node.Placeholder(text), node.PlaceholderName(text) && strings.Contains(text, "_"):
		d.hidden++
	default:
		d.fail(n, "%s %q is not one of %s%s", what, text, strings.Join(known, ", "), didYouMean(text, known))
	}
	return "", false
}

// integer reads a whole number. It is false for a problem and for a value that
// is not known.
func (d *decoder) integer(n *yaml.Node, what string) (int, bool) {
	got := node.Resolve(n)
	if got == nil || d.unknown(got) {
		return 0, false
	}
	if got.Kind == yaml.ScalarNode && got.Tag == "!!int" {
		if i, err := strconv.ParseInt(got.Value, 0, 32); err == nil {
			return int(i), true
		}
	}
	d.fail(n, "%s is %s, not a whole number", what, describe(got))
	return 0, false
}

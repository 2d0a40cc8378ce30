package edit

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Tags of scalars that are told apart here.
const (
	strTag  = "!!str"
	nullTag = "!!null"
)

// inline holds for values that are written on the line of their key or dash.
func inline(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode || len(n.Content) == 0 || n.Style&yaml.FlowStyle != 0
}

// entryLines is an entry of a block collection as lines that are not indented.
func (h habits) entryLines(en entry) []string {
	if en.key == nil {
		return h.itemLines(en.value)
	}
	lines := append(comments(en.key), comments(en.value)...)
	name := h.scalar(en.key) + ":"
	if inline(en.value) {
		return append(lines, name+" "+h.flow(en.value))
	}
	indent := h.step
	if en.value.Kind == yaml.SequenceNode {
		indent = h.dash
	}
	return append(append(lines, name), indented(h.lines(en.value), indent)...)
}

// itemLines is an item of a block list.
func (h habits) itemLines(n *yaml.Node) []string {
	lines := comments(n)
	if inline(n) {
		return append(lines, "-"+h.gap+h.flow(n))
	}
	content := h.lines(n)
	lines = append(lines, "-"+h.gap+content[0])
	return append(lines, indented(content[1:], 1+len(h.gap))...)
}

// lines is a collection in block style, or what else n is on one line.
func (h habits) lines(n *yaml.Node) []string {
	if inline(n) {
		return []string{h.flow(n)}
	}
	var lines []string
	for i := 0; i < len(n.Content); i++ {
		en := entry{nil, n.Content[i]}
		if n.Kind == yaml.MappingNode {
			i++
			en = entry{en.value, n.Content[i]}
		}
		lines = append(lines, h.entryLines(en)...)
	}
	return lines
}

func indented(lines []string, by int) []string {
	for i := range lines {
		lines[i] = strings.Repeat(" ", by) + lines[i]
	}
	return lines
}

// comments is the comment above a node, a line each.
func comments(n *yaml.Node) []string {
	if n.HeadComment == "" {
		return nil
	}
	lines := strings.Split(strings.TrimRight(n.HeadComment, "\n"), "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "#") {
			lines[i] = strings.TrimRight("# "+line, " ")
		}
	}
	return lines
}

// flow is a value on one line, in brackets.
func (h habits) flow(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return h.scalar(n)
	}
	var entries []string
	for i := 0; i < len(n.Content); i++ {
		en := entry{nil, n.Content[i]}
		if n.Kind == yaml.MappingNode {
			i++
			en = entry{en.value, n.Content[i]}
		}
		entries = append(entries, h.flowEntry(en))
	}
	pad := h.pad(n.Kind == yaml.MappingNode)
	if len(entries) == 0 {
		pad = ""
	}
	text := pad + strings.Join(entries, h.comma) + pad
	if n.Kind == yaml.MappingNode {
		return "{" + text + "}"
	}
	return "[" + text + "]"
}

// flowEntry is an entry of a flow collection.
func (h habits) flowEntry(en entry) string {
	if en.key == nil {
		return h.flow(en.value)
	}
	name := h.scalar(en.key)
	if !strings.HasSuffix(name, `"`) {
		return name + ": " + h.flow(en.value)
	}
	return name + h.colon + h.flow(en.value)
}

var (
	// plain is a text that is safe without quotes wherever it stands, as far as
	// its characters go.
	plain = regexp.MustCompile(`^(\.{1,2}/)?[A-Za-z0-9_/][A-Za-z0-9_./@+-]*( [A-Za-z0-9_./@+-]+)*$`)
	// numeric is a text that some reader takes for a number or a date.
	numeric = regexp.MustCompile(`^[0-9][0-9a-fA-FxXob_.+-]*$`)
	// address is a text that looks numeric and is none.
	address = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(\.[0-9]+)?$`)
	// word is a text that YAML 1.1 takes for a truth value or null.
	word = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null)$`)
)

// needsQuotes holds for a text that is another value when written plainly.
func needsQuotes(text string) bool {
	return !plain.MatchString(text) || word.MatchString(text) ||
		numeric.MatchString(text) && !address.MatchString(text) || plainTag(text) != strTag
}

// scalar is the text of a scalar.
func (h habits) scalar(n *yaml.Node) string {
	tag := tagOf(n)
	switch {
	case tag == nullTag:
		return "null"
	case tag != strTag:
		return n.Value
	case h.json, n.Style&yaml.DoubleQuotedStyle != 0:
		return doubleQuoted(n.Value)
	case n.Style&yaml.SingleQuotedStyle != 0, h.single && needsQuotes(n.Value):
		return singleQuoted(n.Value)
	case needsQuotes(n.Value):
		return doubleQuoted(n.Value)
	}
	return n.Value
}

// singleQuoted is a text in single quotes, or in double ones where those
// cannot hold it.
func singleQuoted(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return doubleQuoted(text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// doubleQuoted is a text in double quotes, as JSON and YAML have them.
func doubleQuoted(text string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a string and a buffer cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

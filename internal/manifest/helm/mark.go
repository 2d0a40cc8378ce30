package helm

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A marker stands for a line of a template in what is rendered from it. Helm
// refuses manifests with such control characters, so that none has its own.
const (
	markStart = "\x01"
	markEnd   = "\x02"
)

// companionSuffix ends the name of the template that renders the lines of
// another. It lies next to the other, so that helm renders it in turn.
const companionSuffix = ".egresslint-lines"

// lookupMark begins the message that a call of lookup fails with.
const lookupMark = "egresslint-lookup-"

// lookupNumber finds the number of the call in what helm says.
var lookupNumber = regexp.MustCompile(lookupMark + `(\d+)`)

// place is a line of a template.
type place struct {
	template string
	line     int
}

// guard copies the files of a chart for a rendering. A schema is left out, for
// it may name others on the network, and helm has no other use for it. A call
// of lookup, which asks the cluster, is made to fail if it is reached; calls
// has the places in the order of the numbers that it fails with.
func guard(c *Chart) (files map[string][]byte, calls []place) {
	files = map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		_, below := c.root.owner(name)
		switch {
		case below == "values.schema.json":
		case isTemplate(below) && bytes.Contains(c.files[name], []byte("lookup")):
			files[name], calls = guardTemplate(name, c.files[name], calls)
		default:
			files[name] = c.files[name]
		}
	}
	return files, calls
}

// guardTemplate makes the calls of lookup in one template fail.
func guardTemplate(name string, text []byte, calls []place) ([]byte, []place) {
	pieces, ok := scan(string(text))
	if !ok {
		return text, calls
	}
	var out bytes.Buffer
	done := 0
	for _, p := range pieces {
		for _, offset := range p.lookups {
			out.Write(text[done : p.offset+offset])
			fmt.Fprintf(&out, "print (fail %q)", lookupMark+strconv.Itoa(len(calls)))
			done = p.offset + offset + len("lookup")
			calls = append(calls, place{name, p.line + strings.Count(p.text[:offset], "\n")})
		}
	}
	out.Write(text[done:])
	return out.Bytes(), calls
}

// withCompanions adds to each template that helm prints a companion, which
// renders the same with markers in it.
func withCompanions(root *part, files map[string][]byte) map[string][]byte {
	all := maps.Clone(files)
	for name, text := range files {
		if _, below := root.owner(name); !isPrinted(below) {
			continue
		}
		marked, ok := mark(string(bytes.TrimPrefix(text, []byte("\ufeff"))))
		if _, taken := files[name+companionSuffix]; ok && !taken {
			all[name+companionSuffix] = []byte(companion(name, marked))
		}
	}
	return all
}

// companion is a template that prints, as a manifest, what a marked template
// renders. Encoded, that cannot be invalid. Helm itself leaves out "<no value>".
func companion(name, marked string) string {
	name = strconv.Quote("egresslint lines of " + name)
	return fmt.Sprintf("{{ define %s }}%s{{ end }}kind: Lines\nlines: {{ include %s . | replace %q %q | b64enc }}\n",
		name, marked, name, "<no value>", "")
}

// mark puts a marker in front of each line of text and of each action of a
// template. Templates that it defines are left out: it defines them already,
// and what they render counts as the line of the action that includes them. It
// reports false for templates that cannot be nested in another.
func mark(template string) (marked string, ok bool) {
	pieces, ok := scan(template)
	if !ok {
		return "", false
	}
	var out strings.Builder
	depth := 0 // of the definition that we are in
	for _, p := range pieces {
		switch {
		case p.word == "block":
			return "", false
		case depth > 0 || p.word == "define":
			depth += nesting(p.word)
		case p.action:
			out.WriteString(marker(p.line) + p.text)
		default:
			markText(&out, p)
		}
	}
	return out.String(), true
}

// nesting is what an action adds to the number of open blocks.
func nesting(word string) int {
	switch word {
	case "define", "if", "range", "with":
		return 1
	case "end":
		return -1
	}
	return 0
}

// markText writes text with a marker in front of each of its lines.
func markText(out *strings.Builder, p piece) {
	line := p.line
	for text := range strings.Lines(p.text) {
		out.WriteString(marker(line) + text)
		line++
	}
}

func marker(line int) string { return markStart + strconv.Itoa(line) + markEnd }

// origins tells for the bytes of a rendered text which line of its template
// they come from.
type origins struct {
	// from are the offsets, ascending, at which the text of another line begins.
	from, lines []int
}

// unmark takes the markers out of a text.
func unmark(marked string) (string, origins) {
	var out strings.Builder
	var o origins
	before, rest, found := strings.Cut(marked, markStart)
	out.WriteString(before)
	for found {
		var number, text string
		number, rest, _ = strings.Cut(rest, markEnd)
		text, rest, found = strings.Cut(rest, markStart)
		line, err := strconv.Atoi(number)
		if err != nil {
			line = 0
		}
		o.from = append(o.from, out.Len())
		o.lines = append(o.lines, line)
		out.WriteString(text)
	}
	return out.String(), o
}

// line is the line of the template that the byte at offset comes from.
func (o origins) line(offset int) int {
	// Of several markers at one offset the last one counts.
	i, _ := slices.BinarySearch(o.from, offset+1)
	if i == 0 {
		return 0
	}
	return o.lines[i-1]
}

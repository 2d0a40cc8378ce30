package helm

import (
	"bytes"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// separator is what divides documents for helm.
var separator = regexp.MustCompile(`(?m)^---[ \t]*`)

// sourceComment begins a document in the output of helm template.
const sourceComment = "---\n# Source: "

// document is one document that was rendered from a template.
type document struct {
	text string
	// lines are those of the template, one for each line of text.
	lines []int
}

// sections divides the output of helm template by the template that each
// document came from, as helm names it.
func sections(output string) map[string][]string {
	found := map[string][]string{}
	_, rest, ok := strings.Cut("\n"+output, "\n"+sourceComment)
	for ok {
		var section string
		section, rest, ok = strings.Cut(rest, "\n"+sourceComment)
		source, text, _ := strings.Cut(section, "\n")
		found[source] = append(found[source], text)
	}
	return found
}

// divide finds the documents in a text that a template renders.
func divide(text string, o origins) []document {
	var found []document
	start := 0
	for _, at := range append(separator.FindAllStringIndex(text, -1), []int{len(text), len(text)}) {
		inside := strings.TrimRightFunc(text[start:at[0]], unicode.IsSpace)
		trimmed := strings.TrimLeftFunc(inside, unicode.IsSpace)
		if trimmed != "" {
			found = append(found, document{trimmed, lineNumbers(trimmed, start+len(inside)-len(trimmed), o)})
		}
		start = at[1]
	}
	return found
}

// lineNumbers are the lines of the template for the lines of a document that
// begins at an offset of the text. A line comes from where its first visible
// character does.
func lineNumbers(document string, offset int, o origins) []int {
	var numbers []int
	for line := range strings.Lines(document) {
		visible := strings.TrimLeftFunc(line, unicode.IsSpace)
		if visible == "" {
			visible = "\n"
		}
		numbers = append(numbers, o.line(offset+len(line)-len(visible)))
		offset += len(line)
	}
	return numbers
}

// traced are the documents of each template with their lines, found in the
// output of a rendering with companions. The keys are as helm names templates.
func traced(output string) map[string][]document {
	found := map[string][]document{}
	for source, texts := range sections(output) {
		source, ok := strings.CutSuffix(source, companionSuffix)
		if !ok {
			continue
		}
		_, encoded, _ := strings.Cut(strings.Join(texts, ""), "lines:")
		marked, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if err != nil {
			continue
		}
		found[source] = divide(unmark(string(marked)))
	}
	return found
}

// assemble makes one text of the documents of a template. Those that were
// traced come in the order of the template, the others behind them as helm
// prints them: what differs from one rendering to the next has no lines.
func assemble(printed, traced []document) (text []byte, lines []int) {
	balance := map[string]int{}
	for _, d := range printed {
		balance[d.text]++
	}
	for _, d := range traced {
		balance[d.text]--
	}
	// Of equal documents, helm may have dropped some, and nobody knows which.
	known := func(d document) bool { return balance[d.text] == 0 }
	unknown := func(d document) bool { return !known(d) }
	traced = slices.DeleteFunc(slices.Clone(traced), unknown)
	rest := slices.DeleteFunc(slices.Clone(printed), known)

	var out bytes.Buffer
	for i, d := range slices.Concat(traced, rest) {
		if i > 0 {
			out.WriteString("---\n")
			lines = append(lines, 0)
		}
		out.WriteString(d.text + "\n")
		lines = append(lines, d.lines...)
	}
	return out.Bytes(), lines
}

// results puts what was printed and what was traced together, in the order of
// the names that helm gives the templates.
func results(root *part, printed map[string][]string, traces map[string][]document) []Rendered {
	var all []Rendered
	for _, source := range slices.Sorted(maps.Keys(printed)) {
		var documents []document
		for _, text := range printed[source] {
			documents = append(documents, divide(text, origins{})...)
		}
		text, lines := assemble(documents, traces[source])
		all = append(all, Rendered{Template: root.path(source), Text: text, Lines: lines})
	}
	return all
}

package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Page is the documentation of the rule in Markdown: the file in docs/rules,
// what "egresslint explain" prints, and the help in SARIF.
func (r *Rule) Page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n", r.Code, r.Kebab())
	fmt.Fprintf(&b, "%s.\n\nLevel: %s. Tags: %s.\n\n", sentence(r.Summary()), r.levels(), strings.Join(r.Tags, ", "))
	fmt.Fprintf(&b, "## What it reports\n\n%s\n\n## Why\n\n%s\n\n", r.What(), r.Why)
	fmt.Fprintf(&b, "## Bad\n\n```yaml\n%s```\n\n## Good\n\n```yaml\n%s```\n\n", r.Bad, r.Good)
	fmt.Fprintf(&b, "## How to fix it\n\n%s\n\n## What it misses on purpose\n\n%s\n", r.Fix, r.Misses)
	return b.String()
}

// levels names the levels of the rule's findings, the usual one first.
func (r *Rule) levels() string {
	levels := []string{string(r.Level)}
	for _, category := range slices.Sorted(maps.Keys(r.Graded)) {
		levels = append(levels, fmt.Sprintf("%s for %s", r.Graded[category], category))
	}
	return strings.Join(levels, ", ")
}

// sentence begins a text with a capital letter, unless it begins with a name
// of the API.
func sentence(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if strings.ToLower(first) != first {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Index is the list of all rules in Markdown, docs/rules/README.md.
func Index() string {
	var b strings.Builder
	b.WriteString("# Rules\n\n| code | name | level | reports |\n|---|---|---|---|\n")
	for _, r := range All {
		fmt.Fprintf(&b, "| %s | [%s](%s.md) | %s | %s |\n", r.Code, r.Kebab(), r.Kebab(), r.levels(), r.Summary())
	}
	b.WriteString("\n`egresslint rules` prints this list, `egresslint explain CODE` a page of it.\n")
	return b.String()
}

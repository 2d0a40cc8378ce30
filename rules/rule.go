// Package rules holds the rules, one file each. A rule is an analyzer of
// golang.org/x/tools/go/analysis over one cluster view, with what an analyzer
// lacks: a permanent code, a level and a page of documentation. No rule reads
// a file, prints, or sees another rule.
//
// To add a rule, write its file here and its folder in testdata, then run go
// generate ./... (CONTRIBUTING.md shows it).
package rules

//go:generate go run gen_all.go
//go:generate go test -run TestPages -update .

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/agnivade/levenshtein"
	"golang.org/x/tools/go/analysis"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/netpol"
)

// Level is how grave a finding is. The names are those of SARIF.
type Level string

// The levels. By default a note does not fail a run.
const (
	Note    Level = "note"
	Warning Level = "warning"
	Error   Level = "error"
)

// Levels are all levels, the least grave first.
var Levels = []Level{Note, Warning, Error}

// Undecided is what a rule could not decide: how often, by reason. It is the
// result of every rule's analyzer, and may be nil.
type Undecided map[string]int

// Rule is one rule. Rules are not changed after the program has started.
type Rule struct {
	// Analyzer finds what the rule reports. Its Name is the rule's with
	// underscores, as the name of an analyzer is an identifier; the first
	// line of its Doc is the summary, the rest says what the rule reports.
	*analysis.Analyzer
	// Code is permanent and never given to another rule.
	Code string
	// Level is the level of a finding, unless Graded has its category.
	Level Level
	// Graded are the levels of findings by their analysis.Diagnostic.Category.
	Graded map[string]Level
	// Severity is the weight of the defect for GitHub's security-severity, in
	// the scale of CVSS: above 0.0, at most 10.0.
	Severity string
	// Tags are words to filter by, at most ten.
	Tags []string
	// Safe is set where the first fix that a finding of the rule suggests changes
	// no traffic. All others may.
	Safe bool
	// Why, Fix and Misses are paragraphs of the rule's page: why it matters,
	// how to mend it, and what the rule leaves out on purpose or gets wrong.
	Why, Fix, Misses string
	// Bad and Good are manifests that the rule reports and does not report.
	// The tests run both.
	Bad, Good string
}

// pages is where the pages of the rules are published.
const pages = "https://github.com/egresslint/egresslint/blob/main/docs/rules/"

// define completes a rule with what all have in common.
func define(r Rule) *Rule {
	r.Requires = append(r.Requires, cluster.Analyzer, netpol.Analyzer)
	r.ResultType = reflect.TypeFor[Undecided]()
	r.URL = pages + r.Kebab() + ".md"
	for _, text := range []*string{&r.Doc, &r.Why, &r.Fix, &r.Misses, &r.Bad, &r.Good} {
		*text = strings.Trim(*text, "\n")
	}
	r.Bad, r.Good = r.Bad+"\n", r.Good+"\n"
	return &r
}

// Kebab is the name that users see: missing-policy-types.
func (r *Rule) Kebab() string { return strings.ReplaceAll(r.Name, "_", "-") }

// Summary is what the rule reports, in one line.
func (r *Rule) Summary() string {
	summary, _, _ := strings.Cut(r.Doc, "\n")
	return summary
}

// What is what the rule reports, in paragraphs.
func (r *Rule) What() string {
	_, what, _ := strings.Cut(r.Doc, "\n")
	return strings.Trim(what, "\n")
}

// LevelOf is the level of a finding of a category.
func (r *Rule) LevelOf(category string) Level {
	if level, ok := r.Graded[category]; ok {
		return level
	}
	return r.Level
}

// Find returns the rule with a code or a name, in any case. It is nil when
// there is none.
func Find(word string) *Rule {
	for _, r := range All {
		if strings.EqualFold(word, r.Code) || strings.EqualFold(word, r.Kebab()) {
			return r
		}
	}
	return nil
}

// Named is the rule with a code or a name. The error says that there is none, and
// which is close to it.
func Named(word string) (*Rule, error) {
	if r := Find(word); r != nil {
		return r, nil
	}
	const near = 3 // changes of a letter
	var closest *Rule
	least := near + 1
	for _, r := range All {
		for _, name := range []string{r.Code, r.Kebab()} {
			d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(name))
			if d < least && 2*d < len(name) {
				closest, least = r, d
			}
		}
	}
	if closest == nil {
		return nil, fmt.Errorf("%q is no rule: \"egresslint rules\" lists them", word)
	}
	return nil, fmt.Errorf("%q is no rule: is it %s %s?", word, closest.Code, closest.Kebab())
}

// title names a policy in a message.
func title(p *cluster.Policy) string { return fmt.Sprintf("NetworkPolicy %q", p.Qualified()) }

// titleOf names a policy of a namespace in a message. The namespace may be nil.
func titleOf(name string, in *cluster.Namespace) string {
	if in != nil && in.Name != "" {
		name = in.Name + "/" + name
	}
	return fmt.Sprintf("NetworkPolicy %q", name)
}

// maxNames is how many names a message lists before it counts the rest.
const maxNames = 5

// enumerate lists names for a sentence: "a, b and 3 more".
func enumerate(names []string) string {
	switch n := len(names); {
	case n == 1:
		return names[0]
	case n <= maxNames:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), n-maxNames)
	}
}

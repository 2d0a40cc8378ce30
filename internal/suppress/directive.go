package suppress

import (
	"errors"
	"fmt"
	"strings"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// directive is one suppression as it is written: in a comment, in an annotation or
// in the settings.
type directive struct {
	by lint.SuppressedBy
	// at is where it is written, object what that is part of; it may be nil.
	at     source.Span
	object *manifest.Resource
	reason string
	// rules are those that it names, used those of them of which it suppresses a
	// finding.
	rules []*rules.Rule
	used  map[*rules.Rule]bool
	// err says why it cannot be read, in part at least.
	err error
}

func newDirective(by lint.SuppressedBy, at source.Span) *directive {
	return &directive{by: by, at: at, used: map[*rules.Rule]bool{}}
}

var errNoRule = errors.New(`the suppression names no rule: write the codes, then "--" and the reason`)

// parse reads "EGR001, EGR004 -- reason".
func (d *directive) parse(text string) {
	names, reason, _ := strings.Cut(" "+text+" ", " -- ")
	d.reason = strings.TrimSpace(reason)
	words := strings.FieldsFunc(strings.TrimSuffix(strings.TrimSpace(names), " --"), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	if len(words) == 0 {
		d.err = errNoRule
	}
	for _, word := range words {
		rule, err := rules.Named(word)
		if err != nil {
			d.err = fmt.Errorf("the suppression cannot be read: %w", err)
			continue
		}
		d.rules = append(d.rules, rule)
	}
}

// suppression is what the directive does to a finding.
func (d *directive) suppression() *lint.Suppression {
	return &lint.Suppression{By: d.by, Reason: d.reason, At: lint.Place{Path: d.at.File.Path, Line: d.at.Start().Line}}
}

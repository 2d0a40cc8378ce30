package report

import (
	"fmt"
	"strings"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
)

// maxChanges is how many connections of a fix are listed.
const maxChanges = 8

// fixable marks a finding that has a fix.
func fixable(f *lint.Finding) string {
	if len(f.Fixes) == 0 {
		return ""
	}
	return " [fixable]"
}

// fixed writes a finding that is gone, and what mended it.
func (t textWriter) fixed(f *lint.Finding) {
	for _, fix := range f.Fixes {
		fmt.Fprintf(t, "%s %s %s %s: %s\n", t.bold.Sprint(place(f.At)), t.opened.Sprint("fixed"), f.Rule.Code, f.Rule.Kebab(), source.Printable(fix.Title))
		t.changes(fix.Changes)
	}
}

// fixes writes the fixes of a finding with what they open and close, or why
// there is none.
func (t textWriter) fixes(f *lint.Finding) {
	for _, fix := range f.Fixes {
		fmt.Fprintf(t, "  fix (%s): %s\n", flag(fix.Safe), source.Printable(fix.Title))
		t.changes(fix.Changes)
	}
	if f.Refused != "" {
		fmt.Fprintf(t, "  no fix: %s\n", source.Printable(f.Refused))
	}
}

func (t textWriter) changes(changes []string) {
	for _, change := range changes[:min(len(changes), maxChanges)] {
		text := source.Printable(change)
		switch {
		case strings.HasPrefix(text, "+"):
			text = t.opened.Sprint(text)
		case strings.HasPrefix(text, "-"):
			text = t.closed.Sprint(text)
		}
		fmt.Fprintf(t, "    %s\n", text)
	}
	if n := len(changes) - maxChanges; n > 0 {
		fmt.Fprintf(t, "    and %d more\n", n)
	}
}

// flag is what applies a fix.
func flag(safe bool) string {
	if safe {
		return "--fix"
	}
	return "--unsafe-fixes"
}

// fixables counts the findings with a fix by what applies it. It is "" where
// there are none.
func fixables(r *lint.Result) string {
	safe, unsafe := r.Fixable()
	if safe+unsafe == 0 {
		return ""
	}
	var parts []string
	if safe > 0 {
		parts = append(parts, fmt.Sprintf("%d with %s", safe, flag(true)))
	}
	if unsafe > 0 {
		parts = append(parts, fmt.Sprintf("%d with %s", unsafe, flag(false)))
	}
	return fmt.Sprintf("%d fixable: %s", safe+unsafe, strings.Join(parts, ", "))
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/mattn/go-runewidth"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// maxFrames is how many related places get a frame of source lines; findings
// with more have their names in the message.
const maxFrames = 2

// Text writes for people: each finding with its source line and a caret under
// what is at fault, and a last line with what was read and what was not.
func Text(w io.Writer, r *lint.Result, o Options) error {
	b := bufio.NewWriter(w)
	t := textWriter{b, newPalette(o.Color)}
	for _, p := range r.Problems {
		t.problem(p)
	}
	for _, f := range r.Fixed {
		t.fixed(f)
	}
	for _, f := range r.Findings {
		t.finding(f)
	}
	t.details(r.Notes)
	fmt.Fprintln(b, summary(r))
	return b.Flush()
}

// palette is the colours of the parts of a line.
type palette struct {
	bold, dim, caret *color.Color
	// opened and closed are for connections.
	opened, closed *color.Color
	levels         map[rules.Level]*color.Color
}

func newPalette(on bool) palette {
	paint := func(attributes ...color.Attribute) *color.Color {
		c := color.New(attributes...)
		// The package looks at the process's standard output; what is written
		// to may be something else.
		c.DisableColor()
		if on {
			c.EnableColor()
		}
		return c
	}
	return palette{
		bold: paint(color.Bold), dim: paint(color.FgBlue), caret: paint(color.FgGreen, color.Bold),
		opened: paint(color.FgGreen), closed: paint(color.FgRed),
		levels: map[rules.Level]*color.Color{
			rules.Error:   paint(color.FgRed, color.Bold),
			rules.Warning: paint(color.FgYellow, color.Bold),
			rules.Note:    paint(color.FgCyan, color.Bold),
		},
	}
}

type textWriter struct {
	*bufio.Writer
	palette
}

func (t textWriter) problem(p source.Problem) {
	label := "input error:"
	if p.Path == "" { // a rule failed
		label = "error:"
	}
	p.Path = source.PrintablePath(p.Path)
	place := strings.TrimSuffix(p.Error(), p.Message)
	fmt.Fprintf(t, "%s%s %s\n", t.bold.Sprint(place), t.levels[rules.Error].Sprint(label), p.Message)
	if p.Span.File != nil {
		t.frame(p.Span)
	}
}

func (t textWriter) finding(f *lint.Finding) {
	fmt.Fprintf(t, "%s %s %s %s: %s\n", t.bold.Sprint(place(f.At)), t.levels[f.Level].Sprint(f.Level), f.Rule.Code, f.Rule.Kebab(), f.Message+holds(f)+fixable(f))
	t.frame(f.At)
	if len(f.Related) <= maxFrames {
		t.related(f)
	}
	t.fixes(f)
}

func (t textWriter) related(f *lint.Finding) {
	for _, related := range f.Related {
		if related.At == f.At {
			continue
		}
		fmt.Fprintf(t, "  %s %s\n", t.bold.Sprint(place(related.At)), related.Message)
		t.frame(related.At)
	}
}

// holds tells where a finding holds, where that is not just its file: in which
// overlays, or in which views.
func holds(f *lint.Finding) string {
	in := f.Overlays
	switch {
	case f.Object.Template != "":
		in = []string{f.Object.Template}
	case len(in) == 0:
		in = f.Views
	}
	if len(in) == 0 || len(in) == 1 && in[0] == path.Dir(f.At.File.Path) {
		return ""
	}
	return " [" + source.Printable(strings.Join(in, ", ")) + "]"
}

// details says what is particular about what was left out.
func (t textWriter) details(notes []lint.Note) {
	for _, n := range notes {
		for _, place := range n.Places {
			if place.Detail == "" {
				continue
			}
			detail := place.Detail
			place.Detail = ""
			what := "not analysed: " + n.Reason
			if n.Kind == lint.Stale {
				what = "stale"
			}
			fmt.Fprintf(t, "%s %s: %s\n", t.bold.Sprint(source.PrintablePath(place.String())+":"), what, source.Printable(detail))
		}
	}
}

func place(at source.Span) string {
	start := at.Start()
	return fmt.Sprintf("%s:%d:%d:", source.PrintablePath(at.File.Path), start.Line, start.Column)
}

// frame writes the line on which at begins, and carets under its part of it.
func (t textWriter) frame(at source.Span) {
	first := at.FirstLine()
	start, end := first.Start(), first.End()
	line := []rune(first.File.Line(start.Line))
	before := string(line[:min(start.Column-1, len(line))])
	marked := string(line[len([]rune(before)):min(max(end.Column-1, start.Column-1), len(line))])
	after := string(line[len([]rune(before))+len([]rune(marked)):])
	before, marked, after = clip(before, marked, after)
	number := fmt.Sprintf("%5d", start.Line)
	carets := strings.Repeat("^", max(screen.StringWidth(source.Printable(marked)), 1))
	fmt.Fprintf(t, "%s %s%s%s\n", t.dim.Sprint(number+" |"), source.Printable(before), source.Printable(marked), source.Printable(after))
	fmt.Fprintf(t, "%s %s%s\n", t.dim.Sprint("      |"), blank(source.Printable(before)), t.caret.Sprint(carets))
}

// maxLine is how many characters of a line are shown around what is marked.
const maxLine = 120

// clip shortens a line that no screen can show.
func clip(before, marked, after string) (string, string, string) {
	if b := []rune(before); len(b) > maxLine {
		before = "…" + string(b[len(b)-maxLine/2:])
	}
	if m := []rune(marked); len(m) > maxLine {
		marked, after = string(m[:maxLine])+"…", ""
	}
	if a := []rune(after); len(a) > maxLine {
		after = string(a[:maxLine/2]) + "…"
	}
	return before, marked, after
}

// screen measures text. It does not ask the locale: the same input gives the
// same bytes everywhere.
var screen = &runewidth.Condition{StrictEmojiNeutral: true}

// blank is as wide as text on a screen: tabs stay tabs.
func blank(text string) string {
	parts := strings.Split(text, "\t")
	for i, part := range parts {
		parts[i] = strings.Repeat(" ", screen.StringWidth(part))
	}
	return strings.Join(parts, "\t")
}

// summary is the last line: what was found, what was read, and what was not.
func summary(r *lint.Result) string {
	s := r.Summary
	var parts []string
	failed := 0
	for _, p := range r.Problems {
		if p.Path == "" {
			failed++
		}
	}
	if failed > 0 {
		parts = append(parts, Count(failed, "failed rule", "failed rules"))
	}
	if n := len(r.Problems) - failed; n > 0 {
		parts = append(parts, Count(n, "input error", "input errors"))
	}
	if n := len(r.Fixed); n > 0 {
		parts = append(parts, fmt.Sprintf("%d fixed", n))
	}
	if s.Files == 0 {
		parts = append(parts, "nothing to lint: no YAML or JSON file was read")
	} else {
		parts = append(parts, found(s))
		if n := len(r.Suppressed); n > 0 {
			parts = append(parts, fmt.Sprintf("%d suppressed", n))
		}
		if text := fixables(r); text != "" {
			parts = append(parts, text)
		}
		parts = append(parts, fmt.Sprintf("read %s, %s and %s in %s of %s",
			Count(s.Policies, "policy", "policies"), Count(s.Namespaces, "namespace", "namespaces"),
			Count(s.Workloads, "workload", "workloads"), Count(s.Views, "view", "views"), Count(s.Files, "file", "files")))
	}
	for _, section := range []struct {
		title string
		kind  lint.NoteKind
	}{{"not analysed", lint.Skipped}, {"not decided", lint.Undecided}, {"stale", lint.Stale}} {
		var listed []string
		for _, n := range r.Notes {
			if n.Kind == section.kind {
				listed = append(listed, fmt.Sprintf("%s (%d)", n.Reason, n.Count))
			}
		}
		if len(listed) > 0 {
			parts = append(parts, section.title+": "+strings.Join(listed, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// found counts the findings by their levels, the gravest first.
func found(s lint.Summary) string {
	var all []string
	for _, level := range slices.Backward(rules.Levels) {
		if n := s.Levels[level]; n > 0 {
			all = append(all, Count(n, string(level), string(level)+"s"))
		}
	}
	if len(all) == 0 {
		return "no findings"
	}
	return strings.Join(all, ", ")
}

// Count is a number with its noun: "1 policy", "2 policies".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

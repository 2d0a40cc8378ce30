package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/source"
)

// TestSARIFEdits applies the replacements of the report, and holds it against
// the standard.
func TestSARIFEdits(t *testing.T) {
	schema := loadStandard(t)
	units := utf16.RuneLen
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			result, fix := fixed(t, e)
			text := written(t, SARIF, result, Options{Root: source.Real("."), Version: "1.2.3"})
			if err := validate(t, schema, text); err != nil {
				t.Error(err)
			}
			all := decode(t, text).Runs[0].Results[0].Fixes
			if len(all) != 1 || len(all[0].Changes) != 1 {
				t.Fatalf("the fixes are %+v", all)
			}
			var changes []change
			for _, got := range all[0].Changes[0].Replacements {
				r := got.Region
				changes = append(changes, change{
					offset(t, e.text, r.StartLine, r.StartColumn, units), offset(t, e.text, r.EndLine, r.EndColumn, units), got.Inserted.Text,
				})
			}
			wantApplied(t, result.Findings[0].At.File, changes, fix.Edits)
		})
	}
}

func TestSARIFFixes(t *testing.T) {
	schema := loadStandard(t)
	dir := enter(t, map[string]string{"k8s/a b.yaml": implied, "k8s/c.yaml": deny})
	result := resultOf(t, "k8s")
	f := result.Findings[0]
	other := source.Made("k8s/c.yaml", []byte(deny))
	f.Fixes = []lint.Fix{
		{Title: "without edits"},
		{Title: "write it", Changes: []string{"+ a -> b", "- c -> d"}, Edits: []source.Edit{
			edit(t, f.At.File, "implied", ""), insert(f.At.File, -1, "x\n"),
			edit(t, other, "shop", "bank"), insert(source.Made("k8s/new.yaml", nil), 0, "a: 1\n"),
		}},
	}
	text := written(t, SARIF, result, Options{Root: dir, Version: "1.2.3"})
	if err := validate(t, schema, text); err != nil {
		t.Error(err)
	}
	for _, needed := range []string{`"artifactChanges": `, `"replacements": `, `"deletedRegion": `} {
		if err := validate(t, schema, strings.ReplaceAll(text, needed, `"message": `)); err == nil {
			t.Errorf("it passes without %s", needed)
		}
	}
	fixes := decode(t, text).Runs[0].Results[0].Fixes
	if len(fixes) != 1 {
		t.Fatalf("%d fixes, want the one that has edits", len(fixes))
	}
	if got := fixes[0]; got.Description.Text != "write it\n+ a -> b\n- c -> d" || got.Properties.Safe == nil || *got.Properties.Safe {
		t.Errorf("it is %+v", got)
	}
	var got []string
	for _, c := range fixes[0].Changes {
		if c.Artifact.URIBaseID != "%SRCROOT%" {
			t.Errorf("%s is below %q", c.Artifact.URI, c.Artifact.URIBaseID)
		}
		for _, r := range c.Replacements {
			got = append(got, fmt.Sprintf("%s %v %q", c.Artifact.URI, r.Region, r.Inserted.Text))
		}
	}
	want := []string{
		`k8s/a%20b.yaml {4 9 4 16} ""`, `k8s/a%20b.yaml {7 1 7 1} "x\n"`,
		`k8s/c.yaml {5 14 5 18} "bank"`, `k8s/new.yaml {1 1 1 1} "a: 1\n"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

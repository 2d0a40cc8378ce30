package report

import (
	"encoding/json"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/egresslint/egresslint/rules"
)

// The parts of a SARIF report that the tests look at.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver struct {
				Name            string           `json:"name"`
				SemanticVersion string           `json:"semanticVersion"`
				Rules           []sarifRuleEntry `json:"rules"`
			} `json:"driver"`
		} `json:"tool"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
		Invocations []sarifInvocation `json:"invocations"`
		BaseIDs     map[string]struct {
			URI string `json:"uri"`
		} `json:"originalUriBaseIds"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	}
	sarifRuleEntry struct {
		ID               string    `json:"id"`
		Name             string    `json:"name"`
		ShortDescription sarifText `json:"shortDescription"`
		FullDescription  sarifText `json:"fullDescription"`
		Help             sarifText `json:"help"`
		HelpURI          string    `json:"helpUri"`
		Default          struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
		Properties struct {
			Severity  any      `json:"security-severity"`
			Precision string   `json:"precision"`
			Tags      []string `json:"tags"`
		} `json:"properties"`
	}
	sarifResult struct {
		RuleID           string            `json:"ruleId"`
		RuleIndex        int               `json:"ruleIndex"`
		Level            string            `json:"level"`
		Message          sarifText         `json:"message"`
		Fingerprints     map[string]string `json:"partialFingerprints"`
		Locations        []sarifLocation   `json:"locations"`
		RelatedLocations []sarifLocation   `json:"relatedLocations"`
		Fixes            []sarifFix        `json:"fixes"`
	}
	sarifFix struct {
		Description sarifText `json:"description"`
		Changes     []struct {
			Artifact     sarifArtifact `json:"artifactLocation"`
			Replacements []struct {
				Region   sarifRegion `json:"deletedRegion"`
				Inserted sarifText   `json:"insertedContent"`
			} `json:"replacements"`
		} `json:"artifactChanges"`
		Properties struct {
			Safe *bool `json:"safe"`
		} `json:"properties"`
	}
	sarifArtifact struct {
		URI       string `json:"uri"`
		URIBaseID string `json:"uriBaseId"`
	}
	sarifLocation struct {
		ID       int       `json:"id"`
		Message  sarifText `json:"message"`
		Physical struct {
			Artifact sarifArtifact `json:"artifactLocation"`
			Region   sarifRegion   `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		StartLine, StartColumn, EndLine, EndColumn int
	}
	sarifInvocation struct {
		Successful    bool `json:"executionSuccessful"`
		Notifications []struct {
			Level     string          `json:"level"`
			Message   sarifText       `json:"message"`
			Locations []sarifLocation `json:"locations"`
		} `json:"toolExecutionNotifications"`
	}
)

// sarifOf lints the paths and reads the one run of the report.
func sarifOf(t *testing.T, root string, paths ...string) sarifRun {
	t.Helper()
	return decode(t, written(t, SARIF, resultOf(t, paths...), Options{Root: root, Version: "1.2.3"})).Runs[0]
}

func decode(t *testing.T, text string) sarifLog {
	t.Helper()
	var report sarifLog
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Runs) != 1 {
		t.Fatalf("%d runs, want 1", len(report.Runs))
	}
	return report
}

func TestSARIFTool(t *testing.T) {
	dir := enter(t, everything)
	report := decode(t, written(t, SARIF, resultOf(t, "k8s"), Options{Root: dir, Version: "1.2.3"}))
	if !strings.HasPrefix(report.Schema, "https://") || report.Version != "2.1.0" {
		t.Errorf("$schema %q, version %q", report.Schema, report.Version)
	}
	run := report.Runs[0]
	if run.Tool.Driver.Name != "egresslint" || run.Tool.Driver.SemanticVersion != "1.2.3" {
		t.Errorf("driver %q, semanticVersion %q", run.Tool.Driver.Name, run.Tool.Driver.SemanticVersion)
	}
	if run.ColumnKind != "utf16CodeUnits" {
		t.Errorf("columnKind %q", run.ColumnKind)
	}
}

// TestSARIFRules holds what GitHub asks of a rule.
func TestSARIFRules(t *testing.T) {
	dir := enter(t, nil)
	entries := sarifOf(t, dir, ".").Tool.Driver.Rules
	if len(entries) != len(rules.All) {
		t.Fatalf("%d rules, want %d", len(entries), len(rules.All))
	}
	for i, rule := range entries {
		t.Run(rule.ID, func(t *testing.T) {
			if rule.ID != rules.All[i].Code || rule.Name != rules.All[i].Kebab() {
				t.Errorf("rule %d is %s %s", i, rule.ID, rule.Name)
			}
			for what, text := range map[string]string{
				"shortDescription": rule.ShortDescription.Text, "fullDescription": rule.FullDescription.Text, "name": rule.Name,
			} {
				if text == "" || len(text) > 1024 {
					t.Errorf("%s has %d characters, want 1 to 1024", what, len(text))
				}
			}
			if rule.Help.Text == "" || !strings.HasPrefix(rule.Help.Markdown, "# "+rule.ID) {
				t.Errorf("help is %q and %q", rule.Help.Text, rule.Help.Markdown)
			}
			if !strings.HasPrefix(rule.HelpURI, "https://") || rule.Default.Level != string(rules.All[i].Level) {
				t.Errorf("helpUri %q, level %q", rule.HelpURI, rule.Default.Level)
			}
			severity, _ := rule.Properties.Severity.(string)
			if n, err := strconv.ParseFloat(severity, 64); err != nil || n <= 0 || n > 10 {
				t.Errorf("security-severity is %#v, want a text above 0 and up to 10", rule.Properties.Severity)
			}
			if rule.Properties.Precision != "very-high" {
				t.Errorf("precision %q", rule.Properties.Precision)
			}
			if n := len(rule.Properties.Tags); n == 0 || n > 20 {
				t.Errorf("%d tags, want 1 to 20", n)
			}
		})
	}
}

// TestSARIFResults holds what GitHub asks of a result.
func TestSARIFResults(t *testing.T) {
	dir := enter(t, everything)
	run := sarifOf(t, dir, "k8s")
	seen := map[string]bool{}
	for _, result := range run.Results {
		seen[result.RuleID] = true
		if i := result.RuleIndex; i < 0 || i >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[i].ID != result.RuleID {
			t.Errorf("%s has ruleIndex %d", result.RuleID, result.RuleIndex)
		}
		if result.Message.Text == "" || result.Level == "" {
			t.Errorf("%s has message %q and level %q", result.RuleID, result.Message.Text, result.Level)
		}
		if len(result.Locations) != 1 {
			t.Errorf("%s has %d locations, want 1", result.RuleID, len(result.Locations))
		}
		for _, location := range append(result.Locations, result.RelatedLocations...) {
			at := location.Physical
			if at.Region.StartLine < 1 || at.Region.EndLine != at.Region.StartLine || at.Region.EndColumn <= at.Region.StartColumn {
				t.Errorf("%s has region %+v, want one of one line", result.RuleID, at.Region)
			}
			if at.Artifact.URIBaseID != "%SRCROOT%" || !strings.HasPrefix(at.Artifact.URI, "k8s/") {
				t.Errorf("%s is at %q in %q", result.RuleID, at.Artifact.URI, at.Artifact.URIBaseID)
			}
		}
	}
	for _, rule := range rules.All {
		if !seen[rule.Code] {
			t.Errorf("the tree has no finding of %s", rule.Code)
		}
	}
}

func TestSARIFClean(t *testing.T) {
	dir := enter(t, map[string]string{"deny.yaml": deny})
	text := written(t, SARIF, resultOf(t, "."), Options{Root: dir, Version: "1.2.3"})
	if !strings.Contains(text, `"results": []`) {
		t.Error("a clean report needs an empty list of results: without it GitHub keeps the old ones")
	}
	if run := decode(t, text).Runs[0]; len(run.Invocations) != 1 || !run.Invocations[0].Successful {
		t.Errorf("invocations are %+v", run.Invocations)
	}
}

func TestSARIFRegions(t *testing.T) {
	const key = `"spec"`
	const header = `{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",` + "\n"
	const before = `"metadata": {"name": "a", "annotations": {"a": "😀 é 你好"}}, `
	units := func(text string) int { return len(utf16.Encode([]rune(text))) }
	tests := []struct {
		name, text string
		want       sarifRegion
	}{
		{"a key", implied, sarifRegion{6, 1, 6, 5}},
		{"the first line of a rule", dns, sarifRegion{10, 5, 10, 11}},
		{"with carriage returns", strings.ReplaceAll(dns, "\n", "\r\n"), sarifRegion{10, 5, 10, 11}},
		{"after a byte order mark", "\ufeff" + `{"spec": {"podSelector": {}}, "metadata": {"name": "a"}, "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}`,
			sarifRegion{1, 2, 1, 8}},
		{"after an emoji", header + before + key + `: {"podSelector": {}}}`,
			sarifRegion{2, units(before) + 1, 2, units(before+key) + 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := enter(t, map[string]string{"policy.yaml": test.text})
			results := sarifOf(t, dir, ".").Results
			if len(results) != 1 {
				t.Fatalf("%d results, want 1", len(results))
			}
			if got := results[0].Locations[0].Physical.Region; got != test.want {
				t.Errorf("region %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestSARIFURIs(t *testing.T) {
	tests := []struct{ file, uri string }{
		{"policy.yaml", "policy.yaml"},
		{"k8s/web/policy.yaml", "k8s/web/policy.yaml"},
		{"a b/c#d.yaml", "a%20b/c%23d.yaml"},
		{"é.yaml", "%C3%A9.yaml"},
		{"100%?.yaml", "100%25%3F.yaml"},
		{"k8s/a:b.yaml", "k8s/a:b.yaml"},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			dir := enter(t, map[string]string{test.file: implied})
			for _, given := range []string{".", test.file, path.Join(dir, test.file)} {
				text := written(t, SARIF, resultOf(t, given), Options{Root: dir, Version: "1.2.3"})
				at := decode(t, text).Runs[0].Results[0].Locations[0].Physical.Artifact
				if at.URI != test.uri || at.URIBaseID != "%SRCROOT%" {
					t.Errorf("given %s: %q in %q, want %q", given, at.URI, at.URIBaseID, test.uri)
				}
				if strings.Contains(text, dir) {
					t.Errorf("given %s: the report names the directory of this machine", given)
				}
			}
		})
	}
}

// TestSARIFColon holds that a file whose name begins like a scheme is still a
// file: without a slash before its colon the URI would be an absolute one.
func TestSARIFColon(t *testing.T) {
	dir := enter(t, map[string]string{"a:b.yaml": implied})
	uri := sarifOf(t, dir, ".").Results[0].Locations[0].Physical.Artifact.URI
	parsed, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Scheme != "" || path.Clean(parsed.Path) != "a:b.yaml" {
		t.Errorf("%q has the scheme %q and the path %q", uri, parsed.Scheme, parsed.Path)
	}
}

// TestSARIFSubdirectory runs below the root, where paths are shown from the
// working directory.
func TestSARIFSubdirectory(t *testing.T) {
	dir := enter(t, map[string]string{"k8s/web/policy.yaml": implied, "k8s/web/broken.yaml": broken})
	t.Chdir("k8s/web")
	for _, given := range []string{".", "../web", "../../k8s"} {
		run := sarifOf(t, dir, given)
		if uri := run.Results[0].Locations[0].Physical.Artifact.URI; uri != "k8s/web/policy.yaml" {
			t.Errorf("given %s: the result is in %q", given, uri)
		}
		if uri := run.Invocations[0].Notifications[0].Locations[0].Physical.Artifact.URI; uri != "k8s/web/broken.yaml" {
			t.Errorf("given %s: the notification is of %q", given, uri)
		}
	}
}

// TestSARIFLink holds that a file that was reached through a link is named by
// its real path: GitHub does not follow links.
func TestSARIFLink(t *testing.T) {
	dir := enter(t, map[string]string{"base/policy.yaml": implied})
	if err := os.Symlink("base", "current"); err != nil {
		t.Skip(err)
	}
	if uri := sarifOf(t, dir, "current").Results[0].Locations[0].Physical.Artifact.URI; uri != "base/policy.yaml" {
		t.Errorf("the result is in %q", uri)
	}
}

func TestSARIFFingerprints(t *testing.T) {
	fingerprint := func(name, text string) string {
		dir := enter(t, map[string]string{name: text})
		return sarifOf(t, dir, ".").Results[0].Fingerprints["egresslint/v1"]
	}
	want := fingerprint("policy.yaml", implied)
	if want == "" {
		t.Fatal("there is none")
	}
	same := []struct{ name, text string }{
		{"policy.yaml", "# a comment\n\n# another\n" + implied},
		{"policy.yaml", deny + "---\n" + implied},
		{"policy.yaml", strings.ReplaceAll(implied, "\n", "\r\n")},
		{"moved/renamed.yml", implied},
	}
	for _, test := range same {
		if got := fingerprint(test.name, test.text); got != want {
			t.Errorf("%s with %q: %s, want %s", test.name, test.text, got, want)
		}
	}
	if got := fingerprint("policy.yaml", strings.ReplaceAll(implied, "shop", "bank")); got == want {
		t.Error("another namespace has the same")
	}
	if got := fingerprint("policy.yaml", strings.ReplaceAll(implied, "name: implied", "name: other")); got == want {
		t.Error("another policy has the same")
	}
}

func TestSARIFRelated(t *testing.T) {
	dir := enter(t, map[string]string{"open.yaml": open})
	related := sarifOf(t, dir, ".").Results[0].RelatedLocations
	if len(related) != 2 {
		t.Fatalf("%d related locations, want 2", len(related))
	}
	for i, location := range related {
		if location.ID != i+1 || location.Message.Text == "" {
			t.Errorf("location %d has the id %d and the message %q", i, location.ID, location.Message.Text)
		}
		if want := []int{8, 13}[i]; location.Physical.Region.StartLine != want {
			t.Errorf("location %d is on line %d, want %d", i, location.Physical.Region.StartLine, want)
		}
	}
}

func TestSARIFProblems(t *testing.T) {
	dir := enter(t, map[string]string{"broken.yaml": broken})
	invocation := sarifOf(t, dir, ".", "nowhere").Invocations[0]
	if invocation.Successful || len(invocation.Notifications) != 2 {
		t.Fatalf("invocation is %+v", invocation)
	}
	for i, want := range []string{"broken.yaml", "nowhere"} {
		n := invocation.Notifications[i]
		if n.Level != "error" || n.Message.Text == "" || n.Locations[0].Physical.Artifact.URI != want {
			t.Errorf("notification %d is %+v", i, n)
		}
	}
}

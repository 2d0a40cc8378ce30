package gitignore

import (
	"strings"
	"testing"
)

// maxSteps is the bound on the work of matching one text with one glob: two
// looks at each token before the text and after each of its bytes.
func maxSteps(g glob, text string) int {
	return 2 * len(g) * (len(text) + 1)
}

func TestHostilePatternsTakeBoundedSteps(t *testing.T) {
	path := strings.Repeat("a/", 100) + strings.Repeat("a", 100)
	patterns := map[string]string{
		"stars":              strings.Repeat("*a", 50) + "*b",
		"double stars":       strings.Repeat("**/", 50) + "b",
		"both":               strings.Repeat("**/", 30) + "a*a*a*a*a*a*a*a*a*a*b",
		"alternating":        strings.Repeat("**/*a*/", 30) + "b",
		"question marks":     strings.Repeat("*?", 50) + "b",
		"classes":            strings.Repeat("*[!b]", 50) + "b",
		"escaped slashes":    strings.Repeat(`**\/`, 50) + "b",
		"double star in end": strings.Repeat("a/**/", 50) + "**",
	}
	for name, pattern := range patterns {
		t.Run(name, func(t *testing.T) {
			g, ok := compile(pattern)
			if !ok {
				t.Fatalf("compile(%q) failed", pattern)
			}
			if len(g) > len(pattern) {
				t.Errorf("%d tokens from %d bytes", len(g), len(pattern))
			}
			for _, text := range []string{path, strings.Repeat("a", 255)} {
				s := newSimulation(g)
				s.run(text)
				if limit := maxSteps(g, text); s.steps > limit {
					t.Errorf("%d steps, want at most %d", s.steps, limit)
				}
			}
		})
	}
}

func TestSimulationStopsWhenNothingCanMatch(t *testing.T) {
	g, _ := compile("vendor")
	s := newSimulation(g)
	s.run(strings.Repeat("a", 1000))
	if limit := maxSteps(g, "a"); s.steps > limit {
		t.Errorf("%d steps to reject the first byte, want at most %d", s.steps, limit)
	}
}

func FuzzIgnored(f *testing.F) {
	for _, c := range ignoredCases {
		path, isDir := cutDirectoryMark(c.path)
		f.Add([]byte(c.text), path, isDir)
	}
	f.Add([]byte(strings.Repeat("*a", 20)+"b"), strings.Repeat("a", 40), false)
	f.Add([]byte(strings.Repeat("**/", 20)+"b"), strings.Repeat("a/", 40)+"a", true)
	f.Fuzz(func(t *testing.T, text []byte, path string, isDir bool) {
		matcher := Parse("", text, nil)
		matcher.Ignored(path, isDir)
		for _, r := range matcher.rules {
			s := newSimulation(r.glob)
			s.run(path)
			if limit := maxSteps(r.glob, path); s.steps > limit {
				t.Errorf("%d steps, want at most %d", s.steps, limit)
			}
		}
		if path == "" {
			return
		}
		// Whatever stands above it, a last line for everything decides.
		if !Parse("", append(text[:len(text):len(text)], "\n*"...), nil).Ignored(path, isDir) {
			t.Error("not ignored though the last line is *")
		}
		if Parse("", append(text[:len(text):len(text)], "\n!*"...), nil).Ignored(path, isDir) {
			t.Error("ignored though the last line is !*")
		}
	})
}

func BenchmarkIgnored(b *testing.B) {
	text := "# build\n*.log\n/out\nnode_modules/\n**/tmp/*.yaml\ncharts/*/charts\n!keep.log\n.env\n*.sw[op]\n/bin/\n"
	matcher := Parse("", []byte(text), nil)
	for b.Loop() {
		matcher.Ignored("clusters/production/payments/network-policy.yaml", false)
	}
}

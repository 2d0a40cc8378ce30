package fix

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// crlf has its lines end as on Windows.
func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

// changed is a file that is there already.
func changed(path, before, after string) Changed {
	return Changed{Path: path, Before: []byte(before), After: []byte(after)}
}

// added is a new file.
func added(path, after string) Changed {
	return Changed{Path: path, After: []byte(after), New: true}
}

const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api # é 😀
  namespace: shop
spec:
  podSelector: {}
  ingress:
  - {}
  egress:
  - {}
`

var mended = strings.Replace(policy, "  podSelector: {}\n", "  podSelector: {}\n  policyTypes: [Ingress]\n", 1)

// appliers are the programs that must take a patch: their names, and what they
// are called with, first to look and then to apply.
var appliers = map[string][2][]string{
	"git":   {{"apply", "--check", "-"}, {"apply", "-"}},
	"patch": {{"-p1", "--dry-run"}, {"-p1"}},
}

// run runs a program in a directory without the settings of the machine.
func run(t *testing.T, dir, stdin, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+dir, "XDG_CONFIG_HOME="+dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s\nof the patch\n%s", name, strings.Join(args, " "), err, out, stdin)
	}
	return string(out)
}

// lay writes the files as they were before.
func lay(t *testing.T, dir string, files []Changed) {
	t.Helper()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if f.New {
			continue
		}
		if err := os.WriteFile(path, f.Before, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// applied holds that a program makes of the files what they should be, and
// nothing else.
func applied(t *testing.T, program, patch string, files []Changed) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil && program != "git" {
		t.Skip(err)
	}
	dir := t.TempDir()
	lay(t, dir, files)
	for _, args := range appliers[program] {
		run(t, dir, patch, program, args...)
	}
	for _, f := range files {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, f.After) {
			t.Errorf("%s is %q, want %q, after the patch\n%s", f.Path, got, f.After, patch)
		}
	}
	all := 0
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all++
		}
		return err
	})
	if err != nil || all != len(files) {
		t.Errorf("there are %d files, want %d (%v)", all, len(files), err)
	}
}

func TestDiffApplies(t *testing.T) {
	long := strings.Repeat("- a\n", 40)
	tests := []struct {
		name  string
		files []Changed
	}{
		{"an insertion", []Changed{changed("k8s/x.yaml", policy, mended)}},
		{"a removal", []Changed{changed("k8s/x.yaml", mended, policy)}},
		{"carriage returns", []Changed{changed("x.yaml", crlf(policy), crlf(mended))}},
		{"a byte order mark", []Changed{changed("x.yaml", "\ufeff"+policy, "\ufeffa: 1\n"+mended)}},
		{"several places", []Changed{changed("x.yaml", policy+long+policy, mended+long+mended)}},
		{"no line break at the end before", []Changed{changed("x.yaml", "a: 1", "a: 1\nb: 2\n")}},
		{"no line break at the end after", []Changed{changed("x.yaml", "a: 1\n", "a: 1\nb: 2")}},
		{"no line break at either end", []Changed{changed("x.yaml", "a: 1\nb: 2", "c: 3\na: 1\nb: 2")}},
		{"far from an end without line break", []Changed{changed("x.yaml", "a: 1\n"+long+"z", "b: 1\n"+long+"z")}},
		{"nothing but the last line break", []Changed{changed("x.yaml", "a: 1", "a: 1\n")}},
		{"an empty file", []Changed{changed("x.yaml", "", policy)}},
		{"a new file", []Changed{changed("k8s/x.yaml", policy, mended), added("k8s/y.yaml", policy)}},
		{"a new file without line break at its end", []Changed{added("y.yaml", "a: 1")}},
		{"a new file with carriage returns", []Changed{added("y.yaml", crlf(policy))}},
		{"several files", []Changed{changed("a.yaml", policy, mended), changed("b/c.yaml", mended, policy), added("b/d.yaml", "d\n")}},
		{"lines like headers", []Changed{changed("x.yaml", "-- a/x\n---\n++ b/x\n@@ -1 +1 @@\n", "---\n++ b/y\n@@ -1 +1 @@\n--- a/z\n")}},
		{"bytes that are no text", []Changed{changed("x.yaml", "a: \xff\r\r\n\u2028\f\n", "a: \xfe\r\r\n\u2028\f\n")}},
		{"names with spaces", []Changed{changed("my k8s/the policy.yaml", policy, mended), added("my k8s/a new one.yaml", policy)}},
		{"names with other letters", []Changed{changed("größe/你好 😀.yaml", policy, mended), added("größe/é.yaml", policy)}},
		{"names to be escaped", []Changed{changed("a\"b\\c\td.yaml", policy, mended), added("e\x7f\nf\x01.yaml", policy)}},
		{"names like options", []Changed{changed("-x/--check", policy, mended), added("b/a/b", policy)}},
		{"a name with a dot", []Changed{changed("./k8s/x.yaml", policy, mended)}},
	}
	for _, test := range tests {
		patch, err := Diff(test.files)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		for program := range appliers {
			t.Run(program+"/"+test.name, func(t *testing.T) { applied(t, program, patch, test.files) })
		}
	}
}

// TestDiffRandom applies patches of files that are made of few different lines.
func TestDiffRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	lines := []string{"a\n", "b\n", "---\n", "--- a/x\n", "+++ b/x\n", "\n", " \n", "c\r\n", "\\ No newline at end of file\n", "é\n"}
	text := func() string {
		var b strings.Builder
		for range 1 + random.IntN(30) {
			b.WriteString(lines[random.IntN(len(lines))])
		}
		if random.IntN(3) == 0 {
			b.WriteString("end")
		}
		return b.String()
	}
	var files []Changed
	for i := range 300 {
		before := text()
		after := text()
		if cut := random.IntN(len(before)); random.IntN(2) == 0 {
			after = before[:cut] + lines[random.IntN(len(lines))] + before[cut:]
		}
		files = append(files, changed(fmt.Sprintf("%d.yaml", i), before, after))
	}
	patch, err := Diff(files)
	if err != nil {
		t.Fatal(err)
	}
	for program := range appliers {
		t.Run(program, func(t *testing.T) { applied(t, program, patch, files) })
	}
}

// TestDiffLikeGit holds that the headers are those that git writes.
func TestDiffLikeGit(t *testing.T) {
	dir := t.TempDir()
	files := []Changed{
		changed("a b.yaml", policy, mended), changed("q\"\t\\.yaml", crlf(policy), crlf(mended)),
		added("x y.yaml", policy), changed("z.yaml", policy, mended), changed("é.yaml", "a: 1", "a: 2\n"),
	}
	lay(t, dir, files)
	git := func(args ...string) string { return run(t, dir, "", "git", args...) }
	git("init", "-q")
	git("-c", "core.autocrlf=false", "add", ".")
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Path), f.After, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("add", "--intent-to-add", ".")
	var want strings.Builder
	for line := range strings.Lines(git("diff", "--no-color")) {
		if strings.HasPrefix(line, "index ") {
			continue
		}
		if strings.HasPrefix(line, "@@") { // git adds the line of the section
			line = line[:strings.LastIndex(line, "@@")] + "@@\n"
		}
		want.WriteString(line)
	}
	got, err := Diff(files)
	if err != nil {
		t.Fatal(err)
	}
	if got != want.String() {
		t.Errorf("got\n%s\nwant\n%s", got, want.String())
	}
}

func TestDiffNothing(t *testing.T) {
	if got, err := Diff([]Changed{changed("x.yaml", policy, policy)}); got != "" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDiffOutside(t *testing.T) {
	for _, path := range []string{"../x.yaml", "/etc/x.yaml", "a/../../x.yaml", "..", "", "."} {
		_, err := Diff([]Changed{changed("y.yaml", policy, mended), changed(path, policy, mended)})
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: the error is %v", path, err)
		}
	}
}

// TestDiffTwins has hunks that fit in several places: what counts is where they
// say that they belong.
func TestDiffTwins(t *testing.T) {
	twin := "a\nb\nc\nd\ne\nf\ng\n"
	before := "x\ny\n" + strings.Repeat(twin, 6)
	after := "x\n1\ny\n2\n" + strings.Repeat(twin, 5) + "a\nb\nc\n3\nd\ne\nf\ng\n"
	text, err := Diff([]Changed{changed("x.yaml", before, after)})
	if err != nil {
		t.Fatal(err)
	}
	starts := regexp.MustCompile(`(?m)^@@ -(\d+).* \+(\d+)`).FindAllStringSubmatch(text, -1)
	if len(starts) != 2 {
		t.Fatalf("%d hunks, want 2:\n%s", len(starts), text)
	}
	from, _ := strconv.Atoi(starts[1][1])
	to, _ := strconv.Atoi(starts[1][2])
	if to != from+2 {
		t.Errorf("two lines come before it, and the second hunk is to go from line %d to %d", from, to)
	}
}

package gitignore

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The random comparison with git makes so many trees, and puts so many different
// sets of .gitignore files into each: making files is what takes its time.
const (
	differentialTrees = 15
	ignoreSetsPerTree = 10
)

// requireGit skips the test where it cannot compare with git.
func requireGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on PATH")
	}
	if runtime.GOOS == "windows" {
		t.Skip("the file names of this test are not all valid on Windows")
	}
}

// gitCommand returns a git command to run in dir, away from the configuration
// of the machine.
func gitCommand(dir string, args ...string) *exec.Cmd {
	// A file system may make git ignore case; the tests must not depend on it.
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "core.ignoreCase=false"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	return cmd
}

// git runs a git command in dir and returns its standard output.
func git(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := gitCommand(dir, args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return out
}

// listWithGit returns the files in the repository root that git does not
// ignore, sorted.
func listWithGit(t *testing.T, root string) []string {
	t.Helper()
	out := git(t, root, "ls-files", "-coz", "--exclude-standard")
	files := strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
	slices.Sort(files)
	return files
}

// listWithMatcher returns the files below root that this package does not
// ignore, sorted. The directory dir, relative to root, is where it looks, and
// parent has the patterns from above it.
func listWithMatcher(t *testing.T, root, dir string, parent *Matcher) []string {
	t.Helper()
	matcher := parent
	text, err := os.ReadFile(filepath.Join(root, dir, ".gitignore"))
	if err == nil {
		matcher = Parse(dir, text, parent)
	} else if !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		switch {
		case entry.Name() == ".git" || matcher.Ignored(name, entry.IsDir()):
		case entry.IsDir():
			files = append(files, listWithMatcher(t, root, name, matcher)...)
		default:
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return files
}

// writeFile makes a file below root, and the directories above it.
func writeFile(t *testing.T, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestIgnoredCasesAgreeWithGit holds the expectations of TestIgnored to what
// git does, so that the table cannot be wrong about it.
func TestIgnoredCasesAgreeWithGit(t *testing.T) {
	requireGit(t)
	root := t.TempDir()
	git(t, root, "init", "--quiet", "--template=")
	for name, c := range ignoredCases {
		writeFile(t, root, ".gitignore", c.text)
		if got := gitIgnores(t, root, c.path); got != c.want {
			t.Errorf("%s: .gitignore %q: git ignores %q: %t, the table says %t", name, c.text, c.path, got, c.want)
		}
	}
}

// gitIgnores makes the file in the repository root, or the directory when file
// ends with a slash, asks git whether it is ignored and removes it again.
func gitIgnores(t *testing.T, root, file string) bool {
	t.Helper()
	file, isDir := cutDirectoryMark(file)
	if isDir {
		writeFile(t, root, path.Join(file, "inside"), "")
	} else {
		writeFile(t, root, file, "")
	}
	top, _, _ := strings.Cut(file, "/")
	defer func() {
		if err := os.RemoveAll(filepath.Join(root, top)); err != nil {
			t.Fatal(err)
		}
	}()
	// Without the "./", git takes a name such as ":" for more than a name.
	cmd := gitCommand(root, "check-ignore", "--quiet", "--no-index", "--", "./"+file)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() == 1 {
		return false
	}
	if err != nil {
		t.Fatalf("%v: %v: %s", cmd, err, out)
	}
	return true
}

// TestIgnoredAgreesWithGit compares this package with git on random trees. The
// seed is fixed, so that a difference shows again in the next run.
func TestIgnoredAgreesWithGit(t *testing.T) {
	requireGit(t)
	random := rand.New(rand.NewPCG(1, 2))
	partial := 0
	for range differentialTrees {
		root := t.TempDir()
		git(t, root, "init", "--quiet", "--template=")
		dirs := writeRandomTree(t, random, root, "", 0)
		for range ignoreSetsPerTree {
			writeRandomIgnoreFiles(t, random, root, dirs)
			if compareWithGit(t, root) {
				partial++
			}
		}
	}
	// Trees of which all or nothing is ignored say little.
	if all := differentialTrees * ignoreSetsPerTree; partial < all/2 {
		t.Errorf("only %d of %d trees are ignored in part", partial, all)
	}
}

// TestNamedClassesAgreeWithGit tries every named class on every ASCII byte that a
// file name can have.
func TestNamedClassesAgreeWithGit(t *testing.T) {
	requireGit(t)
	root := t.TempDir()
	git(t, root, "init", "--quiet", "--template=")
	for c := byte(1); c < 0x80; c++ {
		if c != '/' {
			writeFile(t, root, "x"+string(rune(c)), "")
		}
	}
	for class := range namedClasses {
		writeFile(t, root, ".gitignore", "x[[:"+class+":]]\n")
		if !compareWithGit(t, root) {
			t.Errorf("[:%s:] stands for all bytes or none", class)
		}
	}
}

// compareWithGit fails the test when this package and git do not ignore the
// same files below root. It reports whether git ignores some but not all.
func compareWithGit(t *testing.T, root string) (partial bool) {
	t.Helper()
	want := listWithGit(t, root)
	got := listWithMatcher(t, root, "", nil)
	if !slices.Equal(got, want) {
		t.Errorf("ignored by git only: %q; by this package only: %q\n%s",
			without(got, want), without(want, got), describeIgnoreFiles(t, root))
	}
	ignored := git(t, root, "ls-files", "-oiz", "--exclude-standard")
	return len(want) > 0 && len(ignored) > 0
}

// without returns the elements of all that are not in some.
func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}

// treeNames are the names in a random tree. Those that end with .yaml are files.
var treeNames = []string{
	"a", "b", "ab", "ba", "abc", "a.b", "k8s", "base", "overlay", "dev", "tmp", "vendor", "node_modules",
	"x.yaml", "y.yaml", "secret.yaml", "foo bar", "#c", "!n", "-", "]", "[", "^", ":", "a ", "a\t", "a\\", "A", "0", "é",
}

// treePatterns are whole lines such as people write.
var treePatterns = []string{
	"*.yaml", "!x.yaml", "/k8s", "k8s/", "**/base", "base/**", "a/**/b", "/a/b", "node_modules", "node_modules/",
	"vendor/*", "!vendor/a", "# comment", "\\#c", "\\!n", "foo bar", "foo\\ bar", "*.y?ml", "[abc]", "[!a]", "tmp/",
	"/x.yaml", "dev/x.yaml", "**/dev/*.yaml", "!/k8s/base", "*", "!*/", "!*.yaml", "", "b   ", "a\\ ", "a\t", "sec*",
	"*/x.yaml", "overlay/**/", "**", "ab\r", "[[:upper:][:digit:]]", "**/a/**", "*/**/b", "a**", "/*/*/b", "!**/b/",
}

// patternPieces make up lines that nobody writes.
var patternPieces = []string{
	"a", "b", "a", "b", ".", "*", "*", "**", "**/", "/**", "/", "/", "?", "\\", "\\/", " ", "\t", "!", "#", "[", "]", "[a", "[!",
	"[^", "-", "[a-c]", "[]-a]", "[!b-]", "[[:alpha:]]", "[[:punct:]a]", "[[:", ":]", "[:alpha:]", "[[:x:]]", "é", "\r", "\x00",
}

// writeRandomTree fills the directory dir below root with files and directories.
// It returns the directories, dir included, relative to root.
func writeRandomTree(t *testing.T, random *rand.Rand, root, dir string, depth int) []string {
	t.Helper()
	dirs := []string{dir}
	order := random.Perm(len(treeNames))
	for _, i := range order[:5] {
		name := path.Join(dir, treeNames[i])
		if depth < 3 && !strings.HasSuffix(name, ".yaml") && random.IntN(2) == 0 {
			dirs = append(dirs, writeRandomTree(t, random, root, name, depth+1)...)
		} else {
			writeFile(t, root, name, "")
		}
	}
	return dirs
}

// writeRandomIgnoreFiles gives the root a new .gitignore, and now and then
// another directory too. It takes away those of an earlier call.
func writeRandomIgnoreFiles(t *testing.T, random *rand.Rand, root string, dirs []string) {
	t.Helper()
	for _, dir := range dirs {
		name := path.Join(dir, ".gitignore")
		if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
		if dir == "" || random.IntN(4) == 0 {
			writeFile(t, root, name, randomIgnoreText(random))
		}
	}
}

// randomIgnoreText returns a .gitignore of one to five lines, the last of them
// not always terminated.
func randomIgnoreText(random *rand.Rand) string {
	var lines []string
	for range 1 + random.IntN(5) {
		lines = append(lines, randomLine(random))
	}
	text := strings.Join(lines, "\n")
	if random.IntN(4) > 0 {
		text += "\n"
	}
	return text
}

// randomLine returns one line of a .gitignore, without its line ending.
func randomLine(random *rand.Rand) string {
	if random.IntN(2) == 0 {
		return treePatterns[random.IntN(len(treePatterns))]
	}
	for {
		var line strings.Builder
		for range 1 + random.IntN(5) {
			line.WriteString(patternPieces[random.IntN(len(patternPieces))])
		}
		if !confusesOldGit(line.String()) {
			return line.String()
		}
	}
}

// confusesOldGit reports whether a line has stars right after a name without
// wildcards. Git before 2.52 sees a whole segment in the stars of a**/b, which
// TestStarsAfterAName holds against that.
func confusesOldGit(line string) bool {
	before, _, found := strings.Cut(strings.TrimPrefix(line, "!"), "**")
	return found && before != "" && !strings.HasSuffix(before, "/") && !strings.ContainsAny(before, `*?[\`)
}

// describeIgnoreFiles returns the .gitignore files below root, for a failure
// message.
func describeIgnoreFiles(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != ".gitignore" {
			return err
		}
		text, err := os.ReadFile(file)
		fmt.Fprintf(&all, "%s: %q\n", strings.TrimPrefix(file, root), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

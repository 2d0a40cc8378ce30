package gitignore

import (
	"strings"
	"testing"
)

// ignoredCase asks whether one path is ignored by the text of the .gitignore at
// the root. A path that ends with a slash is a directory.
type ignoredCase struct {
	text string
	path string
	want bool
}

// ignoredCases are checked against this package and, by
// TestIgnoredCasesAgreeWithGit, against git itself.
var ignoredCases = map[string]ignoredCase{
	"empty file":              {"", "a", false},
	"blank lines":             {"\n\n  \n", "a", false},
	"comment":                 {"#a\n", "#a", false},
	"escaped hash":            {"\\#a\n", "#a", true},
	"escaped mark":            {"\\!a\n", "!a", true},
	"hash after mark":         {"*\n!#a\n", "#a", false},
	"indented hash":           {" #a\n", " #a", true},
	"mark alone":              {"a\n!\n", "a", true},
	"two marks":               {"*\n!!a\n", "!a", false},
	"slash alone":             {"/\n", "a", false},
	"two slashes alone":       {"//\n", "a", false},
	"last line unterminated":  {"b\na", "a", true},
	"last line ends with CR":  {"b\na\r", "a", true},
	"byte order mark":         {"\xef\xbb\xbfa\n", "a", true},
	"mark on a second line":   {"b\n\xef\xbb\xbfa\n", "a", false},
	"CRLF":                    {"a\r\nb\r\n", "a", true},
	"CRLF after spaces":       {"a  \r\n", "a", true},
	"CR before spaces":        {"a\r \n", "a", false},
	"NUL ends a line":         {"a\x00b\nc\n", "a", true},
	"NUL before spaces":       {"a \x00b\n", "a", true},
	"trailing spaces":         {"a   \n", "a", true},
	"escaped space":           {"a\\ \n", "a ", true},
	"escaped, then not":       {"a\\   \n", "a ", true},
	"escaped backslash":       {"a\\\\ \n", "a\\", true},
	"inner space":             {"a b\n", "a b", true},
	"trailing tab":            {"a\t\n", "a", false},
	"trailing tab in a name":  {"a\t\n", "a\t", true},
	"tab, then spaces":        {"a\t  \n", "a\t", true},
	"spaces, then tab":        {"a \t\n", "a", false},
	"space before backslash":  {"a \\\n", "a", false},
	"trailing backslash":      {"a\\\n", "a", false},
	"trailing backslash name": {"a\\\n", "a\\", false},
	"backslash, then slash":   {"a\\/\n", "a/", false},

	"later line wins":           {"*.y\n!a.y\n", "a.y", false},
	"later line wins again":     {"*.y\n!a.y\na.*\n", "a.y", true},
	"name at any depth":         {"a\n", "b/c/a", true},
	"directory only":            {"a/\n", "a/", true},
	"directory only, a file":    {"a/\n", "a", false},
	"directory only, at depth":  {"a/\n", "b/a/", true},
	"directory brought back":    {"*\n!*/\n", "a/", false},
	"leading slash":             {"/a\n", "a", true},
	"leading slash, at depth":   {"/a\n", "b/a", false},
	"inner slash":               {"a/b\n", "a/b", true},
	"inner slash, at depth":     {"a/b\n", "c/a/b", false},
	"anchored directory":        {"a/b/\n", "a/b/", true},
	"escaped slash":             {"a\\/b\n", "a/b", true},
	"part of a name":            {"a\n", "ab", false},
	"upper and lower case":      {"A\n", "a", false},
	"star":                      {"*.yaml\n", "a.yaml", true},
	"star takes nothing":        {"a*\n", "a", true},
	"star takes a leading dot":  {"*a\n", ".a", true},
	"star stays in its segment": {"a/*c\n", "a/b/c", false},
	"star segment":              {"*/a\n", "b/a", true},
	"star segment is one":       {"*/a\n", "b/c/a", false},
	"star needs a segment":      {"*/a\n", "a", false},
	"stars":                     {"a*b*c\n", "axxbbyc", true},
	"question mark":             {"?\n", "a", true},
	"question mark on a slash":  {"a?b/c\n", "a/b/c", false},
	"question mark is a byte":   {"?\n", "é", false},

	"leading double star":         {"**/a\n", "b/c/a", true},
	"leading double star at root": {"**/a\n", "a", true},
	"leading one keeps segments":  {"**/a\n", "ba", false},
	"slash, double star":          {"/**/a\n", "b/a", true},
	"inner double star":           {"a/**/b\n", "a/c/d/b", true},
	"inner double star, none":     {"a/**/b\n", "a/b", true},
	"inner keeps segments":        {"a/**/b\n", "a/cb", false},
	"inner needs both ends":       {"a/**/b\n", "ab", false},
	"trailing double star":        {"a/**\n", "a/b/c", true},
	"trailing one is below only":  {"a/**\n", "a/", false},
	"double star alone":           {"**\n", "a/b", true},
	"double star directory":       {"a/**/\n", "a/b", false},
	"double star directory below": {"a/**/\n", "a/b/", true},
	"double star in a name":       {"a**b/c\n", "axb/c", true},
	"in a name, over a slash":     {"a**b/c\n", "a/b/c", false},
	"at a name's start":           {"x/**b\n", "x/a/b", false},
	"three stars":                 {"a/***/b\n", "a/x/y/b", true},
	"double stars in a row":       {"a/**/**/b\n", "a/b", true},
	"before an escaped slash":     {"**\\/a\n", "b/c/a", true},
	"escaped slash not optional":  {"**\\/a\n", "a", false},
	"after an escaped slash":      {"a\\/**\n", "a/b/c", true},

	"class":                       {"[abc]\n", "b", true},
	"class, another":              {"[abc]\n", "d", false},
	"class range":                 {"[a-c]\n", "b", true},
	"class range, its end":        {"[a-c]\n", "c", true},
	"class range, past it":        {"[a-c]\n", "d", false},
	"class range backwards":       {"[c-a]\n", "b", false},
	"class range backwards, end":  {"[c-a]\n", "c", true},
	"class range from itself":     {"[--5]\n", "3", true},
	"class range after range":     {"[a-c-e]\n", "d", false},
	"class dash after range":      {"[a-c-e]\n", "-", true},
	"class dash last":             {"[a-]\n", "-", true},
	"class dash first":            {"[-a]\n", "-", true},
	"class range, escaped end":    {"[[-\\]]\n", "\\", true},
	"class escaped dash":          {"[a\\-c]\n", "b", false},
	"class range to 255":          {"[a-\xff]\n", "z", true},
	"class negated":               {"[!a]\n", "b", true},
	"class negated, member":       {"[!a]\n", "a", false},
	"class negated by caret":      {"[^a]\n", "b", true},
	"class caret later":           {"[a^]\n", "^", true},
	"class bracket first":         {"[]a]\n", "]", true},
	"class negated bracket":       {"[!]a]\n", "]", false},
	"class escaped bracket":       {"[a\\]]\n", "]", true},
	"class and slash":             {"a[!b]c/d\n", "a/c/d", false},
	"class with a slash":          {"a[b/]c\n", "a/c", false},
	"class with a slash, other":   {"a[b/]c\n", "abc", true},
	"class with stars":            {"[*]\n", "a", false},
	"class unclosed":              {"[a\n", "[a", false},
	"class unclosed, negated":     {"[!a\n", "b", false},
	"class unclosed range":        {"[a-\n", "a", false},
	"class empty":                 {"[]\n", "[]", false},
	"class backslash last":        {"[a\\\n", "a", false},
	"malformed negation":          {"a\n![a\n", "a", true},
	"malformed after a star":      {"*[\n", "a[", false},
	"named class":                 {"[[:alpha:]]\n", "b", true},
	"named class, another":        {"[[:alpha:]]\n", "1", false},
	"named class negated":         {"[![:alpha:]]\n", "1", true},
	"named class with others":     {"[_[:digit:]x]\n", "x", true},
	"named class begins no range": {"[[:digit:]-z]\n", "b", false},
	"same, after a member":        {"[a[:digit:]-c]\n", "b", false},
	"named class ends no range":   {"[a-[:digit:]]\n", "1", false},
	"same, read as members":       {"[a-[:digit:]]\n", "d]", true},
	"named class unknown":         {"[[:alhpa:]a]\n", "a", false},
	"named class without a name":  {"[[::]a]\n", "a", false},
	"named class unclosed":        {"[[:alpha:]\n", "a", false},
	"named class cut short":       {"[[:alpha:\n", "a", false},
	"not quite a named class":     {"[[:alpha]\n", ":", true},
	"same, its bracket":           {"[[:alpha]\n", "[", true},
	"same, bracket and colon":     {"[[:]\n", ":", true},
	"same, begins a range":        {"[[:-a]\n", "_", true},
	"same, never closed":          {"[[:a\n", "a", false},
	"named class outside":         {"[:alpha:]\n", "b", false},
}

// cutDirectoryMark cuts the slash that marks a directory in the test tables.
func cutDirectoryMark(path string) (string, bool) {
	return strings.CutSuffix(path, "/")
}

func TestIgnored(t *testing.T) {
	for name, c := range ignoredCases {
		t.Run(name, func(t *testing.T) {
			path, isDir := cutDirectoryMark(c.path)
			got := Parse("", []byte(c.text), nil).Ignored(path, isDir)
			if got != c.want {
				t.Errorf(".gitignore %q: Ignored(%q, %t) = %t, want %t", c.text, path, isDir, got, c.want)
			}
		})
	}
}

// TestStarsAfterAName has the cases that git gets wrong before version 2.52, so
// they are not compared with the git of the machine.
func TestStarsAfterAName(t *testing.T) {
	matcher := Parse("", []byte("foo**/bar\n"), nil)
	for path, want := range map[string]bool{
		"foo/bar":    true,
		"fooo/bar":   true,
		"foobar":     false,
		"foo/a/bar":  false,
		"fooa/b/bar": false,
	} {
		if got := matcher.Ignored(path, false); got != want {
			t.Errorf("foo**/bar: Ignored(%q) = %t, want %t", path, got, want)
		}
	}
}

func TestIgnoredByNestedFiles(t *testing.T) {
	root := Parse("", []byte("*.log\n/out\nbuild/\n"), nil)
	deploy := Parse("deploy", []byte("!keep.log\n/local\nprod/secret\n"), root)
	prod := Parse("deploy/prod", []byte("keep.log\n"), deploy)
	tests := map[string]struct {
		matcher *Matcher
		path    string
		want    bool
	}{
		"above decides":                {deploy, "deploy/a.log", true},
		"below decides first":          {deploy, "deploy/keep.log", false},
		"deepest decides first":        {prod, "deploy/prod/keep.log", true},
		"no opinion anywhere":          {prod, "deploy/prod/a.yaml", false},
		"anchored to its directory":    {deploy, "deploy/local", true},
		"anchored, one deeper":         {prod, "deploy/prod/local", false},
		"anchored to the root":         {deploy, "deploy/out", false},
		"path relative to the file":    {prod, "deploy/prod/secret", true},
		"directory pattern from above": {prod, "deploy/prod/build/", true},
		"outside its directory":        {deploy, "keep.log", true},
		"similar directory name":       {deploy, "deployed/keep.log", true},
		"the directory itself":         {Parse("a", []byte("*\n"), nil), "a/", false},
		"the root of the walk":         {Parse("", []byte("*\n**\n"), nil), "", false},
		"no matcher":                   {nil, "a.log", false},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			path, isDir := cutDirectoryMark(c.path)
			if got := c.matcher.Ignored(path, isDir); got != c.want {
				t.Errorf("Ignored(%q, %t) = %t, want %t", path, isDir, got, c.want)
			}
		})
	}
}

func TestParseSkipsLinesThatMatchNothing(t *testing.T) {
	for _, line := range []string{"", "   ", "#a", "/", "//", "!", "!/", "[a", "a\\", "[[:no:]]", "\x00a", "\r"} {
		if rules := Parse("", []byte(line), nil).rules; len(rules) != 0 {
			t.Errorf("Parse(%q) made %d rules, want none", line, len(rules))
		}
	}
}

func TestParseDoesNotKeepText(t *testing.T) {
	text := []byte("a\n")
	matcher := Parse("", text, nil)
	text[0] = 'b'
	if !matcher.Ignored("a", false) {
		t.Error("changing the text after Parse changed the matcher")
	}
}

// Package gitignore decides, as git does, whether a path is ignored by the
// .gitignore files above it.
//
// # Walking a tree
//
// The root of the walk is the root of the git repository, also when only a
// directory below it is to be visited: a .gitignore applies to everything
// beneath it, so the ones between the repository root and the visited
// directory count too. To visit deploy/prod, a caller reads the repository
// root's .gitignore, asks whether deploy is ignored, reads deploy/.gitignore
// with the first matcher as its parent, asks whether deploy/prod is ignored,
// and goes on from there:
//
//	root := gitignore.Parse("", rootText, nil)
//	if root.Ignored("deploy", true) { ... } // nothing below can be visited
//	deploy := gitignore.Parse("deploy", deployText, root)
//	if deploy.Ignored("deploy/prod", true) { ... }
//
// A directory without a .gitignore uses the matcher of the directory above it.
// A directory that is ignored must not be entered: no pattern below it, or
// above it, can bring one of its files back.
//
// # What is left to the caller
//
// Git never looks into a directory named .git, nor does it follow a symbolic
// link: a link to a directory is asked about with isDir false. The patterns of
// .git/info/exclude or of git's core.excludesFile may be given as the parent of
// the root's matcher, parsed with the directory "". Git does not ignore a file
// that is already tracked, whatever the patterns say; this package knows
// nothing of the index.
//
// Matching is by byte and distinguishes upper from lower case, as git does
// unless core.ignoreCase is set.
package gitignore

import "strings"

// byteOrderMark is the UTF-8 mark some editors put at the start of a file.
const byteOrderMark = "\xef\xbb\xbf"

// Matcher holds the patterns of one .gitignore file and, through its parent,
// of those in the directories above it. It is immutable once made, and so safe
// for concurrent use. A nil *Matcher is valid and ignores nothing.
type Matcher struct {
	dir    string // slash-separated, relative to the root of the walk; "" is the root
	rules  []rule // in the order of the file: the last one that matches decides
	parent *Matcher
}

// Parse reads the text of the .gitignore in the directory dir, which is
// slash-separated and relative to the root of the walk, "" for the root itself.
// The parent holds the patterns of the directories above dir; it is nil when
// there are none. Every text is valid: like git, Parse skips lines that can
// match no path. The result is never nil and does not keep text.
func Parse(dir string, text []byte, parent *Matcher) *Matcher {
	matcher := &Matcher{dir: dir, parent: parent}
	content := strings.TrimPrefix(string(text), byteOrderMark)
	for line := range strings.SplitSeq(content, "\n") {
		if r, ok := parseRule(strings.TrimSuffix(line, "\r")); ok {
			matcher.rules = append(matcher.rules, r)
		}
	}
	return matcher
}

// Ignored reports whether path is ignored. The path is slash-separated and
// relative to the root of the walk; the directories above it are known not to
// be ignored. isDir says whether path is a directory, which a symbolic link to
// one is not. The root of the walk, "", is never ignored.
func (m *Matcher) Ignored(path string, isDir bool) bool {
	// The deepest .gitignore with an opinion wins.
	for level := m; level != nil; level = level.parent {
		relative, below := level.relative(path)
		if !below {
			continue
		}
		if r := level.lastMatch(relative, isDir); r != nil {
			return !r.negated
		}
	}
	return false
}

// relative returns path relative to the matcher's own directory, and whether it
// lies below that directory at all.
func (m *Matcher) relative(path string) (relative string, below bool) {
	if m.dir == "" {
		return path, path != ""
	}
	return strings.CutPrefix(path, m.dir+"/")
}

// lastMatch returns the last rule of this file that matches, or nil. The path
// is relative to the matcher's directory.
func (m *Matcher) lastMatch(path string, isDir bool) *rule {
	for i := len(m.rules) - 1; i >= 0; i-- {
		if m.rules[i].matches(path, isDir) {
			return &m.rules[i]
		}
	}
	return nil
}

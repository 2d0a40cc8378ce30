package gitignore

import "strings"

// rule is one line of a .gitignore file.
type rule struct {
	negated  bool // the line began with "!": a match brings the path back
	dirOnly  bool // the line ended with "/": only directories match
	anchored bool // the glob is for the whole path, not for its last element
	glob     glob
}

// parseRule reads a line that has lost its line ending. It reports false for a
// line that can match nothing: one that is blank, a comment or malformed.
func parseRule(line string) (rule, bool) {
	if strings.HasPrefix(line, "#") {
		return rule{}, false
	}
	// Git holds a line in a C string, which ends at the first NUL.
	line, _, _ = strings.Cut(line, "\x00")
	pattern, negated := strings.CutPrefix(trimTrailingSpaces(line), "!")
	pattern, dirOnly := strings.CutSuffix(pattern, "/")
	anchored := strings.Contains(pattern, "/")
	pattern = strings.TrimPrefix(pattern, "/")
	if pattern == "" {
		return rule{}, false
	}
	compiled, ok := compile(pattern)
	if !ok {
		return rule{}, false
	}
	return rule{negated: negated, dirOnly: dirOnly, anchored: anchored, glob: compiled}, true
}

// matches reports whether the rule applies to path, which is relative to the
// directory of the rule's .gitignore.
func (r *rule) matches(path string, isDir bool) bool {
	if r.dirOnly && !isDir {
		return false
	}
	if !r.anchored {
		path = path[strings.LastIndexByte(path, '/')+1:]
	}
	return r.glob.match(path)
}

// trimTrailingSpaces cuts the spaces at the end of a line, up to one that is
// escaped. Tabs stay, as they do in git. The line has to be read from its start
// because a backslash may itself be escaped: in `a\\ ` the space goes, in `a\ `
// it stays.
func trimTrailingSpaces(line string) string {
	end := 0 // of what is kept
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			continue
		case '\\':
			i++ // the escaped byte is kept, whatever it is
		}
		end = min(i+1, len(line))
	}
	return line[:end]
}

package gitignore

import "strings"

// tokenKind says which bytes a token takes, and how many.
type tokenKind uint8

const (
	literal      tokenKind = iota // one given byte
	anyByte                       // "?": one byte other than a slash
	oneOf                         // "[...]": one byte of a class
	segmentRun                    // "*": any number of bytes other than slashes
	pathRun                       // "**": any number of bytes
	optionalDirs                  // takes nothing: the two tokens after it may be skipped
)

// optionalDirsWidth is the number of tokens "**/" compiles to: an optionalDirs
// and the two it makes optional.
const optionalDirsWidth = 3

// token is one step of a compiled glob.
type token struct {
	kind  tokenKind
	char  byte     // for literal
	class *byteSet // for oneOf; never contains the slash
}

// accepts reports whether the token can take the byte c.
func (t token) accepts(c byte) bool {
	switch t.kind {
	case literal:
		return c == t.char
	case anyByte, segmentRun:
		return c != '/'
	case oneOf:
		return t.class[c]
	case pathRun:
		return true
	default: // optionalDirs
		return false
	}
}

// repeats reports whether the token takes any number of bytes, none included.
func (t token) repeats() bool {
	return t.kind == segmentRun || t.kind == pathRun
}

// glob is a compiled pattern. It matches a text as a whole.
type glob []token

// compile reads a pattern that has lost the marks only a whole line can have:
// the leading "!" and "/", and the trailing "/". It reports false for a pattern
// that is malformed, which in git matches nothing.
func compile(pattern string) (glob, bool) {
	var tokens glob
	for pos := 0; pos < len(pattern); {
		switch pattern[pos] {
		case '*':
			stars, width := compileStars(pattern, pos)
			tokens = append(tokens, stars...)
			pos += width
		case '?':
			tokens = append(tokens, token{kind: anyByte})
			pos++
		case '[':
			class, width, ok := parseClass(pattern[pos:])
			if !ok {
				return nil, false
			}
			tokens = append(tokens, token{kind: oneOf, class: class})
			pos += width
		case '\\':
			if pos+1 == len(pattern) {
				return nil, false
			}
			tokens = append(tokens, token{kind: literal, char: pattern[pos+1]})
			pos += 2
		default:
			tokens = append(tokens, token{kind: literal, char: pattern[pos]})
			pos++
		}
	}
	return tokens, true
}

// compileStars compiles the run of stars at pos, with the slash after it when
// that belongs to it, and returns the number of pattern bytes it read.
//
// Two stars or more cross slashes only when they are a whole segment. Then "**/"
// is any number of directories, none included, and a "**" at the end is
// everything below. An escaped slash ends the segment too, but is not itself
// optional: `**\/a` needs a directory above a. The stars of a**/b are no whole
// segment, though git before 2.52 took them for one after a plain name.
func compileStars(pattern string, pos int) (tokens []token, width int) {
	after := strings.TrimLeft(pattern[pos:], "*")
	width = len(pattern) - pos - len(after)
	startsSegment := pos == 0 || pattern[pos-1] == '/'
	switch {
	case width == 1 || !startsSegment:
		return []token{{kind: segmentRun}}, width
	case after == "" || strings.HasPrefix(after, `\/`):
		return []token{{kind: pathRun}}, width
	case after[0] == '/':
		return []token{{kind: optionalDirs}, {kind: pathRun}, {kind: literal, char: '/'}}, width + 1
	default:
		return []token{{kind: segmentRun}}, width
	}
}

// match reports whether the glob matches the whole text.
func (g glob) match(text string) bool {
	return newSimulation(g).run(text)
}

// simulation matches a text by following all ways through a glob at once, one
// byte of text at a time. It never goes back, so its work is the number of
// tokens times the length of the text even for a pattern such as *a*a*a*b, on
// which trying one way after another takes exponential time.
type simulation struct {
	glob    glob
	reached []bool // reached[i]: the text so far can be matched by glob[:i]
	next    []bool // scratch space for the reached of one byte later
	steps   int    // tokens looked at; tests hold it to its bound
}

// newSimulation returns a simulation that has read no text yet.
func newSimulation(g glob) *simulation {
	s := &simulation{
		glob:    g,
		reached: make([]bool, len(g)+1),
		next:    make([]bool, len(g)+1),
	}
	s.reached[0] = true
	s.passOptional()
	return s
}

// run reads the text and reports whether the glob matches it.
func (s *simulation) run(text string) bool {
	for i := range len(text) {
		if !s.read(text[i]) {
			return false
		}
	}
	return s.reached[len(s.glob)]
}

// read moves on by one byte of text. It reports false when no way through the
// glob is left.
func (s *simulation) read(c byte) bool {
	clear(s.next)
	alive := false
	for i, t := range s.glob {
		s.steps++
		if !s.reached[i] || !t.accepts(c) {
			continue
		}
		alive = true
		if t.repeats() {
			s.next[i] = true
		} else {
			s.next[i+1] = true
		}
	}
	s.reached, s.next = s.next, s.reached
	s.passOptional()
	return alive
}

// passOptional marks what can be reached without reading a byte. One pass is
// enough, for every way leads to a later token.
func (s *simulation) passOptional() {
	for i, t := range s.glob {
		s.steps++
		if !s.reached[i] {
			continue
		}
		if t.kind == optionalDirs {
			s.reached[i+1] = true
			s.reached[i+optionalDirsWidth] = true
		} else if t.repeats() {
			s.reached[i+1] = true
		}
	}
}

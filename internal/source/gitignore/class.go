package gitignore

import "strings"

// byteSet is a set of bytes: those whose element is true.
type byteSet [256]bool

// addRange adds the bytes from first to last, both included. It adds nothing
// when last comes before first.
func (s *byteSet) addRange(first, last byte) {
	// An int, because a byte would wrap round and never pass 255.
	for c := int(first); c <= int(last); c++ {
		s[c] = true
	}
}

// byteRange is the bytes from first to last, both included.
type byteRange struct{ first, last byte }

// namedClasses holds the members of [:alpha:] and its like. As in git they are
// ASCII whatever the locale, and [:space:] lacks the vertical tab and the form
// feed that C has in it.
var namedClasses = map[string][]byteRange{
	"alnum":  {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}},
	"alpha":  {{'A', 'Z'}, {'a', 'z'}},
	"blank":  {{' ', ' '}, {'\t', '\t'}},
	"cntrl":  {{0x00, 0x1f}, {0x7f, 0x7f}},
	"digit":  {{'0', '9'}},
	"graph":  {{'!', '~'}},
	"lower":  {{'a', 'z'}},
	"print":  {{' ', '~'}},
	"punct":  {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}},
	"space":  {{' ', ' '}, {'\t', '\n'}, {'\r', '\r'}},
	"upper":  {{'A', 'Z'}},
	"xdigit": {{'0', '9'}, {'A', 'F'}, {'a', 'f'}},
}

// classReader reads the members of a bracket expression.
type classReader struct {
	pattern  string
	pos      int // of the next byte of pattern to read
	members  byteSet
	previous byte // what a "-" would make a range from; 0 when there is nothing
}

// parseClass reads the bracket expression that pattern begins with. It returns
// the bytes the expression stands for, which never include the slash, and its
// width in the pattern. It reports false for a malformed one.
func parseClass(pattern string) (class *byteSet, width int, ok bool) {
	r := &classReader{pattern: pattern, pos: len("[")}
	negated := r.startsWith("!") || r.startsWith("^")
	if negated {
		r.pos++
	}
	// A "]" in the first place is a member, not the end.
	for first := true; first || !r.startsWith("]"); first = false {
		if !r.readMember() {
			return nil, 0, false
		}
	}
	if negated {
		for c := range r.members {
			r.members[c] = !r.members[c]
		}
	}
	r.members['/'] = false
	return &r.members, r.pos + len("]"), true
}

// startsWith reports whether the unread rest of the pattern begins with prefix.
func (r *classReader) startsWith(prefix string) bool {
	return strings.HasPrefix(r.pattern[r.pos:], prefix)
}

// readMember reads one member: a byte, the rest of a range whose first byte has
// been read, or a named class. It reports false when that is malformed or the
// pattern has ended.
func (r *classReader) readMember() bool {
	switch {
	case r.startsWith("[:"):
		return r.readNamedClass()
	case r.startsWith("-") && r.previous != 0 && !r.startsWith("-]"):
		return r.readRange()
	default:
		return r.readSingle()
	}
}

// readSingle reads a member that is one byte.
func (r *classReader) readSingle() bool {
	c, ok := r.readByte()
	r.members[c] = true
	r.previous = c
	return ok
}

// readByte reads one byte, which may be escaped. It reports false when the
// pattern has ended.
func (r *classReader) readByte() (c byte, ok bool) {
	if r.startsWith(`\`) {
		r.pos++
	}
	if r.pos == len(r.pattern) {
		return 0, false
	}
	c = r.pattern[r.pos]
	r.pos++
	return c, true
}

// readRange reads the "-" and the last byte of a range that begins with the
// previous member. That one is a member by itself already, and so it stays one
// when the range is the wrong way round.
func (r *classReader) readRange() bool {
	r.pos += len("-")
	last, ok := r.readByte()
	r.members.addRange(r.previous, last)
	r.previous = 0
	return ok
}

// readNamedClass reads a named class such as [:alpha:], or just its "[" when
// what follows does not end with ":]".
func (r *classReader) readNamedClass() bool {
	name, _, closed := strings.Cut(r.pattern[r.pos+len("[:"):], "]")
	if !closed {
		return false
	}
	class, named := strings.CutSuffix(name, ":")
	if !named {
		return r.readSingle()
	}
	ranges, known := namedClasses[class]
	for _, span := range ranges {
		r.members.addRange(span.first, span.last)
	}
	r.previous = 0 // a class begins no range
	r.pos += len("[:") + len(name) + len("]")
	return known
}

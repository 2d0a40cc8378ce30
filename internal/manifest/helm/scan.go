package helm

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// white is what trim markers take away.
const white = " \t\r\n"

// piece is a stretch of a template: text, or one action with its delimiters.
type piece struct {
	action bool
	// text is, of text, what the trim markers on both sides leave of it.
	text string
	// offset and line are where text begins in the template, the line counted
	// from one.
	offset, line int
	// word is the first word of an action, "" where something else comes first.
	word string
	// lookups are the offsets in an action of calls of the function lookup.
	lookups []int
}

// scan divides a template as text/template does. It reports false where the
// template is none, which is for helm to explain.
func scan(template string) (pieces []piece, ok bool) {
	line, trim := 1, false
	for at := 0; at < len(template); {
		end := len(template)
		if i := strings.Index(template[at:], "{{"); i >= 0 {
			end = at + i
		}
		text := template[at:end]
		if trim {
			text = strings.TrimLeft(text, white)
		}
		start := end - len(text)
		if leftTrim(template[end:]) {
			text = strings.TrimRight(text, white)
		}
		if text != "" {
			pieces = append(pieces, piece{text: text, offset: start, line: line + strings.Count(template[at:start], "\n")})
		}
		line += strings.Count(template[at:end], "\n")
		if at = end; at == len(template) {
			break
		}
		a, ok := action(template[at:])
		if !ok {
			return nil, false
		}
		a.offset, a.line = at, line
		pieces = append(pieces, a)
		line += strings.Count(a.text, "\n")
		trim = rightTrim(a.text[len(a.text)-len(" -}}"):])
		at += len(a.text)
	}
	return pieces, true
}

// leftTrim reports whether an action begins with a trim marker.
func leftTrim(s string) bool {
	return len(s) > len("{{-") && strings.HasPrefix(s, "{{-") && strings.IndexByte(white, s[len("{{-")]) >= 0
}

// rightTrim reports whether s begins with a trim marker that ends an action.
func rightTrim(s string) bool {
	return s != "" && strings.IndexByte(white, s[0]) >= 0 && strings.HasPrefix(s[1:], "-}}")
}

// action reads the action at the beginning of s.
func action(s string) (piece, bool) {
	at := len("{{")
	if leftTrim(s) {
		at += len("- ")
	}
	if strings.HasPrefix(s[at:], "/*") {
		return comment(s, at)
	}
	a := piece{action: true}
	for empty := true; at < len(s); {
		if strings.HasPrefix(s[at:], "}}") || rightTrim(s[at:]) {
			at += strings.Index(s[at:], "}}") + len("}}")
			a.text = s[:at]
			return a, true
		}
		size := token(s[at:])
		if size == 0 {
			return piece{}, false
		}
		word := s[at : at+size]
		if word == "lookup" {
			a.lookups = append(a.lookups, at)
		}
		if blank := strings.Trim(word, white) == ""; empty && !blank {
			a.word, empty = word, false
		}
		at += size
	}
	return piece{}, false
}

// comment reads an action that is a comment, whose opening is at.
func comment(s string, at int) (piece, bool) {
	end := strings.Index(s[at+len("/*"):], "*/")
	if end < 0 {
		return piece{}, false
	}
	at += len("/*") + end + len("*/")
	if !strings.HasPrefix(s[at:], "}}") && !rightTrim(s[at:]) {
		return piece{}, false
	}
	at += strings.Index(s[at:], "}}") + len("}}")
	return piece{action: true, text: s[:at], word: "/*"}, true
}

// token is the length of what s begins with inside an action: a string, a
// word, a name with its dot or dollar sign, or a single character. It is 0
// where a string has no end.
func token(s string) int {
	switch s[0] {
	case '"', '\'':
		return quoted(s)
	case '`':
		end := strings.IndexByte(s[1:], '`')
		if end < 0 {
			return 0
		}
		return end + len("``")
	case '.', '$':
		return 1 + wordLength(s[1:])
	}
	if n := wordLength(s); n > 0 {
		return n
	}
	_, size := utf8.DecodeRuneInString(s)
	return size
}

// quoted is the length of the string or character constant at the beginning of
// s, 0 where it does not end on its line.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\n':
			return 0
		case s[0]:
			return i + 1
		}
	}
	return 0
}

// wordLength is the length of the word that s begins with.
func wordLength(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		return len(s)
	}
	return end
}

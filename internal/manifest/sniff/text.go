package sniff

import "bytes"

// isPlainText reports whether src is text in which LF and CRLF are the only line
// breaks, so that the parser's lines are the lines found here. UTF-16 is caught by
// its zero bytes or, without any, by its first byte, which starts no key.
func isPlainText(src []byte) bool {
	if bytes.IndexByte(src, 0) >= 0 {
		return false
	}
	mark := []byte(byteOrderMark)
	return !hasLoneCR(src) && !hasUnicodeBreak(src) && !bytes.Contains(bytes.TrimPrefix(src, mark), mark)
}

// hasLoneCR reports whether src holds a carriage return that no line feed follows.
func hasLoneCR(src []byte) bool {
	for {
		cr := bytes.IndexByte(src, '\r')
		if cr < 0 {
			return false
		}
		src = src[cr+1:]
		if len(src) == 0 || src[0] != '\n' {
			return true
		}
	}
}

// hasUnicodeBreak reports whether src holds a line break of YAML 1.1 beyond
// ASCII: NEL, LS or PS.
func hasUnicodeBreak(src []byte) bool {
	for _, lineBreak := range [...]string{"\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(src, []byte(lineBreak)) {
			return true
		}
	}
	return false
}

// isMarker reports whether text starts with a line that is marker (`---` or
// `...`) or marker and a space.
func isMarker(text []byte, marker string) bool {
	if len(text) < len(marker) || string(text[:len(marker)]) != marker {
		return false
	}
	if len(text) == len(marker) {
		return true
	}
	next := text[len(marker)]
	return isSpace(next) || next == '\r' || next == '\n'
}

// lineLength returns the length of text's first line, its line break included.
func lineLength(text []byte) int {
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		return end + 1
	}
	return len(text)
}

// nextLine splits text after its first line, which loses its line break and
// trailing spaces.
func nextLine(text []byte) (line, rest []byte) {
	length := lineLength(text)
	end := length
	for end > 0 && (isSpace(text[end-1]) || text[end-1] == '\n' || text[end-1] == '\r') {
		end--
	}
	return text[:end], text[length:]
}

// skipBlankAndComments returns text from its first line that is neither blank
// nor a comment; it is empty when there is none.
func skipBlankAndComments(text []byte) []byte {
	for len(text) > 0 {
		line, rest := nextLine(text)
		if !isBlankOrComment(line) {
			break
		}
		text = rest
	}
	return text
}

// isBlankOrComment reports whether a line without its line break holds nothing
// but spaces and a comment. A line of a block scalar may look like a comment: it
// is as harmless as one.
func isBlankOrComment(line []byte) bool {
	line = trimLeft(line)
	return len(line) == 0 || line[0] == '#'
}

// trimLeft returns text without leading spaces and tabs.
func trimLeft(text []byte) []byte {
	for len(text) > 0 && isSpace(text[0]) {
		text = text[1:]
	}
	return text
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func isQuote(c byte) bool { return c == '"' || c == '\'' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isKeyByte reports whether c can follow the first letter of a key that needs no
// second look, such as `app.kubernetes.io/name`.
func isKeyByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '_' || c == '-' || c == '.' || c == '/'
}

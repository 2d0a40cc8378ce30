package span

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v4"
)

// breakWidth returns the length of the line break at text[pos], or 0. The YAML
// scanner also breaks lines at NEL, LS and PS.
func breakWidth[T string | []byte](text T, pos int) int {
	rest := len(text) - pos
	switch c := text[pos]; {
	case c == '\n':
		return 1
	case c == '\r':
		if rest > 1 && text[pos+1] == '\n' {
			return 2
		}
		return 1
	case c == 0xC2 && rest > 1 && text[pos+1] == 0x85:
		return 2
	case c == 0xE2 && rest > 2 && text[pos+1] == 0x80 &&
		(text[pos+2] == 0xA8 || text[pos+2] == 0xA9):
		return 3
	}
	return 0
}

// whiteWidth returns the length of the blank or line break at text[pos], or 0.
func whiteWidth[T string | []byte](text T, pos int) int {
	if isBlank(text[pos]) {
		return 1
	}
	return breakWidth(text, pos)
}

func isBlank(c byte) bool {
	return c == ' ' || c == '\t'
}

// skipWhite returns the first offset from pos on that is not white space.
func skipWhite(src []byte, pos int) int {
	for pos < len(src) {
		width := whiteWidth(src, pos)
		if width == 0 {
			break
		}
		pos += width
	}
	return pos
}

// skipWhiteBack returns the offset just after the last byte before pos that is
// not white space.
func skipWhiteBack(src []byte, pos int) int {
	for {
		width := whiteWidthBefore(src, pos)
		if width == 0 {
			return pos
		}
		pos -= width
	}
}

// whiteWidthBefore returns the length of the white space that ends at pos, or 0.
func whiteWidthBefore(src []byte, pos int) int {
	for width := 1; width <= min(3, pos); width++ {
		if whiteWidth(src[:pos], pos-width) == width {
			return width
		}
	}
	return 0
}

// skipLine returns the offset of the line break that ends the line of pos.
func skipLine(src []byte, pos int) int {
	for pos < len(src) && breakWidth(src, pos) == 0 {
		pos++
	}
	return pos
}

// skipGap skips white space and comments: what may stand between one token and
// the next.
func skipGap(src []byte, pos int) int {
	pos = skipWhite(src, pos)
	for pos < len(src) && src[pos] == '#' {
		pos = skipWhite(src, skipLine(src, pos))
	}
	return pos
}

// closeBracket returns the offset just after the bracket that closes a flow
// collection of the given kind, where pos is the end of its last child. When
// there is no such bracket, it returns pos.
func closeBracket(src []byte, pos int, kind yaml.Kind) int {
	bracket := byte(']')
	if kind == yaml.MappingNode {
		bracket = '}'
	}
	at := skipGap(src, pos)
	if at < len(src) && src[at] == ',' {
		at = skipGap(src, at+1)
	}
	if at < len(src) && src[at] == bracket {
		return at + 1
	}
	return pos
}

// skipColon returns the offset just after the colon that follows the key that
// ends at pos, or pos when there is none.
func skipColon(src []byte, pos int) int {
	if at := skipGap(src, pos); at < len(src) && src[at] == ':' {
		return at + 1
	}
	return pos
}

// skipProperties returns the end of the last of count anchors and tags that
// start at pos. It does not look further, since what follows may be the
// property of another node.
func skipProperties(src []byte, pos, count int) int {
	for ; count > 0; count-- {
		at := skipGap(src, pos)
		if at == len(src) {
			break
		}
		switch src[at] {
		case '&':
			pos = skipName(src, at)
		case '!':
			pos = skipTag(src, at)
		}
	}
	return pos
}

// skipName returns the end of the anchor or alias whose indicator is at pos.
// Colons at the end of the name are not part of it: they follow a key.
func skipName(src []byte, pos int) int {
	end := min(pos+1, len(src))
	for at := end; at < len(src) && isNameByte(src[at]); at++ {
		if src[at] != ':' {
			end = at + 1
		}
	}
	return end
}

func isNameByte(c byte) bool {
	return c > ' ' && c < 0x7F && strings.IndexByte("[]{},", c) < 0
}

// skipTag returns the end of the tag at pos.
func skipTag(src []byte, pos int) int {
	if bytes.HasPrefix(src[pos:], []byte("!<")) {
		return skipPast(src, pos, '>')
	}
	for pos < len(src) && isNameByte(src[pos]) {
		pos++
	}
	return pos
}

// skipPast returns the offset just after the next c, or the end of the source.
func skipPast(src []byte, pos int, c byte) int {
	if i := bytes.IndexByte(src[pos:], c); i >= 0 {
		return pos + i + 1
	}
	return len(src)
}

// skipSingleQuoted returns the offset just after the scalar whose opening
// quote is at pos. Two quotes in a row stand for one in the text.
func skipSingleQuoted(src []byte, pos int) int {
	pos = skipPast(src, min(pos+1, len(src)), '\'')
	for pos < len(src) && src[pos] == '\'' {
		pos = skipPast(src, pos+1, '\'')
	}
	return pos
}

// skipDoubleQuoted returns the offset just after the scalar whose opening
// quote is at pos.
func skipDoubleQuoted(src []byte, pos int) int {
	for pos++; pos < len(src); pos++ {
		switch src[pos] {
		case '"':
			return pos + 1
		case '\\':
			pos++
		}
	}
	return len(src)
}

// skipText returns the end of the text at pos that reads as value. The parser
// folds line breaks and drops indentation, but it never touches the rest.
func skipText(src []byte, pos int, value string) int {
	end := pos
	for i := 0; i < len(value); {
		if width := whiteWidth(value, i); width > 0 {
			i += width
			continue
		}
		pos = skipWhite(src, pos)
		if pos == len(src) || src[pos] != value[i] {
			break
		}
		pos++
		i++
		end = pos
	}
	return end
}

// skipBlockScalar returns the end of the block scalar whose indicator is at
// pos: of its last line that is not blank, or else of its header.
func skipBlockScalar(src []byte, pos int, value string) int {
	header := min(pos+1, len(src))
	for header < len(src) && strings.IndexByte("+-123456789", src[header]) >= 0 {
		header++
	}
	body := skipLine(src, header)
	end := skipText(src, body, value)
	if end == body {
		return header
	}
	for end < len(src) && isBlank(src[end]) {
		end++ // blanks at the end of a line are part of the value
	}
	return end
}

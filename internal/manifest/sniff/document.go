package sniff

import "bytes"

// sniffDocument finds the kind of one document, its `---` line included. It
// returns ok=false when the document's root is not a block mapping at column 0:
// inside another root, a line that looks like a marker may be text.
func sniffDocument(text []byte) (kind string, certainty Certainty, ok bool) {
	first, rest := nextLine(text)
	if isMarker(first, "---") {
		if !isBlankOrComment(first[len("---"):]) {
			return "", Unsure, false
		}
		text = rest
	}
	root := skipBlankAndComments(text)
	if len(root) == 0 {
		return "", Empty, true
	}
	first, _ = nextLine(root)
	if _, _, isKey := cutKey(first); !isKey {
		return "", Unsure, false
	}
	kind, certainty = sniffMapping(root)
	return kind, certainty, true
}

// sniffMapping finds the kind of the mapping that starts at root's first line.
func sniffMapping(root []byte) (string, Certainty) {
	if !maySpellKind(root) {
		return "", NoKind
	}
	var line []byte
	for rest := root; len(rest) > 0; {
		line, rest = nextLine(rest)
		if isBlankOrComment(line) {
			continue
		}
		key, value, isKey := cutKey(line)
		switch {
		case isKey && string(key) == "kind":
			return sniffKind(value, rest)
		case isKey && (!mayStayOpen(value) || isClosedQuote(value)):
			continue
		case isNested(line) && !mayStayOpen(line):
			continue
		}
		return "", Unsure
	}
	return "", NoKind
}

// maySpellKind reports whether root may hold a key `kind` at all: the key has to
// be spelt out somewhere, with its letters or with escapes.
func maySpellKind(root []byte) bool {
	return bytes.Contains(root, []byte("kind")) || bytes.IndexByte(root, '\\') >= 0
}

// sniffKind judges the value of the top-level key `kind`, given the text of its
// line and the lines below.
func sniffKind(value, below []byte) (string, Certainty) {
	word, ok := cutWord(value)
	if !ok {
		return "", Unsure
	}
	// An indented line would continue the value: `kind: Network` above ` Policy`
	// is one scalar of two words.
	below = skipBlankAndComments(below)
	if len(below) > 0 && isSpace(below[0]) {
		return "", Unsure
	}
	return kindName(word), HasKind
}

// isNested reports whether a line lies below a top-level key: indented, or an
// item of a sequence, which needs no indentation.
func isNested(line []byte) bool {
	if isSpace(line[0]) {
		return true
	}
	return line[0] == '-' && (len(line) == 1 || isSpace(line[1]))
}

// mayStayOpen reports whether text holds a character that can open a quoted scalar
// or a flow collection, which swallow lines at column 0. What closes them needs no
// look: nothing is open yet.
func mayStayOpen(text []byte) bool {
	return bytes.ContainsAny(text, `"'{[`)
}

// isClosedQuote reports whether value is one quoted scalar, closed by the last
// character of its line. A scalar with escapes is not looked into.
func isClosedQuote(value []byte) bool {
	value = trimLeft(value)
	if len(value) < 2 || !isQuote(value[0]) {
		return false
	}
	quote, text := value[0], value[1:]
	return bytes.IndexByte(text, quote) == len(text)-1 && bytes.IndexByte(text, '\\') < 0
}

// cutKey splits a line at column 0 that reads `key:` or `key: value`. It knows
// only keys that are plain beyond doubt; value keeps its leading spaces.
func cutKey(line []byte) (key, value []byte, ok bool) {
	if len(line) == 0 || !isLetter(line[0]) {
		return nil, nil, false
	}
	end := 1
	for end < len(line) && isKeyByte(line[end]) {
		end++
	}
	if end == len(line) || line[end] != ':' {
		return nil, nil, false
	}
	key, value = line[:end], line[end+1:]
	if len(value) > 0 && !isSpace(value[0]) {
		return nil, nil, false
	}
	return key, value, true
}

// cutWord returns the word that is all of value, quotes and a comment aside.
func cutWord(value []byte) (word []byte, ok bool) {
	value = trimLeft(value)
	if len(value) == 0 {
		return nil, false
	}
	quote := value[0]
	if isQuote(quote) {
		value = value[1:]
	}
	end := 0
	for end < len(value) && (isLetter(value[end]) || isDigit(value[end])) {
		end++
	}
	word, tail := value[:end], value[end:]
	if len(word) == 0 || !isLetter(word[0]) {
		return nil, false
	}
	if isQuote(quote) {
		if len(tail) == 0 || tail[0] != quote {
			return nil, false
		}
		tail = tail[1:]
	}
	if len(tail) > 0 && !isSpace(tail[0]) {
		return nil, false
	}
	return word, isBlankOrComment(tail)
}

// kindName returns word as a string, without allocating for the common kinds.
func kindName(word []byte) string {
	switch string(word) {
	case "ConfigMap":
		return "ConfigMap"
	case "CronJob":
		return "CronJob"
	case "CustomResourceDefinition":
		return "CustomResourceDefinition"
	case "DaemonSet":
		return "DaemonSet"
	case "Deployment":
		return "Deployment"
	case "Ingress":
		return "Ingress"
	case "Job":
		return "Job"
	case "Kustomization":
		return "Kustomization"
	case "Namespace":
		return "Namespace"
	case "NetworkPolicy":
		return "NetworkPolicy"
	case "Pod":
		return "Pod"
	case "Secret":
		return "Secret"
	case "Service":
		return "Service"
	case "ServiceAccount":
		return "ServiceAccount"
	case "StatefulSet":
		return "StatefulSet"
	}
	return string(word)
}

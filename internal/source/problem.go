package source

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode"
)

// Problem is something that could not be read, or a rule that failed. The rest
// of the run goes on, and its exit status tells.
type Problem struct {
	// Path is the file as shown to the user, "" for a rule that failed.
	Path string
	// Line and Column count from one; they are 0 where no place is known.
	Line, Column int
	// Message says what is wrong, in lower case and without a final period.
	Message string
	// Span is the text at fault. It is zero where that is not known.
	Span Span
}

// Error is the problem in the form path:line:column: message.
func (p Problem) Error() string {
	var b strings.Builder
	for _, part := range []string{p.Path, number(p.Line), number(p.Column)} {
		if part != "" {
			b.WriteString(part + ":")
		}
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	return b.String() + p.Message
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// problem makes a Problem of a file out of an error of the operating system,
// whose text names the file a second time.
func problem(path string, err error) Problem {
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = fmt.Errorf("%s: %w", perr.Op, perr.Err)
	}
	return Problem{Path: path, Message: "cannot be read: " + err.Error()}
}

// Skip is something that was left out on purpose. It is counted and said.
type Skip struct {
	// Path is the file or directory as shown to the user.
	Path string
	// Line counts from one; 0 stands for the whole file.
	Line int
	// Reason says what it is, as a plural: "Helm templates".
	Reason string
	// Detail says what is particular about this one; it is "" for nothing.
	Detail string
}

// PrintablePath is Printable for a path at the beginning of a line. There, one
// that begins with colons would be a command to the log of GitHub Actions.
func PrintablePath(path string) string {
	if strings.HasPrefix(strings.TrimLeft(path, " \t"), ":") {
		path = "./" + path
	}
	return Printable(path)
}

// Printable replaces what could move a cursor or speak to a log reader in
// text that comes from a file: control characters become their escapes.
func Printable(text string) string {
	if strings.IndexFunc(text, hidden) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if hidden(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// hidden holds for characters that show nothing of themselves but change what
// is shown around them. A tab is left to the caller.
func hidden(r rune) bool {
	return r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029')
}

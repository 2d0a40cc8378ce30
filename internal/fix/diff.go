// Package fix brings fixes to the files: as a patch for people and programs to
// apply, or written in place.
package fix

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/egresslint/egresslint/internal/source"
)

// Changed is a file as it was read and as it should be.
type Changed struct {
	// Path is how the file is shown to the user, with slashes.
	Path string
	// Real is where it lies. "" stands for Path itself.
	Real string
	// Before is the content that was read, After what should be there.
	Before, After []byte
	// Edits are how After is made of Before. Without them a patch is worked out.
	Edits []source.Edit
	// New is set for a file that is not there yet. Its Before is empty.
	New bool
}

// same reports whether there is nothing to change.
func (c *Changed) same() bool { return !c.New && bytes.Equal(c.Before, c.After) }

// Diff is a patch that makes the files what they should be. Both git apply and
// patch -p1 take it, in the directory that each Path is relative to; a Path
// that is not below it is an error. The two do not write through symbolic
// links, so a Path should not go through one. It is "" when nothing changes.
func Diff(files []Changed) (string, error) {
	var b strings.Builder
	for i := range files {
		if files[i].same() {
			continue
		}
		text, err := files[i].diff()
		if err != nil {
			return "", fmt.Errorf("diff %s: %w", files[i].Path, err)
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// diff is the part of a patch that is about one file.
func (c *Changed) diff() (string, error) {
	name := path.Clean(c.Path)
	if name == "." || !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", errors.New("the path is not one of a file below the directory of the patch")
	}
	from, to := "a/"+name, "b/"+name
	head := fmt.Sprintf("diff --git %s %s\n", quoted(from), quoted(to))
	before := label(from)
	if c.New {
		head += "new file mode 100644\n"
		before = "/dev/null"
	}
	old, text := string(c.Before), string(c.After)
	edits := udiff.Lines(old, text)
	if known := lineEdits(old, c.Edits); c.Edits != nil && removed(known) < removed(edits) {
		edits = known
	}
	unified, err := udiff.ToUnifiedDiff(before, label(to), old, edits, udiff.DefaultContextLines)
	number(&unified)
	return head + unified.String(), err
}

// number says where each hunk comes to lie. The library loses count where two edits
// share one, and git apply then takes the next place that looks alike.
func number(u *udiff.UnifiedDiff) {
	shift := 0
	for _, h := range u.Hunks {
		h.ToLine = h.FromLine + shift
		for _, line := range h.Lines {
			switch line.Kind {
			case udiff.Insert:
				shift++
			case udiff.Delete:
				shift--
			case udiff.Equal:
			}
		}
	}
}

// removed counts the bytes that edits take away.
func removed(edits []udiff.Edit) int {
	n := 0
	for _, e := range edits {
		n += e.End - e.Start
	}
	return n
}

// lineEdits are edits as those of the lines that they change. Only these are
// compared: where much changes in a long text, the library takes away and puts
// back lines that stay.
func lineEdits(old string, edits []source.Edit) []udiff.Edit {
	var lines []udiff.Edit
	for i := 0; i < len(edits); {
		from := strings.LastIndexByte(old[:edits[i].From], '\n') + 1
		to, at := from, from
		var text strings.Builder
		for ; i < len(edits) && (edits[i].From < to || to == from); i++ {
			text.WriteString(old[at:edits[i].From] + edits[i].New)
			at = edits[i].To
			to = len(old)
			if end := strings.IndexByte(old[at:], '\n'); end >= 0 {
				to = at + end + 1
			}
		}
		text.WriteString(old[at:to])
		for _, e := range udiff.Lines(old[from:to], text.String()) {
			lines = append(lines, udiff.Edit{Start: from + e.Start, End: from + e.End, New: e.New})
		}
	}
	return lines
}

// label is a name in a line that begins with --- or +++. There a tab ends a
// name that has spaces.
func label(name string) string {
	if text := quoted(name); text != name || !strings.Contains(name, " ") {
		return text
	}
	return name + "\t"
}

// escapes are the characters that git writes with a letter.
var escapes = map[byte]string{
	'\a': `\a`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\v': `\v`, '\f': `\f`, '\r': `\r`, '"': `\"`, '\\': `\\`,
}

// quoted is a name as git writes it: between quotation marks, with escapes,
// where it has other than printable ASCII characters.
func quoted(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		switch escape := escapes[c]; {
		case escape != "":
			b.WriteString(escape)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	if b.Len() == len(name) {
		return name
	}
	return `"` + b.String() + `"`
}

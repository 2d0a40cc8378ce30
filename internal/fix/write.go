package fix

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/egresslint/egresslint/internal/atomicfile"
)

// Errors for a file that is left as it is.
var (
	// ErrChanged is for one that no longer has the content that was read.
	ErrChanged = errors.New("changed while egresslint ran; nothing was written to it")
	// ErrExists is for one that should be new.
	ErrExists = errors.New("it is there already; nothing was written to it")
	// ErrSpecial is for a pipe, a device or a directory.
	ErrSpecial = errors.New("not a regular file; nothing was written to it")
)

// Write makes the files what they should be, each in one step: whenever the
// program ends, a file is as it was or as it should be. One that is not as it
// was read, or that its user may not write, is left alone, and the others are
// written all the same. It returns the paths of those written, as they are
// shown; the error names each of the rest.
func Write(files []Changed) (written []string, err error) {
	var failed []error
	for i := range files {
		c := &files[i]
		if c.same() {
			continue
		}
		if err := atomicfile.WriteIf(c.place(), c.After, c.ready); err != nil {
			failed = append(failed, fmt.Errorf("write %s: %w", c.Path, err))
			continue
		}
		written = append(written, c.Path)
	}
	return written, errors.Join(failed...)
}

// place is where the file lies.
func (c *Changed) place() string { return cmp.Or(c.Real, filepath.FromSlash(c.Path)) }

// ready looks whether the file is still as it was read.
func (c *Changed) ready() error {
	if c.New {
		_, err := os.Lstat(c.place())
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return cmp.Or(err, ErrExists)
	}
	now, err := content(c.place())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrChanged
	case err != nil:
		return err
	case !bytes.Equal(now, c.Before):
		return ErrChanged
	}
	return nil
}

// content reads a file that may be written. To put another in its place needs
// no right to the file itself; who took that right away means it.
func content(path string) ([]byte, error) {
	info, err := os.Stat(path) // before opening, which waits for the other end of a pipe
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrSpecial
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written to it
	return io.ReadAll(f)
}

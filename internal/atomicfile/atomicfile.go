// Package atomicfile replaces files in one step: whenever the program ends, and
// whoever reads, a file is as it was or as it should be.
package atomicfile

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// prefix begins the names of files on their way into place. A process that is
// killed may leave one behind; no walk takes it for a manifest.
const prefix = ".egresslint-"

// Write puts text in place of the file at path. The file keeps its mode, and
// its owner where the system allows; one that was not there is made with 0644
// less the umask. Of a symbolic link the target is replaced. The error does not
// name the file: only the caller knows how it is called.
func Write(path string, text []byte) error {
	return WriteIf(path, text, func() error { return nil })
}

// WriteIf is Write, unless ready returns an error. That is asked at the last
// moment, when nothing but the replacing itself is left to do.
func WriteIf(path string, text []byte, ready func() error) error {
	target := linked(path)
	old, err := os.Stat(target)
	if err != nil {
		old = nil
	}
	temp, err := create(target, old)
	if err != nil {
		return fmt.Errorf("make a file in its directory: %w", cause(err))
	}
	_, err = temp.Write(text)
	if err == nil && old != nil {
		keepOwner(temp, old)
		err = temp.Chmod(old.Mode())
	}
	err = cmp.Or(err, temp.Sync(), temp.Close())
	if err == nil {
		err = ready()
	}
	if err == nil {
		err = os.Rename(temp.Name(), target)
	}
	if err != nil {
		return errors.Join(cause(err), os.Remove(temp.Name()))
	}
	return nil
}

// create makes an empty file beside target. One that takes the place of old is
// closed to others until it has the mode of old.
func create(target string, old fs.FileInfo) (*os.File, error) {
	mode := fs.FileMode(0o644)
	if old != nil {
		mode = 0o600
	}
	name := filepath.Join(filepath.Dir(target), prefix+rand.Text())
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// linked is the file that a path leads to through symbolic links, also one that
// is not there yet: a link stays, and what it points to is replaced.
func linked(path string) string {
	for range 255 { // as many as the kernel of Linux follows, and more
		next, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return path
}

// cause is what went wrong without the file on the way to the one asked for.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}

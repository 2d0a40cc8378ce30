// Package helm renders Helm charts with the user's own helm program, and tells
// for each rendered line which line of which template it came from. A chart is
// not trusted: it is read without leaving its directory, and rendered by a
// child process that has a deadline, limits, no network use and no cluster.
package helm

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// What a chart may hold, its archives unpacked. Helm itself stops at 100 MiB.
const (
	maxBytes = 64 << 20
	maxFiles = 10_000
)

// ErrLink is what Read returns of a symbolic link that leads out of the chart,
// nowhere or in a circle, and of any link in an archive.
var ErrLink = errors.New("a symbolic link that leads out of the chart, nowhere or in a circle")

// ErrSpecial is what Read returns of a pipe, a socket or a device.
var ErrSpecial = errors.New("a special file")

// ErrTooBig is what Read returns of a chart that is too large to be one.
var ErrTooBig = fmt.Errorf("the chart holds more than %d files or %d MiB", maxFiles, maxBytes>>20)

// Chart is the files of a chart directory, as they were when it was read. It
// is not changed afterwards, and may be rendered from several goroutines.
type Chart struct {
	// Dir is the directory as it was given to Read.
	Dir string
	// Name is the name that Chart.yaml gives the chart.
	Name string

	// files are the contents by slash path below Dir. An archive in charts/
	// is in it as if it were a directory: charts/sub-1.2.3.tgz/Chart.yaml.
	files map[string][]byte
	root  *part
}

// Read reads the chart in dir, archives in its charts/ directory included. It
// fails with an error that names the file where something cannot be read, and
// where the chart is not what a chart can be: see ErrLink, ErrSpecial and
// ErrTooBig. Symbolic links that stay in the chart are followed. The directory
// .git is left out; what a .helmignore leaves out is left to helm.
func Read(dir string) (*Chart, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()

	r := &reader{root: root, files: map[string][]byte{}}
	if err := r.dir("."); err != nil {
		return nil, err
	}
	if err := r.archives(); err != nil {
		return nil, err
	}
	c := &Chart{Dir: dir, files: r.files}
	if c.root, err = newPart(r.files, ""); err != nil {
		return nil, err
	}
	c.Name = c.root.name
	return c, nil
}

// reader collects the files of a chart.
type reader struct {
	root  *os.Root
	files map[string][]byte
	// bytes counts all that was read, packed and unpacked.
	bytes int64
}

// dir reads what lies in a directory. A circle of links ends with ErrLink: the
// root follows only a few of them on the way to a file.
func (r *reader) dir(name string) error {
	entries, err := fs.ReadDir(r.root.FS(), name)
	if err != nil {
		return withPath(name, err)
	}
	for _, e := range entries {
		if e.Name() == ".git" {
			continue
		}
		if err := r.entry(path.Join(name, e.Name()), e.Type()); err != nil {
			return err
		}
	}
	return nil
}

// entry reads one file or directory.
func (r *reader) entry(name string, mode fs.FileMode) error {
	if mode&fs.ModeSymlink != 0 {
		info, err := r.root.Stat(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, ErrLink)
		}
		mode = info.Mode().Type()
	}
	switch {
	case mode.IsDir():
		return r.dir(name)
	case !mode.IsRegular():
		return fmt.Errorf("%s: %w", name, ErrSpecial)
	}
	f, err := r.root.Open(name)
	if err != nil {
		return withPath(name, err)
	}
	defer func() { _ = f.Close() }()
	return r.add(name, f)
}

// add takes over the content of one file.
func (r *reader) add(name string, content io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(content, maxBytes-r.bytes+1))
	if err != nil {
		return withPath(name, err)
	}
	r.bytes += int64(len(text))
	r.files[name] = text
	if r.bytes > maxBytes || len(r.files) > maxFiles {
		return fmt.Errorf("%s: %w", name, ErrTooBig)
	}
	return nil
}

// withPath names the file once in an error that may name it already.
func withPath(name string, err error) error {
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = perr.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// isTemplate holds for the files that helm takes for templates, partials among
// them. The path is below the chart that the file belongs to.
func isTemplate(name string) bool { return strings.HasPrefix(name, "templates/") }

// isPrinted holds for the templates whose output is manifests.
func isPrinted(name string) bool {
	return isTemplate(name) && !strings.HasPrefix(path.Base(name), "_") && !strings.HasSuffix(name, "NOTES.txt")
}

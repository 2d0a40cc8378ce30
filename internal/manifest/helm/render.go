package helm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// What holds where Options say nothing.
const (
	defaultTimeout = 10 * time.Second
	defaultMemory  = 1 << 30
)

// Options say how a chart is rendered. The zero value renders it with its own
// values alone.
type Options struct {
	// Values are values files, each of which overrides those before it.
	Values []Values
	// Release is the name of the release. It is release-name by default, as
	// for helm.
	Release string
	// Namespace is that of the release, "" for the one that helm takes.
	Namespace string
	// Timeout is how long rendering may take, 10 seconds by default.
	Timeout time.Duration
	// Memory is how many bytes of memory helm may use, 1 GiB by default; below
	// 150 MiB it may not even start. It is a limit on Linux. Elsewhere helm is
	// only asked to keep to it, and the timeout is what stops it.
	Memory int64
}

// Values are the content of a values file.
type Values struct {
	// Name is how messages call it.
	Name string
	Text []byte
}

// Rendered is what one template of a chart came to.
type Rendered struct {
	// Template is the slash path of the template below the chart directory,
	// as in templates/a.yaml or charts/sub/templates/a.yaml. In an archive it
	// is charts/sub-1.2.3.tgz/templates/a.yaml. A subchart that is rendered
	// under several aliases has several results of one path.
	Template string
	// Text is the documents with "---" between them, without the comments that
	// name their source. They are in the order of the template as far as that
	// is known, and else in that of helm. Hooks and tests are among them.
	Text []byte
	// Lines has for each line of Text the line of the template that it came
	// from, counted from one, or 0 where that is not known. What a template
	// includes counts as the line that includes it. Separators and documents
	// that differ from one rendering to the next have no line.
	Lines []int
}

// Render renders the chart with the helm program on PATH, version 3 or 4. It
// returns the templates that came to something, ordered by the names that helm
// gives them. The error is ErrNoHelm, ErrLibrary, ErrMemory, ErrOutput,
// context.DeadlineExceeded, one of the types of this package, or one of the
// operating system.
//
// Helm sees a copy of the chart and nothing else of the user's: no
// configuration, no plugins, no cluster, no environment. Values are not
// checked against a schema, which could lie on the network. A call of lookup
// is not seen where it is part of a text that the function tpl is given.
func (c *Chart) Render(ctx context.Context, o Options) ([]Rendered, error) {
	if c.root.library {
		return nil, ErrLibrary
	}
	if names := c.root.missing(); len(names) > 0 {
		return nil, &DependencyError{names}
	}
	program, err := find()
	if err != nil {
		return nil, err
	}
	o.Release = cmp.Or(o.Release, "release-name")
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	o.Memory = cmp.Or(o.Memory, defaultMemory)
	limited, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()

	files, calls := guard(c)
	output, err := render(limited, program, files, o)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, c.explain(err, calls, o)
	}
	// Lines are a help. Where the time is up, or anything else is wrong with
	// the second rendering, the first one still stands.
	marked, err := render(limited, program, withCompanions(c.root, files), o)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		marked = ""
	}
	return results(c.root, sections(output), traced(marked)), nil
}

// find is the absolute path of the helm program.
func find() (string, error) {
	program, err := exec.LookPath("helm")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", ErrNoHelm
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrNoHelm, err)
	}
	return filepath.Abs(program)
}

// render runs helm on a copy of the files and returns what it prints.
func render(ctx context.Context, program string, files map[string][]byte, o Options) (output string, err error) {
	dir, err := os.MkdirTemp("", "egresslint-helm-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	files, err = repack(files)
	if err != nil {
		return "", err
	}
	for name, text := range files {
		if err := write(filepath.Join(dir, "chart", filepath.FromSlash(name)), text); err != nil {
			return "", err
		}
	}
	args := []string{"template"}
	for i, v := range o.Values {
		if err := write(filepath.Join(dir, valuesName(i)), v.Text); err != nil {
			return "", err
		}
		args = append(args, "--values="+valuesName(i))
	}
	if o.Namespace != "" {
		args = append(args, "--namespace="+o.Namespace)
	}
	args = append(args, "--", o.Release, "./chart")
	return run(ctx, command{program, args, dir, o.Memory})
}

// valuesName is the name that helm knows a values file by.
func valuesName(i int) string { return "values-" + strconv.Itoa(i) + ".yaml" }

func write(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o600)
}

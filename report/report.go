// Package report writes what a run found, one file a format. A format reads
// the result and changes nothing.
package report

import (
	"bytes"
	"io"
	"maps"
	"slices"

	"github.com/egresslint/egresslint/internal/lint"
)

// Options are what a format may want to know besides the result.
type Options struct {
	// Color asks for colours, in formats that people read.
	Color bool
	// Suppressed asks to show suppressed findings too, marked as such.
	Suppressed bool
	// Root is the directory that URIs in SARIF are relative to, absolute and
	// with symbolic links resolved. Paths outside it stay absolute.
	Root string
	// Version is the version of the program.
	Version string
}

// Format writes a result.
type Format func(w io.Writer, r *lint.Result, o Options) error

// formats are the formats by name.
var formats = map[string]Format{
	"json":  JSON,
	"sarif": SARIF,
	"text":  Text,
}

// Find returns the format with a name, nil when there is none.
func Find(name string) Format { return formats[name] }

// Names lists the names of the formats in order.
func Names() []string { return slices.Sorted(maps.Keys(formats)) }

// Bytes is the whole report in memory, for a file that must not be half
// written.
func Bytes(format Format, r *lint.Result, o Options) ([]byte, error) {
	var b bytes.Buffer
	err := format(&b, r, o)
	return b.Bytes(), err
}

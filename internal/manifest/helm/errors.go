package helm

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoHelm is what Render returns where there is no helm program on PATH.
var ErrNoHelm = errors.New("there is no helm program on PATH")

// ErrLibrary is what Render returns of a library chart, which renders nothing:
// other charts include its templates.
var ErrLibrary = errors.New("a library chart has no manifests of its own")

// ErrMemory is what Render returns where helm needs more memory than it may.
var ErrMemory = errors.New("rendering the chart needs too much memory")

// ErrOutput is what Render returns of a chart that comes to more than it may.
var ErrOutput = fmt.Errorf("the chart renders to more than %d MiB", maxOutput>>20)

// DependencyError is what Render returns where charts/ lacks subcharts that
// Chart.yaml asks for. "helm dependency build" fetches them.
type DependencyError struct {
	// Names are those of the missing charts, in the order of Chart.yaml.
	Names []string
}

func (e *DependencyError) Error() string {
	return "dependencies of Chart.yaml are missing in charts/: " + strings.Join(e.Names, ", ")
}

// LookupError is what Render returns where rendering calls the function
// lookup: what the chart comes to then depends on the cluster.
type LookupError struct {
	// Template is the slash path of the template below the chart directory.
	Template string
	// Line is the line of the call, counted from one.
	Line int
}

func (e *LookupError) Error() string {
	return fmt.Sprintf("%s:%d: the function lookup asks the cluster", e.Template, e.Line)
}

// RenderError is what Render returns where helm fails on the chart or on the
// values that it is given.
type RenderError struct {
	// Template is the slash path of the template below the chart directory,
	// "" where helm names none.
	Template string
	// Line is a line of the template, counted from one, 0 where helm names none.
	Line int
	// Message is what helm says, on one line.
	Message string
}

func (e *RenderError) Error() string {
	switch {
	case e.Template == "":
		return "helm: " + e.Message
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.Template, e.Message)
	}
	return fmt.Sprintf("%s:%d: %s", e.Template, e.Line, e.Message)
}

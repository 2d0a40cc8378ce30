package helm

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// part is the chart itself or one of its subcharts.
type part struct {
	// dir is where the part lies below the chart, with a slash at its end,
	// and "" for the chart itself.
	dir          string
	name         string
	library      bool
	dependencies []dependency
	subcharts    []*part
}

// dependency is a chart that Chart.yaml asks for.
type dependency struct {
	Name  string `yaml:"name"`
	Alias string `yaml:"alias"`
}

// metadata is what matters here of a Chart.yaml.
type metadata struct {
	Name         string       `yaml:"name"`
	Type         string       `yaml:"type"`
	Dependencies []dependency `yaml:"dependencies"`
}

// newPart reads what the chart in dir says of itself, and its subcharts.
func newPart(files map[string][]byte, dir string) (*part, error) {
	var about metadata
	text, ok := files[dir+"Chart.yaml"]
	if !ok {
		return nil, fmt.Errorf("%sChart.yaml: no such file", dir)
	}
	if err := unmarshal(text, &about); err != nil {
		return nil, fmt.Errorf("%sChart.yaml: %w", dir, err)
	}
	if about.Name == "" {
		return nil, fmt.Errorf("%sChart.yaml: the chart has no name", dir)
	}
	// The dependencies of old charts are in a file of their own.
	if text, ok := files[dir+"requirements.yaml"]; ok {
		var old metadata
		if err := unmarshal(text, &old); err != nil {
			return nil, fmt.Errorf("%srequirements.yaml: %w", dir, err)
		}
		about.Dependencies = append(about.Dependencies, old.Dependencies...)
	}
	p := &part{dir: dir, name: about.Name, library: about.Type == "library", dependencies: about.Dependencies}
	for _, sub := range subdirectories(files, dir+"charts/") {
		child, err := newPart(files, sub)
		if err != nil {
			return nil, err
		}
		p.subcharts = append(p.subcharts, child)
	}
	return p, nil
}

// unmarshal reads the first document, which may lack the fields that are read.
func unmarshal(text []byte, into *metadata) error {
	err := yaml.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), into)
	var incompatible *yaml.LoadErrors
	if errors.As(err, &incompatible) { // a field that is not read here may be of any type
		return nil
	}
	return err
}

// subdirectories are the directories below dir, sorted, that hold a subchart:
// helm passes over those whose names begin with a dot or an underscore.
func subdirectories(files map[string][]byte, dir string) []string {
	var found []string
	for name := range files {
		below, ok := strings.CutPrefix(name, dir)
		first, _, nested := strings.Cut(below, "/")
		if ok && nested && !strings.ContainsAny(first[:1], "_.") {
			found = append(found, dir+first+"/")
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// missing are the names of the dependencies that no subchart stands for, each
// once. Helm asks this of the chart itself and not of its subcharts.
func (p *part) missing() []string {
	var names []string
	for _, d := range p.dependencies {
		if !slices.Contains(names, d.Name) && !slices.ContainsFunc(p.subcharts, func(s *part) bool { return s.name == d.Name }) {
			names = append(names, d.Name)
		}
	}
	return names
}

// owner is the part that a file belongs to, and its path below that.
func (p *part) owner(name string) (*part, string) {
	for _, s := range p.subcharts {
		if strings.HasPrefix(name, s.dir) {
			return s.owner(name)
		}
	}
	return p, strings.TrimPrefix(name, p.dir)
}

// path is where the template lies that helm calls source: helm names charts,
// not directories, and a chart by its alias where it has one. It is the name
// without that of the chart where there is no such file.
func (p *part) path(source string) string {
	_, below, _ := strings.Cut(source, "/")
	at, rest := p, below
	for {
		inner, ok := strings.CutPrefix(rest, "charts/")
		name, inner, _ := strings.Cut(inner, "/")
		if !ok {
			return at.dir + rest
		}
		next := at.subchart(name)
		if next == nil {
			return below
		}
		at, rest = next, inner
	}
}

// subchart is the subchart that goes by a name, nil when there is none.
func (p *part) subchart(name string) *part {
	for _, d := range p.dependencies {
		if cmp.Or(d.Alias, d.Name) == name {
			name = d.Name
			break
		}
	}
	for _, s := range p.subcharts {
		if s.name == name {
			return s
		}
	}
	return nil
}

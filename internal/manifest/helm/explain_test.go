package helm

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestRenderError(t *testing.T) {
	c := mustRead(t, "-- charts/directory/Chart.yaml --\nname: sub\n")
	const debug = "\n\nUse --debug flag to render out invalid YAML\n"
	tests := []struct{ name, messages, want string }{
		{"required", "Error: execution error at (top/templates/x.yaml:2:6): need me" + debug, "templates/x.yaml:2: need me"},
		{"of several lines", "Error: execution error at (top/templates/x.yaml:2:6): a\n  b\n" + debug, "templates/x.yaml:2: a b"},
		{"that names a place", "Error: execution error at (top/templates/x.yaml:2:6): see top/templates/y.yaml:3: executing x", "templates/x.yaml:2: see top/templates/y.yaml:3: executing x"},
		{"parse", "Error: parse error at (top/charts/sub/templates/x.yaml:7): unexpected <.> in operand" + debug, "charts/directory/templates/x.yaml:7: unexpected <.> in operand"},
		{
			"execution", "Error: template: top/templates/x.yaml:1:13: executing \"top/templates/x.yaml\" at <.Values.x.y.z>: nil pointer evaluating interface {}.y" + debug,
			`templates/x.yaml:1: executing "top/templates/x.yaml" at <.Values.x.y.z>: nil pointer evaluating interface {}.y`,
		},
		{
			"execution of what is included", "Error: template: top/templates/x.yaml:1:50: executing \"top/templates/x.yaml\" at <include \"q\" .>: error calling include: template: top/templates/_h.tpl:9:26: executing \"q\" at <.Values.x>: nil pointer" + debug,
			`templates/_h.tpl:9: executing "q" at <.Values.x>: nil pointer`,
		},
		{
			"the same of version 4", "Error: top/templates/x.yaml:1:50\n  executing \"top/templates/x.yaml\" at <include \"q\" .>:\n    error calling include:\ntop/templates/_h.tpl:9:26\n  executing \"q\" at <.Values.x>:\n    nil pointer" + debug,
			`templates/_h.tpl:9: executing "q" at <.Values.x>: nil pointer`,
		},
		{
			"not YAML", "Error: YAML parse error on top/templates/x.yaml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context" + debug,
			"templates/x.yaml: renders to what is not valid YAML: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context",
		},
		{"values", "Error: failed to parse values-1.yaml: yaml: line 1: bad", "helm: failed to parse b.yaml: yaml: line 1: bad"},
		{"directory", "Error: open /tmp/x/chart/values.yaml and /tmp/x/chart and /tmp/x/none: no", "helm: open values.yaml and . and none: no"},
		{"warnings in front", "WARNING: a\nlevel=INFO b\nError: bad\n", "helm: bad"},
		{"no error", "something else", "helm: something else"},
		{"nothing", "", "helm: exit status 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Values: []Values{{Name: "a.yaml"}, {Name: "b.yaml"}}}
			err := c.explain(&failure{tt.messages, "/tmp/x", errors.New("exit status 1")}, nil, o)
			var failed *RenderError
			if !errors.As(err, &failed) || err.Error() != tt.want {
				t.Errorf("explain(%q):\n%v\nwant\n%s", tt.messages, err, tt.want)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	c := mustRead(t, "")
	calls := []place{{"templates/a.yaml", 1}, {"templates/b.yaml", 2}}
	status := errors.New("exit status 2")
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"deadline", context.DeadlineExceeded, context.DeadlineExceeded},
		{"output", ErrOutput, ErrOutput},
		{"killed", &failure{"", "/x", errors.New("signal: killed")}, ErrMemory},
		{"heap", &failure{"runtime: out of memory: cannot allocate 1-byte block\nfatal error: out of memory\n", "/x", status}, ErrMemory},
		{"map", &failure{"fatal error: runtime: cannot allocate memory\n", "/x", status}, ErrMemory},
		{"thread", &failure{"runtime/cgo: pthread_create failed: Resource temporarily unavailable\n", "/x", status}, ErrMemory},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := c.explain(tt.err, calls, Options{}); !errors.Is(err, tt.want) {
				t.Errorf("explain: %v, want %v", err, tt.want)
			}
		})
	}
	if err := c.explain(&failure{"Error: execution error at (x:1:2): out of memory", "/x", status}, calls, Options{}); errors.Is(err, ErrMemory) {
		t.Errorf("a message of the chart is taken for one of the program: %v", err)
	}
	lookup := fmt.Sprintf("Error: execution error at (top/templates/x.yaml:7:1): %s1\n", lookupMark)
	var asked *LookupError
	if err := c.explain(&failure{lookup, "/x", status}, calls, Options{}); !errors.As(err, &asked) || *asked != (LookupError{"templates/b.yaml", 2}) {
		t.Errorf("explain of a lookup: %v", err)
	}
}

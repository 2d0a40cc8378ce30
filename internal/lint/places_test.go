package lint

import (
	"fmt"
	"strings"
	"testing"
)

// TestObjectOfFinding traces findings to their objects in a file of many, and
// in a list whose items do not stand in their order.
func TestObjectOfFinding(t *testing.T) {
	var many strings.Builder
	for i := range 300 {
		fmt.Fprintf(&many, "---\n%s", strings.ReplaceAll(one, "NAME", fmt.Sprintf("p%d", i)))
	}
	for name, text := range map[string]string{
		"documents": many.String(),
		"list": "apiVersion: v1\nkind: List\nmetadata: {annotations: &a " + flow("a") + "}\n" +
			"items:\n- " + flow("b") + "\n- *a\n- " + flow("c") + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			result := run(t, map[string]string{"a.yaml": text}, atPath("name", "here", "metadata", "name"))
			if len(result.Findings) != result.Summary.Policies {
				t.Errorf("%d findings in %d policies", len(result.Findings), result.Summary.Policies)
			}
			for _, f := range result.Findings {
				if f.At.Text() != f.Object.Name {
					t.Errorf("the finding at %q is traced to %s", f.At.Text(), f.Object.Name)
				}
			}
		})
	}
}

const one = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: NAME\n"

func flow(name string) string {
	return "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: " + name + "}}"
}

package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaModule has the schema of the standard as a constant that it does not
// export. It is read from the source, so that no test needs the network.
const schemaModule = "github.com/owenrumney/go-sarif/v3"

// standard is the schema of SARIF 2.1.0 as OASIS publishes it.
var standard = sync.OnceValues(func() (*jsonschema.Schema, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", schemaModule).Output()
	if err != nil {
		return nil, err
	}
	name := filepath.Join(strings.TrimSpace(string(dir)), "pkg", "report", "v210", "sarif", "schema.go")
	text, err := longestText(name)
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(sarifSchema, document); err != nil {
		return nil, err
	}
	return compiler.Compile(sarifSchema)
})

// longestText is the longest string literal of a Go file.
func longestText(name string) (string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		return "", err
	}
	longest := `""`
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && len(lit.Value) > len(longest) {
			longest = lit.Value
		}
		return true
	})
	return strconv.Unquote(longest)
}

// loadStandard is to be called before a test leaves the module.
func loadStandard(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := standard()
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// validate holds a report against the standard.
func validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}

func TestSARIFSchema(t *testing.T) {
	schema := loadStandard(t)
	tests := []struct {
		name  string
		files map[string]string
	}{
		{"clean", map[string]string{"k8s/deny.yaml": deny}},
		{"empty", nil},
		{"everything", everything},
		{"strange names", map[string]string{"k8s/a b#c/é%?.yaml": implied}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := enter(t, test.files)
			report := written(t, SARIF, resultOf(t, "."), Options{Root: dir, Version: "1.2.3"})
			if err := validate(t, schema, report); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("trouble alone", func(t *testing.T) {
		dir := enter(t, nil)
		if err := validate(t, schema, written(t, SARIF, resultOf(t, "nowhere"), Options{Root: dir, Version: "1.2.3"})); err != nil {
			t.Error(err)
		}
	})
}

// TestSARIFSchemaRefuses holds that a broken report does not pass.
func TestSARIFSchemaRefuses(t *testing.T) {
	schema := loadStandard(t)
	dir := enter(t, everything)
	report := written(t, SARIF, resultOf(t, "k8s"), Options{Root: dir, Version: "1.2.3"})
	tests := []struct{ name, old, new string }{
		{"a level that is none", `"level": "warning"`, `"level": "grave"`},
		{"a line before the first", `"startLine": 4`, `"startLine": 0`},
		{"a column that is a text", `"startColumn": 9`, `"startColumn": "9"`},
		{"an unknown property", `"ruleIndex": `, `"ruleNumber": `},
		{"another version", `"version": "2.1.0"`, `"version": "2.0.0"`},
		{"no tool", `"tool": `, `"tools": `},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(report, test.old) {
				t.Fatalf("the report has no %s", test.old)
			}
			if err := validate(t, schema, strings.ReplaceAll(report, test.old, test.new)); err == nil {
				t.Error("it passes")
			}
		})
	}
}

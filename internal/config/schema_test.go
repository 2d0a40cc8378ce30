package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	generate "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/config"
)

var update = flag.Bool("update", false, "write the schema in docs")

const published = "../../docs/egresslint.schema.json"

// schemaOf makes the JSON schema of the type.
func schemaOf(t *testing.T) []byte {
	t.Helper()
	r := generate.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, DoNotReference: true, Mapper: special}
	if err := r.AddGoComments("github.com/egresslint/egresslint/internal/config", "."); err != nil {
		t.Fatal(err)
	}
	s := r.Reflect(&config.Config{})
	s.ID = generate.ID(config.Schema)
	s.Title = "Settings of egresslint"
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// special are the schemas of types that are more than their fields.
func special(t reflect.Type) *generate.Schema {
	text := &generate.Schema{Type: "string"}
	switch t {
	case reflect.TypeFor[config.Level]():
		return &generate.Schema{Enum: []any{"off", "note", "warning", "error", "default"}}
	case reflect.TypeFor[config.FailLevel]():
		return &generate.Schema{Enum: []any{"note", "warning", "error", "never"}}
	case reflect.TypeFor[bool]():
		return &generate.Schema{Enum: []any{true, false, nil}}
	case reflect.TypeFor[config.DNS]():
		properties := generate.NewProperties()
		properties.Set("namespace", text)
		properties.Set("pods", &generate.Schema{Type: "object", AdditionalProperties: text})
		properties.Set("cidr", text)
		properties.Set("port", &generate.Schema{Type: "integer"})
		one := []*generate.Schema{
			{Enum: []any{config.CoreDNS, config.NodeLocalDNS, config.OpenShiftDNS}},
			{Type: "object", Properties: properties, AdditionalProperties: generate.FalseSchema},
		}
		return &generate.Schema{AnyOf: append(one, &generate.Schema{Type: "array", Items: &generate.Schema{AnyOf: one}}, &generate.Schema{Type: "null"})}
	default:
		return nil
	}
}

// TestSchema fails when the published schema is not that of the type. With -update
// it is written.
func TestSchema(t *testing.T) {
	want := schemaOf(t)
	if *update {
		if err := os.WriteFile(published, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(published)
	if err != nil || !bytes.Equal(have, want) {
		t.Errorf("docs/egresslint.schema.json is out of date: run go generate ./...")
	}
}

// compiled is the published schema.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemaAgrees holds that an editor which knows the schema and the program
// take and refuse the same keys.
func TestSchemaAgrees(t *testing.T) {
	s := compiled(t)
	for text, ok := range map[string]bool{
		everything: true,
		"rules: {EGR001: off, unscoped-dns: default}": true,
		"dns: coredns":                       true,
		"dns: {cidr: 10.0.0.10/32, port: 5}": true,
		"rule: {}":                           false,
		"rules: {EGR001: fatal}":             false,
		"rules: {EGR001: never}":             false,
		"fail-level: off":                    false,
		"views: [{name: a, path: [b]}]":      false,
		"plugin: {pods: true}":               false,
		"dns: [{cidr: a, prot: 1}]":          false,
		"ignore: [EGR001]":                   false,
		"require-reason: perhaps":            false,
	} {
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value); (err == nil) != ok {
			t.Errorf("%s: the schema says %v", text, err)
		}
		file := filepath.Join(t.TempDir(), config.FileName)
		write(t, file, text)
		if _, err := config.Load(file); (err == nil) != ok {
			t.Errorf("%s: the program says %v", text, err)
		}
	}
}

// everything has every key.
const everything = `
rules: {EGR002: "off", unscoped-dns: error}
paths: [k8s, other/file.yaml]
exclude: ['**/testdata']
views:
- name: prod
  paths: [k8s/prod]
dns:
- coredns
- cidr: 169.254.20.10/32
- {namespace: dns, pods: {app: unbound}, port: 5353}
exempt-namespaces: [monitoring, 'team-*']
plugin:
  ip-blocks-cover-pods: false
  pod-cidrs: [10.244.0.0/16, 'fd00:10:244::/56']
ignore:
- rules: [EGR003, no-egress-isolation]
  paths: [legacy/**]
  objects: ['NetworkPolicy shop/*']
  reason: they are moved next month
require-reason: false
baseline: egresslint-baseline.json
fail-level: never
format: concise
`

// TestEffective holds that what is printed names every key, means the same, and
// passes the schema.
func TestEffective(t *testing.T) {
	s := compiled(t)
	for name, text := range map[string]string{"nothing": "", "everything": everything} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, config.FileName)
			write(t, file, text)
			c, err := config.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			printed, err := c.Effective()
			if err != nil {
				t.Fatal(err)
			}
			if first, _, _ := strings.Cut(string(printed), "\n"); first != "# yaml-language-server: $schema="+config.Schema {
				t.Errorf("the first line is %q", first)
			}
			var value map[string]any
			if err := yaml.Unmarshal(printed, &value); err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(any(value)); err != nil {
				t.Errorf("%v\n%s", err, printed)
			}
			for i := range reflect.TypeFor[config.Config]().NumField() {
				if key := reflect.TypeFor[config.Config]().Field(i).Tag.Get("yaml"); key != "" {
					if _, ok := value[key]; !ok {
						t.Errorf("%s is not printed", key)
					}
				}
			}
			write(t, file, string(printed))
			again, err := config.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			if twice, err := again.Effective(); err != nil || !bytes.Equal(printed, twice) {
				t.Errorf("it does not mean the same: %v\n%s\n%s", err, printed, twice)
			}
		})
	}
}

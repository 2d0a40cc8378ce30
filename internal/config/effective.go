package config

import (
	"bytes"
	"cmp"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/rules"
)

// Schema is where the JSON schema of the file is published.
const Schema = "https://raw.githubusercontent.com/egresslint/egresslint/main/docs/egresslint.schema.json"

// Effective is a file of settings with every key: what is given, and what holds
// for the rest. Its first line names the schema, for editors.
func (c *Config) Effective() ([]byte, error) {
	full := *c
	full.Rules = map[string]Level{}
	for _, r := range rules.All {
		full.Rules[r.Code] = cmp.Or(c.Rules[r.Code], c.Rules[r.Kebab()], Default)
	}
	asks := c.AsksReason()
	full.RequireReason = &asks
	full.FailLevel = cmp.Or(c.FailLevel, FailLevel(rules.Warning))
	if len(full.Paths) == 0 {
		full.Paths = []string{"."}
	}
	var b bytes.Buffer
	b.WriteString("# yaml-language-server: $schema=" + Schema + "\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&full); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

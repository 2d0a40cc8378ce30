package report

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/internal/suppress"
	"github.com/egresslint/egresslint/rules"
)

// implied is a policy with one finding, at the key spec on its last line.
const implied = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: implied
  namespace: shop
spec: {podSelector: {}}
`

// deny is a policy without findings.
const deny = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
`

// pair is a policy whose rule deny leaves without a counterpart.
const pair = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db-from-api
  namespace: shop
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: api
    ports:
    - port: 5432
`

// dns is a policy whose finding is at a rule of several lines.
const dns = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  egress:
  - ports:
    - port: 53
      protocol: UDP
`

// open is a namespace that is not isolated, with two pods.
const open = `apiVersion: v1
kind: Namespace
metadata:
  name: bank
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: bank}
spec: {containers: [{name: c, image: registry.example.com/c:1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: bank}
spec: {containers: [{name: c, image: registry.example.com/c:1}]}
`

// ignored is a policy whose finding is suppressed, without a reason.
const ignored = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ignored
  namespace: shop
# egresslint:ignore EGR001
spec: {podSelector: {}}
`

// broken is no YAML.
const broken = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: [\n"

// everything has a finding of each rule, trouble, and something left out.
var everything = map[string]string{
	"k8s/broken.yaml":               broken,
	"k8s/cilium.yaml":               "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: other}\n",
	"k8s/deny.yaml":                 deny,
	"k8s/dns.yaml":                  dns,
	"k8s/ignored.yaml":              ignored,
	"k8s/implied.yaml":              implied,
	"k8s/orphan/kustomization.yaml": "resources: [config.yaml]\n",
	"k8s/orphan/config.yaml":        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n",
	"k8s/orphan/policy.yaml":        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: orphan}\nspec: {podSelector: {}, policyTypes: [Egress]}\n",
	"k8s/open.yaml":                 open,
	"k8s/pair.yaml":                 pair,
	"k8s/.hidden/policy.yaml":       implied,
}

// enter makes a directory with the files, by their names, and goes there. It
// returns the directory without symbolic links.
func enter(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

// resultOf lints the paths as the program does.
func resultOf(t *testing.T, paths ...string) *lint.Result {
	t.Helper()
	tree := manifest.Load(source.Walk(paths, nil), manifest.Options{Wanted: cluster.Wanted})
	result, err := lint.Run(tree, cluster.Views(tree, cluster.Settings{}), rules.All, nil)
	if err != nil {
		t.Fatal(err)
	}
	return suppress.Apply(result, tree, suppress.Settings{Run: rules.All, RequireReason: true, Unused: true})
}

// written is what a format makes of a result.
func written(t *testing.T, format Format, r *lint.Result, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := format(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

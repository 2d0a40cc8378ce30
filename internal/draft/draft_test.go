package draft_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"
	corev1 "k8s.io/api/core/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/draft"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/edit"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/source"
)

// parse reads one document.
func parse(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return n.Content[0]
}

// viewOf is the view of the files of an archive, which lie in a directory of
// their own.
func viewOf(t *testing.T, archive string, dns ...cluster.Nameserver) *cluster.View {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tree := manifest.Load(source.Walk([]string{"."}, nil), manifest.Options{Wanted: cluster.Wanted})
	views := cluster.Views(tree, cluster.Settings{DNS: dns})
	if len(views) != 1 || len(tree.Problems)+len(views[0].Problems) > 0 {
		t.Fatalf("%d views, problems %v %v", len(views), tree.Problems, views[0].Problems)
	}
	return views[0]
}

// spec is what a policy has below spec, each line without its indentation.
func spec(p draft.Policy) string {
	_, text, _ := strings.Cut(edit.Encode(p.Node(), nil), "spec:\n")
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimPrefix(line, "  "))
	}
	return b.String()
}

func TestComplement(t *testing.T) {
	ingress := draft.Peer{Direction: cluster.Ingress}
	tests := []struct {
		name, spec string
		at         draft.Peer
		// namespace is a label of the far namespace, "" for the same one.
		namespace string
		want      string
	}{
		{
			name: "inside a namespace", at: ingress,
			spec: "podSelector: {matchLabels: {app: db}}\ningress:\n- from:\n  - podSelector: {matchLabels: {app: api}}\n  ports:\n  - {protocol: TCP, port: 5432}",
			want: "podSelector:\n  matchLabels:\n    app: api\npolicyTypes:\n- Egress\negress:\n- to:\n  - podSelector:\n      matchLabels:\n        app: db\n  ports:\n  - protocol: TCP\n    port: 5432\n",
		},
		{
			name: "across namespaces", at: ingress, namespace: "shop",
			spec: "podSelector: {matchLabels: {app: db}}\ningress:\n- from:\n  - podSelector: {matchLabels: {app: api}}\n    namespaceSelector: {matchLabels: {team: a}}",
			want: "podSelector:\n  matchLabels:\n    app: api\npolicyTypes:\n- Egress\negress:\n- to:\n  - namespaceSelector:\n      matchLabels:\n        networking/namespace: shop\n    podSelector:\n      matchLabels:\n        app: db\n",
		},
		{
			name: "of egress", at: draft.Peer{Direction: cluster.Egress, Rule: 1, Index: 1},
			spec: "podSelector: {matchLabels: {app: api}}\negress:\n- {}\n- to:\n  - podSelector: {}\n  - podSelector: {matchLabels: {app: db}}\n  ports:\n  - {port: sql}\n  - {protocol: UDP, port: 1, endPort: 9}",
			want: "podSelector:\n  matchLabels:\n    app: db\npolicyTypes:\n- Ingress\ningress:\n- from:\n  - podSelector:\n      matchLabels:\n        app: api\n  ports:\n  - port: sql\n  - protocol: UDP\n    port: 1\n    endPort: 9\n",
		},
		{
			name: "selectors of all", at: ingress,
			spec: "podSelector:\ningress:\n- from:\n  - namespaceSelector: {}\n  ports: []",
			want: "podSelector: {}\npolicyTypes:\n- Egress\negress:\n- to:\n  - podSelector: {}\n",
		},
		{
			name: "no selector", at: ingress,
			spec: "ingress:\n- from:\n  - podSelector: {}",
			want: "podSelector: {}\npolicyTypes:\n- Egress\negress:\n- to:\n  - podSelector: {}\n",
		},
		{
			name: "aliases, merge keys and comments", at: ingress,
			spec: "podSelector: &pods\n  matchLabels: &labels {app: db} # ours\ningress:\n- from:\n  - podSelector: {matchLabels: {<<: *labels, tier: \"1\"}}\n  - podSelector: *pods",
			want: "podSelector:\n  matchLabels:\n    tier: \"1\"\n    app: db\npolicyTypes:\n- Egress\negress:\n- to:\n  - podSelector:\n      matchLabels:\n        app: db\n",
		},
		{
			name: "expressions", at: ingress,
			spec: "podSelector: {}\ningress:\n- from:\n  - podSelector: {matchExpressions: [{key: app, operator: In, values: [a, \"no\"]}]}",
			want: "podSelector:\n  matchExpressions:\n  - key: app\n    operator: In\n    values:\n    - a\n    - \"no\"\npolicyTypes:\n- Egress\negress:\n- to:\n  - podSelector: {}\n",
		},
		{name: "addresses", at: ingress, spec: "podSelector: {}\ningress:\n- from:\n  - ipBlock: {cidr: 10.0.0.0/8}"},
		{name: "everyone", at: ingress, spec: "podSelector: {}\ningress:\n- {}"},
		{name: "no such rule", at: draft.Peer{Direction: cluster.Ingress, Rule: 1}, spec: "podSelector: {}\ningress:\n- from:\n  - podSelector: {}"},
		{name: "no such peer", at: draft.Peer{Direction: cluster.Ingress, Index: 1}, spec: "podSelector: {}\ningress:\n- from:\n  - podSelector: {}"},
		{name: "the other direction", at: draft.Peer{Direction: cluster.Egress}, spec: "podSelector: {}\ningress:\n- from:\n  - podSelector: {}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := parse(t, "spec:\n  "+strings.ReplaceAll(tt.spec, "\n", "\n  ")+"\n")
			var namespace *yaml.Node
			if tt.namespace != "" {
				namespace = draft.Labels(map[string]string{"networking/namespace": tt.namespace})
			}
			p, ok := draft.Complement(root, tt.at, namespace)
			if ok != (tt.want != "") {
				t.Fatalf("got one: %v", ok)
			}
			if ok && spec(p) != tt.want {
				t.Errorf("got\n%s\nwant\n%s", spec(p), tt.want)
			}
		})
	}
}

// TestComplementTwice holds that the other side of the other side is the rule.
func TestComplementTwice(t *testing.T) {
	there := draft.Peer{Direction: cluster.Ingress}
	root := parse(t, "spec:\n  podSelector: {matchLabels: {app: db}}\n  ingress:\n  - from:\n    - podSelector: {matchExpressions: [{key: app, operator: Exists}]}\n    ports: [{port: sql}]\n")
	p, _ := draft.Complement(root, there, nil)
	back, _ := draft.Complement(p.Node(), draft.Peer{Direction: cluster.Egress}, nil)
	again, ok := draft.Complement(back.Node(), there, nil)
	if !ok || spec(again) != spec(p) {
		t.Errorf("got\n%s\nwant\n%s", spec(again), spec(p))
	}
}

func TestNode(t *testing.T) {
	p := draft.Policy{Name: "deny", Pods: draft.Everyone(), Direction: cluster.Egress, Comment: "Nothing goes out.\nNothing at all."}
	want := "# Nothing goes out.\n# Nothing at all.\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: deny\nspec:\n  podSelector: {}\n  policyTypes:\n  - Egress\n"
	if got := edit.Encode(p.Node(), nil); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	p.Comment, p.Namespace = "", node.NewText("123")
	if got := edit.Encode(p.Node(), nil); !strings.Contains(got, "\n  namespace: \"123\"\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestComplementName(t *testing.T) {
	tests := []struct {
		name string
		// in is the namespace of the policy, far that of the peer.
		in, far    string
		pods, peer string
		egress     bool
		taken      []string
		want       string
	}{
		{name: "inside", in: "shop", far: "shop", pods: "app: db", peer: "app: api", want: "api-to-db"},
		{name: "of egress", in: "shop", far: "shop", pods: "app: api", peer: "app: db", egress: true, want: "db-from-api"},
		{name: "across", in: "shop", far: "site", pods: "app: db", peer: "app: web", want: "web-to-shop-db"},
		{name: "of egress, across", in: "site", far: "shop", pods: "app: web", peer: "app: db", egress: true, want: "db-from-site-web"},
		{name: "everyone", in: "shop", far: "shop", want: "shop-to-shop"},
		{name: "everyone of a namespace", in: "shop", far: "site", want: "site-to-shop"},
		{name: "everyone of no known namespace", want: "all-to-all"},
		{name: "no known namespace", pods: "app: db", peer: "app: api", want: "api-to-db"},
		{name: "the most telling label", in: "shop", far: "shop", pods: "tier: back, app.kubernetes.io/name: db", peer: "k8s-app: dns, stage: prod", want: "dns-to-db"},
		{name: "no telling label", in: "shop", far: "shop", pods: "example.com/Role: Main_DB", peer: "stage: prod", want: "prod-to-main-db"},
		{name: "an empty value", in: "shop", far: "shop", pods: "app: db", peer: "app: ''", want: "to-db"},
		{name: "taken", in: "shop", far: "shop", pods: "app: db", peer: "app: api", taken: []string{"api-to-db", "api-to-db-2"}, want: "api-to-db-3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, far := &cluster.Namespace{Name: tt.in}, &cluster.Namespace{Name: tt.far}
			if tt.in == tt.far {
				far = in
			}
			d, rules, peers := cluster.Ingress, "ingress", "from"
			if tt.egress {
				d, rules, peers = cluster.Egress, "egress", "to"
			}
			p := cluster.Draft(parse(t, "{metadata: {name: p}, spec: {podSelector: {matchLabels: {"+tt.pods+"}}, "+
				rules+": [{"+peers+": [{podSelector: {matchLabels: {"+tt.peer+"}}}]}]}}"), in)
			got := draft.ComplementName(p, draft.Peer{Direction: d}, far, func(name string) bool { return slices.Contains(tt.taken, name) })
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestComplementNameExpressions names pods by what they have, where there is
// anything.
func TestComplementNameExpressions(t *testing.T) {
	tests := map[string]string{
		"{key: app, operator: In, values: [api]}":                                            "api-to-db",
		"{key: app, operator: In, values: [api, web]}":                                       "api-web-to-db",
		"{key: example.com/metrics, operator: Exists}":                                       "metrics-to-db",
		"{key: old, operator: DoesNotExist}":                                                 "not-old-to-db",
		"{key: app, operator: NotIn, values: [api]}":                                         "not-api-to-db",
		"{key: app, operator: NotIn, values: [x]}, {key: z, operator: Exists}":               "z-to-db",
		"{key: a, operator: In, values: [p, q]}, {key: tier, operator: In, values: [front]}": "front-to-db",
	}
	for peer, want := range tests {
		in := &cluster.Namespace{Name: "shop"}
		p := cluster.Draft(parse(t, "{metadata: {name: p}, spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchExpressions: ["+peer+"]}}]}]}}"), in)
		if got := draft.ComplementName(p, draft.Peer{Direction: cluster.Ingress}, in, func(string) bool { return false }); got != want {
			t.Errorf("%s: got %s, want %s", peer, got, want)
		}
	}
}

func TestFree(t *testing.T) {
	long := strings.Repeat("a", 300)
	tests := []struct {
		name  string
		taken []string
		want  string
	}{
		{"deny", nil, "deny"},
		{"deny", []string{"other"}, "deny"},
		{"deny", []string{"deny"}, "deny-2"},
		{"deny", []string{"deny", "deny-2", "deny-3"}, "deny-4"},
		{"deny", []string{"deny-2"}, "deny"},
		{"-to-db", nil, "to-db"},
		{"api-to-", nil, "api-to"},
		{long, nil, long[:200]},
		{long, []string{long[:200]}, long[:200] + "-2"},
		{long[:199] + "--b", nil, long[:199]},
	}
	for _, tt := range tests {
		if got := draft.Free(tt.name, func(name string) bool { return slices.Contains(tt.taken, name) }); got != tt.want {
			t.Errorf("%s without %q: got %s, want %s", tt.name, tt.taken, got, tt.want)
		}
	}
}

const (
	loosePod = "-- pod.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: shop}\nspec: {containers: [{name: c, image: i}]}\n"

	// labelled is kube-system with a label that policies go by.
	labelled = "-- system.yaml --\napiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system, labels: {networking/namespace: kube-system}}\n" +
		"-- policy.yaml --\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\n" +
		"spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {networking/namespace: site}}}]}]}\n"

	overlay   = "-- k/kustomization.yaml --\nresources: [pod.yaml]\n"
	podOfUnit = "-- k/pod.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: shop}\nspec: {containers: [{name: c, image: i}]}\n"
)

const (
	kubeDNS = "    podSelector:\n      matchLabels:\n        k8s-app: kube-dns\n"
	onPort  = "  ports:\n  - protocol: UDP\n    port: 53\n  - protocol: TCP\n    port: 53\n"

	coreDNS = "- to:\n  - namespaceSelector:\n      matchLabels:\n        kubernetes.io/metadata.name: kube-system\n" + kubeDNS
)

func TestDNS(t *testing.T) {
	expressions := "- to:\n  - namespaceSelector:\n      matchLabels:\n        kubernetes.io/metadata.name: kube-system\n" +
		"    podSelector:\n      matchExpressions:\n      - key: k8s-app\n        operator: In\n        values:\n        - kube-dns\n"
	openShift := "- to:\n  - namespaceSelector:\n      matchLabels:\n        kubernetes.io/metadata.name: openshift-dns\n" +
		"    podSelector:\n      matchLabels:\n        dns.operator.openshift.io/daemonset-dns: default\n" + strings.ReplaceAll(onPort, "53", "5353")
	tests := []struct {
		name, archive string
		dns           []cluster.Nameserver
		want          string
	}{
		{"none set", loosePod, nil, coreDNS + onPort},
		{"CoreDNS", loosePod, cluster.CoreDNS, coreDNS + onPort},
		{"the label of the tree", loosePod + labelled, nil, strings.Replace(coreDNS, "kubernetes.io/metadata.name", "networking/namespace", 1) + onPort},
		{"the cache of a node", loosePod, cluster.NodeLocalDNS, "- to:\n  - ipBlock:\n      cidr: 169.254.20.10/32\n" + onPort},
		{"OpenShift", loosePod, cluster.OpenShiftDNS, openShift},
		{"several on one port", loosePod, slices.Concat(cluster.CoreDNS, cluster.NodeLocalDNS), coreDNS + "  - ipBlock:\n      cidr: 169.254.20.10/32\n" + onPort},
		{"several ports", loosePod, slices.Concat(cluster.CoreDNS, cluster.OpenShiftDNS), coreDNS + onPort + openShift},
		{"all labels, in order", loosePod, []cluster.Nameserver{{Namespace: "kube-system", Pods: map[string]string{"k8s-app": "kube-dns", "app": "dns"}, Port: 53}},
			strings.Replace(coreDNS, "        k8s-app", "        app: dns\n        k8s-app", 1) + onPort},
		{"a kustomization", overlay + podOfUnit, nil, coreDNS + onPort},
		{"labels in metadata alone", overlay + "labels: [{pairs: {a: b}}]\n" + podOfUnit, nil, coreDNS + onPort},
		{"labels in selectors", overlay + "labels: [{pairs: {a: b}, includeSelectors: true}]\n" + podOfUnit, nil, expressions + onPort},
		{"common labels", overlay + "commonLabels: {a: b}\n" + podOfUnit, nil, expressions + onPort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := viewOf(t, tt.archive, tt.dns...)
			rules := draft.Rules(draft.DNS(v, v.Workloads[0].Unit), corev1.ProtocolUDP, corev1.ProtocolTCP)
			p := draft.Policy{Pods: draft.Everyone(), Direction: cluster.Egress, Rules: rules}
			want := "podSelector: {}\npolicyTypes:\n- Egress\negress:\n" + tt.want
			if got := spec(p); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

package fix_test

import "strings"

// Objects of which the trees below are made.
const (
	// head begins a policy.
	head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
)

// pod is a pod that runs in a namespace, "" for none.
func pod(namespace, name string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + within(namespace) + ", labels: {app: " + name + "}}\nspec: {containers: [{name: c, image: i}]}\n"
}

// deployment is a deployment that runs in a namespace, "" for none.
func deployment(namespace, name string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + within(namespace) + "}\nspec:\n  selector: {matchLabels: {app: " + name +
		"}}\n  template:\n    metadata: {labels: {app: " + name + "}}\n    spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}\n"
}

// policy is a policy in flow style.
func policy(namespace, name, spec string) string {
	return head + "metadata: {name: " + name + within(namespace) + "}\nspec: {" + spec + "}\n"
}

func within(namespace string) string {
	if namespace == "" {
		return ""
	}
	return ", namespace: " + namespace
}

// namespace is one with a label.
func namespace(name, label string) string {
	return "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + name + ", labels: {" + label + "}}\n"
}

// documents joins objects to a file.
func documents(all ...string) string { return strings.Join(all, "---\n") }

func file(name string, all ...string) string { return "-- " + name + " --\n" + documents(all...) }

const (
	// denyAll isolates all pods both ways.
	denyAll = "podSelector: {}, policyTypes: [Ingress, Egress]"
	// dnsAnywhere opens DNS to any server.
	dnsAnywhere = "podSelector: {}, policyTypes: [Egress], egress: [{ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}]"
	// dbFromAPI lets api in to db.
	dbFromAPI = "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{protocol: TCP, port: 5432}]}]"
	// dbFromAPINamed is the same with a named port.
	dbFromAPINamed = "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: http}]}]"
	apiToDB        = "podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}]"
)

// blockPolicy is a policy in block style, with comments and a list that is not
// indented, without policyTypes.
const blockPolicy = `# What the database takes.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db   # the database
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: "db"
  # who may come in
  ingress:
  - from:
    - podSelector:
        matchLabels: {app: api}   # the API
    - podSelector:
        matchLabels:
          app: web
    ports:
    - port: 5432
  # nothing else
`

// blockDNS opens more than DNS.
const blockDNS = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: out
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Egress]
  egress:
    # names
    - ports:
        - port: 53      # queries
          protocol: UDP
        - port: 443
        - port: 50
          endPort: 60
    - to:
        - ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}
        - podSelector: {matchLabels: {app: db}}
      ports:
        - {protocol: TCP, port: 53}
    - to:
        - ipBlock: {cidr: 10.77.0.0/16, except: [10.77.1.0/24]}
`

// trees are small trees of all kinds. The first line of each says how many fixes
// are offered for its findings.
var trees = map[string]string{
	"single file": "EGR001 safe 1, EGR003 unsafe 2, EGR004 unsafe 2\n" + file("all.yaml",
		namespace("shop", "team: shop"), deployment("shop", "api"), deployment("shop", "db"), deployment("shop", "web"),
		policy("shop", "deny", denyAll), blockPolicy, blockDNS),
	"open namespace": "EGR002 unsafe 1\n" + file("all.yaml",
		namespace("shop", "team: shop"), deployment("shop", "api"), deployment("shop", "db"), pod("shop", "job"), policy("shop", "db", dbFromAPI)),
	"several files": "EGR001 safe 1, EGR003 unsafe 2, EGR004 unsafe 2\n" + file("ns.yaml", namespace("shop", "team: shop")) + file("api.yaml", deployment("shop", "api")) + file("db.yaml", deployment("shop", "db")) +
		file("policies/deny.yaml", policy("shop", "deny", denyAll)) + file("policies/db.yaml", blockPolicy) + file("policies/dns.yaml", blockDNS),
	"open without policies": "EGR002 unsafe 1\n" + file("ns.yaml", namespace("shop", "team: shop")) + file("api.yaml", deployment("shop", "api")) + file("db.yaml", deployment("shop", "db")),
	"base with overlays of one view": "EGR003 unsafe 2\n" + file("base/kustomization.yaml", "resources: [app.yaml, policy.yaml]\n") +
		file("base/app.yaml", deployment("", "api"), deployment("", "db")) + file("base/policy.yaml", policy("", "deny", denyAll), policy("", "db", dbFromAPI)) +
		file("overlays/a/kustomization.yaml", "namespace: a\nresources: [../../base]\n") + file("overlays/b/kustomization.yaml", "namespace: b\nresources: [../../base]\n"),
	"open base with overlays of one view": "EGR002 unsafe 2\n" + file("base/kustomization.yaml", "resources:\n- app.yaml\n") +
		file("base/app.yaml", deployment("", "api"), deployment("", "db")) +
		file("overlays/a/kustomization.yaml", "namespace: a\nresources:\n- ../../base\n") + file("overlays/b/kustomization.yaml", "namespace: b\nresources:\n  - ../../base # all\n"),
	"base with variants": "EGR003 unsafe 1, EGR004 unsafe 1\n" + file("base/kustomization.yaml", "resources: [app.yaml, policy.yaml]\n") +
		file("base/app.yaml", deployment("", "api"), deployment("", "db")) + file("base/policy.yaml", policy("", "deny", denyAll), policy("", "db", dbFromAPI)) +
		file("overlays/dev/kustomization.yaml", "namespace: shop\nresources: [../../base]\n") +
		file("overlays/prod/kustomization.yaml", "namespace: shop\nresources: [../../base, more.yaml]\n") + file("overlays/prod/more.yaml", policy("", "dns", dnsAnywhere)),
	"open variants": "EGR002 unsafe 1\n" + file("base/kustomization.yaml", "resources: [app.yaml]\n") + file("base/app.yaml", deployment("", "api"), deployment("", "db")) +
		file("overlays/dev/kustomization.yaml", "namespace: shop\nresources: [../../base]\n") +
		file("overlays/prod/kustomization.yaml", "namespace: shop\nresources: [../../base, more.yaml]\n") + file("overlays/prod/more.yaml", policy("", "db", dbFromAPI)),
	"variants with a closed one": "EGR002 unsafe 1\n" + file("base/kustomization.yaml", "resources: [app.yaml, db.yaml]\n") + file("base/app.yaml", deployment("", "api"), deployment("", "db")) +
		file("base/db.yaml", policy("", "db", dbFromAPI)) +
		file("overlays/dev/kustomization.yaml", "namespace: shop\nresources: [../../base]\n") +
		file("overlays/prod/kustomization.yaml", "namespace: shop\nresources: [../../base, deny.yaml]\n") + file("overlays/prod/deny.yaml", policy("", "deny", denyAll)),
	"namespaced kustomization": "EGR003 unsafe 1, EGR004 unsafe 1\n" + file("kustomization.yaml", "namespace: shop\nnamePrefix: my-\nresources:\n- app.yaml\n- policy.yaml\n") +
		file("app.yaml", deployment("", "api"), deployment("", "db")) + file("policy.yaml", policy("", "deny", denyAll), policy("", "db", dbFromAPI), policy("", "dns", dnsAnywhere)),
	"open namespaced kustomization": "EGR002 unsafe 1\n" + file("kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: shop\nresources: [app.yaml]\n") +
		file("app.yaml", deployment("", "api"), deployment("", "db")),
	"common labels": "EGR003 unsafe 1, EGR004 unsafe 1\n" + file("kustomization.yaml", "namespace: shop\ncommonLabels: {team: shop}\nresources: [app.yaml, policy.yaml]\n") +
		file("app.yaml", deployment("", "api"), deployment("", "db")) + file("policy.yaml", policy("", "deny", denyAll), policy("", "db", dbFromAPI), policy("", "dns", dnsAnywhere)),
	"open common labels": "EGR002 unsafe 1\n" + file("kustomization.yaml", "namespace: shop\ncommonLabels: {team: shop}\nresources: [app.yaml]\n") +
		file("app.yaml", deployment("", "api"), deployment("", "db")),
	"labels with selectors": "EGR003 unsafe 1\n" + file("kustomization.yaml", "namespace: shop\nlabels: [{pairs: {team: shop}, includeSelectors: true}]\nresources: [app.yaml, policy.yaml]\n") +
		file("app.yaml", deployment("", "api"), deployment("", "db")) + file("policy.yaml", policy("", "deny", denyAll), policy("", "db", dbFromAPI)),
	"only policies": "EGR001 safe 1, EGR001 unsafe 1, EGR003 unsafe 1, EGR004 unsafe 1\n" + file("policies.yaml", policy("shop", "deny", denyAll), policy("shop", "db", dbFromAPI), policy("shop", "dns", dnsAnywhere), policy("shop", "bare", "podSelector: {matchLabels: {app: x}}, egress: []")),
	"several namespaces": "EGR003 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("data", "db"), policy("shop", "deny", denyAll), policy("data", "deny", denyAll),
		policy("data", "db", "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, podSelector: {matchLabels: {app: api}}}], ports: [{port: 5432}]}]")),
	"labels of namespaces": "EGR003 unsafe 2\n" + file("ns.yaml", namespace("shop", "name: shop"), namespace("data", "name: data")) +
		file("apps.yaml", deployment("shop", "api"), deployment("shop", "web"), deployment("data", "db")) +
		file("shop.yaml", policy("shop", "deny", denyAll)) +
		file("data.yaml", policy("data", "deny", denyAll),
			policy("data", "db", "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {name: shop}}, podSelector: {matchLabels: {app: api}}}, {namespaceSelector: {matchLabels: {name: shop}}, podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]")),
	"named ports":                      "EGR003 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "deny", denyAll), policy("shop", "db", dbFromAPINamed)),
	"named ports of an open namespace": "EGR002 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), deployment("shop", "web"), policy("shop", "db", dbFromAPINamed)),
	"same selector": "EGR003 unsafe 2\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), deployment("shop", "web"), policy("shop", "deny", denyAll),
		policy("shop", "db", dbFromAPI), policy("shop", "api", "podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]")),
	"same selector without rules": "EGR003 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "deny", denyAll),
		policy("shop", "db", dbFromAPI), policy("shop", "api", "podSelector: {matchLabels: {app: api}}, policyTypes: [Egress]")),
	"egress without ingress": "EGR003 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "deny", denyAll), policy("shop", "api", apiToDB)),
	"list": "EGR001 safe 1, EGR003 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), `apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata:
    name: deny
    namespace: shop
  spec:
    podSelector: {}
    policyTypes:
    - Ingress
    - Egress
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata:
    name: db
    namespace: shop
  spec:
    podSelector:
      matchLabels:
        app: db
    ingress:
    - from:
      - podSelector:
          matchLabels:
            app: api
`),
	"JSON": "EGR001 safe 1\n" + file("apps.yaml", deployment("shop", "api"), deployment("shop", "db")) + "-- deny.json --\n" +
		`{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "deny", "namespace": "shop"}, "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}` + "\n-- db.json --\n" + `{
  "apiVersion": "networking.k8s.io/v1",
  "kind": "NetworkPolicy",
  "metadata": {"name": "db", "namespace": "shop"},
  "spec": {
    "podSelector": {"matchLabels": {"app": "db"}},
    "ingress": [
      {"from": [{"podSelector": {"matchLabels": {"app": "api"}}}]}
    ]
  }
}
` + "-- api.json --\n" + `{
  "apiVersion": "networking.k8s.io/v1",
  "kind": "NetworkPolicy",
  "metadata": {"name": "api", "namespace": "shop"},
  "spec": {
    "podSelector": {"matchLabels": {"app": "api"}},
    "policyTypes": ["Egress"],
    "egress": [
      {"ports": [{"port": 53, "protocol": "UDP"}]}
    ]
  }
}
`,
	"CRLF": "EGR001 safe 1, EGR003 unsafe 2, EGR004 unsafe 2\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "deny", denyAll)) +
		"-- policy.yaml --\n" + strings.ReplaceAll(documents(blockPolicy, blockDNS), "\n", "\r\n"),
	"no last line end": "EGR003 unsafe 1\n" + file("app.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "deny", denyAll)) +
		file("policy.yaml", policy("shop", "db", dbFromAPI)+"# the end"),
	"anchors": "EGR001 safe 1, EGR003 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "deny", denyAll),
		head+"metadata: {name: db, namespace: shop}\nspec: &spec\n  podSelector: &db {matchLabels: {app: db}}\n  ingress:\n  - from:\n    - podSelector: &api {matchLabels: {app: api}}\n",
		head+"metadata: {name: api, namespace: shop}\nspec:\n  podSelector: &api\n    matchLabels: {app: api}\n  policyTypes: [Egress]\n  egress:\n  - ports: [&dns {port: 53, protocol: UDP}]\n  - to: [podSelector: *api]\n    ports: [*dns]\n"),
	"SOPS":      "\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "db", dbFromAPI)+"sops: {mac: ENC[AES256_GCM]}\n"),
	"generated": "\n" + file("all.yaml", "# DO NOT EDIT, made by a program\n"+deployment("shop", "api"), deployment("shop", "db"), policy("shop", "db", dbFromAPI)),
	"generated beside": "EGR002 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "db", dbFromAPI)) +
		file("other.yaml", "# DO NOT EDIT, made by a program\n"+policy("shop", "out", "podSelector: {matchLabels: {app: db}}, egress: [{ports: [{port: 53}]}]")),
	"orphans": "EGR005 unsafe 2\n" + file("kustomization.yaml", "namespace: shop\nresources:\n- app.yaml\n- deny.yaml\n") + file("app.yaml", deployment("", "api"), deployment("", "db")) +
		file("deny.yaml", policy("", "deny", denyAll)) + file("both.yaml", policy("", "db", dbFromAPI), policy("", "api", apiToDB)),
	"orphans of an open namespace": "EGR002 unsafe 1, EGR005 unsafe 1\n" + file("kustomization.yaml", "namespace: shop\nresources: [app.yaml]\n") + file("app.yaml", deployment("", "api"), deployment("", "db")) +
		file("deny.yaml", policy("", "deny", "podSelector: {}, policyTypes: [Egress]")) + file("both.yaml", policy("", "db", dbFromAPI), policy("", "api", apiToDB)),
	"orphans with faults": "EGR001 safe 1, EGR005 unsafe 1\n" + file("kustomization.yaml", "namespace: shop\nresources: [app.yaml, deny.yaml]\n") + file("app.yaml", deployment("", "api"), deployment("", "db")) +
		file("deny.yaml", policy("", "deny", denyAll)) + file("half.yaml", policy("", "db", dbFromAPI)) + file("bare.yaml", policy("", "bare", "podSelector: {}")),
	"orphans of a base": "EGR002 unsafe 1, EGR005 unsafe 1\n" + file("base/kustomization.yaml", "resources: [app.yaml]\n") + file("base/app.yaml", deployment("", "api"), deployment("", "db")) +
		file("base/deny.yaml", policy("", "deny", denyAll)) +
		file("dev/kustomization.yaml", "namespace: shop\nresources: [../base]\n") + file("prod/kustomization.yaml", "namespace: shop\nresources: [../base]\n"),
	"one open of three": "EGR002 unsafe 1\n" + file("all.yaml", deployment("a", "api"), deployment("b", "api"), deployment("c", "api"), policy("a", "deny", denyAll), policy("b", "deny", denyAll),
		policy("a", "api", "podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: c}}}], ports: [{port: 80}]}]")),
	"two open in one file":             "EGR001 safe 1, EGR002 unsafe 2\n" + file("all.yaml", deployment("a", "api"), deployment("b", "api"), policy("a", "in", "podSelector: {}, ingress: [{from: [{podSelector: {}}]}]")),
	"two open in files of a directory": "EGR002 unsafe 2\n" + file("a.yaml", deployment("a", "api")) + file("b.yaml", deployment("b", "api")),
	"host network": "EGR001 safe 1, EGR002 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"),
		"apiVersion: v1\nkind: Pod\nmetadata: {name: agent, namespace: shop, labels: {app: agent}}\nspec: {hostNetwork: true, containers: [{name: c, image: i}]}\n",
		policy("shop", "db", "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}, {podSelector: {matchLabels: {app: agent}}}]}]")),
	"next pod": "EGR002 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "api", apiToDB), policy("shop", "db", "podSelector: {matchLabels: {app: db}}, policyTypes: [Egress]")),
	"one open pod": "EGR002 unsafe 1, EGR003 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), deployment("shop", "web"), policy("shop", "api", apiToDB),
		policy("shop", "db", "podSelector: {matchLabels: {app: db}}, policyTypes: [Egress, Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]")),
	"several pods of a class": "EGR003 unsafe 1, EGR004 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), strings.ReplaceAll(deployment("shop", "api"), "{name: api, namespace", "{name: api-two, namespace"),
		deployment("shop", "db"), policy("shop", "deny", denyAll), policy("shop", "db", dbFromAPI), policy("shop", "dns", dnsAnywhere)),
	"namespace given at apply time":                   "EGR003 unsafe 1, EGR004 unsafe 1\n" + file("all.yaml", deployment("", "api"), deployment("", "db"), policy("", "deny", denyAll), policy("", "db", dbFromAPI), policy("", "dns", dnsAnywhere)),
	"open where the namespace is given at apply time": "EGR002 unsafe 1\n" + file("all.yaml", deployment("", "api"), deployment("", "db"), policy("", "db", dbFromAPI)),
	"expressions": "EGR003 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), deployment("shop", "web"), policy("shop", "deny", denyAll),
		policy("shop", "db", "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [api, web]}, {key: tier, operator: DoesNotExist}]}}], ports: [{port: 1, endPort: 9}]}]")),
	"unknown labels": "EGR004 unsafe 1\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "deny", denyAll),
		policy("shop", "db", "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {team: other}}}]}]"),
		policy("shop", "api", "podSelector: {matchExpressions: [{key: pod-template-hash, operator: In, values: [x]}]}, policyTypes: [Egress], egress: [{ports: [{port: 53}]}]")),
	"DNS of many shapes": "EGR004 unsafe 5\n" + file("all.yaml", deployment("shop", "api"), deployment("shop", "db"), policy("shop", "deny", denyAll),
		policy("shop", "a", "podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{ports: [{port: 53}], to: []}, {ports: [{port: 53, protocol: UDP}], to: [{ipBlock: {cidr: 0.0.0.0/0}}]}, {ports: [{port: 53, protocol: UDP}], to: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]}]"),
		policy("shop", "b", "podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], egress: [{ports: [{protocol: UDP}]}, {ports: [{port: 1, endPort: 65535}]}, {}, {ports: [{port: 53}, {port: 5432}], to: [{ipBlock: {cidr: '::/0'}}, {ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]")),
	"orphan that isolates an open namespace": "EGR002 unsafe 1, EGR005 unsafe 1\n" + file("kustomization.yaml", "namespace: data\nresources:\n- app.yaml\n- in.yaml\n") + file("app.yaml", deployment("", "api")) +
		file("in.yaml", policy("", "in", "podSelector: {}, policyTypes: [Ingress]")) + file("orphan.yaml", policy("", "orphan", "podSelector: {}, policyTypes: [Egress]")),
	"base and overlay with the other side": "EGR003 unsafe 1\n" + file("base/kustomization.yaml", "resources: [all.yaml]\n") +
		file("base/all.yaml", deployment("", "api"), pod("", "db"), policy("", "deny", denyAll), policy("", "api", apiToDB)) +
		file("a/kustomization.yaml", "namespace: shop\nresources: [../base]\n") +
		file("b/kustomization.yaml", "namespace: data\nresources: [../base, more.yaml]\n") + file("b/more.yaml", policy("", "more", "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]")),
	"variants with policies of their own": "EGR002 unsafe 1\n" + file("base/kustomization.yaml", "resources: [all.yaml]\n") +
		file("base/all.yaml", pod("", "api"), policy("", "in", "podSelector: {}, policyTypes: [Ingress]")) +
		file("dev/kustomization.yaml", "namespace: shop\nresources: [../base, more.yaml]\n") + file("dev/more.yaml", policy("", "more", "podSelector: {}, policyTypes: [Ingress]")) +
		file("prod/kustomization.yaml", "namespace: shop\nresources: [../base]\n"),
}

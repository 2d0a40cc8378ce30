package cluster

import (
	"slices"
	"strings"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// foreignKind is a kind of policy that is recognised, but whose rules are not
// read.
type foreignKind struct {
	kind, group string
	clusterWide bool
	// external is set for kinds that only govern traffic that leaves the cluster.
	external bool
}

var foreignKinds = []foreignKind{
	{kind: "AdminNetworkPolicy", group: "policy.networking.k8s.io", clusterWide: true},
	{kind: "BaselineAdminNetworkPolicy", group: "policy.networking.k8s.io", clusterWide: true},
	{kind: "ClusterNetworkPolicy", group: "policy.networking.k8s.io", clusterWide: true},
	{kind: "CiliumNetworkPolicy", group: "cilium.io"},
	{kind: "CiliumClusterwideNetworkPolicy", group: "cilium.io", clusterWide: true},
	{kind: "NetworkPolicy", group: "projectcalico.org"},
	{kind: "NetworkPolicy", group: "crd.projectcalico.org"},
	{kind: "GlobalNetworkPolicy", group: "projectcalico.org", clusterWide: true},
	{kind: "GlobalNetworkPolicy", group: "crd.projectcalico.org", clusterWide: true},
	{kind: "NetworkPolicy", group: "crd.antrea.io"},
	{kind: "ClusterNetworkPolicy", group: "crd.antrea.io", clusterWide: true},
	{kind: "EgressFirewall", group: "k8s.ovn.org", external: true},
	{kind: "EgressNetworkPolicy", group: "network.openshift.io", external: true},
}

// generatorKinds are kinds whose objects may make policies: the text of such
// an object tells.
var generatorKinds = []foreignKind{
	{kind: "ClusterPolicy", group: "kyverno.io", clusterWide: true},
	{kind: "Policy", group: "kyverno.io"},
	{kind: "GeneratingPolicy", group: "policies.kyverno.io", clusterWide: true},
	{kind: "Policy", group: "policy.open-cluster-management.io", clusterWide: true},
	{kind: "ConfigurationPolicy", group: "policy.open-cluster-management.io", clusterWide: true},
}

// unseenKinds are kinds whose controllers run pods that the tree does not show:
// charts, and what operators run.
var unseenKinds = []foreignKind{
	{kind: "HelmRelease", group: "helm.toolkit.fluxcd.io"},
	{kind: "HelmChart", group: "helm.cattle.io"},
	{kind: "Cluster", group: "postgresql.cnpg.io"},
	{kind: "Dragonfly", group: "dragonflydb.io"},
	{kind: "postgresql", group: "acid.zalan.do"},
	{kind: "PostgresCluster", group: "postgres-operator.crunchydata.com"},
	{kind: "MongoDBCommunity", group: "mongodbcommunity.mongodb.com"},
	{kind: "Redis", group: "redis.redis.opstreelabs.in"},
	{kind: "RabbitmqCluster", group: "rabbitmq.com"},
	{kind: "Kafka", group: "kafka.strimzi.io"},
	{kind: "KafkaConnect", group: "kafka.strimzi.io"},
	{kind: "Elasticsearch", group: "elasticsearch.k8s.elastic.co"},
	{kind: "Kibana", group: "kibana.k8s.elastic.co"},
	{kind: "Prometheus", group: "monitoring.coreos.com"},
	{kind: "PrometheusAgent", group: "monitoring.coreos.com"},
	{kind: "Alertmanager", group: "monitoring.coreos.com"},
	{kind: "ThanosRuler", group: "monitoring.coreos.com"},
	{kind: "Grafana", group: "grafana.integreatly.org"},
	{kind: "Keycloak", group: "k8s.keycloak.org"},
	{kind: "OpenTelemetryCollector", group: "opentelemetry.io"},
	{kind: "VirtualMachine", group: "kubevirt.io"},
	{kind: "Workflow", group: "argoproj.io"},
	{kind: "CronWorkflow", group: "argoproj.io"},
	{kind: "PipelineRun", group: "tekton.dev"},
	{kind: "TaskRun", group: "tekton.dev"},
	{kind: "RayCluster", group: "ray.io"},
	{kind: "InferenceService", group: "serving.kserve.io"},
	{kind: "Subscription", group: "operators.coreos.com"},
}

// unseen reports whether an object makes pods that the tree does not show.
func unseen(r *manifest.Resource) bool {
	return slices.ContainsFunc(unseenKinds, func(k foreignKind) bool { return k.kind == r.Kind && k.group == r.Group() })
}

// foreign tells whether r is a policy, or makes policies, of a kind that is
// not modelled, and whether it reaches beyond its namespace.
func foreign(r *manifest.Resource) (is, clusterWide bool) {
	same := func(k foreignKind) bool { return k.kind == r.Kind && k.group == r.Group() }
	if i := slices.IndexFunc(foreignKinds, same); i >= 0 {
		return true, foreignKinds[i].clusterWide
	}
	if i := slices.IndexFunc(generatorKinds, same); i >= 0 && generates(r) {
		return true, generatorKinds[i].clusterWide
	}
	// A kind of a project that is not known here is recognised by its name. The
	// constraints of Gatekeeper ask for policies, they make none; and a group of
	// Kubernetes itself that has no such kind is a mistake.
	group := r.Group()
	if group == "constraints.gatekeeper.sh" || r.Kind == "NetworkPolicy" && (!strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io")) {
		return false, false
	}
	return strings.HasSuffix(r.Kind, "NetworkPolicy"), node.Field(node.Field(r.Node, "metadata"), "namespace") == nil && r.Kind != "NetworkPolicy"
}

// external reports whether objects of r's kind only govern traffic that leaves
// the cluster, as OpenShift's documentation of both kinds has it: whether pods
// are isolated from each other does not depend on them.
func external(r *manifest.Resource) bool {
	return slices.ContainsFunc(foreignKinds, func(k foreignKind) bool {
		return k.external && k.kind == r.Kind && k.group == r.Group()
	})
}

// generates reports whether a policy of Kyverno or of Open Cluster Management
// makes network policies, rather than asking for them.
func generates(r *manifest.Resource) bool {
	if !strings.Contains(r.Document().Text(), "NetworkPolicy") {
		return false
	}
	if r.Group() != "kyverno.io" {
		return true
	}
	for _, rule := range node.Items(node.Field(node.Field(r.Node, "spec"), "rules")) {
		if g := node.Field(rule, "generate"); g != nil && strings.Contains(r.SpanOf(g).Text(), "NetworkPolicy") {
			return true
		}
	}
	return false
}

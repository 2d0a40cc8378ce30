package cluster

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/node"
	"github.com/egresslint/egresslint/internal/verdict"
)

// Workload is an object that runs pods. All its pods are alike.
type Workload struct {
	*manifest.Resource
	In *Namespace
	// Labels are those of its pods: what the pod template has, and the keys
	// that controllers add.
	Labels Labels
	// Ports are the container ports that its pods declare. MorePorts means that
	// they may have others with names: rivals differ, a placeholder stands for
	// one, or a sidecar has it.
	Ports     []Port
	MorePorts bool
	// HostNetwork is Yes for pods in the network of their node, which policies
	// do not govern. It is Unknown where rivals differ.
	HostNetwork verdict.Verdict
}

// ID is "namespace/name", "/name" where the namespace is given at apply time.
func (w *Workload) ID() string { return w.Namespace + "/" + w.Name }

// workloadKind tells where a kind of workload keeps its pod template.
type workloadKind struct {
	kind   string
	groups []string
	// template is the path to the pod template; none for a Pod.
	template []string
	// selected is set for kinds that the API server refuses without a selector.
	selected bool
	// added are the labels that controllers put on the pods.
	added []string
	// open is set where controllers put labels on the pods that have no fixed
	// list.
	open bool
}

var (
	podTemplate     = []string{"spec", "template"}
	jobTemplate     = []string{"spec", "jobTemplate", "spec", "template"}
	appsGroups      = []string{"apps", "extensions"}
	jobLabels       = []string{"batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name", "batch.kubernetes.io/job-completion-index"}
	revisionLabel   = "controller-revision-hash"
	deploymentLabel = "pod-template-hash"
)

// workloadKinds are the kinds that run pods. The labels that controllers add
// are those of k8s.io/api and of the projects' documentation.
var workloadKinds = []workloadKind{
	{kind: "Pod", groups: []string{""}},
	{kind: "Deployment", groups: appsGroups, template: podTemplate, selected: true, added: []string{deploymentLabel}},
	{kind: "ReplicaSet", groups: appsGroups, template: podTemplate, selected: true, added: []string{deploymentLabel}},
	{kind: "StatefulSet", groups: appsGroups, template: podTemplate, selected: true, added: []string{revisionLabel, "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"}},
	{kind: "DaemonSet", groups: appsGroups, template: podTemplate, selected: true, added: []string{revisionLabel, "pod-template-generation"}},
	{kind: "Job", groups: []string{"batch"}, template: podTemplate, added: jobLabels},
	{kind: "CronJob", groups: []string{"batch"}, template: jobTemplate, added: jobLabels},
	{kind: "ReplicationController", groups: []string{""}, template: podTemplate},
	{kind: "DeploymentConfig", groups: []string{"", "apps.openshift.io"}, template: podTemplate, added: []string{"deployment", "deploymentconfig"}},
	{kind: "Rollout", groups: []string{"argoproj.io"}, template: podTemplate, added: []string{"rollouts-pod-template-hash"}},
	{kind: "Service", groups: []string{knative}, template: podTemplate, open: true},
}

const knative = "serving.knative.dev"

// RunsPods reports whether an object is a workload.
func RunsPods(r *manifest.Resource) bool { return workloadKindOf(r) != nil }

// workloadKindOf is nil for an object that runs no pods.
func workloadKindOf(r *manifest.Resource) *workloadKind {
	i := slices.IndexFunc(workloadKinds, func(k workloadKind) bool {
		return k.kind == r.Kind && slices.Contains(k.groups, r.Group())
	})
	if i < 0 {
		return nil
	}
	return &workloadKinds[i]
}

// workload reads the pods of an object. It is nil when the object lacks what
// the API server asks for: it is then a patch, or a fragment.
func (k *workloadKind) workload(r *manifest.Resource) *Workload {
	pod := r.Node
	for _, key := range k.template {
		pod = node.Field(pod, key)
	}
	spec := node.Field(pod, "spec")
	if spec == nil || len(node.Items(node.Field(spec, "containers"))) == 0 {
		return nil
	}
	if k.selected && r.APIVersion == "apps/v1" && node.Field(node.Field(r.Node, "spec"), "selector") == nil {
		return nil
	}
	w := &Workload{Resource: r, Labels: labelsOf(pod)}
	w.Ports, w.MorePorts = ports(spec)
	w.HostNetwork = truth(node.Field(spec, "hostNetwork"))
	w.Labels.Open = w.Labels.Open || k.open
	for _, key := range k.added {
		if _, written := w.Labels.Known[key]; !written {
			w.Labels.obscure(key)
		}
	}
	return w
}

// truth reads a boolean as kubectl does, in the words of YAML 1.1. It is
// Unknown for a placeholder.
func truth(n *yaml.Node) verdict.Verdict {
	switch text := node.Text(n); strings.ToLower(text) {
	case "true", "yes", "on", "y":
		return verdict.Yes
	default:
		braces := n != nil && n.Kind == yaml.MappingNode
		if braces || node.PlaceholderName(text) && !slices.Contains(falsehoods, strings.ToLower(text)) {
			return verdict.Unknown
		}
		return verdict.No
	}
}

var falsehoods = []string{"false", "no", "off", "n"}

// merge takes a rival into w: of two objects with the same kind, namespace and
// name one will be in the cluster, so what they do not have in common is not
// known.
func (w *Workload) merge(rival *Workload) {
	w.Labels.merge(&rival.Labels)
	w.MorePorts = w.MorePorts || rival.MorePorts
	var shared []Port
	for _, p := range slices.Concat(w.Ports, rival.Ports) {
		switch {
		case p.Name != "" && (!slices.Contains(w.Ports, p) || !slices.Contains(rival.Ports, p)):
			w.MorePorts = true
		case !slices.Contains(shared, p):
			shared = append(shared, p)
		}
	}
	w.Ports = shared
	if w.HostNetwork != rival.HostNetwork {
		w.HostNetwork = verdict.Unknown
	}
}

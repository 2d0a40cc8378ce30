package cluster

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/internal/verdict"
)

// podBody is a pod template, or the body of a Pod.
const podBody = "metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}"

// object is an object in flow style.
func object(apiVersion, kind, name, body string) string {
	if body != "" {
		body = ", " + body
	}
	return fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {name: %s, namespace: ns}%s}\n", apiVersion, kind, name, body)
}

// templated is the spec of an object whose pod template is at spec.template.
func templated(pod string) string { return "spec: {selector: {}, template: {" + pod + "}}" }

// pod is a Pod with the text of its labels and of the rest of its spec.
func pod(name, labels, spec string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: ns, labels: %s}, spec: {%s}}\n", name, labels, spec)
}

const oneContainer = "containers: [{name: c}]"

// onlyWorkload is the workload of a stream that has one.
func onlyWorkload(t testing.TB, stream string) *Workload {
	t.Helper()
	v := viewOf(t, stream)
	if len(v.Workloads) != 1 || len(v.Problems) > 0 {
		t.Fatalf("%d workloads, problems %v, skips %v\n%s", len(v.Workloads), v.Problems, v.Skips, stream)
	}
	return v.Workloads[0]
}

var runningKinds = []struct {
	apiVersion, kind, body string
	// obscure are the labels that a controller adds, as its documentation has
	// them. "*" stands for any.
	obscure string
}{
	{"apps/v1", "Deployment", templated(podBody), "pod-template-hash"},
	{"apps/v1", "ReplicaSet", templated(podBody), "pod-template-hash"},
	{"apps/v1", "StatefulSet", templated(podBody), "controller-revision-hash statefulset.kubernetes.io/pod-name apps.kubernetes.io/pod-index"},
	{"apps/v1", "DaemonSet", templated(podBody), "controller-revision-hash pod-template-generation"},
	{"apps/v1beta1", "Deployment", "spec: {template: {" + podBody + "}}", "pod-template-hash"},
	{"extensions/v1beta1", "DaemonSet", "spec: {template: {" + podBody + "}}", "controller-revision-hash"},
	{"batch/v1", "Job", "spec: {template: {" + podBody + "}}", "controller-uid job-name batch.kubernetes.io/controller-uid batch.kubernetes.io/job-name batch.kubernetes.io/job-completion-index"},
	{"batch/v1", "CronJob", "spec: {jobTemplate: {spec: {template: {" + podBody + "}}}}", "controller-uid job-name"},
	{"batch/v1beta1", "CronJob", "spec: {jobTemplate: {metadata: {labels: {app: no}}, spec: {template: {" + podBody + "}}}}", "job-name"},
	{"v1", "ReplicationController", "spec: {template: {" + podBody + "}}", ""},
	{"apps.openshift.io/v1", "DeploymentConfig", "spec: {template: {" + podBody + "}}", "deployment deploymentconfig"},
	{"v1", "DeploymentConfig", "spec: {template: {" + podBody + "}}", "deployment deploymentconfig"},
	{"argoproj.io/v1alpha1", "Rollout", templated(podBody), "rollouts-pod-template-hash"},
	{"serving.knative.dev/v1", "Service", "spec: {template: {" + podBody + "}}", "* serving.knative.dev/service"},
}

func TestWorkloadKinds(t *testing.T) {
	tested := map[string]bool{"Pod": true}
	for _, c := range runningKinds {
		t.Run(c.apiVersion+" "+c.kind, func(t *testing.T) {
			tested[c.kind] = true
			w := onlyWorkload(t, object(c.apiVersion, c.kind, "w", c.body))
			if w.ID() != "ns/w" || !reflect.DeepEqual(w.Labels.Known, map[string]string{"app": "web"}) || w.HostNetwork != verdict.No {
				t.Errorf("%s has the labels %v", w.ID(), w.Labels.Known)
			}
			for key := range strings.FieldsSeq(c.obscure) {
				if _, got := w.Labels.Get(key); got != Obscure {
					t.Errorf("the label %s is %v", key, got)
				}
			}
			if _, got := w.Labels.Get("other"); (got == Obscure) != strings.HasPrefix(c.obscure, "*") {
				t.Errorf("any other label is %v", got)
			}
		})
	}
	w := onlyWorkload(t, pod("w", "{app: web}", oneContainer))
	if want := (Labels{Known: map[string]string{"app": "web"}}); !reflect.DeepEqual(w.Labels, want) {
		t.Errorf("a pod has the labels %+v", w.Labels)
	}
	for _, k := range workloadKinds {
		if !tested[k.kind] {
			t.Errorf("the kind %s has no test", k.kind)
		}
	}
}

func TestNoWorkloads(t *testing.T) {
	for _, c := range []struct {
		text    string
		skipped bool
	}{
		{object("v1", "Service", "w", "spec: {template: {"+podBody+"}, note: serving.knative.dev}"), false},
		{object("serving.knative.dev/v1", "Configuration", "w", "spec: {template: {"+podBody+"}}"), false},
		{object("apps.kruise.io/v1alpha1", "Deployment", "w", templated(podBody)), false},
		{object("batch.volcano.sh/v1alpha1", "Job", "w", templated(podBody)), false},
		{object("v1", "Deployment", "w", templated(podBody)), false},
		{object("apps/v1", "Pod", "w", podBody), false},
		{object("v1", "PodTemplate", "w", "template: {"+podBody+"}"), false},
		{object("v1", "ConfigMap", "w", "spec: {template: {"+podBody+"}}"), false},

		{object("apps/v1", "Deployment", "w", "spec: {template: {"+podBody+"}}"), true},
		{object("apps/v1", "Deployment", "w", "spec: {selector: {}}"), true},
		{object("apps/v1", "Deployment", "w", "spec: {selector: {}, template: }"), true},
		{object("apps/v1", "Deployment", "w", ""), true},
		{object("apps/v1", "Deployment", "w", templated("metadata: {labels: {a: b}}")), true},
		{object("apps/v1", "Deployment", "w", templated("spec: {}")), true},
		{object("apps/v1", "Deployment", "w", templated("spec: {containers: }")), true},
		{object("apps/v1", "DaemonSet", "w", templated("spec: {containers: []}")), true},
		{object("batch/v1", "CronJob", "w", "spec: {template: {"+podBody+"}}"), true},
		{object("v1", "Pod", "w", "spec: {template: {"+podBody+"}}"), true},
		{object("argoproj.io/v1alpha1", "Rollout", "w", "spec: {workloadRef: {kind: Deployment, name: x}}"), true},
	} {
		v := viewOf(t, c.text)
		if len(v.Workloads) > 0 {
			t.Errorf("a workload: %s", c.text)
		}
		if got := len(v.Skips) == 1 && v.Skips[0] == (source.Skip{Path: "<stdin>", Line: 1, Reason: Fragments}); got != c.skipped {
			t.Errorf("skips are %v: %s", v.Skips, c.text)
		}
	}
}

// Templates need no metadata, and labels no value.
func TestWorkloadLabels(t *testing.T) {
	const ask = "app"
	for _, c := range []struct {
		name, labels string
		value        string
		want         Presence
	}{
		{"written", "{app: web}", "web", Present},
		{"number", "{app: 1}", "1", Present},
		{"null", "{app: }", "", Present},
		{"capitals", "{app: WEB}", "WEB", Present},
		{"no labels", "{}", "", Absent},
		{"null labels", "", "", Absent},
		{"placeholder", "{app: '${APP}'}", "", Obscure},
		{"word to replace", "{app: __APP__}", "", Obscure},
		{"encrypted", "{app: 'ENC[x]'}", "", Obscure},
		{"braces", "{app: {{ .x }}}", "", Obscure},
		{"another placeholder", "{tier: '${X}'}", "", Absent},
		{"placeholder for a key", "{'${KEY}': x}", "", Obscure},
		{"placeholder for all", "'${LABELS}'", "", Obscure},
		{"braces for all", "{{ .labels }}", "", Obscure},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := onlyWorkload(t, pod("w", c.labels, oneContainer))
			if value, got := w.Labels.Get(ask); value != c.value || got != c.want {
				t.Errorf("%s: %q, %v, want %q, %v", c.labels, value, got, c.value, c.want)
			}
		})
	}
}

func TestHostNetwork(t *testing.T) {
	for text, want := range map[string]verdict.Verdict{
		"true": verdict.Yes, "True": verdict.Yes, "TRUE": verdict.Yes, "yes": verdict.Yes, "on": verdict.Yes,
		"false": verdict.No, "FALSE": verdict.No, "": verdict.No, "null": verdict.No, "no": verdict.No, "NO": verdict.No, "OFF": verdict.No,
		"'${HOST}'": verdict.Unknown, "{{ .host }}": verdict.Unknown,
	} {
		t.Run(text, func(t *testing.T) {
			if got := onlyWorkload(t, pod("w", "{}", oneContainer+", hostNetwork: "+text)).HostNetwork; got != want {
				t.Errorf("it is %v, want %v", got, want)
			}
		})
	}
	if got := onlyWorkload(t, pod("w", "{}", oneContainer)).HostNetwork; got != verdict.No {
		t.Errorf("without hostNetwork it is %v", got)
	}
}

func TestContainerPorts(t *testing.T) {
	w := onlyWorkload(t, pod("w", "{}", `containers: [
  {ports: [{containerPort: 80, name: http}, {containerPort: 53, protocol: UDP}, {containerPort: 0x1F90}]},
  {name: none}, {ports: }, {ports: []},
  {ports: [{containerPort: 0}, {containerPort: 65536}, {containerPort: web}, {name: x}, {containerPort: 65535, protocol: SCTP, name: last}]}]`))
	want := []Port{{"http", corev1.ProtocolTCP, 80}, {"", corev1.ProtocolUDP, 53}, {"", corev1.ProtocolTCP, 8080}, {"last", corev1.ProtocolSCTP, 65535}}
	if !slices.Equal(w.Ports, want) {
		t.Errorf("ports %v, want %v", w.Ports, want)
	}
}

// A label that the template writes and the controller adds is not known: the
// controller has the last word.
func TestWrittenPlaceholderOfController(t *testing.T) {
	w := onlyWorkload(t, object("apps/v1", "Deployment", "w", templated("metadata: {labels: {pod-template-hash: '${X}'}}, spec: {"+oneContainer+"}")))
	if _, got := w.Labels.Get("pod-template-hash"); got != Obscure {
		t.Errorf("it is %v", got)
	}
}

// Everything that Views reads is wanted, or it would never be parsed.
func TestWanted(t *testing.T) {
	for _, k := range workloadKinds {
		text := "kind: " + k.kind + "\napiVersion: " + k.groups[0] + "/v1"
		if !Wanted(k.kind, []byte(text)) {
			t.Errorf("%s is not wanted", k.kind)
		}
	}
	for _, k := range slices.Concat(foreignKinds, generatorKinds) {
		if !Wanted(k.kind, nil) {
			t.Errorf("%s is not wanted", k.kind)
		}
	}
	for kind, want := range map[string]bool{
		"Namespace": true, "NetworkPolicy": true, "SomeNetworkPolicy": true,
		"Service": false, "ConfigMap": false, "Secret": false, "NetworkPolicies": true, "Networkpolicy": true, "namespace": false, "": false,
	} {
		if Wanted(kind, []byte("kind: "+kind)) != want {
			t.Errorf("wanted %q: %v", kind, !want)
		}
	}
	for text, want := range map[string]bool{
		"apiVersion: v1": false, "apiVersion: serving.knative.dev/v1": true,
		`"apiVersion": "serving.knative\u002edev/v1"`: true, `"apiVersion": "\u0076\u0031"`: true,
	} {
		if Wanted("Service", []byte(text)) != want {
			t.Errorf("wanted Service with %s: %v", text, !want)
		}
	}
}

// Reading more than what is wanted changes nothing.
func TestWantedIsEnough(t *testing.T) {
	var all []string
	for _, c := range runningKinds {
		all = append(all, object(c.apiVersion, c.kind, "w", c.body))
	}
	for _, c := range foreignTests {
		all = append(all, c.text)
	}
	all = append(all, policyText("{}"), "{apiVersion: v1, kind: Namespace, metadata: {name: ns}}", object("v1", "Service", "s", ""))
	text := stream(all...)
	lean := viewOf(t, text)
	tree := manifest.Load(source.Walk([]string{source.Stdin}, strings.NewReader(text)), manifest.Options{Wanted: func(string, []byte) bool { return true }})
	whole := Views(tree, Settings{})[0]
	got := []int{len(lean.Namespaces), len(lean.Workloads), len(lean.Policies), len(lean.Foreign), len(lean.Skips), len(lean.Problems)}
	want := []int{len(whole.Namespaces), len(whole.Workloads), len(whole.Policies), len(whole.Foreign), len(whole.Skips), len(whole.Problems)}
	if !slices.Equal(got, want) || len(lean.Foreign) == 0 {
		t.Errorf("wanted: %v, all: %v", got, want)
	}
}

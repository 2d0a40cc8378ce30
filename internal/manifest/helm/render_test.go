package helm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// withHelm skips a test where there is no helm.
func withHelm(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("helm"); err != nil {
		t.Skip("no helm on PATH")
	}
	watchTemporary(t)
}

// watchTemporary holds that no temporary file is left at the end of a test.
func watchTemporary(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Cleanup(func() {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}

// renderAll writes what a chart comes to, with the line of the template behind
// each line.
func renderAll(t *testing.T, c *Chart, o Options) string {
	t.Helper()
	withHelm(t)
	all, err := c.Render(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, r := range all {
		fmt.Fprintf(&out, "== %s\n%s\n", r.Template, annotated(string(r.Text), r.Lines))
	}
	return out.String()
}

func TestHelm(t *testing.T) {
	tests := []struct{ name, archive, want string }{
		{"nothing", "-- templates/NOTES.txt --\nx\n-- templates/_h.tpl --\n{{ define \"x\" }}{{ end }}\n-- templates/x.yaml --\n{{ if false }}a{{ end }}\n", ""},
		{
			"values and what is included",
			"-- values.yaml --\na: [1, 2]\n-- templates/_h.tpl --\n{{ define \"x\" -}}\np: 1\nq: 2\n{{- end }}\n" +
				"-- templates/x.yaml --\n{{- if .Values.a }}\nkind: A\nlist:\n{{- range .Values.a }}\n- {{ . }}\n{{- end }}\nmore:\n  {{- include \"x\" . | nindent 2 }}\nend: true\n{{- end }}\n",
			"== templates/x.yaml\nkind: A[2]\nlist:[3]\n- 1[5]\n- 2[5]\nmore:[7]\n  p: 1[8]\n  q: 2[8]\nend: true[9]\n",
		},
		{
			"several kinds, which helm sorts, and a hook",
			"-- templates/x.yaml --\nkind: Deployment\n---\nkind: Job\nmetadata:\n  annotations: {helm.sh/hook: test}\n---\nkind: Namespace\n",
			"== templates/x.yaml\nkind: Deployment[1]\n---[0]\nkind: Job[3]\nmetadata:[4]\n  annotations: {helm.sh/hook: test}[5]\n---[0]\nkind: Namespace[7]\n",
		},
		{"hooks alone", "-- templates/x.yaml --\nkind: Job\nmetadata: {annotations: {helm.sh/hook: pre-install}}\n", "== templates/x.yaml\nkind: Job[1]\nmetadata: {annotations: {helm.sh/hook: pre-install}}[2]\n"},
		{"two templates", "-- templates/b.yaml --\nb: 1\n-- templates/a/c.yaml --\n\nc: 1\n", "== templates/a/c.yaml\nc: 1[2]\n== templates/b.yaml\nb: 1[1]\n"},
		{
			"text of every sort",
			"-- templates/x.yaml --\n# comment\na: |\n  {{ print \"x\" }}\n  # text\n\n  - text\nb: \"\n  c\"\nd: [\n  1,\n]\ne: {{ .Values.none }}\nf: 1\n",
			"== templates/x.yaml\n# comment[1]\na: |[2]\n  x[3]\n  # text[4]\n[5]\n  - text[6]\nb: \"[7]\n  c\"[8]\nd: [[9]\n  1,[10]\n][11]\ne: [12]\nf: 1[13]\n",
		},
		{"no value", "-- templates/x.yaml --\na: x{{ .Values.x }}y\nb: {{ list nil }}\n", "== templates/x.yaml\na: xy[1]\nb: [<nil>][2]\n"},
		{"carriage returns", "-- templates/x.yaml --\na: 1\r\n{{- if true }}\r\nb: 2\r\n{{- end }}\r\n---\r\nc: 3\r\n", "== templates/x.yaml\na: 1\r[1]\nb: 2[3]\n---[0]\nc: 3[6]\n"},
		{"byte order mark", "-- templates/x.yaml --\n\ufeffa: 1\nb: 2\n", "== templates/x.yaml\na: 1[1]\nb: 2[2]\n"},
		{"files", "-- data/a.txt --\nx\ny\n-- templates/x.yaml --\na: |\n  {{- .Files.Get \"data/a.txt\" | nindent 2 }}\nb: {{ .Files.Get \"/etc/passwd\" }}{{ .Files.Get \"../../home\" }}.\n", "== templates/x.yaml\na: |[1]\n  x[2]\n  y[2]\n  [2]\nb: .[3]\n"},
		{"a template by its path", "-- templates/a.yaml --\na: 1\n-- templates/b.yaml --\nsum: {{ include (print $.Template.BasePath \"/a.yaml\") . | trim | quote }}\n", "== templates/a.yaml\na: 1[1]\n== templates/b.yaml\nsum: \"a: 1\"[1]\n"},
		{"something random", "-- templates/x.yaml --\na: 1\n---\nb: 2\n---\nc: 3\nd:\n{{- if randAlphaNum 20 }}\n  e: 4\n{{- end }}\n", "== templates/x.yaml\na: 1[1]\n---[0]\nb: 2[3]\n---[0]\nc: 3[5]\nd:[6]\n  e: 4[8]\n"},
		{"the name of the template", "-- templates/x.yaml --\na: {{ .Template.Name }}\n---\nb: 1\n", "== templates/x.yaml\nb: 1[3]\n---[0]\na: top/templates/x.yaml[0]\n"},
		{"a block", "-- templates/x.yaml --\na: {{ block \"x\" . }}1{{ end }}\n", "== templates/x.yaml\na: 1[0]\n"},
		{
			"a subchart and its alias",
			"-- Chart.yaml --\napiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n- {name: sub, version: 1.x.x}\n- {name: sub, version: 1.x.x, alias: other}\n" +
				"-- values.yaml --\nother: {a: 2}\n-- charts/dir/Chart.yaml --\napiVersion: v2\nname: sub\nversion: 1.2.3\n-- charts/dir/values.yaml --\na: 1\n-- charts/dir/templates/s.yaml --\n\na: {{ .Values.a }}\n",
			"== charts/dir/templates/s.yaml\na: 2[2]\n== charts/dir/templates/s.yaml\na: 1[2]\n",
		},
		{"a library among the subcharts", "-- charts/lib/Chart.yaml --\napiVersion: v2\nname: lib\ntype: library\nversion: 1.2.3\n-- charts/lib/templates/_h.tpl --\n{{ define \"x\" }}1{{ end }}\n-- charts/lib/templates/x.yaml --\nx: 1\n-- templates/x.yaml --\na: {{ template \"x\" }}\n", "== templates/x.yaml\na: 1[1]\n"},
		{"lookup that is not reached", "-- templates/_h.tpl --\n{{ define \"x\" }}{{ lookup \"v1\" \"Pod\" \"\" \"\" }}{{ end }}\n-- templates/x.yaml --\na: 1 # lookup\n{{- if .Values.x }}{{ lookup \"v1\" \"Pod\" \"\" \"\" }}{{ end }}\n", "== templates/x.yaml\na: 1 # lookup[1]\n"},
		{"release", "-- templates/x.yaml --\na: {{ .Release.Name }}.{{ .Release.Namespace }}\n", "== templates/x.yaml\na: release-name.default[1]\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := renderAll(t, mustRead(t, tt.archive), Options{}); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestHelmOptions(t *testing.T) {
	c := mustRead(t, "-- values.yaml --\na: 1\nb: 1\nc: 1\n-- templates/x.yaml --\na: {{ .Values.a }}{{ .Values.b }}{{ .Values.c }}\nn: {{ .Release.Name }}.{{ .Release.Namespace }}\n")
	o := Options{
		Values:  []Values{{"one", []byte("b: 2\nc: 2\n")}, {"two", []byte("c: 3\n")}},
		Release: "mine", Namespace: "shop",
	}
	if got := renderAll(t, c, o); got != "== templates/x.yaml\na: 123[1]\nn: mine.shop[2]\n" {
		t.Errorf("got\n%s", got)
	}
}

// TestHelmRandom has documents that differ each time.
func TestHelmRandom(t *testing.T) {
	withHelm(t)
	all, err := mustRead(t, "-- templates/x.yaml --\nkind: Secret\npassword: {{ randAlphaNum 20 }}\n---\nkind: Pod\n").Render(t.Context(), Options{})
	if err != nil || len(all) != 1 {
		t.Fatalf("Render: %v, %v", all, err)
	}
	text := string(all[0].Text)
	if !strings.HasPrefix(text, "kind: Pod\n---\nkind: Secret\npassword: ") || fmt.Sprint(all[0].Lines) != "[4 0 0 0]" {
		t.Errorf("lines %v of\n%s", all[0].Lines, text)
	}
}

func TestHelmArchive(t *testing.T) {
	dir := writeChart(t, "")
	putFile(t, dir, "charts/sub-1.2.3.tgz", packed(t, "-- Chart.yaml --\napiVersion: v2\nname: sub\nversion: 1.2.3\n-- templates/s.yaml --\n\na: 1\n-- templates/t.yaml --\n{{ if .Values.global.ask }}{{ lookup \"v1\" \"Pod\" \"\" \"\" }}{{ end }}"))
	c, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := renderAll(t, c, Options{}); got != "== charts/sub-1.2.3.tgz/templates/s.yaml\na: 1[2]\n" {
		t.Errorf("got\n%s", got)
	}
	_, err = c.Render(t.Context(), Options{Values: []Values{{"v", []byte("global: {ask: true}")}}})
	if err == nil || err.Error() != "charts/sub-1.2.3.tgz/templates/t.yaml:1: the function lookup asks the cluster" {
		t.Errorf("Render: %v", err)
	}
}

func TestHelmFails(t *testing.T) {
	tests := []struct{ name, archive, want string }{
		{"required", "-- templates/x.yaml --\n\na: {{ required \"set it\" .Values.x }}\n", "templates/x.yaml:2: set it"},
		{"required in a definition", "-- templates/_h.tpl --\n{{ define \"x\" }}{{ required \"set it\" .Values.x }}{{ end }}\n-- templates/x.yaml --\n\n\na: {{ include \"x\" . }}\n", "templates/x.yaml:3: set it"},
		{"field of nothing", "-- templates/_h.tpl --\n\n{{ define \"x\" }}{{ .Values.x.y }}{{ end }}\n-- templates/x.yaml --\na: {{ include \"x\" . }}\n", "templates/_h.tpl:2: executing \"x\" at <.Values.x.y>: nil pointer evaluating interface {}.y"},
		{"function that is none", "-- templates/x.yaml --\n\na: {{ none }}\n", `templates/x.yaml:2: function "none" not defined`},
		{"no template", "-- templates/x.yaml --\na: {{ if }}\n", "templates/x.yaml:1: missing value for if"},
		{"not YAML", "-- templates/x.yaml --\na: b: c\n", "templates/x.yaml: renders to what is not valid YAML: error converting YAML to JSON: yaml: mapping values are not allowed in this context"},
		{"lookup", "-- templates/_h.tpl --\n{{ define \"x\" }}\n{{- $x := lookup \"v1\" \"Pod\" \"\" \"\" }}{{ end }}\n-- templates/x.yaml --\na: {{ include \"x\" . }}\n", "templates/_h.tpl:2: the function lookup asks the cluster"},
		{"lookup in a text that is a template", "-- values.yaml --\nx: '{{ include \"x\" . }}'\n-- templates/_h.tpl --\n{{ define \"x\" }}{{ \"a\" | lookup \"v1\" \"Pod\" \"\" }}{{ end }}\n-- templates/x.yaml --\na: {{ tpl .Values.x . }}\n", "templates/_h.tpl:1: the function lookup asks the cluster"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			withHelm(t)
			all, err := mustRead(t, tt.archive).Render(t.Context(), Options{})
			if err == nil || err.Error() != tt.want {
				t.Errorf("Render: %v, %v\nwant %s", all, err, tt.want)
			}
		})
	}
}

func TestHelmBadValues(t *testing.T) {
	withHelm(t)
	_, err := mustRead(t, oneTemplate).Render(t.Context(), Options{Values: []Values{{"prod.yaml", []byte("a: [")}}})
	var failed *RenderError
	if !errors.As(err, &failed) || failed.Template != "" || !strings.HasPrefix(err.Error(), "helm: failed to parse prod.yaml: ") {
		t.Errorf("Render: %v", err)
	}
}

// TestHelmEndless has a template that would take years.
func TestHelmEndless(t *testing.T) {
	withHelm(t)
	c := mustRead(t, "-- templates/x.yaml --\n{{ range until 100000 }}{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}{{ end }}\n")
	_, err := c.Render(t.Context(), Options{Timeout: time.Second})
	if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "rendering the chart takes longer than 1s: context deadline exceeded" {
		t.Errorf("Render: %v", err)
	}
}

// TestHelmRemoteSchema has schemas of the chart and of a subchart that name
// another on the network, and that refuse the values.
func TestHelmRemoteSchema(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		fmt.Fprintln(w, `{"type": "string"}`)
	}))
	defer server.Close()
	schema := fmt.Sprintf("{\"properties\": {\"a\": {\"$ref\": \"%s/a.json\"}}}\n", server.URL)
	c := mustRead(t, "-- values.schema.json --\n"+schema+"-- values.yaml --\na: 1\n-- templates/x.yaml --\na: {{ .Values.a }}\n"+
		"-- charts/sub/Chart.yaml --\napiVersion: v2\nname: sub\nversion: 1.2.3\n-- charts/sub/values.yaml --\na: 1\n-- charts/sub/values.schema.json --\n"+schema)
	if got := renderAll(t, c, Options{}); got != "== templates/x.yaml\na: 1[1]\n" {
		t.Errorf("got\n%s", got)
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests on the network", n)
	}
}

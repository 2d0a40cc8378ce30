package fix_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/lint"
)

// trials is how many random trees are tried, and with -short.
const trials, fewTrials = 100, 30

// TestRandomTrees holds of random trees what the other tests hold of trees made
// by hand.
func TestRandomTrees(t *testing.T) {
	offered, mended, trials := 0, 0, trials
	if testing.Short() {
		trials = fewTrials
	}
	for seed := range uint64(trials) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			r := dice{rand.New(rand.NewPCG(seed, 7))}
			archive := r.tree()
			b := newBench(t, []byte(archive))
			s := b.proved()
			for _, f := range s.Result.Findings {
				for i := range f.Fixes {
					offered++
					b.alone(s, f, &f.Fixes[i])
				}
			}
			if seed%8 == 0 {
				b.oneByOne()
			}
			mended += b.converges([]func(*lint.Fix) bool{onlySafe, onlyUnsafe, both}[seed%3])
			if t.Failed() {
				t.Log(archive)
			}
		})
	}
	if offered < trials || mended < trials {
		t.Errorf("only %d fixes were offered, and %d findings mended", offered, mended)
	}
}

// dice makes choices.
type dice struct{ *rand.Rand }

func (r dice) maybe(percent int) bool { return r.IntN(100) < percent }

func (r dice) of(all ...string) string { return all[r.IntN(len(all))] }

// A part of an object is a text, a list, or pairs of keys and values.
type (
	pair struct {
		key   string
		value any
	}
	pairs []pair
	items []any
)

// apps are the values of the label app.
var apps = []string{"api", "db", "web", "job"}

// tree is the files of a tree.
func (r dice) tree() string {
	namespaces := []string{"shop", "data", "team"}[:2+r.IntN(2)]
	layout := r.of("one file", "files", "kustomizations", "variants", "namespaceless")
	if layout == "variants" {
		return r.variants()
	}
	var b strings.Builder
	all := map[string][]string{}
	var order []string
	place := func(name, text string) {
		if _, ok := all[name]; !ok {
			order = append(order, name)
		}
		all[name] = append(all[name], text)
	}
	for _, ns := range namespaces {
		written, dir := ns, ""
		switch layout {
		case "kustomizations":
			written, dir = "", ns+"/"
		case "namespaceless":
			written = ""
		}
		one := func(name string) string {
			switch {
			case layout == "one file", layout == "namespaceless":
				return "all.yaml"
			case layout == "files" && r.maybe(30):
				return ns + "-" + name
			default:
				return dir + r.of("a", "b") + r.of(ns, "x") + ".yaml"
			}
		}
		var listed []string
		add := func(name, text string, orphan bool) {
			file := one(name)
			if orphan && layout == "kustomizations" {
				file = dir + "orphan.yaml"
			}
			if _, ok := all[file]; !ok && file != dir+"orphan.yaml" {
				listed = append(listed, strings.TrimPrefix(file, dir))
			}
			place(file, text)
		}
		if layout != "namespaceless" && r.maybe(50) {
			labels := pairs{{r.of("name", "team"), ns}}
			add("ns.yaml", r.document(pairs{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", pairs{{"name", ns}, {"labels", labels}}}}), false)
		}
		for i := range 1 + r.IntN(4) {
			add("app.yaml", r.workload(written, apps[i]), false)
		}
		for i := range r.IntN(5) {
			add("policy.yaml", r.policy(written, fmt.Sprintf("p%d", i), namespaces), r.maybe(20))
		}
		if layout == "kustomizations" {
			var list items
			for _, name := range listed {
				list = append(list, name)
			}
			k := pairs{{"namespace", ns}, {"resources", list}}
			if r.maybe(25) {
				k = append(k, pair{"commonLabels", pairs{{"team", ns}}})
			}
			if r.maybe(15) {
				k = append(k, pair{"namePrefix", "my-"})
			}
			place(dir+"kustomization.yaml", r.document(k))
		}
		if layout == "namespaceless" {
			break
		}
	}
	for _, name := range order {
		r.file(&b, name, all[name])
	}
	return b.String()
}

// variants is a base that two overlays put into one namespace, or into two.
func (r dice) variants() string {
	var b strings.Builder
	var base []string
	for i := range 1 + r.IntN(3) {
		base = append(base, r.workload("", apps[i]))
	}
	for i := range r.IntN(4) {
		base = append(base, r.policy("", fmt.Sprintf("p%d", i), []string{"shop", "data"}))
	}
	r.file(&b, "base/all.yaml", base)
	r.file(&b, "base/kustomization.yaml", []string{r.document(pairs{{"resources", items{"all.yaml"}}})})
	second := r.of("shop", "data")
	for i, ns := range []string{"shop", second} {
		list := items{"../../base"}
		dir := fmt.Sprintf("overlays/%s/", []string{"dev", "prod"}[i])
		if r.maybe(50) {
			list = append(list, "more.yaml")
			r.file(&b, dir+"more.yaml", []string{r.policy("", "more", []string{"shop", "data"})})
		}
		r.file(&b, dir+"kustomization.yaml", []string{r.document(pairs{{"namespace", ns}, {"resources", list}})})
	}
	return b.String()
}

// file writes documents as a file of an archive.
func (r dice) file(b *strings.Builder, name string, documents []string) {
	text := strings.Join(documents, r.of("---\n", "--- # next\n"))
	if r.maybe(10) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if r.maybe(10) {
		text = "---\n" + text
	}
	if r.maybe(10) {
		text += "# the end\n"
	}
	fmt.Fprintf(b, "-- %s --\n%s", name, text)
}

func meta(namespace, name string) pairs {
	if namespace == "" {
		return pairs{{"name", name}}
	}
	return pairs{{"name", name}, {"namespace", namespace}}
}

// workload is a pod or a deployment.
func (r dice) workload(namespace, app string) string {
	var ports items
	if r.maybe(50) {
		ports = append(ports, pairs{{"name", "http"}, {"containerPort", r.of("80", "8080")}})
	}
	container := pairs{{"name", "c"}, {"image", "i"}}
	if len(ports) > 0 {
		container = append(container, pair{"ports", ports})
	}
	spec := pairs{{"containers", items{container}}}
	if r.maybe(8) {
		spec = append(spec, pair{"hostNetwork", "true"})
	}
	labels := pairs{{"app", app}}
	if r.maybe(30) {
		labels = append(labels, pair{"tier", r.of("back", "front")})
	}
	if r.maybe(40) {
		return r.document(pairs{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", append(meta(namespace, app), pair{"labels", labels})}, {"spec", spec}})
	}
	return r.document(pairs{
		{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", meta(namespace, app)},
		{"spec", pairs{{"selector", pairs{{"matchLabels", pairs{{"app", app}}}}}, {"template", pairs{{"metadata", pairs{{"labels", labels}}}, {"spec", spec}}}}},
	})
}

// selector is that of pods.
func (r dice) selector() any {
	switch r.IntN(6) {
	case 0:
		return pairs{}
	case 1:
		return pairs{{"matchExpressions", items{pairs{{"key", "app"}, {"operator", "In"}, {"values", items{r.of(apps...), "x"}}}}}}
	case 2:
		return pairs{{"matchLabels", pairs{{"app", r.of(apps...)}, {"tier", r.of("back", "front")}}}}
	default:
		return pairs{{"matchLabels", pairs{{"app", r.of(apps...)}}}}
	}
}

// policy is a policy of all kinds.
func (r dice) policy(namespace, name string, namespaces []string) string {
	spec := pairs{}
	if r.maybe(30) {
		spec = append(spec, pair{"podSelector", pairs{}})
	} else {
		spec = append(spec, pair{"podSelector", r.selector()})
	}
	var types items
	for _, d := range []string{"Ingress", "Egress"} {
		if r.maybe(60) {
			types = append(types, d)
		}
	}
	written := r.maybe(75) && len(types) > 0
	if written {
		spec = append(spec, pair{"policyTypes", types})
	}
	for i, d := range []string{"ingress", "egress"} {
		// Rules of a direction that the policy does not govern are as good.
		if r.maybe(65) {
			rules := items{}
			for range r.IntN(3) {
				rules = append(rules, r.rule([]string{"from", "to"}[i], namespaces))
			}
			spec = append(spec, pair{d, rules})
		}
	}
	return r.document(pairs{{"apiVersion", "networking.k8s.io/v1"}, {"kind", "NetworkPolicy"}, {"metadata", meta(namespace, name)}, {"spec", spec}})
}

func (r dice) rule(key string, namespaces []string) any {
	rule := pairs{}
	if r.maybe(75) {
		peers := items{}
		for range 1 + r.IntN(2) {
			peers = append(peers, r.peer(namespaces))
		}
		rule = append(rule, pair{key, peers})
	}
	if r.maybe(75) {
		ports := items{}
		for range 1 + r.IntN(3) {
			ports = append(ports, r.port())
		}
		rule = append(rule, pair{"ports", ports})
	}
	if r.maybe(50) && len(rule) == 2 {
		rule[0], rule[1] = rule[1], rule[0]
	}
	return rule
}

func (r dice) port() any {
	switch r.IntN(8) {
	case 0:
		return pairs{{"port", "http"}}
	case 1:
		return pairs{{"port", "50"}, {"endPort", r.of("53", "60", "90")}}
	case 2:
		return pairs{{"protocol", r.of("UDP", "TCP")}}
	case 3:
		return pairs{{"port", "80"}}
	case 4:
		return pairs{{"protocol", "TCP"}, {"port", "5432"}}
	case 5:
		return pairs{{"port", "53"}, {"protocol", "TCP"}}
	default:
		return pairs{{"protocol", "UDP"}, {"port", "53"}}
	}
}

func (r dice) peer(namespaces []string) any {
	switch r.IntN(6) {
	case 0:
		block := pairs{{"cidr", r.of("0.0.0.0/0", "10.0.0.0/8", "10.77.0.0/16", "::/0")}}
		if block[0].value == "0.0.0.0/0" && r.maybe(50) {
			block = append(block, pair{"except", items{r.of("10.0.0.0/8", "10.77.0.0/16", "8.0.0.0/8")}})
		}
		return pairs{{"ipBlock", block}}
	case 1, 2:
		peer := pairs{{"namespaceSelector", r.namespaceSelector(namespaces)}}
		if r.maybe(70) {
			peer = append(peer, pair{"podSelector", r.selector()})
		}
		return peer
	default:
		return pairs{{"podSelector", r.selector()}}
	}
}

func (r dice) namespaceSelector(namespaces []string) any {
	switch r.IntN(5) {
	case 0:
		return pairs{}
	case 1:
		return pairs{{"matchLabels", pairs{{r.of("name", "team"), r.of(namespaces...)}}}}
	default:
		return pairs{{"matchLabels", pairs{{"kubernetes.io/metadata.name", r.of(namespaces...)}}}}
	}
}

// document writes an object in some layout: each collection in block or in flow
// style, with comments.
func (r dice) document(object pairs) string {
	l := layout{dice: r, step: 2 + 2*r.IntN(2), dented: r.maybe(50), flow: r.IntN(30), comments: r.IntN(20), quotes: r.of("", "", "'", `"`)}
	l.pairs(object, 0, false)
	return l.String()
}

// layout is how a document is written.
type layout struct {
	dice
	bytes.Buffer

	step           int
	dented         bool
	flow, comments int
	quotes         string
}

// rest ends a line.
func (l *layout) rest() {
	if l.maybe(l.comments) {
		l.WriteString(l.of("  # so", " #", " # see: [this], {that}", "\t# tab"))
	}
	l.WriteByte('\n')
}

func (l *layout) above(indent int) {
	if l.maybe(l.comments / 2) {
		l.WriteString(strings.Repeat(" ", indent) + l.of("# why", "#", "# - not: an item") + "\n")
	}
}

// pairs writes a mapping that begins on a line of its own, or behind a dash.
func (l *layout) pairs(all pairs, indent int, behind bool) {
	for i, p := range all {
		if i > 0 || !behind {
			l.above(indent)
			l.WriteString(strings.Repeat(" ", indent))
		}
		l.WriteString(p.key + ":")
		l.value(p.value, indent)
	}
}

// value writes what stands behind a key.
func (l *layout) value(v any, indent int) {
	if _, text := v.(string); text || l.maybe(l.flow) || empty(v) {
		l.WriteString(" " + l.inline(v))
		l.rest()
		return
	}
	l.rest()
	switch v := v.(type) {
	case pairs:
		l.pairs(v, indent+l.step, false)
	case items:
		if l.dented {
			indent += l.step
		}
		for _, item := range v {
			l.above(indent)
			l.WriteString(strings.Repeat(" ", indent) + "- ")
			inner, ok := item.(pairs)
			if !ok || l.maybe(l.flow) || empty(item) {
				l.WriteString(l.inline(item))
				l.rest()
				continue
			}
			l.pairs(inner, indent+2, true)
		}
	}
}

func empty(v any) bool {
	switch v := v.(type) {
	case pairs:
		return len(v) == 0
	case items:
		return len(v) == 0
	}
	return false
}

// inline writes a value in flow style.
func (l *layout) inline(v any) string {
	var all []string
	switch v := v.(type) {
	case string:
		if strings.Trim(v, "0123456789") == "" || v == "true" {
			return v
		}
		quotes := l.quotes
		if strings.ContainsAny(v, ":") && quotes == "" {
			quotes = "'"
		}
		return quotes + v + quotes
	case pairs:
		for _, p := range v {
			all = append(all, p.key+": "+l.inline(p.value))
		}
		return "{" + strings.Join(all, ", ") + "}"
	case items:
		for _, item := range v {
			all = append(all, l.inline(item))
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	return ""
}

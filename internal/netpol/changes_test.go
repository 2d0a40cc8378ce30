package netpol_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/netpol"
)

// edits are how the policies of one view become those of another with the same
// namespaces.
func edits(t *testing.T, before, after *cluster.View) []netpol.Edit {
	t.Helper()
	var all []netpol.Edit
	for _, p := range before.Policies {
		all = append(all, netpol.Edit{Old: p})
	}
	for _, p := range after.Policies {
		q := *p
		i := slices.IndexFunc(before.Namespaces, func(ns *cluster.Namespace) bool { return ns.Name == p.In.Name })
		if i < 0 {
			t.Fatalf("namespace %q is new", p.In.Name)
		}
		q.In = before.Namespaces[i]
		all = append(all, netpol.Edit{New: &q})
	}
	return all
}

// sides are both sides of all flows of a view.
func sides(v *cluster.View) map[netpol.Side]netpol.Allowed {
	all := map[netpol.Side]netpol.Allowed{}
	for f := range netpol.New(v).Flows(addresses) {
		if f.Egress != nil {
			all[netpol.Side{Pod: f.From, Direction: cluster.Egress, Other: f.To}] = *f.Egress
		}
		if f.Ingress != nil {
			all[netpol.Side{Pod: f.To, Direction: cluster.Ingress, Other: f.From}] = *f.Ingress
		}
	}
	return all
}

// TestChangesAgainstMaps compares what edits are said to change with the
// difference of two maps, on random clusters.
func TestChangesAgainstMaps(t *testing.T) {
	changed := 0
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 4))
		bytes := make(choices, 600)
		for i := range bytes {
			bytes[i] = byte(random.Uint32())
		}
		r := bytes.cluster()
		if len(r.policies) == 0 {
			continue
		}
		_, after := loadTree(bytes.render(r))
		policies := r.policies
		r.policies = slices.Clone(policies[:random.IntN(len(policies))])
		_, before := loadTree(bytes.render(r))
		got := netpol.New(before).Deltas(edits(t, before, after), addresses)
		old, now := sides(before), sides(after)
		for side := range union(old, now) {
			want := netpol.Gain(old[side], now[side])
			differ := fmt.Sprint(old[side]) != fmt.Sprint(now[side])
			have, said := got[side]
			switch {
			case differ != said:
				t.Fatalf("seed %d: %v changes: %v, said: %v\n%v", seed, side, differ, said, want)
			case said && fmt.Sprint(have) != fmt.Sprint(want):
				t.Fatalf("seed %d: %v: %v, want %v", seed, side, have, want)
			case said:
				changed++
			}
		}
	}
	if changed < 1000 {
		t.Errorf("only %d sides changed", changed)
	}
}

func union(a, b map[netpol.Side]netpol.Allowed) map[netpol.Side]bool {
	all := map[netpol.Side]bool{}
	for side := range a {
		all[side] = true
	}
	for side := range b {
		all[side] = true
	}
	return all
}

// TestChanges holds how changes are said.
func TestChanges(t *testing.T) {
	const deny = "{podSelector: {}, policyTypes: [Egress]}"
	tests := []struct {
		name, before, after string
		want                []string
	}{
		{"nothing", policy(deny), policy(deny), nil},
		{"isolated", "", policy("{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]}"), []string{"- shop/a -> everything"}},
		{
			"isolated with exceptions", "",
			policy("{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: b}}}], ports: [{port: 80}]}," +
				" {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}]}]}"),
			[]string{`- shop/a -> everything but shop/b TCP/80; pods with k8s-app=kube-dns in namespace "kube-system" UDP/53`},
		},
		{"freed", onlyA("egress", ""), "", []string{"+ shop/a -> everything", "+ everything -> shop/a (ingress)"}},
		{
			"opened", onlyA("egress", ""), onlyA("egress", "{to: [{podSelector: {matchLabels: {app: b}}}], ports: [{port: 80}, {port: 53, protocol: UDP}]}"),
			[]string{"+ shop/a -> shop/b TCP/80, UDP/53"},
		},
		{
			"closed on the other side", onlyA("ingress", "{from: [{podSelector: {matchLabels: {app: b}}}]}"), onlyA("ingress", ""),
			[]string{"- shop/b -> shop/a every port (ingress)"},
		},
		{
			"narrowed", onlyA("egress", "{ports: [{port: 53}]}"), onlyA("egress", "{to: [{podSelector: {matchLabels: {app: b}}}], ports: [{port: 53}]}"),
			[]string{"- shop/a -> everyone but shop/b TCP/53"},
		},
		{
			"addresses", onlyA("egress", "{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}"), onlyA("egress", "{to: [{ipBlock: {cidr: 10.2.0.0/16}}]}"),
			[]string{"- shop/a -> the rest of 10.0.0.0/8 every port"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, before := loadTree(stage + test.before)
			_, after := loadTree(stage + test.after)
			if got := netpol.New(before).Changes(edits(t, before, after)); !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

package cluster

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0},
		{"egres", "egress", 1},   // one letter missing
		{"eegress", "egress", 1}, // one too many
		{"ogress", "egress", 1},  // one replaced
		{"egerss", "egress", 1},  // two exchanged
		{"ab", "ba", 1}, {"abcd", "badc", 2},
		{"ca", "abc", 3}, // a letter between exchanged ones counts
		{"kitten", "sitting", 3}, {"to", "from", 3}, {"ingress", "egress", 2},
		{"é", "e", 2}, // bytes
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	for _, c := range []struct {
		word  string
		known []string
		want  string
	}{
		{"egres", specKeys, "egress"}, {"EGRESS", specKeys, "egress"}, {"ergess", specKeys, "egress"},
		{"ingres", specKeys, "ingress"}, {"podselector", specKeys, "podSelector"}, {"podSelectors", specKeys, "podSelector"},
		{"policytypes", specKeys, "policyTypes"}, {"policyType", specKeys, "policyTypes"}, {"policyTyp", specKeys, "policyTypes"},
		{"policy", specKeys, ""}, {"matchLabels", specKeys, ""}, {"", specKeys, ""},
		{"namespaceselector", peerKeys, "namespaceSelector"}, {"ipblock", peerKeys, "ipBlock"}, {"ipBlocks", peerKeys, "ipBlock"},
		{"endport", portKeys, "endPort"}, {"ports", portKeys, "port"}, {"protcol", portKeys, "protocol"},
		{"matchlabels", selectorKeys, "matchLabels"}, {"matchLabel", selectorKeys, "matchLabels"},
		{"tcp", protocols, "TCP"}, {"UPD", protocols, "UDP"}, {"ICMP", protocols, ""},
		{"t", egressKeys, "to"}, {"x", egressKeys, ""}, {"xy", egressKeys, ""}, // two letters are not two letters wrong
		{"word", nil, ""},
		{"ab", []string{"abc", "ab"}, "ab"}, {"xbc", []string{"abc", "abd", "ybc"}, "abc"}, // the nearest, then the first
	} {
		want := ""
		if c.want != "" {
			want = `: did you mean "` + c.want + `"?`
		}
		if got := didYouMean(c.word, c.known); got != want {
			t.Errorf("didYouMean(%q, %q) = %q, want %q", c.word, c.known, got, want)
		}
	}
}

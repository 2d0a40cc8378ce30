package netpol

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// other is the far end of connections: pods, addresses, or pods that the tree
// does not have. The rules that were looked at treat all of it alike.
type other struct {
	// classes are pods.
	classes interval.Set
	// addr stands for addresses, which block names.
	addr  netip.Addr
	block string
	// peer names pods that the tree does not have.
	peer string
}

// others divides what the class can be connected with.
func (x *ends) others() []other {
	everyone := x.before.isolated != verdict.Yes || x.after.isolated != verdict.Yes
	var within interval.Set
	for _, r := range x.changed {
		everyone = everyone || r.everyone || len(r.blocks) > 0 // a block may hold the address of any pod
		within = within.Union(r.peers.possible)
	}
	if everyone && len(x.e.classes) > 0 {
		within = interval.Of(interval.Range{Hi: uint32(len(x.e.classes) - 1)}) //nolint:gosec // it is positive
	}
	if x.e.classes[x.n].alone() {
		within = within.Minus(interval.Single(x.n)) // a pod always reaches itself
	}
	all := x.pods(within)
	if everyone {
		all = append(all, x.addresses()...)
	}
	return append(all, x.absent()...)
}

// rules yields the rules that matter, before and after.
func (x *ends) rules(yield func(*rule) bool) {
	for _, policies := range []*governing{&x.before, &x.after} {
		for p := range policies.ruling {
			for i := range p.rules[x.d] {
				if !yield(&p.rules[x.d][i]) {
					return
				}
			}
		}
	}
}

// pods divides classes by the rules.
func (x *ends) pods(within interval.Set) []other {
	if within.Empty() {
		return nil
	}
	parts := []interval.Set{within}
	split := func(by interval.Set) {
		var finer []interval.Set
		for _, part := range parts {
			for _, half := range []interval.Set{part.Intersect(by), part.Minus(by)} {
				if !half.Empty() {
					finer = append(finer, half)
				}
			}
		}
		parts = finer
	}
	for r := range x.rules {
		split(r.peers.sure)
		split(r.peers.possible)
		for _, entry := range r.demands {
			if entry.name.name == "" || x.d == cluster.Ingress {
				continue
			}
			split(x.e.anonymous)
			numbers := x.e.named[entry.name]
			for _, number := range slices.Sorted(maps.Keys(numbers)) {
				split(numbers[number])
			}
		}
	}
	all := make([]other, len(parts))
	for i, part := range parts {
		all[i].classes = part
	}
	return all
}

// addresses divides the addresses by the blocks of the rules: each block less
// those inside it, and the rest of IPv4 and of IPv6.
func (x *ends) addresses() []other {
	prefixes := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	for r := range x.rules {
		for _, b := range r.blocks {
			for _, cidr := range append([]string{b.CIDR}, b.Except...) {
				if prefix, err := netip.ParsePrefix(cidr); err == nil && !slices.Contains(prefixes, prefix.Masked()) {
					prefixes = append(prefixes, prefix.Masked())
				}
			}
		}
	}
	var all []other
	for _, prefix := range prefixes {
		if addr, rest := sample(prefix, prefixes); addr.IsValid() {
			o := other{addr: addr, block: prefix.String()}
			if prefix.Bits() == 0 {
				o.block = map[bool]string{true: "other IPv4 addresses", false: "other IPv6 addresses"}[addr.Is4()]
			} else if rest {
				o.block = "the rest of " + o.block
			}
			all = append(all, o)
		}
	}
	return all
}

// sample is an address of a prefix that lies in none of the smaller ones, and
// whether there are any. It is not valid where these leave nothing.
func sample(prefix netip.Prefix, all []netip.Prefix) (addr netip.Addr, rest bool) {
	var inner []netip.Prefix
	candidates := []netip.Addr{prefix.Addr()}
	for _, p := range all {
		if p.Bits() > prefix.Bits() && prefix.Contains(p.Addr()) {
			inner = append(inner, p)
			candidates = append(candidates, last(p).Next())
		}
	}
	for _, c := range candidates {
		if prefix.Contains(c) && !slices.ContainsFunc(inner, func(p netip.Prefix) bool { return p.Contains(c) }) {
			return c, len(inner) > 0
		}
	}
	return netip.Addr{}, true
}

// last is the last address of a prefix.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for i := p.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 1 << (7 - i%8)
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return addr
}

// absent is the pods that rules name and the tree does not have.
func (x *ends) absent() []other {
	var all []other
	for _, policies := range []*governing{&x.before, &x.after} {
		for p := range policies.ruling {
			for i := range p.rules[x.d] {
				for _, peer := range x.e.absent(p, &p.rules[x.d][i]) {
					if o := (other{peer: peer}); !slices.ContainsFunc(all, func(have other) bool { return have.peer == peer }) {
						all = append(all, o)
					}
				}
			}
		}
	}
	return all
}

// absent names the peers of a rule that no pod of the tree can be.
func (e *Engine) absent(p *policy, r *rule) []string {
	var all []string
	for i := range r.written.Peers {
		if peer := &r.written.Peers[i]; peer.Block == nil && e.peer(p.In, peer).possible.Empty() {
			all = append(all, peerName(p.In, peer))
		}
	}
	return all
}

// peerName names the pods of a peer.
func peerName(in *cluster.Namespace, peer *cluster.Peer) string {
	where := in.Title()
	if s := peer.Namespaces; s != nil {
		where = "namespaces with " + s.Key
		if len(s.Requirements) == 1 && s.Requirements[0].Key == corev1.LabelMetadataName && len(s.Requirements[0].Values) == 1 {
			where = fmt.Sprintf("namespace %q", s.Requirements[0].Values[0])
		}
		if s.Everything() {
			where = "every namespace"
		}
	}
	if podsOf(peer).Everything() {
		return "the pods of " + where
	}
	return fmt.Sprintf("pods with %s in %s", podsOf(peer).Key, where)
}

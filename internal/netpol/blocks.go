package netpol

import (
	"encoding/binary"
	"net/netip"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// holds reports whether a block holds an address. IPv4 and IPv6 are apart:
// 0.0.0.0/0 holds no IPv6 address.
func holds(b *networkingv1.IPBlock, addr netip.Addr) bool {
	addr = addr.Unmap()
	within := func(cidr string) bool {
		prefix, err := netip.ParsePrefix(cidr)
		return err == nil && prefix.Contains(addr)
	}
	if !within(b.CIDR) {
		return false
	}
	for _, except := range b.Except {
		if within(except) {
			return false
		}
	}
	return true
}

// wholeIPv4 holds for a block of all addresses of IPv4.
func wholeIPv4(b *networkingv1.IPBlock) bool { return b.CIDR == "0.0.0.0/0" && len(b.Except) == 0 }

// holdsPods tells whether blocks hold the addresses of pods. 0.0.0.0/0 holds them
// all. Whether another block does depends on the addresses, and differs between
// network plugins.
func holdsPods(p cluster.Plugin, blocks []*networkingv1.IPBlock) verdict.Verdict {
	switch {
	case len(blocks) == 0, p.CoversPods != nil && !*p.CoversPods:
		return verdict.No
	case slices.ContainsFunc(blocks, wholeIPv4):
		return verdict.Yes
	case len(p.PodCIDRs) == 0:
		return verdict.Unknown
	}
	some, all := false, map[bool]bool{true: true, false: true} // by family
	for _, cidr := range p.PodCIDRs {
		whole := false
		for _, b := range blocks {
			overlaps, holds := shared(b, cidr)
			some, whole = some || overlaps, whole || holds
		}
		all[cidr.Addr().Is4()] = all[cidr.Addr().Is4()] && whole
	}
	has := func(v4 bool) bool {
		return slices.ContainsFunc(p.PodCIDRs, func(cidr netip.Prefix) bool { return cidr.Addr().Is4() == v4 })
	}
	switch {
	case !some:
		return verdict.No
	case p.CoversPods != nil && (has(true) && all[true] || has(false) && all[false]):
		return verdict.Yes
	default:
		return verdict.Unknown
	}
}

// shared reports whether a block has addresses of another one, and whether it has
// all of them.
func shared(b *networkingv1.IPBlock, cidr netip.Prefix) (some, all bool) {
	block, err := netip.ParsePrefix(b.CIDR)
	if err != nil || !block.Overlaps(cidr) {
		return false, false
	}
	all = block.Bits() <= cidr.Bits()
	for _, text := range b.Except {
		except, err := netip.ParsePrefix(text)
		if err != nil || !except.Overlaps(cidr) {
			continue
		}
		all = false
		if except.Bits() <= cidr.Bits() {
			return false, false
		}
	}
	return true, all
}

// family is the addresses of IPv4, or the first 32 bits of those of IPv6:
// enough to tell whether blocks cover what is public, in which no shorter
// distinction is made.
type family struct {
	v6     bool
	public interval.Set
}

// The ranges that are not public are those of the IANA registries of
// special-purpose addresses. Of IPv6 only 2000::/3 is given out.
var (
	ipv4 = family{public: interval.Of(interval.Range{Hi: 1<<32 - 1}).Minus(addresses(false,
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"))}
	ipv6 = family{v6: true, public: addresses(true, "2000::/3").Minus(addresses(true, "2001:db8::/32"))}
)

// addresses is the addresses of those blocks that are of one family.
func addresses(v6 bool, cidrs ...string) interval.Set {
	var ranges []interval.Range
	for _, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil || prefix.Addr().Is6() != v6 || prefix.Bits() > 32 {
			continue
		}
		first := binary.BigEndian.Uint32(prefix.Masked().Addr().AsSlice()[:4])
		last := uint32(1<<(32-prefix.Bits()) - 1)
		ranges = append(ranges, interval.Range{Lo: first, Hi: first + last})
	}
	if len(ranges) == 0 {
		return nil
	}
	return interval.Of(ranges...)
}

// AnyAddress reports whether the blocks together stand for any address of IPv4
// or of IPv6: they hold all that is public but for their exceptions, and the
// exceptions leave some of it.
func AnyAddress(blocks []*networkingv1.IPBlock) bool {
	return ipv4.any(blocks) || ipv6.any(blocks)
}

func (f family) any(blocks []*networkingv1.IPBlock) bool {
	var all, left interval.Set
	for _, b := range blocks {
		whole := addresses(f.v6, b.CIDR)
		all = all.Union(whole)
		left = left.Union(whole.Minus(addresses(f.v6, b.Except...)))
	}
	return f.public.Within(all) && f.public.Overlaps(left)
}

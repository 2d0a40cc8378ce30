package netpol

import (
	"net/netip"

	"github.com/egresslint/egresslint/internal/cluster"
)

// Side is one side of the connections of a pod with another, or with an address.
type Side struct {
	Pod       string
	Direction cluster.Direction
	Other     string
}

// Gain and Loss are what opens and closes between two answers.
func Gain(before, after Allowed) [2]Allowed {
	return [2]Allowed{before.gains(&after), before.loses(&after)}
}

// Deltas are the sides that edits change, with what opens and what closes, for the pods of the tree and some addresses.
func (e *Engine) Deltas(edits []Edit, addresses []netip.Addr) map[Side][2]Allowed {
	all := map[Side][2]Allowed{}
	for _, x := range e.affected(edits) {
		if e.classes[x.n].standIn != nil {
			continue
		}
		for _, pod := range e.classes[x.n].pods() {
			for _, d := range x.deltas() {
				for other := range d.classes.All {
					if e.classes[other].standIn == nil {
						for _, name := range e.classes[other].pods() {
							all[Side{pod, x.d, name}] = [2]Allowed{d.added, d.removed}
						}
					}
				}
			}
			for _, d := range x.deltas() {
				for _, addr := range addresses {
					if d.addr.IsValid() && x.blockOf(addr) == d.block {
						all[Side{pod, x.d, addr.String()}] = [2]Allowed{d.added, d.removed}
					}
				}
			}
		}
	}
	return all
}

// blockOf is the name of the smallest block that holds an address.
func (x *ends) blockOf(addr netip.Addr) string {
	best, name := -1, ""
	for _, o := range x.addresses() {
		bits, holds := 0, o.addr.Is4() == addr.Is4()
		for r := range x.rules {
			for _, b := range r.blocks {
				for _, cidr := range append([]string{b.CIDR}, b.Except...) {
					p, err := netip.ParsePrefix(cidr)
					if err == nil && (o.block == p.Masked().String() || o.block == "the rest of "+p.Masked().String()) {
						bits, holds = p.Bits(), p.Contains(addr)
					}
				}
			}
		}
		if holds && bits > best {
			best, name = bits, o.block
		}
	}
	return name
}

package netpol

import (
	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/interval"
	"github.com/egresslint/egresslint/internal/verdict"
)

// reach is which of the numbered things a selector selects: surely, and
// possibly. What is sure is possible too.
type reach struct {
	sure, possible interval.Set
}

func (r reach) union(s reach) reach {
	return reach{r.sure.Union(s.sure), r.possible.Union(s.possible)}
}

// overlaps is the verdict on whether one of a set is selected.
func (r reach) overlaps(s interval.Set) verdict.Verdict {
	switch {
	case r.sure.Overlaps(s):
		return verdict.Yes
	case r.possible.Overlaps(s):
		return verdict.Unknown
	default:
		return verdict.No
	}
}

// matching is what a selector selects in one namespace.
func (e *Engine) matching(in *cluster.Namespace, s *cluster.Selector) reach {
	key := podsKey{in, s.Key}
	r, ok := e.selected[key]
	if !ok {
		r = e.pods.selects(s, e.spaces[in].all)
		e.selected[key] = r
	}
	return r
}

// namespacesOf is what a selector selects among the namespaces.
func (e *Engine) namespacesOf(s *cluster.Selector) reach {
	r, ok := e.namespaces[s.Key]
	if !ok {
		var all interval.Set
		if n := len(e.view.Namespaces); n > 0 {
			all = interval.Of(interval.Range{Hi: uint32(n - 1)}) //nolint:gosec // n is positive
		}
		r = e.names.selects(s, all)
		e.namespaces[s.Key] = r
	}
	return r
}

// peer is the pods that a peer with selectors stands for. Whether selectors
// reach pods in the network of their node is not defined.
func (e *Engine) peer(in *cluster.Namespace, peer *cluster.Peer) reach {
	pods := podsOf(peer)
	if peer.Namespaces == nil {
		return e.governed(e.matching(in, pods))
	}
	key := peerKey{peer.Namespaces.Key, pods.Key}
	r, ok := e.peers[key]
	if !ok {
		spaces := e.namespacesOf(peer.Namespaces)
		within := reach{e.classesIn(spaces.sure), e.classesIn(spaces.possible)}
		r = e.pods.selects(pods, within.possible)
		r = e.governed(reach{r.sure.Intersect(within.sure), r.possible})
		e.peers[key] = r
	}
	return r
}

func (e *Engine) governed(r reach) reach {
	return reach{r.sure.Minus(e.onHosts).Minus(e.maybeOnHosts), r.possible}
}

// classesIn is the classes of some namespaces.
func (e *Engine) classesIn(numbers interval.Set) interval.Set {
	var ranges []interval.Range
	for n := range numbers.All {
		ranges = append(ranges, e.spaces[e.view.Namespaces[n]].all...)
	}
	if len(ranges) == 0 {
		return nil
	}
	return interval.Of(ranges...)
}

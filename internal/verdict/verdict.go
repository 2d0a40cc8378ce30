// Package verdict holds the three-valued answer that everything here is built on.
package verdict

// Verdict answers a question about a cluster: yes, no, or not decidable from
// the tree that was read. Unknown is never reported as a defect.
type Verdict uint8

// The values are ordered: what all of several say is their minimum, what some
// of them say their maximum.
const (
	No Verdict = iota
	Unknown
	Yes
)

// Of turns a decided answer into a Verdict.
func Of(b bool) Verdict {
	if b {
		return Yes
	}
	return No
}

// And is Yes when all are Yes, No when one is No, Unknown otherwise.
// Without arguments it is Yes.
func And(vs ...Verdict) Verdict {
	all := Yes
	for _, v := range vs {
		all = min(all, v)
	}
	return all
}

// Not exchanges Yes and No; what is Unknown stays so.
func (v Verdict) Not() Verdict { return Yes - v }

// String is "yes", "no" or "unknown".
func (v Verdict) String() string {
	switch v {
	case Yes:
		return "yes"
	case No:
		return "no"
	default:
		return "unknown"
	}
}

package cluster

import (
	"reflect"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/egresslint/egresslint/internal/manifest"
)

// Direction is one of the two ways that a policy can govern.
type Direction uint8

// The directions, as seen from the pods that a policy selects.
const (
	Ingress Direction = iota
	Egress
)

// Opposite is the direction as the other end of the connection sees it.
func (d Direction) Opposite() Direction { return Egress - d }

// Type is the direction as policyTypes has it.
func (d Direction) Type() networkingv1.PolicyType {
	if d == Egress {
		return networkingv1.PolicyTypeEgress
	}
	return networkingv1.PolicyTypeIngress
}

// String is "ingress" or "egress", the key of its rules in a policy.
func (d Direction) String() string { return strings.ToLower(string(d.Type())) }

// PeersKey is the key of the peers in a rule: "from" or "to".
func (d Direction) PeersKey() string {
	if d == Egress {
		return "to"
	}
	return "from"
}

// Policy is a NetworkPolicy of networking.k8s.io/v1 that the API server would
// accept.
type Policy struct {
	*manifest.Resource
	In *Namespace
	// Pods selects the pods that the policy governs. It is never nil: an
	// absent podSelector selects every pod of the namespace.
	Pods *Selector
	// Types is policyTypes as written, nil where absent or empty.
	Types []networkingv1.PolicyType
	// Rules are the rules as written, by Direction, also those of a direction
	// in which the policy has no effect.
	Rules [2][]Rule
	// HasEgress is set when the policy has the key egress, with rules or without.
	HasEgress bool
	// Rival is set when the tree has another object of the same kind,
	// namespace and name: only one of them can be in the cluster.
	Rival bool
}

// Effective reports whether the policy governs a direction: it isolates the
// pods it selects, and its rules of that direction count. Without policyTypes
// that is ingress, and egress when there is at least one egress rule
// (NetworkPolicySpec.PolicyTypes in k8s.io/api/networking/v1).
func (p *Policy) Effective(d Direction) bool {
	if len(p.Types) == 0 {
		return d == Ingress || len(p.Rules[Egress]) > 0
	}
	return slices.Contains(p.Types, d.Type())
}

// Alike reports whether two policies mean the same, however they are written. Where
// they are and what they are called does not matter.
func (p *Policy) Alike(q *Policy) bool {
	return p.Pods.Key == q.Pods.Key && p.Effective(Egress) == q.Effective(Egress) && p.Effective(Ingress) == q.Effective(Ingress) &&
		reflect.DeepEqual(p.Rules, q.Rules)
}

// Rule is one entry of ingress or egress.
type Rule struct {
	// Peers are ORed. None means everyone and every address.
	Peers []Peer
	// Ports are ORed. None means every port of every protocol.
	Ports []networkingv1.NetworkPolicyPort
}

// Peer is one entry of from or to. Either Block is set, or one of the others
// or both, which are then ANDed.
type Peer struct {
	// Pods is nil where podSelector is absent: every pod.
	Pods *Selector
	// Namespaces is nil where namespaceSelector is absent: the policy's own.
	Namespaces *Selector
	Block      *networkingv1.IPBlock
}

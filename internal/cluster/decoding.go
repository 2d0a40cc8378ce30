package cluster

import (
	"go.yaml.in/yaml/v4"

	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/source"
)

// decodings remember what policies say, for all views that have them. It is for
// one goroutine.
type decodings struct {
	policies map[*yaml.Node]decoding
	// selectors are compiled once for each text.
	selectors map[string]*Selector
}

// decoding is what came of reading one policy. The policy is in no namespace.
type decoding struct {
	policy   Policy
	problems []source.Problem
	// hidden is set where there are placeholders or encrypted values.
	hidden bool
}

// decode reads the policy that an object is.
func (k *decodings) decode(r *manifest.Resource) decoding {
	known, ok := k.policies[r.Node]
	if !ok {
		d := &policyDecoder{newDecoder(r), k.selectors}
		known = decoding{*d.policy(), d.problems, d.hidden > 0}
		k.policies[r.Node] = known
	}
	return known
}

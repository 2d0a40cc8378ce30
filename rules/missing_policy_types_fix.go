package rules

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/manifest/edit"
	"github.com/egresslint/egresslint/internal/netpol"
)

// writeTypes are the fixes for a policy without policyTypes: to write those that
// hold, which changes nothing, and where the policy misleads to write those that
// it seems to mean.
func writeTypes(pass *analysis.Pass, p *cluster.Policy) []func() analysis.SuggestedFix {
	both := []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	holds := both[:1]
	if p.Effective(cluster.Egress) {
		holds = both
	}
	fixes := []func() analysis.SuggestedFix{func() analysis.SuggestedFix { return writeThese(pass, p, holds) }}
	if misleads(p) && p.Unapplied == "" {
		fixes = append(fixes, func() analysis.SuggestedFix { return writeThese(pass, p, both) })
	}
	return fixes
}

func writeThese(pass *analysis.Pass, p *cluster.Policy, types []networkingv1.PolicyType) analysis.SuggestedFix {
	f := newFix(pass)
	meant := *p
	meant.Types = types
	if p.Unapplied == "" {
		f.changes = []netpol.Edit{{Old: p, New: &meant}}
	}
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = string(t)
	}
	d, spec, err := written(p)
	f.fail(err)
	switch {
	case err != nil:
	case child(spec, "policyTypes") != nil:
		f.edit(edit.ReplaceValue(d, spec, "policyTypes", texts(words...)))
	case child(spec, "podSelector") != nil:
		f.edit(edit.InsertKey(d, spec, "podSelector", "policyTypes", texts(words...)))
	default:
		f.edit(edit.InsertKey(d, spec, "", "policyTypes", texts(words...)))
	}
	return f.done(fmt.Sprintf("write policyTypes [%s]", strings.Join(words, ", ")))
}

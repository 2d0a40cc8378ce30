package kustomize

import "testing"

// TestUnreadPatch holds that a patch that cannot be read makes no patch of what
// no file holds, such as the documents of a chart.
func TestUnreadPatch(t *testing.T) {
	w := &Workspace{}
	w.Add(&Kustomization{Dir: "/a", Refs: []Ref{{Role: Patch, Field: "patches", Text: "gone.yaml", Fault: Missing}}})
	if isPatch, isData := w.roles(""); isPatch || isData {
		t.Errorf("a patch: %v, data: %v", isPatch, isData)
	}
}

package lint

import "slices"

// Fixable counts the findings that have a fix: those with a safe one, and those
// whose fixes all change traffic. No finding is counted twice.
func (r *Result) Fixable() (safe, unsafe int) {
	for _, f := range r.Findings {
		switch {
		case slices.ContainsFunc(f.Fixes, func(fix Fix) bool { return fix.Safe }):
			safe++
		case len(f.Fixes) > 0:
			unsafe++
		}
	}
	return safe, unsafe
}

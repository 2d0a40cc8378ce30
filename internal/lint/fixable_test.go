package lint

import "testing"

func TestFixable(t *testing.T) {
	safe, unsafe := Fix{Safe: true}, Fix{}
	tests := []struct {
		name                 string
		findings             []*Finding
		wantSafe, wantUnsafe int
	}{
		{"no findings", nil, 0, 0},
		{"no fixes", []*Finding{{}, {Refused: "a reason"}}, 0, 0},
		{"a safe one", []*Finding{{Fixes: []Fix{safe}}, {}}, 1, 0},
		{"an unsafe one", []*Finding{{}, {Fixes: []Fix{unsafe}}}, 0, 1},
		{"a finding with several counts once, as safe where one is",
			[]*Finding{{Fixes: []Fix{unsafe, safe}}, {Fixes: []Fix{safe, safe}}, {Fixes: []Fix{unsafe, unsafe}}}, 2, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := Result{Findings: test.findings}
			if safe, unsafe := r.Fixable(); safe != test.wantSafe || unsafe != test.wantUnsafe {
				t.Errorf("got %d and %d, want %d and %d", safe, unsafe, test.wantSafe, test.wantUnsafe)
			}
		})
	}
}

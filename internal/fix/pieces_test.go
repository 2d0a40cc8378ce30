package fix

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/source"
)

// TestPieces edits random texts in rounds, and makes of all rounds one: the
// result is the same, and what no round has touched is not part of an edit.
func TestPieces(t *testing.T) {
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 1))
		first := source.New("f", "/f").Rewritten([]byte(strings.Repeat("0123456789\n", random.IntN(4))))
		now, parts := first, newPieces(first)
		for range 1 + random.IntN(3) {
			var edits []source.Edit
			for at := 0; ; {
				from := at + random.IntN(12)
				to := from + random.IntN(3)
				if to > len(now.Src) {
					break
				}
				edits = append(edits, source.Edit{Span: source.Span{File: now, From: from, To: to}, New: strings.Repeat("x", random.IntN(3))})
				at = to + 1
			}
			text, err := now.Apply(edits)
			if err != nil {
				t.Fatal(err)
			}
			now, parts = now.Rewritten(text), parts.edited(edits)
		}
		all := parts.edits(first)
		text, err := first.Apply(all)
		if err != nil || string(text) != string(now.Src) {
			t.Fatalf("seed %d: %v: %q, want %q, by %v", seed, err, text, now.Src, all)
		}
		for _, e := range all {
			if e.From == e.To && e.New == "" {
				t.Errorf("seed %d: an edit of nothing at %d", seed, e.From)
			}
		}
	}
}

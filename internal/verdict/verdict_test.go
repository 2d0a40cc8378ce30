package verdict

import "testing"

func TestTables(t *testing.T) {
	for _, c := range []struct{ a, b, and Verdict }{
		{No, No, No},
		{No, Unknown, No},
		{No, Yes, No},
		{Unknown, Unknown, Unknown},
		{Unknown, Yes, Unknown},
		{Yes, Yes, Yes},
	} {
		for _, p := range [][2]Verdict{{c.a, c.b}, {c.b, c.a}} {
			if got := And(p[0], p[1]); got != c.and {
				t.Errorf("And(%v, %v) = %v, want %v", p[0], p[1], got, c.and)
			}
		}
	}
	if And() != Yes {
		t.Error("an empty And is not yes")
	}
	for v, not := range map[Verdict]Verdict{Yes: No, No: Yes, Unknown: Unknown} {
		if v.Not() != not {
			t.Errorf("%v.Not() = %v", v, v.Not())
		}
	}
	if Of(true) != Yes || Of(false) != No {
		t.Error("Of is wrong")
	}
}

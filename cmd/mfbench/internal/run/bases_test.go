package run

import "testing"

// TestBases: how many the runs of --vary have.
func TestBases(t *testing.T) {
	f := &Request{Runs: [][]Setting{{{"seed", "1"}, {"scale", "1"}}, {{"seed", "1"}, {"scale", "2"}}, {{"seed", "2"}, {"scale", "1"}}}}
	for want, spans := range [][]string{1: nil, 2: {"seed"}, 3: {"seed", "scale"}} {
		if want > 0 && (&MethodFlags{Spans: spans}).Bases(f) != want {
			t.Errorf("spans %v: not %d bases", spans, want)
		}
	}
}

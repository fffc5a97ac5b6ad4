package deep

import (
	"fmt"
	"math"

	"lowrank/solvers"
)

// theoryState is what Save writes: recursions, hitting times and, of every
// claim, the observation closest to failing, from which its bound is made
// again.
type theoryState struct {
	Last, Leaves             int
	Problem                  string
	Wrong                    string
	Hits, Flips, Lost        []int
	Began                    []int
	PrevA, PrevB, X, Y, A, B []uint64
	Gap                      uint64
	Growth                   []uint64
	Seen                     []bool
	At, Which                []int
	Left, Right, Rounding    []uint64
}

// problem names what a state belongs to.
func (l *ledger) problem() string {
	return fmt.Sprintf("%d %b %b %v %b %b %b %+v", l.depth, l.lambda, l.eta, l.start.Kind, l.start.Alpha, l.start.Beta, l.opts.Accuracies, l.opts.Windows)
}

// Save returns the state of the checks.
func (l *ledger) Save() ([]byte, error) {
	st := theoryState{
		Last: l.last, Leaves: l.left, Growth: bits(l.growth), Problem: l.problem(), Wrong: l.wrong, Hits: l.hits, Flips: l.flips, Lost: l.lost,
		PrevA: bits(l.prevA), PrevB: bits(l.prevB), X: bits(l.x), Y: bits(l.y), Gap: math.Float64bits(l.gap),
	}
	for _, p := range l.pair {
		st.A, st.B = append(st.A, math.Float64bits(p.A)), append(st.B, math.Float64bits(p.B))
	}
	for _, first := range l.firsts() {
		st.Began = append(st.Began, *first)
	}
	for _, c := range l.claims {
		st.Seen, st.At, st.Which = append(st.Seen, c.seen), append(st.At, c.bound.At), append(st.Which, c.which)
		st.Left = append(st.Left, math.Float64bits(c.bound.Left))
		st.Right = append(st.Right, math.Float64bits(c.bound.Right))
		st.Rounding = append(st.Rounding, math.Float64bits(c.rounding))
	}
	return solvers.EncodeState(st)
}

// Restore sets the state that Save returned.
func (l *ledger) Restore(data []byte) error {
	var st theoryState
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	if st.Problem != l.problem() || len(st.Seen) != len(l.claims) || len(st.Began) != len(l.firsts()) {
		return fmt.Errorf("the state of the checks belongs to another problem; expected one of the same target, start, step and options")
	}
	l.last, l.left, l.wrong, l.gap = st.Last, st.Leaves, st.Wrong, math.Float64frombits(st.Gap)
	for i, first := range l.firsts() {
		*first = st.Began[i]
	}
	copy(l.hits, st.Hits)
	copy(l.flips, st.Flips)
	copy(l.lost, st.Lost)
	for dst, src := range map[*[]float64][]uint64{&l.prevA: st.PrevA, &l.prevB: st.PrevB, &l.x: st.X, &l.y: st.Y, &l.growth: st.Growth} {
		for i, v := range src {
			(*dst)[i] = math.Float64frombits(v)
		}
	}
	for i := range l.pair {
		l.pair[i] = FactorPair{A: math.Float64frombits(st.A[i]), B: math.Float64frombits(st.B[i])}
	}
	for i, c := range l.claims {
		c.bound, c.seen, c.which = solvers.NewBound(c.name, c.source, 0), false, -1
		if st.Seen[i] {
			c.observe(st.At[i], math.Float64frombits(st.Left[i]), math.Float64frombits(st.Right[i]), math.Float64frombits(st.Rounding[i]), st.Which[i])
		}
	}
	return nil
}

func bits(x []float64) []uint64 {
	b := make([]uint64, len(x))
	for i, v := range x {
		b[i] = math.Float64bits(v)
	}
	return b
}

package sensing_test

import (
	"context"
	"math"
	"testing"

	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

// iterates keeps U_t at some t, beside a recorder.
type iterates struct {
	solvers.Recorder
	s    *sensing.Solver[float64]
	kept map[int]exactMatrix // nil at those that are to be kept
}

func (k iterates) Record(t int) error {
	if _, wanted := k.kept[t]; wanted {
		k.kept[t] = exactOf(k.s.U())
	}
	return k.Recorder.Record(t)
}

// sine is ‖(I − VVᵀ)W‖ of orthonormal columns.
func (v exactMatrix) sine(w exactMatrix) float64 {
	inside := v.times(v.transposed().times(w))
	rest := make(exactMatrix, len(w))
	for i := range w {
		for j := range w[i] {
			rest[i] = append(rest[i], exactly(0).Sub(w[i][j], inside[i][j]))
		}
	}
	return rest.spectralNorm()
}

// The angle between L_t and the leading space of the power method, κ(X) = 2 and 1000
// iterations, is that of the same iterates U_t in exact arithmetic, to rounding errors of L_t.
func TestGradientAgainstPowerExactly(t *testing.T) {
	const n, rank, r = 10, 2, 4
	a, x, y := halved(t, n)
	s := solver(t, a, y, sensing.RandomStart(n, r, 1e-4, r), 0.25)
	rec := powered(t, s, x)
	_, growth := exactBack(t, s)
	power := exactOf(s.U())
	kept := map[int]exactMatrix{0: nil, 7: nil, 30: nil, 60: nil, 100: nil, 200: nil, 300: nil, 1000: nil}
	schedule := solvers.Schedule{Recorder: iterates{rec, s, kept}, Every: 1}
	if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 1000}, schedule); err != nil {
		t.Fatal(err)
	}
	angles, largest := rec.Trace.Column("gd_power_angle"), 0.
	for k := range 1001 {
		if u, ok := kept[k]; ok {
			want := power.leadingLeft(rank).sine(u.leadingLeft(rank))
			largest = max(largest, want)
			if got := angles[k]; !(math.Abs(got-want) <= 1e-12) {
				t.Errorf("t = %d: the angle of gradient descent to the power method is %.17g, want %.17g", k, got, want)
			}
		}
		power = growth.times(power)
	}
	if largest < 0.01 { // they part in phase III
		t.Errorf("the angles are at most %g; the case tests nothing", largest)
	}
}

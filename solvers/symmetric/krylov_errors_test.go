package symmetric

import (
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
)

// TestErrorsOfAStep: what moves the perturbations, against plain loops with the matrix that
// H, its coupling and what stands for the block that waits make together.
func TestErrorsOfAStep(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, r := range []int{1, 2, 3, 5} {
		const d, eta = 60, 0.2
		lambda := make([]float64, d)
		for i := range lambda {
			lambda[i] = 1 - float64(i)/d
		}
		k, err := NewKrylov(b, operator.NewDiagonal(b, lambda), RandomStart(d, r, 0.5, 1), eta, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if err := k.Step(); err != nil {
				t.Fatal(err)
			}
		}
		k.sync()
		e, s := k.estimate, k.Solver
		e.local(s)
		fill := func(m blas.General[float64]) {
			for i := range m.Data {
				m.Data[i] = rnd.NormFloat64()
			}
		}
		fill(e.within.All())
		fill(e.outside)
		n, coupling := e.size, e.space.Coupling()
		out := coupling.Rows
		if out == 0 {
			t.Fatal("the basis is closed")
		}
		all := n + out
		h, z := blas.NewGeneral[float64](all, all), blas.NewGeneral[float64](all, r)
		for i := range n {
			copy(z.Row(i), s.x.Row(i))
			for j := range n {
				h.Row(i)[j] = e.space.Projection().At(i, j)
			}
		}
		for i := range out {
			h.Row(n + i)[n+i] = e.beyond
			for j, v := range coupling.Row(i) {
				h.Row(n + i)[n-coupling.Cols+j], h.Row(n - coupling.Cols + j)[n+i] = v, v
			}
		}
		moved := func(delta blas.General[float64]) blas.General[float64] {
			p, to := make([]float64, r*r), delta.Clone()
			for a := range r {
				for c := range r {
					for i := range all {
						p[a*r+c] += z.Row(i)[a]*delta.Row(i)[c] + delta.Row(i)[a]*z.Row(i)[c]
					}
				}
			}
			for i := range all {
				for c := range r {
					var sum float64
					for j := range all {
						sum += h.Row(i)[j] * delta.Row(j)[c]
					}
					for a := range r {
						sum -= delta.Row(i)[a]*s.g[a*r+c] + z.Row(i)[a]*p[a*r+c]
					}
					to.Row(i)[c] += eta * sum
				}
			}
			return to
		}
		cut := krylov.Padded(e.within.Cut(), all)
		cut.RowsOf(n, all).Copy(e.outside)
		wantCut := moved(cut)
		for i := range out { // what leaves the basis in this step
			for j, v := range coupling.Row(i) {
				for c, z := range s.x.Row(n - coupling.Cols + j) {
					wantCut.Row(n + i)[c] += eta * v * z
				}
			}
		}
		wantRounding := moved(krylov.Padded(e.within.Rounding(1), all))
		e.move(s)
		off := func(want, got blas.General[float64]) (most float64) {
			for i := range got.Rows {
				for c, v := range got.Row(i) {
					most = max(most, math.Abs(v-want.Row(i)[c]))
				}
			}
			return most
		}
		if e1, e2 := off(wantCut, e.within.Cut()), off(wantCut.RowsOf(n, all), e.outside); e1 > 1e-13 || e2 > 1e-13 {
			t.Errorf("r = %d: what left the basis is off by %g in it and by %g outside", r, e1, e2)
		}
		if e := off(wantRounding, e.within.Rounding(1)); e > 1e-13 {
			t.Errorf("r = %d: rounding is off by %g", r, e)
		}
	}
}

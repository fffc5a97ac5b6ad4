package asymmetric

import (
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers/operator"
)

// TestErrorsOfAStep: what moves the perturbation of what left the bases, against plain
// loops with the matrix that B and both couplings make together.
func TestErrorsOfAStep(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	a := blas.NewGeneral[float64](70, 60)
	for i := range a.Cols {
		a.Row(i)[i] = 1 - float64(i)/60
	}
	for _, order := range []Order{Simultaneous, Alternating} {
		for _, r := range []int{1, 2, 3, 5} {
			const eta = 0.2
			start := RandomStart(70, 60, r, 4)
			k, err := NewKrylov(b, operator.RectangularOf(b, a), start.X, start.Y, eta, order, 0)
			if err != nil {
				t.Fatal(err)
			}
			for range 4 {
				if err := k.Step(); err != nil {
					t.Fatal(err)
				}
			}
			k.sync()
			e, s := k.estimate, k.Solver
			fill := func(m blas.General[float64]) {
				for i := range m.Data {
					m.Data[i] = rnd.NormFloat64()
				}
			}
			for _, m := range []blas.General[float64]{e.ofX.All(), e.ofY.All(), e.farX, e.farY} {
				fill(m)
			}
			p, q := k.pair.Sizes()
			toLeft, toRight := k.pair.Couplings()
			if toLeft.Rows == 0 || toRight.Rows == 0 {
				t.Fatal("a basis is closed")
			}
			// B, C and D as one matrix, X and Y with rows of zeros for the blocks that wait.
			whole := blas.NewGeneral[float64](p+toLeft.Rows, q+toRight.Rows)
			for i := range p {
				for j := range q {
					whole.Row(i)[j] = k.pair.Inner().At(i, j)
				}
			}
			for i := range toLeft.Rows {
				copy(whole.Row(p + i)[q-toLeft.Cols:], toLeft.Row(i))
			}
			for i := range toRight.Rows {
				for j, v := range toRight.Row(i) {
					whole.Row(p - toRight.Cols + j)[q+i] = v
				}
			}
			x, y := below(s.x, whole.Rows), below(s.y, whole.Cols)
			dx, dy := below(e.ofX.Cut(), whole.Rows), below(e.ofY.Cut(), whole.Cols)
			dx.RowsOf(p, whole.Rows).Copy(e.farX)
			dy.RowsOf(q, whole.Cols).Copy(e.farY)
			e.local(s)
			if err := s.Step(); err != nil {
				t.Fatal(err)
			}
			e.step(s)
			nextX := below(s.x, whole.Rows)
			wantX := movedPlainly(whole, false, eta, p, q, x, y, dx, dy)
			wantY := movedPlainly(whole, true, eta, q, p, y, x, dy, dx)
			if order == Alternating {
				wantY = movedPlainly(whole, true, eta, q, p, y, nextX, dy, wantX)
			}
			for name, side := range map[string]struct{ want, cut, far blas.General[float64] }{
				"X": {wantX, e.ofX.Cut(), e.farX}, "Y": {wantY, e.ofY.Cut(), e.farY},
			} {
				for i := range side.want.Rows {
					got := side.cut
					at := i
					if i >= got.Rows {
						got, at = side.far, i-got.Rows
					}
					for c, v := range side.want.Row(i) {
						if off := math.Abs(got.Row(at)[c] - v); off > 1e-12 {
							t.Fatalf("order %v, r = %d: δ%s is off by %g in row %d of %d and %d", order, r, name, off, i, side.cut.Rows, side.far.Rows)
						}
					}
				}
			}
		}
	}
}

// below is z with rows of zeros below it.
func below(z blas.General[float64], rows int) blas.General[float64] {
	all := blas.NewGeneral[float64](rows, z.Cols)
	all.RowsOf(0, z.Rows).Copy(z)
	return all
}

// movedPlainly is δX + η(MδY − δX·YᵀY − X(YᵀδY + δYᵀY)) in the first p rows, with MY for the
// matrix M, or its transpose: below them, outside of the basis, δX + ηM(Y + δY).
func movedPlainly(m blas.General[float64], transposed bool, eta float64, p, q int, x, y, dx, dy blas.General[float64]) blas.General[float64] {
	r, to := x.Cols, dx.Clone()
	at := func(i, j int) float64 {
		if transposed {
			return m.Row(j)[i]
		}
		return m.Row(i)[j]
	}
	g, cross := make([]float64, r*r), make([]float64, r*r)
	for j := range q {
		for a := range r {
			for c := range r {
				g[a*r+c] += y.Row(j)[a] * y.Row(j)[c]
				cross[a*r+c] += y.Row(j)[a]*dy.Row(j)[c] + dy.Row(j)[a]*y.Row(j)[c]
			}
		}
	}
	for i := range to.Rows {
		for c := range r {
			var sum float64
			for j := range y.Rows {
				sum += at(i, j) * dy.Row(j)[c]
				if i >= p {
					sum += at(i, j) * y.Row(j)[c]
				}
			}
			for a := 0; a < r && i < p; a++ {
				sum -= dx.Row(i)[a]*g[a*r+c] + x.Row(i)[a]*cross[a*r+c]
			}
			to.Row(i)[c] += eta * sum
		}
	}
	return to
}

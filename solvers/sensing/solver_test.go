package sensing_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/internal/testsolvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// TestFloat32 follows the float64 trajectory to single precision.
func TestFloat32(t *testing.T) {
	const n, m, r, steps = 25, 120, 3, 60
	rnd := rand.New(rand.NewPCG(2, 2))
	rows, a := vectors(rnd, m, n)
	row, col, one := places(rnd, m, n)
	var all []blas.General[float64]
	for range m {
		all = append(all, wigner(rnd, n))
	}
	u0 := sensing.RandomStart(n, r, 0.1, 1)
	for _, backend := range testsolvers.Backends() {
		b := testsolvers.Open(t, backend, 2)
		for form, c := range map[string]struct {
			measurement
			single operator.Measurement[float32]
		}{
			"matrices": {measurement{matricesOf(b, n, all), all, 0.02}, operator.NewMatrices(b, n, m, func(i int, dst []float32) {
				for p, at := 0, 0; p < n; p++ {
					for q := 0; q <= p; q, at = q+1, at+1 {
						dst[at] = float32(all[i].Row(p)[q])
					}
				}
			})},
			"rank one": {measurement{operator.NewRankOne(b, rows), a, 0.005}, operator.NewRankOne(b, blas.Convert[float32](rows))},
			"entries":  {measurement{operator.NewEntries[float64](b, n, row, col), one, 2}, operator.NewEntries[float32](b, n, row, col)},
		} {
			y := measured(c.a, truth(n, 2))
			y32 := make([]float32, m)
			for i, v := range y {
				y32[i] = float32(v)
			}
			s64 := solver(t, c.op, y, u0, c.mu)
			s32, err := sensing.New(c.single, y32, blas.Convert[float32](u0), c.mu)
			if err != nil {
				t.Fatal(err)
			}
			testsolvers.Follow(t, backend+" "+form, s32, s64, steps,
				func() iterate { return iterate{blas.Convert[float64](s32.U())} }, func() iterate { return iterate{s64.U()} }, 1e-4)
		}
	}
}

func TestStorage(t *testing.T) {
	const n, m, r = 12, 30, 5
	for form, c := range measurements(testsolvers.Open(t, "native", 1), n, m, 1) {
		s := solver(t, c.op, make([]float64, m), sensing.RandomStart(n, r, 1, 1), 0.1)
		if got, want := testsolvers.Elements(s), 4*n*r+2*m; got != want {
			t.Errorf("%s: a solver holds %d elements, want %d", form, got, want)
		}
	}
}

func TestRelativeGradient(t *testing.T) {
	const n, m, r = 11, 40, 3
	for form, c := range measurements(testsolvers.Open(t, "native", 1), n, m, 5) {
		y := measured(c.a, truth(n, 2))
		s := solver(t, c.op, y, sensing.RandomStart(n, r, 0.2, 1), c.mu)
		back := adjoint(c.a, y)
		for range 10 {
			gradient := testsolvers.Times(adjoint(c.a, residual(c.a, y, s.U())), s.U())
			testsolvers.Near(t, form, s.RelativeGradient(), norm(gradient.Data)/norm(testsolvers.Times(back, s.U()).Data), 1e-10)
			testsolvers.Advance(t, s, 1)
		}
		zero := solver(t, c.op, y, blas.NewGeneral[float64](n, r), c.mu)
		if got := zero.RelativeGradient(); got != 0 {
			t.Errorf("%s: the relative gradient at U = 0 is %v", form, got)
		}
		nothing := solver(t, c.op, make([]float64, m), sensing.RandomStart(n, r, 0.2, 1), c.mu)
		if got := nothing.RelativeGradient(); !math.IsNaN(got) {
			t.Errorf("%s: the relative gradient for y = 0 is %v", form, got)
		}
		testsolvers.Near(t, form+" the training error for y = 0", nothing.TrainError(), norm(measured(c.a, nothing.U())), 1e-12)
	}
}

// TestRecovery: from a small start, also of more columns than the rank, the
// trajectory finds the matrix that was measured.
// A trajectory ends at the first iterate with μ‖𝒜(UUᵀ) − y‖ above 10⁶, long before numbers
// overflow.
func TestGrowth(t *testing.T) {
	p := problemOf("entries", 14, 50, 2, 1, 500)
	s := p.New(t, testsolvers.Open(t, "native", 1), p.Start(1))
	grown := func() float64 { return 500 * norm(s.Residual()) }
	for last := grown(); ; last = grown() {
		if last > 1e6 {
			t.Fatalf("μ‖𝒜(UUᵀ) − y‖ was %g at an iterate that was left", last)
		}
		err := s.Step()
		if err == nil {
			continue
		}
		if g := grown(); !(g > 1e6) || !strings.Contains(err.Error(), "growing") {
			t.Errorf("%v at μ‖𝒜(UUᵀ) − y‖ = %g", err, g)
		}
		return
	}
}

func TestRecovery(t *testing.T) {
	const n, rank, m = 20, 2, 200
	rnd := rand.New(rand.NewPCG(6, 6))
	var a []blas.General[float64]
	for range m {
		a = append(a, wigner(rnd, n))
	}
	x := truth(n, rank)
	want := testsolvers.Times(x, testsolvers.Transposed(x))
	for _, backend := range testsolvers.Backends() {
		op := matricesOf(testsolvers.Open(t, backend, 1), n, a)
		y := make([]float64, m)
		if err := op.Measure(y, x); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			r          int
			alpha, tol float64
		}{{rank, 1e-3, 1e-9}, {n, 1e-5, 1e-3}} {
			s := solver(t, op, y, sensing.RandomStart(n, c.r, c.alpha, 1), 0.2)
			testsolvers.Advance(t, s, 3000)
			name := fmt.Sprintf("%s r=%d", backend, c.r)
			testsolvers.Compare(t, name, testsolvers.Times(s.U(), testsolvers.Transposed(s.U())), want, c.tol)
			if !(s.TrainError() <= c.tol) {
				t.Errorf("%s: the training error is %v", name, s.TrainError())
			}
		}
	}
}

// TestSpectral: where all elements are measured, 𝒜*(y) is a multiple of the
// matrix, and the start is its best approximation of that rank.
func TestSpectral(t *testing.T) {
	const n = 12
	var row, col []int
	for i := range n {
		for j := range n {
			row, col = append(row, i), append(col, j)
		}
	}
	for _, backend := range testsolvers.Backends() {
		op := operator.NewEntries[float64](testsolvers.Open(t, backend, 1), n, row, col)
		m := float64(op.Count())
		x := truth(n, 3)
		want := testsolvers.Times(x, testsolvers.Transposed(x))
		y := make([]float64, op.Count())
		if err := op.Measure(y, x); err != nil {
			t.Fatal(err)
		}
		back, err := op.Adjoint(y)
		if err != nil {
			t.Fatal(err)
		}
		u, _, err := sensing.SpectralStart(context.Background(), back, 3, math.Sqrt(m), 1)
		if err != nil {
			t.Fatal(err)
		}
		testsolvers.Compare(t, backend, testsolvers.Times(u, testsolvers.Transposed(u)), want, 1e-10)
		if s := solver(t, op, y, u, 1); !(s.TrainError() <= 1e-10 && s.RelativeGradient() <= 1e-10) {
			t.Errorf("%s: the start has a training error of %v and a relative gradient of %v", backend, s.TrainError(), s.RelativeGradient())
		}
		// Eigenvalues below 0 give columns of 0, and scale scales.
		for e := range y {
			y[e] = -y[e]
		}
		if back, err = op.Adjoint(y); err != nil {
			t.Fatal(err)
		}
		u, pairs, err := sensing.SpectralStart(context.Background(), back, n, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !(pairs.Values[n-1] < -0.01/m) || !(norm(u.Data) <= 1e-7) {
			t.Errorf("%s: the start for a negative matrix has the norm %v, eigenvalues %v", backend, norm(u.Data), pairs.Values)
		}
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := solver(t, measurements(testsolvers.Open(t, "native", 1), n, 30, 1)["matrices"].op, make([]float64, 30), truth(n, 1), 1)
	if _, _, err := sensing.SpectralStart(ctx, s.Back(), 1, 1, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}

// TestBack compares 𝒜*(y) with its definition.
func TestBack(t *testing.T) {
	const n, m, r = 13, 40, 4
	for _, backend := range testsolvers.Backends() {
		for form, c := range measurements(testsolvers.Open(t, backend, 1), n, m, 7) {
			y := testsolvers.Normal(rand.New(rand.NewPCG(8, 8)), m, 1, 1).Data
			s := solver(t, c.op, y, truth(n, r), 1)
			got := blas.NewGeneral[float64](n, r)
			if err := s.Back().Mul(got, truth(n, r)); err != nil {
				t.Fatal(err)
			}
			testsolvers.Compare(t, backend+" "+form, got, testsolvers.Times(adjoint(c.a, y), truth(n, r)), 1e-13)
		}
	}
}

func TestSmall(t *testing.T) {
	for _, r := range []int{1, 20} {
		const n, alpha = 20000, 0.3
		u := sensing.RandomStart(n, r, alpha, 1)
		testsolvers.Near(t, "‖U_0‖²", norm(u.Data)*norm(u.Data), alpha*alpha*n, 0.04)
	}
}

// unreadable fails as measurements on a disk may.
type unreadable struct{ operator.Measurement[float64] }

var errRead = errors.New("read error")

func (unreadable) Measure(dst []float64, u blas.General[float64]) error { return errRead }
func (unreadable) Gradient(dst blas.General[float64], residual []float64, u blas.General[float64], y []float64) error {
	return errRead
}

func TestErrors(t *testing.T) {
	const n, m, r = 8, 20, 2
	op := measurements(testsolvers.Open(t, "native", 1), n, m, 1)["matrices"].op
	y, u0 := make([]float64, m), truth(n, r)
	if _, err := sensing.New(unreadable{op}, y, u0, 0.1); err != errRead {
		t.Errorf("a solver without measurements gives %v", err)
	}
	testsolvers.Panics(t, map[string]func(){
		"U_0":   func() { _, _ = sensing.New(op, y, truth(n+1, r), 0.1) },
		"r = 0": func() { _, _ = sensing.New(op, y, blas.NewGeneral[float64](n, 0), 0.1) },
		"y":     func() { _, _ = sensing.New(op, y[:m-1], u0, 0.1) },
		"μ = 0": func() { _, _ = sensing.New(op, y, u0, 0) },
		"μ NaN": func() { _, _ = sensing.New(op, y, u0, math.NaN()) },
		"μ = ∞": func() { _, _ = sensing.New(op, y, u0, math.Inf(1)) },
	})
}

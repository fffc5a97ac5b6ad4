package symmetric_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/data/problem"
	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// TestFloat32 follows the float64 trajectory to single precision.
func TestFloat32(t *testing.T) {
	const d, r, eta, steps = 300, 3, 0.1, 60
	m := problem.NewDense(problem.Figure1Spectrum(d), 1)
	for _, name := range testsolvers.Backends() {
		b := testsolvers.Open(t, name, 2)
		x0 := symmetric.RandomStart(d, r, 0.5, 1)
		s64 := symmetric.New(b, operator.NewDense(b, d, m.Row), x0, eta)
		s32 := symmetric.New(b, operator.NewDense(b, d, func(i int, dst []float32) {
			row := make([]float64, len(dst))
			m.Row(i, row)
			for j, v := range row {
				dst[j] = float32(v)
			}
		}), blas.Convert[float32](x0), eta)
		testsolvers.Follow(t, name, s32, s64, steps,
			func() iterate { return iterate{blas.Convert[float64](s32.X())} }, func() iterate { return iterate{s64.X()} }, 1e-4)
	}
}

// TestDistance compares ‖Σ − XXᵀ‖_F of every operator with the definition, at
// a random X and where XXᵀ = Σ up to rounding.
func TestDistance(t *testing.T) {
	for _, name := range testsolvers.Backends() {
		b := testsolvers.Open(t, name, 2)
		for _, d := range []int{1, 5, 64, 150} {
			for form, c := range operators(b, d, 4) {
				x := symmetric.RandomStart(d, min(3, d), 0.7, 1)
				var wantD, wantN float64
				for i := range d {
					for j := range d {
						e := c.sigma.Row(i)[j]
						wantN += e * e
						for k, v := range x.Row(i) {
							e -= v * x.Row(j)[k]
						}
						wantD += e * e
					}
				}
				gotD, gotN, err := operator.Distance(c.op, x)
				if err != nil {
					t.Fatal(err)
				}
				if !(math.Abs(gotD-math.Sqrt(wantD)) <= 1e-12 && math.Abs(gotN-math.Sqrt(wantN)) <= 1e-12) {
					t.Errorf("%s %s d=%d: %v and %v, want %v and %v", name, form, d, gotD, gotN, math.Sqrt(wantD), math.Sqrt(wantN))
				}
			}
		}
		// Σ = vvᵀ exactly.
		const d = 200
		x := symmetric.RandomStart(d, 2, 1, 9)
		lambda := make([]float64, d)
		lambda[3], lambda[150] = 4, 9
		diag := blas.NewGeneral[float64](d, 2)
		diag.Row(3)[1], diag.Row(150)[0] = 2, -3
		for form, c := range map[string]struct {
			op operator.Operator[float64]
			x  blas.General[float64]
		}{
			"lowrank":  {operator.NewLowRank(b, x, []float64{1, 1}), x},
			"diagonal": {operator.NewDiagonal(b, lambda), diag},
		} {
			if got, norm, _ := operator.Distance(c.op, c.x); got > 1e-14*norm {
				t.Errorf("%s %s: distance %v of an exact factorization, ‖Σ‖ = %v", name, form, got, norm)
			}
		}
	}
}

// TestOneOperatorManyUsers: solvers of different ranks, distances and
// eigenpairs take turns on one operator.
func TestOneOperatorManyUsers(t *testing.T) {
	b := testsolvers.Open(t, "native", 2)
	for form, c := range operators(b, 90, 6) {
		for _, op := range []operator.Operator[float64]{c.op, plain{c.op}} {
			two := symmetric.New(b, op, symmetric.RandomStart(90, 2, 0.3, 1), 0.05)
			five := symmetric.New(b, op, symmetric.RandomStart(90, 5, 0.3, 1), 0.05)
			for range 5 {
				if err := errors.Join(two.Step(), five.Step()); err != nil {
					t.Fatal(err)
				}
				if _, _, err := operator.Distance(op, two.X()); err != nil {
					t.Fatal(err)
				}
			}
			testsolvers.Compare(t, "two columns", two.X(), steps(c.sigma, symmetric.RandomStart(90, 2, 0.3, 1), 0.05, 5), 1e-12)
			testsolvers.Compare(t, "five columns", five.X(), steps(c.sigma, symmetric.RandomStart(90, 5, 0.3, 1), 0.05, 5), 1e-12)
			if t.Failed() {
				t.Fatal(form)
			}
		}
	}
}

// plain hides what an operator can do beyond the interface.
type plain struct{ operator.Operator[float64] }

// TestPlainOperator runs everything through the bare interface.
func TestPlainOperator(t *testing.T) {
	b := testsolvers.Open(t, "native", 2)
	lambda := problem.Figure1Spectrum(150)
	x0 := symmetric.RandomStart(150, 2, 0.5, 1)
	direct := symmetric.New(b, operator.NewDiagonal(b, lambda), x0, 0.1)
	bare := symmetric.New(b, plain{operator.NewDiagonal(b, lambda)}, x0, 0.1)
	for range 100 {
		if err := errors.Join(direct.Step(), bare.Step()); err != nil {
			t.Fatal(err)
		}
	}
	testsolvers.Compare(t, "X", bare.X(), direct.X(), 1e-13)
	d1, n1, _ := operator.Distance(operator.NewDiagonal(b, lambda), x0)
	d2, n2, _ := operator.Distance(plain{operator.NewDiagonal(b, lambda)}, x0)
	if !(math.Abs(d1-d2) <= 1e-13 && math.Abs(n1-n2) <= 1e-13) {
		t.Errorf("distances %v, %v; norms %v, %v", d1, d2, n1, n2)
	}
}

// TestDivergence: Σ = 0 and ησ_1²(X_0) ≥ 3 at least doubles σ_1 in every step (the example
// of section 4.2): σ_1(X_{t+1}) ≥ (ησ_1²(X_t) − 1)σ_1(X_t) ≥ 2σ_1(X_t). The text has > in the
// last, which is an equality at ησ_1² = 3.
func TestDivergence(t *testing.T) {
	const d, r, eta, rounding = 80, 2, 0.1, 1e-12
	for _, name := range testsolvers.Backends() {
		b := testsolvers.Open(t, name, 2)
		for form, op := range zeros(d) {
			for _, level := range []float64{3, 3.1, 3.5, 10} {
				x0 := blas.NewGeneral[float64](d, r)
				for k := range r {
					x0.Row(k)[k] = math.Sqrt(level/eta) / float64(k+1)
				}
				s := symmetric.New(b, op(b), x0, eta)
				var end *solvers.Divergence
				for err := error(nil); err == nil; {
					sigma, at := s.SingularValues()[0], s.Iteration()
					if err = s.Step(); err != nil && !errors.As(err, &end) {
						t.Fatal(err)
					}
					if s.Iteration() == at {
						break // the next iterate is not finite
					}
					now := s.SingularValues()[0]
					if least := (eta*sigma*sigma - 1) * sigma; now < least*(1-rounding) || least < 2*sigma*(1-rounding) {
						t.Errorf("%s %s, level %v: σ_1 went from %v to %v; expected at least %v", name, form, level, sigma, now, least)
					}
				}
				if end == nil || end.Reason == "" {
					t.Errorf("%s %s, level %v: ends with %v", name, form, level, end)
				}
			}
		}
	}
}

func TestRun(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	const d = 50
	op := operator.NewDiagonal(b, problem.Figure1Spectrum(d))
	newSolver := func() *symmetric.Solver[float64] {
		return symmetric.New(b, op, symmetric.RandomStart(d, 2, 0.5, 1), 0.1)
	}

	s := newSolver()
	rec := symmetric.NewRecorder(s, nil)
	res, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 25}, solvers.Schedule{Recorder: rec, Every: 10})
	if err != nil || res.Status != solvers.IterationLimit || res.Iterations != 25 || res.Passes != 25 {
		t.Errorf("%+v, %v", res, err)
	}
	if got := fmt.Sprint(rec.Trace.Column("t")); got != "[0 10 20 25]" {
		t.Errorf("recorded at %s", got)
	}

	s = newSolver()
	res, err = solvers.Run(context.Background(), s, solvers.Stop{Iterations: 100000, Tolerance: 1e-10}, solvers.Schedule{})
	if err != nil || res.Status != solvers.Converged || res.Gradient > 1e-10 || res.Iterations < 100 {
		t.Errorf("%+v, %v", res, err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s = newSolver()
	res, err = solvers.Run(ctx, s, solvers.Stop{Iterations: 10}, solvers.Schedule{})
	if err != nil || res.Status != solvers.Cancelled || res.Iterations != 0 {
		t.Errorf("%+v, %v", res, err)
	}

	s = newSolver()
	broken := errors.New("disk full")
	if res, err = solvers.Run(context.Background(), s, solvers.Stop{Iterations: 10}, solvers.Schedule{Recorder: failing{broken}, Every: 1}); err != broken || res.Status != solvers.Failed {
		t.Errorf("%+v, %v", res, err)
	}
	if res, err = solvers.Run(context.Background(), symmetric.New(b, unreadable{op}, symmetric.RandomStart(d, 2, 0.5, 1), 0.1), solvers.Stop{Iterations: 10}, solvers.Schedule{}); err == nil || res.Status != solvers.Failed {
		t.Errorf("%+v, %v", res, err)
	}
}

type failing struct{ err error }

func (f failing) Record(int) error { return f.err }

type unreadable struct{ operator.Operator[float64] }

func (unreadable) Mul(dst, x blas.General[float64]) error { return errors.New("read error") }

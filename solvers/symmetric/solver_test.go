package symmetric_test

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
	"lowrank/data/problem"
	"lowrank/kernel"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// reference is iteration (9) as it stands in the paper, with plain loops.
func reference(sigma [][]float64, x [][]float64, eta float64, steps int) [][]float64 {
	d, r := len(x), len(x[0])
	for range steps {
		next := make([][]float64, d)
		gram := make([][]float64, r)
		for a := range gram {
			gram[a] = make([]float64, r)
			for b := range r {
				for i := range d {
					gram[a][b] += x[i][a] * x[i][b]
				}
			}
		}
		for i := range d {
			next[i] = make([]float64, r)
			for a := range r {
				var s float64
				for j := range d {
					s += sigma[i][j] * x[j][a]
				}
				for b := range r {
					s -= x[i][b] * gram[b][a]
				}
				next[i][a] = x[i][a] + eta*s
			}
		}
		x = next
	}
	return x
}

func rowsOf(m blas.General[float64]) [][]float64 {
	rows := make([][]float64, m.Rows)
	for i := range rows {
		rows[i] = append([]float64(nil), m.Row(i)...)
	}
	return rows
}

func open(t testing.TB, name string, threads int) *blas.Backend {
	t.Helper()
	b, err := blas.Open(name, threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func compiledBackends() []string {
	var names []string
	for _, b := range kernel.Backends() {
		if b.HowToBuild == "" {
			names = append(names, b.Name)
		}
	}
	return names
}

// operators returns the same Σ in every form that can hold it, and Σ itself.
func operators(b *blas.Backend, d int, rnd *rand.Rand) map[string]struct {
	op    operator.Operator[float64]
	sigma [][]float64
} {
	square := func() [][]float64 {
		a := make([][]float64, d)
		for i := range a {
			a[i] = make([]float64, d)
		}
		return a
	}
	type entry = struct {
		op    operator.Operator[float64]
		sigma [][]float64
	}
	all := map[string]entry{}

	dense := square() // indefinite
	for i := range d {
		for j := range i + 1 {
			v := rnd.NormFloat64() / math.Sqrt(float64(d))
			dense[i][j], dense[j][i] = v, v
		}
	}
	all["dense"] = entry{operator.NewDense(b, d, func(i int, dst []float64) { copy(dst, dense[i]) }), dense}

	diagonal, lambda := square(), make([]float64, d)
	for i := range lambda {
		lambda[i] = rnd.Float64() - 0.2
		diagonal[i][i] = lambda[i]
	}
	all["diagonal"] = entry{operator.NewDiagonal(b, lambda), diagonal}

	k := 5
	u, weights, lowrank := blas.NewGeneral[float64](d, k), []float64{1, 0.5, -0.3, 0.2, 2}, square()
	for i := range u.Data {
		u.Data[i] = rnd.NormFloat64() / math.Sqrt(float64(d))
	}
	for i := range d {
		for j := range d {
			for c, w := range weights {
				lowrank[i][j] += u.Row(i)[c] * w * u.Row(j)[c]
			}
		}
	}
	all["lowrank"] = entry{operator.NewLowRank(b, u, weights), lowrank}

	n := 37
	z, gram := blas.NewGeneral[float64](n, d), square()
	for i := range z.Data {
		z.Data[i] = rnd.NormFloat64() / 2
	}
	for i := range d {
		for j := range d {
			for o := range n {
				gram[i][j] += z.Row(o)[i] * z.Row(o)[j] / float64(n)
			}
		}
	}
	all["gram"] = entry{operator.NewGram(b, z), gram}

	column, toeplitz := make([]float64, d), square()
	for i := range column {
		column[i] = math.Exp(-float64(i)/3) * rnd.NormFloat64()
	}
	for i := range d {
		for j := range d {
			toeplitz[i][j] = column[max(i-j, j-i)]
		}
	}
	all["toeplitz"] = entry{operator.NewToeplitz(b, column), toeplitz}
	return all
}

// TestTrajectories compares hundreds of iterations with the reference: every
// operator on every backend, odd d, r from 1 to 33.
func TestTrajectories(t *testing.T) {
	const eta = 0.1
	for _, name := range compiledBackends() {
		for _, shape := range [][2]int{{1, 1}, {7, 1}, {67, 2}, {130, 3}, {97, 8}, {71, 33}, {700, 2}, {523, 7}} {
			d, r := shape[0], shape[1]
			steps := 200
			if d > 256 { // several tiles; the reference is slow
				steps = 10
			}
			for form, c := range operators(open(t, name, 2), d, rand.New(rand.NewPCG(1, uint64(d)))) {
				t.Run(fmt.Sprintf("%s/%s/d=%d/r=%d", name, form, d, r), func(t *testing.T) {
					x0 := symmetric.Large(d, r, 0.5, 7)
					want := reference(c.sigma, rowsOf(x0), eta, steps)
					s := symmetric.New(open(t, name, 2), c.op, x0, eta)
					for range steps {
						if err := s.Step(); err != nil {
							t.Fatal(err)
						}
					}
					compare(t, s.X(), want, 1e-11)
					if s.Iteration() != steps || s.Passes() != steps {
						t.Errorf("iteration %d, passes %d", s.Iteration(), s.Passes())
					}
				})
			}
		}
	}
}

func compare(t *testing.T, x blas.General[float64], want [][]float64, tol float64) {
	t.Helper()
	var diff, size float64
	for i := range want {
		for j, w := range want[i] {
			diff += (x.Row(i)[j] - w) * (x.Row(i)[j] - w)
			size += w * w
		}
	}
	if !(math.Sqrt(diff) <= tol*math.Sqrt(size)) {
		t.Errorf("relative difference %v", math.Sqrt(diff/size))
	}
}

// TestFloat32 follows the float64 trajectory to single precision.
func TestFloat32(t *testing.T) {
	const d, r, eta, steps = 300, 3, 0.1, 60
	m := problem.NewDense(problem.Figure1Spectrum(d), 1)
	for _, name := range compiledBackends() {
		b := open(t, name, 2)
		x0 := symmetric.Large(d, r, 0.5, 1)
		s64 := symmetric.New(b, operator.NewDense(b, d, m.Row), x0, eta)
		s32 := symmetric.New(b, operator.NewDense(b, d, func(i int, dst []float32) {
			row := make([]float64, len(dst))
			m.Row(i, row)
			for j, v := range row {
				dst[j] = float32(v)
			}
		}), blas.Convert[float32](x0), eta)
		for range steps {
			if err := errors.Join(s64.Step(), s32.Step()); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, blas.Convert[float64](s32.X()), rowsOf(s64.X()), 1e-4)
	}
}

// TestSameBitsForAnyThreads holds for every backend whose library does not
// thread itself.
func TestSameBitsForAnyThreads(t *testing.T) {
	for _, entry := range kernel.Backends() {
		if entry.HowToBuild != "" || entry.ThreadsItself {
			continue
		}
		for _, shape := range [][2]int{{1500, 2}, {700, 5}, {1100, 33}} {
			d, r := shape[0], shape[1]
			var first map[string]blas.General[float64]
			for _, threads := range []int{1, 2, 3, 7} {
				b := open(t, entry.Name, threads)
				got := map[string]blas.General[float64]{}
				m := problem.NewDense(problem.Figure1Spectrum(d), 1)
				z := blas.NewGeneral[float64](900, d)
				rnd := rand.New(rand.NewPCG(1, 1))
				for i := range z.Data {
					z.Data[i] = rnd.NormFloat64() / 10
				}
				for form, op := range map[string]operator.Operator[float64]{
					"dense":    operator.NewDense(b, d, m.Row),
					"diagonal": operator.NewDiagonal(b, problem.Figure1Spectrum(d)),
					"lowrank":  operator.NewLowRank(b, m.Eigenvectors(40), problem.Arithmetic(40, 1, 0)),
					"gram":     operator.NewGram(b, z),
				} {
					s := symmetric.New(b, op, symmetric.Large(d, r, 0.5, 3), 0.1)
					for range 10 {
						if err := s.Step(); err != nil {
							t.Fatal(err)
						}
					}
					got[form] = s.X().Clone()
				}
				if first == nil {
					first = got
				}
				for form, x := range got {
					for i, v := range x.Data {
						if v != first[form].Data[i] {
							t.Fatalf("%s %s d=%d r=%d: element %d is %v on %d threads and %v on 1", entry.Name, form, d, r, i, v, threads, first[form].Data[i])
						}
					}
				}
			}
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, name := range compiledBackends() {
		if name == "gonum" {
			continue // its matrix product starts goroutines
		}
		b := open(t, name, 2)
		for form, c := range operators(b, 600, rand.New(rand.NewPCG(2, 2))) {
			for _, r := range []int{2, 5, 70} {
				s := symmetric.New(b, c.op, symmetric.Large(600, r, 0.1, 1), 0.01)
				if err := s.Step(); err != nil {
					t.Fatal(err)
				}
				if n := testing.AllocsPerRun(10, func() { _ = s.Step() }); n != 0 {
					t.Errorf("%s %s r=%d: %v allocations a step", name, form, r, n)
				}
			}
		}
	}
}

// TestGradient compares the step with finite differences of
// f(X) = ¼‖Σ − XXᵀ‖_F².
func TestGradient(t *testing.T) {
	const d, r, eta, h = 23, 3, 0.01, 1e-5
	for form, c := range operators(open(t, "native", 1), d, rand.New(rand.NewPCG(3, 3))) {
		x0 := symmetric.Large(d, r, 1, 2)
		f := func(x blas.General[float64]) float64 {
			var sum float64
			for i := range d {
				for j := range d {
					e := c.sigma[i][j]
					for k := range r {
						e -= x.Row(i)[k] * x.Row(j)[k]
					}
					sum += e * e
				}
			}
			return sum / 4
		}
		s := symmetric.New(open(t, "native", 1), c.op, x0, eta)
		if err := s.Step(); err != nil {
			t.Fatal(err)
		}
		for i := range d {
			for k := range r {
				up, down := x0.Clone(), x0.Clone()
				up.Row(i)[k] += h
				down.Row(i)[k] -= h
				slope := (f(up) - f(down)) / (2 * h)
				got := (x0.Row(i)[k] - s.X().Row(i)[k]) / eta
				if !(math.Abs(got-slope) <= 1e-7) {
					t.Fatalf("%s: gradient (%d, %d) is %v, finite difference %v", form, i, k, got, slope)
				}
			}
		}
	}
}

// TestDistance compares ‖Σ − XXᵀ‖_F of every operator with the definition, at
// a random X and where XXᵀ = Σ up to rounding.
func TestDistance(t *testing.T) {
	for _, name := range compiledBackends() {
		b := open(t, name, 2)
		for _, d := range []int{1, 5, 64, 150} {
			for form, c := range operators(b, d, rand.New(rand.NewPCG(4, uint64(d)))) {
				x := symmetric.Large(d, min(3, d), 0.7, 1)
				var wantD, wantN float64
				for i := range d {
					for j := range d {
						e := c.sigma[i][j]
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
		x := symmetric.Large(d, 2, 1, 9)
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
	b := open(t, "native", 2)
	for form, c := range operators(b, 90, rand.New(rand.NewPCG(6, 6))) {
		for _, op := range []operator.Operator[float64]{c.op, plain{c.op}} {
			two := symmetric.New(b, op, symmetric.Large(90, 2, 0.3, 1), 0.05)
			five := symmetric.New(b, op, symmetric.Large(90, 5, 0.3, 1), 0.05)
			for range 5 {
				if err := errors.Join(two.Step(), five.Step()); err != nil {
					t.Fatal(err)
				}
				if _, _, err := operator.Distance(op, two.X()); err != nil {
					t.Fatal(err)
				}
			}
			compare(t, two.X(), reference(c.sigma, rowsOf(symmetric.Large(90, 2, 0.3, 1)), 0.05, 5), 1e-12)
			compare(t, five.X(), reference(c.sigma, rowsOf(symmetric.Large(90, 5, 0.3, 1)), 0.05, 5), 1e-12)
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
	b := open(t, "native", 2)
	lambda := problem.Figure1Spectrum(150)
	x0 := symmetric.Large(150, 2, 0.5, 1)
	direct := symmetric.New(b, operator.NewDiagonal(b, lambda), x0, 0.1)
	bare := symmetric.New(b, plain{operator.NewDiagonal(b, lambda)}, x0, 0.1)
	for range 100 {
		if err := errors.Join(direct.Step(), bare.Step()); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, bare.X(), rowsOf(direct.X()), 1e-13)
	d1, n1, _ := operator.Distance(operator.NewDiagonal(b, lambda), x0)
	d2, n2, _ := operator.Distance(plain{operator.NewDiagonal(b, lambda)}, x0)
	if !(math.Abs(d1-d2) <= 1e-13 && math.Abs(n1-n2) <= 1e-13) {
		t.Errorf("distances %v, %v; norms %v, %v", d1, d2, n1, n2)
	}
}

// TestDivergence: Σ = 0 and ησ_1²(X_0) ≥ 3 doubles σ_1 every step (section
// 4.2), and a step from huge iterates overflows at once.
func TestDivergence(t *testing.T) {
	const d = 80
	for _, name := range compiledBackends() {
		b := open(t, name, 2)
		zero := map[string]operator.Operator[float64]{
			"dense":    operator.NewDense(b, d, func(i int, dst []float64) {}),
			"diagonal": operator.NewDiagonal(b, make([]float64, d)),
		}
		for form, op := range zero {
			x0 := blas.NewGeneral[float64](d, 2)
			x0.Row(0)[0], x0.Row(1)[1] = math.Sqrt(3.1/0.1), 0.1
			s := symmetric.New(b, op, x0, 0.1)
			sigma := s.SingularValues()[0]
			var d *solvers.Divergence
			for err := error(nil); err == nil; {
				if err = s.Step(); err != nil && !errors.As(err, &d) {
					t.Fatal(err)
				}
				now := s.SingularValues()[0]
				if now < 2*sigma {
					t.Errorf("%s %s: σ_1 went from %v to %v", name, form, sigma, now)
				}
				sigma = now
			}
			for _, scale := range []float64{10, 1e60, 1e120} {
				for i := range x0.Data {
					x0.Data[i] = scale
				}
				s = symmetric.New(b, op, x0, 0.1)
				res, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 1000}, solvers.Schedule{})
				if err != nil || res.Status != solvers.Diverged || !strings.Contains(res.Reason, "diverged at iteration") {
					t.Fatalf("%s %s from %g: %+v, %v", name, form, scale, res, err)
				}
				for i, v := range s.X().Data {
					if math.IsNaN(v) || math.IsInf(v, 0) {
						t.Fatalf("%s %s from %g: element %d of the last iterate is %v", name, form, scale, i, v)
					}
				}
			}
		}
	}
}

func TestRun(t *testing.T) {
	b := open(t, "native", 1)
	const d = 50
	op := operator.NewDiagonal(b, problem.Figure1Spectrum(d))
	newSolver := func() *symmetric.Solver[float64] { return symmetric.New(b, op, symmetric.Large(d, 2, 0.5, 1), 0.1) }

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
	if res, err = solvers.Run(context.Background(), symmetric.New(b, unreadable{op}, symmetric.Large(d, 2, 0.5, 1), 0.1), solvers.Stop{Iterations: 10}, solvers.Schedule{}); err == nil || res.Status != solvers.Failed {
		t.Errorf("%+v, %v", res, err)
	}
}

type failing struct{ err error }

func (f failing) Record(int) error { return f.err }

type unreadable struct{ operator.Operator[float64] }

func (unreadable) Mul(dst, x blas.General[float64]) error { return errors.New("read error") }

package sensing_test

import (
	"context"
	"math"
	"math/big"
	"testing"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// exactBits hold what is left of singular values that lie 10¹⁴⁰ apart, squared.
const exactBits = 1600

// exactMatrix is rows of numbers of exactBits.
type exactMatrix [][]*big.Float

func exactly(x float64) *big.Float { return new(big.Float).SetPrec(exactBits).SetFloat64(x) }

func exactOf(a blas.General[float64]) exactMatrix {
	m := make(exactMatrix, a.Rows)
	for i := range m {
		for _, v := range a.Row(i) {
			m[i] = append(m[i], exactly(v))
		}
	}
	return m
}

func (a exactMatrix) transposed() exactMatrix {
	t := make(exactMatrix, len(a[0]))
	for j := range t {
		for i := range a {
			t[j] = append(t[j], a[i][j])
		}
	}
	return t
}

func (a exactMatrix) times(b exactMatrix) exactMatrix {
	p := make(exactMatrix, len(a))
	for i := range a {
		for j := range b[0] {
			sum := exactly(0)
			for k := range b {
				sum.Add(sum, exactly(0).Mul(a[i][k], b[k][j]))
			}
			p[i] = append(p[i], sum)
		}
	}
	return p
}

// eigen returns the eigenvalues of a symmetric matrix, largest first, and the eigenvectors as
// columns, by Jacobi's rotations.
func (a exactMatrix) eigen() (values []*big.Float, vectors exactMatrix) {
	n := len(a)
	w, v := make(exactMatrix, n), make(exactMatrix, n)
	for i := range n {
		for j := range n {
			w[i] = append(w[i], exactly(0).Set(a[i][j]))
			one := 0.
			if i == j {
				one = 1
			}
			v[i] = append(v[i], exactly(one))
		}
	}
	// x, y ← cx − sy, sx + cy
	turn := func(x, y, c, s *big.Float) {
		p := exactly(0).Sub(exactly(0).Mul(c, x), exactly(0).Mul(s, y))
		q := exactly(0).Add(exactly(0).Mul(s, x), exactly(0).Mul(c, y))
		x.Set(p)
		y.Set(q)
	}
	for range 14 {
		for i := range n {
			for j := i + 1; j < n; j++ {
				if w[i][j].Sign() == 0 {
					continue
				}
				zeta := exactly(0).Quo(exactly(0).Sub(w[j][j], w[i][i]), exactly(0).Mul(exactly(2), w[i][j]))
				root := exactly(0).Sqrt(exactly(0).Add(exactly(1), exactly(0).Mul(zeta, zeta)))
				t := exactly(0).Quo(exactly(1), exactly(0).Add(root, exactly(0).Abs(zeta)))
				if zeta.Sign() < 0 {
					t.Neg(t)
				}
				c := exactly(0).Quo(exactly(1), exactly(0).Sqrt(exactly(0).Add(exactly(1), exactly(0).Mul(t, t))))
				s := exactly(0).Mul(c, t)
				for k := range n {
					turn(w[k][i], w[k][j], c, s)
				}
				for k := range n {
					turn(w[i][k], w[j][k], c, s)
					turn(v[k][i], v[k][j], c, s)
				}
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
		for k := i; k > 0 && w[order[k]][order[k]].Cmp(w[order[k-1]][order[k-1]]) > 0; k-- {
			order[k], order[k-1] = order[k-1], order[k]
		}
	}
	vectors = make(exactMatrix, n)
	for _, from := range order {
		values = append(values, w[from][from])
		for i := range n {
			vectors[i] = append(vectors[i], v[i][from])
		}
	}
	return values, vectors
}

// columns are columns lo … hi−1.
func (a exactMatrix) columns(lo, hi int) exactMatrix {
	c := make(exactMatrix, len(a))
	for i := range a {
		c[i] = a[i][lo:hi]
	}
	return c
}

// spectralNorm is the root of the largest eigenvalue of aᵀa.
func (a exactMatrix) spectralNorm() float64 {
	values, _ := a.transposed().times(a).eigen()
	f, _ := exactly(0).Sqrt(values[0]).Float64()
	return f
}

// leadingLeft is an orthonormal basis of the leading left singular space.
func (a exactMatrix) leadingLeft(rank int) exactMatrix {
	_, right := a.transposed().times(a).eigen()
	b := a.times(right.columns(0, rank))
	for j := range rank {
		sum := exactly(0)
		for i := range b {
			sum.Add(sum, exactly(0).Mul(b[i][j], b[i][j]))
		}
		norm := exactly(0).Sqrt(sum)
		for i := range b {
			b[i][j].Quo(b[i][j], norm)
		}
	}
	return b
}

// halved is measurements of a truth with κ(X) = 2, n×2.
func halved(t *testing.T, n int) (a operator.Measurement[float64], x blas.General[float64], y []float64) {
	t.Helper()
	a, x = ensembleOf(t, n, 500, 1), problem.ConditionedTruth(n, 2, 2, 5)
	y = make([]float64, a.Count())
	if err := a.Measure(y, x); err != nil {
		t.Fatal(err)
	}
	return a, x, y
}

// powered is a recorder of the power method.
func powered(t *testing.T, s *sensing.Solver[float64], x blas.General[float64]) *sensing.Recorder[float64] {
	t.Helper()
	rec, err := sensing.NewRecorder(context.Background(), s, sensing.RecorderOptions{Truth: &x, Rank: x.Cols, Power: true})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// exactBack is 𝒜*(y), and I + μ𝒜*(y).
func exactBack(t *testing.T, s *sensing.Solver[float64]) (back, growth exactMatrix) {
	t.Helper()
	n := s.Back().Dim()
	identity, product := blas.NewGeneral[float64](n, n), blas.NewGeneral[float64](n, n)
	for i := range n {
		identity.Row(i)[i] = 1
	}
	if err := s.Back().Mul(product, identity); err != nil {
		t.Fatal(err)
	}
	back, growth = exactOf(product), exactOf(product)
	for i := range n {
		for j := range n {
			growth[i][j].Mul(growth[i][j], exactly(s.StepSize()))
		}
		growth[i][i].Add(growth[i][i], exactly(1))
	}
	return back, growth
}

// Taken from Ũ_t itself the angles are right to a few per cent, or not told.
func TestPowerOfLargeProblems(t *testing.T) {
	const n = 12
	a, x, y := halved(t, n)
	record := func(forget bool) *sensing.Recorder[float64] {
		s := solver(t, a, y, sensing.RandomStart(n, 4, 1e-4, 1), 0.25)
		rec := powered(t, s, x)
		if forget {
			sensing.ForgetPowers(rec)
		}
		if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 400}, solvers.Schedule{Recorder: rec, Every: 1}); err != nil {
			t.Fatal(err)
		}
		return rec
	}
	exact, plain := record(false), record(true)
	told := 0
	for _, name := range []string{"power_angle", "gd_power_angle"} {
		want := exact.Trace.Column(name)
		for k, got := range plain.Trace.Column(name) {
			if got != got {
				continue
			}
			told++
			if !(math.Abs(got-want[k]) <= 0.05*exact.Trace.Column("power_angle")[k]) {
				t.Errorf("t = %d: %s is %g from the iterate, %g from the eigenvalues", k, name, got, want[k])
			}
		}
		if last := plain.Trace.Column(name)[400]; last == last {
			t.Errorf("%s is %g where rounding hides it", name, last)
		}
	}
	if told < 50 {
		t.Errorf("%d angles are told", told)
	}
}

// The angles of the power method have their digits where the singular values of Ũ_t have long
// drifted apart: κ(X) = 2 and 1000 iterations. Beside it, starts of lower and of full rank.
func TestPowerExactly(t *testing.T) {
	const n, rank = 10, 2
	a, x, y := halved(t, n)
	for _, r := range []int{2, 4, 10, 13} {
		s := solver(t, a, y, sensing.RandomStart(n, r, 1e-4, uint64(r)), 0.25)
		rec := powered(t, s, x)
		back, growth := exactBack(t, s)
		_, v := back.eigen()
		outside := v.columns(rank, n).transposed()
		u := exactOf(s.U())
		at := map[int]bool{0: true, 1: true, 7: true, 30: true, 100: true, 200: true, 300: true, 1000: true}
		stop := solvers.Schedule{Recorder: rec, Every: 1}
		if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 1000}, stop); err != nil {
			t.Fatal(err)
		}
		angles, together := rec.Trace.Column("power_angle"), rec.Trace.Column("gd_power_angle")
		for k := range 1001 {
			if at[k] {
				want := outside.times(u.leadingLeft(rank)).spectralNorm()
				if got := angles[k]; !(math.Abs(got-want) <= 1e-10*want) {
					t.Errorf("r = %d, t = %d: the angle of the power method is %.17g, want %.17g", r, k, got, want)
				}
				if got := together[k]; !(got >= 0 && got <= 1) {
					t.Errorf("r = %d, t = %d: the angle of gradient descent to it is %v", r, k, got)
				}
			}
			u = growth.times(u)
		}
	}
}

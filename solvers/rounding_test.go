package solvers_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/deep"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
	"lowrank/solvers/symmetric"
)

// sequence is a method whose relative gradient is a function of the iterate.
type sequence struct {
	t int
	g func(t int) float64
	solvers.Terms
}

func (s *sequence) Step() error               { s.t++; return nil }
func (s *sequence) Iteration() int            { return s.t }
func (s *sequence) Passes() int               { return s.t }
func (s *sequence) RelativeGradient() float64 { return s.g(s.t) }

type termsOf struct{ *sequence }

func (s termsOf) Terms() solvers.Terms { return s.sequence.Terms }

// TestRoundingOfSequences has the iterate at which the rule ends a gradient between bounds
// that follow from its definition: not before the gradient is at the floor, and not later
// than two stretches after.
func TestRoundingOfSequences(t *testing.T) {
	const floor = 3e-15
	noise := func(t int) float64 { return 1 + 0.05*math.Sin(float64(t*t)) }
	linear := func(rho float64) func(t int) float64 {
		return func(t int) float64 { return max(math.Exp(-rho*float64(t)), floor*noise(t)) }
	}
	reaches := func(rho float64) int { return int(-math.Log(floor) / rho) }
	for name, c := range map[string]struct {
		g           func(t int) float64
		eps         float64
		first, last int // iterates between which it ends; last 0: it does not
	}{
		"fast":           {linear(0.5), 0x1p-52, reaches(0.5), reaches(0.5) + 100},
		"slow":           {linear(1e-2), 0x1p-52, reaches(1e-2), reaches(1e-2) * 4 / 3},
		"very slow":      {linear(2e-4), 0x1p-52, reaches(2e-4), reaches(2e-4) * 4 / 3},
		"never":          {linear(1e-7), 0x1p-52, 0, 0},
		"as t^(-3/2)":    {func(t int) float64 { return math.Pow(float64(t+1), -1.5) }, 0x1p-23, 0, 0},
		"as 1/t":         {func(t int) float64 { return 1 / float64(t+1) }, 0x1p-23, 0, 0},
		"plateau":        {func(t int) float64 { return 1e-9 }, 0x1p-52, 0, 0},
		"plateau of f32": {func(t int) float64 { return 1e-3 }, 0x1p-23, 0, 0},
		"exact":          {func(t int) float64 { return max(0, 1-float64(t)/100) }, 0x1p-52, 100, 108},
		"unknown":        {func(t int) float64 { return math.NaN() }, 0x1p-52, 0, 0},
	} {
		s := termsOf{&sequence{g: c.g, Terms: solvers.Terms{Length: 100, Product: 1, Iterate: 1, Epsilon: c.eps}}}
		res, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 400_000, Rounding: solvers.NewRounding(s)})
		if err != nil {
			t.Fatal(err)
		}
		ended := res.Status == solvers.AtRounding
		if ended != (c.last > 0) || ended && (res.Iterations < c.first || res.Iterations > c.last) {
			t.Errorf("%s: %v after %d iterations; expected from %d to %d", name, res.Status, res.Iterations, c.first, c.last)
		}
	}
}

// TestRoundingResumes ends a run that was broken off anywhere at the same iterate.
func TestRoundingResumes(t *testing.T) {
	g := func(t int) float64 { return max(math.Exp(-0.03*float64(t)), 1e-15*(1+0.3*math.Sin(float64(t*t)))) }
	start := func(at int) termsOf {
		return termsOf{&sequence{t: at, g: g, Terms: solvers.Terms{Length: 10, Product: 1, Iterate: 1, Epsilon: 0x1p-52}}}
	}
	whole := start(0)
	if res, _ := solvers.Run(context.Background(), whole, solvers.Stop{Iterations: 1e6, Rounding: solvers.NewRounding(whole)}); res.Status != solvers.AtRounding {
		t.Fatal(res.Status)
	}
	for _, broken := range []int{0, 1, 7, 8, 33, 500, 1203, whole.t - 1, whole.t} {
		first := start(0)
		rule := solvers.NewRounding(first)
		if _, err := solvers.Run(context.Background(), first, solvers.Stop{Iterations: broken, Rounding: rule}); err != nil {
			t.Fatal(err)
		}
		state, err := rule.Save()
		if err != nil {
			t.Fatal(err)
		}
		second := start(broken)
		rule = solvers.NewRounding(second)
		if err := rule.Restore(state); err != nil {
			t.Fatal(err)
		}
		res, _ := solvers.Run(context.Background(), second, solvers.Stop{Iterations: 1e6, Rounding: rule})
		if res.Status != solvers.AtRounding || second.t != whole.t {
			t.Errorf("broken at %d: %v at %d; expected %d", broken, res.Status, second.t, whole.t)
		}
	}
}

// spectrumOf is a dense Σ with these eigenvalues: reflected by I − 2vvᵀ.
func spectrumOf[T blas.Float](lambda []float64) blas.General[T] {
	d := len(lambda)
	v := solvers.Gaussian(d, 1, 1, 5, "reflection").Data
	n := solvers.Norm(v)
	s := blas.NewGeneral[T](d, d)
	var vlv float64
	for i := range v {
		v[i] /= n
		vlv += lambda[i] * v[i] * v[i]
	}
	for i := range d {
		for j := range i + 1 {
			e := -2*v[i]*v[j]*(lambda[i]+lambda[j]) + 4*vlv*v[i]*v[j]
			if i == j {
				e += lambda[i]
			}
			s.Row(i)[j], s.Row(j)[i] = T(e), T(e)
		}
	}
	return s
}

// spectra are eigenvalues of Σ, the largest first.
func spectra(d int) map[string][]float64 {
	all := map[string][]float64{}
	add := func(name string, value func(i int) float64) {
		values := make([]float64, d)
		for i := range values {
			values[i] = value(i)
		}
		all[name] = values
	}
	add("flat behind a gap", func(i int) float64 { return map[bool]float64{true: 2 - float64(i)/8, false: 1}[i < 3] })
	add("geometric", func(i int) float64 { return math.Pow(0.7, float64(i)) })
	add("a narrow gap", func(i int) float64 { return map[bool]float64{true: 1, false: 0.9}[i < 3] })
	add("rank three", func(i int) float64 { return map[bool]float64{true: 1 + float64(i), false: 0}[i < 3] })
	add("large negative", func(i int) float64 { return map[bool]float64{true: 1 + float64(i), false: -20}[i < 3] })
	return all
}

// TestRoundingOfSolvers makes runs of all systems until their gradient is at rounding, and
// twice as long again. Ended too early: the gradient falls on. Too late: it had been at its
// floor for long.
func TestRoundingOfSolvers(t *testing.T) {
	for _, name := range []string{"native", "gonum"} {
		b, err := blas.Open(name, 1)
		if err != nil {
			t.Fatal(err)
		}
		for spectrum, lambda := range spectra(40) {
			most := 0.0
			for _, l := range lambda {
				most = max(most, math.Abs(l))
			}
			for _, eta := range []float64{0.25, 0.05} {
				what := fmt.Sprintf("%s, %s, η = %g/σ_1", name, spectrum, eta)
				runsOfMatrix[float64](t, b, what+", f64", lambda, eta/most)
				runsOfMatrix[float32](t, b, what+", f32", lambda, eta/most)
			}
		}
		u := solvers.Gaussian(12, 2, 0.3, 1, "truth")
		ofSensing[float64](t, b, name+", sensing, f64", u)
		ofSensing[float32](t, b, name+", sensing, f32", u)
		for _, depth := range []int{2, 3, 5} {
			lambda := []float64{2, 1.5, 1, 1, 1, 1, 1, 1, 1, 1}
			ofDeep[float64](t, b, fmt.Sprintf("%s, depth %d, f64", name, depth), lambda, depth)
			ofDeep[float32](t, b, fmt.Sprintf("%s, depth %d, f32", name, depth), lambda, depth)
		}
	}
}

func runsOfMatrix[T blas.Float](t *testing.T, b *blas.Backend, what string, lambda []float64, eta float64) {
	d := len(lambda)
	sigma := spectrumOf[T](lambda)
	x0 := blas.Convert[T](symmetric.RandomStart(d, 3, 0.5, 1))
	settles(t, what, symmetric.New(b, operator.Operator[T](operator.DenseOf(b, sigma.Lower())), x0, eta))
	if op, ok := any(operator.DenseOf(b, sigma.Lower())).(operator.Operator[float64]); ok {
		k, err := symmetric.NewKrylov(b, op, symmetric.RandomStart(d, 3, 0.5, 1), eta, 0)
		if err != nil {
			t.Fatal(err)
		}
		settles(t, what+", krylov", k)
	}
	start := asymmetric.RandomStart(d, d-10, 3, 1)
	a := operator.NewDenseRectangular(b, d, d-10, func(i int, dst []T) { copy(dst, sigma.Row(i)) })
	settles(t, what+", asymmetric", asymmetric.New(b, operator.Rectangular[T](a), blas.Convert[T](start.X), blas.Convert[T](start.Y), eta, asymmetric.Alternating))
}

func ofSensing[T blas.Float](t *testing.T, b *blas.Backend, what string, x blas.General[float64]) {
	n, m := x.Rows, 150
	rnd := solvers.Stream(3, "measurements")
	a := operator.NewMatrices[T](b, n, m, func(i int, dst []T) {
		rnd := solvers.Stream(uint64(i), "measurement")
		for k := range dst {
			dst[k] = T(rnd.NormFloat64())
		}
	})
	y := make([]T, m)
	if err := a.Measure(y, blas.Convert[T](x)); err != nil {
		t.Fatal(err)
	}
	for _, noise := range []float64{0, 0.3} {
		noisy := make([]T, m)
		for i := range y {
			noisy[i] = y[i] + T(noise*rnd.NormFloat64())
		}
		s, err := sensing.New[T](a, noisy, blas.Convert[T](sensing.RandomStart(n, 2, 0.1, 1)), 0.1)
		if err != nil {
			t.Fatal(err)
		}
		settles(t, fmt.Sprintf("%s, noise %g", what, noise), s)
	}
}

func ofDeep[T blas.Float](t *testing.T, b *blas.Backend, what string, lambda []float64, depth int) {
	target := spectrumOf[T](lambda)
	dims := make([]int, depth+1)
	for j := range dims {
		dims[j] = 3
	}
	dims[0], dims[depth] = len(lambda), len(lambda)
	factors := deep.GaussianFactors(dims, 1, 1)
	w0 := make([]blas.General[T], depth)
	for j, w := range factors {
		w0[j] = blas.Convert[T](w)
	}
	settles(t, what, deep.New(b, target, w0, 0.02))
}

func settles(t *testing.T, what string, m solvers.Rounded) {
	t.Helper()
	var seen []float64
	watch := solvers.Schedule{Recorder: recorderFunc(func(int) error { seen = append(seen, m.RelativeGradient()); return nil }), Every: 1}
	res, err := solvers.Run(context.Background(), m, solvers.Stop{Iterations: 100_000, Rounding: solvers.NewRounding(m)}, watch)
	if err != nil || res.Status != solvers.AtRounding {
		t.Errorf("%s: %v after %d iterations, gradient %.3g, %v", what, res.Status, res.Iterations, res.Gradient, err)
		return
	}
	before := math.Inf(1)
	for _, g := range seen[1:] {
		before = min(before, g)
	}
	reached := 1
	for !(seen[reached] <= 2*before) {
		reached++
	}
	if late := reached*3/2 + 120; res.Iterations > late {
		t.Errorf("%s: ended at %d; the gradient was at twice its least at %d", what, res.Iterations, reached)
	}
	seen = seen[:0]
	if _, err := solvers.Run(context.Background(), m, solvers.Stop{Iterations: 3 * m.Iteration()}, watch); err != nil {
		t.Fatal(err)
	}
	after := math.Inf(1)
	for _, g := range seen {
		after = min(after, g)
	}
	if after < before/4 {
		t.Errorf("%s: ended at %d with a gradient of %.3g, which falls to %.3g later", what, res.Iterations, before, after)
	}
}

type recorderFunc func(t int) error

func (f recorderFunc) Record(t int) error { return f(t) }

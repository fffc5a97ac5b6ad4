package lowrank_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank"
)

// gaussian is a matrix of independent normal numbers.
func gaussian(rnd *rand.Rand, rows, cols int) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			m.Set(i, j, rnd.NormFloat64())
		}
	}
	return m
}

// orthonormal are the first columns of a random orthogonal matrix.
func orthonormal(rnd *rand.Rand, rows, cols int) *mat.Dense {
	var qr mat.QR
	qr.Factorize(gaussian(rnd, rows, cols))
	var q mat.Dense
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, rows, 0, cols))
}

// spectra are numbers for eigenvalues and singular values, largest first.
var spectra = map[string]func(rnd *rand.Rand, i, n int) float64{
	"flat":      func(*rand.Rand, int, int) float64 { return 1 },
	"geometric": func(_ *rand.Rand, i, _ int) float64 { return math.Pow(0.7, float64(i)) },
	"line":      func(_ *rand.Rand, i, n int) float64 { return 1 - float64(i)/float64(n) },
	"two":       func(_ *rand.Rand, i, _ int) float64 { return max(1-float64(i), 0.3) },
	"low rank":  func(_ *rand.Rand, i, _ int) float64 { return max(3-float64(i), 0) },
	"one":       func(_ *rand.Rand, i, _ int) float64 { return math.Pow(1e-9, float64(min(i, 1))) },
	"random":    func(rnd *rand.Rand, _, _ int) float64 { return rnd.ExpFloat64() },
}

// symmetricOf is QΛQᵀ.
func symmetricOf(rnd *rand.Rand, lambda []float64) *mat.SymDense {
	d := len(lambda)
	q := orthonormal(rnd, d, d)
	var ql, s mat.Dense
	ql.Mul(q, mat.NewDiagDense(d, lambda))
	s.Mul(&ql, q.T())
	sigma := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			sigma.SetSym(i, j, s.At(i, j))
		}
	}
	return sigma
}

// rectangularOf is UΣVᵀ.
func rectangularOf(rnd *rand.Rand, m, n int, sigma []float64) *mat.Dense {
	k := len(sigma)
	var us, a mat.Dense
	us.Mul(orthonormal(rnd, m, k), mat.NewDiagDense(k, sigma))
	a.Mul(&us, orthonormal(rnd, n, k).T())
	return &a
}

// leastError is what the best XXᵀ of a rank leaves of Σ.
func leastError(sigma mat.Symmetric, rank int) float64 {
	var eig mat.EigenSym
	eig.Factorize(sigma, false)
	var rest, all float64
	for i, l := range eig.Values(nil) {
		all = math.Hypot(all, l)
		if i < sigma.SymmetricDim()-rank || l < 0 {
			rest = math.Hypot(rest, l)
		}
	}
	return rest / all
}

// leastErrorOf is what the best XYᵀ of a rank leaves of A.
func leastErrorOf(a mat.Matrix, rank int) float64 {
	var svd mat.SVD
	svd.Factorize(a, mat.SVDNone)
	var rest, all float64
	for i, s := range svd.Values(nil) {
		all = math.Hypot(all, s)
		if i >= rank {
			rest = math.Hypot(rest, s)
		}
	}
	return rest / all
}

// TestNeverDiverges runs zero settings, but for the number of iterations, on many spectra,
// ranks, shapes and scales.
func TestNeverDiverges(t *testing.T) {
	const near = 0.02 // of the least error: what slow directions have still to give
	for name, value := range spectra {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(3, 5))
			for trial := range 24 {
				d := 1 + rnd.IntN(24)
				if trial == 0 {
					d = 1
				}
				rank := 1 + rnd.IntN(d)
				scale := math.Pow(10, float64(rnd.IntN(17)-8))
				lambda := make([]float64, d)
				for i := range lambda {
					lambda[i] = scale * value(rnd, i, d)
					if trial%3 == 1 && rnd.IntN(2) == 0 {
						lambda[i] = -lambda[i]
					}
				}
				s := &lowrank.Settings{Iterations: 2500, Seed: uint64(trial)}
				sigma := symmetricOf(rnd, lambda)
				res, err := lowrank.Symmetric(sigma, rank, s)
				what := fmt.Sprintf("d = %d, rank %d, scale %g", d, rank, scale)
				check(t, what, res, err, leastError(sigma, rank), near)

				m, n := d, 1+rnd.IntN(d)
				if trial%2 == 0 {
					m = 10 * d
				}
				if trial%4 < 2 {
					m, n = n, m
				}
				k := min(m, n)
				rank = 1 + rnd.IntN(k)
				singular := make([]float64, k)
				for i := range singular {
					singular[i] = scale * value(rnd, i, k)
				}
				a := rectangularOf(rnd, m, n, singular)
				res, err = lowrank.Asymmetric(a, rank, s)
				what = fmt.Sprintf("%d×%d, rank %d, scale %g", m, n, rank, scale)
				check(t, what, res, err, leastErrorOf(a, rank), near)
			}
		})
	}
}

func check(t *testing.T, what string, res *lowrank.Result, err error, least, near float64) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if res.Status != lowrank.Converged && res.Status != lowrank.IterationLimit {
		t.Errorf("%s: %v", what, res.Status)
	}
	if res.Status == lowrank.Converged {
		near = 1e-6
	}
	if !(res.Error <= least+near) || res.Error < least-1e-12 {
		t.Errorf("%s: the error is %.6g after %d iterations (%v), the least possible %.6g", what, res.Error, res.Iterations, res.Status, least)
	}
	if !(res.Gradient >= 0) || !(res.Step > 0) || !(res.Uncertainty >= 0) || res.Method == lowrank.Auto {
		t.Errorf("%s: gradient %g, step %g, uncertainty %g, method %v", what, res.Gradient, res.Step, res.Uncertainty, res.Method)
	}
}

// TestZeroSettings runs both of them with nil.
func TestZeroSettings(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	sigma := symmetricOf(rnd, []float64{5, 3, 2, 1, 0.5, -1})
	res, err := lowrank.Symmetric(sigma, 3, nil)
	check(t, "Σ", res, err, leastError(sigma, 3), 0)
	if r, c := res.X.Dims(); r != 6 || c != 3 || res.Y != nil || res.Status != lowrank.Converged || res.Passes <= res.Iterations || res.Gradient > lowrank.DefaultTolerance {
		t.Errorf("X is %d×%d, Y %v; %v, %d passes, %d iterations, gradient %g", r, c, res.Y, res.Status, res.Passes, res.Iterations, res.Gradient)
	}
	a := rectangularOf(rnd, 7, 4, []float64{4, 3, 1, 0.1})
	res, err = lowrank.Asymmetric(a, 2, nil)
	check(t, "A", res, err, leastErrorOf(a, 2), 0)
	m, c := res.X.Dims()
	n, k := res.Y.Dims()
	if m != 7 || c != 2 || n != 4 || k != 2 || res.Status != lowrank.Converged {
		t.Errorf("X is %d×%d, Y %d×%d; %v", m, c, n, k, res.Status)
	}
}

// TestSymmetricReference follows plain loops with a step, a start and a number of
// iterations that are given.
func TestSymmetricReference(t *testing.T) {
	const d, rank, eta, iterations = 9, 3, 0.07, 25
	rnd := rand.New(rand.NewPCG(2, 2))
	sigma := symmetricOf(rnd, []float64{2, 1.5, 1, 0.5, 0.2, 0, -0.1, -0.5, -1})
	x0 := gaussian(rnd, d, rank)
	res, err := lowrank.Symmetric(sigma, rank, &lowrank.Settings{X0: x0, Step: eta, Iterations: iterations, Tolerance: -1, Method: lowrank.Direct})
	if err != nil || res.Status != lowrank.IterationLimit || res.Iterations != iterations || res.Passes != iterations || res.Step != eta || res.Method != lowrank.Direct {
		t.Fatalf("%+v, %v", res, err)
	}
	x := mat.DenseCopyOf(x0)
	var distance float64
	for range iterations {
		x = plainStep(sigma, x, x, eta)
	}
	for i := range d {
		for j := range d {
			distance = math.Hypot(distance, sigma.At(i, j)-mat.Dot(x.RowView(i), x.RowView(j)))
		}
	}
	if !mat.EqualApprox(res.X, x, 1e-12) {
		t.Errorf("X is\n%v\nexpected\n%v", mat.Formatted(res.X), mat.Formatted(x))
	}
	if want := distance / mat.Norm(sigma, 2); math.Abs(res.Error-want) > 1e-12 {
		t.Errorf("the error is %g, expected %g", res.Error, want)
	}
}

// plainStep is X + η(A − XYᵀ)Y.
func plainStep(a mat.Matrix, x, y *mat.Dense, eta float64) *mat.Dense {
	m, k := x.Dims()
	n, _ := y.Dims()
	next := mat.DenseCopyOf(x)
	for i := range m {
		for j := range n {
			rest := a.At(i, j)
			for c := range k {
				rest -= x.At(i, c) * y.At(j, c)
			}
			for c := range k {
				next.Set(i, c, next.At(i, c)+eta*rest*y.At(j, c))
			}
		}
	}
	return next
}

func TestAsymmetricReference(t *testing.T) {
	const m, n, rank, eta, iterations = 8, 5, 2, 0.06, 25
	rnd := rand.New(rand.NewPCG(2, 3))
	a := gaussian(rnd, m, n)
	x0, y0 := gaussian(rnd, m, rank), gaussian(rnd, n, rank)
	res, err := lowrank.Asymmetric(a, rank, &lowrank.Settings{X0: x0, Y0: y0, Step: eta, Iterations: iterations, Tolerance: -1, Method: lowrank.Direct})
	if err != nil || res.Status != lowrank.IterationLimit || res.Iterations != iterations || res.Passes != iterations {
		t.Fatalf("%+v, %v", res, err)
	}
	x, y := x0, y0
	for range iterations {
		x = plainStep(a, x, y, eta)
		y = plainStep(a.T(), y, x, eta)
	}
	if !mat.EqualApprox(res.X, x, 1e-12) || !mat.EqualApprox(res.Y, y, 1e-12) {
		t.Errorf("X, Y are\n%v\n%v\nexpected\n%v\n%v", mat.Formatted(res.X), mat.Formatted(res.Y), mat.Formatted(x), mat.Formatted(y))
	}
	var rest mat.Dense
	rest.Mul(x, y.T())
	rest.Sub(&rest, a)
	if want := mat.Norm(&rest, 2) / mat.Norm(a, 2); math.Abs(res.Error-want) > 1e-12 {
		t.Errorf("the error is %g, expected %g", res.Error, want)
	}
}

// scaledBy is a·2^e.
func scaledBy(a mat.Matrix, e int) *mat.Dense {
	b := mat.DenseCopyOf(a)
	b.Apply(func(_, _ int, v float64) float64 { return math.Ldexp(v, e) }, b)
	return b
}

func symmetric(a mat.Matrix) *mat.SymDense {
	d, _ := a.Dims()
	s := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			s.SetSym(i, j, a.At(i, j))
		}
	}
	return s
}

// TestScale takes powers of 4: the run is the same, to the bits, also where squares of the
// elements leave the range of float64.
func TestScale(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	sigma := symmetricOf(rnd, []float64{3, 2, 1, 0.5, 0.1, -0.3, -2})
	a := rectangularOf(rnd, 9, 6, []float64{3, 2, 1, 0.5, 0.3, 0.1})
	for _, method := range []lowrank.Method{lowrank.Auto, lowrank.Direct, lowrank.Krylov} {
		s := &lowrank.Settings{Method: method}
		one, err := lowrank.Symmetric(sigma, 2, s)
		oneA, errA := lowrank.Asymmetric(a, 2, s)
		if err != nil || errA != nil {
			t.Fatal(err, errA)
		}
		for _, e := range []int{-960, -600, -300, -26, 26, 300, 1000} {
			same := func(what string, res, one *lowrank.Result, err error, factors ...[2]*mat.Dense) {
				t.Helper()
				if err != nil {
					t.Errorf("%v, %s·2^%d: %v", method, what, e, err)
					return
				}
				for _, f := range factors {
					if !mat.Equal(f[0], scaledBy(f[1], e/2)) {
						t.Errorf("%v, %s·2^%d: factors are\n%v\nexpected those of %s\n%v", method, what, e, mat.Formatted(f[0]), what, mat.Formatted(f[1]))
					}
				}
				if res.Iterations != one.Iterations || res.Passes != one.Passes || res.Gradient != one.Gradient || math.Abs(res.Error/one.Error-1) > 1e-12 || res.Status != one.Status {
					t.Errorf("%v, %s·2^%d: %+v, expected %+v", method, what, e, res, one)
				}
				if want := math.Ldexp(one.Step, -e); want > 1e-300 && res.Step != want {
					t.Errorf("%v, %s·2^%d: the step is %g, expected %g", method, what, e, res.Step, want)
				}
			}
			res, err := lowrank.Symmetric(symmetric(scaledBy(sigma, e)), 2, s)
			if err != nil {
				t.Fatal(err)
			}
			same("Σ", res, one, err, [2]*mat.Dense{res.X, one.X})
			resA, err := lowrank.Asymmetric(scaledBy(a, e), 2, s)
			if err != nil {
				t.Fatal(err)
			}
			same("A", resA, oneA, err, [2]*mat.Dense{resA.X, oneA.X}, [2]*mat.Dense{resA.Y, oneA.Y})
		}
	}
}

// TestSymmetries permutes and rotates the basis, transposes and changes signs.
func TestSymmetries(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	lambda := []float64{3, 2, 1, 0.7, 0.1, 0, -0.3, -1}
	d := len(lambda)
	want := leastError(mat.NewDiagDense(d, lambda), 3)
	permuted := mat.NewSymDense(d, nil)
	for i, to := range rnd.Perm(d) {
		permuted.SetSym(to, to, lambda[i])
	}
	for name, sigma := range map[string]mat.Symmetric{"diagonal": mat.NewDiagDense(d, lambda), "permuted": permuted, "rotated": symmetricOf(rnd, lambda)} {
		res, err := lowrank.Symmetric(sigma, 3, nil)
		if err != nil || math.Abs(res.Error-want) > 1e-9 {
			t.Errorf("%s: %+v, %v; expected the error %g", name, res, err, want)
		}
	}

	a := rectangularOf(rnd, 9, 5, []float64{3, 2, 1, 0.5, 0.3})
	straight, err := lowrank.Asymmetric(a, 2, nil)
	transposed, errT := lowrank.Asymmetric(a.T(), 2, nil)
	if err != nil || errT != nil || math.Abs(straight.Error-transposed.Error) > 1e-9 {
		t.Errorf("A %+v, %v; Aᵀ %+v, %v", straight, err, transposed, errT)
	}
	var xy, yx mat.Dense
	xy.Mul(straight.X, straight.Y.T())
	yx.Mul(transposed.Y, transposed.X.T())
	if !mat.EqualApprox(&xy, &yx, 1e-6) {
		t.Error("the product for Aᵀ is not the transpose of that for A")
	}

	x0, y0 := gaussian(rnd, 9, 2), gaussian(rnd, 5, 2)
	var negativeA, negativeX mat.Dense
	negativeA.Scale(-1, a)
	negativeX.Scale(-1, x0)
	res, err := lowrank.Asymmetric(a, 2, &lowrank.Settings{X0: x0, Y0: y0})
	negative, errN := lowrank.Asymmetric(&negativeA, 2, &lowrank.Settings{X0: &negativeX, Y0: y0})
	if err != nil || errN != nil {
		t.Fatal(err, errN)
	}
	negative.X.Scale(-1, negative.X)
	if !mat.Equal(res.X, negative.X) || !mat.Equal(res.Y, negative.Y) {
		t.Error("−A from −X_0 does not end in −X, Y")
	}
}

// TestThreads has the same bits on one thread and on several, by either method.
func TestThreads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 6))
	g := gaussian(rnd, 300, 200)
	sigma := symmetric(gaussian(rnd, 250, 250))
	for _, method := range []lowrank.Method{lowrank.Direct, lowrank.Krylov} {
		var x, y []*mat.Dense
		for _, threads := range []int{1, 2, 5} {
			s := &lowrank.Settings{Method: method, Threads: threads, Iterations: 60, Backend: "native"}
			res, err := lowrank.Symmetric(sigma, 4, s)
			resA, errA := lowrank.Asymmetric(g, 4, s)
			if err != nil || errA != nil {
				t.Fatal(err, errA)
			}
			x, y = append(x, res.X, resA.X), append(y, resA.Y)
		}
		for i := 2; i < len(x); i++ {
			if !mat.Equal(x[i], x[i%2]) || !mat.Equal(y[i/2], y[0]) {
				t.Errorf("%v: other bits with other threads", method)
			}
		}
	}
}

// TestNothingToFind has matrices whose best approximation is zero.
func TestNothingToFind(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	x0 := gaussian(rnd, 4, 2)
	for name, c := range map[string]struct {
		sigma mat.Symmetric
		s     *lowrank.Settings
		err   float64
	}{
		"zero":                   {mat.NewSymDense(4, nil), nil, 0},
		"zero diagonal":          {mat.NewDiagDense(4, nil), nil, 0},
		"zero in a basis":        {mat.NewSymDense(4, nil), &lowrank.Settings{Method: lowrank.Krylov}, 0},
		"negative":               {symmetricOf(rnd, []float64{-1, -2, -3, -4}), nil, 1},
		"negative in a basis":    {symmetricOf(rnd, []float64{-1, -2, -3, -4}), &lowrank.Settings{Method: lowrank.Krylov}, 1},
		"negative diagonal":      {mat.NewDiagDense(4, []float64{-1, -0.1, -3, -4}), nil, 1},
		"negative, start given":  {symmetricOf(rnd, []float64{-1, -2, -3, -4}), &lowrank.Settings{X0: x0}, 1},
		"negative, far from one": {mat.NewDiagDense(4, []float64{-1e300, -2e300, -3e300, -4e300}), nil, 1},
	} {
		res, err := lowrank.Symmetric(c.sigma, 2, c.s)
		if err != nil || res.Status != lowrank.Converged || math.Abs(res.Error-c.err) > 1e-12 || !(res.Step > 0) || math.IsNaN(res.Gradient) {
			t.Errorf("%s: %+v, %v", name, res, err)
			continue
		}
		if size, most := mat.Norm(res.X, 2), 1e-7*math.Sqrt(mat.Norm(c.sigma, 2)); size > most {
			t.Errorf("%s: ‖X‖ is %g, expected at most %g", name, size, most)
		}
	}
	res, err := lowrank.Asymmetric(mat.NewDense(3, 5, nil), 2, nil)
	if err != nil || res.Status != lowrank.Converged || res.Error != 0 || mat.Norm(res.X, 2) != 0 || math.IsNaN(res.Gradient) {
		t.Errorf("A = 0: %+v, %v", res, err)
	}
	// A start that Σ = 0 pulls to zero as slowly as 1/√t: the distance itself is told.
	res, err = lowrank.Symmetric(mat.NewSymDense(4, nil), 2, &lowrank.Settings{X0: x0, Iterations: 100})
	if err != nil || res.Status != lowrank.IterationLimit || !(res.Error > 0 && res.Error < 1) {
		t.Errorf("Σ = 0 from a start: %+v, %v", res, err)
	}
}

// TestStepOutOfRange: a step that leaves the range of float64 in the units of the run moves
// nothing, or diverges.
func TestStepOutOfRange(t *testing.T) {
	for _, scale := range []float64{1e-300, 1e300} {
		sigma := mat.NewDiagDense(3, []float64{3 * scale, 2 * scale, scale})
		step := 1e-30
		if scale > 1 {
			step = 1e30
		}
		for name, run := range map[string]func(s *lowrank.Settings) (*lowrank.Result, error){
			"Σ": func(s *lowrank.Settings) (*lowrank.Result, error) { return lowrank.Symmetric(sigma, 2, s) },
			"A": func(s *lowrank.Settings) (*lowrank.Result, error) { return lowrank.Asymmetric(sigma, 2, s) },
		} {
			res, err := run(&lowrank.Settings{Step: step, Iterations: 10, Tolerance: -1})
			var d *lowrank.Divergence
			if res == nil || errors.As(err, &d) != (scale > 1) || err != nil && d == nil || res.Step != step {
				t.Errorf("%s of %g: %+v, %v", name, scale, res, err)
			}
		}
	}
}

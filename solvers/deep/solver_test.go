package deep_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/internal/testsolvers"
	"lowrank/solvers/deep"
)

// TestFloat32 follows the float64 trajectory to single precision.
func TestFloat32(t *testing.T) {
	const eta, steps = 0.1, 60
	for _, backend := range testsolvers.Backends() {
		b := testsolvers.Open(t, backend, 2)
		for _, dims := range shapes {
			target, w0 := problem(dims, 1)
			s64 := deep.New(b, target, w0, eta)
			var w32 []blas.General[float32]
			for _, w := range w0 {
				w32 = append(w32, blas.Convert[float32](w))
			}
			s32 := deep.New(b, blas.Convert[float32](target), w32, eta)
			testsolvers.Follow(t, fmt.Sprint(backend, dims), s32, s64, steps, func() iterate {
				var all iterate
				for _, w := range s32.Factors() {
					all = append(all, blas.Convert[float64](w))
				}
				return all
			}, func() iterate { return s64.Factors() }, 1e-4)
		}
	}
}

// symmetric is Ŵ = VΛVᵀ with orthogonal V.
func symmetric(lambda []float64, seed uint64) (target, v blas.General[float64]) {
	d := len(lambda)
	var qr mat.QR
	qr.Factorize(mat.NewDense(d, d, testsolvers.Normal(rand.New(rand.NewPCG(seed, 4)), d, d, 1).Data))
	var q mat.Dense
	qr.QTo(&q)
	v = blas.General[float64](q.RawMatrix())
	return conjugated(v, lambda), v
}

// conjugated is V·diag(x)·Vᵀ.
func conjugated(v blas.General[float64], x []float64) blas.General[float64] {
	scaled := v.Clone()
	for i := range scaled.Rows {
		for j := range x {
			scaled.Row(i)[j] *= x[j]
		}
	}
	return testsolvers.Times(scaled, testsolvers.Transposed(v))
}

// TestIdenticalStart: the factors keep the eigenvectors of Ŵ, and their
// eigenvalues follow (18) (Lemma 2.1).
func TestIdenticalStart(t *testing.T) {
	lambda := []float64{2, 1.3, 1, 0.5, 0.1, 0, -0.2, -0.7}
	target, v := symmetric(lambda, 1)
	dims := []int{8}
	for depth := 1; depth <= 5; depth++ {
		dims = append(dims, 8)
		for _, alpha := range []float64{0.1, 0.5, 1} {
			eta := deep.Params{Depth: depth, Lambda: 2, Alpha: alpha}.StepLimit()
			s := deep.New(testsolvers.Open(t, "native", 1), target, deep.IdentityFactors(dims, alpha), eta)
			d, product := make([]float64, len(lambda)), make([]float64, len(lambda))
			for i := range d {
				d[i] = alpha
			}
			steps := 300
			if depth == 2 {
				// Where λ < 0 two factors come to a saddle that repels rounding
				// errors by 1 + η|λ| a step.
				steps = 60
			}
			for range steps {
				testsolvers.Advance(t, s, 1)
				for i, l := range lambda {
					d[i] = deep.Params{Depth: depth, Lambda: l, Eta: eta}.Step(d[i])
				}
			}
			for i, x := range d {
				product[i] = math.Pow(x, float64(depth))
			}
			name := fmt.Sprintf("N = %d, α = %v: ", depth, alpha)
			for j, w := range s.Factors() {
				testsolvers.Compare(t, fmt.Sprintf("%sW_%d", name, j+1), w, conjugated(v, d), 1e-12)
			}
			testsolvers.Compare(t, name+"the product", s.Product(), conjugated(v, product), 1e-12)
		}
	}
}

// TestPerturbedStart: so do those of the perturbed start (Lemma 2.8).
func TestPerturbedStart(t *testing.T) {
	lambda := []float64{2, 1.3, 1, 0.5, 0.1, 0, -0.2, -0.7}
	target, v := symmetric(lambda, 2)
	dims := []int{8, 8}
	for depth := 2; depth <= 5; depth++ {
		dims = append(dims, 8)
		const alpha = 0.6
		beta := 0.9 * (deep.PerturbedConstant(depth) - 1) * alpha
		eta := deep.Params{Depth: depth, Lambda: 2, Alpha: alpha}.PerturbedStepLimit()
		s := deep.New(testsolvers.Open(t, "native", 1), target, deep.PerturbedFactors(dims, alpha, beta), eta)
		pairs := make([]deep.FactorPair, len(lambda))
		for i := range pairs {
			pairs[i] = deep.NewFactorPair(alpha, beta)
		}
		for range 1000 {
			testsolvers.Advance(t, s, 1)
			for i, l := range lambda {
				pairs[i] = pairs[i].Step(deep.Params{Depth: depth, Lambda: l, Eta: eta})
			}
		}
		a, b, product := make([]float64, len(lambda)), make([]float64, len(lambda)), make([]float64, len(lambda))
		for i, p := range pairs {
			a[i], b[i], product[i] = p.A, p.B, p.Product(depth)
		}
		name := fmt.Sprintf("N = %d: ", depth)
		for j, w := range s.Factors() {
			want := a
			if j == 0 {
				want = b
			}
			testsolvers.Compare(t, fmt.Sprintf("%sW_%d", name, j+1), w, conjugated(v, want), 1e-12)
		}
		testsolvers.Compare(t, name+"the product", s.Product(), conjugated(v, product), 1e-12)
	}
}

// costs are the multiplications of one going through the factors from the
// right and from the left, the elements of the chain of each and the largest
// matrix that there is.
func costs(dims []int) (right, left, chainRight, chainLeft, largestRight, largestLeft int) {
	d0, dn, n := dims[0], dims[len(dims)-1], len(dims)-1
	largestRight, largestLeft = d0*dn, d0*dn
	for j := 1; j <= n; j++ {
		size := dims[j] * dims[j-1]
		largestRight, largestLeft = max(largestRight, size), max(largestLeft, size)
		if j > 1 {
			right += size * d0
		}
		if j < n {
			left += size * dn
		}
	}
	for j := 2; j < n; j++ { // W_j⋯W_1
		chainRight += dims[j] * d0
		largestRight = max(largestRight, dims[j]*d0)
	}
	for j := 1; j < n-1; j++ { // W_N⋯W_{j+1}
		chainLeft += dn * dims[j]
		largestLeft = max(largestLeft, dn*dims[j])
	}
	return
}

// TestCost: the storage and the operations of the cheaper order; both orders
// occur.
func TestCost(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	fromLeft, fromRight := 0, 0
	for _, dims := range shapes {
		target, w0 := problem(dims, 1)
		s := deep.New(b, target, w0, 0.1)
		right, left, chain, chainLeft, largest, largestLeft := costs(dims)
		if left < right {
			chain, largest = chainLeft, largestLeft
			fromLeft++
		} else if right < left {
			fromRight++
		}
		// A product of a forward and two of a backward pass for each factor but
		// one, two operations for each multiplication.
		if got, want := s.Flops(), float64(6*min(left, right)); got != want {
			t.Errorf("%v: %v operations a step, want %v", dims, got, want)
		}
		factors := 0
		for j := 1; j < len(dims); j++ {
			factors += dims[j] * dims[j-1]
		}
		want := 2*factors + chain + 2*len(target.Data) + 2*largest
		if got := testsolvers.Elements(s); got != want {
			t.Errorf("%v: a solver holds %d elements, want %d", dims, got, want)
		}
		s.RelativeGradient()
		if got := testsolvers.Elements(s); got != want+largest {
			t.Errorf("%v: a solver holds %d elements after a relative gradient, want %d", dims, got, want+largest)
		}
	}
	if fromLeft == 0 || fromRight == 0 {
		t.Errorf("%d of the shapes go from the left, %d from the right", fromLeft, fromRight)
	}
}

func TestRelativeGradient(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	for _, dims := range shapes {
		target, w0 := problem(dims, 5)
		s := deep.New(b, target, w0, 0.1)
		for range 4 {
			e := difference(s.Factors(), target)
			want := testsolvers.Norm(terms(s.Factors(), e)...) / testsolvers.Norm(terms(s.Factors(), target)...)
			testsolvers.Near(t, fmt.Sprint(dims), s.RelativeGradient(), want, 1e-10)
			// It leaves the step what it was.
			next := step(target, s.Factors(), 0.1)
			testsolvers.Advance(t, s, 1)
			for j, w := range s.Factors() {
				testsolvers.Compare(t, fmt.Sprint(dims), w, next[j], 1e-13)
			}
		}
		zero := deep.New(b, blas.NewGeneral[float64](target.Rows, target.Cols), w0, 0.1)
		if got := zero.RelativeGradient(); !math.IsNaN(got) {
			t.Errorf("%v: the relative gradient for Ŵ = 0 is %v", dims, got)
		}
		testsolvers.Near(t, "the error for Ŵ = 0", zero.Error(), testsolvers.Norm(chained(w0, dims[0])), 1e-13)
	}
}

func TestStarts(t *testing.T) {
	const scale, seeds = 0.3, 600
	for _, dims := range [][]int{{30, 20}, {12, 9, 15}, {8, 8, 8, 8}, {9, 14, 7, 10, 12}} {
		var sum float64
		for seed := range uint64(seeds) {
			n := testsolvers.Norm(chained(deep.GaussianFactors(dims, scale, seed), dims[0]))
			sum += n * n
		}
		testsolvers.Near(t, fmt.Sprintf("%v: E‖W‖²", dims), sum/seeds, scale*scale, 0.06)

		w := deep.GaussianFactors(dims, scale, 1)
		if !slices.Equal(deep.Dims(w), dims) {
			t.Errorf("factors of dimensions %v, want %v", deep.Dims(w), dims)
		}
	}
	if w := deep.GaussianFactors([]int{5, 5, 5}, 1, 1); slices.Equal(w[0].Data, w[1].Data) {
		t.Error("the factors of a start are the same")
	}
	w := deep.PerturbedFactors([]int{2, 3, 2}, 2, 0.5)
	if !slices.Equal(w[0].Data, []float64{1.5, 0, 0, 1.5, 0, 0}) || !slices.Equal(w[1].Data, []float64{2, 0, 0, 0, 2, 0}) {
		t.Errorf("the perturbed start is %v", w)
	}
}

// TestProduct: as many digits at a small start, where W − Ŵ holds none of W's,
// as near convergence.
func TestProduct(t *testing.T) {
	for _, backend := range testsolvers.Backends() {
		b := testsolvers.Open(t, backend, 1)
		for _, dims := range shapes {
			target, w0 := problem(dims, 6)
			for _, scale := range []float64{1, 1e-5} {
				for j, w := range w0 {
					w0[j] = w.Clone()
					for i := range w.Data {
						w0[j].Data[i] *= scale
					}
				}
				s := deep.New(b, target, w0, 0.1)
				where := fmt.Sprintf("%s %v times %g", backend, dims, scale)
				testsolvers.Compare(t, where, s.Product(), chained(s.Factors(), dims[0]), 1e-13)
			}
			near := deep.New(b, chained(w0, dims[0]), w0, 0.1)
			testsolvers.Compare(t, fmt.Sprint(backend, dims, " at the target"), near.Product(), chained(w0, dims[0]), 1e-13)
			p := near.Product()
			p.Data[0]++
			testsolvers.Compare(t, "a second product", near.Product(), chained(w0, dims[0]), 1e-13)
		}
		target, _ := symmetric([]float64{2, 1, 0.5, 0.2, 0.1}, 3)
		s := deep.New(b, target, deep.IdentityFactors([]int{5, 5, 5, 5}, 0.7), 0.05)
		testsolvers.Advance(t, s, 5000)
		if !(s.Error() < 1e-13) {
			t.Errorf("%s: an error of %v after %d steps", backend, s.Error(), s.Iteration())
		}
		testsolvers.Compare(t, backend+" after convergence", s.Product(), target, 1e-13)
	}
}

func TestBadArguments(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	target, w0 := problem([]int{4, 6, 5}, 1)
	testsolvers.Panics(t, map[string]func(){
		"no factors":      func() { deep.New(b, target, nil, 0.1) },
		"too few factors": func() { deep.New(b, target, w0[:1], 0.1) },
		"the wrong order": func() { deep.New(b, target, []blas.General[float64]{w0[1], w0[0]}, 0.1) },
		"another target":  func() { deep.New(b, testsolvers.Transposed(target), w0, 0.1) },
		"η = 0":           func() { deep.New(b, target, w0, 0) },
		"η that is NaN":   func() { deep.New(b, target, w0, math.NaN()) },
		"η not finite":    func() { deep.New(b, target, w0, math.Inf(1)) },
		"η below float32s": func() {
			deep.New(b, blas.Convert[float32](target), []blas.General[float32]{blas.Convert[float32](target)}, 1e-60)
		},
	})
}

// At scales whose squares leave the range of float64 the errors are those of any
// scale.
func TestExtremeScales(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, scale := range []float64{1, 1e-200, 1e200} {
		target, w := blas.NewGeneral[float64](2, 2), blas.NewGeneral[float64](2, 2)
		copy(target.Data, []float64{3 * scale, 0, 0, 4 * scale})
		s := deep.New(b, target, []blas.General[float64]{w}, 0.5)
		if err := s.Step(); err != nil {
			t.Fatalf("scale %g: %v", scale, err)
		}
		if e := s.Error(); math.Abs(e-0.5) > 1e-15 {
			t.Errorf("scale %g: error %v, want 0.5", scale, e)
		}
		if g := s.RelativeGradient(); math.Abs(g-0.5) > 1e-15 {
			t.Errorf("scale %g: relative gradient %v, want 0.5", scale, g)
		}
	}
}

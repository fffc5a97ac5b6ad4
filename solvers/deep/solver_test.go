package deep_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/kernel"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

// shapes are d_0 … d_N of every depth to 5: square, narrowing and widening, so
// that both orders of the products are taken.
var shapes = [][]int{
	{1, 1}, {9, 9}, {12, 5}, {5, 12},
	{9, 9, 9}, {12, 4, 7}, {7, 4, 12}, {6, 15, 6}, {3, 20, 11}, {11, 20, 3}, {4, 1, 5},
	{8, 8, 8, 8}, {13, 6, 9, 4}, {4, 9, 6, 13}, {5, 17, 2, 8}, {8, 2, 17, 5},
	{7, 7, 7, 7, 7}, {10, 3, 12, 5, 6}, {6, 5, 12, 3, 10},
	{6, 6, 6, 6, 6, 6}, {11, 4, 7, 3, 9, 5}, {5, 9, 3, 7, 4, 11}, {2, 3, 1, 4, 2, 3},
}

func gaussian(rnd *rand.Rand, rows, cols int, deviation float64) blas.General[float64] {
	a := blas.NewGeneral[float64](rows, cols)
	for i := range a.Data {
		a.Data[i] = deviation * rnd.NormFloat64()
	}
	return a
}

// problem is a target of norm about 1 and factors near the identity.
func problem(dims []int, seed uint64) (target blas.General[float64], w0 []blas.General[float64]) {
	rnd := rand.New(rand.NewPCG(seed, 2))
	d0, dn := dims[0], dims[len(dims)-1]
	target = gaussian(rnd, dn, d0, 1/math.Sqrt(float64(d0+dn)))
	w0 = deep.Identity(dims, 0.6)
	for _, w := range w0 {
		for i := range w.Data {
			w.Data[i] += 0.2 * rnd.NormFloat64() / math.Sqrt(float64(w.Rows+w.Cols))
		}
	}
	return target, w0
}

// times is a·b with plain loops.
func times(a, b blas.General[float64]) blas.General[float64] {
	c := blas.NewGeneral[float64](a.Rows, b.Cols)
	for i := range a.Rows {
		for j := range b.Cols {
			for l := range a.Cols {
				c.Row(i)[j] += a.Row(i)[l] * b.Row(l)[j]
			}
		}
	}
	return c
}

func transposed(a blas.General[float64]) blas.General[float64] {
	c := blas.NewGeneral[float64](a.Cols, a.Rows)
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			c.Row(j)[i] = v
		}
	}
	return c
}

func less(x, g blas.General[float64], eta float64) blas.General[float64] {
	next := x.Clone()
	for i, v := range g.Data {
		next.Data[i] -= eta * v
	}
	return next
}

// chained is w[len−1]⋯w[0], the d×d identity when there are none.
func chained(w []blas.General[float64], d int) blas.General[float64] {
	p := deep.Identity([]int{d, d}, 1)[0]
	for _, f := range w {
		p = times(f, p)
	}
	return p
}

// terms are (W_N⋯W_{j+1})ᵀ·e·(W_{j−1}⋯W_1)ᵀ for all j: the gradients when e is
// W − Ŵ.
func terms(w []blas.General[float64], e blas.General[float64]) []blas.General[float64] {
	var all []blas.General[float64]
	for j, f := range w {
		after, before := chained(w[j+1:], f.Rows), chained(w[:j], w[0].Cols)
		all = append(all, times(times(transposed(after), e), transposed(before)))
	}
	return all
}

func difference(w []blas.General[float64], target blas.General[float64]) blas.General[float64] {
	return less(chained(w, target.Cols), target, 1)
}

func step(target blas.General[float64], w []blas.General[float64], eta float64) []blas.General[float64] {
	var next []blas.General[float64]
	for j, g := range terms(w, difference(w, target)) {
		next = append(next, less(w[j], g, eta))
	}
	return next
}

func norm(all ...blas.General[float64]) float64 {
	var sum float64
	for _, m := range all {
		for _, v := range m.Data {
			sum += v * v
		}
	}
	return math.Sqrt(sum)
}

func compare(t *testing.T, name string, got, want blas.General[float64], tol float64) {
	t.Helper()
	if got.Rows != want.Rows || got.Cols != want.Cols {
		t.Fatalf("%s is %d×%d, want %d×%d", name, got.Rows, got.Cols, want.Rows, want.Cols)
	}
	if d := norm(less(got, want, 1)); !(d <= tol*norm(want)) {
		t.Errorf("%s: relative difference %v", name, d/norm(want))
	}
}

func near(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Abs(want)) {
		t.Errorf("%s is %.17g, want %.17g", name, got, want)
	}
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

func run(t *testing.T, s solvers.Method, steps int) {
	t.Helper()
	for range steps {
		if err := s.Step(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTrajectories(t *testing.T) {
	const eta, steps = 0.1, 150
	for _, dims := range shapes {
		target, w0 := problem(dims, 1)
		want := w0
		for range steps {
			want = step(target, want, eta)
		}
		for _, backend := range compiledBackends() {
			t.Run(fmt.Sprintf("%s/%v", backend, dims), func(t *testing.T) {
				s := deep.New(open(t, backend, 2), target, w0, eta)
				run(t, s, steps)
				if s.Iteration() != steps || s.Passes() != steps {
					t.Errorf("iteration %d, passes %d", s.Iteration(), s.Passes())
				}
				for j, w := range s.Factors() {
					compare(t, fmt.Sprintf("W_%d", j+1), w, want[j], 1e-12)
				}
				compare(t, "the product", s.Product(), chained(s.Factors(), dims[0]), 1e-13)
				e := difference(s.Factors(), target)
				near(t, "the loss", s.Loss(), norm(e)*norm(e)/2, 1e-9)
				near(t, "the error", s.Error(), norm(e)/norm(target), 1e-9)
			})
		}
	}
}

// TestFloat32 follows the float64 trajectory to single precision.
func TestFloat32(t *testing.T) {
	const eta, steps = 0.1, 60
	for _, backend := range compiledBackends() {
		b := open(t, backend, 2)
		for _, dims := range shapes {
			target, w0 := problem(dims, 1)
			s64 := deep.New(b, target, w0, eta)
			var w32 []blas.General[float32]
			for _, w := range w0 {
				w32 = append(w32, blas.Convert[float32](w))
			}
			s32 := deep.New(b, blas.Convert[float32](target), w32, eta)
			run(t, s64, steps)
			run(t, s32, steps)
			for j, w := range s32.Factors() {
				compare(t, fmt.Sprintf("%s %v W_%d", backend, dims, j+1), blas.Convert[float64](w), s64.Factors()[j], 1e-4)
			}
		}
	}
}

func TestSameBitsForAnyThreads(t *testing.T) {
	for _, dims := range [][]int{{300, 300, 300, 300}, {400, 90, 250}, {250, 90, 310, 400}} {
		target, w0 := problem(dims, 1)
		one, two := deep.New(open(t, "native", 1), target, w0, 0.1), deep.New(open(t, "native", 2), target, w0, 0.1)
		run(t, one, 5)
		run(t, two, 5)
		sameBits(t, fmt.Sprint(dims), one, two)
	}
}

func sameBits(t *testing.T, name string, a, b *deep.Solver[float64]) {
	t.Helper()
	same := a.Iteration() == b.Iteration() && a.Loss() == b.Loss() && len(a.Factors()) == len(b.Factors())
	for j := range a.Factors() {
		same = same && slices.Equal(a.Factors()[j].Data, b.Factors()[j].Data)
	}
	if !same {
		t.Errorf("%s: not the same bits", name)
	}
}

// TestGradients compares with finite differences of ½‖W − Ŵ‖_F².
func TestGradients(t *testing.T) {
	const h = 1e-5
	b := open(t, "native", 1)
	for _, dims := range shapes {
		target, w0 := problem(dims, 3)
		s := deep.New(b, target, w0, 0.1)
		f := func() float64 {
			e := norm(difference(w0, target))
			return e * e / 2
		}
		for j, g := range s.Gradients() {
			for i, got := range g.Data {
				at := &w0[j].Data[i]
				was := *at
				*at = was + h
				up := f()
				*at = was - h
				down := f()
				*at = was
				if want := (up - down) / (2 * h); !(math.Abs(got-want) <= 1e-8) {
					t.Fatalf("%v: element %d of the gradient of W_%d is %v, finite difference %v", dims, i, j+1, got, want)
				}
			}
		}
	}
}

// symmetric is Ŵ = VΛVᵀ with orthogonal V.
func symmetric(lambda []float64, seed uint64) (target, v blas.General[float64]) {
	d := len(lambda)
	var qr mat.QR
	qr.Factorize(mat.NewDense(d, d, gaussian(rand.New(rand.NewPCG(seed, 4)), d, d, 1).Data))
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
	return times(scaled, transposed(v))
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
			eta := deep.StepLimit(depth, 2, alpha)
			s := deep.New(open(t, "native", 1), target, deep.Identity(dims, alpha), eta)
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
				run(t, s, 1)
				for i, l := range lambda {
					d[i] = deep.ScalarStep(d[i], depth, l, eta)
				}
			}
			for i, x := range d {
				product[i] = math.Pow(x, float64(depth))
			}
			name := fmt.Sprintf("N = %d, α = %v: ", depth, alpha)
			for j, w := range s.Factors() {
				compare(t, fmt.Sprintf("%sW_%d", name, j+1), w, conjugated(v, d), 1e-12)
			}
			compare(t, name+"the product", s.Product(), conjugated(v, product), 1e-12)
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
		eta := deep.PerturbedStepLimit(depth, 2, alpha)
		s := deep.New(open(t, "native", 1), target, deep.Perturbed(dims, alpha, beta), eta)
		pairs := make([]deep.PairState, len(lambda))
		for i := range pairs {
			pairs[i] = deep.NewPair(alpha, beta)
		}
		for range 1000 {
			run(t, s, 1)
			for i, l := range lambda {
				pairs[i] = pairs[i].Step(depth, l, eta)
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
			compare(t, fmt.Sprintf("%sW_%d", name, j+1), w, conjugated(v, want), 1e-12)
		}
		compare(t, name+"the product", s.Product(), conjugated(v, product), 1e-12)
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	b := open(t, "native", 2)
	for _, dims := range append([][]int{{150, 150, 150, 150}, {200, 30, 120}}, shapes...) {
		target, w0 := problem(dims, 1)
		s := deep.New(b, target, w0, 0.01)
		run(t, s, 1)
		s.RelativeGradient() // allocates once
		if n := testing.AllocsPerRun(10, func() { _ = s.Step() }); n != 0 {
			t.Errorf("%v: %v allocations a step", dims, n)
		}
		if n := testing.AllocsPerRun(10, func() { s.RelativeGradient() }); n != 0 {
			t.Errorf("%v: %v allocations of the relative gradient", dims, n)
		}
	}
}

// elements counts those of all slices of numbers that a value holds, not those
// behind interfaces.
func elements(v reflect.Value) (count int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			count += elements(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Float64 {
			return v.Len()
		}
		for i := range v.Len() {
			count += elements(v.Index(i))
		}
	}
	return count
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
	b := open(t, "native", 1)
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
		if got := elements(reflect.ValueOf(s).Elem()); got != want {
			t.Errorf("%v: a solver holds %d elements, want %d", dims, got, want)
		}
		s.RelativeGradient()
		if got := elements(reflect.ValueOf(s).Elem()); got != want+largest {
			t.Errorf("%v: a solver holds %d elements after a relative gradient, want %d", dims, got, want+largest)
		}
	}
	if fromLeft == 0 || fromRight == 0 {
		t.Errorf("%d of the shapes go from the left, %d from the right", fromLeft, fromRight)
	}
}

// TestRestore: a run that goes on from a saved state has the bits of one that
// was not interrupted.
func TestRestore(t *testing.T) {
	for _, backend := range compiledBackends() {
		b := open(t, backend, 1)
		for _, dims := range shapes {
			target, w0 := problem(dims, 1)
			whole := deep.New(b, target, w0, 0.1)
			run(t, whole, 23)
			data, err := whole.Save()
			if err != nil {
				t.Fatal(err)
			}
			_, w1 := problem(dims, 2)
			resumed := deep.New(b, target, w1, 0.1)
			resumed.Gradients() // must not outlive the factors
			if err := resumed.Restore(data); err != nil {
				t.Fatal(err)
			}
			sameBits(t, fmt.Sprint(backend, dims, " restored"), whole, resumed)
			run(t, whole, 30)
			run(t, resumed, 30)
			sameBits(t, fmt.Sprint(backend, dims, " 30 steps later"), whole, resumed)
			again, err := resumed.Save()
			if err != nil {
				t.Fatal(err)
			}
			if data, _ = whole.Save(); !slices.Equal(data, again) {
				t.Errorf("%s %v: the states differ", backend, dims)
			}
		}
	}

	// States of other shapes change nothing; some have factors of equal size.
	b := open(t, "native", 1)
	target, w0 := problem([]int{4, 6, 4}, 1)
	s, same := deep.New(b, target, w0, 0.1), deep.New(b, target, w0, 0.1)
	run(t, s, 5)
	run(t, same, 5)
	for _, dims := range [][]int{{6, 4, 6}, {3, 8, 3}, {4, 6, 4, 6}, {4, 6}, {4, 6, 5}, {4, 4, 4}} {
		target, w0 := problem(dims, 1)
		data, err := deep.New(b, target, w0, 0.1).Save()
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range [][]byte{data, data[:len(data)/2], nil, []byte("hello")} {
			if err := s.Restore(bad); err == nil {
				t.Errorf("%d bytes of the state of a solver of dimensions %v were taken", len(bad), dims)
			}
			sameBits(t, fmt.Sprint("after a foreign state of dimensions ", dims), s, same)
		}
	}
	run(t, s, 5)
	run(t, same, 5)
	sameBits(t, "after all foreign states", s, same)
}

func TestFingerprint(t *testing.T) {
	b := open(t, "native", 1)
	dims := []int{4, 6, 5}
	of := func(dims []int, eta float64, change func(target blas.General[float64], w []blas.General[float64]), extra ...any) string {
		target, w0 := problem(dims, 1)
		if change != nil {
			change(target, w0)
		}
		h, err := deep.New(b, target, w0, eta).Fingerprint(extra...)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	seen := map[string]string{of(dims, 0.1, nil): "the first"}
	if _, ok := seen[of(dims, 0.1, nil)]; !ok {
		t.Error("the same problem has two fingerprints")
	}
	for name, h := range map[string]string{
		"η":    of(dims, math.Nextafter(0.1, 1), nil),
		"dims": of([]int{4, 7, 5}, 0.1, nil),
		"Ŵ": of(dims, 0.1, func(target blas.General[float64], _ []blas.General[float64]) {
			target.Data[3] = math.Nextafter(target.Data[3], 2)
		}),
		"start": of(dims, 0.1, func(_ blas.General[float64], w []blas.General[float64]) {
			w[1].Data[3] = math.Nextafter(w[1].Data[3], 2)
		}),
		"extra": of(dims, 0.1, nil, "native"),
	} {
		if other, ok := seen[h]; ok {
			t.Errorf("another %s has the fingerprint of %s", name, other)
		}
		seen[h] = name
	}
}

func TestDivergence(t *testing.T) {
	for _, backend := range compiledBackends() {
		b := open(t, backend, 1)
		for _, dims := range shapes {
			for _, scale := range []float64{3, 1e10, 1e30} {
				target, w0 := problem(dims, 1)
				for _, w := range w0 {
					for i := range w.Data {
						w.Data[i] *= scale
					}
				}
				where := fmt.Sprintf("%s %v from %g", backend, dims, scale)
				s := deep.New(b, target, w0, 50)
				var err error
				for range 1000 {
					if err = s.Step(); err != nil {
						break
					}
				}
				var d *solvers.Divergence
				if !errors.As(err, &d) {
					t.Errorf("%s: %v", where, err)
					continue
				}
				if d.Iteration != s.Iteration() || d.Reason == "" {
					t.Errorf("%s: %v at iteration %d", where, err, s.Iteration())
				}
				for _, w := range s.Factors() {
					for _, v := range w.Data {
						if v-v != 0 {
							t.Fatalf("%s: the last iterate has the element %v", where, v)
						}
					}
				}
				e := norm(difference(s.Factors(), target))
				near(t, where+" the error", s.Error(), e/norm(target), 1e-10)
			}
		}
	}
}

func TestRelativeGradient(t *testing.T) {
	b := open(t, "native", 1)
	for _, dims := range shapes {
		target, w0 := problem(dims, 5)
		s := deep.New(b, target, w0, 0.1)
		for range 4 {
			e := difference(s.Factors(), target)
			want := norm(terms(s.Factors(), e)...) / norm(terms(s.Factors(), target)...)
			near(t, fmt.Sprint(dims), s.RelativeGradient(), want, 1e-10)
			// It leaves the step what it was.
			next := step(target, s.Factors(), 0.1)
			run(t, s, 1)
			for j, w := range s.Factors() {
				compare(t, fmt.Sprint(dims), w, next[j], 1e-13)
			}
		}
		zero := deep.New(b, blas.NewGeneral[float64](target.Rows, target.Cols), w0, 0.1)
		if got := zero.RelativeGradient(); !math.IsNaN(got) {
			t.Errorf("%v: the relative gradient for Ŵ = 0 is %v", dims, got)
		}
		near(t, "the error for Ŵ = 0", zero.Error(), norm(chained(w0, dims[0])), 1e-13)
	}
}

func TestStarts(t *testing.T) {
	const scale, seeds = 0.3, 600
	for _, dims := range [][]int{{30, 20}, {12, 9, 15}, {8, 8, 8, 8}, {9, 14, 7, 10, 12}} {
		var sum float64
		for seed := range uint64(seeds) {
			n := norm(chained(deep.Gaussian(dims, scale, seed), dims[0]))
			sum += n * n
		}
		near(t, fmt.Sprintf("%v: E‖W‖²", dims), sum/seeds, scale*scale, 0.06)

		w := deep.Gaussian(dims, scale, 1)
		if !slices.Equal(deep.Dims(w), dims) {
			t.Errorf("factors of dimensions %v, want %v", deep.Dims(w), dims)
		}
	}
	if w := deep.Gaussian([]int{5, 5, 5}, 1, 1); slices.Equal(w[0].Data, w[1].Data) {
		t.Error("the factors of a start are the same")
	}
	w := deep.Perturbed([]int{2, 3, 2}, 2, 0.5)
	if !slices.Equal(w[0].Data, []float64{1.5, 0, 0, 1.5, 0, 0}) || !slices.Equal(w[1].Data, []float64{2, 0, 0, 0, 2, 0}) {
		t.Errorf("the perturbed start is %v", w)
	}
}

// TestProduct: as many digits at a small start, where W − Ŵ holds none of W's,
// as near convergence.
func TestProduct(t *testing.T) {
	for _, backend := range compiledBackends() {
		b := open(t, backend, 1)
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
				compare(t, where, s.Product(), chained(s.Factors(), dims[0]), 1e-13)
			}
			near := deep.New(b, chained(w0, dims[0]), w0, 0.1)
			compare(t, fmt.Sprint(backend, dims, " at the target"), near.Product(), chained(w0, dims[0]), 1e-13)
			p := near.Product()
			p.Data[0]++
			compare(t, "a second product", near.Product(), chained(w0, dims[0]), 1e-13)
		}
		target, _ := symmetric([]float64{2, 1, 0.5, 0.2, 0.1}, 3)
		s := deep.New(b, target, deep.Identity([]int{5, 5, 5, 5}, 0.7), 0.05)
		run(t, s, 5000)
		if !(s.Error() < 1e-13) {
			t.Errorf("%s: an error of %v after %d steps", backend, s.Error(), s.Iteration())
		}
		compare(t, backend+" after convergence", s.Product(), target, 1e-13)
	}
}

func TestBadArguments(t *testing.T) {
	b := open(t, "native", 1)
	target, w0 := problem([]int{4, 6, 5}, 1)
	for name, f := range map[string]func(){
		"no factors":      func() { deep.New(b, target, nil, 0.1) },
		"too few factors": func() { deep.New(b, target, w0[:1], 0.1) },
		"the wrong order": func() { deep.New(b, target, []blas.General[float64]{w0[1], w0[0]}, 0.1) },
		"another target":  func() { deep.New(b, transposed(target), w0, 0.1) },
		"η = 0":           func() { deep.New(b, target, w0, 0) },
		"η that is NaN":   func() { deep.New(b, target, w0, math.NaN()) },
		"η not finite":    func() { deep.New(b, target, w0, math.Inf(1)) },
		"η below float32s": func() {
			deep.New(b, blas.Convert[float32](target), []blas.General[float32]{blas.Convert[float32](target)}, 1e-60)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
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

package deep_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/internal/testsolvers"
	"lowrank/internal/twofold"
	"lowrank/solvers/deep"
)

// exactly are the eigenvalues of the factors in 106 bits; b is nil where all are
// equal.
type exactly struct {
	a, b []twofold.Number
}

func exactStart(start deep.Start, n int) exactly {
	x := exactly{a: make([]twofold.Number, n)}
	if start.Kind == deep.PerturbedStart {
		x.b = make([]twofold.Number, n)
	}
	for i := range n {
		x.a[i] = twofold.Of(start.Alpha)
		if x.b != nil {
			x.b[i] = twofold.Of(start.Alpha - start.Beta)
		}
	}
	return x
}

// step makes a step and returns the eigenvalues of the product.
func (x exactly) step(depth int, lambda []float64, eta float64) []twofold.Number {
	p := make([]twofold.Number, len(lambda))
	for i, l := range lambda {
		a := x.a[i]
		if x.b == nil {
			q := a.Power(depth - 1)
			x.a[i] = a.Minus(q.Times(q.Times(a).Minus(twofold.Of(l))).Times(twofold.Of(eta)))
			p[i] = x.a[i].Power(depth)
			continue
		}
		b, q := x.b[i], a.Power(depth-2)
		r := q.Times(q.Times(a).Times(b).Minus(twofold.Of(l))).Times(twofold.Of(eta))
		x.a[i], x.b[i] = a.Minus(r.Times(b)), b.Minus(r.Times(a))
		p[i] = x.a[i].Power(depth - 1).Times(x.b[i])
	}
	return p
}

func diagonal(lambda []float64) blas.General[float64] {
	m := blas.NewGeneral[float64](len(lambda), len(lambda))
	for i, l := range lambda {
		m.Row(i)[i] = l
	}
	return m
}

func decomposed(t testing.TB, target blas.General[float64]) *deep.Decomposition {
	t.Helper()
	d, err := deep.Decompose(testsolvers.Open(t, "native", 1), target)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSpectralRounding: the estimate of the error of the product is never below half of
// the true one, which is taken against the recursion in 106 bits, and where
// no error is amplified for long it is itself small.
func TestSpectralRounding(t *testing.T) {
	together := []float64{2, 1, 1, 0.5, 0.01, 0, -0.3, -1, -1}
	targets := [][]float64{together}
	for _, l := range []float64{3, 1, 0.2, 0, -0.2, -1, -3} {
		targets = append(targets, []float64{l})
	}
	worst, largest, unpredictable, runs := 0.0, 0.0, 0, 0
	for _, lambda := range targets {
		d := decomposed(t, diagonal(lambda))
		if d.Residual != 0 || d.Orthogonality != 0 {
			t.Fatalf("a diagonal Ŵ has the errors %g and %g", d.Residual, d.Orthogonality)
		}
		for _, depth := range []int{1, 2, 3, 4} {
			for _, start := range []deep.Start{
				{Alpha: 1e-3}, {Alpha: 0.1}, {Alpha: 0.9},
				{Kind: deep.PerturbedStart, Alpha: 1e-3, Beta: 1e-4}, {Kind: deep.PerturbedStart, Alpha: 0.1, Beta: 1e-6},
				{Kind: deep.PerturbedStart, Alpha: 0.3, Beta: 0.1}, {Kind: deep.PerturbedStart, Alpha: 0.9, Beta: 0.01},
			} {
				for _, share := range []float64{1e-3, 0.03, 0.5, 0.95, 1.2, 1.6, 1.95} {
					size := math.Max(math.Max(math.Abs(lambda[0]), math.Abs(lambda[len(lambda)-1])), math.Pow(start.Alpha, float64(depth)))
					if size == 0 {
						size = 1
					}
					eta := share * 2 / (float64(depth) * math.Pow(size, 2-2/float64(depth)))
					name := fmt.Sprintf("λ = %v, N = %d, %+v, η = %g", lambda, depth, start, eta)
					s := deep.NewEigenvalueSolver(d, start, depth, eta)
					from := start
					if depth == 1 && start.Kind == deep.PerturbedStart {
						from = deep.Start{Alpha: start.Alpha - start.Beta}
					}
					x := exactStart(from, len(lambda))
					runs++
					last := 0.0
					for k := 1; k <= 2500; k++ {
						if err := s.Step(); err != nil {
							if share < 1 && start.Alpha < 0.5 {
								t.Errorf("%s: %v", name, err)
							}
							break
						}
						p := x.step(depth, d.Values, eta)
						if k > 10 && k%50 != 0 {
							continue
						}
						var apart, norm float64
						for i, v := range p {
							apart = math.Hypot(apart, (v.Hi-s.Eigenvalues()[i])+v.Lo)
							norm = math.Hypot(norm, v.Hi)
						}
						last = s.RoundingError()
						if last != last {
							continue
						}
						worst = math.Max(worst, apart/norm/last)
						if !(last >= apart/norm/2) {
							t.Errorf("%s, k = %d: the error is %.2g; estimated %.2g", name, k, apart/norm, last)
							break
						}
					}
					switch {
					case last != last && slices.Max(s.SingularValues()) > 1e-290: // not all underflown
						unpredictable++
						if share < 0.9 {
							t.Errorf("%s: not predictable", name)
						}
					case share <= 0.5 && len(lambda) > 1:
						largest = math.Max(largest, last)
					}
				}
			}
		}
	}
	t.Logf("the error is at most %.3g times the estimate; of %d runs %d are not predictable; estimates to %.2g", worst, runs, unpredictable, largest)
	if !(worst > 0.1) || largest > 1e-9 || unpredictable == 0 || unpredictable > runs/5 {
		t.Errorf("the error is at most %.3g times the estimate; of %d runs %d are not predictable; estimates to %.2g", worst, runs, unpredictable, largest)
	}
}

// TestSpectralDecompositionError: of a Ŵ that is not diagonal the estimate covers the
// errors of the decomposition too, against matrices of 106 bits.
func TestSpectralDecompositionError(t *testing.T) {
	worst := 0.0
	for seed, lambda := range [][]float64{{1, 0.9, 0.5, 0.1, 0, 0}, {2, 1, 1, 1, 0.3, 0.3}, {1, 1e-3, 1e-6, 0, 0, 0}, {3, 1, 0.5, -0.2, -1, -2}} {
		n := len(lambda)
		target, _ := symmetric(lambda, uint64(seed))
		d := decomposed(t, target)
		if !(d.Residual > 0 && d.Residual < 1e-14 && d.Orthogonality > 0 && d.Orthogonality < 1e-14) {
			t.Errorf("λ = %v: the decomposition has the errors %g and %g", lambda, d.Residual, d.Orthogonality)
		}
		for _, depth := range []int{1, 2, 3} {
			for _, alpha := range []float64{0.01, 0.5} {
				eta := 0.4 / (float64(depth) * math.Pow(lambda[0], 2-2/float64(depth)))
				s := deep.NewEigenvalueSolver(d, deep.Start{Alpha: alpha}, depth, eta)
				w := twofold.MatrixOf(deep.IdentityFactors([]int{n, n}, alpha)[0].Data, n)
				want := twofold.MatrixOf(target.Data, n)
				for k := 1; k <= 400; k++ {
					q := twofold.MatrixOf(deep.IdentityFactors([]int{n, n}, 1)[0].Data, n)
					for range depth - 1 {
						q = q.Times(w)
					}
					w = w.Less(eta, q.Times(q.Times(w).Less(1, want)))
					if err := s.Step(); err != nil {
						t.Fatal(err)
					}
					if k%20 != 0 {
						continue
					}
					product := q.Times(w)
					if depth > 1 {
						product = w
						for range depth - 1 {
							product = product.Times(w)
						}
					}
					actual, estimate := product.Distance(s.Product().Data), s.RoundingError()
					worst = math.Max(worst, actual/estimate)
					if !(estimate >= actual/2) || estimate > 1e-10 {
						t.Errorf("λ = %v, N = %d, α = %g, k = %d: the error is %.2g; estimated %.2g", lambda, depth, alpha, k, actual, estimate)
						break
					}
				}
			}
		}
	}
	t.Logf("the error is at most %.3g times the estimate", worst)
}

// TestDirectDeparts: the direct method leaves the trajectory within a factor of the
// iterate that is stated, since its rounding errors decide; this method does not, and
// well before both agree.
func TestDirectDeparts(t *testing.T) {
	ten := []float64{1, 0.8, 0.5, 0.4, 0.3, 0.2, 0, 0, -0.3, -1}
	soonest, latest := math.Inf(1), 0.0
	perturbed := func(alpha, beta float64) deep.Start {
		return deep.Start{Kind: deep.PerturbedStart, Alpha: alpha, Beta: beta}
	}
	for _, c := range []struct {
		depth   int
		start   deep.Start
		lambda  []float64
		eta     float64
		steps   int
		departs bool
	}{
		{2, deep.Start{Alpha: 0.3}, ten, 0.03, 2000, true},
		{2, deep.Start{Alpha: 0.01}, []float64{2, 1.5, 1, 0.7, 0.2, 0.1, 0.1, 0, 0, -1.5}, 0.05, 1000, true},
		{2, deep.Start{Alpha: 0.5}, []float64{-0.1, -0.2, -0.3, -0.4, -0.5, -0.6, -0.7, -0.8, -0.9, -1}, 0.1, 600, true},
		{3, deep.Start{Alpha: 0.5}, ten, 0.05, 2500, true},
		{3, deep.Start{Alpha: 0.5}, []float64{1, 0.001, -2}, 0.02, 3000, true},
		{4, deep.Start{Alpha: 0.6}, ten, 0.05, 3000, true},
		{3, perturbed(0.5, 1e-3), ten, 0.05, 2500, true},
		{3, perturbed(0.5, 0.2), ten, 0.05, 2500, false},
		{2, perturbed(0.5, 0.01), ten, 0.05, 2500, false},
		{2, deep.Start{Alpha: 0.3}, ten[:8], 0.05, 2500, false},
		{1, deep.Start{Alpha: 0.3}, ten, 0.05, 2500, false},
	} {
		for seed, backend := range []string{"native", "native", "gonum"} {
			target, _ := symmetric(c.lambda, uint64(seed+1))
			b := testsolvers.Open(t, backend, 1)
			of, err := deep.Decompose(b, target)
			if err != nil {
				t.Fatal(err)
			}
			s := deep.NewEigenvalueSolver(of, c.start, c.depth, c.eta)
			direct := directlyOn(b, target, c.start, c.depth, c.eta)
			x := exactStart(c.start, len(c.lambda))
			name := fmt.Sprintf("%s, N = %d, %v", backend, c.depth, c.start)
			left, early := -1, []float64{0}
			var p []twofold.Number
			for k := 1; k <= c.steps; k++ {
				if err := errors.Join(s.Step(), direct.Step()); err != nil {
					t.Fatal(err)
				}
				p = x.step(c.depth, of.Values, c.eta)
				if k%10 == 0 && left < 0 {
					w := s.Product()
					apart := testsolvers.Norm(testsolvers.Less(direct.Product(), w, 1)) / testsolvers.Norm(w)
					if apart >= 0.1 {
						left = k
					}
					early = append(early, apart)
				}
			}
			at := s.DirectDeparts()
			if (at >= 0) != c.departs || (left >= 0) != c.departs {
				t.Errorf("%s: the direct method leaves at %d; stated %d", name, left, at)
				continue
			}
			until := c.steps
			if c.departs {
				until = at / 2
				r := float64(left) / float64(at)
				soonest, latest = min(soonest, r), max(latest, r)
				if !(r > 0.7 && r < 1.4) {
					t.Errorf("%s: the direct method leaves at %d; stated %d", name, left, at)
				}
			}
			if worst := slices.Max(early[:until/10+1]); !(worst < 1e-6) {
				t.Errorf("%s: both differ by %.2g before iterate %d", name, worst, until)
			}
			for i, v := range p {
				if got := s.Eigenvalues()[i]; !(math.Abs(got-v.Hi) <= 1e-10) {
					t.Errorf("%s: λ_%d = %g is learnt as %g; in 106 bits %g", name, i+1, of.Values[i], got, v.Hi)
				}
			}
		}
	}
	t.Logf("the direct method leaves from %.3g to %.3g times the iterate stated", soonest, latest)
}

// TestDirectStays: of a diagonal Ŵ two factors make the same operations, and of one
// that is symmetric to the last bit they stay the transposes of each other, on a
// backend that rounds products the same in both orders.
func TestDirectStays(t *testing.T) {
	target, start := diagonal([]float64{1, 0.5, -0.3, -1}), deep.Start{Alpha: 0.3}
	s, direct := deep.NewEigenvalueSolver(decomposed(t, target), start, 2, 0.05), directly(t, target, start, 2, 0.05)
	testsolvers.Advance(t, s, 3000)
	testsolvers.Advance(t, direct, 3000)
	if at := s.DirectDeparts(); at >= 0 {
		t.Errorf("the direct method is said to leave at %d", at)
	}
	testsolvers.Compare(t, "W", direct.Product(), s.Product(), 1e-14)

	target, _ = symmetric([]float64{1, 0.8, 0.5, 0.4, 0.3, 0.2, 0, 0, -0.3, -1}, 3)
	for i := range target.Rows {
		for j := range i {
			target.Row(j)[i] = target.Row(i)[j]
		}
	}
	stated := map[bool]int{}
	for _, name := range []string{"native", "gonum"} {
		b := testsolvers.Open(t, name, 1)
		of, err := deep.Decompose(b, target)
		if err != nil {
			t.Fatal(err)
		}
		s := deep.NewEigenvalueSolver(of, start, 2, 0.05)
		direct := deep.New(b, target, deep.IdentityFactors([]int{10, 10, 10}, 0.3), 0.05)
		testsolvers.Advance(t, s, 1500)
		testsolvers.Advance(t, direct, 1500)
		w := s.Product()
		apart := testsolvers.Norm(testsolvers.Less(direct.Product(), w, 1)) / testsolvers.Norm(w)
		if at := s.DirectDeparts(); (at >= 0) != (apart > 0.1) || at < 0 && apart > 1e-12 {
			t.Errorf("%s: the direct method is said to leave at %d; it differs by %.2g", name, at, apart)
		}
		stated[s.DirectDeparts() >= 0]++
	}
	if stated[true] == 0 {
		t.Error("the direct method leaves on no backend")
	}
}

// skewed is a Ŵ with the eigenvalues lambda, symmetric to the last bit, and beside it
// Ŵ + S with a random skew S of elements up to size
// times the largest of Ŵ.
func skewed(lambda []float64, size float64, seed uint64) (mean, target blas.General[float64]) {
	mean, _ = symmetric(lambda, seed)
	rnd := rand.New(rand.NewPCG(seed, 7))
	target = mean.Clone()
	size *= max(slices.Max(mean.Data), -slices.Min(mean.Data))
	for i := range mean.Rows {
		for j := range i {
			v, s := mean.Row(i)[j], size*(2*rnd.Float64()-1)
			mean.Row(j)[i] = v
			target.Row(i)[j], target.Row(j)[i] = v+s, v-s
		}
	}
	return mean, target
}

// TestSpectralAsymmetry: of a Ŵ that is symmetric but for a skew part S the run is that
// of (Ŵ+Ŵᵀ)/2, and S, which the direct method adds in every step, decides earlier than
// rounding errors do; the iterate is stated.
func TestSpectralAsymmetry(t *testing.T) {
	ten := []float64{1, 0.8, 0.5, 0.4, 0.3, 0.2, 0, 0, -0.3, -1}
	for _, c := range []struct {
		depth      int
		start      deep.Start
		eta        float64
		skew       float64
		fewerSteps bool // than of the mean
	}{
		{2, deep.Start{Alpha: 0.3}, 0.03, 1e-15, true},
		{2, deep.Start{Alpha: 0.3}, 0.03, 1e-13, true},
		{3, deep.Start{Alpha: 0.5}, 0.05, 4e-13, true},
		{4, deep.Start{Alpha: 0.6}, 0.05, 1e-13, true},
		{3, deep.Start{Kind: deep.PerturbedStart, Alpha: 0.5, Beta: 1e-3}, 0.05, 4e-13, true},
		{3, deep.Start{Kind: deep.PerturbedStart, Alpha: 0.5, Beta: 0.2}, 0.05, 4e-13, false},
	} {
		for seed := range uint64(3) {
			mean, target := skewed(ten, c.skew, seed+1)
			name := fmt.Sprintf("N = %d, %v, skew %g, seed %d", c.depth, c.start, c.skew, seed)
			of, plain := decomposed(t, target), decomposed(t, mean)
			want := testsolvers.Norm(testsolvers.Less(target, mean, 1)) / testsolvers.Norm(mean)
			if !(math.Abs(of.Asymmetry/want-1) < 0.3) || plain.Asymmetry != 0 {
				t.Errorf("%s: the asymmetry is %g, of the mean %g; expected %g", name, of.Asymmetry, plain.Asymmetry, want)
			}
			s, other := deep.NewEigenvalueSolver(of, c.start, c.depth, c.eta), deep.NewEigenvalueSolver(plain, c.start, c.depth, c.eta)
			direct := directly(t, target, c.start, c.depth, c.eta)
			left := -1
			for k := 1; k <= 4000; k++ {
				if err := errors.Join(s.Step(), other.Step(), direct.Step()); err != nil {
					t.Fatal(err)
				}
				if k%10 == 0 && left < 0 {
					if w := s.Product(); testsolvers.Norm(testsolvers.Less(direct.Product(), w, 1)) >= 0.1*testsolvers.Norm(w) {
						left = k
					}
				}
			}
			w := other.Product()
			if apart := testsolvers.Norm(testsolvers.Less(s.Product(), w, 1)) / testsolvers.Norm(w); !(apart < 1e-13) {
				t.Errorf("%s: the product differs from that of the mean by %g", name, apart)
			}
			at, without := s.DirectDeparts(), other.DirectDeparts()
			if (at >= 0) != c.fewerSteps || (left >= 0) != c.fewerSteps {
				t.Errorf("%s: the direct method leaves at %d; stated %d", name, left, at)
				continue
			}
			if r := float64(left) / float64(at); c.fewerSteps && !(r > 0.7 && r < 1.4 && (without < 0 || at < without)) {
				t.Errorf("%s: the direct method leaves at %d; stated %d, of the mean %d", name, left, at, without)
			}
			t.Logf("%s: left %d, stated %d, of the mean %d", name, left, at, without)
		}
	}
}

// TestDirectUnpredicted: at and above the step at which ‖Ŵ‖^(1/N) repels nothing is said
// of the direct method, which may even diverge alone; below it is.
func TestDirectUnpredicted(t *testing.T) {
	target, _ := symmetric([]float64{1, 0.9, 0.8}, 1)
	of := decomposed(t, target)
	start := deep.Start{Kind: deep.PerturbedStart, Alpha: 0.3, Beta: 0.1}
	s, direct := deep.NewEigenvalueSolver(of, start, 2, 1.1), directly(t, target, start, 2, 1.1)
	testsolvers.Advance(t, s, 2000)
	var err error
	for err == nil && direct.Iteration() < 2000 {
		err = direct.Step()
	}
	if err == nil {
		t.Error("the direct method does not diverge")
	}
	if why := s.DirectUnpredicted(); s.DirectDeparts() != -1 || !strings.Contains(why, "the step η = 1.1 is not below 2/(N‖Ŵ‖^(2−2/N)) = 1") {
		t.Errorf("%d, %q", s.DirectDeparts(), why)
	}
	negative, _ := symmetric([]float64{1, 0.5, -2}, 1)
	for _, c := range []struct {
		of    *deep.Decomposition
		depth int
		eta   float64
		said  bool
	}{
		{of, 2, 0.99, true}, {of, 3, 0.66, true}, {of, 3, 0.67, false}, {of, 1, 1.9, true}, {of, 1, 3, true},
		{decomposed(t, negative), 2, 0.49, true}, {decomposed(t, negative), 2, 0.51, false},
		{decomposed(t, diagonal([]float64{1, 0.5})), 2, 1.1, false}, {decomposed(t, diagonal([]float64{0, 0})), 2, 1.1, true},
	} {
		if why := deep.NewEigenvalueSolver(c.of, start, c.depth, c.eta).DirectUnpredicted(); (why == "") != c.said {
			t.Errorf("N = %d, η = %g: %q", c.depth, c.eta, why)
		}
	}
}

// TestDirectDepartsLimited: a change of the product is at most |λ| of each negative
// eigenvalue, which of one may never be a tenth, and of many together is.
func TestDirectDepartsLimited(t *testing.T) {
	b := testsolvers.Open(t, "gonum", 1)
	one := append(append([]float64{1}, slices.Repeat([]float64{0.95}, 11)...), -0.2)
	many := append([]float64{1, 0.95}, slices.Repeat([]float64{-0.09}, 30)...)
	for _, c := range []struct {
		lambda  []float64
		steps   int
		departs bool
	}{{one, 2000, false}, {many, 2500, true}} {
		target, _ := symmetric(c.lambda, 1)
		of, err := deep.Decompose(b, target)
		if err != nil {
			t.Fatal(err)
		}
		start := deep.Start{Alpha: 0.24}
		s, direct := deep.NewEigenvalueSolver(of, start, 2, 0.3), directlyOn(b, target, start, 2, 0.3)
		left, most := -1, 0.0
		for k := 1; k <= c.steps; k++ {
			if err := errors.Join(s.Step(), direct.Step()); err != nil {
				t.Fatal(err)
			}
			if k%20 == 0 {
				w := s.Product()
				most = math.Max(most, testsolvers.Norm(testsolvers.Less(direct.Product(), w, 1))/testsolvers.Norm(w))
				if left < 0 && most >= 0.1 {
					left = k
				}
			}
		}
		at := s.DirectDeparts()
		if (at >= 0) != c.departs || (left >= 0) != c.departs || c.departs && !(float64(left) > 0.7*float64(at) && float64(left) < 1.4*float64(at)) || !(most > 0.03) {
			t.Errorf("λ = %v: the direct method leaves at %d, by up to %.2g; stated %d", c.lambda, left, most, at)
		}
		t.Logf("left %d, stated %d, %.3g", left, at, most)
	}
}

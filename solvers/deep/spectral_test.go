package deep_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

// directly is the direct method from the start that an EigenvalueSolver has.
func directly(t *testing.T, target blas.General[float64], start deep.Start, depth int, eta float64) *deep.Solver[float64] {
	t.Helper()
	return directlyOn(testsolvers.Open(t, "native", 1), target, start, depth, eta)
}

func directlyOn(b *blas.Backend, target blas.General[float64], start deep.Start, depth int, eta float64) *deep.Solver[float64] {
	dims := slices.Repeat([]int{target.Rows}, depth+1)
	beta := 0.0
	if start.Kind == deep.PerturbedStart {
		beta = start.Beta
	}
	return deep.New(b, target, deep.PerturbedFactors(dims, start.Alpha, beta), eta)
}

var spectralStarts = []deep.Start{{Alpha: 0.3}, {Kind: deep.PerturbedStart, Alpha: 0.5, Beta: 0.2}}

// TestSpectralTrajectories: the iterates and all that is said of them are those of the
// direct method.
func TestSpectralTrajectories(t *testing.T) {
	lambda := []float64{1, 0.8, 0.5, 0.5, 0.1, 0, -0.2, -0.6}
	target, _ := symmetric(lambda, 3)
	truth, _ := symmetric([]float64{1, 0.8, 0.5, 0, 0, 0, 0, 0}, 4)
	of := decomposed(t, target)
	for depth := 1; depth <= 5; depth++ {
		for _, start := range spectralStarts {
			name := fmt.Sprintf("N = %d, %v", depth, start.Kind)
			s, direct := deep.NewEigenvalueSolver(of, start, depth, 0.1), directly(t, target, start, depth, 0.1)
			opts := deep.RecorderOptions{Values: 3, Truth: &truth, Basis: of.Basis}
			rec, want := deep.NewRecorder(s, opts), deep.NewRecorder(direct, opts)
			theory := deep.NewTheory(s, start, of.Basis, deep.TheoryOptions{})
			claims := deep.NewTheory(direct, start, of.Basis, deep.TheoryOptions{})
			stop := solvers.Stop{Iterations: 200}
			for m, see := range map[solvers.Method][]solvers.Schedule{
				s:      {{Recorder: rec, Every: 20}, {Recorder: theory, Every: 1}},
				direct: {{Recorder: want, Every: 20}, {Recorder: claims, Every: 1}},
			} {
				if res, err := solvers.Run(context.Background(), m, stop, see...); err != nil || res.Iterations != 200 {
					t.Fatalf("%s: %+v, %v", name, res, err)
				}
			}
			testsolvers.Compare(t, name+", W", s.Product(), direct.Product(), 1e-12)
			for j, w := range s.Factors() {
				testsolvers.Compare(t, fmt.Sprintf("%s, W_%d", name, j+1), w, direct.Factors()[j], 1e-12)
				for i := range w.Rows {
					for l := range i {
						if w.Row(i)[l] != w.Row(l)[i] {
							t.Fatalf("%s: W_%d is not symmetric", name, j+1)
						}
					}
				}
			}
			for what, pair := range map[string][2]float64{
				"loss": {s.Loss(), direct.Loss()}, "error": {s.Error(), direct.Error()}, "gradient": {s.RelativeGradient(), direct.RelativeGradient()},
			} {
				if !(math.Abs(pair[0]-pair[1]) <= 1e-11*pair[1]+1e-14) {
					t.Errorf("%s: %s %g; directly %g", name, what, pair[0], pair[1])
				}
			}
			testsolvers.Near(t, name+", distance", s.DistanceTo(truth), testsolvers.Norm(testsolvers.Less(direct.Product(), truth, 1)), 1e-12)
			if e := s.RoundingError(); !(e > 0 && e < 1e-12) {
				t.Errorf("%s: rounding error %g", name, e)
			}
			if !slices.Equal(rec.Trace.Columns, want.Trace.Columns) || len(rec.Trace.Rows) != len(want.Trace.Rows) {
				t.Fatalf("%s: columns %v; expected %v", name, rec.Trace.Columns, want.Trace.Columns)
			}
			for k, row := range want.Trace.Rows {
				for c, v := range row {
					if got := rec.Trace.Rows[k][c]; !(math.Abs(got-v) <= 1e-11*math.Abs(v)+1e-13) {
						t.Errorf("%s: %s in row %d is %g; directly %g", name, want.Trace.Columns[c], k, got, v)
					}
				}
			}
			holding := 0
			got := theory.Checks()
			for i, c := range claims.Checks() {
				want := c.Verdict
				if computedWith(c.Name) && want == solvers.Holds {
					want = solvers.NotMet
					if !strings.Contains(got[i].Note, "not tested: a run of the eigenvalues computes with it") {
						t.Errorf("%s: %v", name, got[i])
					}
				}
				if got[i].Name != c.Name || got[i].Verdict != want {
					t.Errorf("%s: directly %v\n%v", name, c, got[i])
				}
				if c.Verdict == solvers.Holds {
					holding++
				}
			}
			if holding < 3 && (depth > 1 || start.Kind == deep.IdenticalStart) {
				t.Errorf("%s: %d claims hold", name, holding)
			}
		}
	}
}

// computedWith: the claim is what the iterates of an EigenvalueSolver are computed with.
func computedWith(claim string) bool {
	return slices.ContainsFunc([]string{"Lemma 2.1,", "Lemma 2.8,", "Lemma 2.9,", "Lemma D.1,"}, func(s string) bool { return strings.HasPrefix(claim, s) })
}

// TestSpectralSeesAll: nothing is lost to rounding errors that the direct method
// amplifies, so the claims are observed in all iterates.
func TestSpectralSeesAll(t *testing.T) {
	lambda := []float64{2, 1, -1, -1.5}
	target, _ := symmetric(lambda, 1)
	of := decomposed(t, target)
	start := deep.Start{Alpha: 0.3}
	s := deep.NewEigenvalueSolver(of, start, 2, 0.03)
	theory := deep.NewTheory(s, start, of.Basis, deep.TheoryOptions{})
	if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 1500}, solvers.Schedule{Recorder: theory, Every: 1}); err != nil {
		t.Fatal(err)
	}
	for _, c := range theory.Checks() {
		if c.Verdict == solvers.Fails || strings.Contains(c.Note, "recovers negative") {
			t.Error(c)
		}
	}
}

// spectralOf is the target of these eigenvalues from one of two starts, as α and β.
func spectralOf(lambda []float64, start deep.Start, depth int, eta float64) testsolvers.Problem[*deep.EigenvalueSolver] {
	target, _ := symmetric(lambda, 5)
	return testsolvers.Problem[*deep.EigenvalueSolver]{
		Name: fmt.Sprintf("N = %d, %+v", depth, start),
		Start: func(seed uint64) iterate {
			return iterate{{Rows: 1, Cols: 2, Stride: 2, Data: []float64{start.Alpha * (1 + 0.1*float64(seed-1)), start.Beta}}}
		},
		New: func(t testing.TB, b *blas.Backend, s iterate) *deep.EigenvalueSolver {
			of, err := deep.Decompose(b, target)
			if err != nil {
				t.Fatal(err)
			}
			return deep.NewEigenvalueSolver(of, deep.Start{Kind: start.Kind, Alpha: s[0].Data[0], Beta: s[0].Data[1]}, depth, eta)
		},
	}
}

func TestSpectralBattery(t *testing.T) {
	lambda := []float64{1, 0.5, 0.2, -1}
	b := testsolvers.Battery[*deep.EigenvalueSolver]{
		Iterate: func(s *deep.EigenvalueSolver) iterate { return s.Factors() },
		Says: func(s *deep.EigenvalueSolver) [][]float64 {
			return [][]float64{{s.Loss(), s.RoundingError(), float64(s.DirectDeparts())}, s.Eigenvalues()}
		},
		Splits: []int{0, 1, 700, 1500},
		Without: map[string]string{
			"trajectories": "it makes no passes; TestSpectralTrajectories compares it with the direct method",
			"gradients":    "the direct method's, which it is compared with, are",
			"threads":      "its steps are of scalars, on one thread",
			"ensemble":     "there is nothing to share",
		},
	}
	refused := func(p testsolvers.Problem[*deep.EigenvalueSolver], t testing.TB, on *blas.Backend) testsolvers.Method {
		return p.New(t, on, p.Start(1))
	}
	for depth := 1; depth <= 3; depth++ {
		for _, start := range spectralStarts {
			b.Restored = append(b.Restored, spectralOf(lambda, start, depth, 0.05))
			b.Allocations = append(b.Allocations, spectralOf(lambda, start, depth, 0.05))
		}
	}
	target, _ := symmetric(lambda, 5)
	b.Foreign = []testsolvers.Foreign[*deep.EigenvalueSolver]{{
		Problem: spectralOf(lambda, spectralStarts[0], 2, 0.05),
		States: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{
			"pairs": func(t testing.TB, on *blas.Backend) testsolvers.Method {
				return refused(spectralOf(lambda, spectralStarts[1], 2, 0.05), t, on)
			},
			"the direct method": func(t testing.TB, on *blas.Backend) testsolvers.Method {
				return directlyOn(on, target, spectralStarts[0], 2, 0.05)
			},
		},
	}}
	for _, c := range []struct {
		depth int
		start deep.Start
		eta   float64
	}{{1, deep.Start{Alpha: 0.5}, 2.5}, {2, deep.Start{Alpha: 3}, 1}, {3, deep.Start{Alpha: 2}, 5}, {2, deep.Start{Kind: deep.PerturbedStart, Alpha: 3, Beta: 0.5}, 1}} {
		b.Divergent = append(b.Divergent, spectralOf([]float64{2, 1, -1}, c.start, c.depth, c.eta))
	}
	of := func(seed uint64, start deep.Start, depth int, eta float64) func(testing.TB, *blas.Backend) testsolvers.Method {
		target, _ := symmetric([]float64{1, 0.5, -1}, seed)
		return func(t testing.TB, _ *blas.Backend) testsolvers.Method {
			return deep.NewEigenvalueSolver(decomposed(t, target), start, depth, eta)
		}
	}
	b.Identities = []testsolvers.Identity[*deep.EigenvalueSolver]{{
		Name: "two factors",
		Of: func(t testing.TB, on *blas.Backend) *deep.EigenvalueSolver {
			return of(1, spectralStarts[0], 2, 0.1)(t, on).(*deep.EigenvalueSolver)
		},
		Others: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{
			"depth": of(1, spectralStarts[0], 3, 0.1), "η": of(1, spectralStarts[0], 2, 0.2), "start": of(1, spectralStarts[1], 2, 0.1),
			"α": of(1, deep.Start{Alpha: 0.4}, 2, 0.1), "Ŵ": of(2, spectralStarts[0], 2, 0.1),
		},
	}}
	testsolvers.Run(t, b)

	s := deep.NewEigenvalueSolver(decomposed(t, target), spectralStarts[0], 3, 0.05)
	if s.Passes() != 0 || s.StepSize() != 0.05 || !(s.Flops() > 0) {
		t.Errorf("%d passes, a step of %g, %g operations", s.Passes(), s.StepSize(), s.Flops())
	}
}

// TestSpectralDivergence: both methods find a divergence at the same iterate, for the
// same reason, and hold the last finite one.
func TestSpectralDivergence(t *testing.T) {
	target, _ := symmetric([]float64{2, 1, -1}, 7)
	of := decomposed(t, target)
	for _, c := range []struct {
		depth int
		start deep.Start
		eta   float64
	}{
		{1, deep.Start{Alpha: 0.5}, 2.5}, {2, deep.Start{Alpha: 3}, 1}, {3, deep.Start{Alpha: 2}, 5},
		{2, deep.Start{Kind: deep.PerturbedStart, Alpha: 3, Beta: 0.5}, 1}, {4, deep.Start{Kind: deep.PerturbedStart, Alpha: 2, Beta: 0.1}, 1e100},
		{3, deep.Start{Alpha: 0.5}, 1e300}, {2, deep.Start{Alpha: 1e100}, 1e200},
	} {
		s, direct := deep.NewEigenvalueSolver(of, c.start, c.depth, c.eta), directly(t, target, c.start, c.depth, c.eta)
		var errS, errD error
		for errS == nil && s.Iteration() < 1000 {
			errS = s.Step()
		}
		for errD == nil && direct.Iteration() < 1000 {
			errD = direct.Step()
		}
		var a, b *solvers.Divergence
		if !errors.As(errS, &a) || !errors.As(errD, &b) {
			t.Errorf("%+v: %v; directly %v", c, errS, errD)
			continue
		}
		if a.Iteration != b.Iteration || a.Iteration != s.Iteration() || strings.Fields(a.Reason)[0] != strings.Fields(b.Reason)[0] {
			t.Errorf("%+v: %v; directly %v", c, a, b)
		}
		if l := s.Loss(); math.IsNaN(l) || slices.ContainsFunc(s.Eigenvalues(), func(p float64) bool { return p-p != 0 }) {
			t.Errorf("%+v: the iterate is not finite", c)
		}
	}
}

func TestDecomposeBad(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	apart, _ := symmetric([]float64{1, 2, 3}, 1)
	apart.Row(0)[1] += 1e-3
	apart.Row(2)[0] += 0.5
	infinite := diagonal([]float64{1, math.Inf(1)})
	for want, m := range map[string]blas.General[float64]{
		"the target is 2×3":                          blas.NewGeneral[float64](2, 3),
		"the target is not symmetric: rows 3 and 1 ": apart,
		"the element +Inf in row 2, column 2":        infinite,
	} {
		if _, err := deep.Decompose(b, m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; expected %s", err, want)
		}
	}
	zero := decomposed(t, blas.NewGeneral[float64](2, 2))
	s := deep.NewEigenvalueSolver(zero, deep.Start{Alpha: 0.5}, 2, 0.1)
	testsolvers.Advance(t, s, 10)
	if e := s.Error(); !(e > 0 && e < 0.5) || zero.Residual != 0 || !math.IsNaN(s.RelativeGradient()) {
		t.Errorf("Ŵ = 0: error %g, residual %g, gradient %g", e, zero.Residual, s.RelativeGradient())
	}
}

func TestSpectralPanics(t *testing.T) {
	of := decomposed(t, diagonal([]float64{2, 1}))
	other := decomposed(t, diagonal([]float64{2, 1}))
	good := deep.Start{Alpha: 0.5}
	for name, f := range map[string]func(){
		"the identical or the perturbed start": func() { deep.NewEigenvalueSolver(of, deep.Start{Kind: deep.OtherStart, Alpha: 1}, 2, 0.1) },
		"of finite numbers":                    func() { deep.NewEigenvalueSolver(of, deep.Start{Alpha: math.NaN()}, 2, 0.1) },
		"depth must be at least 1":             func() { deep.NewEigenvalueSolver(of, good, 0, 0.1) },
		"the step must be positive":            func() { deep.NewEigenvalueSolver(of, good, 2, 0) },
		"measured in that basis":               func() { deep.NewMeter(deep.NewEigenvalueSolver(of, good, 2, 0.1), other.Basis) },
	} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), name) {
					t.Errorf("%v; expected a panic with %q", r, name)
				}
			}()
			f()
		}()
	}
}

func BenchmarkSpectral(b *testing.B) {
	lambda := make([]float64, 300)
	for i := range lambda {
		lambda[i] = math.Cos(float64(i))
	}
	of, err := deep.Decompose(testsolvers.Open(b, "native", 1), diagonal(lambda))
	if err != nil {
		b.Fatal(err)
	}
	for _, start := range spectralStarts {
		b.Run(start.Kind.String(), func(b *testing.B) {
			s := deep.NewEigenvalueSolver(of, start, 3, 0.01)
			for b.Loop() {
				if err := s.Step(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestSpectralScales: Ŵ·2^k from α·2^(k/2) with η·2^(−k) is the same run of two factors,
// also where squares leave the range of numbers.
func TestSpectralScales(t *testing.T) {
	target, _ := symmetric([]float64{1, 0.8, 0.5, 0.2, 0, -1}, 3)
	says := func(k int, start deep.Start) []float64 {
		scaled := target.Clone()
		for i := range scaled.Data {
			scaled.Data[i] = math.Ldexp(scaled.Data[i], k)
		}
		start.Alpha, start.Beta = math.Ldexp(start.Alpha, k/2), math.Ldexp(start.Beta, k/2)
		s := deep.NewEigenvalueSolver(decomposed(t, scaled), start, 2, math.Ldexp(0.05, -k))
		testsolvers.Advance(t, s, 1200)
		return []float64{s.RoundingError(), float64(s.DirectDeparts()), s.Error(), s.RelativeGradient(), deep.EffectiveRank(s.SingularValues())}
	}
	for _, start := range spectralStarts {
		want := says(0, start)
		for _, k := range []int{-560, 600} {
			for i, got := range says(k, start) {
				if !(math.Abs(got-want[i]) <= 1e-9*math.Abs(want[i])) {
					t.Errorf("%v, 2^%d: number %d is %g; expected %g", start.Kind, k, i, got, want[i])
				}
			}
		}
		if !(want[0] > 0) || (want[1] > 0) != (start.Kind == deep.IdenticalStart) {
			t.Errorf("%v: %v", start.Kind, want)
		}
	}
}

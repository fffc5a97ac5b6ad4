package symmetric_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/data/problem"
	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// TestQuantities compares with the definitions, evaluated by full singular
// value decompositions in the eigenbasis.
func TestQuantities(t *testing.T) {
	b := testsolvers.Open(t, "native", 2)
	for _, d := range []int{3, 10, 1100} {
		for _, r := range []int{1, 2, 3, 7} {
			if r >= d {
				continue
			}
			for _, indefinite := range []bool{false, true} {
				t.Run(fmt.Sprintf("d=%d/r=%d/indefinite=%v", d, r, indefinite), func(t *testing.T) {
					lambda := problem.Arithmetic(d, 1, 0)
					if indefinite {
						lambda = problem.Arithmetic(d, 0.4, -float64(d)/2)
					}
					m := problem.NewDense(lambda, 2)
					y := symmetric.RandomStart(d, r, 0.9, 5) // VᵀX
					x := y.Clone()
					m.Rotate(x)
					basis := &symmetric.Eigenbasis{Values: lambda[:r+1], Vectors: m.Eigenvectors(r)}
					q := symmetric.NewTheory[float64](b, basis).Measure(x)

					near := func(name string, got, want float64) {
						t.Helper()
						if !(math.Abs(got-want) <= 2e-14*(1+math.Abs(want))) {
							t.Errorf("%s is %v, want %v", name, got, want)
						}
					}
					full := mat.NewDense(d, r, y.Data)
					rows := func(i0, i1 int) mat.Matrix { return full.Slice(i0, i1, 0, r) }
					var sum float64
					for i := range d {
						for j := range d {
							var e float64
							for k, v := range y.Row(i) {
								e -= v * y.Row(j)[k]
							}
							if i == j && i < r {
								e += max(lambda[i], 0)
							}
							sum += e * e
						}
					}
					if want := math.Sqrt(sum); !(math.Abs(q.Error-want) <= 1e-13*want) {
						t.Errorf("error is %v, want %v", q.Error, want)
					}
					e := mat.NewSymDense(d, nil)
					for i := range d {
						for j := range i + 1 {
							for k, v := range y.Row(i) {
								e.SetSym(i, j, e.At(i, j)-v*y.Row(j)[k])
							}
						}
						if i < r {
							e.SetSym(i, i, e.At(i, i)+max(lambda[i], 0))
						}
					}
					if d < 1000 {
						var eigen mat.EigenSym
						eigen.Factorize(e, false)
						values := eigen.Values(nil)
						if want := max(-values[0], values[d-1]); !(math.Abs(q.Spectral-want) <= 1e-13*want) {
							t.Errorf("spectral error is %v, want %v", q.Spectral, want)
						}
					}
					for k := range r {
						u := rows(k, k+1)
						near("signal", q.Signal[k], sigma(u, 0)*sigma(u, 0))
						var noise mat.Dense
						noise.Mul(u, rows(k+1, d).T())
						near("noise", q.Noise[k], sigma(&noise, 0))
						near("σ_1(K)", q.SigmaK[k], sigma(rows(k+1, d), 0))
						near("snr", q.Noise[k]*q.SNR[k], q.Signal[k])
					}
					near("σ_r(U)", q.SigmaRU, sigma(rows(0, r), r-1))
					near("σ_1(J)", q.Sigma1J, sigma(rows(r, d), 0))
					near("σ_1(X)", q.Sigma1X, sigma(full, 0))
				})
			}
		}
	}
}

func sigma(a mat.Matrix, k int) float64 {
	var svd mat.SVD
	svd.Factorize(a, mat.SVDNone)
	return svd.Values(nil)[k]
}

// TestNoiseBelowSquareRootOfEpsilon follows a run until the noises are far
// below what differences of Gram matrices resolve, in both bases. In the
// coordinate basis σ_1(u_1K_1ᵀ) is recomputed with plain loops.
func TestNoiseBelowSquareRootOfEpsilon(t *testing.T) {
	const d, r, eta, steps = 400, 2, 0.1, 2500
	b := testsolvers.Open(t, "native", 2)
	lambda := problem.Figure1Spectrum(d)
	m := problem.NewDense(lambda, 1)
	y0 := symmetric.RandomStart(d, r, 0.5, 3)
	x0 := y0.Clone()
	m.Rotate(x0)
	diagonal := symmetric.New(b, operator.NewDiagonal(b, lambda), y0, eta)
	dense := symmetric.New(b, operator.NewDense(b, d, m.Row), x0, eta)
	onDiagonal := symmetric.NewTheory[float64](b, symmetric.DiagonalEigenbasis(operator.NewDiagonal(b, lambda), r))
	onDense := symmetric.NewTheory[float64](b, &symmetric.Eigenbasis{Values: lambda[:r+1], Vectors: m.Eigenvectors(r)})
	least := 1.0
	for step := range steps {
		if err := diagonal.Step(); err != nil {
			t.Fatal(err)
		}
		if err := dense.Step(); err != nil {
			t.Fatal(err)
		}
		if step%50 != 0 && step != steps-1 {
			continue
		}
		p, q := onDiagonal.Measure(diagonal.X()), onDense.Measure(dense.X())
		y := diagonal.X()
		var noise float64
		for i := 1; i < d; i++ {
			c := y.Row(0)[0]*y.Row(i)[0] + y.Row(0)[1]*y.Row(i)[1]
			noise += c * c
		}
		noise = math.Sqrt(noise)
		// Where the compiler fuses multiply-adds, as on arm64, each sum is
		// rounded otherwise: by ε‖u_1‖‖K_1‖, which is below ε here.
		if !(math.Abs(p.Noise[0]-noise) <= 1e-13*noise+0x1p-52) {
			t.Errorf("t=%d: noise %v, want %v", step+1, p.Noise[0], noise)
		}
		least = min(least, noise)
		for name, pair := range map[string][2]float64{
			"error": {p.Error, q.Error}, "spectral error": {p.Spectral, q.Spectral}, "noise 1": {p.Noise[0], q.Noise[0]}, "noise 2": {p.Noise[1], q.Noise[1]},
			"signal 1": {p.Signal[0], q.Signal[0]}, "signal 2": {p.Signal[1], q.Signal[1]},
			"σ_1(K_1)": {p.SigmaK[0], q.SigmaK[0]}, "σ_1(J)": {p.Sigma1J, q.Sigma1J}, "σ_r(U)": {p.SigmaRU, q.SigmaRU},
		} {
			// The trajectories part by rounding errors, amplified while the
			// second signal escapes its saddle: 1e-12 of 1.
			if !(math.Abs(pair[0]-pair[1]) <= 1e-12) {
				t.Errorf("t=%d: %s is %v for diagonal Σ and %v for dense Σ", step+1, name, pair[0], pair[1])
			}
		}
		if p.InR != q.InR || p.InS != q.InS {
			t.Errorf("t=%d: membership of R %v and %v, of S %v and %v", step+1, p.InR, q.InR, p.InS, q.InS)
		}
	}
	if least > 1e-14 {
		t.Errorf("the smallest noise was %v: the run is too short to test small ones", least)
	}
	if q := onDense.Measure(dense.X()); q.Error > 1e-13 || !q.InR || !q.InS {
		t.Errorf("after %d steps the error is %v, in R %v, in S %v", steps, q.Error, q.InR, q.InS)
	}
}

// TestBasisFromLanczos: for a Σ whose eigenvectors nobody gave, the recorded
// quantities are the same.
func TestBasisFromLanczos(t *testing.T) {
	const d, r = 500, 3
	b := testsolvers.Open(t, "native", 2)
	lambda := append([]float64{1, 0.8, 0.5}, problem.Arithmetic(d-3, 0.3, -0.2)...)
	m := problem.NewDense(lambda, 1)
	op := operator.NewDense(b, d, m.Row)
	p, err := eigen.Leading(context.Background(), op, r+1, eigen.Options{})
	if err != nil {
		t.Fatal(err)
	}
	known := &symmetric.Eigenbasis{Values: lambda[:r+1], Vectors: m.Eigenvectors(r)}
	found := symmetric.EigenbasisOf(p)
	s := symmetric.New(b, op, symmetric.RandomStart(d, r, 0.5, 1), 0.1)
	if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 150}, solvers.Schedule{}); err != nil {
		t.Fatal(err)
	}
	want := *symmetric.NewTheory[float64](b, known).Measure(s.X())
	got := symmetric.NewTheory[float64](b, found).Measure(s.X())
	if !(math.Abs(got.Error-want.Error) <= 1e-12 && math.Abs(got.Noise[0]-want.Noise[0]) <= 1e-12 && math.Abs(got.Sigma1J-want.Sigma1J) <= 1e-12) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestStarts(t *testing.T) {
	b := testsolvers.Open(t, "native", 2)
	const d, r = 300, 3
	lambda := append([]float64{1, 0.8, 0.5}, problem.Arithmetic(d-3, 0.3, -0.2)...)
	m := problem.NewDense(lambda, 1)
	basis := &symmetric.Eigenbasis{Values: lambda[:r+1], Vectors: m.Eigenvectors(r)}
	th := symmetric.NewTheory[float64](b, basis)

	x := symmetric.RandomStart(d, r, 0.5, 1)
	var sum float64
	for _, v := range x.Data {
		sum += v * v
	}
	if got := sum / r; !(math.Abs(got-0.25) <= 0.03) { // ‖column‖² ≈ ϖ²
		t.Errorf("the columns of a large start have squared norm %v, want about 0.25", got)
	}
	if y := symmetric.RandomStart(d, r, 0.5, 2); y.Data[0] == x.Data[0] {
		t.Error("another seed gives the same start")
	}
	for _, scale := range []float64{0, 0.5, 1 - 1e-9} {
		x, err := symmetric.BenignStart(basis, scale, 1)
		if err != nil {
			t.Fatal(err)
		}
		q := th.Measure(x)
		if !q.InR {
			t.Errorf("a benign start with scale %v is not in R: %+v", scale, q)
		}
		if want := scale * scale * (0.5 - 0.1); !(math.Abs(q.Sigma1J*q.Sigma1J-want) <= 1e-9) {
			t.Errorf("scale %v: σ_1²(J) = %v, want %v", scale, q.Sigma1J*q.Sigma1J, want)
		}
	}
	if _, err := symmetric.BenignStart(basis, 1.5, 1); err == nil {
		t.Error("no error for a scale above 1")
	}
	if q := th.Measure(symmetric.SpectralStart(basis, 1)); q.Error > 1e-14 {
		t.Errorf("a spectral start has error %v", q.Error)
	}
}

func TestTheoryStep(t *testing.T) {
	if got, err := symmetric.TheoryStep([]float64{1, 0.5, 0.3}, []float64{1e-15, 1e-15, 1e-9}); err != nil || !(math.Abs(got-0.002) <= 1e-15) {
		t.Errorf("%v, %v; want 0.002", got, err)
	}
	for _, bad := range [][]float64{{1}, {1, 1}, {0, -1}, {1, 0.5, 0.5}} {
		if _, err := symmetric.TheoryStep(bad, nil); err == nil {
			t.Errorf("no error for %v", bad)
		}
	}
	if _, err := symmetric.TheoryStep([]float64{1, 0.5, 0.3}, []float64{0, 0, 0.1}); err == nil {
		t.Error("no error for a gap below the residuals")
	}
}

// TestFigure1 checks what the paper's Figure 1 shows.
func TestFigure1(t *testing.T) {
	const d, r = 4000, 2
	b := testsolvers.Open(t, "native", 2)
	lambda := problem.Figure1Spectrum(d)
	th := symmetric.NewTheory[float64](b, symmetric.DiagonalEigenbasis(operator.NewDiagonal(b, lambda), r))
	for seed := range uint64(5) {
		s := symmetric.New(b, operator.NewDiagonal(b, lambda), symmetric.RandomStart(d, r, 0.5, seed), 0.1)
		rec := symmetric.NewRecorder(s, th)
		if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 1500}, solvers.Schedule{Recorder: rec, Every: 1}); err != nil {
			t.Fatal(err)
		}
		errs, first, second := rec.Trace.Column("error"), rec.Trace.Column("signal_1"), rec.Trace.Column("signal_2")
		if !(math.Abs(errs[0]-1.172) <= 0.005) {
			t.Errorf("seed %d: the error starts at %v", seed, errs[0])
		}
		learned := -1
		for i, v := range first {
			if v > 0.9 {
				learned = i
				break
			}
		}
		if learned < 0 || second[learned] > 0.2 {
			t.Errorf("seed %d: no incremental learning: the first signal is learned at %d", seed, learned)
		}
		if last := errs[len(errs)-1]; last > 1e-6 {
			t.Errorf("seed %d: error %v at the end", seed, last)
		}
	}
}

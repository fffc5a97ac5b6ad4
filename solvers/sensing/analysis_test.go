package sensing_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

func analysisBackend(t testing.TB) *blas.Backend {
	t.Helper()
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// study is a generated problem with a small start.
func study(t testing.TB, n, rank, r, m int, alpha float64, seed uint64) (*sensing.Solver[float64], blas.General[float64]) {
	t.Helper()
	return studyOf(t, ensembleOf(t, n, m, seed), rank, r, alpha, seed)
}

func ensembleOf(t testing.TB, n, m int, seed uint64) operator.Measurement[float64] {
	t.Helper()
	a, err := problem.GenerateMeasurements[float64](analysisBackend(t), "gaussian", n, m, problem.HeldWide, seed)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func studyOf(t testing.TB, a operator.Measurement[float64], rank, r int, alpha float64, seed uint64) (*sensing.Solver[float64], blas.General[float64]) {
	t.Helper()
	x, y := problem.Truth(a.Dim(), rank, seed), make([]float64, a.Count())
	if err := a.Measure(y, x); err != nil {
		t.Fatal(err)
	}
	s, err := sensing.New(a, y, sensing.RandomStart(a.Dim(), r, alpha, seed), 0.25)
	if err != nil {
		t.Fatal(err)
	}
	return s, x
}

// outer is a·bᵀ.
func outer(a, b blas.General[float64]) blas.General[float64] {
	c := blas.NewGeneral[float64](a.Rows, b.Rows)
	for i := range a.Rows {
		for j := range b.Rows {
			for k, v := range a.Row(i) {
				c.Row(i)[j] += v * b.Row(j)[k]
			}
		}
	}
	return c
}

// The last of three leading directions is turned out of L by a known angle,
// seen through factors narrower and wider than n.
func TestAngle(t *testing.T) {
	const n, k = 30, 3
	q := problem.Orthonormal(n, 2*k, 1, "frame")
	l := &sensing.Space{Basis: blas.NewGeneral[float64](n, k)}
	for i := range n {
		copy(l.Basis.Row(i), q.Row(i))
	}
	for _, sine := range []float64{0, 1e-15, 1e-12, 1e-8, 1e-3, 0.5, 1} {
		for _, r := range []int{2 * k, 40} {
			scaled := blas.NewGeneral[float64](n, 2*k)
			for i := range n {
				row := q.Row(i)
				copy(scaled.Row(i), []float64{3 * row[0], 2 * row[1], math.Sqrt(1-sine*sine)*row[2] + sine*row[3], 1e-7 * row[4], 1e-9 * row[5], 0})
			}
			mix := problem.Orthonormal(r, 2*k, 2, "mix")
			for _, size := range []float64{1, 1e-200, 1e150} {
				u := outer(scaled, mix)
				for i := range u.Data {
					u.Data[i] *= size
				}
				if got := sensing.Angle(l, u); !(math.Abs(got-sine) <= 1e-14) {
					t.Errorf("r = %d, size %g: the angle is %v, want %v", r, size, got, sine)
				}
				c := sensing.ColumnsOf(u, k)
				for i, want := range []float64{3, 2, 1, 1e-7, 1e-9} {
					if got := c.At(i + 1); !(math.Abs(got/size-want) <= 1e-14) {
						t.Errorf("r = %d, size %g: σ_%d is %v, want %v", r, size, i+1, got, want*size)
					}
				}
			}
		}
	}
	// Spaces that already are orthonormal bases carry angles below ε too.
	w := l.Basis.Clone()
	for i := range n {
		w.Row(i)[0] += 1e-12 * q.Row(i)[4]
	}
	if got := sensing.Sine(l.Basis, w); math.Abs(got-1e-12) > 1e-15 {
		t.Errorf("the angle is %v, want 1e-12", got)
	}
}

func TestAngleUndetermined(t *testing.T) {
	q := problem.Orthonormal(6, 2, 1, "frame")
	u := blas.NewGeneral[float64](6, 3)
	l := &sensing.Space{Basis: q}
	for _, fill := range []float64{0, 1, math.NaN(), math.Inf(1)} {
		for i := range u.Data {
			u.Data[i] = fill // rank one at most
		}
		if got := sensing.Angle(l, u); !math.IsNaN(got) {
			t.Errorf("the angle of a matrix of %v is %v, want NaN", fill, got)
		}
	}
	if c := sensing.ColumnsOf(u, 2); !math.IsNaN(c.At(1)) || c.At(4) != 0 {
		t.Errorf("singular values of a matrix that is not finite: %v", c.Sigma)
	}
}

func TestLeadingSpace(t *testing.T) {
	b := analysisBackend(t)
	q := problem.Orthonormal(12, 12, 3, "frame")
	op := operator.NewLowRank(b, q, []float64{5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, -7})
	s, err := sensing.LeadingSpace(context.Background(), op, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := blas.NewGeneral[float64](12, 3)
	for i := range 12 {
		copy(want.Row(i), q.Row(i))
	}
	if a := sensing.Sine(s.Basis, want); !(a < 1e-13) || len(s.Values) != 4 || math.Abs(s.Values[2]-3) > 1e-13 || math.Abs(s.Values[3]-2) > 1e-6 || !s.Converged {
		t.Errorf("angle %v, values %v", a, s.Values)
	}
	if s, err = sensing.LeadingSpace(context.Background(), op, 12, 1); err != nil || len(s.Values) != 12 {
		t.Errorf("all of the space: %v, %v", s, err)
	}
}

// Against a power of the dense matrix, where that does not overflow, and from
// a saved state to the same bits.
func TestPower(t *testing.T) {
	const n, r, steps = 8, 3, 100
	s, _ := study(t, n, 2, r, 60, 1e-3, 4)
	back := blas.NewGeneral[float64](n, n)
	if err := s.Back().Mul(back, eye(n)); err != nil {
		t.Fatal(err)
	}
	z := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			z.Set(i, j, s.StepSize()*back.Row(i)[j])
		}
		z.Set(i, i, z.At(i, i)+1)
	}
	var want, power mat.Dense
	power.Pow(z, steps)
	want.Mul(&power, mat.NewDense(n, r, slices.Clone(s.U().Data)))

	p := sensing.NewPower(s.Back(), s.U(), s.StepSize())
	if err := p.Advance(37); err != nil {
		t.Fatal(err)
	}
	saved, err := p.Save()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Advance(steps); err != nil {
		t.Fatal(err)
	}
	size := mat.Norm(&want, 2)
	if got := p.LogNorm(); math.Abs(got-math.Log(size)) > 1e-12 {
		t.Errorf("log‖Ũ‖ is %v, want %v", got, math.Log(size))
	}
	own := mat.Norm(mat.NewDense(n, r, p.U().Data), 2)
	for i := range n {
		for k, v := range p.U().Row(i) {
			if math.Abs(v/own-want.At(i, k)/size) > 1e-13 {
				t.Errorf("element (%d, %d) of the direction is %v, want %v", i, k, v/own, want.At(i, k)/size)
			}
		}
	}
	again := sensing.NewPower(s.Back(), s.U(), s.StepSize())
	if err := again.Restore(saved); err != nil {
		t.Fatal(err)
	}
	if err := again.Advance(steps); err != nil || !slices.Equal(again.U().Data, p.U().Data) || again.LogNorm() != p.LogNorm() {
		t.Errorf("other bits after Restore: %v", err)
	}
	if err := p.Advance(20000); err != nil || !(p.LogNorm() > 710) || math.IsInf(p.LogNorm(), 0) {
		t.Errorf("log‖Ũ‖ = %v past the range of float64: %v", p.LogNorm(), err)
	}
	if got := sensing.NewPower(s.Back(), blas.NewGeneral[float64](n, 2), 0.25).Restore(saved); got == nil {
		t.Error("a state of another shape was taken")
	}
}

func eye(n int) blas.General[float64] {
	e := blas.NewGeneral[float64](n, n)
	for i := range n {
		e.Row(i)[i] = 1
	}
	return e
}

// recorded runs to iteration steps, recording every so many.
func recorded(t testing.TB, s *sensing.Solver[float64], opt sensing.RecorderOptions, steps, every int) *sensing.Recorder[float64] {
	t.Helper()
	rec, err := sensing.NewRecorder(context.Background(), s, opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: steps}, solvers.Schedule{Recorder: rec, Every: every}); err != nil {
		t.Fatal(err)
	}
	return rec
}

// A tiny start follows the power method, whose angle to L falls by the ratio
// of eigenvalues.
func TestPowerDirection(t *testing.T) {
	s, x := study(t, 20, 2, 6, 400, 1e-60, 2)
	rec := recorded(t, s, sensing.RecorderOptions{Truth: &x, Rank: 2, Power: true}, 150, 3)
	for i, v := range rec.Trace.Column("gd_power_angle") {
		if !(v < 1e-12) {
			t.Errorf("at t = %d the power method is at an angle of %g", 3*i, v)
		}
	}
	want := (1 + rec.Space.Values[2]/4) / (1 + rec.Space.Values[1]/4)
	for _, name := range []string{"angle", "power_angle"} {
		// From t = 90, past the directions that fall faster.
		if a := rec.Trace.Column(name); math.Abs(math.Pow(a[50]/a[30], 1./60)-want) > 0.005 {
			t.Errorf("%s falls by %v a step, want %v", name, math.Pow(a[50]/a[30], 1./60), want)
		}
	}

	// A start that is only small leaves it, but not at first.
	s, _ = study(t, 20, 2, 6, 400, 1e-9, 2)
	rec = recorded(t, s, sensing.RecorderOptions{Rank: 2, Power: true}, 150, 3)
	together := rec.Trace.Column("gd_power_angle")
	if got := slices.Max(together[:11]); !(got < 1e-6) {
		t.Errorf("up to t = 30 the power method is at an angle of %g", got)
	}
	if got := together[50]; !(got > 0.05) {
		t.Errorf("at t = 150 the power method is at an angle of %g", got)
	}
}

// The quick setting: the figures of the paper at n = 80.
func TestQuickSetting(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const n, rank, m = 80, 2, 1600
	a := ensembleOf(t, n, m, 1)
	for _, r := range []int{4, 10, 100} {
		t.Run(fmt.Sprint("r=", r), func(t *testing.T) {
			s, x := studyOf(t, a, rank, r, 1/(70.*n*n), 1)
			rec := recorded(t, s, sensing.RecorderOptions{Truth: &x, Rank: rank, Power: true}, 200, 4)
			angle, test, sigma := rec.Trace.Column("angle"), rec.Trace.Column("test"), rec.Trace.Column("sigma_rstar_U")
			most := 0.05
			if r >= 10 {
				most = 0.01
			}
			if got := angle[10]; !(got <= most) {
				t.Errorf("the angle is %v at t = 40, want at most %v", got, most)
			}
			if got := angle[len(angle)-1]; !(got >= 0.15 && got <= 0.35) {
				t.Errorf("the angle ends at %v, want 0.2 to 0.3", got)
			}
			if got := test[30]; !(got <= 3e-4) {
				t.Errorf("the test error is %v at t = 120, want at most 3e-4", got)
			}
			if got := test[len(test)-1]; !(got >= 1e-7 && got <= 1.2e-6) {
				t.Errorf("the test error ends at %v, want 1e-7 to 1.2e-6", got)
			}
			marks := rec.Marks()
			if !(0 < marks.Aligned && marks.Aligned < marks.Closest && marks.Closest < marks.Saddle && marks.Saddle < marks.Settled) {
				t.Errorf("marks %+v", marks)
			}
			if got := sigma[marks.Aligned/4]; !(got < 0.1) {
				t.Errorf("σ_{r_*} is %v at the end of phase I", got)
			}
			if got := test[marks.Saddle/4]; !(got > 0.3) {
				t.Errorf("the test error is %v at the end of phase II", got)
			}
			t.Logf("angle %.4g at 40, %.3g at the end, test %.3g at 120, %.3g at the end; %+v (angle %.3g, σ %.3g, test %.3g)", angle[10], angle[len(angle)-1], test[30], test[len(test)-1], marks, angle[marks.Aligned/4], sigma[marks.Aligned/4], test[marks.Saddle/4])
			for _, c := range sensing.SettingOf(x, r, 1/(70.*n*n), 0.25).Checks(test[len(test)-1], marks) {
				if c.Verdict != solvers.Reported {
					t.Error(c)
				}
				t.Log(c)
			}
		})
	}
}

// The recorder goes on from a saved state as if nothing had happened, and its
// numbers are what they are called.
func TestRecorder(t *testing.T) {
	const n, rank, r = 12, 2, 4
	opt := sensing.RecorderOptions{Rank: rank, Power: true}
	s, x := study(t, n, rank, r, 200, 1e-4, 3)
	opt.Truth = &x
	whole := recorded(t, s, opt, 90, 5)

	s1, _ := study(t, n, rank, r, 200, 1e-4, 3)
	half := recorded(t, s1, opt, 40, 5)
	solver, err := s1.Save()
	if err != nil {
		t.Fatal(err)
	}
	state, err := half.Save()
	if err != nil {
		t.Fatal(err)
	}
	s2, _ := study(t, n, rank, r, 200, 1e-4, 3)
	rest, err := sensing.NewRecorder(context.Background(), s2, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := s2.Restore(solver); err != nil {
		t.Fatal(err)
	}
	if err := rest.Restore(state); err != nil {
		t.Fatal(err)
	}
	if _, err := solvers.Run(context.Background(), s2, solvers.Stop{Iterations: 90}, solvers.Schedule{Recorder: rest, Every: 5}); err != nil {
		t.Fatal(err)
	}
	if rows := whole.Trace.Rows[8:]; !slices.EqualFunc(rows, rest.Trace.Rows, slices.Equal) || whole.Marks() != rest.Marks() {
		t.Errorf("another trace after Restore: %v and %v", whole.Marks(), rest.Marks())
	}

	// Test errors of narrow and wide factors against the definition.
	for _, cols := range []int{2, 30} {
		s, x := study(t, n, rank, cols, 200, 0.3, 3)
		rec := recorded(t, s, sensing.RecorderOptions{Truth: &x}, 0, 1)
		u, want := outer(s.U(), s.U()), 0.0
		for i, v := range outer(x, x).Data {
			want = math.Hypot(want, u.Data[i]-v)
		}
		if got := rec.Trace.Column("test")[0]; math.Abs(got-want/math.Sqrt2) > 1e-14 {
			t.Errorf("r = %d: the test error is %v, want %v", cols, got, want/math.Sqrt2)
		}
		if got := rec.Trace.Columns; len(got) != 6 || rec.Marks() != (sensing.Marks{Aligned: -1, Closest: -1, Saddle: -1, Settled: -1}) {
			t.Errorf("columns %v without a rank", got)
		}
	}
}

func TestPhases(t *testing.T) {
	p := sensing.NewPhases(1)
	for i, row := range [][3]float64{{0.9, 0.001, 1}, {0.3, 0.01, 1}, {math.NaN(), 0.05, 1}, {0.4, 0.3, 0.95}, {0.35, 0.5, 0.8}, {0.1, 0.9, 0.2}, {0.2, 1, 0.3}} {
		if m := p.Marks(); i == 4 && (m.Aligned != -1 || m.Saddle != -1) {
			t.Errorf("marks before the end of phase II: %+v", m)
		}
		p.Observe(10*i, row[0], row[1], row[2])
	}
	// The angle becomes small after phase II only.
	if got, want := p.Marks(), (sensing.Marks{Aligned: -1, Closest: 10, Saddle: 40, Settled: 50}); got != want {
		t.Errorf("marks %+v, want %+v", got, want)
	}
	p = sensing.NewPhases(1)
	for i, row := range [][3]float64{{0.9, 0.001, 1}, {0.1, 0.01, 1}, {0.02, 0.05, 1}, {0.4, 0.3, 0.95}, {0.35, 0.5, 0.8}, {0.01, 0.9, 0.2}} {
		if m := p.Marks(); i == 2 && (m.Aligned != 10 || m.Closest != -1) {
			t.Errorf("marks within phase II: %+v", m)
		}
		p.Observe(10*i, row[0], row[1], row[2])
	}
	if got, want := p.Marks(), (sensing.Marks{Aligned: 10, Closest: 20, Saddle: 40, Settled: 50}); got != want {
		t.Errorf("marks %+v, want %+v", got, want)
	}
}

func TestIsometry(t *testing.T) {
	ctx := context.Background()
	const n, m = 12, 4000
	for _, rank := range []int{1, 5} {
		est, err := sensing.EstimateIsometry(ctx, ensembleOf(t, n, m, 1), rank, 20, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !(est.Delta < 0.15 && est.Min <= est.Mean && est.Mean <= est.Max && math.Abs(est.Mean-1) < 0.05) {
			t.Errorf("a Gaussian ensemble: %+v", est)
		}
		if got := max(est.Max-1, 1-est.Min); math.Abs(got-est.Delta) > 1e-15 {
			t.Errorf("δ is %v, want %v", est.Delta, got)
		}
	}
	a, err := problem.GenerateMeasurements[float64](analysisBackend(t), "entries", n, 400, problem.HeldWide, 1)
	if err != nil {
		t.Fatal(err)
	}
	if est, err := sensing.EstimateIsometry(ctx, a, 2, 10, 1); err != nil || !(est.Delta > 0.9) {
		t.Errorf("single elements: %+v, %v", est, err)
	}
	// Every element once and no noise: ‖𝒜(Z)‖² is 1/n² exactly, whatever the signs.
	var row, col []int
	for i := range n {
		for j := range n {
			row, col = append(row, i), append(col, j)
		}
	}
	all := operator.NewEntries[float64](analysisBackend(t), n, row, col)
	if est, err := sensing.EstimateIsometry(ctx, all, 4, 10, 1); err != nil || math.Abs(est.Min*n*n-1) > 1e-13 || math.Abs(est.Max*n*n-1) > 1e-13 {
		t.Errorf("all elements: %+v, %v", est, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := sensing.EstimateIsometry(cancelled, all, 4, 10, 1); err == nil {
		t.Error("no error of the context")
	}
}

func TestBounds(t *testing.T) {
	s := sensing.Setting{N: 16, Rank: 2, Columns: 4, Kappa: 1, NormX: 2, NormXX: 5, Alpha: 0.5, Mu: 0.25}
	// (4): min{√2/8·(2·2)^(−6); 1/16}·2, (5): 256·2^(1/8)/4^(15/16)·(1/4)^(21/16).
	if got, want := s.InitialScale(), math.Sqrt2/8*math.Pow(4, -6)*2; math.Abs(got/want-1) > 1e-14 {
		t.Errorf("(4) is %v, want %v", got, want)
	}
	if got, want := s.TestError(), math.Pow(2, 8+0.125-15./8-21./8); math.Abs(got/want-1) > 1e-14 {
		t.Errorf("(5) is %v, want %v", got, want)
	}
	for i, want := range []float64{math.Log(4), math.Log(4), math.Log(4)} {
		if got := s.Durations()[i]; math.Abs(got-want) > 1e-14 {
			t.Errorf("(6), term %d is %v, want %v", i+1, got, want)
		}
	}
	checks := s.Checks(0.1, sensing.Marks{Aligned: 3, Saddle: 8, Settled: -1})
	if c := checks; len(c) != 5 || c[0].Left != 0.5 || c[1].Left != 0.125 || c[2].Left != 3 || c[3].Left != 5 || c[4].Verdict != solvers.NotMet || c[3].Verdict != solvers.Reported {
		t.Errorf("checks %v", c)
	}
	s.Columns = 3
	if c := s.Checks(0.1, sensing.Marks{}); c[0].Verdict != solvers.NotMet {
		t.Errorf("r < 2r_*: %v", c[0])
	}
	x := blas.NewGeneral[float64](3, 2)
	x.Row(0)[0], x.Row(2)[1] = 4, 1
	if got := sensing.SettingOf(x, 5, 0.1, 0.2); math.Abs(got.Kappa-4) > 1e-14 || math.Abs(got.NormX-4) > 1e-14 || math.Abs(got.NormXX-math.Sqrt(257)) > 1e-13 || got.N != 3 || got.Rank != 2 {
		t.Errorf("setting %+v", got)
	}
}

// TestSpectralColumns: every column of a spectral start is as accurate as the
// first, where the eigenvalues lie close.
func TestSpectralColumns(t *testing.T) {
	const n = 400
	b := analysisBackend(t)
	g := solvers.Gaussian(n, n, 1, 3, "matrix")
	a := blas.NewGeneral[float64](n, n)
	for i := range n {
		for j := range n {
			a.Row(i)[j] = g.Row(i)[j] + g.Row(j)[i] + 1 // one eigenvalue stands far above the rest
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(mat.NewSymDense(n, a.Clone().Data), true) {
		t.Fatal("no eigenvalues")
	}
	values := eig.Values(nil)
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	for _, r := range []int{1, 2, 3, 7} {
		u, pairs, err := sensing.SpectralStart(context.Background(), operator.DenseOf(b, a.Lower()), r, 1, 1)
		if err != nil || u.Cols != r || !pairs.Converged {
			t.Fatalf("r = %d: %d columns, %v", r, u.Cols, err)
		}
		for k := range r {
			v, lambda := vectors.ColView(n-1-k), values[n-1-k]
			sign := math.Copysign(1, v.AtVec(0)*u.Row(0)[k])
			var off float64
			for i := range n {
				off = math.Hypot(off, u.Row(i)[k]/math.Sqrt(lambda)-sign*v.AtVec(i))
			}
			if !(off <= 1e-10) {
				t.Errorf("r = %d: column %d is off by %.3g of itself", r, k+1, off)
			}
		}
	}
}

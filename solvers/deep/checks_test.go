package deep

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/native"
	"lowrank/solvers"
)

// theoryTarget is Λ, or VΛVᵀ with a random V.
func theoryTarget(lambda []float64, rotated bool) blas.General[float64] {
	n := len(lambda)
	d := mat.NewDiagDense(n, lambda)
	var out mat.Dense
	if !rotated {
		out.CloneFrom(d)
		return blas.General[float64](out.RawMatrix())
	}
	rnd := rand.New(rand.NewPCG(11, 1))
	g := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			g.Set(i, j, rnd.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(g)
	var q mat.Dense
	qr.QTo(&q)
	out.Product(&q, d, q.T())
	sym := mat.NewDense(n, n, nil)
	sym.Add(&out, out.T())
	sym.Scale(0.5, sym)
	return blas.General[float64](sym.RawMatrix())
}

func theorySolver[T blas.Float](t *testing.T, target blas.General[float64], depth int, start Start, eta float64) *Solver[T] {
	t.Helper()
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	dims := make([]int, depth+1)
	for i := range dims {
		dims[i] = target.Rows
	}
	beta := 0.0
	if start.Kind == PerturbedStart {
		beta = start.Beta
	}
	w := make([]blas.General[T], depth)
	for j, f := range PerturbedFactors(dims, start.Alpha, beta) {
		w[j] = blas.Convert[T](f)
	}
	return New(b, blas.Convert[T](target), w, eta)
}

func theoryRun[T blas.Float](t *testing.T, target blas.General[float64], depth int, start Start, eta float64, opts TheoryOptions, steps int) []solvers.Check {
	t.Helper()
	basis, err := NewBasis(target)
	if err != nil {
		t.Fatal(err)
	}
	s := theorySolver[T](t, target, depth, start, eta)
	th := NewTheory(s, start, basis, opts)
	if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: steps}, solvers.Schedule{Recorder: th, Every: 1}); err != nil {
		t.Fatal(err)
	}
	return th.Checks()
}

func checkNamed(t *testing.T, checks []solvers.Check, prefix string) solvers.Check {
	t.Helper()
	for _, c := range checks {
		if strings.HasPrefix(c.Name, prefix) {
			return c
		}
	}
	t.Fatalf("no check %q", prefix)
	return solvers.Check{}
}

// wantChecks: what is named in notMet (prefixes) is NotMet, limits are
// Reported, and all the rest Holds.
func wantChecks(t *testing.T, name string, checks []solvers.Check, notMet ...string) {
	t.Helper()
	for _, c := range checks {
		want := solvers.Holds
		if strings.Contains(c.Name, ", limit") {
			want = solvers.Reported
		}
		for _, p := range notMet {
			if strings.HasPrefix(c.Name, p) {
				want = solvers.NotMet
			}
		}
		if c.Verdict != want {
			t.Errorf("%s: %v; expected: %v", name, c, want)
		}
	}
}

var perturbedClaims = []string{"Lemma 2.9", "Lemma D.", "Theorem 1.3", "Lemma 2.11", "(53)"}
var identicalClaims = []string{"Lemma 2.2, |", "Lemma 2.2, d", "Theorem 1.1", "Theorem 2.4", "Lemma 2.7", "Lemma 3.4", "Theorem 3.5", "Lemma 3.8"}

func TestTheoryIdentical(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and its work is in one goroutine or in passes that others test")
	}
	for _, lambda := range [][]float64{
		{2, 1.5, 1, 0.7, 0.3, 0.1},
		{2, 2, 1, 0.5, 0, 0, 0},
		{2, 1.2, 1, 0.3, 0, -0.4, -1, -1.5},
		{1, 0.001, -2},
	} {
		for depth := 2; depth <= 4; depth++ {
			for _, alpha := range []float64{0.2, 0.5, 1.1} {
				for _, rotated := range []bool{false, true} {
					eta := 0.5 * Params{Depth: depth, Lambda: 2, Alpha: alpha}.StepLimit()
					checks := theoryRun[float64](t, theoryTarget(lambda, rotated), depth, Start{Alpha: alpha}, eta, TheoryOptions{}, 3000)
					notMet := slices.Clone(perturbedClaims)
					if lambda[len(lambda)-1] < 0 {
						notMet = append(notMet, "Lemma 3.4")
					}
					if intPower(alpha, depth) >= lambda[0]*Inflection(depth) {
						notMet = append(notMet, "Lemma 2.7: y(")
					}
					if intPower(alpha, depth) >= lambda[0] {
						notMet = append(notMet, "Theorem 2.4, (27)")
					}
					wantChecks(t, fmt.Sprintf("λ = %v, N = %d, α = %v, rotated %v", lambda, depth, alpha, rotated), checks, notMet...)
				}
			}
		}
	}
}

// TestTheoryRounding: two factors recover negative eigenvalues from rounding
// errors; the claims are observed until then, and their notes say so.
func TestTheoryRounding(t *testing.T) {
	lambda := []float64{2, 1, -1, -1.5}
	for _, rotated := range []bool{false, true} {
		checks := theoryRun[float64](t, theoryTarget(lambda, rotated), 2, Start{Alpha: 0.3}, 0.03, TheoryOptions{}, 1500)
		c := checkNamed(t, checks, "Theorem 1.1")
		if c.Verdict != solvers.Holds || !strings.Contains(c.Note, "λ_4 = -1.5 is observed before iterate ") {
			t.Error(c)
		}
	}
}

// TestTheoryLeaves: with three factors and a rotated target the part off the
// diagonal grows from rounding errors where |λ_i| of a negative eigenvalue
// exceeds another eigenvalue, long before differences of the factors do. Off
// the diagonal without such an eigenvalue is a failure.
func TestTheoryLeaves(t *testing.T) {
	lambda := []float64{1, 0.001, -2}
	eta := 0.5 * Params{Depth: 3, Lambda: 2, Alpha: 0.5}.StepLimit()
	c := checkNamed(t, theoryRun[float64](t, theoryTarget(lambda, true), 3, Start{Alpha: 0.5}, eta, TheoryOptions{}, 3000), "Lemma 2.1")
	if c.Verdict != solvers.Holds || !strings.Contains(c.Note, "nothing is observed from iterate ") {
		t.Error(c)
	}
	c = checkNamed(t, theoryRun[float64](t, theoryTarget(lambda, false), 3, Start{Alpha: 0.5}, eta, TheoryOptions{}, 3000), "Lemma 2.1")
	if c.Verdict != solvers.Holds || strings.Contains(c.Note, "nothing is observed") {
		t.Error(c)
	}
	early := func(o *observation) {
		if o.k == 5 {
			o.off = 1e-7
		}
	}
	if c := checkNamed(t, scripted(lambda, 3, eta, Start{Alpha: 0.5}, TheoryOptions{}, 50, early), "Lemma 2.1"); c.Verdict != solvers.Fails {
		t.Error(c)
	}
}

func TestTheoryDepthOne(t *testing.T) {
	checks := theoryRun[float64](t, theoryTarget([]float64{2, 1, -1}, true), 1, Start{Alpha: 0.3}, 0.5, TheoryOptions{}, 200)
	for _, c := range checks {
		want := solvers.NotMet
		switch {
		case strings.HasPrefix(c.Name, "Lemma 2.1,"), strings.HasPrefix(c.Name, "Lemma 2.2, |"):
			want = solvers.Holds
		case strings.Contains(c.Name, "limit"):
			want = solvers.Reported
		}
		if c.Verdict != want {
			t.Errorf("%v; expected: %v", c, want)
		}
	}
}

func TestTheoryFloat32(t *testing.T) {
	lambda := []float64{2, 1.5, 1, 0.7, 0.3}
	for depth := 2; depth <= 3; depth++ {
		checks := theoryRun[float32](t, theoryTarget(lambda, true), depth, Start{Alpha: 0.4}, 0.5*Params{Depth: depth, Lambda: 2, Alpha: 0.4}.StepLimit(), TheoryOptions{}, 2000)
		wantChecks(t, fmt.Sprint("identical, N = ", depth), checks, perturbedClaims...)
		start := Start{PerturbedStart, 0.5, 0.2}
		checks = theoryRun[float32](t, theoryTarget([]float64{2, 1, -1, -1.5}, true), depth, start, 0.5*Params{Depth: depth, Lambda: 2, Alpha: 0.5}.PerturbedStepLimit(), TheoryOptions{}, 30000)
		wantChecks(t, fmt.Sprint("perturbed, N = ", depth), checks, append(slices.Clone(identicalClaims), "Lemma D.3")...)
	}
}

func TestTheoryPerturbed(t *testing.T) {
	for _, c := range []struct {
		lambda []float64
		steps  [2]int // of N = 2 and 3
		notMet []string
	}{
		{[]float64{2, 1.2, 1, 0.3, 0, -0.5, -1, -1.5}, [2]int{9000, 20000}, nil},
		{[]float64{2, 1.5, 1, 0.5, 0.3, 0}, [2]int{3000, 3000}, []string{"Lemma 2.11", "Theorem 1.3, (16)"}},
	} {
		for depth := 2; depth <= 3; depth++ {
			for _, rotated := range []bool{false, true} {
				const alpha = 0.6
				start := Start{PerturbedStart, alpha, 0.8 * (PerturbedConstant(depth) - 1) * alpha}
				eta := 0.5 * Params{Depth: depth, Lambda: 2, Alpha: alpha}.PerturbedStepLimit()
				checks := theoryRun[float64](t, theoryTarget(c.lambda, rotated), depth, start, eta, TheoryOptions{}, c.steps[depth-2])
				wantChecks(t, fmt.Sprintf("λ = %v, N = %d, rotated %v", c.lambda, depth, rotated), checks, append(slices.Clone(identicalClaims), c.notMet...)...)
			}
		}
	}
}

// TestTheoryWindows runs through the windows of the restated table: spectrum
// (10, 5, 1, 0, …), ε = ε' = 0.1, a tenth of the largest step.
func TestTheoryWindows(t *testing.T) {
	lambda := make([]float64, 10)
	copy(lambda, []float64{10, 5, 1})
	var opts TheoryOptions
	for L := 1; L <= 3; L++ {
		opts.Windows = append(opts.Windows, RankWindow{L, 0.1, 0.1})
	}
	for _, rotated := range []bool{false, true} {
		checks := theoryRun[float64](t, theoryTarget(lambda, rotated), 2, Start{Alpha: 1e-3}, 0.1*Params{Depth: 2, Lambda: 10, Alpha: 1e-3}.StepLimit(), opts, 6000)
		wantChecks(t, fmt.Sprint("rotated ", rotated), checks, append(slices.Clone(perturbedClaims), "Lemma 3.8, L = 3")...)
		for i, want := range []string{"window [409, 529], r(W_L) = 1", "window [782, 2323], r(W_L) = 1.5", "window [3558, +Inf], r(W_L) = 1.6"} {
			if c := checkNamed(t, checks, fmt.Sprintf("Theorem 3.5, (63) and (64), L = %d", i+1)); !strings.Contains(c.Note, want) {
				t.Errorf("%v; expected %q in the note", c, want)
			}
		}
	}
	checks := theoryRun[float64](t, theoryTarget(lambda, false), 2, Start{Alpha: 1e-3}, 0.1*Params{Depth: 2, Lambda: 10, Alpha: 1e-3}.StepLimit(), opts, 500)
	if c := checkNamed(t, checks, "Theorem 3.5, (63) and (64), L = 2"); c.Verdict != solvers.NotMet || !strings.Contains(c.Note, "[782, 2323]") {
		t.Error(c)
	}
}

func TestTheoryConditions(t *testing.T) {
	lambda := []float64{2, 1, 0.5}
	target := theoryTarget(lambda, true)
	for _, c := range []struct {
		name   string
		lambda []float64
		depth  int
		start  Start
		eta    float64
		opts   TheoryOptions
		check  string
		note   []string
	}{
		{"step", lambda, 2, Start{Alpha: 0.3}, 0.13, TheoryOptions{}, "Theorem 1.1", []string{"(10)", "η = 0.13", "0.125"}},
		{"step", lambda, 2, Start{Alpha: 0.3}, 0.17, TheoryOptions{}, "Lemma 2.2, |", []string{"λ_1 = 2", "η = 0.17", "0.166667"}},
		{"step", lambda[:1], 2, Start{Alpha: 0.3}, 0.13, TheoryOptions{}, "Theorem 2.4, (26)", []string{"(25)", "η = 0.13", "0.125"}},
		{"step", lambda, 2, Start{Alpha: 0.3}, 0.13, TheoryOptions{}, "Lemma 3.4", []string{"(10)", "η = 0.13"}},
		{"kind", lambda, 2, Start{PerturbedStart, 0.3, 0.1}, 0.001, TheoryOptions{}, "Theorem 1.1", []string{`"perturbed"`, `"identical"`}},
		{"kind", lambda, 2, Start{Alpha: 0.3}, 0.001, TheoryOptions{}, "Theorem 1.3, (15)", []string{`"perturbed"`, `"identical"`}},
		{"kind", lambda, 2, Start{Kind: OtherStart, Alpha: 0.3}, 0.001, TheoryOptions{}, "Lemma 2.1", []string{`"other"`, `"identical"`}},
		{"β", lambda, 2, Start{PerturbedStart, 0.3, 0.2}, 0.001, TheoryOptions{}, "Theorem 1.3, (15)", []string{"β = 0.2", "0.18541"}},
		{"β", lambda, 2, Start{PerturbedStart, 0.3, 0.3}, 0.001, TheoryOptions{}, "Lemma 2.11", []string{"β = 0.3", "α = 0.3"}},
		{"(14)", lambda, 2, Start{PerturbedStart, 0.3, 0.1}, 0.0107, TheoryOptions{}, "Lemma D.2", []string{"(14)", "η = 0.0107", "0.0106"}},
		{"sign", []float64{2, 1, -0.5}, 2, Start{Alpha: 0.3}, 0.01, TheoryOptions{}, "Lemma 3.4", []string{"λ_3 = -0.5"}},
		{"α", []float64{2, 1, -0.01}, 2, Start{PerturbedStart, 0.3, 0.1}, 0.001, TheoryOptions{}, "Theorem 1.3, (16)", []string{"α^N = 0.09", "0.01"}},
		{"ε", lambda, 2, Start{Alpha: 0.3}, 0.01, TheoryOptions{Windows: []RankWindow{{1, 1.5, 0.1}}}, "Theorem 3.5", []string{"ε = 1.5"}},
		{"ε'", lambda, 2, Start{Alpha: 0.3}, 0.01, TheoryOptions{Windows: []RankWindow{{1, 0.1, 0.4}}}, "Theorem 3.5", []string{"ε' = 0.4", "0.333333"}},
		{"α", lambda, 2, Start{Alpha: 0.9}, 0.01, TheoryOptions{Windows: []RankWindow{{3, 0.1, 0.3}}}, "Theorem 3.5", []string{"α^N = 0.81", "0.45"}},
	} {
		target := target
		if !slices.Equal(c.lambda, lambda) {
			target = theoryTarget(c.lambda, false)
		}
		got := checkNamed(t, theoryRun[float64](t, target, c.depth, c.start, c.eta, c.opts, 20), c.check)
		if got.Verdict != solvers.NotMet {
			t.Errorf("%s: %v", c.name, got)
		}
		for _, part := range c.note {
			if !strings.Contains(got.Note, part) {
				t.Errorf("%s: %v: expected %q in the note", c.name, got, part)
			}
		}
	}
}

// TestTheoryWrongStart: a start that is not the one described.
func TestTheoryWrongStart(t *testing.T) {
	target := theoryTarget([]float64{2, 1}, false)
	basis, _ := NewBasis(target)
	s := theorySolver[float64](t, target, 2, Start{Alpha: 0.3}, 0.01)
	th := NewTheory(s, Start{Alpha: 0.4}, basis, TheoryOptions{})
	if err := th.Record(0); err != nil {
		t.Fatal(err)
	}
	for _, c := range th.Checks() {
		if c.Verdict != solvers.NotMet {
			t.Error(c)
		}
	}
	if c := checkNamed(t, th.Checks(), "Lemma 2.1"); !strings.Contains(c.Note, "0.3") || !strings.Contains(c.Note, "0.4") {
		t.Error(c)
	}
	if err := th.Record(0); err != nil {
		t.Error("the same iterate again: ", err)
	}
	if err := th.Record(2); err == nil || !strings.Contains(err.Error(), "iterate 2 after 0") {
		t.Errorf("a gap: %v", err)
	}
}

// scripted is a run of made-up data: the recursions themselves, changed.
func scripted(lambda []float64, depth int, eta float64, start Start, opts TheoryOptions, steps int, change func(o *observation)) []solvers.Check {
	l := newLedger(depth, lambda, eta, 0x1p-52, start, opts)
	n := len(lambda)
	pairs := make([]FactorPair, n)
	for i := range pairs {
		pairs[i] = NewFactorPair(start.Alpha, start.Beta)
	}
	for k := range steps {
		o := observation{k: k, product: make([]float64, n)}
		for j := range depth {
			f := make([]float64, n)
			for i, p := range pairs {
				f[i] = p.A
				if j == 0 {
					f[i] = p.B
				}
			}
			o.factors = append(o.factors, f)
		}
		for i, p := range pairs {
			o.product[i] = p.Product(depth)
			pairs[i] = p.Step(Params{Depth: depth, Lambda: lambda[i], Eta: eta})
		}
		o.rank = EffectiveRank(o.product)
		if change != nil {
			change(&o)
		}
		l.observe(o)
	}
	return l.Checks()
}

// TestTheoryFails feeds data on which each of the claims is false.
func TestTheoryFails(t *testing.T) {
	lambda := []float64{2, 1, 0.3}
	identical := Start{Alpha: 0.2}
	perturbed := Start{PerturbedStart, 0.3, 0.15}
	mixed := []float64{2, 0.01, -1}
	windows := TheoryOptions{Windows: []RankWindow{{1, 0.1, 0.3}}}
	eta := 0.5 * Params{Depth: 2, Lambda: 2, Alpha: 0.2}.StepLimit()
	small := 0.5 * Params{Depth: 2, Lambda: 2, Alpha: 0.3}.PerturbedStepLimit()
	late := func(f func(o *observation)) func(o *observation) {
		return func(o *observation) {
			if o.k > 0 {
				f(o)
			}
		}
	}
	at := func(k int, f func(o *observation)) func(o *observation) {
		return func(o *observation) {
			if o.k == k {
				f(o)
			}
		}
	}
	all := func(o *observation, i int, factor float64) {
		for _, f := range o.factors {
			f[i] *= factor
		}
		o.product[i] *= math.Pow(factor, float64(len(o.factors)))
	}
	slow := func(rate float64) func(o *observation) { // the run at another speed
		return late(func(o *observation) {
			for i, l := range lambda {
				d := Params{Depth: 2, Lambda: l, Alpha: 0.2}.Flow(rate * eta * float64(o.k))
				o.factors[0][i], o.factors[1][i], o.product[i] = d, d, d*d
			}
		})
	}

	for name, change := range map[string]func(o *observation){
		"Lemma 2.1, VᵀW_jV is diagonal": at(30, func(o *observation) { o.off = 1e-7 }),
		"Lemma 2.1, one D(k)":           at(30, func(o *observation) { o.factors[1][1] += 1e-7 }),
		"Lemma 2.1, recursion (18)":     at(30, func(o *observation) { all(o, 2, 1+1e-5) }),
		"Lemma 2.2, |d":                 at(30, func(o *observation) { all(o, 1, 0.9) }),
		"Lemma 2.2, d between":          at(3000, func(o *observation) { all(o, 0, 1+1e-10) }),
		"Theorem 1.1, (11)":             at(3000, func(o *observation) { all(o, 1, 1.01) }),
		"Theorem 2.4, (26)":             slow(0.5),
		"Theorem 2.4, (27)":             slow(1.5),
		"Lemma 2.7: d(k)":               slow(1.01),
		"Lemma 2.7: y(":                 slow(0.8),
		"Lemma 3.4, larger":             at(3, func(o *observation) { all(o, 0, 0.8) }),
		"Lemma 3.4, min":                at(3000, func(o *observation) { all(o, 2, 1.001) }),
		"Lemma 2.1, one D(k) for all":   at(30, func(o *observation) { o.factors[0][0] = math.NaN() }),
	} {
		if c := checkNamed(t, scripted(lambda, 2, eta, identical, TheoryOptions{}, 3200, nil), name); c.Verdict != solvers.Holds {
			t.Errorf("without a change: %v", c)
		}
		if c := checkNamed(t, scripted(lambda, 2, eta, identical, TheoryOptions{}, 3200, change), name); c.Verdict != solvers.Fails {
			t.Errorf("made up: %v", c)
		}
	}

	for name, change := range map[string]func(o *observation){
		"Theorem 3.5": late(func(o *observation) { o.rank *= 2 }),
		"Lemma 3.8":   at(20, func(o *observation) { o.product[2] = 0.4 }),
	} {
		if c := checkNamed(t, scripted(lambda, 2, eta, Start{Alpha: 1e-3}, windows, 3200, nil), name); c.Verdict != solvers.Holds {
			t.Errorf("without a change: %v", c)
		}
		if c := checkNamed(t, scripted(lambda, 2, eta, Start{Alpha: 1e-3}, windows, 3200, change), name); c.Verdict != solvers.Fails {
			t.Errorf("made up: %v", c)
		}
	}

	only := func(b float64) func(o *observation) {
		return at(50, func(o *observation) { o.factors[0][2] += b })
	}
	const steps = 6000
	for name, change := range map[string]func(o *observation){
		"Lemma 2.8, VᵀW_jV":         at(30, func(o *observation) { o.off = 1e-7 }),
		"Lemma 2.8, recursions":     only(1e-6),
		"Lemma 2.9, a−b":            only(1e-10),
		"Lemma 2.9, a²−b²":          only(1e-10),
		"Lemma D.1":                 at(40, func(o *observation) { o.product[1] += 1e-10 }),
		"Theorem 1.3, (15)":         at(steps-1, func(o *observation) { o.product[0] += 0.01 }),
		"Theorem 1.3, (16)":         at(steps-1, func(o *observation) { o.product[2] += 0.01 }),
		"Lemma 2.11, the phase":     func(o *observation) { o.factors[0][2] = max(o.factors[0][2], 1e-3) },
		"Lemma 2.11, (50): 0 < b":   at(20, func(o *observation) { all(o, 2, 1.1) }),
		"Lemma 2.11, (50): a and b": at(20, func(o *observation) { all(o, 2, 1.1) }),
		"(53)":                      at(20, func(o *observation) { o.factors[0][0] = -1.01 * o.factors[1][0] }),
		"Lemma D.2, y^N":            late(func(o *observation) { o.product[0] *= 0.5 }),
		"Lemma D.2, p":              at(steps-1, func(o *observation) { o.product[0] = 2 + 1e-9 }),
		"Lemma D.2, a":              at(steps-1, func(o *observation) { o.factors[1][0] *= 1.7 }),
		"Lemma D.3, λ":              at(steps-1, func(o *observation) { o.product[1] = 0.01 - 1e-9 }),
		"Lemma D.3, p":              at(20, func(o *observation) { o.product[1] *= 3 }),
	} {
		if c := checkNamed(t, scripted(mixed, 2, small, perturbed, TheoryOptions{}, steps, nil), name); c.Verdict != solvers.Holds {
			t.Errorf("without a change: %v", c)
		}
		if c := checkNamed(t, scripted(mixed, 2, small, perturbed, TheoryOptions{}, steps, change), name); c.Verdict != solvers.Fails {
			t.Errorf("made up: %v", c)
		}
	}
	three := 0.5 * Params{Depth: 3, Lambda: 2, Alpha: 0.3}.PerturbedStepLimit()
	apart := at(30, func(o *observation) { o.factors[1][0] += 1e-6 })
	if c := checkNamed(t, scripted(mixed, 3, three, Start{PerturbedStart, 0.3, 0.1}, TheoryOptions{}, 50, apart), "Lemma 2.8, N−1"); c.Verdict != solvers.Fails {
		t.Errorf("made up: %v", c)
	}
}

// TestTheoryRestore: checks that go on from a saved state end as those of one
// run do.
func TestTheoryRestore(t *testing.T) {
	for _, c := range []struct {
		lambda []float64
		start  Start
		eta    float64
	}{
		{[]float64{2, 1, 0.3}, Start{Alpha: 0.2}, 0.05},
		{[]float64{2, 1, -0.3}, Start{Alpha: 0.2}, 0.05},
		{[]float64{2, 1, -1}, Start{PerturbedStart, 0.3, 0.15}, 0.005},
		{[]float64{2, 1}, Start{Alpha: 0.2}, 0.2}, // too large
	} {
		opts := TheoryOptions{Accuracies: []float64{0.2, 0.01}}
		if c.lambda[len(c.lambda)-1] > 0 {
			opts.Windows = []RankWindow{{1, 0.1, 0.3}}
		}
		target := theoryTarget(c.lambda, true)
		basis, err := NewBasis(target)
		if err != nil {
			t.Fatal(err)
		}
		var want []solvers.Check
		for _, at := range []int{-1, 0, 40, 300, 599} {
			s := theorySolver[float64](t, target, 2, c.start, c.eta)
			th := NewTheory(s, c.start, basis, opts)
			run := func(to int) {
				if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: to}, solvers.Schedule{Recorder: th, Every: 1}); err != nil {
					t.Fatal(err)
				}
			}
			if at >= 0 {
				run(at)
				state, err := th.Save()
				if err != nil {
					t.Fatal(err)
				}
				inner, _ := s.Save()
				s = theorySolver[float64](t, target, 2, c.start, c.eta)
				th = NewTheory(s, c.start, basis, opts)
				if err := s.Restore(inner); err != nil {
					t.Fatal(err)
				}
				if err := th.Restore(state); err != nil {
					t.Fatal(err)
				}
			}
			run(600)
			got := th.Checks()
			if at < 0 {
				want = got
			} else if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("λ = %v: from iterate %d\n%v\nin one run\n%v", c.lambda, at, got, want)
			}
		}
		th := NewTheory(theorySolver[float64](t, target, 2, c.start, c.eta), c.start, basis, TheoryOptions{})
		other, _ := newLedger(2, c.lambda, c.eta/2, 0x1p-52, c.start, opts).Save()
		if th.Restore(other) == nil || th.Restore([]byte("no state")) == nil {
			t.Error("the state of another problem is taken")
		}
	}
}

func TestInstabilityChecks(t *testing.T) {
	verdicts := func(checks []solvers.Check) []solvers.Verdict {
		var v []solvers.Verdict
		for _, c := range checks {
			v = append(v, c.Verdict)
		}
		return v
	}
	const h, n = solvers.Holds, solvers.NotMet
	for _, c := range []struct {
		depth              int
		lambda, alpha, eta float64
		want               []solvers.Verdict // (i), repels, attracts, (iii)
	}{
		{1, 1, 0.5, 2.1, []solvers.Verdict{h, n, n, n}},
		{1, 1, 0.5, 1.9, []solvers.Verdict{n, n, n, n}},
		{1, 1, 1, 2.1, []solvers.Verdict{n, n, n, n}},
		{2, 1, 0.5, 1.01, []solvers.Verdict{n, h, n, n}},
		{2, 1, 0.5, 0.99, []solvers.Verdict{n, n, h, n}},
		{3, 2, 3, 0.03, []solvers.Verdict{n, n, h, h}},
		{3, -2, 3, 0.03, []solvers.Verdict{n, n, n, h}},
		{2, -1, 0.5, 2 / 1.24, []solvers.Verdict{n, n, n, h}},
		{2, -1, 0.5, 2 / 1.26, []solvers.Verdict{n, n, n, n}},
	} {
		checks := instabilityChecks(Params{Depth: c.depth, Lambda: c.lambda, Alpha: c.alpha, Eta: c.eta})
		if got := verdicts(checks); !slices.Equal(got, c.want) {
			t.Errorf("N = %d, λ = %v, α = %v, η = %v: %v", c.depth, c.lambda, c.alpha, c.eta, checks)
		}
	}
	for _, run := range [][]float64{{1, 2, 1.9}, {1, -1, 2}, {1, 2, math.NaN()}} {
		if c := growthCheck("made up", verified, run, 0); c.Verdict != solvers.Fails {
			t.Error(c)
		}
	}
	if stepCheck("", 1, 0.9, true, 1.1).Verdict != solvers.Fails || stepCheck("", 1, 1.1, false, 0.9).Verdict != solvers.Fails ||
		stepCheck("", 1, math.NaN(), false, 0.9).Verdict != solvers.Fails || stepCheck("", 1, 1, false, 1).Verdict != solvers.Reported {
		t.Error("a step away from the fixed point is not told from one toward it")
	}
}

func TestStageChecks(t *testing.T) {
	for depth := 2; depth <= 6; depth++ {
		for _, alpha := range []float64{0.1, 0.3, 0.7} {
			wantChecks(t, fmt.Sprintf("N = %d, α = %v", depth, alpha), stageChecks(Params{Depth: depth, Lambda: 3, Alpha: alpha}))
		}
		for _, c := range append(stageChecks(Params{Depth: depth, Lambda: 1, Alpha: 2}), append(stageChecks(Params{Depth: depth, Lambda: -1, Alpha: 0.1}), stageChecks(Params{Depth: depth, Lambda: 1, Alpha: 0})...)...) {
			if c.Verdict != solvers.NotMet || c.Note == "" {
				t.Error(c)
			}
		}
	}
	time := Params{Depth: 3, Lambda: 1, Alpha: 0.3}.ConvexTime()
	if c := stageOfLength([]string{"", ""}, 3, 1, 0.3, time+0.01); c[0].Verdict != solvers.Fails || c[1].Verdict != solvers.Holds {
		t.Error(c)
	}
	if c := stageOfLength([]string{"", ""}, 3, 1, 0.3, time-0.01); c[0].Verdict != solvers.Holds || c[1].Verdict != solvers.Fails {
		t.Error(c)
	}
	if c := stageOfLength([]string{""}, 2, 1, 0.1, (Params{Depth: 2, Lambda: 1, Alpha: 0.1}).ConvexTime()*(1+1e-9)); c[0].Verdict != solvers.Fails {
		t.Error(c)
	}
}

func TestFlowWindowChecks(t *testing.T) {
	lambda := []float64{10, 5, 1, 0, 0}
	var times []float64
	for i := range 4000 {
		times = append(times, 0.005*float64(i))
	}
	wantChecks(t, "M = n", flowWindowChecks(FlowWindow{L: 2, M: 5, Delta: 0.1}, lambda, 1e-3, times))
	wantChecks(t, "M = L", flowWindowChecks(FlowWindow{L: 2, M: 2, Delta: 0.1}, lambda, 1e-3, times), "Theorem 3.1, the end")
	made := func(factor func(lambda, t float64) float64) []solvers.Check {
		return flowWindowWith(FlowWindow{L: 2, M: 3, Delta: 0.1}, lambda, 1e-3, times, func(l, alpha, t float64) float64 {
			return factor(l, t) * Params{Depth: 2, Lambda: l, Alpha: alpha}.FlowEigenvalue(t)
		})
	}
	c := made(func(l, t float64) float64 { return 1 + 2000*l*t*math.Exp(-t) })
	if c[0].Verdict != solvers.Fails || c[3].Verdict != solvers.Fails {
		t.Error(c)
	}
	if c := made(func(l, t float64) float64 { return 1 + 2*float64(int(min(l, 2))%2) }); c[1].Verdict != solvers.Fails {
		t.Error(c)
	}
	if c := made(func(l, t float64) float64 { return 1 / (0.1 + l) }); c[2].Verdict != solvers.Fails {
		t.Error(c)
	}
	for _, c := range flowWindowChecks(FlowWindow{L: 1, M: 1, Delta: 0.1}, []float64{1, -1}, 0.1, times) {
		if c.Verdict != solvers.NotMet || !strings.Contains(c.Note, "λ_2 = -1") {
			t.Error(c)
		}
	}
	if c := flowWindowChecks(FlowWindow{L: 3, M: 3, Delta: 0.1}, lambda, 2, times)[0]; c.Verdict != solvers.NotMet || !strings.Contains(c.Note, "α² = 4") {
		t.Error(c)
	}
	if c := flowWindowChecks(FlowWindow{L: 2, M: 3, Delta: 1}, lambda, 1e-3, times)[0]; c.Verdict != solvers.NotMet || !strings.Contains(c.Note, "δ = 1") {
		t.Error(c)
	}
}

func TestBasis(t *testing.T) {
	lambda := []float64{3, 1, 0, -2}
	for _, rotated := range []bool{false, true} {
		target := theoryTarget(lambda, rotated)
		b, err := NewBasis(target)
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range lambda {
			if math.Abs(b.Values[k]-want) > 1e-14 {
				t.Errorf("λ_%d = %v; expected %v", k+1, b.Values[k], want)
			}
			for i := range lambda {
				sum := 0.0
				for j, v := range target.Row(i) {
					sum += v * b.Vectors.Row(j)[k]
				}
				if math.Abs(sum-want*b.Vectors.Row(i)[k]) > 1e-13 {
					t.Errorf("rotated %v: Ŵv ≠ λv for λ_%d", rotated, k+1)
				}
			}
		}
	}
	two := func(data ...float64) blas.General[float64] {
		return blas.General[float64]{Rows: 2, Cols: 2, Stride: 2, Data: data}
	}
	if _, err := NewBasis(two(1, 1+1e-13, 1, 1)); err != nil {
		t.Error(err)
	}
	for _, bad := range []blas.General[float64]{two(1, 1+1e-11, 1, 1), two(1, math.NaN(), 1, 1), two(math.Inf(1), 0, 0, 1), blas.NewGeneral[float64](2, 3)} {
		if _, err := NewBasis(bad); err == nil {
			t.Errorf("no error for %v", bad)
		}
	}
}

func TestMeter(t *testing.T) {
	lambda := []float64{3, 1, -2}
	target := theoryTarget(lambda, true)
	basis, _ := NewBasis(target)
	s := theorySolver[float64](t, target, 2, Start{PerturbedStart, 0.5, 0.2}, 0.01)
	// A factor that is no function of Ŵ.
	s.w[1].Row(0)[1] += 0.25
	s.forward()
	c := NewMeter(s, basis).Measure()
	v := dense(basis.Vectors)
	for j, w := range []blas.General[float64]{s.w[0], s.w[1], s.Product()} {
		diag, off, all := c.Product, c.ProductOff, 0.0
		if j < 2 {
			diag, off, all = c.Factors[j], c.FactorsOff[j], c.Norms[j]
		}
		var d mat.Dense
		d.Product(v.T(), dense(w), v)
		var rest float64
		for i := range lambda {
			wantNear(t, "diagonal", diag[i], d.At(i, i), 1e-14)
			d.Set(i, i, 0)
		}
		rest = mat.Norm(&d, 2)
		if math.Abs(off-rest) > 1e-14 || j < 2 && math.Abs(all-solvers.Norm(w.Data)) > 1e-14 {
			t.Errorf("matrix %d: norms %v and %v; expected %v and %v", j, off, all, rest, solvers.Norm(w.Data))
		}
	}
	if got, want := NewMeter(s, basis).SingularValues(), SingularValues(s.Product()); !reflect.DeepEqual(got, want) {
		t.Errorf("singular values %v; expected %v", got, want)
	}
	balance := Balancedness(PerturbedFactors([]int{2, 2, 2, 2}, 0.5, 0.2))
	wantNear(t, "balance", balance[0], (0.25-0.09)*math.Sqrt2, 1e-14)
	wantNear(t, "balance", balance[1], 0, 0)
}

func TestTheoryPanics(t *testing.T) {
	target := theoryTarget([]float64{2, 1}, false)
	basis, _ := NewBasis(target)
	s := theorySolver[float64](t, target, 2, Start{Alpha: 0.3}, 0.01)
	larger, _ := NewBasis(theoryTarget([]float64{2, 1, 0}, false))
	for want, f := range map[string]func(){
		badBasis:       func() { NewTheory(s, Start{Alpha: 0.3}, larger, TheoryOptions{}) },
		badTheoryStart: func() { NewTheory(s, Start{}, basis, TheoryOptions{}) },
		badAccuracy:    func() { NewTheory(s, Start{Alpha: 0.3}, basis, TheoryOptions{Accuracies: []float64{0}}) },
		badWindow:      func() { NewTheory(s, Start{Alpha: 0.3}, basis, TheoryOptions{Windows: []RankWindow{{3, 0.1, 0.1}}}) },
		badFactors:     func() { Balancedness([]blas.General[float64]{}) },
		badTimes:       func() { instabilityChecks(Params{Depth: 2, Lambda: 1, Alpha: 0, Eta: 1}) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v; expected %q", got, want)
				}
			}()
			f()
		}()
	}
}

func TestScalarChecks(t *testing.T) {
	lambda := []float64{5, 0, 10, 1, 0}
	checks := ScalarChecks(Params{Depth: 2, Alpha: 1e-3, Eta: 0.01}, lambda, []RankWindow{{1, 0.1, 0.1}, {3, 0.1, 0.1}, {4, 0.1, 0.1}})
	verdicts := map[string]solvers.Verdict{}
	for _, c := range checks {
		if _, twice := verdicts[c.Name]; twice {
			t.Errorf("%s comes twice", c.Name)
		}
		verdicts[c.Name] = c.Verdict
		if c.Verdict == solvers.Fails {
			t.Error(c)
		}
	}
	for name, want := range map[string]solvers.Verdict{
		"Lemma B.1 (ii), λ^(1/N) attracts": solvers.Holds,
		"Lemma B.1 (ii), λ^(1/N) repels":   solvers.NotMet,
		"Lemma E.1, N = 2: T⁺":             solvers.Holds,
		"Theorem 3.1, L = 4":               solvers.NotMet,
	} {
		if got, ok := verdicts[name]; !ok || got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	// A step beyond stability for the largest eigenvalue alone.
	for _, c := range ScalarChecks(Params{Depth: 3, Alpha: 0.1, Eta: 0.2}, lambda, nil) {
		if c.Name == "Lemma B.1 (ii), λ^(1/N) repels" && c.Verdict != solvers.Holds {
			t.Error(c)
		}
	}
}

package asymmetric

import (
	"context"
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
	"lowrank/solvers/operator"
)

// problem is UΣVᵀ + noise with singular values of Σ from 1 to 0.9, and U.
func problem[T blas.Float](t *testing.T, m, n, r int, noise float64) (operator.Rectangular[T], blas.General[float64], *blas.Backend) {
	t.Helper()
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	normal := func(rows, cols int) *mat.Dense {
		x := mat.NewDense(rows, cols, nil)
		for i := range rows {
			for j := range cols {
				x.Set(i, j, rnd.NormFloat64())
			}
		}
		return x
	}
	orthonormal := func(rows int) *mat.Dense {
		var qr mat.QR
		qr.Factorize(normal(rows, r))
		var q mat.Dense
		qr.QTo(&q)
		return mat.DenseCopyOf(q.Slice(0, rows, 0, r))
	}
	u, v := orthonormal(m), orthonormal(n)
	us := mat.DenseCopyOf(u)
	for j := range r {
		for i := range m {
			us.Set(i, j, us.At(i, j)*(1-0.1*float64(j)/float64(max(r-1, 1))))
		}
	}
	var a mat.Dense
	a.Mul(us, v.T())
	if noise > 0 {
		e := normal(m, n)
		e.Scale(noise*mat.Norm(&a, 2)/mat.Norm(e, 2), e)
		a.Add(&a, e)
	}
	return operator.RectangularOf(b, blas.Convert[T](blas.General[float64](a.RawMatrix()))), blas.General[float64](u.RawMatrix()), b
}

// setup is a run before its first step: the parameters with f_0, the step of
// the corollary and the theory.
type setup struct {
	p       Parameters
	order   Order
	noise   float64
	tail    float64
	nine    bool    // step (9)
	faster  float64 // factor of the step
	seed    uint64
	noSpan  bool
	m, n    int
	scaleX  float64
	randomX bool
}

func (c setup) prepare(t *testing.T) (*Solver[float64], *Theory[float64]) {
	t.Helper()
	return prepare[float64](t, c)
}

func prepare[T blas.Float](t *testing.T, c setup) (*Solver[T], *Theory[T]) {
	t.Helper()
	if c.m == 0 {
		c.m, c.n = 100, 100
	}
	p := c.p
	p.Sigma1, p.SigmaR, p.Rank = 1, 0.9, 5
	if p.Columns == 0 {
		p.Columns = 10
	}
	p = p.WithDefaults()
	op, u, b := problem[T](t, c.m, c.n, p.Rank, c.noise)
	start, err := ProposedStart(op, p.Columns, p.Sigma1, p.C, p.D(), c.seed)
	if err != nil {
		t.Fatal(err)
	}
	if c.scaleX != 0 {
		scale(start.X, c.scaleX)
	}
	if c.randomX {
		random := RandomStart(c.m, c.n, p.Columns, c.seed).X
		start.X = random
	}
	d, _, err := op.Distance(start.X, start.Y)
	if err != nil {
		t.Fatal(err)
	}
	p.F0 = d * d / 2
	step := p.Step8
	if c.nine {
		step = p.Step9
	}
	eta, err := step()
	if err != nil {
		t.Fatal(err)
	}
	if c.faster != 0 {
		eta *= c.faster
	}
	start = start.Unbalanced(eta)
	s := New(b, op, blas.Convert[T](start.X), blas.Convert[T](start.Y), eta, c.order)
	span := &u
	if c.noSpan {
		span = nil
	}
	th, err := NewTheory(s, p, span, c.tail)
	if err != nil {
		t.Fatal(err)
	}
	return s, th
}

func follow[T blas.Float](t *testing.T, s *Solver[T], th *Theory[T], iterations int) {
	t.Helper()
	if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: iterations}, solvers.Schedule{Recorder: th, Every: 1}); err != nil {
		t.Fatal(err)
	}
}

// inEvent is the first seed whose draw is in the event of Proposition 4.3, or
// outside it.
func inEvent(t *testing.T, c setup, want bool) setup {
	t.Helper()
	for c.seed = 1; c.seed < 100; c.seed++ {
		s, th := c.prepare(t)
		follow(t, s, th, 0)
		if (len(th.eventConditions()) == 0) == want {
			return c
		}
	}
	t.Fatal("no such seed")
	return c
}

func find(t *testing.T, checks []solvers.Check, name string) solvers.Check {
	t.Helper()
	for _, c := range checks {
		if strings.HasPrefix(c.Name, name) {
			return c
		}
	}
	t.Fatalf("no check %q", name)
	return solvers.Check{}
}

// expect looks at every check: those whose name begins with a key of unmet are
// NotMet with a note that has the value in it, the rest holds or is reported.
func expect(t *testing.T, checks []solvers.Check, unmet map[string]string) {
	t.Helper()
	for _, c := range checks {
		want, is := "", false
		for name, note := range unmet {
			if strings.HasPrefix(c.Name, name) {
				want, is = note, true
			}
		}
		switch {
		case is && (c.Verdict != solvers.NotMet || !strings.Contains(c.Note, want)):
			t.Errorf("expected condition not met with %q: %v", want, c)
		case !is && c.Verdict != solvers.Holds && c.Verdict != solvers.Reported:
			t.Errorf("unexpected: %v", c)
		}
	}
}

// The bound on σ_r(Y_t) begins at σ_r(Y_0) ≈ 0.
const low = "Proposition 4.2, 3: σ_r(Y_0)"

// TestChecksHold is the paper's problem up to T and beyond.
func TestChecksHold(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and its work is in one goroutine or in passes that others test")
	}
	c := inEvent(t, setup{}, true)
	s, th := c.prepare(t)
	last := int(th.p.Iterations(th.eta))
	t.Logf("seed %d: η = %.4g, β = %.4g, T = %d, T_* = %g", c.seed, th.eta, th.p.Beta(), last, th.lastBounded())
	follow(t, s, th, 400)
	checks := th.Checks()
	expect(t, checks, map[string]string{
		low: "so it says nothing", "Corollary 5.2": "no iterate", "Corollary 5.3": "C = 4 < 8",
	})
	follow(t, s, th, last+20)
	expect(t, th.Checks(), map[string]string{low: "so it says nothing", "Corollary 5.3": "C = 4 < 8"})
	for _, c := range th.Checks() {
		t.Log(c)
	}
	got52 := find(t, th.Checks(), "Corollary 5.2")
	if got52.At != last || got52.Right != 1e-6 || got52.Left > 1e-6 {
		t.Errorf("%+v", got52)
	}
	// The same run again says from which t on the error is at most ε.
	again, _ := c.prepare(t)
	first := 0
	for k := range last + 21 {
		if distance, _, err := again.Distance(); err != nil || distance*distance > 1e-6 {
			first = k + 1
		}
		if err := again.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if s := got52.Since; s == nil || s.Claimed != last || s.First != first || s.Slack() <= 0 {
		t.Errorf("%v; expected it to hold from %d on", got52, first)
	}
	if got := th.rate.judged; got != last {
		t.Errorf("(6) was compared at %d iterates, expected %d", got, last)
	}
	// (6) by hand.
	p := th.p
	rho := 1 - math.Sqrt(4)/math.Sqrt(10)
	beta := rho * rho * 0.81 / 16
	got := find(t, th.Checks(), "Theorem 5.1")
	if want := 2 * math.Exp(-beta*float64(got.At)/4) * p.F0; math.Abs(got.Right-want) > 1e-12*want {
		t.Errorf("the right side of (6) is %v, want %v", got.Right, want)
	}
	row := th.Row()
	if row.T != last+20 || row.Bound != p.RateBound(row.T) || !(row.Distance*row.Distance <= row.Bound) {
		t.Errorf("%+v", row)
	}
	for _, c := range []struct {
		name       string
		x          blas.General[float64]
		first, rth float64
	}{{"X", s.X(), row.X1, row.Xr}, {"Y", s.Y(), row.Y1, row.Yr}} {
		var svd mat.SVD
		svd.Factorize(mat.NewDense(c.x.Rows, c.x.Cols, slices.Clone(c.x.Data)), mat.SVDNone)
		if v := svd.Values(nil); v[0] != c.first || v[4] != c.rth {
			t.Errorf("singular values of %s: %v and %v; expected %v", c.name, c.first, c.rth, v)
		}
	}
}

func TestChecksOfPowers(t *testing.T) {
	c := inEvent(t, setup{m: 30, n: 30, p: Parameters{C: 8, Eps: 1. / 20, Columns: 20}, nine: true}, true)
	s, th := c.prepare(t)
	length := th.p.Beta() / (8 * th.eta * th.eta * th.p.F0)
	second := int(math.Floor(length) + math.Floor(5*length))
	for _, at := range []struct{ t, want int }{{0, 0}, {int(length) - 1, 0}, {int(length), 1}, {second - 1, 1}, {second, 2}} {
		if got := th.power(at.t); got != at.want {
			t.Errorf("the power at %d is %d, want %d", at.t, got, at.want)
		}
	}
	t.Logf("T = %g, second %d", length, second)
	last := second + 5
	if testing.Short() {
		last = int(length) + 10
	}
	follow(t, s, th, last)
	expect(t, th.Checks(), map[string]string{low: "so it says nothing", "Corollary 5.2": ""})
	got := find(t, th.Checks(), "Corollary 5.3")
	t.Log(got)
	claimed := int(length)
	if last >= second {
		claimed = second
	}
	if s := got.Since; s == nil || s.Claimed != claimed || s.Slack() < 0 {
		t.Errorf("%v; expected the claim from %d on", got, claimed)
	}
	if got.Verdict != solvers.Holds || th.powers.judged != last-int(length)+1 {
		t.Errorf("%d observations, %v", th.powers.judged, got)
	}
}

func TestConditions(t *testing.T) {
	rests := func(note string, more map[string]string) map[string]string {
		m := map[string]string{
			"Corollary 4.4": note, "Theorem 5.1": note, "Corollary 5.2": note, "Corollary 5.3": note, low: "so it says nothing",
		}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	good := inEvent(t, setup{}, true)
	with := func(change func(c *setup)) setup {
		c := good
		change(&c)
		return c
	}
	const order = "the order is simultaneous"
	for name, test := range map[string]struct {
		setup
		unmet map[string]string
	}{
		"event": {inEvent(t, setup{}, false), rests("the draw has not Proposition 4.3, 1: σ_r(X_0)", map[string]string{
			"Proposition 4.3, 1: σ_r(X_0)": "outside the event",
		})},
		"simultaneous": {with(func(c *setup) { c.order = Simultaneous }), rests(order, map[string]string{
			"Lemma": order, "Proposition 4.2": order, low: order,
		})},
		"rank": {with(func(c *setup) { c.noise, c.tail = 1e-3, 1e-3 }), map[string]string{
			low: "so it says nothing", "Lemma 4.5": "is 0.001 > 1e-08", "Lemma 4.6": "A has rank r", "Theorem 5.1": "A has rank r", "Corollary 5": "A has rank r",
		}},
		"step": {with(func(c *setup) { c.faster = 2 }), map[string]string{
			low: "so it says nothing", "Corollary 5.2": "> (8) = ", "Corollary 5.3": "C = 4 < 8",
		}},
		"span": {with(func(c *setup) { c.noSpan = true }), map[string]string{
			low: "so it says nothing", "Lemma 4.5": "not given", "Lemma 4.6": "not given", "Corollary 5.2": "no iterate", "Corollary 5.3": "C = 4 < 8",
		}},
		"outside": {with(func(c *setup) { c.randomX = true }), map[string]string{
			low: "so it says nothing", "Lemma 4.5": "X_0 in ColSpan A", "Lemma 4.6": "X_0 in ColSpan A", "Theorem 5.1": "X_0 in ColSpan A", "Corollary 5": "X_0 in ColSpan A",
		}},
		"large X_0": {with(func(c *setup) { c.scaleX = 4 }), rests("σ_1(X_0)", map[string]string{
			"Proposition 4.3, 1: σ_1(X_0)": "outside the event", "Proposition 4.2": "σ_1²(X_0)", low: "σ_1²(X_0)",
			"Lemma 4.1, (4)": "η‖X_1‖²", "Lemma 4.1: Σ‖∇_X": "η‖X_0‖² = ", "Lemma 4.1: Σ‖∇_Y": "η‖X_1‖²",
		})},
	} {
		t.Run(name, func(t *testing.T) {
			s, th := test.prepare(t)
			follow(t, s, th, 60)
			expect(t, th.Checks(), test.unmet)
			if name == "span" && !strings.Contains(find(t, th.Checks(), "Theorem 5.1").Note, "was not checked") {
				t.Error("nothing says that the span was not checked")
			}
		})
	}

	s, th := setup{p: Parameters{C: 2, Nu: 0.7, Tau: 4}}.prepare(t)
	for _, c := range th.Checks() {
		if c.Verdict != solvers.NotMet && c.Verdict != solvers.Reported {
			t.Errorf("of nothing: %v", c)
		}
	}
	follow(t, s, th, 3)
	for _, want := range []string{"C = 2 < 4", "β = "} {
		if note := find(t, th.Checks(), "Corollary 4.4").Note; !strings.Contains(note, want) {
			t.Errorf("no %q in %q", want, note)
		}
	}
	if note := find(t, th.Checks(), "Corollary 5.2").Note; !strings.Contains(note, "ν = 0.7 > 1/2") {
		t.Errorf("the note is %q", note)
	}
	// Larger steps, by the first iterate alone.
	for _, test := range []struct {
		setup
		name, want string
	}{
		{setup{p: Parameters{Nu: 0.4}, faster: 1e5}, "Theorem 5.1", "> 9/(4Cνσ_1) = 1.40625"},
		{setup{p: Parameters{C: 16, Nu: 0.4}, faster: 21000}, "Corollary 4.4: σ_1(Y_t)", "> 3/(C√η) = "},
		{setup{p: Parameters{C: 8}, nine: true, faster: 2}, "Corollary 5.3", "> (9) = "},
	} {
		s, th := test.prepare(t)
		follow(t, s, th, 0)
		if c := find(t, th.Checks(), test.name); c.Verdict != solvers.NotMet || !strings.Contains(c.Note, test.want) {
			t.Errorf("no %q in %v", test.want, c)
		}
	}
	if err := th.Record(5); err == nil {
		t.Error("a gap in the iterates is not an error")
	}
}

// TestRounding runs far past the floor of f, in both precisions.
func TestRounding(t *testing.T) {
	c := inEvent(t, setup{}, true)
	t.Run("float64", func(t *testing.T) {
		s, th := prepare[float64](t, c)
		follow(t, s, th, 4000)
		if row := th.Row(); row.Distance > 1e-12 {
			t.Fatalf("not at the floor: %v", row.Distance)
		}
		expect(t, th.Checks(), map[string]string{low: "so it says nothing", "Corollary 5.2": "no iterate", "Corollary 5.3": "C = 4 < 8"})
		for _, c := range th.claims() {
			if c.judged > 0 && c.undecided == c.judged {
				t.Errorf("%s is decided nowhere", c.Name)
			}
		}
		// The rounding allowed for is not far from the real one.
		if th.now.distanceError > 100*th.now.distance {
			t.Errorf("the floor is %v, %v was allowed for", th.now.distance, th.now.distanceError)
		}
		t.Logf("floor %v, allowed %v, undecided (4) %d of %d", th.now.distance, th.now.distanceError, th.gradY.undecided, th.gradY.judged)
	})
	t.Run("float32", func(t *testing.T) {
		s, th := prepare[float32](t, c)
		follow(t, s, th, 1500)
		t.Logf("floor %v, allowed %v", th.now.distance, th.now.distanceError)
		for _, c := range th.Checks() {
			if c.Verdict == solvers.Fails {
				t.Error(c)
			}
		}
	})
}

func TestContinuedChecks(t *testing.T) {
	c := inEvent(t, setup{}, true)
	for _, order := range []Order{Alternating, Simultaneous} {
		c.order = order
		s, th := c.prepare(t)
		follow(t, s, th, 90)

		first, before := c.prepare(t)
		follow(t, first, before, 37)
		state, err := first.Save()
		if err != nil {
			t.Fatal(err)
		}
		theory, err := before.Save()
		if err != nil {
			t.Fatal(err)
		}
		second, after := c.prepare(t)
		if err := second.Restore(state); err != nil {
			t.Fatal(err)
		}
		if err := after.Restore(theory); err != nil {
			t.Fatal(err)
		}
		follow(t, second, after, 90)
		plain := func(checks []solvers.Check) (s []string) {
			for _, c := range checks {
				s = append(s, c.String(), c.Relation)
			}
			return s
		}
		if got, want := plain(after.Checks()), plain(th.Checks()); !slices.Equal(got, want) {
			t.Errorf("a continued run gives\n%v\nan unbroken one\n%v", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		a, _ := th.Save()
		b, _ := after.Save()
		if !slices.Equal(a, b) {
			t.Error("the states differ")
		}
		if order == Alternating && !reflect.DeepEqual(th.Row(), after.Row()) {
			t.Errorf("%+v and %+v", th.Row(), after.Row())
		}
	}
	// A state from before the first iterate, and one of another problem.
	_, th := c.prepare(t)
	state, err := th.Save()
	if err != nil {
		t.Fatal(err)
	}
	if err := th.Restore(state); err != nil {
		t.Error(err)
	}
	small := setup{m: 20, n: 15, seed: 1}
	s, other := small.prepare(t)
	follow(t, s, other, 2)
	if state, err = other.Save(); err != nil {
		t.Fatal(err)
	}
	if err := th.Restore(state); err == nil {
		t.Error("a state of another shape is taken")
	}
	if err := th.Restore([]byte("nonsense")); err == nil {
		t.Error("nonsense is taken")
	}
}

// TestChecksFail feeds wrong numbers to every claim that can fail.
func TestChecksFail(t *testing.T) {
	eight := inEvent(t, setup{p: Parameters{C: 8, Eps: 1. / 20}, nine: true}, true)
	four := inEvent(t, setup{}, true)
	for name, test := range map[string]struct {
		setup
		spoil func(th *Theory[float64], s *sample)
	}{
		"Lemma 4.1, (3)":             {four, func(_ *Theory[float64], s *sample) { s.gx *= 100 }},
		"Lemma 4.1, (4)":             {four, func(_ *Theory[float64], s *sample) { s.gy *= 1.5 }},
		"Lemma 4.1: f(X_{t+1}, Y_t)": {four, func(_ *Theory[float64], s *sample) { s.half *= 1.2 }},
		"Lemma 4.1: f(X_t, Y_t)":     {four, func(_ *Theory[float64], s *sample) { s.distance = s.half * (1 + 1e-9) }},
		"Lemma 4.1: Σ‖∇_X":           {four, func(th *Theory[float64], s *sample) { s.gx = 1.001 * math.Sqrt(2/th.eta*th.p.F0) }},
		"Lemma 4.1: Σ‖∇_Y":           {four, func(th *Theory[float64], s *sample) { s.gy = 1.001 * math.Sqrt(2/th.eta*th.p.F0) }},
		"Proposition 4.2, 1: ‖X_t‖":  {four, func(th *Theory[float64], s *sample) { s.x1 = 1.00001 / math.Sqrt(th.eta) }},
		"Proposition 4.2, 1: ‖Y_t‖":  {four, func(th *Theory[float64], s *sample) { s.y1 = 1.00001 / math.Sqrt(th.eta) }},
		"Proposition 4.2, 2: σ_r(X_0)": {four, func(th *Theory[float64], s *sample) {
			s.xr = 0.9999 * (th.start.xr - math.Sqrt(2*float64(s.t)*th.eta*th.p.F0))
		}},
		"Proposition 4.2, 2: σ_1(X_t)": {four, func(th *Theory[float64], s *sample) {
			s.x1 = 1.0001 * (th.start.x1 + math.Sqrt(2*float64(s.t)*th.eta*th.p.F0))
		}},
		low: {four, func(th *Theory[float64], s *sample) { th.start.yr = 1; s.yr = 0.5 }},
		"Proposition 4.2, 3: σ_1(Y_t)": {four, func(th *Theory[float64], s *sample) {
			s.y1 = 1.0001 * (th.start.y1 + math.Sqrt(2*float64(s.t)*th.eta*th.p.F0))
		}},
		"Corollary 4.4: ½√(β/η)": {four, func(th *Theory[float64], s *sample) { s.xr = 0.4999 * math.Sqrt(th.p.Beta()/th.eta) }},
		"Corollary 4.4: σ_1(X_t)": {four, func(th *Theory[float64], s *sample) {
			s.x1 = 1.0001 * (0.75 + math.Sqrt(th.p.Beta())/2) / math.Sqrt(th.eta)
		}},
		"Corollary 4.4: σ_1(Y_t)": {four, func(th *Theory[float64], s *sample) {
			s.y1 = 1.0001 * (0.75 + math.Sqrt(th.p.Beta())/2) / math.Sqrt(th.eta)
		}},
		"Lemma 4.5":     {four, func(_ *Theory[float64], s *sample) { s.outside = 1e-6 * s.normX }},
		"Lemma 4.6":     {four, func(_ *Theory[float64], s *sample) { s.gy = 0.999 * s.xr * s.half }},
		"Theorem 5.1":   {four, func(th *Theory[float64], s *sample) { s.distance = math.Sqrt(1.0001 * th.p.RateBound(s.t)) }},
		"Corollary 5.2": {four, func(th *Theory[float64], s *sample) { s.t = int(th.p.Iterations(th.eta)); s.distance = 1.001e-3 }},
		"Corollary 5.3": {eight, func(th *Theory[float64], s *sample) {
			s.t = int(th.p.Iterations(th.eta))
			s.distance = math.Sqrt(1.0001 * 2 * th.p.F0 / 20)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s, th := test.prepare(t)
			follow(t, s, th, 3)
			if c := find(t, th.Checks(), name); c.Verdict == solvers.Fails {
				t.Fatalf("before: %v", c)
			}
			if err := s.Step(); err != nil {
				t.Fatal(err)
			}
			sample, err := th.measure(4)
			if err != nil {
				t.Fatal(err)
			}
			test.spoil(th, &sample)
			th.observe(sample)
			if c := find(t, th.Checks(), name); c.Verdict != solvers.Fails {
				t.Errorf("%v", c)
			}
			// It fails after Restore as well.
			state, err := th.Save()
			if err != nil {
				t.Fatal(err)
			}
			_, other := test.prepare(t)
			if err := other.Restore(state); err != nil {
				t.Fatal(err)
			}
			if c := find(t, other.Checks(), name); c.Verdict != solvers.Fails {
				t.Errorf("restored: %v", c)
			}
		})
	}
}

// TestClaimBelowRounding: a claim that rounding alone decides does not hold.
func TestClaimBelowRounding(t *testing.T) {
	c := newClaim("x", 0)
	c.observe(1, 1e-20, 1e-21, 1e-19)
	if r := c.result(nil, ""); r.Verdict != solvers.NotMet || !strings.Contains(r.Note, "below rounding") {
		t.Error(r)
	}
	c.observe(2, 1, 2, 1e-19)
	if r := c.result(nil, ""); r.Verdict != solvers.Holds || !strings.Contains(r.Note, "at 1 of 2") {
		t.Error(r)
	}
	c.observe(3, math.NaN(), 2, 1e-19)
	if r := c.result(nil, ""); r.Verdict != solvers.Fails {
		t.Error(r)
	}
}

func TestNewTheoryErrors(t *testing.T) {
	op, u, b := problem[float64](t, 20, 15, 5, 0)
	start := RandomStart(20, 15, 6, 1)
	s := New(b, op, start.X, start.Y, 0.1, Alternating)
	good := Parameters{Sigma1: 1, SigmaR: 0.9, Rank: 5, Columns: 6}
	th, err := NewTheory(s, good, &u, 0)
	if err != nil {
		t.Fatal(err)
	}
	if row := th.Row(); row.T != -1 {
		t.Errorf("%+v", row)
	}
	follow(t, s, th, 1)
	if d := th.start.distance; th.p.F0 != d*d/2 {
		t.Errorf("f_0 is %v, want %v", th.p.F0, d*d/2)
	}
	for name, change := range map[string]func(p *Parameters){
		"columns": func(p *Parameters) { p.Columns = 7 },
		"rank":    func(p *Parameters) { p.Rank = 0 },
		"σ_r":     func(p *Parameters) { p.SigmaR = 2 },
	} {
		p := good
		change(&p)
		if _, err := NewTheory(s, p, nil, 0); err == nil {
			t.Errorf("bad %s are taken", name)
		}
	}
	for _, tail := range []float64{-1, math.Inf(1), math.NaN()} {
		if _, err := NewTheory(s, good, nil, tail); err == nil {
			t.Errorf("σ_{r+1} = %v is taken", tail)
		}
	}
	skew := u.Clone()
	scale(skew, 1.1)
	if _, err := NewTheory(s, good, &skew, 0); err == nil {
		t.Error("a span that is not orthonormal is taken")
	}
	p := good
	p.F0 = 7
	fresh := New(b, op, start.X, start.Y, 0.1, Alternating)
	if th, err = NewTheory(fresh, p, nil, 0); err != nil {
		t.Fatal(err)
	}
	if err := th.Record(0); err == nil {
		t.Error("a wrong f_0 is taken")
	}
	defer func() {
		if recover() != badSpan {
			t.Error("a span of another shape does not panic")
		}
	}()
	wrong := blas.NewGeneral[float64](20, 4)
	_, _ = NewTheory(s, good, &wrong, 0)
}

// TestRankBesideSigmaR: what is left of A behind r singular vectors is small beside σ_1 and
// beside σ_r, or A has not rank r.
func TestRankBesideSigmaR(t *testing.T) {
	for _, c := range []struct {
		sigmaR, tail float64
		met          bool
	}{{0.5, 9e-9, true}, {0.5, 1.1e-8, false}, {1e-8, 5e-9, false}, {1e-8, 9e-13, true}, {1e-12, 4e-14, true}, {1e-12, 5e-14, false}} {
		th := &Theory[float64]{p: Parameters{Sigma1: 1, SigmaR: c.sigmaR}, tail: c.tail, unit: 0x1p-52, factor: 20}
		if unmet := th.rankConditions(); (len(unmet) == 0) != c.met {
			t.Errorf("σ_r = %g, a tail of %g: %v", c.sigmaR, c.tail, unmet)
		}
	}
}

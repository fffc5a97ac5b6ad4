package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/bench/figure"
	"lowrank/solvers/sensing"
)

var sensingFig2 = Figure{"sensing/fig2", "three phases, and the power method beside the first", makeSensingFig2}

type sensingFig2Config struct {
	N          int     `toml:"n"`
	RStar      int     `toml:"r_star" comment:"r_*, the rank of XXᵀ"`
	M          int     `toml:"m" comment:"number of measurements; 0 for 10nr_*"`
	R          int     `toml:"r" comment:"inferred: columns of U"`
	Step       float64 `toml:"step" comment:"μ"`
	Alpha      float64 `toml:"alpha" comment:"U_0 = αU; 0 for 1/(70n²)"`
	Iterations int     `toml:"iterations" comment:"inferred"`
	Storage    string  `toml:"storage" comment:"of the measurements: f64, f32, bf16 or regenerate"`
	Seed       uint64  `toml:"seed" comment:"inferred"`
}

func (c *sensingFig2Config) size() sensingSize {
	return sensingSize{n: c.N, rank: c.RStar, count: c.M, storage: c.Storage, seed: c.Seed}
}

func (c *sensingFig2Config) check() error {
	return firstOf(
		c.size().check(),
		c.size().columns("r", c.R),
		positive("step", c.Step),
		positiveOrZero("alpha", c.Alpha),
		atLeast("iterations", c.Iterations, 1),
	)
}

// makeSensingFig2 makes one run and the power method from the same start.
func makeSensingFig2(ctx context.Context, m *making) error {
	c := &sensingFig2Config{N: 200, RStar: 5, R: 100, Step: 0.25, Iterations: 250, Storage: "f64", Seed: 1}
	if m.Quick {
		c.N, c.RStar, c.R = 80, 2, 40
	}
	if err := m.configure(c); err != nil {
		return err
	}
	c.M, c.Alpha = sensingCount(c.M, c.N, c.RStar), sensingAlpha(c.Alpha, c.N)
	f, err := newSensingFig2Data(ctx, m, c)
	if err != nil {
		return err
	}
	m.Error, m.Distance = &f.table.column("train")[f.run.last()], &f.run.test[f.run.last()]
	m.Tables = []*Table{f.table}
	f.verdicts(m)
	floor, _ := smallest(f.run.test)
	m.note("%s", againstTheory(sensing.SettingOf(f.problem.x, c.R, c.Alpha, c.Step), floor, f.run.ends))
	f.draw(m)
	return nil
}

// sensingFig2Data is all that verdicts and picture rest on.
type sensingFig2Data struct {
	cfg     *sensingFig2Config
	problem *sensingProblem
	facts   sensingFacts
	table   *Table

	run   *phaseCurves
	power []float64 // sine of the angle of the power method to L
	// The rows of the phases' ends, −1 of one that the run does not show.
	aligned, saddle, settled int
	leaves                   int // the row of the smallest angle up to the end of II
	same                     int // the last row up to which the two angles agree
}

func newSensingFig2Data(ctx context.Context, m *making, c *sensingFig2Config) (*sensingFig2Data, error) {
	p, err := newSensingProblem(m, c.size(), c.R)
	if err != nil {
		return nil, err
	}
	recorders, facts, err := p.runs(ctx, m, []int{c.R}, c.Alpha, c.Step, c.Seed, c.Iterations, 1, true)
	if err != nil {
		return nil, err
	}
	f := &sensingFig2Data{cfg: c, problem: p, facts: facts, table: tableOf(&recorders[0].Trace, "", append(phaseColumns, "power_angle", "gd_power_angle")...)}
	f.measure()
	f.derive()
	return f, nil
}

// sameWithin is how near one another two angles are called the same, relative
// to the smaller.
const sameWithin = 0.01

func (f *sensingFig2Data) measure() {
	f.run, f.power = phasesOf(f.table, ""), f.table.column("power_angle")
	f.aligned, f.saddle, f.settled = f.run.at(f.run.ends.Aligned), f.run.at(f.run.ends.Saddle), f.run.at(f.run.ends.Settled)
	f.leaves = f.run.at(f.run.ends.Closest)
	f.same = -1
	for i, v := range f.power {
		if !(math.Abs(v-f.run.angle[i]) <= sameWithin*min(v, f.run.angle[i])) {
			break
		}
		f.same = i
	}
}

// derive adds what the picture draws beside the recorded columns.
func (f *sensingFig2Data) derive() {
	f.table.derive("test_squared", func(value func(string) float64) float64 { return value("test") * value("test") })
	f.table.derive("angle_X", func(func(string) float64) float64 { return f.facts.plateau })
	from := max(f.same, 0)
	f.table.derive("power_theory", func(value func(string) float64) float64 {
		v := f.power[from] * math.Pow(f.facts.decay(), value("t")-f.run.t[from])
		if value("t") < f.run.t[from] || v < powerFloor {
			return math.NaN()
		}
		return v
	})
}

// powerFloor is where rounding begins to hide the angle of the power method.
const powerFloor = 1e-13

func (f *sensingFig2Data) verdicts(m *making) {
	run, last := f.run, f.run.last()
	if f.saddle < 0 || f.settled < 0 {
		m.verdict(false, "three phases: σ_{r*}(U_t) does not go from below to above half of σ_{r*}(X) in %.0f iterations", run.t[last])
		return
	}
	if f.aligned < 1 || f.aligned >= f.saddle {
		m.verdict(false, "three phases: the angle does not go from above to below %g before σ_{r*}(U_t) is "+
			"half of σ_{r*}(X), at t = %.0f", alignedBelow, run.t[f.saddle])
		return
	}
	squared := func(i int) float64 { return run.test[i] * run.test[i] }
	m.verdict(run.angle[0] >= 5*run.angle[f.aligned] && run.sigma[f.aligned] <= 0.05 && squared(f.aligned) >= 0.9,
		"phase I, to t = %.0f: the angle falls from %.2g to %.2g (by a factor of 5 at least); σ_{r*}(U_t) is "+
			"%.2g there (at most 0.05) and the squared test error %.4f (at least 0.9; it is 1 at U = 0)",
		run.t[f.aligned], run.angle[0], run.angle[f.aligned], run.sigma[f.aligned], squared(f.aligned))

	factor, from, to := run.growth()
	low, high := f.facts.factor(), f.facts.largest()
	m.verdict(factor >= 0.97*low && factor <= 1.03*high,
		"phase II, to t = %.0f: σ_{r*}(U_t) grows geometrically, from %.2g to %.2g, by a factor of %.4f a "+
			"step from t = %.0f to %.0f, where it is below %g (1 + μλ of the leading eigenvalues of A*(y) is "+
			"%.4f to %.4f; within 3 %%)",
		run.t[f.saddle], run.sigma[f.aligned], run.sigma[f.saddle], factor, run.when(from), run.when(to), grownAbove, low, high)
	end, bound := run.angle[last], 0.25*run.angle[last]
	close := 0
	for _, v := range run.angle[f.aligned:f.saddle] {
		if v <= bound {
			close++
		}
	}
	share := float64(close) / float64(f.saddle-f.aligned)
	m.verdict(share >= 0.6,
		"in it the spaces stay aligned: the angle is at most a quarter of what it ends at, %.2g, in %.0f %% "+
			"of the iterations of phase II (at least 60 %%)", bound, 100*share)

	off := math.Abs(run.sigma[last] - 1)
	m.verdict(squared(f.settled) <= 1e-8*squared(f.saddle) && off <= 0.01,
		"phase III, to t = %.0f: the squared test error falls from %.2g to %.1e (by 10⁸ at least), and "+
			"σ_{r*}(U_t)/σ_{r*}(X) ends within %.1e of 1 (0.01)",
		run.t[f.settled], squared(f.saddle), squared(f.settled), off)
	m.verdict(math.Abs(end/f.facts.plateau-1) <= 0.01 && end >= 2*run.angle[f.leaves],
		"from t = %.0f on, late in phase II, the angle grows again, from %.2g to %.4f, that of span X to L "+
			"(%.4f; within 1 %%)", run.t[f.leaves], run.angle[f.leaves], end, f.facts.plateau)

	m.verdict(f.same >= f.aligned,
		"gradient descent follows the power method: their angles to L agree within 1 %% up to t = %.0f, all "+
			"of phase I at least (to t = %.0f); the angle of gradient descent is smallest at t = %.0f",
		run.when(f.same), run.t[f.aligned], run.t[f.leaves])

	measured, until := f.powerDecay()
	m.verdict(f.power[last] <= 1e-3*end && math.Abs(measured/f.facts.decay()-1) <= 0.03,
		"then they part: at the end the angle of the power method is %.1e and that of gradient descent %.2g; "+
			"it decays by a factor of %.4f a step up to t = %.0f, (1 + μλ_{r*+1})/(1 + μλ_{r*}) being %.4f "+
			"(within 3 %%)",
		f.power[last], end, measured, until, f.facts.decay())
	m.note("at the end of phase I the sine of the angle between L_t and the leading space of the power method is %.2g",
		f.table.column("gd_power_angle")[f.aligned])
}

// powerDecay is the factor a step by which the power method's angle falls once
// it is small, by least squares, and up to where.
func (f *sensingFig2Data) powerDecay() (factor, until float64) {
	var x, y []float64
	for i, v := range f.power {
		if v <= alignedBelow/10 && v >= powerFloor {
			x, y = append(x, f.run.t[i]), append(y, math.Log(v))
		}
	}
	if len(x) < 5 {
		return math.NaN(), math.NaN()
	}
	slope, _, _ := fit(x, y)
	return math.Exp(slope), x[len(x)-1]
}

func (f *sensingFig2Data) draw(m *making) {
	c, run := f.cfg, f.run
	end, early := run.t[run.last()], run.t[run.last()]
	if f.settled > 0 {
		end = min(end, math.Ceil(1.15*run.t[f.settled]/10)*10)
	}
	var bands []figure.Band
	var ends []figure.Vertical
	if f.saddle > 0 && f.aligned > 0 {
		early = min(early, math.Ceil(2*run.t[f.saddle]/10)*10)
		a, s := run.t[f.aligned], run.t[f.saddle]
		bands = []figure.Band{
			{X0: 0, X1: a, Name: "I: spectral phase", Color: 3},
			{X0: a, X1: s, Name: "II: saddle avoidance", Color: 1},
			{X0: s, X1: end, Name: "III: refinement", Color: 2},
		}
		ends = []figure.Vertical{{X: a, Label: fmt.Sprintf("I to II: %.0f", a)}, {X: s, Label: fmt.Sprintf("II to III: %.0f", s)}}
	}
	axes := func(title, y string, log bool, until float64) *figure.Axes {
		return &figure.Axes{Title: title, XLabel: "iteration t", YLabel: y, LogY: log, XMin: limitAt(0), XMax: limitAt(until), Bands: bands, Verticals: ends}
	}
	every := max(int(end)/14, 1)
	curves := func(angle, sigma, noise, test string) (lines []figure.Line) {
		lines = append(lines, f.table.marked("angle of L_t to L", "t", angle, 6, figure.Dot, every, 0)...)
		lines = append(lines, f.table.marked("σ_{r*}(U_t)/σ_{r*}(X)", "t", sigma, 4, figure.Square, every, every/4)...)
		lines = append(lines, f.table.marked("σ_{r*+1}(U_t)", "t", noise, 0, figure.Triangle, every, every/2)...)
		return append(lines, f.table.marked("squared test error", "t", test, 5, figure.Circle, every, 3*every/4)...)
	}
	linear := axes("(a) The three phases", "sine, ratio, relative error", false, end)
	log := axes("(a) on a logarithmic scale", "sine, ratio, relative error, log scale", true, end)
	linear.Lines = curves("angle", "sigma_rstar_U", "sigma_rstar_plus_1_U", "test_squared")
	log.Lines = linear.Lines
	log.YMin = limitAt(1e-14)

	angles := axes("(b) Gradient descent and the power method", "sine of the angle to L, log scale", true, early)
	near := max(int(early)/14, 1)
	gd := f.table.marked("gradient descent, L_t", "t", "angle", 6, figure.Dot, near, 0)
	power := f.table.marked("power method, same start", "t", "power_angle", 1, figure.Square, near, near/2)
	angles.Lines = append(append(gd, power...), f.table.theory("its limiting decay", "t", "power_theory", theoryColor), f.table.line("span X to L", "t", "angle_X", 2))
	angles.Lines[len(angles.Lines)-1].Dash = figure.Dotted
	if f.same >= 0 {
		angles.Verticals = []figure.Vertical{{X: run.t[f.same], Label: fmt.Sprintf("the same to 1 %% up to %.0f", run.t[f.same])}}
	}
	if f.saddle > 0 && f.leaves > 0 {
		angles.Verticals = append(angles.Verticals, figure.Vertical{X: run.t[f.leaves], Label: fmt.Sprintf("leaves the power method: %.0f", run.t[f.leaves])})
	}
	if low := f.power[f.run.at(int(early))]; low > 0 {
		angles.YMin = limitAt(low / 10)
	}
	between := axes("The angle between the two", "sine of the angle of L_t to the power method's space, log scale", true, early)
	between.Lines = []figure.Line{f.table.line("L_t to the leading space of the power method", "t", "gd_power_angle", 4)}

	caption := fmt.Sprintf("%s; r = %d, U_0 = αU with entries of U from N(0, 1/r), α = %.4g, μ = %g, seed %d. "+
		"L is spanned by the r* leading eigenvectors of A*(y), L_t by the r* leading left singular vectors of "+
		"U_t; the power method is (I + μA*(y))^{t}U_0. "+
		"Phase I ends at the first t with an angle of L_t to L of at most %g, II where σ_{r*}(U_t) is half of "+
		"σ_{r*}(X) = 1: marks of ours, which the paper does not define. "+
		"Gradient descent leaves the power method, (b), where its angle is smallest. "+
		"The squared test error is ‖UUᵀ − XXᵀ‖²/‖XXᵀ‖² in the Frobenius norm. Dashed: the decay ((1 + "+
		"μλ_{r*+1})/(1 + μλ_{r*}))^{t} with the eigenvalues of A*(y).",
		f.problem, c.R, c.Alpha, c.Step, c.Seed, alignedBelow)
	m.draw("Small random initialization is akin to spectral learning, Figure 2", caption,
		figure.Row{Height: 10, Cells: []figure.Cell{{Panel: linear, Weight: 1}, {Panel: angles, Weight: 1}}},
		figure.Row{Height: 10, Cells: []figure.Cell{{Panel: log, Weight: 1}, {Panel: between, Weight: 1}}},
	)
}

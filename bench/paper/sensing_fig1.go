package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/bench/figure"
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

var sensingFig1 = Figure{"sensing/fig1", "gradient descent and the power method on the landscape", makeSensingFig1}

type sensingFig1Config struct {
	N          int     `toml:"n" comment:"inferred: the plane is the whole space"`
	RStar      int     `toml:"r_star" comment:"r = r_*"`
	M          int     `toml:"m" comment:"number of measurements; 0 for the paper's 10nr_*"`
	Step       float64 `toml:"step" comment:"μ"`
	Alpha      float64 `toml:"alpha" comment:"inferred: U_0 = αU; 0 for 1/(70n²) as in Figures 2 and 3"`
	Iterations int     `toml:"iterations" comment:"inferred"`
	Extent     float64 `toml:"extent" comment:"inferred: the plane goes from minus this to this"`
	Grid       int     `toml:"grid" comment:"points along each side"`
	Seed       uint64  `toml:"seed" comment:"inferred: one for which the origin is a saddle"`
}

func (c *sensingFig1Config) size() sensingSize {
	return sensingSize{n: c.N, rank: c.RStar, count: c.M, storage: "f64", seed: c.Seed}
}

func (c *sensingFig1Config) check() error {
	switch {
	case c.N != 2:
		return fmt.Errorf("n is %d; the figure shows all of a plane, n = 2", c.N)
	case c.RStar != 1:
		return fmt.Errorf("r_star is %d; the figure is about r = r_* = 1", c.RStar)
	case !(c.Extent >= 1.1 && c.Extent <= 10):
		return fmt.Errorf("extent is %g; expected 1.1 to 10, so that the minima at distance 1 are seen", c.Extent)
	case c.Grid < 9 || c.Grid > 1001 || c.Grid%2 == 0:
		return fmt.Errorf("grid is %d; expected an odd number from 9 to 1001, so that the origin is on it", c.Grid)
	}
	return firstOf(
		c.size().check(),
		positive("step", c.Step),
		positiveOrZero("alpha", c.Alpha),
		atLeast("iterations", c.Iterations, 1),
	)
}

// makeSensingFig1 evaluates f on a grid of the plane and makes a run with the
// power method beside it.
func makeSensingFig1(ctx context.Context, m *making) error {
	c := &sensingFig1Config{N: 2, RStar: 1, Step: 0.25, Iterations: 200, Extent: 1.5, Grid: 97, Seed: 9}
	if m.Quick {
		c.Grid = 49
	}
	if err := m.configure(c); err != nil {
		return err
	}
	c.M, c.Alpha = sensingCount(c.M, c.N, c.RStar), sensingAlpha(c.Alpha, c.N)
	f, err := newSensingFig1Data(ctx, m, c)
	if err != nil {
		return err
	}
	m.Error, m.Distance = &f.curves.column("train")[f.last()], &f.curves.column("test")[f.last()]
	m.Tables = []*Table{f.curves, f.landscape, f.points}
	f.verdicts(m)
	f.draw(m)
	return nil
}

// sensingFig1Data is all that verdicts and picture rest on.
type sensingFig1Data struct {
	cfg   *sensingFig1Config
	facts sensingFacts
	x, v  [2]float64 // X, and the spectral direction
	// The iterates; f on the grid; and the points −X, 0 and X beside three on the
	// line of the spectral direction.
	curves, landscape, points *Table
}

func newSensingFig1Data(ctx context.Context, m *making, c *sensingFig1Config) (*sensingFig1Data, error) {
	p, err := newSensingProblem(m, c.size(), 1)
	if err != nil {
		return nil, err
	}
	s, err := p.solver(1, c.Alpha, c.Step, c.Seed)
	if err != nil {
		return nil, err
	}
	rec, err := p.recorder(ctx, s, true)
	if err != nil {
		return nil, err
	}
	facts, err := p.facts(rec, c.Step)
	if err != nil {
		return nil, err
	}
	run := p.trajectory(s, rec, c.Iterations, 1)
	run.recorder = newPlaneRecorder(rec, s)
	res, err := m.run(ctx, "run", s, run)
	if err == nil {
		err = m.divergence([]solvers.Result{res})
	}
	if err != nil {
		return nil, err
	}
	v := rec.Space.Basis
	f := &sensingFig1Data{cfg: c, facts: facts, x: [2]float64{p.x.Row(0)[0], p.x.Row(1)[0]}, v: [2]float64{v.Row(0)[0], v.Row(1)[0]}}
	f.curves = tableOf(&rec.Trace, "", "train", "test", "norm_U", "angle", "power_angle", "u1", "u2", "power_u1", "power_u2", "power_norm")
	f.derive()
	if f.landscape, err = p.landscape(c); err != nil {
		return nil, err
	}
	f.points, err = f.special(p)
	return f, err
}

// planeRecorder adds U_t and the power method's Ũ_t, not normalised, to a trace.
type planeRecorder struct {
	*sensing.Recorder[float64]
	solver *sensing.Solver[float64]
}

func newPlaneRecorder(rec *sensing.Recorder[float64], s *sensing.Solver[float64]) *planeRecorder {
	rec.Trace.Columns = append(rec.Trace.Columns, "u1", "u2", "power_u1", "power_u2", "power_norm")
	return &planeRecorder{rec, s}
}

func (r *planeRecorder) Record(t int) error {
	if err := r.Recorder.Record(t); err != nil {
		return err
	}
	if err := r.Power.Advance(t); err != nil {
		return err
	}
	u, w, norm := r.solver.U(), r.Power.U(), math.Exp(r.Power.LogNorm())
	scale := norm / solvers.Norm(w.Data)
	row := &r.Trace.Rows[len(r.Trace.Rows)-1]
	*row = append(*row, u.Row(0)[0], u.Row(1)[0], scale*w.Row(0)[0], scale*w.Row(1)[0], norm)
	return nil
}

// loss is f at a point of the plane.
func (p *sensingProblem) loss(u1, u2 float64) (float64, error) {
	u := blas.NewGeneral[float64](2, 1)
	u.Row(0)[0], u.Row(1)[0] = u1, u2
	z := make([]float64, p.count)
	if err := p.a.Measure(z, u); err != nil {
		return 0, err
	}
	for i := range z {
		z[i] -= p.y[i]
	}
	norm := solvers.Norm(z)
	return norm * norm / 4, nil
}

// landscape is f on the grid, row by row from the bottom.
func (p *sensingProblem) landscape(c *sensingFig1Config) (*Table, error) {
	t := newTable("landscape", "u1", "u2", "loss")
	for i := range c.Grid {
		for j := range c.Grid {
			u1, u2 := c.coordinate(j), c.coordinate(i)
			loss, err := p.loss(u1, u2)
			if err != nil {
				return nil, err
			}
			t.add(u1, u2, loss)
		}
	}
	return t, nil
}

func (c *sensingFig1Config) cell() float64 { return 2 * c.Extent / float64(c.Grid-1) }

func (c *sensingFig1Config) coordinate(i int) float64 { return float64(i-c.Grid/2) * c.cell() }

func (f *sensingFig1Data) last() int { return len(f.curves.Rows) - 1 }

// special are the points of the plane that are drawn.
func (f *sensingFig1Data) special(p *sensingProblem) (*Table, error) {
	t := newTable("points", "u1", "u2", "loss", "spectral_u1", "spectral_u2")
	reach := f.cfg.Extent / max(math.Abs(f.v[0]), math.Abs(f.v[1])) // to the edge
	for _, s := range []float64{-1, 0, 1} {
		loss, err := p.loss(s*f.x[0], s*f.x[1])
		if err != nil {
			return nil, err
		}
		t.add(s*f.x[0], s*f.x[1], loss, s*reach*f.v[0], s*reach*f.v[1])
	}
	return t, nil
}

// derive adds the angles in degrees, and how far the two methods are apart.
func (f *sensingFig1Data) derive() {
	degrees := func(of string) func(func(string) float64) float64 {
		return func(value func(string) float64) float64 { return math.Asin(value(of)) * 180 / math.Pi }
	}
	f.curves.derive("theta_gd", degrees("angle"))
	f.curves.derive("theta_power", degrees("power_angle"))
	f.curves.derive("theta_X", func(func(string) float64) float64 { return math.Asin(f.facts.plateau) * 180 / math.Pi })
	f.curves.derive("apart", func(value func(string) float64) float64 {
		return math.Hypot(value("u1")-value("power_u1"), value("u2")-value("power_u2")) / value("power_norm")
	})
}

// smallNorm is a norm of U_t called small: what parts gradient descent from the
// power method grows with its square.
const smallNorm = 0.1

// parting is the last row of those from the start at which ‖U_t‖ is small.
func (f *sensingFig1Data) parting() int {
	return first(f.curves.column("norm_U"), func(v float64) bool { return !(v <= smallNorm) }) - 1
}

func (f *sensingFig1Data) verdicts(m *making) {
	f.verdictLandscape(m)
	last, early := f.last(), f.parting()
	if early < 1 {
		m.verdict(false, "U_t does not start small and leave the origin: ‖U_t‖ is to pass %g after the first "+
			"of the %d iterations", smallNorm, f.cfg.Iterations)
		return
	}
	column := func(name string) []float64 { return f.curves.column(name) }
	t, gd, power, apart := column("t"), column("theta_gd"), column("theta_power"), column("apart")
	most, angle := 0.0, 0.0
	for i := range early + 1 {
		most, angle = max(most, apart[i]), max(angle, math.Abs(gd[i]-power[i]))
	}
	m.verdict(most <= 0.02 && angle <= 1,
		"at first the two are the same: while ‖U_t‖ ≤ %g, up to t = %.0f, they differ by at most %.2g of "+
			"‖Ũ_t‖ (0.02) and θ_GD and θ_P by at most %.2g degrees (1), as θ falls from %.3g to %.2g degrees",
		smallNorm, t[early], most, angle, gd[0], gd[early])

	x := column("theta_X")[last]
	m.verdict(power[last] <= 0.1 && math.Abs(gd[last]-x) <= 0.1,
		"then θ_P goes to 0 (%.1e degrees at the end; at most 0.1) and θ_GD to the angle of X, %.3f degrees "+
			"(%.3f; within 0.1)", power[last], x, gd[last])

	u1, u2 := column("u1")[last], column("u2")[last]
	sign := 1.0
	if u1*f.x[0]+u2*f.x[1] < 0 {
		sign = -1
	}
	off := math.Hypot(u1-sign*f.x[0], u2-sign*f.x[1])
	m.verdict(off <= 1e-3, "gradient descent ends at a global minimum: %.1e from %s (at most 10⁻³)",
		off, map[float64]string{1: "X", -1: "−X"}[sign])
}

// verdictLandscape: two minima at ±X, and a descent from the origin along the
// spectral direction.
func (f *sensingFig1Data) verdictLandscape(m *making) {
	c, loss := f.cfg, f.landscape.column("loss")
	value := func(i, j int) float64 { return loss[i*c.Grid+j] }
	var minima [][2]float64
	for i := 1; i < c.Grid-1; i++ {
		for j := 1; j < c.Grid-1; j++ {
			least := true
			for di := -1; di <= 1; di++ {
				for dj := -1; dj <= 1; dj++ {
					least = least && value(i, j) <= value(i+di, j+dj)
				}
			}
			if least {
				minima = append(minima, [2]float64{c.coordinate(j), c.coordinate(i)})
			}
		}
	}
	off := 0.0
	for _, u := range minima {
		off = max(off, min(math.Hypot(u[0]-f.x[0], u[1]-f.x[1]), math.Hypot(u[0]+f.x[0], u[1]+f.x[1])))
	}
	most := 2 * math.Sqrt2 * c.cell()
	m.verdict(len(minima) == 2 && off <= most,
		"the landscape has %d local minima on the grid (2), at most %.2g from −X and X, where f = 0 (two cells, %.2g)",
		len(minima), off, most)

	// Curvatures at the origin from second differences; f'' there is −A*(y).
	o, h := c.Grid/2, c.cell()
	xx := (value(o, o+1) - 2*value(o, o) + value(o, o-1)) / (h * h)
	yy := (value(o+1, o) - 2*value(o, o) + value(o-1, o)) / (h * h)
	xy := (value(o+1, o+1) - value(o+1, o-1) - value(o-1, o+1) + value(o-1, o-1)) / (4 * h * h)
	mean, spread := (xx+yy)/2, math.Hypot((xx-yy)/2, xy)
	m.verdict(mean-spread < 0 && math.Abs(mean-spread+f.facts.lambda) <= 0.02*f.facts.lambda,
		"at the origin, f = %.3f, the landscape falls along the spectral direction: its least curvature there "+
			"is %.4f (−λ₁ of A*(y) is %.4f; within 2 %%)",
		value(o, o), mean-spread, -f.facts.lambda)
	kind := "a saddle"
	if mean+spread <= 0 {
		kind = "a maximum for these measurements"
	}
	m.note("across it the curvature at the origin is %.3f, on average over the measurements 0: %s", mean+spread, kind)
}

func (f *sensingFig1Data) draw(m *making) {
	c := f.cfg
	values := make([][]float64, c.Grid)
	loss, top := f.landscape.column("loss"), 0.0
	for i := range values {
		values[i] = loss[i*c.Grid : (i+1)*c.Grid]
		for _, v := range values[i] {
			top = max(top, v)
		}
	}
	origin := f.points.column("loss")[1]
	levels := []float64{0.02 * origin, 0.1 * origin, 0.3 * origin, 0.6 * origin, origin, 1.6 * origin, 3 * origin, 6 * origin, 12 * origin}
	low, edge := 0.01*origin, c.Extent+c.cell()/2
	x0, x1 := f.points.column("u1"), f.points.column("u2")
	marks := []figure.Mark{
		{X: x0[0], Y: x1[0], Label: "−X", Shape: figure.Dot, Color: 2},
		{X: x0[2], Y: x1[2], Label: "X", Shape: figure.Dot, Color: 2},
		{X: 0, Y: 0, Label: "0", Shape: figure.Circle, Color: 5},
	}
	paths := func() []figure.Line {
		power := f.curves.marked("power method", "power_u1", "power_u2", 1, figure.Square, 3, 0)
		gd := f.curves.marked("gradient descent", "u1", "u2", 6, figure.Dot, 3, 0)
		power[0].Width = 3 // to be seen under the other
		spectral := f.points.line("spectral direction", "spectral_u1", "spectral_u2", theoryColor)
		spectral.Dash, spectral.Width = figure.Dashed, 0.8
		return append(append([]figure.Line{spectral}, power...), gd...)
	}
	plane := func(title string, u1, u2, reach float64) *figure.Axes {
		return &figure.Axes{Title: title, XLabel: "u₁", YLabel: "u₂", Square: true,
			XMin: limitAt(u1 - reach), XMax: limitAt(u1 + reach), YMin: limitAt(u2 - reach), YMax: limitAt(u2 + reach), Lines: paths()}
	}
	landscape := plane("Landscape of f", 0, 0, edge)
	landscape.Field = &figure.Field{X0: -edge, X1: edge, Y0: -edge, Y1: edge, Values: values, Min: low, Max: top, Log: true, Levels: levels}
	landscape.Marks = marks
	bar := &figure.ColorBar{Min: low, Max: top, Label: "f(u) = ¼‖A(uuᵀ) − y‖²", Log: true}

	norm := f.curves.column("norm_U")
	reach, u1, u2 := 6*norm[0], f.curves.column("u1"), f.curves.column("u2")
	ahead := math.Copysign(0.75*reach, u1[f.last()]*f.v[0]+u2[f.last()]*f.v[1]) // where it goes
	near := plane("Near the origin", ahead*f.v[0], ahead*f.v[1], reach)
	near.Marks = append(marks[2:], figure.Mark{X: u1[0], Y: u2[0], Label: "U_0"})

	shown := limitAt(min(float64(c.Iterations), 80))
	angles := &figure.Axes{Title: "Angle to the spectral direction", XLabel: "iteration t", YLabel: "θ in degrees", XMin: limitAt(0), XMax: shown}
	angles.Lines = append(f.curves.marked("θ_{GD}", "t", "theta_gd", 6, figure.Dot, 4, 0), f.curves.marked("θ_{P}", "t", "theta_power", 1, figure.Square, 4, 2)...)
	angles.Lines = append(angles.Lines, f.curves.theory("X to the spectral direction", "t", "theta_X", theoryColor))
	apart := &figure.Axes{Title: "How far the two are apart", XLabel: "iteration t", YLabel: "‖U_t − Ũ_t‖ / ‖Ũ_t‖ and norms, log scale", LogY: true, XMin: limitAt(0), XMax: shown, YMin: limitAt(1e-7), YMax: limitAt(1e3)}
	apart.Lines = append(f.curves.marked("‖U_t − Ũ_t‖ / ‖Ũ_t‖", "t", "apart", 4, figure.Triangle, 4, 0), f.curves.marked("‖U_t‖", "t", "norm_U", 6, figure.Dot, 4, 0)...)
	apart.Lines = append(apart.Lines, f.curves.marked("‖Ũ_t‖, power method", "t", "power_norm", 1, figure.Square, 4, 2)...)
	if early := f.parting(); early > 0 {
		for _, a := range []*figure.Axes{angles, apart} {
			a.Verticals = []figure.Vertical{{X: f.curves.column("t")[early], Label: fmt.Sprintf("‖U_t‖ ≤ %g", smallNorm)}}
		}
	}
	caption := fmt.Sprintf("n = 2, r = r* = 1, m = %d symmetric Gaussian measurements (variance 1 on the "+
		"diagonal, ½ off it), X random with ‖X‖ = 1; U_0 = αu with entries of u from N(0, 1), α = %.4g, μ = "+
		"%g, seed %d. "+
		"Colours and contours: f on a grid of %d×%d points; one contour goes through the origin (white "+
		"circle), where f = %.3f. Filled marks: the global minima −X and X. "+
		"The spectral direction is the leading eigenvector of A*(y), θ the angle to it; the power method is "+
		"Ũ_t = (I + μA*(y))^{t}U_0, not normalised, drawn up to the edge. Every third iterate has a "+
		"marker, every fourth in the panels over t.",
		c.M, c.Alpha, c.Step, c.Seed, c.Grid, c.Grid, origin)
	m.draw("Small random initialization is akin to spectral learning, Figure 1", caption,
		figure.Row{Height: 12, Cells: []figure.Cell{{Panel: landscape, Weight: 1}, {Panel: bar, Weight: 0.2}, {Panel: angles, Weight: 0.9}}},
		figure.Row{Height: 10, Cells: []figure.Cell{{Panel: near, Weight: 1}, {Panel: apart, Weight: 1}}},
	)
}

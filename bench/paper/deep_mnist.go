package paper

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

// Figures 8 to 12 show the same runs: gradient descent with N = 1 … 4 factors on
// noisy images of the digit one.
//
// Start scale s, step η and width are not given in the paper, which says what they must
// show: more factors converge sooner, and for N ≥ 2 the effective rank is low first. A
// singular value σ needs about 1/η·∫dz/(Nz^(2−2/N)(σ − z)) iterations from its start z_0: η
// scales them for all N alike, and z_0 decides between the N. Iterations until the loss is a tenth, for N = 2, 3, 4, and
// least effective rank with N = 2, seed 1:
//
//	width  s    η        to a tenth of the loss   rank
//	100    1    5e−4      600   1263   2654       1.8
//	100    10   5e−4      492    628    899       4.8
//	100    100  5e−4      695    520    482       11
//	100    1    1e−3      301    633   1329       1.8
//	300    0.3  5e−4      540    734    985       1.5
//	300    1.5  5e−4      433    407    437       2.4
//	300    3    5e−4      390    316    310       3.2
//	784    0.5  8e−4      286    275    277       1.85
//	784    0.6  8e−4      278    257    252       1.95
//	784    0.7  8e−4      271    242    233       2.05
//	784    1    5e−4      410    336    308       2.3
//
// A product of narrow Gaussian factors has last singular values near 0, which rise last; of
// wide ones all are about s/10. N = 1 takes ln(√10)/η.

const (
	mnistDepths = 4
	mnistSide   = 28 // pixels
	mnistValues = 10 // leading singular values that are recorded
)

type deepMNISTConfig struct {
	Noise      float64 `toml:"noise" comment:"inferred: a, elements of Ξ from U(−a, a) beside pixels from 0 to 1; with a = 1 rank 2 is the best truncation, as the paper says"`
	Width      int     `toml:"width" comment:"inferred: W_1 is width×784, W_N 100×width; as wide as the images the starts of all N are well conditioned"`
	Start      float64 `toml:"start" comment:"inferred: s, with E‖W(0)‖_F² = s² for all N; with s = 0.6 more factors converge sooner, as the paper says, and from N = 2 on the iterates are of low rank first"`
	Step       float64 `toml:"step" comment:"inferred: η"`
	Loss       float64 `toml:"loss" comment:"inferred: a run ends at a smaller loss"`
	Iterations []int   `toml:"iterations" comment:"inferred: at most so many for N = 1, 2, 3, 4"`
	PerDecade  int     `toml:"per_decade" comment:"iterates recorded for each decade of k"`
	Image      int     `toml:"image" comment:"inferred: the row that is shown as an image, from 1 to 100"`
	Seed       uint64  `toml:"seed" comment:"inferred"`
}

func (c *deepMNISTConfig) check() error {
	switch {
	case len(c.Iterations) != mnistDepths:
		return fmt.Errorf("iterations has %d values; expected %d, for N = 1, 2, 3, 4", len(c.Iterations), mnistDepths)
	case c.Image < 1 || c.Image > 100:
		return fmt.Errorf("image is %d; expected from 1 to 100", c.Image)
	}
	return firstOf(
		positive("noise", c.Noise),
		atLeast("width", c.Width, 1),
		positive("start", c.Start),
		positive("step", c.Step),
		positive("loss", c.Loss),
		eachOf("iterations", c.Iterations, least(1)),
		atLeast("per_decade", c.PerDecade, 1),
	)
}

// mnist are the runs and what they are compared with.
type mnist struct {
	config      *deepMNISTConfig
	sigma       []float64 // singular values of Ỹ = Ŵ + Ξ
	sigmaTruth  []float64
	clean       []float64 // the image
	noisy       []float64
	traces      []*solvers.Trace // of N = 1 … 4
	truncations *Table           // ‖Ỹ_r − Ŵ‖_F of the best rank-r approximations of Ỹ
	norm        float64          // ‖Ŵ‖_F
}

// mnistCache keeps the runs of the last configuration, for the figures that
// share them are made one after another.
var mnistCache struct {
	sync.Mutex
	key, by string
	runs    *mnist
}

// newMNIST makes the runs, unless an earlier figure made the same.
func newMNIST(ctx context.Context, m *making) (*mnist, error) {
	c := &deepMNISTConfig{
		Noise: 1, Width: mnistSide * mnistSide, Start: 0.6, Step: 2e-4, Loss: 1, Iterations: []int{30000, 3000, 2500, 2500},
		PerDecade: 80, Image: 13, Seed: 1,
	}
	if m.Quick {
		// More than twice the step, still below 2/(Nσ₁^(2−2/N)); the runs end at the same loss.
		c.Step, c.PerDecade = 5e-4, 50
	}
	if err := m.configure(c); err != nil {
		return nil, err
	}
	key := fmt.Sprintf("%+v %s %s", *c, m.Backend.Name, bench.RowName(m.Backend))
	mnistCache.Lock()
	defer mnistCache.Unlock()
	if mnistCache.key == key {
		m.note("runs shared with %s, where their cost stands", mnistCache.by)
		return mnistCache.runs, nil
	}
	runs, err := makeMNIST(ctx, m, c)
	if err == nil {
		mnistCache.key, mnistCache.by, mnistCache.runs = key, m.Figure, runs
	}
	return runs, err
}

func makeMNIST(ctx context.Context, m *making, c *deepMNISTConfig) (*mnist, error) {
	truth := problem.MNISTOnes()
	noisy := truth.Clone()
	problem.AddUniformNoise(noisy, c.Noise, c.Seed)
	runs := &mnist{
		config: c, sigma: deep.SingularValues(noisy), sigmaTruth: deep.SingularValues(truth),
		clean: truth.Row(c.Image - 1), noisy: noisy.Row(c.Image - 1), norm: solvers.Norm(truth.Data),
	}
	var err error
	if runs.truncations, err = truncationErrors(noisy, truth); err != nil {
		return nil, err
	}
	for n := 1; n <= mnistDepths; n++ {
		if limit := (deep.Params{Depth: n, Lambda: runs.sigma[0]}).UnstableStep(); c.Step >= limit {
			return nil, ConfigError{fmt.Errorf("%s: step is %g; N = %d on a matrix of norm %.4g needs one below %.3g",
				m.Figure, c.Step, n, runs.sigma[0], limit)}
		}
	}
	for n := 1; n <= mnistDepths; n++ {
		stage := fmt.Sprintf("depth %d", n)
		trace, err := kept(m, stage, func() (solvers.Trace, error) {
			dims := []int{truth.Cols}
			for range n - 1 {
				dims = append(dims, c.Width)
			}
			s := deep.New(m.Backend, noisy, deep.GaussianFactors(append(dims, truth.Rows), c.Start, c.Seed), c.Step)
			rec := newMNISTRecorder(s, truth, c, c.Iterations[n-1])
			res, err := m.run(ctx, stage+" run", s, trajectory{
				stop:     solvers.Stop{Iterations: c.Iterations[n-1], When: rec.fitted},
				recorder: rec, trace: &rec.trace, every: 1, load: reading(bench.DeepLoad(s)),
			})
			if err == nil && res.Status == solvers.Diverged {
				err = fmt.Errorf("%s: N = %d: %s", m.Figure, n, res.Reason)
			}
			return rec.trace, err
		})
		if err != nil {
			return nil, err
		}
		runs.traces = append(runs.traces, &trace)
	}
	return runs, nil
}

// truncationErrors are the errors of the best approximations of noisy of each rank.
func truncationErrors(noisy, truth blas.General[float64]) (*Table, error) {
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(noisy.Rows, noisy.Cols, noisy.Data), mat.SVDThin) {
		return nil, fmt.Errorf("the singular vectors of the noisy images were not found: the iteration did not converge")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	rest := mat.NewDense(truth.Rows, truth.Cols, slices.Clone(truth.Data))
	t := newTable("truncations", "rank", "error")
	for r, sigma := range svd.Values(nil) {
		rest.RankOne(rest, -sigma, u.ColView(r), v.ColView(r))
		t.add(float64(r+1), mat.Norm(rest, 2))
	}
	return t, nil
}

// mnistRecorder records iterates on a logarithmic schedule: a decomposition of
// the product costs more than a step.
type mnistRecorder struct {
	solver *deep.Solver[float64]
	truth  blas.General[float64]
	config *deepMNISTConfig
	at     map[int]bool
	trace  solvers.Trace
}

func newMNISTRecorder(s *deep.Solver[float64], truth blas.General[float64], c *deepMNISTConfig, last int) *mnistRecorder {
	r := &mnistRecorder{solver: s, truth: truth, config: c, at: map[int]bool{0: true, last: true}}
	for i := 0; ; i++ {
		k := math.Round(math.Pow(10, float64(i)/float64(c.PerDecade)))
		if k > float64(last) {
			break
		}
		r.at[int(k)] = true
	}
	r.trace.Columns = append([]string{"t", "loss", "error", "effective_rank"}, singularNames("")...)
	for i := range mnistSide * mnistSide {
		r.trace.Columns = append(r.trace.Columns, fmt.Sprintf("pixel_%d", i+1))
	}
	return r
}

func singularNames(suffix string) []string {
	var names []string
	for i := range mnistValues {
		names = append(names, fmt.Sprintf("sigma_%d%s", i+1, suffix))
	}
	return names
}

// fitted is the stop rule.
func (r *mnistRecorder) fitted() bool { return r.solver.Loss() < r.config.Loss }

// tenth tells whether the loss is the first that is at most a tenth of that at the start.
func (r *mnistRecorder) tenth() bool {
	rows := r.trace.Rows
	if len(rows) == 0 {
		return false
	}
	level := rows[0][1] / 10
	return r.solver.Loss() <= level && rows[len(rows)-1][1] > level
}

// Record adds a row: the loss, ‖W − Ŵ‖_F, the effective rank, the leading
// singular values and the image.
func (r *mnistRecorder) Record(t int) error {
	if !r.at[t] && !r.fitted() && !r.tenth() {
		return nil
	}
	w := r.solver.Product()
	sigma := deep.SingularValues(w)
	image := w.Row(r.config.Image - 1)
	row := []float64{float64(t), r.solver.Loss(), 0, deep.EffectiveRank(sigma)}
	for i := range mnistValues {
		row = append(row, sigma[i])
	}
	row = append(row, image...)
	row[2] = distanceOf(w.Data, r.truth.Data)
	r.trace.Rows = append(r.trace.Rows, row)
	return nil
}

// distanceOf is the Euclidean distance.
func distanceOf(a, b []float64) float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return solvers.Norm(d)
}

// correlation is the cosine of the angle of two images less their means.
func correlation(a, b []float64) float64 { return stat.Correlation(a, b, nil) }

// curves joins columns of the runs, with the suffix _N1 … _N4.
func (r *mnist) curves(columns ...string) *Table {
	var parts []*Table
	for i, tr := range r.traces {
		parts = append(parts, tableOf(tr, suffixN(i+1), columns...))
	}
	return join("", parts...)
}

func suffixN(n int) string { return "_" + depthName(n) }

// mnistDepthName is a line's.
func mnistDepthName(n int) string { return fmt.Sprintf("N = %d", n) }

// mnistLine draws a column of one depth: of each depth its own colour and dash.
func mnistLine(t *Table, column string, n int) figure.Line {
	l := t.line(mnistDepthName(n), "t", column+suffixN(n), n-1)
	l.Dash = []figure.Dash{figure.Solid, figure.Solid, figure.Dashed, figure.Dotted}[n-1]
	return l
}

// lowestOf returns the place of the smallest value of a column of depth n.
func lowestOf(t *Table, column string, n int) (at, value float64) {
	ts, v := t.points("t", column+suffixN(n))
	if len(v) == 0 {
		return math.NaN(), math.NaN()
	}
	i := slices.Index(v, slices.Min(v))
	return ts[i], v[i]
}

// firstRise returns where a curve first passes a level on its way up, between two
// points by the straight line; NaN if it does not.
func firstRise(x, y []float64, level float64) float64 {
	for i := range y {
		if y[i] < level {
			continue
		}
		if i == 0 {
			return x[0]
		}
		return x[i-1] + (x[i]-x[i-1])*(level-y[i-1])/(y[i]-y[i-1])
	}
	return math.NaN()
}

// digit is a row of pixels as an image. The scale is that of the clean ones.
func digit(title string, pixels []float64) *figure.HeatMap {
	values := make([][]float64, mnistSide)
	for i := range values {
		values[i] = pixels[i*mnistSide : (i+1)*mnistSide]
	}
	return &figure.HeatMap{Title: title, Values: values, Min: 0, Max: 1, Grey: true}
}

// scaleToMax gives an image a grey range of its own, from 0 to its largest
// pixel, and says so in the title. One without a positive pixel keeps its range.
func scaleToMax(h *figure.HeatMap, pixels []float64) {
	if most := slices.Max(pixels); most > 0 {
		h.Max = most
		h.Title += fmt.Sprintf("\nlargest pixel %.2g", most)
	}
}

func pixelBar() *figure.ColorBar {
	return &figure.ColorBar{Min: 0, Max: 1, Label: "pixel", Grey: true}
}

// newImages is the table of images: a row for each pixel.
func (r *mnist) newImages() *Table {
	t := newTable("images", "pixel", "row", "column", "clean", "noisy")
	for i := range r.clean {
		t.add(float64(i+1), float64(i/mnistSide+1), float64(i%mnistSide+1), r.clean[i], r.noisy[i])
	}
	return t
}

// addImage appends the image of a recorded iterate as a column.
func (r *mnist) addImage(images *Table, name string, n, row int) {
	pixels := r.pixels(n, row)
	at := 0
	images.derive(name, func(func(string) float64) float64 { at++; return pixels[at-1] })
}

// pixels is the image of depth n in a row of its trace.
func (r *mnist) pixels(n, row int) []float64 {
	all := r.traces[n-1].Rows[row]
	return all[len(all)-mnistSide*mnistSide:]
}

// caption says what was run.
func (r *mnist) caption() string {
	c := r.config
	return fmt.Sprintf("Ŵ: 100 MNIST images of the digit one, an image to a row, pixels from 0 to 1. Ỹ = Ŵ + Ξ with Ξ from U(−%g, %g). "+
		"Gradient descent on ½‖W_{N} … W_{1} − Ỹ‖_F², W₁ %d×784, the others %d wide (for N = 1 100×784), "+
		"independent Gaussian elements with E‖W(0)‖_F² = %g for all N, "+
		"η = %g, until the loss is below %g or for %d, %d, %d, %d iterations (N = 1, 2, 3, 4), seed %d.",
		c.Noise, c.Noise, c.Width, c.Width, c.Start*c.Start, c.Step, c.Loss, c.Iterations[0], c.Iterations[1], c.Iterations[2], c.Iterations[3], c.Seed)
}

// ends notes how far each run went.
func (r *mnist) ends(m *making) {
	for i, tr := range r.traces {
		last := tr.Rows[len(tr.Rows)-1]
		how := "the limit"
		if last[1] < r.config.Loss {
			how = fmt.Sprintf("below %g", r.config.Loss)
		}
		m.note("N = %d ends at k = %.0f with loss %.3g (%s), ‖W − Ŵ‖_F = %.4g, effective rank %.4g",
			i+1, last[0], last[1], how, last[2], last[3])
	}
}

// decreasing tells whether each value is below the one before.
func decreasing[T cmp.Ordered](v []T) bool {
	for i := 1; i < len(v); i++ {
		if !(v[i] < v[i-1]) {
			return false
		}
	}
	return true
}

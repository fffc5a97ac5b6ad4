package browser

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"lowrank/bench/figure"
	"lowrank/bench/report"
)

// figures are made-up ones with everything that the page can show.
func figures() []*report.Figure {
	list := []*report.Figure{curves(), matrices(), plane(), scatter(), hostile(), long()}
	for _, f := range list {
		if f.Command == "" {
			f.Command = "mfbench reproduce " + f.Name + " --out out"
		}
		f.Cost = "1500 iterations, 3001 passes, 4.21 s, 356.3 iterations/s, 11.4 GB/s of Σ"
		f.Machine = "16 cores, AVX-512, Linux, Go 1.26"
		f.Files = append(f.Files, f.Name+".csv", f.Name+".svg", f.Name+".json")
	}
	return list
}

func grid(n int, f func(i int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

func curves() *report.Figure {
	r := rand.New(rand.NewPCG(1, 2))
	t := grid(1200, func(i int) float64 { return float64(i) })
	y := grid(1200, func(i int) float64 {
		t := float64(i)
		return 3*math.Exp(-t/40) + 0.4/(1+math.Exp((t-420)/18)) + 0.02/(1+math.Exp((t-800)/25)) + 2e-6*(1.2+math.Sin(t/7))
	})
	bound := grid(1200, func(i int) float64 { return 4 * math.Exp(-float64(i)/90) })
	var marks []figure.Mark
	for i, at := range []int{0, 120, 420, 700, 1150} {
		marks = append(marks, figure.Mark{X: t[at], Y: y[at], Label: string(rune('a' + i))})
	}
	error := &figure.Axes{
		Title: "Error of the factorization", XLabel: "iteration t", YLabel: "‖Σ_r − XXᵀ‖_F / ‖Σ_r‖_F", LogY: true,
		Lines: []figure.Line{
			{Name: "gradient descent, η = 0.05", X: t, Y: y},
			{Name: "bound (1 − ησ_r)^{t}", X: t, Y: bound, Color: 1, Dash: figure.Dashed},
		},
		Marks:       marks,
		Verticals:   []figure.Vertical{{X: 420, Label: "t₁"}, {X: 800, Label: "t₂ = 2η⁻¹"}},
		Horizontals: []figure.Horizontal{{Y: 1e-4, Label: "ε = 10⁻⁴"}},
	}
	four := figure.Axes{Title: "Alignment of the columns", XLabel: "iteration t", YLabel: "σ₁²(u₁), cos ϖ",
		Bands: []figure.Band{{X0: 420, X1: math.Inf(1), Name: "after t₁", Color: 2}}}
	for k, name := range []string{"σ₁²(u₁)", "σ₂²(u₂)", "cos ϖ", "1 − η‖x_t‖²", "rank 5", "rank 6"} {
		l := figure.Line{Name: name, X: t, Color: k, Dash: figure.Dash(k % 3)}
		for _, t := range t {
			l.Y = append(l.Y, 1/(1+math.Exp(-(t-100-150*float64(k))/40)))
		}
		if k == 2 { // a gap
			for i := 300; i < 380; i++ {
				l.Y[i] = math.NaN()
			}
		}
		four.Lines = append(four.Lines, l)
	}
	runs := &figure.Axes{Title: "Ten runs and their median", XLabel: "number of measurements m", YLabel: "relative error", LogX: true, LogY: true}
	x := grid(25, func(i int) float64 { return math.Round(100 * math.Pow(10, float64(i)/12)) })
	median := grid(25, func(i int) float64 { return 20 / math.Sqrt(x[i]) / (1 + x[i]/3000) })
	for range 10 {
		runs.Lines = append(runs.Lines, figure.Line{Name: "single runs", HideInLegend: len(runs.Lines) > 0, X: x, Faint: true, Color: 0,
			Y: grid(25, func(i int) float64 { return median[i] * math.Exp(0.35*r.NormFloat64()) })})
	}
	runs.Lines = append(runs.Lines, figure.Line{Name: "median, quartiles", X: x, Y: median, Color: 0, Marker: figure.Circle,
		Low: grid(25, func(i int) float64 { return median[i] * 0.75 }), High: grid(25, func(i int) float64 { return median[i] * 1.4 })},
		figure.Line{Name: "m^{−1/2}", X: []float64{100, 10000}, Y: []float64{2, 0.2}, Color: 5, Dash: figure.Dotted})
	return &report.Figure{
		Name: "symmetric/fig1", Title: "Incremental learning from a large random start", Quick: true,
		Caption:    "Σ = diag(1, 0.5, 0.3 … 0), d = 4000, r = 2, X_0 = ϖN_0 with entries of N_0 from N(0, 1/d), η = 0.1. Left: the error against the iteration; the dots mark a to e. Middle: how the columns of X turn to the eigenvectors. Right: ten runs.",
		Command:    "mfbench reproduce symmetric/fig1 --set d=4000 --set iterations=1500 --set scale=0.5 --set step=0.1 --backend native --out out",
		Parameters: parameters(),
		Verdicts: []report.Verdict{
			{Status: "PASS", Text: "the error starts at 1.1718 (1.172 ± 0.005)"},
			{Status: "PASS", Text: "incremental learning: when σ₁²(u₁) reaches 0.9, at t = 81, σ₁²(u₂) is 0.0312 (below 0.2)"},
			{Status: "FAIL", Text: "the relative error at t = 1500 is 3.1e-06 (below 1e-6)"},
			{Status: "NOTE", Text: "the noise ‖J_t‖ is largest at t = 37, where it is 0.71"},
		},
		Page: figure.Page{Rows: []figure.Row{
			{Height: 8, Cells: []figure.Cell{{Panel: error, Weight: 1.2}, {Panel: four, Weight: 1}}},
			{Height: 8, Cells: []figure.Cell{{Panel: runs, Weight: 1}}},
		}},
	}
}

func parameters() []report.Parameter {
	return []report.Parameter{
		{Name: "d", Value: "4000"}, {Name: "r", Value: "2"},
		{Name: "scale", Value: "0.5", Comment: "ϖ: X_0 = ϖN_0"},
		{Name: "step", Value: "0.1", Comment: "η"},
		{Name: "iterations", Value: "1500", Comment: "inferred: the paper shows 300 and more", Inferred: true},
		{Name: "sigma", Value: "diagonal", Comment: "diagonal, as in the paper, or dense: QΛQᵀ"},
		{Name: "seed", Value: "1", Inferred: true},
		{Name: "ranks", Value: "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30"},
	}
}

func matrices() *report.Figure {
	var cells []figure.Cell
	for k, t := range []int{0, 120, 420, 700, 1150} {
		m := figure.HeatMap{
			Title: fmt.Sprintf("%c   t = %d", 'a'+k, t), Max: 1, ShowValues: true,
			RowNames: []string{"u₁", "u₂", "u₃"}, ColNames: []string{"x₁", "x₂", "x₃"},
		}
		for i := range 3 {
			var row []float64
			for j := range 3 {
				s := 1 / (1 + math.Exp(-(float64(t)-float64(100+250*i))/60))
				v := (1 - s) * math.Abs(math.Sin(float64(3*i+j+1)))
				if i == j {
					v += s
				}
				row = append(row, v)
			}
			m.Values = append(m.Values, row)
		}
		cells = append(cells, figure.Cell{Panel: m, Weight: 1})
	}
	cells = append(cells, figure.Cell{Panel: figure.ColorBar{Min: 0, Max: 1, Label: "|u_iᵀx_j|"}, Weight: 0.6})
	image := &figure.HeatMap{Title: "A picture of rank 8", Grey: true}
	phase := &figure.HeatMap{Title: "Success", Log: true, Min: 1e-6, Max: 1, XLabel: "rank r", YLabel: "measurements m"}
	for i := range 64 {
		image.Values = append(image.Values, grid(64, func(j int) float64 {
			return math.Sin(float64(i)/9)*math.Cos(float64(j)/7) + 0.3*math.Sin(float64(i*j)/200)
		}))
	}
	for i := range 12 {
		phase.RowNames = append(phase.RowNames, fmt.Sprint(1200-100*i))
		phase.Values = append(phase.Values, grid(20, func(j int) float64 {
			return math.Pow(10, -6/(1+math.Exp(-float64(12-i)+0.7*float64(j)+1)))
		}))
	}
	for j := range 20 {
		phase.ColNames = append(phase.ColNames, fmt.Sprint(j+1))
	}
	phase.Values[3][4] = math.NaN()
	return &report.Figure{
		Name: "deep/heat", Title: "Matrices, images and their scales", Caption: "XXᵀ in the eigenbasis at five iterations.",
		Verdicts: []report.Verdict{{Status: "PASS", Text: "all of it"}},
		Page: figure.Page{Rows: []figure.Row{
			{Height: 5, Cells: cells},
			{Height: 8, Cells: []figure.Cell{{Panel: image, Weight: 1}, {Panel: figure.ColorBar{Min: -1, Max: 1, Grey: true, Label: "grey"}, Weight: 0.3},
				{Panel: phase, Weight: 1.6}, {Panel: figure.ColorBar{Min: 1e-6, Max: 1, Log: true, Label: "relative error"}, Weight: 0.3}}},
		}},
	}
}

func plane() *report.Figure {
	loss := &figure.Field{X0: -2, X1: 2, Y0: -1.5, Y1: 1.5, Levels: []float64{0.05, 0.25, 1}, Log: true, Min: 1e-3, Max: 10}
	for i := range 90 {
		y := -1.5 + 3*(float64(i)+0.5)/90
		loss.Values = append(loss.Values, grid(120, func(j int) float64 {
			x := -2 + 4*(float64(j)+0.5)/120
			return math.Pow(x*y-0.5, 2) + 0.02*(x*x+y*y)
		}))
	}
	paths := &figure.Axes{Title: "Trajectories over the loss", XLabel: "a", YLabel: "b", Square: true, Field: loss}
	for k, start := range [][2]float64{{-1.8, 0.3}, {1.7, -1.2}, {0.05, -0.02}} {
		x, y := []float64{start[0]}, []float64{start[1]}
		for i := range 400 {
			e := x[i]*y[i] - 0.5
			x = append(x, x[i]-0.05*(2*e*y[i]+0.04*x[i])+0.02*math.Sin(float64(i)/3))
			y = append(y, y[i]-0.05*(2*e*x[i]+0.04*y[i])+0.02*math.Cos(float64(i)/3))
		}
		paths.Lines = append(paths.Lines, figure.Line{Name: fmt.Sprintf("start %d", k+1), X: x, Y: y, Color: 1 + 3*k + k/2, Width: 1.5})
		paths.Marks = append(paths.Marks, figure.Mark{X: x[0], Y: y[0], Shape: figure.Circle, Color: 5, Label: fmt.Sprint(k + 1)},
			figure.Mark{X: x[400], Y: y[400], Shape: figure.Diamond, Color: 5})
	}
	spiral := figure.Axes{Title: "A spiral", XLabel: "cos", YLabel: "sin", Square: true, Lines: []figure.Line{
		{Name: "spiral", X: grid(2000, func(i int) float64 { return float64(i) / 2000 * math.Cos(float64(i)/60) }),
			Y: grid(2000, func(i int) float64 { return float64(i) / 2000 * math.Sin(float64(i)/60) }), Color: 4},
	}}
	return &report.Figure{
		Name: "asymmetric/plane", Title: "Curves that turn back", Caption: "Over a field in colours with level lines, and without.",
		Page: figure.Page{Rows: []figure.Row{{Height: 9, Cells: []figure.Cell{
			{Panel: paths, Weight: 1.3}, {Panel: figure.ColorBar{Min: 1e-3, Max: 10, Log: true, Label: "loss"}, Weight: 0.3}, {Panel: spiral, Weight: 1}}}}},
	}
}

func scatter() *report.Figure {
	r := rand.New(rand.NewPCG(3, 4))
	var panels []figure.Cell
	for p := range 4 {
		a := &figure.Axes{Title: fmt.Sprintf("n = %d", 100<<p), XLabel: "predicted", YLabel: "measured", LogX: p%2 == 1, LogY: p >= 2}
		for k := range 3 {
			x := grid(60, func(int) float64 { return math.Exp(2 * r.NormFloat64()) })
			y := grid(60, func(i int) float64 { return x[i] * math.Exp(0.3*r.NormFloat64()) })
			a.Lines = append(a.Lines, figure.Line{Name: fmt.Sprintf("r = %d", k+1), X: x, Y: y, NoLine: true, Color: k, Marker: figure.Marker(1 + (p+2*k)%7)})
		}
		a.Lines = append(a.Lines, figure.Line{Name: "equal", X: []float64{0.01, 100}, Y: []float64{0.01, 100}, Color: 5, Dash: figure.Dashed})
		panels = append(panels, figure.Cell{Panel: a, Weight: 1})
	}
	return &report.Figure{
		Name: "sensing/fig3", Title: "Markers, without lines", Caption: "Four panels in a row.",
		Verdicts: []report.Verdict{{Status: "NOTE", Text: "the points lie on the diagonal up to 30 %"}},
		Page:     figure.Page{Rows: []figure.Row{{Height: 8, Cells: panels}}},
	}
}

const evil = `<img src=x onerror="console.error('ran')"> & "quotes" 'too' </script><script>console.error("ran")</script>`

func hostile() *report.Figure {
	a := figure.Axes{Title: evil, XLabel: evil, YLabel: "y", Lines: []figure.Line{{Name: evil, X: []float64{0, 1, 2}, Y: []float64{1e-300, -0.1 - 0.2, 123456789.25}}, {Name: "constructor", X: []float64{1}, Y: []float64{5}}},
		Marks: []figure.Mark{{X: 1, Y: 1, Label: evil}}, Verticals: []figure.Vertical{{X: 1, Label: evil}}}
	h := figure.HeatMap{Title: evil, Values: [][]float64{{1, math.Inf(1)}, {math.NaN(), -1e-7}}, RowNames: []string{"<b>&", "__proto__"}, ColNames: []string{"a", "</script>"}}
	return &report.Figure{
		Name: "deep/<b>&'\"", Title: evil, Caption: evil, Command: evil,
		Parameters: []report.Parameter{{Name: evil, Value: evil, Comment: evil, Inferred: true}},
		Verdicts:   []report.Verdict{{Status: "PASS", Text: evil}},
		Page:       figure.Page{Rows: []figure.Row{{Height: 24, Cells: []figure.Cell{{Panel: a, Weight: 2}, {Panel: h, Weight: 1}}}}},
	}
}

// long has a line of 100 000 points and one of one.
func long() *report.Figure {
	r := rand.New(rand.NewPCG(5, 6))
	const n = 100_000
	walk := 0.0
	x := grid(n, func(i int) float64 { return float64(i) })
	y := grid(n, func(int) float64 { walk += r.NormFloat64(); return walk })
	a := figure.Axes{Title: "A random walk", XLabel: "step", YLabel: "sum", Lines: []figure.Line{{Name: "walk", X: x, Y: y}, {Name: "one point", X: []float64{5e4}, Y: []float64{0}, Color: 4}}}
	return &report.Figure{Name: "deep/long", Title: "100 000 points", Page: figure.Page{Rows: []figure.Row{{Height: 7, Cells: []figure.Cell{{Panel: &a, Weight: 1}}}}}}
}

// write makes a page of figures.
func write(dir string, list []*report.Figure) error {
	var names []string
	for _, f := range list {
		if _, err := report.Save(dir, f); err != nil {
			return err
		}
		svg, err := f.Page.SVG()
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(f.Name)+".svg"), svg, 0o644); err != nil {
			return err
		}
		names = append(names, f.Name)
	}
	_, err := report.WriteIndex(dir, names)
	return err
}

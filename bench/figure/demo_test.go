package figure

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// demonstration is a page with every kind of panel.
func demonstration() *Page {
	var x, y, theory []float64
	for i := range 1200 {
		t := float64(i)
		x = append(x, t)
		y = append(y, 3*math.Exp(-t/40)+0.4/(1+math.Exp((t-420)/18))+0.02/(1+math.Exp((t-800)/25))+2e-6*(1.2+math.Sin(t/7)))
		theory = append(theory, 4*math.Exp(-t/90))
	}
	var marks []Mark
	for i, t := range []int{0, 120, 420, 700, 1150} {
		marks = append(marks, Mark{X: float64(t), Y: y[t], Label: string(rune('a' + i))})
	}
	errorCurve := Axes{
		Title: "Error of the factorization", XLabel: "iteration t", YLabel: "‖Σ_r − XXᵀ‖_F / ‖Σ_r‖_F", LogY: true,
		Lines: []Line{
			{Name: "gradient descent, η = 0.05", X: x, Y: y},
			{Name: "bound (1 − ησ_r)ᵗ", X: x, Y: theory, Color: 1, Dash: Dashed},
		},
		Marks:     marks,
		Verticals: []Vertical{{420, "t₁"}, {800, "t₂ = 2η⁻¹"}},
	}
	four := Axes{Title: "Alignment of the columns", XLabel: "iteration t", YLabel: "σ₁²(u₁), cos ϖ"}
	for k, name := range []string{"σ₁²(u₁)", "σ₂²(u₂)", "cos ϖ", "1 − η‖x_t‖²"} {
		l := Line{Name: name, X: x, Color: k, Dash: Dash(k % 3)}
		for _, t := range x {
			l.Y = append(l.Y, 1/(1+math.Exp(-(t-200-250*float64(k))/40)))
		}
		four.Lines = append(four.Lines, l)
	}
	p := &Page{
		Title: "Gradient descent finds the leading eigenvectors one after another",
		Rows: []Row{
			{Height: 8.5, Cells: []Cell{{errorCurve, 3}, {&four, 2}}},
			{Height: 6},
		},
	}
	p.Caption = "Top left: relative error against the iteration, with step size η = 0.05 and a start of size 10⁻⁶. " +
		"The dots mark the iterations a to e that are shown below. Top right: how the columns of X turn to the eigenvectors. " +
		"Bottom: |u_iᵀx_j| as a 3 × 3 matrix at these iterations; all five share the scale at the right."
	for k, t := range []int{0, 120, 420, 700, 1150} {
		m := HeatMap{
			Title: fmt.Sprintf("%c  t = %d", 'a'+k, t), Max: 1, ShowValues: true,
			ColNames: []string{"x₁", "x₂", "x₃"},
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
		p.Rows[1].Cells = append(p.Rows[1].Cells, Cell{m, 1})
	}
	p.Rows[1].Cells = append(p.Rows[1].Cells, Cell{ColorBar{Min: 0, Max: 1, Label: "|u_iᵀx_j|"}, 0.55})
	p.Rows = append(p.Rows, Row{8, []Cell{
		{runsAndMeans(), 1.4}, {plane(), 1.2}, {ColorBar{Min: 1e-4, Max: 3, Log: true, Label: "f"}, 0.4},
		{HeatMap{Title: "An image", Values: bowl(28), Grey: true, Log: true, XLabel: "column", YLabel: "row"}, 1},
	}})
	return p
}

// runsAndMeans has markers, error bars, faint lines and bands.
func runsAndMeans() Axes {
	a := Axes{
		Title: "Runs and means", XLabel: "rank r", YLabel: "error", LogY: true,
		Bands:       []Band{{-math.MaxFloat64, 2, "low", 2}, {4, math.Inf(1), "high", 3}},
		Horizontals: []Horizontal{{0.1, "tolerance"}, {0.11, "noise"}},
		Marks:       []Mark{{X: 3, Y: 0.05, Label: "best", Shape: Diamond, Color: 4}},
	}
	a.XMin = new(float64)
	for k := range 7 {
		l := Line{Name: fmt.Sprintf("method %d", k+1), Color: k, Marker: Marker(k + 1), NoLine: k == 3}
		run := Line{Name: l.Name, Color: k, Faint: true}
		for i := range 6 {
			v := math.Exp(-float64(i*(k+1)) / 8)
			l.X, l.Y = append(l.X, float64(i+1)), append(l.Y, v)
			l.Low, l.High = append(l.Low, v/2), append(l.High, 2*v)
			run.Y = append(run.Y, v*1.3)
		}
		run.X = l.X
		a.Lines = append(a.Lines, run, l)
	}
	return a
}

func bowl(n int) (values [][]float64) {
	for i := range n {
		var row []float64
		for j := range n {
			x, y := 3*float64(j)/float64(n-1)-1.5, 3*float64(i)/float64(n-1)-1.5
			row = append(row, math.Pow(x*x+y*y-1, 2)+0.1*x+0.2)
		}
		values = append(values, row)
	}
	return values
}

func plane() *Axes {
	return &Axes{
		Title: "A plane", XLabel: "x₁", YLabel: "x₂", Square: true,
		Field:       &Field{X0: -1.5, X1: 1.5, Y0: -1.5, Y1: 1.5, Values: bowl(60), Log: true, Levels: []float64{0.1, 0.2, 1}},
		Lines:       []Line{{Name: "path", X: []float64{0, 0.2, 0.8}, Y: []float64{0, 0.1, 0.3}, Marker: Circle, Color: 4}},
		Horizontals: []Horizontal{{0, "y = 0"}},
	}
}

func TestDemonstration(t *testing.T) {
	p := demonstration()
	dir := t.TempDir()
	for name, f := range map[string]func() ([]byte, error){"demo.svg": p.SVG, "demo.png": p.PNG} {
		b, err := f()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

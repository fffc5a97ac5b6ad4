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
	return p
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

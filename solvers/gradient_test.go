package solvers_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"lowrank/solvers"
)

// quartic is f = Σ (x_i y_i − 1)² + ¼ Σ x_i⁴ over two blocks.
func quartic(scale float64) (f func() float64, x, gradient [][]float64) {
	rnd := solvers.Stream(3, "test")
	x = [][]float64{make([]float64, 20), make([]float64, 20)}
	gradient = [][]float64{make([]float64, 20), make([]float64, 20)}
	for _, block := range x {
		for i := range block {
			block[i] = scale * rnd.NormFloat64()
		}
	}
	a, b := x[0], x[1]
	for i := range a {
		gradient[0][i] = 2*(a[i]*b[i]-1)*b[i] + a[i]*a[i]*a[i]
		gradient[1][i] = 2 * (a[i]*b[i] - 1) * a[i]
	}
	return func() float64 {
		var s float64
		for i := range a {
			d := a[i]*b[i] - 1
			s += d*d + a[i]*a[i]*a[i]*a[i]/4
		}
		return s
	}, x, gradient
}

func TestCheckGradient(t *testing.T) {
	for _, scale := range []float64{1e-3, 0.1, 1, 10, 1e3} {
		for seed := range uint64(20) {
			f, x, gradient := quartic(scale)
			before := [][]float64{slices.Clone(x[0]), slices.Clone(x[1])}
			x[0][0], before[0][0] = math.Copysign(0, -1), math.Copysign(0, -1) // a sign to lose
			gradient[0][0], gradient[1][0] = -2*x[1][0], 0

			c := solvers.CheckGradient(f, x, gradient, seed)
			if math.Abs(c.Slope-2) > 0.1 || !(c.Relative < max(1, 0.1/scale)*1e-8) {
				t.Errorf("scale %g, seed %d: slope %g, relative %g", scale, seed, c.Slope, c.Relative)
			}
			for b := range x {
				for i, v := range x[b] {
					if math.Float64bits(v) != math.Float64bits(before[b][i]) {
						t.Fatalf("x[%d][%d] is %g, was %g", b, i, v, before[b][i])
					}
				}
			}
			if len(c.Steps) != len(c.Errors) || c.Steps[0] != 1 || math.Abs(c.Steps[len(c.Steps)-1]/1e-8-1) > 1e-12 || !slices.IsSortedFunc(c.Steps, func(a, b float64) int { return int(math.Copysign(1, b-a)) }) {
				t.Errorf("steps are %v", c.Steps)
			}

			gradient[1][7] += 0.3 * slices.Max(append(gradient[0], gradient[1]...))
			c = solvers.CheckGradient(f, x, gradient, seed)
			if math.Abs(c.Slope-1) > 0.1 || !(c.Relative > 1e-4) {
				t.Errorf("scale %g, seed %d, one wrong element: slope %g, relative %g", scale, seed, c.Slope, c.Relative)
			}
		}
	}
}

func TestCheckGradientOfLinear(t *testing.T) {
	x, g := [][]float64{{1, -3, 1e6}}, [][]float64{{2, 0.1, -0.7}}
	f := func() float64 { return 2*x[0][0] + 0.1*x[0][1] - 0.7*x[0][2] + 7e5 }
	if c := solvers.CheckGradient(f, x, g, 1); c.Slope != 2 || !(c.Relative < 1e-8) {
		t.Errorf("slope %g, relative %g", c.Slope, c.Relative)
	}
	g[0][1] = 0.2
	if c := solvers.CheckGradient(f, x, g, 1); math.Abs(c.Slope-1) > 0.1 || !(c.Relative > 1e-3) {
		t.Errorf("a wrong element: slope %g, relative %g", c.Slope, c.Relative)
	}
	constant := func() float64 { return 5 }
	if c := solvers.CheckGradient(constant, x, g, 1); math.Abs(c.Slope-1) > 0.1 || c.Relative != 1 {
		t.Errorf("a constant with a gradient: slope %g, relative %g", c.Slope, c.Relative)
	}
	if c := solvers.CheckGradient(constant, x, [][]float64{{0, 0, 0}}, 1); c.Slope != 2 || c.Relative != 0 {
		t.Errorf("a constant: slope %g, relative %g", c.Slope, c.Relative)
	}
}

// TestCheckGradientOfLarge has steps that do not change f at all.
func TestCheckGradientOfLarge(t *testing.T) {
	x, g := [][]float64{{1, 2}, {}}, [][]float64{{2, 4}, {}}
	f := func() float64 { return float64(float32(1e4 + x[0][0]*x[0][0] + x[0][1]*x[0][1])) }
	if c := solvers.CheckGradient(f, x, g, 1); math.Abs(c.Slope-2) > 0.3 {
		t.Errorf("slope %g, relative %g", c.Slope, c.Relative)
	}
	if c := solvers.CheckGradient(math.NaN, x, g, 1); !math.IsNaN(c.Slope) || c.Relative < 1 {
		t.Errorf("NaN: slope %g, relative %g", c.Slope, c.Relative)
	}
}

// TestCheckGradientPanics holds x where f panics, and refuses other shapes.
func TestCheckGradientPanics(t *testing.T) {
	x := [][]float64{{1, 2}}
	calls := 0
	for name, f := range map[string]func(){
		"fewer blocks":  func() { solvers.CheckGradient(func() float64 { return 0 }, x, nil, 1) },
		"short block":   func() { solvers.CheckGradient(func() float64 { return 0 }, x, [][]float64{{1}}, 1) },
		"f that panics": func() { solvers.CheckGradient(func() float64 { calls++; return x[0][2-2/calls] }, x, x, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
	if x[0][0] != 1 || x[0][1] != 2 {
		t.Errorf("x is %v", x)
	}
}

// The gradient of ¼‖xxᵀ − A‖² with A = diag(1, 2), and one that forgets A.
func ExampleCheckGradient() {
	x := []float64{0.6, -0.8}
	f := func() float64 {
		a, b, c := x[0]*x[0]-1, x[0]*x[1], x[1]*x[1]-2
		return (a*a + 2*b*b + c*c) / 4
	}
	square := x[0]*x[0] + x[1]*x[1]
	right := []float64{(square - 1) * x[0], (square - 2) * x[1]}
	wrong := []float64{square * x[0], square * x[1]}
	for _, g := range [][]float64{right, wrong} {
		c := solvers.CheckGradient(f, [][]float64{x}, [][]float64{g}, 1)
		fmt.Printf("slope %.1f, central difference agrees: %v\n", c.Slope, c.Relative < 1e-8)
	}
	// Output:
	// slope 2.0, central difference agrees: true
	// slope 1.0, central difference agrees: false
}

package asymmetric_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
)

type (
	method  = *asymmetric.Solver[float64]
	iterate = testsolvers.Iterate
	problem = testsolvers.Problem[method]
)

var orders = map[string]asymmetric.Order{"alternating": asymmetric.Alternating, "simultaneous": asymmetric.Simultaneous}

// matrix is an operator and the matrix that it stands for.
type matrix struct {
	op operator.Rectangular[float64]
	a  blas.General[float64]
}

var forms = []string{"dense", "sparse", "product"}

// matrixOf is an m×n matrix in a form, of norm about 1.
func matrixOf(b *blas.Backend, form string, m, n int, seed uint64) matrix {
	rnd := rand.New(rand.NewPCG(seed, 1))
	switch form {
	case "dense":
		a := testsolvers.Normal(rnd, m, n, 1/math.Sqrt(float64(m+n)))
		return matrix{operator.RectangularOf(b, a), a}
	case "sparse":
		a := blas.NewGeneral[float64](m, n)
		var row, col []int
		var value []float64
		for range m*n/5 + 2 { // some places twice
			i, j, v := rnd.IntN(m), rnd.IntN(n), rnd.NormFloat64()/math.Sqrt(float64(m+n))
			row, col, value = append(row, i), append(col, j), append(value, v)
			a.Row(i)[j] += v
		}
		return matrix{operator.NewSparse(b, m, n, row, col, value), a}
	case "product":
		const p = 4
		left, right := testsolvers.Normal(rnd, m, p, 1/math.Sqrt(float64(m))), testsolvers.Normal(rnd, n, p, 1/math.Sqrt(float64(n)))
		return matrix{operator.NewProduct(b, left, right), testsolvers.Times(left, testsolvers.Transposed(right))}
	}
	panic(form)
}

// operators are all forms.
func operators(b *blas.Backend, m, n int, seed uint64) map[string]matrix {
	all := map[string]matrix{}
	for _, form := range forms {
		all[form] = matrixOf(b, form, m, n, seed)
	}
	return all
}

// start is larger than the starts of the paper, so that few steps do much.
func start(m, n, k int, seed uint64) (x, y blas.General[float64]) {
	s := asymmetric.RandomStart(m, n, k, seed)
	for i := range s.X.Data {
		s.X.Data[i] *= 5
	}
	for i := range s.Y.Data {
		s.Y.Data[i] *= 3
	}
	return s.X, s.Y
}

// gradients are (XYᵀ − A)Y and (XYᵀ − A)ᵀX.
func gradients(a, x, y blas.General[float64]) (gx, gy blas.General[float64]) {
	e := testsolvers.Less(testsolvers.Times(x, testsolvers.Transposed(y)), a, 1)
	return testsolvers.Times(e, y), testsolvers.Times(testsolvers.Transposed(e), x)
}

// step is (A1a) and (A1b) as they stand in the paper.
func step(a, x, y blas.General[float64], eta float64, order asymmetric.Order) (nextX, nextY blas.General[float64]) {
	gx, gy := gradients(a, x, y)
	nextX = testsolvers.Less(x, gx, eta)
	if order == asymmetric.Alternating {
		_, gy = gradients(a, nextX, y)
	}
	return nextX, testsolvers.Less(y, gy, eta)
}

// problemOf is a matrix of a form with normal starts.
func problemOf(form, order string, m, n, k int, eta float64) problem {
	return problem{
		Name: fmt.Sprintf("%s %s %d×%d k=%d", form, order, m, n, k),
		Start: func(seed uint64) iterate {
			x, y := start(m, n, k, seed)
			return iterate{x, y}
		},
		New: func(_ testing.TB, b *blas.Backend, s iterate) method {
			return asymmetric.New(b, matrixOf(b, form, m, n, uint64(m)).op, s[0], s[1], eta, orders[order])
		},
		Check: func(t *testing.T, s method) {
			gx, gy := s.Grams()
			for side, c := range []struct {
				gram []float64
				x    blas.General[float64]
			}{{gx, s.X()}, {gy, s.Y()}} {
				want := testsolvers.Times(testsolvers.Transposed(c.x), c.x)
				if n := testsolvers.Norm(want); n > math.MaxFloat64 {
					continue // its square is not finite
				}
				testsolvers.Compare(t, fmt.Sprintf("Gram matrix %d", side), blas.General[float64]{Rows: k, Cols: k, Stride: k, Data: c.gram}, want, 1e-12)
			}
		},
	}
}

// each is one problem for each form and order.
func each(of func(form, order string)) {
	for _, form := range forms {
		for order := range orders {
			of(form, order)
		}
	}
}

func TestBattery(t *testing.T) {
	b := testsolvers.Battery[method]{
		Iterate: func(s method) iterate { return iterate{s.X(), s.Y()} },
		Says: func(s method) [][]float64 {
			x, y := s.GradientNorms()
			gx, gy := s.Grams()
			return [][]float64{{x, y}, gx, gy}
		},
	}
	native := testsolvers.Open(t, "native", 1)
	each(func(form, order string) {
		for _, shape := range [][3]int{{1, 1, 1}, {1, 9, 2}, {31, 18, 1}, {18, 31, 2}, {40, 23, 3}, {17, 29, 10}, {5, 70, 10}} {
			p := problemOf(form, order, shape[0], shape[1], shape[2], 0.2)
			a := matrixOf(native, form, shape[0], shape[1], uint64(shape[0])).a
			b.Trajectories = append(b.Trajectories, testsolvers.Trajectory[method]{
				Problem: p, Steps: 150, Tolerance: 1e-12,
				Next: func(z iterate) iterate {
					x, y := step(a, z[0], z[1], 0.2, orders[order])
					return iterate{x, y}
				},
			})
		}

		const m, n = 12, 9
		a := matrixOf(native, form, m, n, m).a
		b.Gradients = append(b.Gradients, testsolvers.Gradient[method]{
			Problem: problemOf(form, order, m, n, 3, 0.01), Step: 0.01, Tolerance: 1e-8, Alternating: order == "alternating",
			Loss: func(z iterate) float64 {
				e := testsolvers.Norm(testsolvers.Less(testsolvers.Times(z[0], testsolvers.Transposed(z[1])), a, 1))
				return e * e / 2
			},
		})

		// Gram matrices formed anew have other bits.
		// Gram matrices of so many rows, formed anew, have other bits.
		b.Restored = append(b.Restored, problemOf(form, order, 260, 145, 5, 0.2), problemOf(form, order, 700, 1100, 2, 0.2))
		for _, k := range []int{2, 5, 33} {
			b.Threaded = append(b.Threaded, problemOf(form, order, 700, 530, k, 0.2))
		}
		for _, k := range []int{1, 3, 40} {
			b.Allocations = append(b.Allocations, problemOf(form, order, 500, 400, k, 0.01))
		}
		for _, scale := range []float64{1, 10, 1e60, 1e120} {
			p := problemOf(form, order, 40, 30, 2, 50)
			p.Name += fmt.Sprintf(" from %g", scale)
			p.Start = func(seed uint64) iterate {
				x, y := start(40, 30, 2, seed)
				for i := range x.Data {
					x.Data[i] *= scale
				}
				return iterate{x, y}
			}
			b.Divergent = append(b.Divergent, p)
		}
	})
	b.Foreign = foreign()
	b.Identities = identities(native)
	b.Ensembles = ensembles()
	testsolvers.Run(t, b)
}

// foreign are states of other shapes, one of as many elements.
func foreign() []testsolvers.Foreign[method] {
	const m, n, k = 26, 15, 3
	f := testsolvers.Foreign[method]{Problem: problemOf("dense", "alternating", m, n, k, 0.2), States: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{}}
	for _, s := range [][3]int{{m, n, k + 1}, {m + 1, n, k}, {m, n + 1, k}, {n, m, k}, {m * k, n * k, 1}} {
		other := problemOf("product", "alternating", s[0], s[1], s[2], 0.2)
		f.States[other.Name] = func(t testing.TB, b *blas.Backend) testsolvers.Method { return other.New(t, b, other.Start(1)) }
	}
	return []testsolvers.Foreign[method]{f}
}

func identities(b *blas.Backend) []testsolvers.Identity[method] {
	const m, n, k = 20, 15, 2
	x0, y0 := start(m, n, k, 1)
	c := matrixOf(b, "dense", m, n, 1)
	otherX, otherY, otherA := x0.Clone(), y0.Clone(), c.a.Clone()
	otherX.Data[7] = math.Nextafter(otherX.Data[7], 2)
	otherY.Data[7] = math.Nextafter(otherY.Data[7], 2)
	otherA.Data[17] += 1e-12
	of := func(a, x, y blas.General[float64], eta float64, order asymmetric.Order) func(testing.TB, *blas.Backend) testsolvers.Method {
		return func(_ testing.TB, b *blas.Backend) testsolvers.Method {
			return asymmetric.New(b, operator.RectangularOf(b, a), x, y, eta, order)
		}
	}
	return []testsolvers.Identity[method]{{
		Name: "dense",
		Of: func(t testing.TB, b *blas.Backend) method {
			return of(c.a, x0, y0, 0.1, asymmetric.Alternating)(t, b).(method)
		},
		Others: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{
			"η":     of(c.a, x0, y0, math.Nextafter(0.1, 1), asymmetric.Alternating),
			"order": of(c.a, x0, y0, 0.1, asymmetric.Simultaneous),
			"X_0":   of(c.a, otherX, y0, 0.1, asymmetric.Alternating),
			"Y_0":   of(c.a, x0, otherY, 0.1, asymmetric.Alternating),
			"A":     of(otherA, x0, y0, 0.1, asymmetric.Alternating),
		},
	}}
}

func ensembles() []testsolvers.Ensemble[method] {
	const m, n = 260, 170
	a := solvers.Gaussian(m, n, 0.05, 1, "a")
	l, r := solvers.Gaussian(m, 3, 0.1, 2, "l"), solvers.Gaussian(n, 3, 0.1, 3, "r")
	steps, columns := []float64{0.1, 0.1, 0.02, 1e3, 0.3}, []int{2, 2, 10, 3, 1}
	var all []testsolvers.Ensemble[method]
	for kind, form := range map[string]func(b *blas.Backend) operator.Rectangular[float64]{
		"dense":   func(b *blas.Backend) operator.Rectangular[float64] { return operator.RectangularOf(b, a) },
		"product": func(b *blas.Backend) operator.Rectangular[float64] { return operator.NewProduct(b, l, r) },
	} {
		for name, order := range orders {
			all = append(all, testsolvers.Ensemble[method]{
				Name: kind + " " + name, Diverges: 3, Converges: 2, Allocates: kind == "product",
				Stops: []solvers.Stop{{Iterations: 60}, {Iterations: 60}, {Iterations: 90, Tolerance: 0.93}, {Iterations: 50}, {Iterations: 13}},
				Join:  func(members ...method) solvers.Ensemble { return asymmetric.NewEnsemble(members...) },
				New: func(_ testing.TB, b *blas.Backend) func(i int) method {
					op := form(b)
					return func(i int) method {
						s := asymmetric.RandomStart(m, n, columns[i], uint64(i))
						return asymmetric.New(b, op, s.X, s.Y, steps[i], order)
					}
				},
			})
		}
	}
	return all
}

// TestFloat32 follows the float64 trajectory to single precision.
func TestFloat32(t *testing.T) {
	const m, n, k, eta, steps = 90, 140, 3, 0.2, 60
	x0, y0 := start(m, n, k, 1)
	for _, backend := range testsolvers.Backends() {
		b := testsolvers.Open(t, backend, 2)
		c := matrixOf(b, "dense", m, n, 1)
		for name, order := range orders {
			s64 := asymmetric.New(b, c.op, x0, y0, eta, order)
			s32 := asymmetric.New(b, operator.RectangularOf(b, blas.Convert[float32](c.a)), blas.Convert[float32](x0), blas.Convert[float32](y0), eta, order)
			testsolvers.Follow(t, backend+" "+name, s32, s64, steps,
				func() iterate { return iterate{blas.Convert[float64](s32.X()), blas.Convert[float64](s32.Y())} },
				func() iterate { return iterate{s64.X(), s64.Y()} }, 1e-4)
		}
	}
}

func TestStorage(t *testing.T) {
	const m, n, k = 50, 30, 7
	x0, y0 := start(m, n, k, 1)
	b := testsolvers.Open(t, "native", 1)
	s := asymmetric.New(b, matrixOf(b, "dense", m, n, 1).op, x0, y0, 0.1, asymmetric.Alternating)
	if got, want := testsolvers.Elements(s), 2*(m+n)*k+4*k*k; got != want {
		t.Errorf("a solver holds %d elements, want %d", got, want)
	}
}

// TestRelativeGradient compares it and the norms of the gradients with their definitions.
func TestRelativeGradient(t *testing.T) {
	const m, n, k, eta = 25, 14, 3, 0.2
	b := testsolvers.Open(t, "native", 1)
	for form, c := range operators(b, m, n, 5) {
		for name, order := range orders {
			x, y := start(m, n, k, 4)
			s := asymmetric.New(b, c.op, x, y, eta, order)
			if !math.IsNaN(s.RelativeGradient()) {
				t.Errorf("before the first step: %v", s.RelativeGradient())
			}
			for range 20 {
				testsolvers.Advance(t, s, 1)
				nextX, nextY := step(c.a, x, y, eta, order)
				seenX := x
				if order == asymmetric.Alternating {
					seenX = nextX
				}
				gx, _ := gradients(c.a, x, y)
				_, gy := gradients(c.a, seenX, y)
				want := testsolvers.Norm(gx, gy) / testsolvers.Norm(testsolvers.Times(c.a, y), testsolvers.Times(testsolvers.Transposed(c.a), seenX))
				testsolvers.Near(t, form+" "+name, s.RelativeGradient(), want, 1e-10)
				gotX, gotY := s.GradientNorms()
				testsolvers.Near(t, form+" "+name+" ‖∇_X f‖", gotX, testsolvers.Norm(gx), 1e-7)
				testsolvers.Near(t, form+" "+name+" ‖∇_Y f‖", gotY, testsolvers.Norm(gy), 1e-7)
				x, y = nextX, nextY
			}
		}
		zero := asymmetric.New(b, c.op, blas.NewGeneral[float64](m, k), blas.NewGeneral[float64](n, k), eta, asymmetric.Alternating)
		testsolvers.Advance(t, zero, 1)
		if got := zero.RelativeGradient(); got != 0 {
			t.Errorf("%s: the relative gradient at 0 is %v", form, got)
		}
	}
}

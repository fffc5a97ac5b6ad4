package operator_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// element is one of a measurement's matrix A_i.
type element struct {
	i, j  int
	value float64
}

// measurementCase is a measurement with the elements of its matrices.
type measurementCase[T blas.Float] struct {
	name     string
	op       operator.Measurement[T]
	matrices [][]element
}

func (c measurementCase[T]) scale() float64 { return 1 / math.Sqrt(float64(len(c.matrices))) }

// measure is 𝒜(Z) as it is defined, one row.
func (c measurementCase[T]) measure(z bounded) bounded {
	out := newBounded(1, len(c.matrices))
	for e, matrix := range c.matrices {
		for _, a := range matrix {
			out.value[0][e] += c.scale() * a.value * z.value[a.i][a.j]
			out.size[0][e] += c.scale() * math.Abs(a.value) * z.size[a.i][a.j]
		}
	}
	return out
}

// adjoint is 𝒜*(v).
func (c measurementCase[T]) adjoint(v bounded) bounded {
	s := newBounded(c.op.Dim(), c.op.Dim())
	for e, matrix := range c.matrices {
		for _, a := range matrix {
			s.value[a.i][a.j] += c.scale() * a.value * v.value[0][e]
			s.size[a.i][a.j] += c.scale() * math.Abs(a.value) * v.size[0][e]
		}
	}
	return s
}

// measurements returns about m measurements of n×n matrices of every kind.
func measurements[T blas.Float](b *blas.Backend, rnd *rand.Rand, n, m int) []measurementCase[T] {
	packed := make([][]T, m)
	full := make([][]element, m)
	for e := range packed {
		packed[e] = make([]T, 0, n*(n+1)/2)
		for i := range n {
			for j := range i + 1 {
				v := T(rnd.NormFloat64())
				packed[e] = append(packed[e], v)
				full[e] = append(full[e], element{i, j, float64(v)})
				if i != j {
					full[e] = append(full[e], element{j, i, float64(v)})
				}
			}
		}
	}
	matrices := operator.NewMatrices(b, n, m, func(i int, dst []T) {
		if copy(dst, packed[i]) != len(dst) {
			panic("packed triangle of another length")
		}
	})

	vectors, outer := newGuarded[T](rnd, m, n, rnd.NormFloat64), make([][]element, m)
	for e := range outer {
		a := vectors.Row(e)
		for i := range n {
			for j := range n {
				outer[e] = append(outer[e], element{i, j, float64(a[i]) * float64(a[j])})
			}
		}
	}

	// Every place in both orders, some twice, and places of the diagonal.
	var row, col []int
	for e := range m {
		i, j := rnd.IntN(n), rnd.IntN(n)
		if e%7 == 3 {
			j = i
		}
		row, col = append(row, i), append(col, j)
		if e%5 == 0 {
			row, col = append(row, j, i), append(col, i, j)
		}
	}
	single := make([][]element, len(row))
	for e := range row {
		single[e] = []element{{row[e], col[e], 0.5}, {col[e], row[e], 0.5}}
	}
	return []measurementCase[T]{
		{"matrices", matrices, full},
		{"rank one", operator.NewRankOne(b, vectors.General), outer},
		{"entries", operator.NewEntries[T](b, n, row, col), single},
	}
}

func TestMeasurement(t *testing.T) {
	t.Run("float64", testMeasurement[float64])
	t.Run("float32", testMeasurement[float32])
}

func testMeasurement[T blas.Float](t *testing.T) {
	onBackends(t, func(t *testing.T, b *blas.Backend) (results []float64) {
		rnd := solvers.Stream(6, "measurement")
		for _, shape := range [][2]int{{1, 1}, {1, 33}, {2, 1}, {17, 31}, {32, 64}, {33, 65}, {64, 63}, {65, 300}} {
			for _, c := range measurements[T](b, rnd, shape[0], shape[1]) {
				some := ranks
				if shape[0] > 33 {
					some = []int{1, 8} // their matrices take long to add up
				}
				for _, r := range some {
					results = append(results, checkMeasurement(t, rnd, c, r)...)
				}
			}
		}
		return results
	})
}

// vector is m numbers among NaNs, as a matrix of one row.
func vector[T blas.Float](rnd *rand.Rand, m int, fill func() float64) guarded[T] {
	g := newGuarded[T](rnd, 1, m, fill)
	g.Data = g.Data[:m]
	return g
}

func checkMeasurement[T blas.Float](t *testing.T, rnd *rand.Rand, c measurementCase[T], r int) (results []float64) {
	n, m := c.op.Dim(), c.op.Count()
	what := func(result string) string {
		return fmt.Sprintf("%s n = %d, m = %d, r = %d: %s", c.name, n, m, r, result)
	}
	if m != len(c.matrices) {
		t.Fatalf("%s is %d, want %d", what("Count"), m, len(c.matrices))
	}
	eps, terms := epsilon[T](), 2*n*n+r
	keep := func(g guarded[T]) blas.General[float64] {
		g64 := blas.Convert[float64](g.General)
		results = append(results, g64.Data...)
		return g64
	}

	u, y := newGuarded[T](rnd, n, r, rnd.NormFloat64), vector[T](rnd, m, rnd.NormFloat64)
	before := append(slices.Clone(u.whole), y.whole...)
	pu := plain(u.General)
	want := c.measure(pu.times(pu.transposed()))
	measured := vector[T](rnd, m, nil)
	if err := c.op.Measure(measured.Data, u.General); err != nil {
		t.Fatal(err)
	}
	measured.check(t, what("𝒜(UUᵀ)"))
	want.close(t, what("𝒜(UUᵀ)"), keep(measured), terms, eps)

	dst, residual := newGuarded[T](rnd, n, r, nil), vector[T](rnd, m, nil)
	if err := c.op.Gradient(dst.General, residual.Data, u.General, y.Data); err != nil {
		t.Fatal(err)
	}
	dst.check(t, what("gradient"))
	residual.check(t, what("residual"))
	want = want.plus(-1, plain(y.General))
	want.close(t, what("residual"), keep(residual), terms, eps)
	c.adjoint(want).times(pu).close(t, what("gradient"), keep(dst), 2*terms+m+n, eps)

	v, x := vector[T](rnd, m, rnd.NormFloat64), newGuarded[T](rnd, n, r, rnd.NormFloat64)
	adjoint, err := c.op.Adjoint(v.Data)
	if err != nil {
		t.Fatal(err)
	}
	product, pv := newGuarded[T](rnd, n, r, nil), plain(v.General)
	if err := adjoint.Mul(product.General, x.General); err != nil {
		t.Fatal(err)
	}
	product.check(t, what("𝒜*(v)"))
	formed := c.adjoint(pv)
	formed.times(plain(x.General)).close(t, what("𝒜*(v)"), keep(product), terms+m+n, eps)

	// ⟨𝒜(UUᵀ), v⟩ = ⟨U, 𝒜*(v)U⟩, both sides from the operators.
	if err := adjoint.Mul(product.General, u.General); err != nil {
		t.Fatal(err)
	}
	var left, right, size float64
	for i, w := range v.Data {
		left += float64(w) * float64(measured.Data[i])
	}
	sizes := formed.times(pu)
	for i := range n {
		for j, w := range u.Row(i) {
			right += float64(w) * float64(product.Row(i)[j])
			size += pu.size[i][j] * sizes.size[i][j]
		}
	}
	if !(math.Abs(left-right) <= float64(2*terms+m+n)*eps*size) {
		t.Fatalf("%s: %g and %g", what("⟨𝒜(UUᵀ), v⟩ = ⟨U, 𝒜*(v)U⟩"), left, right)
	}
	if !same(before, append(slices.Clone(u.whole), y.whole...)) {
		t.Fatal(what("u or y changed"))
	}
	return results
}

// TestManyEntries has enough of them for several threads, at dense places.
func TestManyEntries(t *testing.T) {
	onBackends(t, func(t *testing.T, b *blas.Backend) (results []float64) {
		rnd := solvers.Stream(7, "entries")
		var row, col []int
		var matrices [][]element
		for range 9000 {
			i, j := rnd.IntN(40), rnd.IntN(40)
			row, col = append(row, i), append(col, j)
			matrices = append(matrices, []element{{i, j, 0.5}, {j, i, 0.5}})
		}
		c := measurementCase[float64]{"entries", operator.NewEntries[float64](b, 41, row, col), matrices} // the last row has none
		for _, r := range []int{8, 17} {
			results = append(results, checkMeasurement(t, rnd, c, r)...)
		}
		return results
	})
}

// TestRankOneInBlocks has vectors so long that a pass takes several blocks.
func TestRankOneInBlocks(t *testing.T) {
	onBackends(t, func(t *testing.T, b *blas.Backend) []float64 {
		const n, m, r = 9001, 130, 2
		rnd := solvers.Stream(8, "rank one")
		a, u := newGuarded[float64](rnd, m, n, rnd.NormFloat64), newGuarded[float64](rnd, n, r, rnd.NormFloat64)
		y, residual, dst := vector[float64](rnd, m, rnd.NormFloat64), vector[float64](rnd, m, nil), newGuarded[float64](rnd, n, r, nil)
		if err := operator.NewRankOne(b, a.General).Gradient(dst.General, residual.Data, u.General, y.Data); err != nil {
			t.Fatal(err)
		}
		dst.check(t, "gradient")
		residual.check(t, "residual")
		scale := 1 / math.Sqrt(m)
		pa := plain(a.General)
		au, want := pa.times(plain(u.General)), newBounded(1, m)
		for i := range m {
			for j := range r {
				want.value[0][i] += scale * au.value[i][j] * au.value[i][j]
				want.size[0][i] += scale * au.size[i][j] * au.size[i][j]
			}
		}
		want = want.plus(-1, plain(y.General))
		for i := range m {
			for j := range r {
				au.value[i][j] *= scale * want.value[0][i]
				au.size[i][j] *= scale * want.size[0][i]
			}
		}
		got := blas.Convert[float64](residual.General)
		want.close(t, "residual", got, n, 0x1p-52)
		gradient := blas.Convert[float64](dst.General)
		pa.transposed().times(au).close(t, "gradient", gradient, n+m, 0x1p-52)
		return append(got.Data, gradient.Data...)
	})
}

// TestAdjointOfNaN is that of measurements of an iterate that diverged.
func TestAdjointOfNaN(t *testing.T) {
	rnd := solvers.Stream(9, "NaN")
	for _, c := range measurements[float64](open(t, "native", 1), rnd, 4, 6) {
		v := make([]float64, c.op.Count())
		v[1], v[2] = math.NaN(), math.Inf(1)
		s, err := c.op.Adjoint(v)
		if err != nil {
			t.Fatal(err)
		}
		x, dst := newGuarded[float64](rnd, 4, 1, rnd.NormFloat64), blas.NewGeneral[float64](4, 1)
		if err := s.Mul(dst, x.General); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(dst.Data, math.IsNaN) {
			t.Errorf("%s: a NaN is lost in %v", c.name, dst.Data)
		}
	}
}

func TestMeasurementPanics(t *testing.T) {
	b := open(t, "native", 1)
	rnd := solvers.Stream(10, "panics")
	for _, c := range measurements[float64](b, rnd, 5, 9) {
		n, m := c.op.Dim(), c.op.Count()
		u, dst := blas.NewGeneral[float64](n, 2), blas.NewGeneral[float64](n, 2)
		out := make([]float64, m)
		for name, f := range map[string]func(){
			"dst":      func() { _ = c.op.Measure(out[:m-1], u) },
			"u":        func() { _ = c.op.Measure(out, u.RowsOf(0, n-1)) },
			"y":        func() { _ = c.op.Gradient(dst, make([]float64, m), u, out[:m-1]) },
			"no y":     func() { _ = c.op.Gradient(dst, make([]float64, m), u, nil) },
			"residual": func() { _ = c.op.Gradient(dst, make([]float64, m-1), u, out) },
			"gradient": func() { _ = c.op.Gradient(dst.RowsOf(0, n-1), make([]float64, m), u, out) },
			"v":        func() { _, _ = c.op.Adjoint(out[:m-1]) },
		} {
			mustPanic(t, c.name+", "+name, f)
		}
	}
	for name, f := range map[string]func(){
		"no matrix":      func() { operator.NewMatrices(b, 3, 0, func(int, []float64) {}) },
		"no vector":      func() { operator.NewRankOne(b, blas.NewGeneral[float64](0, 3)) },
		"no place":       func() { operator.NewEntries[float64](b, 3, nil, nil) },
		"place outside":  func() { operator.NewEntries[float64](b, 3, []int{0}, []int{3}) },
		"negative place": func() { operator.NewEntries[float64](b, 3, []int{-1}, []int{0}) },
		"lengths":        func() { operator.NewEntries[float64](b, 3, []int{1, 2}, []int{0}) },
	} {
		mustPanic(t, name, f)
	}
}

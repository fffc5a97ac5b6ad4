package operator

import (
	"math"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/internal/twofold"
	"lowrank/solvers"
)

// distance is ‖A − XYᵀ‖_F and ‖A‖_F, where Y may be X itself, from
//
//	‖A − XYᵀ‖² = ‖A‖² − 2⟨A, XYᵀ⟩ + ⟨XᵀX, YᵀY⟩
//
// in O(nnz·k + (m+n)k²) operations. It is accurate to rounding whatever the distance: where
// most of the terms cancel they are summed again, without rounding.
func (c *compressed[T]) distance(threads int, x, y blas.General[float64]) (distance, norm float64) {
	ofA, okA := topExponent(c.value)
	ofX, okX := topOfRows(x)
	ofY, okY := topOfRows(y)
	switch {
	case !okA || !okX || !okY:
		return math.NaN(), c.norm()
	case ofX == allZero || ofY == allZero:
		norm := c.norm()
		return norm, norm
	case max(ofA, ofX, ofY) <= safe && min(ofX, ofY) >= -safe && (ofA >= -safe || ofA == allZero):
		return (&sparseDistance[T]{a: c, x: x, y: y, threads: threads}).compute()
	}
	// A·2⁻ᵉ − (X·2⁻ᶠ)(Y·2⁻ᵍ)ᵀ with e = f + g has no element much above 1.
	e := max(ofA, ofX+ofY)
	f := ofX
	if same(x, y) {
		e += e & 1
		f = e / 2
	}
	scaled := &compressed[float64]{start: c.start, index: c.index, value: timesPower(c.value, -e)}
	left := blas.General[float64]{Rows: x.Rows, Cols: x.Cols, Stride: x.Stride, Data: timesPower(x.Data, -f)}
	right := left
	if !same(x, y) {
		right = blas.General[float64]{Rows: y.Rows, Cols: y.Cols, Stride: y.Stride, Data: timesPower(y.Data, f-e)}
	}
	distance, _ = (&sparseDistance[float64]{a: scaled, x: left, y: right, threads: threads}).compute()
	return math.Ldexp(distance, e), c.norm()
}

// safe is the exponent within which, up and down, the largest elements of A, X and Y may be
// for products of four, and their roundings, to stay in the range of float64.
const safe = 150

// allZero is the exponent of zeros.
const allZero = math.MinInt32

// topExponent is e, where the largest element is from 2ᵉ⁻¹ to 2ᵉ, and whether all are finite.
func topExponent[T blas.Float](data []T) (e int, finite bool) {
	for _, v := range data {
		if v-v != 0 {
			return 0, false
		}
	}
	top := solvers.Largest(data)
	if top == 0 {
		return allZero, true
	}
	return solvers.Exponent(top), true
}

// topOfRows is topExponent of a matrix, whose rows may lie apart.
func topOfRows(x blas.General[float64]) (e int, finite bool) {
	e = allZero
	for i := range x.Rows {
		of, ok := topExponent(x.Row(i))
		if !ok {
			return 0, false
		}
		e = max(e, of)
	}
	return e, true
}

// timesPower is data·2ᵉ.
func timesPower[T blas.Float](data []T, e int) []float64 {
	scaled := make([]float64, len(data))
	for i, v := range data {
		scaled[i] = float64(v)
	}
	solvers.Scale(scaled, e)
	return scaled
}

func same(x, y blas.General[float64]) bool {
	return len(x.Data) > 0 && len(y.Data) > 0 && &x.Data[0] == &y.Data[0]
}

// norm is ‖A‖_F, whatever the size of its elements.
func (c *compressed[T]) norm() float64 {
	e, finite := topExponent(c.value)
	switch {
	case !finite:
		return math.NaN()
	case e == allZero:
		return 0
	}
	var sum twofold.Sum
	for _, v := range c.value {
		scaled := math.Ldexp(float64(v), -e)
		sum.AddProduct(scaled, scaled)
	}
	return math.Ldexp(math.Sqrt(sum.Value()), e)
}

// sparseDistance is one distance under way. Its sums are cut by shape, not by threads.
type sparseDistance[T blas.Float] struct {
	a       *compressed[T]
	x, y    blas.General[float64]
	threads int
}

// cancelled is how small the square of a distance is relative to its terms where these are
// to be summed without rounding: sums of twofold terms are off by some 2⁻¹⁰⁶ a term.
const cancelled = 0x1p-24

func (d *sparseDistance[T]) compute() (distance, norm float64) {
	e := &elements[T]{sparseDistance: d}
	parallel.Run(d.threads, sparseParts, e)
	p := &grams[T]{sparseDistance: d, sums: make([]twofold.Sum, d.x.Cols)}
	parallel.Run(d.threads, d.x.Cols, p)
	var ofA, square, product twofold.Sum
	for part := range sparseParts {
		ofA.AddSum(e.squares[part])
		square.AddSum(e.mixed[part])
	}
	for _, s := range p.sums {
		product.AddSum(s)
	}
	square.AddSum(ofA)
	square.AddSum(product)
	if s := square.Value(); s > cancelled*(ofA.Value()+product.Value()) {
		return math.Sqrt(s), math.Sqrt(ofA.Value())
	}
	return d.exactly(), math.Sqrt(ofA.Value())
}

// elements are the terms with elements of A: their squares, and −2·a·(x·y).
type elements[T blas.Float] struct {
	*sparseDistance[T]
	squares, mixed [sparseParts]twofold.Sum
}

// Part sums the terms of a stretch of rows of A: those of row i are its squares and
// −2·x_i·(AY)_i.
func (e *elements[T]) Part(part int) {
	ay := make([]twofold.Sum, e.x.Cols)
	var squares, mixed twofold.Sum
	for i := e.a.cut(part); i < e.a.cut(part+1); i++ {
		clear(ay)
		for at := e.a.start[i]; at < e.a.start[i+1]; at++ {
			a := float64(e.a.value[at])
			squares.AddProduct(a, a)
			for j, v := range e.y.Row(int(e.a.index[at])) {
				ay[j].AddProduct(a, v)
			}
		}
		for j, v := range e.x.Row(i) {
			mixed.AddProduct(-2*v, ay[j].High)
			mixed.AddProduct(-2*v, ay[j].Low)
		}
	}
	e.squares[part], e.mixed[part] = squares, mixed
}

// grams is ⟨XᵀX, YᵀY⟩.
type grams[T blas.Float] struct {
	*sparseDistance[T]
	sums []twofold.Sum
}

// Part sums the terms of column a of both Gram matrices, those above the diagonal twice.
func (p *grams[T]) Part(a int) {
	ofX := gramColumn(p.x, a)
	ofY := ofX
	if !same(p.x, p.y) {
		ofY = gramColumn(p.y, a)
	}
	var sum twofold.Sum
	for b, g := range ofX {
		twice := 2.
		if b == a {
			twice = 1
		}
		h := ofY[b]
		sum.AddProduct(twice*g.High, h.High)
		sum.AddProduct(twice*g.High, h.Low)
		sum.AddProduct(twice*g.Low, h.High)
	}
	p.sums[a] = sum
}

// gramRows is the rows that are summed in one go, which keeps the roundings of long sums few.
const gramRows = 4096

// gramColumn is column a of XᵀX down to the diagonal.
func gramColumn(x blas.General[float64], a int) []twofold.Sum {
	total, sums := make([]twofold.Sum, a+1), make([]twofold.Sum, a+1)
	for i0 := 0; i0 < x.Rows; i0 += gramRows {
		clear(sums)
		for i := i0; i < min(i0+gramRows, x.Rows); i++ {
			row := x.Row(i)[:a+1]
			for b, v := range row {
				sums[b].AddProduct(row[a], v)
			}
		}
		for b, s := range sums {
			total[b].AddSum(s)
		}
	}
	return total
}

package lowrank

import (
	"fmt"
	"math"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers/operator"
)

// input is a matrix as it was given, looked through: its largest element decides the unit,
// a power of two near √max|a_ij| where numbers are so far from 1 that their squares might
// leave the range of float64, else 1. The run is that of the matrix divided by unit², and
// its factors are those in units of unit: exact, and the same run.
type input struct {
	top  float64 // max|a_ij| in these units
	unit float64
}

// look takes the rows of a matrix, or of its transpose, of which row(i) is a stretch that
// begins in column from(i).
func look(name string, rows int, row func(i int) []float64, from func(i int) int, transposed bool) (input, error) {
	var top float64
	for i := range rows {
		for j, v := range row(i) {
			if v-v != 0 {
				at, column := i, from(i)+j
				if transposed {
					at, column = column, at
				}
				return input{}, notFinite(name, v, at, column)
			}
			top = max(top, math.Abs(v))
		}
	}
	return inputOf(top), nil
}

func notFinite(name string, v float64, row, column int) error {
	return fmt.Errorf("lowrank: %s has %g at row %d, column %d, counted from 0; its elements must be finite", name, v, row, column)
}

// farExponent is that of numbers whose fourth powers, summed, stay well within the range.
const farExponent = 200

func inputOf(top float64) input {
	if top == 0 {
		return input{unit: 1}
	}
	exponent := math.Ilogb(top)
	if exponent >= -farExponent && exponent <= farExponent {
		return input{top: top, unit: 1}
	}
	unit := math.Ldexp(1, exponent/2)
	return input{top: top / unit / unit, unit: unit}
}

// step is η in the units of the run. What leaves the range there is its nearest number, which
// moves no iterate or makes it diverge just so.
func (in input) step(eta float64) float64 {
	if eta == 0 {
		return 0
	}
	return min(max(eta*in.unit*in.unit, math.SmallestNonzeroFloat64), math.MaxFloat64)
}

// scaled is row, which writes elements, in the units of the run.
func (in input) scaled(row func(i int, dst []float64)) func(i int, dst []float64) {
	if in.unit == 1 {
		return row
	}
	return func(i int, dst []float64) {
		row(i, dst)
		for j := range dst {
			dst[j] = dst[j] / in.unit / in.unit
		}
	}
}

// symmetricInput is Σ, and how a backend holds it: as its diagonal, as the elements of a
// narrow band, or as a triangle.
func symmetricInput(sigma mat.Symmetric) (input, func(b *blas.Backend) operator.Operator[float64], error) {
	const name = "Σ"
	d := sigma.SymmetricDim()
	if d == 0 {
		return input{}, nil, fmt.Errorf("lowrank: Σ is 0×0; it must have an element")
	}
	if diagonal, ok := sigma.(mat.Diagonal); ok {
		lambda := make([]float64, d)
		for i := range lambda {
			lambda[i] = diagonal.At(i, i)
		}
		in, err := look(name, d, func(i int) []float64 { return lambda[i : i+1] }, func(i int) int { return i }, false)
		return in, func(b *blas.Backend) operator.Operator[float64] {
			in.scaled(func(int, []float64) {})(0, lambda)
			return operator.NewDiagonal(b, lambda)
		}, err
	}
	if banded, ok := sigma.(mat.SymBanded); ok {
		if _, k := banded.SymBand(); narrow(d, k) {
			return bandInput(name, sigma, d, k)
		}
	}
	raw, ok := sigma.(mat.RawSymmetricer)
	if !ok {
		dense := mat.NewSymDense(d, nil)
		dense.CopySym(sigma)
		raw = dense
	}
	t := raw.RawSymmetric()
	stored, from := func(i int) []float64 { return t.Data[i*t.Stride+i : i*t.Stride+d] }, func(i int) int { return i }
	if t.Uplo == gblas.Lower { // gonum's own types store the upper triangle
		stored, from = func(i int) []float64 { return t.Data[i*t.Stride : i*t.Stride+i+1] }, func(int) int { return 0 }
	}
	in, err := look(name, d, stored, from, false)
	return in, func(b *blas.Backend) operator.Operator[float64] {
		return operator.NewDense(b, d, in.scaled(blas.Triangle[float64](t).Row))
	}, err
}

// narrow says whether a band with k diagonals above the main one is read faster by its
// elements than as a dense triangle, of which a product reads d²/2 numbers in a row.
func narrow(d, k int) bool { return 8*(2*k+1) <= d }

// bandInput is Σ by the elements of its band.
func bandInput(name string, sigma mat.Symmetric, d, k int) (input, func(b *blas.Backend) operator.Operator[float64], error) {
	var row, col []int
	var value []float64
	start := make([]int, d+1)
	from := func(i int) int { return max(i-k, 0) }
	for i := range d {
		for j := from(i); j <= min(i+k, d-1); j++ {
			row, col, value = append(row, i), append(col, j), append(value, sigma.At(i, j))
		}
		start[i+1] = len(value)
	}
	in, err := look(name, d, func(i int) []float64 { return value[start[i]:start[i+1]] }, from, false)
	return in, func(b *blas.Backend) operator.Operator[float64] {
		in.scaled(func(int, []float64) {})(0, value)
		return operator.NewSparseSymmetric(b, d, row, col, value)
	}, err
}

// rectangularInput is A, and how a backend holds it.
func rectangularInput(a mat.Matrix) (input, func(b *blas.Backend) operator.Rectangular[float64], error) {
	m, n := a.Dims()
	if m == 0 || n == 0 {
		return input{}, nil, fmt.Errorf("lowrank: A is %d×%d; it must have an element", m, n)
	}
	raw, transposed := rawOf(a)
	in, err := look("A", raw.Rows, func(i int) []float64 { return raw.Data[i*raw.Stride : i*raw.Stride+raw.Cols] }, func(int) int { return 0 }, transposed)
	row := func(i int, dst []float64) { copy(dst, raw.Data[i*raw.Stride:]) }
	if transposed {
		row = func(i int, dst []float64) {
			for j := range dst {
				dst[j] = raw.Data[j*raw.Stride+i]
			}
		}
	}
	return in, func(b *blas.Backend) operator.Rectangular[float64] {
		return operator.NewDenseRectangular(b, m, n, in.scaled(row))
	}, err
}

// rawOf is the storage of a, or of its transpose: its own where it has such, else that of
// a copy.
func rawOf(a mat.Matrix) (raw blas64.General, transposed bool) {
	if dense, ok := a.(mat.RawMatrixer); ok {
		return dense.RawMatrix(), false
	}
	if t, ok := a.(mat.Untransposer); ok {
		if dense, ok := t.Untranspose().(mat.RawMatrixer); ok {
			return dense.RawMatrix(), true
		}
	}
	return mat.DenseCopyOf(a).RawMatrix(), false
}

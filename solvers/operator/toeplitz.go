package operator

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

// Toeplitz is the symmetric matrix Σ with σ_ij = c_|i−j|, the covariance of a stationary
// series: its first column c says it all.
//
// A product takes O(d log d) operations a column. Σ is the leading d×d block of a
// symmetric circulant matrix of order n ≥ 2d − 1, with the first column (c_0, …, c_{d−1}, 0, …,
// 0, c_{d−1}, …, c_1), and a circulant matrix is diagonal in the discrete Fourier basis: a
// column of Σx is the beginning of F⁻¹(Fc ∘ Fx), x filled up with zeros (Golub and Van Loan,
// Matrix Computations, 4th ed., 4.8.2). Fc is real. The error of an element is a few
// rounding errors of float64 times log n, relative to ‖c‖₁·‖x‖₂, not to the element;
// with elements of float32 the transforms are those of float64.
type Toeplitz[T blas.Float] struct {
	backend *blas.Backend
	column  []T
	n       int       // order of the circulant matrix
	lambda  []float64 // its eigenvalues over n, the first n/2 + 1: the others mirror them
	columns toeplitzColumns[T]
}

// NewToeplitz keeps the first column, of at least one element.
func NewToeplitz[T blas.Float](b *blas.Backend, column []T) *Toeplitz[T] {
	d := len(column)
	if d < 1 {
		panic(badShape)
	}
	o := &Toeplitz[T]{backend: b, column: column, n: smooth(2*d - 1)}
	c := make([]float64, o.n)
	for i, v := range column {
		c[i] = float64(v)
		if i > 0 {
			c[o.n-i] = float64(v)
		}
	}
	for _, v := range fourier.NewFFT(o.n).Coefficients(nil, c) {
		o.lambda = append(o.lambda, real(v)/float64(o.n)) // the transform back is not scaled
	}
	return o
}

// smooth is the least number of at least n whose prime factors are 2, 3 and 5: of such
// lengths a transform is fast.
func smooth(n int) int {
	for ; ; n++ {
		rest := n
		for _, p := range []int{2, 3, 5} {
			for rest%p == 0 {
				rest /= p
			}
		}
		if rest == 1 {
			return n
		}
	}
}

func (o *Toeplitz[T]) Dim() int { return len(o.column) }

// Bytes is the eigenvalues of the circulant matrix.
func (o *Toeplitz[T]) Bytes() int64 { return 8 * int64(len(o.lambda)) }

// Held is these and the first column.
func (o *Toeplitz[T]) Held() int64 {
	return o.Bytes() + int64(len(o.column)*blas.SizeOf[T]())
}

// Flops is 5n·log₂n + 3n a column: two transforms of n real numbers, and the product.
func (o *Toeplitz[T]) Flops(r int) float64 { return ToeplitzFlops(o.Dim()) * float64(r) }

// ToeplitzFlops is what a product with a Toeplitz matrix of order d computes for a column.
func ToeplitzFlops(d int) float64 {
	n := float64(smooth(2*d - 1))
	return 5*n*math.Log2(n) + 3*n
}

// toeplitzColumns is a product under way: threads take its columns, each with a transform
// of its own.
type toeplitzColumns[T blas.Float] struct {
	o       *Toeplitz[T]
	dst, x  blas.General[T]
	workers []toeplitzWorker
}

type toeplitzWorker struct {
	fft    *fourier.FFT
	series []float64    // n
	coeff  []complex128 // n/2 + 1
}

func (o *Toeplitz[T]) Reserve(r int) {
	workers := min(max(o.backend.Threads, 1), max(r, 1))
	for len(o.columns.workers) < workers {
		o.columns.workers = append(o.columns.workers, toeplitzWorker{
			fourier.NewFFT(o.n), make([]float64, o.n), make([]complex128, o.n/2+1),
		})
	}
}

// Mul transforms each column on its own: the bits do not depend on the threads.
func (o *Toeplitz[T]) Mul(dst, x blas.General[T]) error {
	dst.Check(o.Dim(), x.Cols)
	x.Check(o.Dim(), x.Cols)
	o.Reserve(x.Cols)
	o.columns.o, o.columns.dst, o.columns.x = o, dst, x
	parts := min(len(o.columns.workers), x.Cols)
	parallel.Run(parts, parts, &o.columns)
	return nil
}

// Part makes the columns j = i, i + parts, ….
func (c *toeplitzColumns[T]) Part(i int) {
	w, d := &c.workers[i], c.o.Dim()
	for j := i; j < c.x.Cols; j += min(len(c.workers), c.x.Cols) {
		for k := range d {
			w.series[k] = float64(c.x.Data[k*c.x.Stride+j])
		}
		clear(w.series[d:])
		w.fft.Coefficients(w.coeff, w.series)
		for k, l := range c.o.lambda {
			w.coeff[k] *= complex(l, 0)
		}
		w.fft.Sequence(w.series, w.coeff)
		for k := range d {
			c.dst.Data[k*c.dst.Stride+j] = T(w.series[k])
		}
	}
}

// Distance takes XXᵀ from Σ in blocks of rows: O(d²r).
func (o *Toeplitz[T]) Distance(x blas.General[float64]) (distance, norm float64, err error) {
	distance, norm = lowerDistance(o.backend, x, func(i0, i1 int, s blas.General[float64]) {
		for i := i0; i < i1; i++ {
			to := s.Row(i - i0)
			for j := range i + 1 {
				to[j] = float64(o.column[i-j])
			}
		}
	})
	return distance, norm, nil
}

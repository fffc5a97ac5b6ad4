package operator

import (
	"math"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

// Entries are measurements of single elements, Z_ij for a list of places:
// matrix completion. The matrix A_i of a place off the diagonal is
// (e_ie_jᵀ + e_je_iᵀ)/2; as with every measurement 𝒜(Z) = (Z_ij)/√m. No n×n
// matrix is formed.
type Entries[T blas.Float] struct {
	backend  *blas.Backend
	n        int
	row, col []int32
	scale    T // 1/√m

	// The places that a row of the gradient takes part in: other is the row of
	// U that it adds, at the residual to multiply it with.
	start     []int
	other, at []int32

	// The pass under way.
	gradient    bool
	dst, u      blas.General[T]
	residual, y []T
}

// NewEntries measures the elements (row[e], col[e]), numbered from 0, of n×n
// matrices. There is at least one; n and their number are below 2³¹.
func NewEntries[T blas.Float](b *blas.Backend, n int, row, col []int) *Entries[T] {
	m := len(row)
	if n < 0 || m < 1 || len(col) != m || n > math.MaxInt32 || m > math.MaxInt32 {
		panic(badShape)
	}
	o := &Entries[T]{
		backend: b, n: n, row: make([]int32, m), col: make([]int32, m), scale: T(1 / math.Sqrt(float64(m))),
		start: make([]int, n+1), other: make([]int32, 2*m), at: make([]int32, 2*m),
	}
	for e, i := range row {
		j := col[e]
		if i < 0 || i >= n || j < 0 || j >= n {
			panic(badShape)
		}
		o.row[e], o.col[e] = int32(i), int32(j)
		o.start[i+1]++
		o.start[j+1]++ // a diagonal place counts twice, with half its weight
	}
	for i := range n {
		o.start[i+1] += o.start[i]
	}
	next := append([]int(nil), o.start...)
	for e, i := range row {
		for _, place := range [2][2]int{{i, col[e]}, {col[e], i}} {
			o.other[next[place[0]]], o.at[next[place[0]]] = int32(place[1]), int32(e)
			next[place[0]]++
		}
	}
	return o
}

func (o *Entries[T]) Dim() int   { return o.n }
func (o *Entries[T]) Count() int { return len(o.row) }

// Held is the places twice, and where the rows of the gradient begin.
func (o *Entries[T]) Held() int64 {
	return 4*int64(len(o.row)+len(o.col)+len(o.other)+len(o.at)) + 8*int64(len(o.start))
}

// Bytes is the places, which are held twice.
func (o *Entries[T]) Bytes() int64 { return int64(len(o.row)) * 3 * 8 }

// Flops is 6mr.
func (o *Entries[T]) Flops(r int) float64 { return 6 * float64(len(o.row)) * float64(r) }

func (o *Entries[T]) Reserve(int) {}

func (o *Entries[T]) Measure(dst []T, u blas.General[T]) error {
	o.check(len(dst), u)
	o.u, o.residual, o.y = u, dst, nil
	o.run(false)
	return nil
}

func (o *Entries[T]) Gradient(dst blas.General[T], residual []T, u blas.General[T], y []T) error {
	o.check(len(residual), u)
	o.check(len(y), u)
	dst.Check(o.n, u.Cols)
	o.dst, o.u, o.residual, o.y = dst, u, residual, y
	o.run(false)
	o.run(true)
	return nil
}

func (o *Entries[T]) check(m int, u blas.General[T]) {
	u.Check(o.n, u.Cols)
	if m != len(o.row) {
		panic(badShape)
	}
}

func (o *Entries[T]) run(gradient bool) {
	threads := o.backend.Threads
	if len(o.row)*o.u.Cols < sparseSerialBelow {
		threads = 1
	}
	o.gradient = gradient
	parallel.Run(threads, sparseParts, o)
}

// Part computes a stretch of residuals, or of rows of the gradient: each is
// computed alike wherever the cuts are.
func (o *Entries[T]) Part(part int) {
	if !o.gradient {
		m := len(o.row)
		for e := m * part / sparseParts; e < m*(part+1)/sparseParts; e++ {
			a, b := o.u.Row(int(o.row[e])), o.u.Row(int(o.col[e]))
			var s T
			for k, v := range a {
				s += v * b[k]
			}
			o.residual[e] = o.scale * s
			if o.y != nil {
				o.residual[e] -= o.y[e]
			}
		}
		return
	}
	half := o.scale / 2
	for i := o.n * part / sparseParts; i < o.n*(part+1)/sparseParts; i++ {
		to := o.dst.Row(i)
		clear(to)
		for p := o.start[i]; p < o.start[i+1]; p++ {
			w := half * o.residual[o.at[p]]
			for k, v := range o.u.Row(int(o.other[p])) {
				to[k] += w * v
			}
		}
	}
}

// Adjoint is sparse: v_e/√m at place e, half of it on either side of the
// diagonal.
func (o *Entries[T]) Adjoint(v []T) (Operator[T], error) {
	if len(v) != len(o.row) {
		panic(badShape)
	}
	row, col, value := make([]int, 0, 2*len(v)), make([]int, 0, 2*len(v)), make([]T, 0, 2*len(v))
	for e, w := range v {
		i, j := int(o.row[e]), int(o.col[e])
		row, col = append(row, i, j), append(col, j, i)
		value = append(value, o.scale*w/2, o.scale*w/2)
	}
	return NewSparseSymmetric(o.backend, o.n, row, col, value), nil
}

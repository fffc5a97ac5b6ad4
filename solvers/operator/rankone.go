package operator

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// RankOne are measurements with the matrices A_i = a_ia_iᵀ, known by their
// vectors: 𝒜(UUᵀ)_i = ‖Uᵀa_i‖²/√m. No n×n matrix is formed.
type RankOne[T blas.Float] struct {
	blas.Routines[T]
	backend *blas.Backend
	a       blas.General[T] // a_i as rows
	scale   T               // 1/√m
	rows    int             // of a that a pass takes at a time
	part    blas.General[T] // a·U of those rows
}

// NewRankOne keeps a, m×n with m ≥ 1, whose rows are the a_i.
func NewRankOne[T blas.Float](b *blas.Backend, a blas.General[T]) *RankOne[T] {
	a.Check(a.Rows, a.Cols)
	if a.Rows < 1 {
		panic(badShape)
	}
	rows := min(max(gramBlockBytes/(max(a.Cols, 1)*blas.SizeOf[T]()), 64), a.Rows)
	return &RankOne[T]{
		Routines: blas.RoutinesOf[T](b.BLAS), backend: b, a: a, rows: rows,
		scale: T(1 / math.Sqrt(float64(a.Rows))),
	}
}

func (o *RankOne[T]) Dim() int   { return o.a.Cols }
func (o *RankOne[T]) Count() int { return o.a.Rows }

// Bytes is one reading of the vectors.
func (o *RankOne[T]) Bytes() int64 {
	return int64(o.a.Rows) * int64(o.a.Cols) * int64(blas.SizeOf[T]())
}

func (o *RankOne[T]) Held() int64 { return o.Bytes() }

// Flops is 4mnr.
func (o *RankOne[T]) Flops(r int) float64 {
	return 4 * float64(o.a.Rows) * float64(o.a.Cols) * float64(r)
}

func (o *RankOne[T]) Reserve(r int) {
	if o.part.Cols != r {
		o.part = blas.NewGeneral[T](o.rows, r)
	}
}

func (o *RankOne[T]) Measure(dst []T, u blas.General[T]) error {
	return o.pass(blas.General[T]{}, dst, u, nil)
}

func (o *RankOne[T]) Gradient(dst blas.General[T], residual []T, u blas.General[T], y []T) error {
	dst.Check(o.Dim(), u.Cols)
	if len(y) != o.Count() {
		panic(badShape)
	}
	return o.pass(dst, residual, u, y)
}

// pass goes over blocks of vectors; the second product finds the block in
// cache. Without y it only measures.
func (o *RankOne[T]) pass(dst blas.General[T], out []T, u blas.General[T], y []T) error {
	m, n, r := o.a.Rows, o.a.Cols, u.Cols
	u.Check(n, r)
	if len(out) != m {
		panic(badShape)
	}
	o.Reserve(r)
	beta := T(0)
	for i0 := 0; i0 < m; i0 += o.rows {
		i1 := min(i0+o.rows, m)
		a := o.a.RowsOf(i0, i1)
		o.Gemm(gblas.NoTrans, gblas.NoTrans, a.Rows, r, n, 1, a.Data, a.Stride, u.Data, u.Stride, 0, o.part.Data, o.part.Stride)
		for i := i0; i < i1; i++ {
			row := o.part.Row(i - i0)
			var s T
			for _, v := range row {
				s += v * v
			}
			out[i] = o.scale * s
			if y == nil {
				continue
			}
			out[i] -= y[i]
			for j := range row {
				row[j] *= out[i]
			}
		}
		if y != nil {
			o.Gemm(gblas.Trans, gblas.NoTrans, n, r, a.Rows, o.scale, a.Data, a.Stride, o.part.Data, o.part.Stride, beta, dst.Data, dst.Stride)
			beta = 1
		}
	}
	return nil
}

// Adjoint is aᵀ·diag(v/√m)·a.
func (o *RankOne[T]) Adjoint(v []T) (Operator[T], error) {
	if len(v) != o.Count() {
		panic(badShape)
	}
	weights, u := make([]T, len(v)), blas.NewGeneral[T](o.a.Cols, o.a.Rows)
	for i, w := range v {
		weights[i] = o.scale * w
		for j, x := range o.a.Row(i) {
			u.Row(j)[i] = x
		}
	}
	return NewLowRank(o.backend, u, weights), nil
}

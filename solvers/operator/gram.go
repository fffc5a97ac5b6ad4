package operator

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// Gram is Σ = ZᵀZ/n for a data matrix Z of n observations in d variables. Σ is
// never formed.
type Gram[T blas.Float] struct {
	blas.Routines[T]
	backend *blas.Backend
	z       blas.General[T]
	rows    int             // of Z that a pass takes at a time
	part    blas.General[T] // Z_block·x
}

// gramBlockBytes is how much of Z a pass takes at a time: enough rows for the
// threads of both products, few enough to stay in the last cache between them.
const gramBlockBytes = 4 << 20

// NewGram keeps z, n×d with n ≥ 1.
func NewGram[T blas.Float](b *blas.Backend, z blas.General[T]) *Gram[T] {
	z.Check(z.Rows, z.Cols)
	if z.Rows < 1 {
		panic(badShape)
	}
	rows := min(max(gramBlockBytes/(max(z.Cols, 1)*blas.SizeOf[T]()), 64), z.Rows)
	return &Gram[T]{Routines: blas.RoutinesOf[T](b.BLAS), backend: b, z: z, rows: rows}
}

func (o *Gram[T]) Dim() int { return o.z.Cols }

// RankBound is that of the rank: n.
func (o *Gram[T]) RankBound() int { return o.z.Rows }

// Bytes is one reading of Z.
func (o *Gram[T]) Bytes() int64 { return int64(o.z.Rows) * int64(o.z.Cols) * int64(blas.SizeOf[T]()) }

func (o *Gram[T]) Held() int64 { return o.Bytes() }

// Flops is 4ndr.
func (o *Gram[T]) Flops(r int) float64 {
	return 4 * float64(o.z.Rows) * float64(o.z.Cols) * float64(r)
}

func (o *Gram[T]) Reserve(r int) {
	if o.part.Cols != r {
		o.part = blas.NewGeneral[T](o.rows, r)
	}
}

// Mul adds Z_bᵀ(Z_b·x)/n over blocks of rows of Z: the second product finds
// the block in cache.
func (o *Gram[T]) Mul(dst, x blas.General[T]) error {
	d, n, r := o.z.Cols, o.z.Rows, x.Cols
	o.Reserve(r)
	x.Check(d, r)
	dst.Check(d, r)
	scale, beta := 1/T(n), T(0)
	for i0 := 0; i0 < n; i0 += o.rows {
		z := o.z.RowsOf(i0, min(i0+o.rows, n))
		o.Gemm(gblas.NoTrans, gblas.NoTrans, z.Rows, r, d, 1, z.Data, z.Stride, x.Data, x.Stride, 0, o.part.Data, o.part.Stride)
		o.Gemm(gblas.Trans, gblas.NoTrans, d, r, z.Rows, scale, z.Data, z.Stride, o.part.Data, o.part.Stride, beta, dst.Data, dst.Stride)
		beta = 1
	}
	return nil
}

// Distance forms Σ in blocks of rows and takes XXᵀ from it element by element,
// nd² multiplications; few observations make Σ a low-rank matrix.
func (o *Gram[T]) Distance(x blas.General[float64]) (distance, norm float64, err error) {
	scale := 1 / float64(o.z.Rows)
	if 4*(o.z.Rows+x.Cols) <= o.z.Cols {
		u, lambda := blas.NewGeneral[T](o.z.Cols, o.z.Rows), make([]T, o.z.Rows)
		for i := range o.z.Rows {
			lambda[i] = T(scale)
			for j, v := range o.z.Row(i) {
				u.Row(j)[i] = v
			}
		}
		return NewLowRank(o.backend, u, lambda).Distance(x)
	}
	z, ok := any(o.z).(blas.General[float64])
	if !ok {
		z = blas.Convert[float64](o.z)
	}
	distance, norm = lowerDistance(o.backend, x, func(i0, i1 int, s blas.General[float64]) {
		o.backend.BLAS.Dgemm(gblas.Trans, gblas.NoTrans, i1-i0, i1, z.Rows, scale, z.Data[i0:], z.Stride, z.Data, z.Stride, 0, s.Data, s.Stride)
	})
	return distance, norm, nil
}

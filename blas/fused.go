package blas

import "lowrank/kernel"

// Fused are the passes of gradient-descent matrix factorization. A backend may
// implement them with kernels that read their data once; otherwise they are
// composed from its BLAS routines. Both are the same computation up to the
// order of sums, and tests hold them together.
//
// The objects that these methods return own their scratch memory: their
// methods allocate nothing, and serve one caller at a time.
type Fused[T Float] interface {
	// NewSymmetric stores the symmetric n×n matrix whose lower triangle row
	// delivers: row(i, dst) sets dst[j] = a_ij for j ≤ i, where len(dst) is
	// i+1. It may be called from several goroutines at once.
	NewSymmetric(n int, row func(i int, dst []T)) Symmetric[T]
	// NewRounded is NewSymmetric with elements held as float32 and used as T:
	// half the memory and half the bytes of a product when T is float64.
	NewRounded(n int, row func(i int, dst []float32)) Symmetric[T]
	// NewSweep prepares sweeps over d×r matrices.
	NewSweep(d, r int) Sweep[T]
	// NewRectangular stores the m×n matrix whose rows row delivers: it sets
	// dst[j] = a_ij for j < n. It may be called from several goroutines at once.
	NewRectangular(m, n int, row func(i int, dst []T)) Rectangular[T]
	// NewMeasurements stores count symmetric n×n matrices, each as the rows of
	// its lower triangle, n(n+1)/2 elements, that fill delivers. It may be
	// called from several goroutines at once.
	NewMeasurements(n, count int, fill func(i int, dst []T)) Measurements[T]
	// NewRoundedMeasurements is NewMeasurements with elements rounded to a
	// narrower type, held so, and used as T.
	NewRoundedMeasurements(n, count int, as Storage, fill func(i int, dst []T)) Measurements[T]
}

// Storage is a type in which elements are held.
type Storage int

const (
	AsFloat32  Storage = iota // 4 bytes
	AsBFloat16                // 2 bytes: the upper half of a float32
)

// Round is the nearest number of the type.
func (s Storage) Round(x float64) float64 {
	if s == AsBFloat16 {
		return float64(kernel.BF16(kernel.RoundBF16(x)))
	}
	return float64(float32(x))
}

// Symmetric is a symmetric matrix in the storage its backend likes best.
type Symmetric[T Float] interface {
	Dim() int
	// Bytes is what one product reads of the matrix.
	Bytes() int64
	// Row sets dst[j] = a_ij for j ≤ i.
	Row(i int, dst []T)
	// NewProduct prepares products with matrices of r columns.
	NewProduct(r int) Product[T]
	// NewProducts prepares products with several matrices at a time, the i-th of
	// r[i] columns.
	NewProducts(r []int) Products[T]
}

// Products multiplies a symmetric matrix A with several thin matrices. Each
// result has the bits of its own Product; native reads A once for all.
type Products[T Float] interface {
	// Mul sets dst[i] = A·x[i]. No operands may overlap.
	Mul(dst, x []General[T])
}

// Product multiplies a symmetric matrix A with thin matrices.
type Product[T Float] interface {
	// Mul sets dst = A·x. Both are Dim()×r and must not overlap.
	Mul(dst, x General[T])
}

// Rectangular is an m×n matrix A in the storage its backend likes best.
type Rectangular[T Float] interface {
	Dims() (m, n int)
	// Bytes is what one pass reads of the matrix.
	Bytes() int64
	// Row sets dst[j] = a_ij for j < n.
	Row(i int, dst []T)
	// NewPair prepares passes with factors of k columns.
	NewPair(k int) Pair[T]
	// NewPairs prepares passes with several pairs of factors at a time, the i-th
	// of k[i] columns.
	NewPairs(k []int) Pairs[T]
}

// Pairs makes the passes of several pairs of factors together. Each result has
// the bits of its own Pair; native reads A once for all.
type Pairs[T Float] interface {
	// Mul is Pair.Mul for every pair.
	Mul(ay, atx, x, y []General[T])
	// Alternate is Pair.Alternate for every pair; norms[i] are those of the i-th.
	Alternate(eta []T, next, atx, x, y []General[T], g, gnext [][]T, norms []Norms)
}

// Pair makes the passes of gradient descent on ½‖XYᵀ − A‖², A an m×n matrix, X
// m×k and Y n×k: each reads A once. Operands must not overlap.
type Pair[T Float] interface {
	// Mul sets ay = A·y and atx = Aᵀ·x.
	Mul(ay, atx, x, y General[T])
	// Alternate sets next = X + η(AY − XG) with the Gram matrix G = YᵀY, gnext
	// to the Gram matrix of next, and atx = Aᵀ·next. x stays as it was. The
	// norms are those of AY − XG and of AY.
	Alternate(eta T, next, atx, x, y General[T], g, gnext []T) Norms
}

// Measurements are symmetric n×n matrices A_1 … A_m.
type Measurements[T Float] interface {
	Dim() int   // n
	Count() int // m
	// Bytes is what one pass reads of the matrices.
	Bytes() int64
	// Matrix sets dst to the rows of the lower triangle of A_i.
	Matrix(i int, dst []T)
	// Apply sets dst_i = ⟨A_i, Z⟩ for a symmetric Z, of which the lower triangle
	// is read.
	Apply(dst []T, z General[T])
	// Adjoint sets dst = Σ v_i A_i.
	Adjoint(dst General[T], v []T)
	// Normal sets residual_i = s·⟨A_i, Z⟩ − y_i and dst = Σ residual_i A_i from
	// one reading of the matrices.
	Normal(dst General[T], residual []T, s T, z General[T], y []T)
	// NewNormals prepares Normal for several Z at a time.
	NewNormals(count int) Normals[T]
}

// Normals is Measurements.Normal for several Z. Each result has the bits that
// it has alone; native reads the matrices once for all.
type Normals[T Float] interface {
	Normal(dst []General[T], residual [][]T, s T, z []General[T], y []T)
}

// Sweep goes over the rows of a d×r matrix X once. G stands for the r×r Gram
// matrix XᵀX, row-major without gaps, both triangles filled.
type Sweep[T Float] interface {
	// Gram sets g = XᵀX.
	Gram(x General[T], g []T)
	// Update writes the next iterate X + η(Y − XG) over y, then sets g to its
	// Gram matrix. x stays as it was.
	Update(eta T, x, y General[T], g []T) Norms
	// Diagonal is Update for Y = diag(λ)·X in a single sweep: the next iterate
	// is written over x.
	Diagonal(eta T, lambda []T, x General[T], g []T) Norms
}

// Norms are squared Frobenius norms at the iterate a sweep started from.
type Norms struct {
	Gradient float64 // ‖Y − XG‖²: the gradient of ¼‖Σ − XXᵀ‖², squared
	Product  float64 // ‖Y‖², Y = ΣX
}

// Fuser is implemented by a BLAS that has fused passes of its own.
type Fuser interface {
	Fused64() Fused[float64]
	Fused32() Fused[float32]
}

package blas

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
	// NewSweep prepares sweeps over d×r matrices.
	NewSweep(d, r int) Sweep[T]
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
}

// Product multiplies a symmetric matrix A with thin matrices.
type Product[T Float] interface {
	// Mul sets dst = A·x. Both are Dim()×r and must not overlap.
	Mul(dst, x General[T])
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

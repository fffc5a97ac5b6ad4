package kernel

// Float is an element type that the kernels serve.
type Float interface{ float32 | float64 }

// Stored is an element type that matrices may be held in: that of the arithmetic,
// or a narrower one. A uint16 is a bfloat16, the upper half of a float32.
type Stored interface{ Float | uint16 }

// Numbers are the sizes that a row's kernels were written for.
type Numbers struct {
	MR, NR int // height and width of the tile of C that Gemm updates; MR divides RowUnit
	KC     int // depth of the panels that Gemm reads in one call
	Tile   int // side of the tiles in which half of Σ is stored: a multiple of RowUnit and Lanes
	Lanes  int // elements of a vector, a power of two
}

// RowUnit divides the number of rows that the two-sided kernels are given.
const RowUnit = 12

// MaxColumns is the largest number of columns that Columns has a kernel for.
const MaxColumns = 4

// Kernels are the micro-kernels of one row for one element type, with the
// numbers that belong to them. The generic functions of this package say what
// each must compute.
type Kernels[T Float] struct {
	Numbers

	// Gemm[h−1] performs C += A·B on the h×NR tile of C whose rows are ldc
	// apart; there are MR of them. Element (i, p) of A is a[i·rs+p·cs], row p of
	// B starts at b[p·ldb].
	Gemm []func(k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int)
	// Edge is Gemm for the first w columns of the tile, 0 < w < NR. It touches no
	// others of B and C.
	Edge []func(k, w int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int)
	// Strips is Gemm of height MR for several strips of A, a step apart, and as
	// many tiles of C, stepC apart. Eight strips prefetch the k·NR elements from
	// next on: the panel of B that is used next, when it is packed.
	Strips func(strips, k int, a []T, rs, cs, step int, b []T, ldb int, c []T, ldc, stepC int, next []T)

	// Interleave[0] and [1] pack two and four rows of k elements, rs apart, side
	// by side: column p of them goes to to[p·width]. k is a multiple of 4.
	Interleave [2]func(k int, a []T, rs int, to []T, width int)
	// Gather[0] and [1] pack k rows of MR and of NR elements, lda apart, one
	// behind the other.
	Gather [2]func(k int, a []T, lda int, to []T)

	// Columns[w−1] and Panel are the two-sided product Y_i += A·X_j,
	// Y_j += Aᵀ·X_i with one reading of A, m×n, m a multiple of RowUnit and n
	// of Lanes. Columns takes w columns of X, each a vector: column c of X_i
	// starts at xi[c·ldi], of X_j at xj[c·ldj], those of Y likewise. Panel[0]
	// takes Lanes columns, Panel[1] NR, held row by row without gaps.
	//
	// X_i and X_j may be the same, Y_i and Y_j too. What lies next elements
	// behind A, of the same shape, is prefetched: the tile that is read next.
	Columns [MaxColumns]func(m, n int, a []T, lda, next int, xi, yi []T, ldi int, xj, yj []T, ldj int)
	Panel   [2]func(m, n int, a []T, lda, next int, xi, yi, xj, yj []T)

	// Forward[w−1] and Adjoint[w−1] form one product of Columns alone,
	// PanelForward and PanelAdjoint one of Panel.
	Forward [MaxColumns]func(m, n int, a []T, lda, next int, yi []T, ldi int, xj []T, ldj int)
	Adjoint [MaxColumns]func(m, n int, a []T, lda, next int, xi []T, ldi int, yj []T, ldj int)

	PanelForward [2]func(m, n int, a []T, lda, next int, yi, xj []T)
	PanelAdjoint [2]func(m, n int, a []T, lda, next int, xi, yj []T)

	// Update[r−1] and Diagonal[r−1] make a step on groups·2·Lanes/r rows of r ≤ 2
	// columns without gaps: with δ = y − xG, x + ηδ is written over y; Diagonal
	// forms y = λ_i x_i on the way and writes over x. They set sums to Σ‖δ‖²,
	// Σ‖y‖² and the new rows' Gram matrix: g00, and for r = 2 g11 and g10.
	Update, Diagonal [2]func(groups int, eta T, lambda, x, y, g, sums []T)
	// Finish sets out = x + ηδ and returns Σδ². n is a multiple of Lanes.
	Finish func(n int, eta T, x, delta, out []T) T
	// ScaleRows sets row i of y to λ_i times that of x: m rows of n elements
	// without gaps, n a multiple of Lanes.
	ScaleRows func(m, n int, lambda, x, y []T)

	// Vectors of n elements, n a multiple of Lanes.
	Dot  func(n int, x, y []T) T
	Asum func(n int, x []T) T           // Σ|x_i|
	Axpy func(n int, alpha T, x, y []T) // y += αx
	Scal func(n int, alpha T, x []T)    // x ← αx
	// Dots adds the products of four rows of A with x to out[0] … out[3].
	Dots func(n int, a []T, lda int, x, out []T)
	// Combine adds Σ c_i a_i over four rows of A to y.
	Combine func(n int, a []T, lda int, c, y []T)
	// Normal is Dots on four rows of A and Combine on four rows of B together.
	Normal func(n int, a []T, lda int, x, out, b []T, ldb int, c, y []T)
	// Normal2 is Normal for two x and two y with one reading of A and B, each with
	// the bits of its own.
	Normal2 func(n int, a []T, lda int, b []T, ldb int, x1, out1, c1, y1, x2, out2, c2, y2 []T)

	// Peak does rounds of PeakChains independent multiply-adds on vectors.
	Peak func(rounds int)
	// Read lists loops that sum a slice of a multiple of 1024 elements, in one or
	// several streams: little more than reading it.
	Read []func(a []T) T
}

// PeakChains is the number of multiply-adds on vectors in a round of Peak.
const PeakChains = 12

// Narrow are Dots, Combine, Normal and Normal2 of Kernels for matrices held as S under
// arithmetic in T. Elements are widened as they are loaded, which is exact, and
// the results are those of the same row's Kernels[T] on the widened matrices,
// bit for bit. n is a multiple of the Lanes of Kernels[T].
type Narrow[S Stored, T Float] struct {
	Dots    func(n int, a []S, lda int, x, out []T)
	Combine func(n int, a []S, lda int, c, y []T)
	Normal  func(n int, a []S, lda int, x, out []T, b []S, ldb int, c, y []T)
	Normal2 func(n int, a []S, lda int, b []S, ldb int, x1, out1, c1, y1, x2, out2, c2, y2 []T)
}

// Row is one instruction-set row: the same kernels written for one kind of
// processor.
type Row struct {
	Name string // generic, avx2, avx512 or neon
	F64  Kernels[float64]
	F32  Kernels[float32]
	// Widen converts n elements, a multiple of 4·F64.Lanes.
	Widen func(n int, x []float32, to []float64)
	// Rounded is F64.Columns for A held as float32.
	Rounded [MaxColumns]func(m, n int, a []float32, lda, next int, xi, yi []float64, ldi int, xj, yj []float64, ldj int)
	// Measurement matrices as float32 or bfloat16 under float64, as bfloat16
	// under float32.
	F32in64  Narrow[float32, float64]
	BF16in64 Narrow[uint16, float64]
	BF16in32 Narrow[uint16, float32]
}

// KernelsOf returns the kernels of the row for element type T.
func KernelsOf[T Float](r Row) Kernels[T] {
	var zero T
	switch any(zero).(type) {
	case float32:
		return any(r.F32).(Kernels[T])
	default:
		return any(r.F64).(Kernels[T])
	}
}

// NarrowOf returns the row's kernels for matrices held as S under arithmetic in
// T; for S = T they are those of Kernels[T]. It panics where S is wider than T.
func NarrowOf[S Stored, T Float](r Row) Narrow[S, T] {
	for _, n := range []any{
		r.F32in64, r.BF16in64, r.BF16in32,
		Narrow[float64, float64]{r.F64.Dots, r.F64.Combine, r.F64.Normal, r.F64.Normal2},
		Narrow[float32, float32]{r.F32.Dots, r.F32.Combine, r.F32.Normal, r.F32.Normal2},
	} {
		if n, ok := n.(Narrow[S, T]); ok {
			return n
		}
	}
	panic("kernel: matrices are not stored wider than the arithmetic")
}

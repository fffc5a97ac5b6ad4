package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/kernel"
)

// way is how a product of the GEMM family is made.
type way uint8

const (
	onlyScaled       way = iota // C ← βC: nothing is added            call.go
	plainLoops                  // loops in Go                         small.go
	inPlace                     // the kernel on A and B as they lie   small.go
	alone                       // packed, on its caller               small.go
	vectorsByRows               // M·V, parts are rows of M            skinny.go
	vectorsByColumns            // MᵀV, parts are columns of M         skinny.go
	vectorsBySums               // M·V, parts are stretches of sums    skinny.go
	sumsCut                     // parts are stretches of sums         stretches.go
	fiveLoops                   // parts are blocks of C               gemm.go
)

var wayNames = [...]string{
	"scaled", "plain loops", "in place", "alone", "vectors by rows", "vectors by columns", "vectors by sums", "sums cut", "five loops",
}

func (w way) String() string { return wayNames[w] }

// choose says which way a product goes: the first that fits. It follows the shape, the
// strides and α, never the number of threads or the caches, so that the order of every
// sum is the same everywhere.
func (p *call[T]) choose() way {
	size := float64(p.m) * float64(p.n) * float64(p.k)
	switch {
	case p.alpha == 0 || p.k == 0:
		return onlyScaled
	case p.asStored && p.alpha == 1 && size <= smallBelow:
		return chooseSmall(p.n, p.k, p.a.cs)
	case p.isSkinny():
		large, _ := p.largeAndSmall()
		switch {
		case transposed(large):
			return vectorsByColumns
		case p.longSums():
			return vectorsBySums
		}
		return vectorsByRows
	case size <= smallBelow:
		return alone
	case p.m*p.n <= stretchedBelow && p.k >= stretchedFrom:
		return sumsCut
	}
	return fiveLoops
}

// chooseSmall says which way a small product AB goes, whose rows of A have elements cs apart.
func chooseSmall(n, k, cs int) way {
	if n <= narrowMost && k <= narrowMost && cs == 1 {
		return plainLoops
	}
	return inPlace
}

// The thresholds of this version, of all products, with what was measured where they were
// set: a commit's message, or docs/shapes.md (float64, 2 threads of a Zen 3). A comment
// "chosen" means that no measurement of it alone is on record. They belong to the version:
// results depend on them. `go test -run Calibrate -calibrate` measures both sides of each
// again, and changes none.
const (
	// Products of matrices.

	// Multiply-adds up to which a product has one part. Chosen. With nothing set up, NN 2³
	// took 60 ns instead of 178, 10³ 213 instead of 464 (commit 887a647).
	smallBelow = 48 * 48 * 48
	// Columns, and terms of the sums, up to which loops in Go are faster than a call of a
	// kernel for six rows: NN 4000×2×2 20 µs instead of 52 (commit 3d2b379).
	narrowMost = 2
	// Multiply-adds below which one thread is faster than two: a few calls to the pool of
	// 2 µs each against 0.1 ns each. Of level 1 and 2 and of the fused passes too.
	serialBelow = 1 << 17
	// Elements of C up to which sums are cut, and terms from which they are, where blocks of
	// C are too few to share. Chosen.
	stretchedBelow = 128 * 128
	stretchedFrom  = 2048
	// Terms of a stretch, and the most stretches. Their number is a multiple of four: with
	// three, one of two threads waited for the third, and 64×64×4000 took 605 µs instead of
	// 472 (commit bbda385).
	stretchLength = 1024
	mostStretches = 16
	// Blocks of MC rows up to which each part of the five loops packs B itself. Chosen. All
	// parts sum in one order either way, so that this may follow the caches.
	ownBlocks = 2
	// Panels of A up to which B is used where it lies, if it has at most so many bytes, and
	// panels of B up to which A is. Chosen.
	directRows  = 16
	directBytes = 128 << 10
	directCols  = 16

	// Products of a large matrix M with a few vectors: 1×4000×4000 took 6 ms instead of 19
	// by cut sums (commit d7cfca3); d = 200 000, 36 rows, 3 vectors 1.20 ms instead of 2.69,
	// 9 vectors 3.25 instead of 3.67 (commit 067a5c1).

	skinnyFrom = 64 * 64 // elements of M. Chosen
	skinnyFew  = 64      // rows of an M of which a block is read several times. Chosen
	// Vectors that such an M is multiplied with. Tall results of more than four go the
	// general way, where 12×8 with sums of 5000 took 21 µs instead of 107 (commit 6676d37).
	skinnyMost = 12
	// Results that are long against the sums: at least columnUnit of them, and sums of at
	// most so many times as many terms; from there on the sums are long. Chosen.
	skinnyRatio = 16
	// Rows of M that are so many times longer than M is high, for more than four vectors
	// with its transpose. Chosen.
	skinnyFlat = 16
	// Terms that are summed in one go, a multiple of every Lanes, and the most that MᵀV may
	// sum. Chosen.
	skinnyInner = 4096
	// The same where rows are few, so that few elements of vectors are in use at a time.
	// Sums of two such lengths are long enough to be cut. Chosen.
	skinnyStretch = 1024

	// Products of a matrix and a vector: sizes from which the kernels win over gonum's
	// routines. docs/shapes.md has gemv 32×32 at 184 ns against gonum's 180, 100×100 at
	// 1.06 µs against 1.57; symv of order 32 at 409 ns against 607; ger 100×100 at 1.72 µs
	// against 1.79.

	narrow64, narrow32 = 56, 8     // columns of A for gemv
	small64, small32   = 1024, 256 // elements of A for gemv
	smallOrder         = 32        // of A for symv
	shortRow           = 1536      // bytes of a row of A for ger
	cached             = 1 << 20   // elements of A up to which ger finds it in cache. Chosen

	// Vectors: elements below which a call of a kernel does not pay. docs/shapes.md has dot
	// of 10 at 14 ns against gonum's 12, of 100 at 27 ns against 29.

	short64, short32 = 96, 192
	shortBy          = 16 // the same where gonum goes by single elements

	// Sweeps: the size d·r·(r+8) below which one thread is faster. A sweep then takes less
	// than the 2 µs of a call to the pool.
	sweepSerialBelow = 1 << 17
)

// threadsFor is how many threads share the product.
func (p *call[T]) threadsFor() int {
	if float64(p.m)*float64(p.n)*float64(p.k) < serialBelow {
		return 1
	}
	return p.threads
}

// isSkinny says that C has few columns, or rows, and that its product with M as it is
// stored is faster than by blocks.
func (p *call[T]) isSkinny() bool {
	outer, w := max(p.m, p.n), min(p.m, p.n)
	if w > skinnyMost || p.k*outer < skinnyFrom ||
		p.triangle != gblas.All || p.a.stored != gblas.All || p.b.stored != gblas.All {
		return false
	}
	large, small := p.largeAndSmall()
	// Where the elements of the vectors lie apart, gathering long ones costs more than it
	// saves.
	long := p.longSums() && (small.cs == 1 || w == 1)
	switch wide := outer >= columnUnit && p.k <= skinnyRatio*outer; {
	case w > kernel.MaxColumns && transposed(large):
		return wide && p.n > p.m && p.k <= skinnyFew && outer >= skinnyFlat*p.k
	case w > kernel.MaxColumns:
		return long && p.n > p.m && kernel.RowUnit <= outer && outer <= skinnyFew
	case transposed(large):
		return wide && p.k <= skinnyInner
	default:
		return wide || long
	}
}

// longSums says that a product M·V is shared by stretches of its sums, not by rows of M.
func (p *call[T]) longSums() bool {
	return p.k >= 2*skinnyStretch && p.k > skinnyRatio*max(p.m, p.n)
}

// largeAndSmall returns the operand that is M or Mᵀ, and the one whose rows are
// the vectors.
func (p *call[T]) largeAndSmall() (large, small operand[T]) {
	if p.n > p.m {
		return p.b.transpose(), p.a
	}
	return p.a, p.b.transpose()
}

// transposed says that the columns of an operand lie in memory as they are.
func transposed[T blas.Float](o operand[T]) bool { return o.rs == 1 && o.cs != 1 }

// ownGemv says that the kernels win over gonum's routine on an m×n matrix.
func ownGemv[T blas.Float](m, n int) bool {
	if blas.SizeOf[T]() == 4 {
		return n >= narrow32 && m*n >= small32
	}
	return n >= narrow64 && m*n >= small64
}

// ownSymv is ownGemv for a symmetric matrix of order n.
func ownSymv(n int) bool { return n >= smallOrder }

// ownGer is ownGemv for A ← αxyᵀ + A, or says that the matrix is shared by threads.
// Negative increments are never left to gonum, whose routine for amd64 goes astray on them.
func ownGer[T blas.Float](m, n, incX, incY int) bool {
	return n*blas.SizeOf[T]() >= shortRow || m*n >= serialBelow || incX <= 0 || incY <= 0
}

// gerByFours says that each part of a shared A ← αxyᵀ + A goes by four rows at a time,
// with gonum's routine: it pays on short rows and on a matrix that comes from memory.
func gerByFours[T blas.Float](m, n int) bool {
	return n*blas.SizeOf[T]() < shortRow || m*n > cached
}

package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// Dgemm performs C ← α op(A) op(B) + βC.
func (b Implementation) Dgemm(tA, tB gblas.Transpose, m, n, k int, alpha float64, a []float64, lda int, bb []float64, ldb int, beta float64, c []float64, ldc int) {
	callGemm(b.threads(), tA, tB, m, n, k, alpha, a, lda, bb, ldb, beta, c, ldc)
}

// Sgemm performs C ← α op(A) op(B) + βC.
func (b Implementation) Sgemm(tA, tB gblas.Transpose, m, n, k int, alpha float32, a []float32, lda int, bb []float32, ldb int, beta float32, c []float32, ldc int) {
	callGemm(b.threads(), tA, tB, m, n, k, alpha, a, lda, bb, ldb, beta, c, ldc)
}

// Dsyrk performs C ← αAAᵀ + βC or C ← αAᵀA + βC on one triangle of C.
func (b Implementation) Dsyrk(ul gblas.Uplo, t gblas.Transpose, n, k int, alpha float64, a []float64, lda int, beta float64, c []float64, ldc int) {
	callSyrk(b.threads(), ul, t, n, k, alpha, a, lda, beta, c, ldc)
}

// Ssyrk performs C ← αAAᵀ + βC or C ← αAᵀA + βC on one triangle of C.
func (b Implementation) Ssyrk(ul gblas.Uplo, t gblas.Transpose, n, k int, alpha float32, a []float32, lda int, beta float32, c []float32, ldc int) {
	callSyrk(b.threads(), ul, t, n, k, alpha, a, lda, beta, c, ldc)
}

// Dsymm performs C ← αAB + βC or C ← αBA + βC with A symmetric.
func (b Implementation) Dsymm(s gblas.Side, ul gblas.Uplo, m, n int, alpha float64, a []float64, lda int, bb []float64, ldb int, beta float64, c []float64, ldc int) {
	callSymm(b.threads(), s, ul, m, n, alpha, a, lda, bb, ldb, beta, c, ldc)
}

// Ssymm performs C ← αAB + βC or C ← αBA + βC with A symmetric.
func (b Implementation) Ssymm(s gblas.Side, ul gblas.Uplo, m, n int, alpha float32, a []float32, lda int, bb []float32, ldb int, beta float32, c []float32, ldc int) {
	callSymm(b.threads(), s, ul, m, n, alpha, a, lda, bb, ldb, beta, c, ldc)
}

func callGemm[T blas.Float](threads int, tA, tB gblas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	rowsA, colsA := stored(tA, m, k)
	rowsB, colsB := stored(tB, k, n)
	switch {
	case m < 0:
		panic(mLT0)
	case n < 0:
		panic(nLT0)
	case k < 0:
		panic(kLT0)
	case lda < max(1, colsA):
		panic(badLdA)
	case ldb < max(1, colsB):
		panic(badLdB)
	case ldc < max(1, n):
		panic(badLdC)
	}
	if m == 0 || n == 0 {
		return
	}
	switch {
	case len(a) < (rowsA-1)*lda+colsA:
		panic(shortA)
	case len(b) < (rowsB-1)*ldb+colsB:
		panic(shortB)
	case len(c) < (m-1)*ldc+n:
		panic(shortC)
	}
	if (alpha == 0 || k == 0) && beta == 1 {
		return
	}
	opA := generalOperand(tA, a, lda)
	if tB == gblas.NoTrans && alpha == 1 && k > 0 && float64(m)*float64(n)*float64(k) <= smallBelow {
		// Before a call is set up: 8×8×8 took 88 ns instead of 60 with it.
		gemmSmall(&configOf[T]().kernels, chooseSmall(n, k, opA.cs), m, n, k, opA, b, ldb, beta, c, ldc)
		return
	}
	p := call[T]{
		fused: fusedOf[T](threads), m: m, n: n, k: k, alpha: alpha, beta: beta,
		a: opA, b: generalOperand(tB, b, ldb), c: c, ldc: ldc,
		triangle: gblas.All, asStored: tB == gblas.NoTrans,
	}
	p.multiply(p.choose())
}

func callSyrk[T blas.Float](threads int, ul gblas.Uplo, t gblas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int) {
	if ul != gblas.Lower && ul != gblas.Upper {
		panic(badUplo)
	}
	rowsA, colsA := stored(t, n, k)
	switch {
	case n < 0:
		panic(nLT0)
	case k < 0:
		panic(kLT0)
	case lda < max(1, colsA):
		panic(badLdA)
	case ldc < max(1, n):
		panic(badLdC)
	}
	if n == 0 {
		return
	}
	switch {
	case len(a) < (rowsA-1)*lda+colsA:
		panic(shortA)
	case len(c) < (n-1)*ldc+n:
		panic(shortC)
	}
	if (alpha == 0 || k == 0) && beta == 1 {
		return
	}
	p := call[T]{
		fused: fusedOf[T](threads), m: n, n: n, k: k, alpha: alpha, beta: beta,
		a: generalOperand(t, a, lda), c: c, ldc: ldc, triangle: ul,
	}
	p.b = p.a.transpose()
	p.multiply(p.choose())
}

func callSymm[T blas.Float](threads int, s gblas.Side, ul gblas.Uplo, m, n int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	if s != gblas.Left && s != gblas.Right {
		panic(badSide)
	}
	if ul != gblas.Lower && ul != gblas.Upper {
		panic(badUplo)
	}
	order := m
	if s == gblas.Right {
		order = n
	}
	switch {
	case m < 0:
		panic(mLT0)
	case n < 0:
		panic(nLT0)
	case lda < max(1, order):
		panic(badLdA)
	case ldb < max(1, n):
		panic(badLdB)
	case ldc < max(1, n):
		panic(badLdC)
	}
	if m == 0 || n == 0 {
		return
	}
	switch {
	case len(a) < lda*(order-1)+order:
		panic(shortA)
	case len(b) < ldb*(m-1)+n:
		panic(shortB)
	case len(c) < ldc*(m-1)+n:
		panic(shortC)
	}
	if alpha == 0 && beta == 1 {
		return
	}
	p := call[T]{
		fused: fusedOf[T](threads), m: m, n: n, k: order, alpha: alpha, beta: beta,
		a: symmetricOperand(ul, a, lda), b: generalOperand(gblas.NoTrans, b, ldb), c: c, ldc: ldc, triangle: gblas.All,
	}
	if s == gblas.Right {
		p.a, p.b = p.b, p.a
	}
	p.multiply(p.choose())
}

// multiply makes a product the way w.
func (p *call[T]) multiply(w way) {
	switch w {
	case onlyScaled:
		p.scale(0, p.m, 0, p.n)
	case plainLoops, inPlace:
		p.small(w)
	case alone:
		p.alone()
	case vectorsByRows, vectorsByColumns, vectorsBySums:
		p.fewVectors(w)
	case sumsCut:
		p.cutSums()
	case fiveLoops:
		p.fiveLoops()
	}
}

// stored returns the shape in which op(A), rows×cols, lies in memory.
func stored(t gblas.Transpose, rows, cols int) (r, c int) {
	switch t {
	case gblas.NoTrans:
		return rows, cols
	case gblas.Trans, gblas.ConjTrans:
		return cols, rows
	}
	panic(badTranspose)
}

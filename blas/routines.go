package blas

import (
	"gonum.org/v1/gonum/blas"

	"lowrank/kernel"
)

// Routines are those BLAS routines that generic code of this project calls,
// under one name for both element types. Arguments are gonum's: row-major
// storage, C ← αAB + βC.
type Routines[T Float] interface {
	Gemm(tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	Syrk(uplo blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int)
	Symm(s blas.Side, uplo blas.Uplo, m, n int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	Symv(uplo blas.Uplo, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
}

// RoutinesOf returns the routines of an implementation for element type T.
func RoutinesOf[T Float](b kernel.Implementation) Routines[T] {
	return OfType[Routines[T]](double{b}, single{b})
}

type double struct{ blas.Float64 }

func (d double) Gemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	d.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func (d double) Syrk(uplo blas.Uplo, t blas.Transpose, n, k int, alpha float64, a []float64, lda int, beta float64, c []float64, ldc int) {
	d.Dsyrk(uplo, t, n, k, alpha, a, lda, beta, c, ldc)
}

type single struct{ blas.Float32 }

func (s single) Gemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	s.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func (s single) Syrk(uplo blas.Uplo, t blas.Transpose, n, k int, alpha float32, a []float32, lda int, beta float32, c []float32, ldc int) {
	s.Ssyrk(uplo, t, n, k, alpha, a, lda, beta, c, ldc)
}

func (d double) Symm(side blas.Side, uplo blas.Uplo, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	d.Dsymm(side, uplo, m, n, alpha, a, lda, b, ldb, beta, c, ldc)
}

func (s single) Symm(side blas.Side, uplo blas.Uplo, m, n int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	s.Ssymm(side, uplo, m, n, alpha, a, lda, b, ldb, beta, c, ldc)
}

func (d double) Symv(uplo blas.Uplo, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	d.Dsymv(uplo, n, alpha, a, lda, x, incX, beta, y, incY)
}

func (s single) Symv(uplo blas.Uplo, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	s.Ssymv(uplo, n, alpha, a, lda, x, incX, beta, y, incY)
}

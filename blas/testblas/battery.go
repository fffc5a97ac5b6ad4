package testblas

import (
	"testing"

	"gonum.org/v1/gonum/blas/testblas"

	"lowrank/blas"
)

// Run runs the whole battery on a backend.
func Run(t *testing.T, b *blas.Backend) {
	t.Run("gonum", func(t *testing.T) { runGonum(t, b) })
	t.Run("f64", func(t *testing.T) { runOwn[float64](t, b, 1e-13) })
	t.Run("f32", func(t *testing.T) { runOwn[float32](t, b, 2e-5) })
}

func runOwn[T blas.Float](t *testing.T, b *blas.Backend, tol float64) {
	t.Run("gemm", func(t *testing.T) { testGemm[T](t, b) })
	t.Run("syrk", func(t *testing.T) { testSyrk[T](t, b) })
	t.Run("residual", func(t *testing.T) { testResidual[T](t, b) })
	t.Run("long-sums", func(t *testing.T) { testLongSums[T](t, b, tol) })
	for name, f := range map[string]blas.Fused[T]{"fused": blas.FusedOf[T](b), "composed": blas.ComposedOf[T](b)} {
		t.Run(name+"/symmetric", func(t *testing.T) { testSymmetric(t, f) })
		t.Run(name+"/sweep", func(t *testing.T) { testSweep(t, f, tol) })
		t.Run(name+"/rounded", func(t *testing.T) { testRounded(t, f, tol) })
		t.Run(name+"/rectangular", func(t *testing.T) { testRectangular(t, f) })
		t.Run(name+"/measurements", func(t *testing.T) { testMeasurements(t, f) })
		t.Run(name+"/rounded-measurements", func(t *testing.T) { testRoundedMeasurements(t, f, tol) })
		t.Run(name+"/together", func(t *testing.T) { testTogether(t, f) })
		t.Run(name+"/allocations", func(t *testing.T) { testFusedAllocations(t, b, f) })
	}
}

// runGonum is the battery that gonum runs on its own implementation, all real
// double precision routines of it.
func runGonum(t *testing.T, b *blas.Backend) {
	impl := b.BLAS
	for name, test := range map[string]func(*testing.T){
		"Ddot":  func(t *testing.T) { testblas.DdotTest(t, impl) },
		"Dnrm2": func(t *testing.T) { testblas.Dnrm2Test(t, impl) },
		"Dasum": func(t *testing.T) { testblas.DasumTest(t, impl) },
		"Dswap": func(t *testing.T) { testblas.DswapTest(t, impl) },
		"Dcopy": func(t *testing.T) { testblas.DcopyTest(t, impl) },
		"Daxpy": func(t *testing.T) { testblas.DaxpyTest(t, impl) },
		// OpenBLAS's drotg overflows near the ends of the range; gonum/netlib's
		// own tests leave those values out too.
		"Drotg":  func(t *testing.T) { testblas.DrotgTest(t, impl, b.Name == "openblas") },
		"Drotmg": func(t *testing.T) { testblas.DrotmgTest(t, impl) },
		"Drot":   func(t *testing.T) { testblas.DrotTest(t, impl) },
		"Drotm":  func(t *testing.T) { testblas.DrotmTest(t, impl) },
		"Dscal":  func(t *testing.T) { testblas.DscalTest(t, impl) },
		"Dgbmv":  func(t *testing.T) { testblas.DgbmvTest(t, impl) },
		"Dgemv":  func(t *testing.T) { testblas.DgemvTest(t, impl) },
		"Dger":   func(t *testing.T) { testblas.DgerTest(t, impl) },
		"Dsbmv":  func(t *testing.T) { testblas.DsbmvTest(t, impl) },
		"Dspmv":  func(t *testing.T) { testblas.DspmvTest(t, impl) },
		"Dspr":   func(t *testing.T) { testblas.DsprTest(t, impl) },
		"Dspr2":  func(t *testing.T) { testblas.Dspr2Test(t, impl) },
		"Dsymv":  func(t *testing.T) { testblas.DsymvTest(t, impl) },
		"Dsyr":   func(t *testing.T) { testblas.DsyrTest(t, impl) },
		"Dsyr2":  func(t *testing.T) { testblas.Dsyr2Test(t, impl) },
		"Dtbmv":  func(t *testing.T) { testblas.DtbmvTest(t, impl) },
		"Dtbsv":  func(t *testing.T) { testblas.DtbsvTest(t, impl) },
		"Dtpmv":  func(t *testing.T) { testblas.DtpmvTest(t, impl) },
		"Dtpsv":  func(t *testing.T) { testblas.DtpsvTest(t, impl) },
		"Dtrmv":  func(t *testing.T) { testblas.DtrmvTest(t, impl) },
		"Dtrsv":  func(t *testing.T) { testblas.DtrsvTest(t, impl) },
		"Dgemm":  func(t *testing.T) { testblas.TestDgemm(t, impl) },
		"Dsymm":  func(t *testing.T) { testblas.DsymmTest(t, impl) },
		"Dsyrk":  func(t *testing.T) { testblas.DsyrkTest(t, impl) },
		"Dsyr2k": func(t *testing.T) { testblas.Dsyr2kTest(t, impl) },
		"Dtrmm":  func(t *testing.T) { testblas.DtrmmTest(t, impl) },
		"Dtrsm":  func(t *testing.T) { testblas.DtrsmTest(t, impl) },
	} {
		t.Run(name, test)
	}
}

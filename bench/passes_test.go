package bench

import (
	"fmt"
	"sync"
	"testing"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// BenchmarkPairStep times a step of gradient descent, and of alternating
// gradient descent, on ½‖XYᵀ − A‖²: one reading of A, 4mnk operations.
//
//	go test -run - -bench 'PairStep/backend=native' ./bench
func BenchmarkPairStep(b *testing.B) {
	eachBackend(b, func(b *testing.B, backend string) {
		const m, n = 4000, 4000
		be := open(b, backend)
		f, threads := blas.FusedOf[float64](be), be.Threads
		matrix := sync.OnceValue(func() blas.Rectangular[float64] {
			return f.NewRectangular(m, n, func(i int, dst []float64) {
				for j := range dst {
					dst[j] = element(i, j) / m
				}
			})
		})
		for _, method := range []string{"gd", "alternating"} {
			for _, k := range []int{1, 2, 4, 8, 10, 32} {
				b.Run(fmt.Sprintf("method=%s/m=%d/k=%d", method, m, k), func(b *testing.B) {
					step := pairStep(f, matrix(), k, method == "alternating")
					MeasureLimits(threads)
					step()
					b.ReportAllocs()
					for b.Loop() {
						step()
					}
					thin := 3 * 8 * float64(m+n) * float64(k)
					report[float64](b, threads, 8*m*n+thin, 4*m*n*float64(k)+3*float64(m+n)*float64(k*k))
				})
			}
		}
	})
}

// pairStep returns one step of GD or of alternating GD on random factors.
func pairStep(f blas.Fused[float64], a blas.Rectangular[float64], k int, alternating bool) func() {
	const eta = 0.1
	m, n := a.Dims()
	x, y := blas.NewGeneral[float64](m, k), blas.NewGeneral[float64](n, k)
	for i := range x.Data {
		x.Data[i] = element(i, 1) / 100
	}
	for i := range y.Data {
		y.Data[i] = element(i, 2) / 100
	}
	ay, atx := x.Clone(), y.Clone()
	gx, gy := make([]float64, k*k), make([]float64, k*k)
	pair, sx, sy := a.NewPair(k), f.NewSweep(m, k), f.NewSweep(n, k)
	sx.Gram(x, gx)
	sy.Gram(y, gy)
	if alternating {
		return func() {
			pair.Alternate(eta, ay, atx, x, y, gy, gx)
			x, ay = ay, x
			copy(gy, gx)
			sy.Update(eta, y, atx, gy)
			y, atx = atx, y
		}
	}
	hx, hy := make([]float64, k*k), make([]float64, k*k)
	return func() {
		pair.Mul(ay, atx, x, y)
		copy(hx, gx)
		copy(hy, gy)
		sx.Update(eta, x, ay, hy)
		sy.Update(eta, y, atx, hx)
		copy(gx, hy)
		copy(gy, hx)
		x, ay = ay, x
		y, atx = atx, y
	}
}

// BenchmarkSensingStep times residual and adjoint of m = 10 000 measurements of
// 200×200 matrices: one reading of their triangles.
func BenchmarkSensingStep(b *testing.B) {
	const n, count = 200, 10000
	eachBackend(b, func(b *testing.B, backend string) {
		be := open(b, backend)
		for _, storage := range []string{"wide", "f32", "bf16"} {
			b.Run("dtype=f64/storage="+storage, func(b *testing.B) { benchmarkSensing[float64](b, be, n, count, storage) })
			if storage != "f32" {
				b.Run("dtype=f32/storage="+storage, func(b *testing.B) { benchmarkSensing[float32](b, be, n, count, storage) })
			}
		}
	})
}

func benchmarkSensing[T blas.Float](b *testing.B, be *blas.Backend, n, count int, storage string) {
	f := blas.FusedOf[T](be)
	MeasureLimits(be.Threads)
	fill := func(i int, dst []T) {
		for j := range dst {
			dst[j] = T(element(i, j))
		}
	}
	var a blas.Measurements[T]
	switch storage {
	case "f32":
		a = f.NewRoundedMeasurements(n, count, blas.AsFloat32, fill)
	case "bf16":
		a = f.NewRoundedMeasurements(n, count, blas.AsBFloat16, fill)
	default:
		a = f.NewMeasurements(n, count, fill)
	}
	z, dst := blas.NewGeneral[T](n, n), blas.NewGeneral[T](n, n)
	y, residual := make([]T, count), make([]T, count)
	a.Normal(dst, residual, 1, z, y)
	b.ReportAllocs()
	for b.Loop() {
		a.Normal(dst, residual, 1, z, y)
	}
	elements := float64(count) * float64(n) * float64(n+1) / 2
	report[T](b, be.Threads, float64(a.Bytes()), 4*elements)
}

// BenchmarkLevel3 times the matrix products of a backend on square matrices.
func BenchmarkLevel3(b *testing.B) {
	eachBackend(b, func(b *testing.B, backend string) {
		for _, threads := range []int{1, 0} {
			for _, n := range []int{256, 1024, 2048} {
				for _, routine := range []string{"gemm", "syrk", "symm"} {
					be, err := blas.Open(backend, threads)
					if err != nil {
						b.Fatal(err)
					}
					name := fmt.Sprintf("routine=%s/threads=%d/n=%d", routine, be.Threads, n)
					b.Run("dtype=f64/"+name, func(b *testing.B) { benchmarkLevel3[float64](b, be, routine, n) })
					b.Run("dtype=f32/"+name, func(b *testing.B) { benchmarkLevel3[float32](b, be, routine, n) })
				}
			}
		}
	})
}

func benchmarkLevel3[T blas.Float](b *testing.B, be *blas.Backend, routine string, n int) {
	MeasureLimits(be.Threads)
	x, y, z := make([]T, n*n), make([]T, n*n), make([]T, n*n)
	for i := range x {
		x[i], y[i] = T(element(i, 1)), T(element(i, 2))
	}
	r := blas.RoutinesOf[T](be.BLAS)
	size, cube := float64(blas.SizeOf[T]()), float64(n)*float64(n)*float64(n)
	square := size * float64(n) * float64(n)
	flops, bytes := 2*cube, 4*square
	run := func() { r.Gemm(gblas.NoTrans, gblas.NoTrans, n, n, n, 1, x, n, y, n, 0, z, n) }
	switch routine {
	case "syrk":
		flops, bytes = cube, 2*square
		run = func() { r.Syrk(gblas.Lower, gblas.NoTrans, n, n, 1, x, n, 0, z, n) }
	case "symm":
		bytes = 3.5 * square
		run = func() { r.Symm(gblas.Left, gblas.Lower, n, n, 1, x, n, y, n, 0, z, n) }
	}
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
	report[T](b, be.Threads, bytes, flops)
}

// BenchmarkLimits shows the limits that %bound is taken from.
func BenchmarkLimits(b *testing.B) {
	for _, threads := range []int{1, 0} {
		l := MeasureLimits(threads)
		b.Run(fmt.Sprintf("threads=%d", l.Threads), func(b *testing.B) {
			for b.Loop() {
			}
			b.ReportMetric(l.Bandwidth/1e9, "GB/s")
			b.ReportMetric(l.PeakF64/1e9, "f64-GF/s")
			b.ReportMetric(l.PeakF32/1e9, "f32-GF/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

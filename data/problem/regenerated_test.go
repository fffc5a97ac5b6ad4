package problem

import (
	"math"
	"slices"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
)

// TestMatrixStream compares the streams with those of gaussianTriangle, which
// has them from solvers.Stream.
func TestMatrixStream(t *testing.T) {
	t.Run("float64", testMatrixStream[float64])
	t.Run("float32", testMatrixStream[float32])
}

func testMatrixStream[T blas.Float](t *testing.T) {
	for _, seed := range []uint64{0, 1, 12345, math.MaxUint64} {
		s := newMatrixStream(seed)
		for _, n := range []int{1, 2, 17, 60} {
			got, want := make([]T, n*(n+1)/2), make([]T, n*(n+1)/2)
			for _, i := range []int{0, 7, 9, 10, 7, 4096, 99999, 1234567890, math.MaxInt32} {
				triangleFrom(s.of(i), n, got)
				gaussianTriangle(n, i, seed, want)
				if !slices.Equal(got, want) {
					t.Fatalf("seed %d, n = %d: matrix %d is another one", seed, n, i)
				}
			}
		}
	}
}

// TestRegenerateMeasurements compares with the ensemble that is held.
func TestRegenerateMeasurements(t *testing.T) {
	const n, m, r, seed = 17, 100, 2, 6
	b := native(t)
	held, err := GenerateMeasurements[float64](b, "gaussian", n, m, HeldWide, seed)
	if err != nil {
		t.Fatal(err)
	}
	drawn := RegenerateMeasurements[float64](b, n, m, seed)
	u := solvers.Gaussian(n, r, 1, seed, "u")
	want, got := blas.NewGeneral[float64](n, r), blas.NewGeneral[float64](n, r)
	y, wantResidual, gotResidual := make([]float64, m), make([]float64, m), make([]float64, m)
	if err := held.Gradient(want, wantResidual, u, y); err != nil {
		t.Fatal(err)
	}
	if err := drawn.Gradient(got, gotResidual, u, y); err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2][]float64{"gradient": {got.Data, want.Data}, "residual": {gotResidual, wantResidual}} {
		var off, size float64
		for i, w := range pair[1] {
			off, size = math.Hypot(off, pair[0][i]-w), math.Hypot(size, w)
		}
		if !(off <= 1e-13*size) {
			t.Errorf("%s is off by %.2g of its norm", name, off/size)
		}
	}
	if got := testing.AllocsPerRun(5, func() { _ = drawn.Gradient(want, gotResidual, u, y) }); got != 0 {
		t.Errorf("a pass allocates %g times", got)
	}
}

func BenchmarkRegenerated(b *testing.B) {
	const n, m, r = 200, 1000, 5
	for _, threads := range []int{1, 2} {
		backend, err := blas.Open("native", threads)
		if err != nil {
			b.Fatal(err)
		}
		u := solvers.Gaussian(n, r, 1, 1, "u")
		dst, residual, y := blas.NewGeneral[float64](n, r), make([]float64, m), make([]float64, m)
		b.Run(map[int]string{1: "one thread", 2: "two threads"}[threads], func(b *testing.B) {
			a := RegenerateMeasurements[float64](backend, n, m, 1)
			for b.Loop() {
				_ = a.Gradient(dst, residual, u, y)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(m*n*(n+1)/2), "ns/element")
		})
	}
	b.Run("drawing", func(b *testing.B) {
		s, triangle := newMatrixStream(1), make([]float64, n*(n+1)/2)
		for i := 0; b.Loop(); i++ {
			triangleFrom(s.of(i), n, triangle)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(n*(n+1)/2), "ns/element")
	})
}

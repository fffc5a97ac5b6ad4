package bench

import (
	"fmt"
	"testing"

	"lowrank/bench/problem"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/kernel"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// BenchmarkSymmetricStep times one step of gradient descent:
//
//	go test -run - -bench 'SymmetricStep/backend=native/dtype=f64/sigma=dense/d=4000' ./bench
//
// A step needs one reading of half of Σ and three sweeps over X (two for
// diagonal Σ), 2d²r + 3dr² operations. At sizes where part of Σ stays in cache
// from step to step, %bound may pass 100.
func BenchmarkSymmetricStep(b *testing.B) {
	eachBackend(b, func(b *testing.B, backend string) {
		for _, sigma := range []string{"dense", "rounded", "diagonal"} {
			dims := map[string][]int{"dense": {1000, 4000, 4096, 10000}, "rounded": {4000, 10000}, "diagonal": {4000, 100000}}[sigma]
			for _, d := range dims {
				for _, r := range []int{1, 2, 4, 8, 16, 32, 64, 256} {
					if sigma == "diagonal" && r > 64 {
						continue
					}
					name := fmt.Sprintf("sigma=%s/d=%d/r=%d", sigma, d, r)
					b.Run("dtype=f64/"+name, func(b *testing.B) { benchmarkStep[float64](b, backend, sigma, d, r) })
					if sigma != "rounded" {
						b.Run("dtype=f32/"+name, func(b *testing.B) { benchmarkStep[float32](b, backend, sigma, d, r) })
					}
				}
			}
		}
	})
}

// eachBackend runs a benchmark on every backend of this build.
func eachBackend(b *testing.B, run func(b *testing.B, backend string)) {
	for _, backend := range kernel.Backends() {
		if backend.HowToBuild == "" {
			b.Run("backend="+backend.Name, func(b *testing.B) { run(b, backend.Name) })
		}
	}
}

func open(b *testing.B, name string) *blas.Backend {
	be, err := blas.Open(name, 0)
	if err != nil {
		b.Fatal(err)
	}
	return be
}

// report adds the metrics of an operation that needs so many bytes and
// floating point operations.
func report[T blas.Float](b *testing.B, threads int, bytes, flops float64) {
	seconds := b.Elapsed().Seconds() / float64(b.N)
	dtype := map[int]string{8: "f64", 4: "f32"}[blas.SizeOf[T]()]
	b.ReportMetric(1/seconds, "iter/s")
	b.ReportMetric(bytes/seconds/1e9, "GB/s")
	b.ReportMetric(flops/seconds/1e9, "GF/s")
	b.ReportMetric(100*MeasureLimits(threads).Bound(bytes, flops, dtype)/seconds, "%bound")
}

// element is a cheap number that depends on the place.
func element(i, j int) float64 {
	h := uint64(i)*0x9e3779b97f4a7c15 ^ uint64(j)*0xbf58476d1ce4e5b9
	return float64(int64(h^h>>29)) / (1 << 63)
}

// lastSigma keeps the last operator: its making takes longer than a step.
var lastSigma struct {
	key string
	op  any
}

func benchmarkStep[T blas.Float](b *testing.B, name, sigma string, d, r int) {
	be := open(b, name)
	MeasureLimits(be.Threads)
	var zero T
	key := fmt.Sprintf("%s %s %d %T", name, sigma, d, zero)
	op, ok := lastSigma.op.(operator.Operator[T])
	if !ok || lastSigma.key != key {
		lastSigma.op = nil
		scale := 1 / float64(d)
		switch sigma {
		case "dense":
			op = operator.NewDense(be, d, func(i int, dst []T) {
				for j := range dst {
					dst[j] = T(scale * element(i, j))
				}
			})
		case "rounded":
			op = operator.NewRounded[T](be, d, func(i int, dst []float32) {
				for j := range dst {
					dst[j] = float32(scale * element(i, j))
				}
			})
		default:
			diagonal, _, err := problem.Generate[T](be, "fig1", d, 2, problem.AsDiagonal, 1)
			if err != nil {
				b.Fatal(err)
			}
			op = diagonal
		}
		lastSigma.key, lastSigma.op = key, op
	}
	s := symmetric.New(be, op, blas.Convert[T](symmetric.Large(d, r, 0.5, 1)), 0.1)
	for range 2 {
		if err := s.Step(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Step(); err != nil {
			b.Fatal(err)
		}
	}
	dr := float64(d) * float64(r)
	size := float64(blas.SizeOf[T]())
	bytes := 3 * size * dr
	switch sigma {
	case "dense":
		bytes += size * float64(d) * float64(d) / 2
	case "rounded":
		bytes += 4 * float64(d) * float64(d) / 2
	default:
		bytes = 2 * size * dr
	}
	report[T](b, be.Threads, bytes, op.Flops(r)+3*dr*float64(r))
}

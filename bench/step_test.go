package bench

import (
	"fmt"
	"testing"

	"lowrank/bench/problem"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/kernel"
	"lowrank/solvers/symmetric"
)

// BenchmarkSymmetricStep times one step of gradient descent:
//
//	go test -run - -bench SymmetricStep ./bench
//
// GB/s and GF/s count the bytes and operations that a step needs: one reading
// of what the operator stores of Σ, three of X (two for diagonal Σ), 2d²r + 3dr²
// operations.
func BenchmarkSymmetricStep(b *testing.B) {
	for _, backend := range kernel.Backends() {
		if backend.HowToBuild != "" {
			continue
		}
		for _, dtype := range []string{"f64", "f32"} {
			for _, sigma := range []string{"dense", "diagonal"} {
				for _, d := range []int{1000, 4000} {
					for _, r := range []int{1, 2, 8, 64} {
						name := fmt.Sprintf("backend=%s/dtype=%s/sigma=%s/d=%d/r=%d", backend.Name, dtype, sigma, d, r)
						b.Run(name, func(b *testing.B) {
							if dtype == "f64" {
								benchmarkStep[float64](b, backend.Name, sigma, d, r)
							} else {
								benchmarkStep[float32](b, backend.Name, sigma, d, r)
							}
						})
					}
				}
			}
		}
	}
}

func benchmarkStep[T blas.Float](b *testing.B, name, sigma string, d, r int) {
	be, err := blas.Open(name, 0)
	if err != nil {
		b.Fatal(err)
	}
	op, _, err := problem.Generate[T](be, "fig1", d, r, sigma == "dense", 1)
	if err != nil {
		b.Fatal(err)
	}
	sweeps := 3.0
	if sigma == "diagonal" {
		sweeps = 2
	}
	s := symmetric.New(be, op, blas.Convert[T](symmetric.Large(d, r, 0.5, 1)), 0.1)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Step(); err != nil {
			b.Fatal(err)
		}
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	dr := float64(d) * float64(r)
	b.ReportMetric(1/seconds, "iter/s")
	b.ReportMetric((float64(op.Bytes())+sweeps*float64(blas.SizeOf[T]())*dr)/seconds/1e9, "GB/s")
	b.ReportMetric((op.Flops(r)+3*dr*float64(r))/seconds/1e9, "GF/s")
}

package bench_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"

	"lowrank/bench"
	"lowrank/bench/suite"
	_ "lowrank/blas/backends"
)

// The benchmarks are those of package suite, over all backends of the build:
//
//	go test -run - -bench 'SymmetricStep/backend=native/dtype=f64/sigma=dense/d=4000' ./bench
//
// With -short the dimensions are such that all of them run in seconds.
func BenchmarkProduct(b *testing.B)        { family(b, "Product") }
func BenchmarkUpdate(b *testing.B)         { family(b, "Update") }
func BenchmarkSymmetricStep(b *testing.B)  { family(b, "SymmetricStep") }
func BenchmarkAsymmetricStep(b *testing.B) { family(b, "AsymmetricStep") }
func BenchmarkSensingStep(b *testing.B)    { family(b, "SensingStep") }
func BenchmarkDeepStep(b *testing.B)       { family(b, "DeepStep") }
func BenchmarkEnsemble(b *testing.B)       { family(b, "Ensemble") }
func BenchmarkLevel3(b *testing.B)         { family(b, "Level3") }
func BenchmarkShapes(b *testing.B)         { family(b, "Shapes") }

// family runs a family's operations as sub-benchmarks, named by their parameters.
func family(b *testing.B, name string) {
	g := suite.Grid{Size: suite.Full, Threads: runtime.GOMAXPROCS(0)}
	if testing.Short() {
		g.Size = suite.Small
	}
	for _, o := range suite.Find(name).Operations(g) {
		b.Run(o.Name()[len(name)+1:], o.Benchmark)
	}
}

// TestMain puts the machine and its limits at the head of benchmark results.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.bench"); f.Value.String() != "" {
		if err := bench.WriteKeys(os.Stdout, bench.Keys(bench.MeasureLimits(0))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

package bench_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"

	"lowrank/bench"
	"lowrank/bench/suite"
	_ "lowrank/blas/backends"
	"lowrank/kernel"
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
	if flag.Lookup("test.bench").Value.String() != "" {
		if err := head(flag.Lookup("test.cpu").Value.String()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	os.Exit(m.Run())
}

// head prints the keys. Of the flag -cpu it takes one number: under a list package
// testing changes GOMAXPROCS too late for the first measurement of each benchmark.
func head(cpu string) error {
	if cpu != "" {
		threads, err := strconv.Atoi(cpu)
		if err != nil || threads < 1 {
			return fmt.Errorf("-cpu is %q; expected one number of threads here, and a run for each", cpu)
		}
		runtime.GOMAXPROCS(threads)
	}
	if _, err := kernel.Active(); err != nil {
		return err
	}
	if err := suite.Open(suite.Grid{}); err != nil {
		return err
	}
	return bench.WriteKeys(os.Stdout, bench.Keys(bench.MeasureLimits(0)))
}

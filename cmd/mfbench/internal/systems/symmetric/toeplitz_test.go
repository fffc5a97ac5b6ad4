package symmetric

import (
	"runtime"
	"testing"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/solvers/operator"
)

// What a Toeplitz Σ takes is planned: making it, and the scratch of every thread.
func TestToeplitzMemory(t *testing.T) {
	const d = 1 << 16
	column := make([]float64, d)
	column[0] = 1
	allocated := func(f func()) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	near := func(what string, planned, took float64) {
		t.Helper()
		if r := planned / took; !(r > 0.8 && r < 1.3) {
			t.Errorf("%s: planned %.0f bytes, took %.0f", what, planned, took)
		}
	}
	for _, threads := range []int{1, 2, 5} {
		b, err := blas.Open("native", threads)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []int{1, 3, 8} {
			z := toeplitzForm.Data(plan.Symmetric{Common: plan.Common{Elem: 8, Threads: threads}, D: d, R: r})
			var op *operator.Toeplitz[float64]
			near("made", z.Held+z.Making, allocated(func() { op = operator.NewToeplitz(b, column) }))
			near("scratch", z.Beside-8*d*float64(r), allocated(func() { op.Reserve(r) }))
		}
	}
}

package testsolvers

import (
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
)

// Method is a method whose state can be saved.
type Method interface {
	solvers.Method
	Save() ([]byte, error)
	Restore(data []byte) error
	Fingerprint(extra ...any) (string, error)
}

// Iterate is the blocks of variables of a method: X; X and Y; W_1 … W_N.
type Iterate []blas.General[float64]

// Clone is a copy without gaps.
func (x Iterate) Clone() Iterate {
	var c Iterate
	for _, block := range x {
		c = append(c, block.Clone())
	}
	return c
}

// Battery is what a kind of method is tested on. A part of the battery that has no
// problems fails, unless it is among Without.
type Battery[M Method] struct {
	// Iterate is that of a method. It may share storage.
	Iterate func(m M) Iterate
	// Says is what a method knows beside its iterate, such as a Gram matrix or a loss: it
	// must have the same bits where the iterates have. May be nil.
	Says func(m M) [][]float64
	// Use is a use of a method that a Restore must undo. May be nil.
	Use func(m M)

	// Trajectories are compared with plain loops, on every backend.
	Trajectories []Trajectory[M]
	// Gradients are compared with finite differences.
	Gradients []Gradient[M]
	// Restored are saved, and go on from there, on every backend.
	Restored []Problem[M]
	// Splits are the iterates at which they are, and where the runs end; nil for a few.
	Splits []int
	// Foreign are states that a method must refuse.
	Foreign []Foreign[M]
	// Identities are problems that fingerprints must tell apart.
	Identities []Identity[M]
	// Threaded are large enough that threads share their steps.
	Threaded []Problem[M]
	// Allocations are of steps that allocate nothing.
	Allocations []Problem[M]
	// Divergent grow without bound, on every backend.
	Divergent []Problem[M]
	// Ensembles are runs together, each as it is alone.
	Ensembles []Ensemble[M]

	// Without are parts that the method has not, and why.
	Without map[string]string
}

// Problem is data from which methods are made, as many as are asked for.
type Problem[M Method] struct {
	Name string
	// Start is where a run starts. Those of two seeds differ.
	Start func(seed uint64) Iterate
	// New makes a method of the data on a backend. It copies the start.
	New func(t testing.TB, b *blas.Backend, start Iterate) M
	// Check, if not nil, compares what the method says of its iterate with its definition,
	// at the end of a run.
	Check func(t *testing.T, m M)
}

// Run runs the battery.
func Run[M Method](t *testing.T, b Battery[M]) {
	part := func(name string, problems int, test func(t *testing.T)) {
		why, without := b.Without[name]
		switch {
		case without == (problems > 0):
			t.Errorf("%s: %d problems, and left out: %q", name, problems, why)
		case !without:
			t.Run(name, test)
		}
	}
	part("trajectories", len(b.Trajectories), b.trajectories)
	part("gradients", len(b.Gradients), b.gradients)
	part("restore", len(b.Restored), b.restore)
	part("foreign", len(b.Foreign), b.foreign)
	part("fingerprints", len(b.Identities), b.fingerprints)
	part("threads", len(b.Threaded), b.threads)
	part("allocations", len(b.Allocations), b.allocations)
	part("divergence", len(b.Divergent), b.divergence)
	part("ensemble", len(b.Ensembles), b.ensembles)
}

// make is a method of a problem from the start of a seed, which is not changed.
func (b *Battery[M]) make(t testing.TB, p Problem[M], on *blas.Backend, seed uint64) M {
	t.Helper()
	start := p.Start(seed)
	m := p.New(t, on, start)
	for i, block := range p.Start(seed) {
		if !sameBits(block.Data, start[i].Data) {
			t.Fatalf("%s: the start was changed", p.Name)
		}
	}
	return m
}

// same compares two methods bit for bit.
func (b *Battery[M]) same(t testing.TB, where string, got, want M) {
	t.Helper()
	if got.Iteration() != want.Iteration() {
		t.Fatalf("%s: at iteration %d; expected %d", where, got.Iteration(), want.Iteration())
	}
	b.sameIterate(t, where, got, want)
	if x, y := got.RelativeGradient(), want.RelativeGradient(); !sameBits([]float64{x}, []float64{y}) {
		t.Fatalf("%s: the relative gradient is %v; expected %v", where, x, y)
	}
	if b.Says == nil {
		return
	}
	says := b.Says(want)
	for i, x := range b.Says(got) {
		if !sameBits(x, says[i]) {
			t.Fatalf("%s: what it says of the iterate, part %d, has other bits", where, i)
		}
	}
}

func (b *Battery[M]) sameIterate(t testing.TB, where string, got, want M) {
	t.Helper()
	blocks := b.Iterate(want)
	for i, x := range b.Iterate(got) {
		if x.Rows != blocks[i].Rows || x.Cols != blocks[i].Cols || !sameBits(x.Data, blocks[i].Data) {
			t.Fatalf("%s: block %d of the iterate has other bits", where, i)
		}
	}
}

// sameBits compares with NaN equal to itself.
func sameBits(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if v != b[i] && (v == v || b[i] == b[i]) {
			return false
		}
	}
	return true
}

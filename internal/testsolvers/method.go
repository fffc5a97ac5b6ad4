package testsolvers

import (
	"math"
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

// system is how a battery sees its methods.
type system[M Method] struct {
	iterate func(m M) Iterate
	says    func(m M) [][]float64
	use     func(m M)
}

// make is a method of a problem from the start of a seed, which is not changed.
func (s system[M]) make(t testing.TB, p Problem[M], on *blas.Backend, seed uint64) M {
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
func (s system[M]) same(t testing.TB, where string, got, want M) {
	t.Helper()
	if got.Iteration() != want.Iteration() {
		t.Fatalf("%s: at iteration %d; expected %d", where, got.Iteration(), want.Iteration())
	}
	s.sameIterate(t, where, got, want)
	if x, y := got.RelativeGradient(), want.RelativeGradient(); !sameBits([]float64{x}, []float64{y}) {
		t.Fatalf("%s: the relative gradient is %v; expected %v", where, x, y)
	}
	if s.says == nil {
		return
	}
	says, said := s.says(want), s.says(got)
	if len(said) != len(says) {
		t.Fatalf("%s: it says %d things; expected %d", where, len(said), len(says))
	}
	for i, x := range said {
		if !sameBits(x, says[i]) {
			t.Fatalf("%s: what it says of the iterate, part %d, has other bits", where, i)
		}
	}
}

func (s system[M]) sameIterate(t testing.TB, where string, got, want M) {
	t.Helper()
	blocks, of := s.iterate(want), s.iterate(got)
	if len(of) != len(blocks) {
		t.Fatalf("%s: %d blocks; expected %d", where, len(of), len(blocks))
	}
	for i, x := range of {
		if x.Rows != blocks[i].Rows || x.Cols != blocks[i].Cols || !sameBits(x.Data, blocks[i].Data) {
			t.Fatalf("%s: block %d of the iterate has other bits", where, i)
		}
	}
}

// sameBits compares; every NaN is the same.
func sameBits(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if math.Float64bits(v) != math.Float64bits(b[i]) && (v == v || b[i] == b[i]) {
			return false
		}
	}
	return true
}

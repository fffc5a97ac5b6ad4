package testblas

import (
	"math/bits"
	"math/rand/v2"
	"testing"
	"unsafe"

	"lowrank/blas"
)

// source is what a test makes its operands from: random numbers, and storage
// that ends at a protected page, where the system has them: a read or write
// behind it ends the test. What was lent is lent again after reuse, because a
// process may have few mappings.
type source struct {
	*rand.Rand
	t      testing.TB
	pieces []piece
}

type piece struct {
	bytes []byte
	lent  bool
}

func newSource(t testing.TB, seed1, seed2 uint64) *source {
	return &source{Rand: rand.New(rand.NewPCG(seed1, seed2)), t: t}
}

// reuse takes back all that was lent.
func (s *source) reuse() {
	for i := range s.pieces {
		s.pieces[i].lent = false
	}
}

// Fenced returns n elements, n > 0, right in front of a protected page, where
// the system has them.
func Fenced[T blas.Float](t testing.TB, n int) []T { return lend[T](newSource(t, 0, 0), n) }

// lend returns n elements, n > 0.
func lend[T blas.Float](s *source, n int) []T {
	s.t.Helper()
	size := n * blas.SizeOf[T]()
	best := -1
	for i, p := range s.pieces {
		if !p.lent && len(p.bytes) >= size && (best < 0 || len(p.bytes) < len(s.pieces[best].bytes)) {
			best = i
		}
	}
	if best < 0 {
		const page = 1 << 16 // the largest page in use
		mem, free, err := mapFenced(max(page, 1<<bits.Len(uint(size-1))))
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(free)
		best = len(s.pieces)
		s.pieces = append(s.pieces, piece{bytes: mem})
	}
	s.pieces[best].lent = true
	mem := s.pieces[best].bytes
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[len(mem)-size])), n)
}

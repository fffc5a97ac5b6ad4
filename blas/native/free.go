package native

import (
	"sync"

	"lowrank/blas"
)

// stack keeps objects for the next call. Unlike a sync.Pool it survives
// garbage collection, so that a program in its steady state allocates nothing.
type stack[E any] struct {
	mu   sync.Mutex
	free []*E
}

func (s *stack[E]) take() *E {
	s.mu.Lock()
	n := len(s.free)
	if n == 0 {
		s.mu.Unlock()
		return new(E)
	}
	e := s.free[n-1]
	s.free = s.free[:n-1]
	s.mu.Unlock()
	return e
}

func (s *stack[E]) give(e *E) {
	s.mu.Lock()
	s.free = append(s.free, e)
	s.mu.Unlock()
}

// kept is s, or nothing when it is too large to be held on to.
func kept[T any](s []T) []T {
	const most = 8 << 20 // elements: a block of B as large as NC and KC allow
	if cap(s) > most {
		return nil
	}
	return s
}

// buffer holds the packed blocks of one part of a call and a tile of C.
type buffer[T blas.Float] struct{ a, b, tile []T }

var (
	buffers64 stack[buffer[float64]]
	buffers32 stack[buffer[float32]]
)

func buffersOf[T blas.Float]() *stack[buffer[T]] {
	return blas.OfType[*stack[buffer[T]]](&buffers64, &buffers32)
}

func takeBuffer[T blas.Float]() *buffer[T]  { return buffersOf[T]().take() }
func giveBuffer[T blas.Float](b *buffer[T]) { buffersOf[T]().give(b) }

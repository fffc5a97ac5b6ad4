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

type stacks[T blas.Float] struct {
	calls   stack[multiply[T]]
	buffers stack[buffer[T]]
}

var (
	free64 stacks[float64]
	free32 stacks[float32]
)

func stacksOf[T blas.Float]() *stacks[T] {
	var zero T
	if _, ok := any(zero).(float32); ok {
		return any(&free32).(*stacks[T])
	}
	return any(&free64).(*stacks[T])
}

// kept is s, or nothing when it is too large to be held on to.
func kept[T any](s []T) []T {
	const most = 8 << 20 // elements: a block of B as large as NC and KC allow
	if cap(s) > most {
		return nil
	}
	return s
}

// take returns a call to fill in.
func take[T blas.Float](threads int) *multiply[T] {
	p := stacksOf[T]().calls.take()
	p.fused = fusedOf[T](threads)
	return p
}

// give takes back a call, without the caller's matrices.
func give[T blas.Float](p *multiply[T]) {
	p.a.data, p.b.data, p.c = nil, nil, nil
	p.skinny.m, p.skinny.v = nil, nil
	p.copies, p.shared = kept(p.copies), kept(p.shared)
	p.skinny.copied, p.skinny.results = kept(p.skinny.copied), kept(p.skinny.results)
	stacksOf[T]().calls.give(p)
}

func takeBuffer[T blas.Float]() *buffer[T]  { return stacksOf[T]().buffers.take() }
func giveBuffer[T blas.Float](b *buffer[T]) { stacksOf[T]().buffers.give(b) }

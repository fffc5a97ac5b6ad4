package native

import (
	"lowrank/blas"
	"lowrank/blas/parallel"
)

// stretched is a call with a small C and long sums, as XᵀX is: the sums are cut. Each
// stretch of the inner dimension has a copy of C, and the copies are added in order.
type stretched[T blas.Float] struct {
	call[T]
	split  int // stretches of k
	copies []T // split copies of C, each m×n
}

// cutSums is the way of a stretched call. The stretches are shared evenly by up to four
// threads.
func (p *call[T]) cutSums() {
	calls := blas.OfType[*stack[stretched[T]]](&stretched64, &stretched32)
	q := calls.take()
	q.call = *p
	q.split = min(roundUp(q.k/stretchLength, 4), mostStretches)
	q.copies = grow(q.copies, q.split*q.m*q.n)
	q.share(q.threadsFor())
	q.forget()
	q.copies = kept(q.copies)
	calls.give(q)
}

// share computes the copies and adds them.
func (q *stretched[T]) share(threads int) {
	parallel.Run(threads, q.split, q)
	parallel.Run(threads, q.m, (*addCopies[T])(q))
}

// Part computes one copy of C: its stretch of the inner dimension.
func (q *stretched[T]) Part(s int) {
	c := q.copies[s*q.m*q.n : (s+1)*q.m*q.n]
	clear(c)
	buf := takeBuffer[T]()
	q.columns(buf, 0, q.m, 0, q.n, q.k*s/q.split, q.k*(s+1)/q.split, c, q.n)
	giveBuffer(buf)
}

// addCopies adds the copies of C to βC, a row a part.
type addCopies[T blas.Float] stretched[T]

func (a *addCopies[T]) Part(i int) {
	q := (*stretched[T])(a)
	lo, hi := q.row(i, 0, q.n)
	if lo >= hi {
		return
	}
	c := q.c[i*q.ldc+lo : i*q.ldc+hi]
	scaleRow(q.beta, c)
	for s := range q.split {
		from := q.copies[(s*q.m+i)*q.n+lo:]
		for j := range c {
			c[j] += from[j]
		}
	}
}

var (
	stretched64 stack[stretched[float64]]
	stretched32 stack[stretched[float32]]
)

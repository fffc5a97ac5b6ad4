package native

import (
	"math/bits"
	"runtime"
	"sync/atomic"
)

// turns are tasks that each add to two blocks of a sum, with the order in which
// every block is added to: that of the tasks. A task waits until those before
// it that share a block with it are done; tasks without a common block run at
// the same time. So a sum has the same bits on any number of threads and needs
// no copies.
//
// Threads must take the tasks in order: then the first task that is not done
// never waits.
type turns struct {
	tasks []turn
	done  []atomic.Int32 // by block: the tasks that have added to it
}

// turn is a task that adds to blocks i and j, which may be the same, after
// beforeI and beforeJ others.
type turn struct {
	i, j             int
	beforeI, beforeJ int32
}

// add appends a task.
func (t *turns) add(i, j int) {
	before := func(block int) (n int32) {
		for _, u := range t.tasks {
			if u.i == block || u.j == block {
				n++
			}
		}
		return n
	}
	t.tasks = append(t.tasks, turn{i, j, before(i), before(j)})
}

// begin forgets what was done.
func (t *turns) begin() {
	for b := range t.done {
		t.done[b].Store(0)
	}
}

// wait returns the blocks of a task when it is its turn.
func (t *turns) wait(task int) (i, j int) {
	u := &t.tasks[task]
	for n := 1; t.done[u.i].Load() < u.beforeI || t.done[u.j].Load() < u.beforeJ; n++ {
		if n > 1000 {
			runtime.Gosched()
		}
	}
	return u.i, u.j
}

// end lets the next ones come.
func (t *turns) end(task int) {
	u := &t.tasks[task]
	t.done[u.i].Add(1)
	if u.j != u.i {
		t.done[u.j].Add(1)
	}
}

// newTournament returns the tasks of a symmetric product: every block with
// itself, then every pair i > j once, in rounds in which each block plays once
// (the circle method). blocks is 1 or even.
func newTournament(blocks int) turns {
	t := turns{done: make([]atomic.Int32, blocks)}
	for b := range blocks {
		t.add(b, b)
	}
	for round := range blocks - 1 {
		others := blocks - 1
		t.add(others, round)
		for k := 1; k < blocks/2; k++ {
			i, j := (round+k)%others, (round-k+others)%others
			t.add(max(i, j), min(i, j))
		}
	}
	return t
}

// blockCount is the number of blocks of rows of a product: it depends on
// nothing but the number of rows, so that neither do the bits of the result.
// Half as many threads can work at a time.
func blockCount(rows int) int {
	return powerBelow(min(max(rows/rowsPerBlock, 1), 32))
}

// powerBelow is the largest power of two up to n ≥ 1.
func powerBelow(n int) int { return 1 << (bits.Len(uint(n)) - 1) }

const rowsPerBlock = 240

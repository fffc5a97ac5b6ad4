package native

import (
	"math/bits"
	"sync/atomic"

	"lowrank/blas/parallel"
)

// turns count, block by block, how many tasks have added to the block of a sum.
// A task waits for its turn at each block that it adds to, so that every block is
// added to in one order on any number of threads, without copies.
//
// Tasks have numbers, and wait for lower ones only; threads take them in order.
// So the lowest that is not done never waits for long. A task must not panic:
// others would wait for it.
type turns []turn

type turn struct {
	done atomic.Int32
	_    [60]byte // a cache line of its own
}

// begin forgets what was done.
func (t turns) begin() {
	for b := range t {
		t[b].done.Store(0)
	}
}

// await returns when so many tasks have added to a block.
func (t turns) await(block, before int) {
	parallel.WaitFor(func() bool { return int(t[block].done.Load()) >= before })
}

// pass lets the next task have the block.
func (t turns) pass(block int) { t[block].done.Add(1) }

// match is a task that adds to blocks i and j, which may be the same; each
// plays once a round.
type match struct{ i, j, round int }

// tournament returns the tasks of a symmetric product: every block with itself,
// then every pair i > j once, in rounds in which each block plays once (the
// circle method). blocks is 1 or even.
func tournament(blocks int) []match {
	var all []match
	for b := range blocks {
		all = append(all, match{b, b, 0})
	}
	others := blocks - 1
	for round := range others {
		all = append(all, match{others, round, round + 1})
		for k := 1; k < blocks/2; k++ {
			i, j := (round+k)%others, (round-k+others)%others
			all = append(all, match{max(i, j), min(i, j), round + 1})
		}
	}
	return all
}

// blockCount is the number of blocks into which so many rows or columns of
// tiles are cut: 1 or even, and never more than there are. It depends on nothing
// else, so that neither do the bits of the result. Half as many threads can work
// at a time.
func blockCount(tiles int) int {
	blocks := min(max(tiles/2, min(tiles, 8)), 32)
	return max(blocks&^1, 1)
}

// powerBelow is the largest power of two up to n ≥ 1.
func powerBelow(n int) int { return 1 << (bits.Len(uint(n)) - 1) }

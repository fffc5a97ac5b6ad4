package native

import (
	"math/bits"
	"runtime"
	"sync/atomic"
)

// turns count, block by block, how many tasks have added to the block of a sum.
// A task waits for its turn at each block that it adds to, so that every block is
// added to in one order on any number of threads, without copies.
//
// Tasks have numbers, and wait for lower ones only; threads take them in order.
// So the lowest that is not done never waits for long.
type turns []atomic.Int32

// begin forgets what was done.
func (t turns) begin() {
	for b := range t {
		t[b].Store(0)
	}
}

// await returns when so many tasks have added to a block.
func (t turns) await(block, before int) {
	for n := 1; int(t[block].Load()) < before; n++ {
		if n > 1000 {
			runtime.Gosched()
		}
	}
}

// pass lets the next task have the block.
func (t turns) pass(block int) { t[block].Add(1) }

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

// blockCount is the number of blocks of rows of a product: it depends on
// nothing but the number of rows, so that neither do the bits of the result.
// Half as many threads can work at a time.
func blockCount(rows int) int {
	return powerBelow(min(max(rows/rowsPerBlock, 1), 32))
}

// powerBelow is the largest power of two up to n ≥ 1.
func powerBelow(n int) int { return 1 << (bits.Len(uint(n)) - 1) }

const rowsPerBlock = 240

package native

import (
	"testing"

	"lowrank/blas/parallel"
)

func TestTournamentMeetsEveryPairOnceAndEveryBlockOnceARound(t *testing.T) {
	for _, blocks := range []int{1, 2, 4, 8, 16, 32} {
		met := map[[2]int]bool{}
		played := map[[2]int]bool{} // round and block
		last := 0
		for _, m := range tournament(blocks) {
			if m.i < m.j || m.i >= blocks || m.j < 0 {
				t.Fatalf("%d blocks: %+v", blocks, m)
			}
			if met[[2]int{m.i, m.j}] {
				t.Errorf("%d blocks: %d and %d meet twice", blocks, m.i, m.j)
			}
			met[[2]int{m.i, m.j}] = true
			for _, b := range []int{m.i, m.j} {
				if played[[2]int{m.round, b}] && m.i != m.j {
					t.Errorf("%d blocks: block %d plays twice in round %d", blocks, b, m.round)
				}
				played[[2]int{m.round, b}] = true
			}
			if m.round < last {
				t.Errorf("%d blocks: round %d after round %d", blocks, m.round, last)
			}
			last = m.round
		}
		if len(met) != blocks*(blocks+1)/2 {
			t.Errorf("%d blocks: %d matches", blocks, len(met))
		}
		if len(played) != blocks*blocks {
			t.Errorf("%d blocks: %d appearances, want one a block in each of %d rounds", blocks, len(played), blocks)
		}
	}
}

// inOrder appends its number to a block's list when it is its turn there.
type inOrder struct {
	turns turns
	lists [3][]int
}

func (o *inOrder) Part(i int) {
	for b := range o.lists {
		o.turns.await(b, i)
		o.lists[b] = append(o.lists[b], i)
		o.turns.pass(b)
	}
}

func TestTurnsAreTakenInOrder(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		o := &inOrder{turns: make(turns, 3)}
		for range 20 {
			o.turns.begin()
			o.lists = [3][]int{}
			parallel.Run(threads, 100, o)
			for b, list := range o.lists {
				for i, v := range list {
					if v != i {
						t.Fatalf("%d threads: task %d had turn %d at block %d", threads, v, i, b)
					}
				}
				if len(list) != 100 {
					t.Fatalf("%d threads: %d turns at block %d", threads, len(list), b)
				}
			}
		}
	}
}

func TestBlocksAreOneOrEvenAndHoldTiles(t *testing.T) {
	for tiles := range 300 {
		n := blockCount(tiles)
		if n < 1 || n > max(tiles, 1) || n > 32 || n > 1 && n%2 == 1 {
			t.Errorf("%d rows of tiles: %d blocks", tiles, n)
		}
		if tiles >= 8 && n < 8 {
			t.Errorf("%d rows of tiles: %d blocks, want 8 or more", tiles, n)
		}
	}
}

package testblas

import (
	"lowrank/blas"
	"lowrank/kernel"
)

// blocksOf returns the sizes at which the active row cuts.
func blocksOf[T blas.Float]() (kernel.Numbers, kernel.Blocks) {
	row, _ := kernel.Active()
	n := kernel.KernelsOf[T](row).Numbers
	return n, kernel.BlocksFor(n, blas.SizeOf[T](), kernel.Detect())
}

// seams are sizes at and beside the block sizes of the active row.
func seams[T blas.Float]() []int {
	n, _ := blocksOf[T]()
	return []int{0, 1, 2, 3, n.MR, n.MR + 1, 2*n.NR - 1, n.Tile - 1, n.Tile, n.Tile + 1, n.KC + 1}
}

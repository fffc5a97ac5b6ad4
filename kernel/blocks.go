package kernel

// Blocks are the block sizes of one row on one processor. KC and Tile set the
// order in which sums are formed, so they belong to the row and are the same
// on every processor that runs it; the others follow the caches.
type Blocks struct {
	MC, KC, NC int // GEMM: a block of A is MC×KC elements, a block of B KC×NC
	Tile       int // side of the square tiles in which half of Σ is stored
	SweepBytes int // bytes of a block of rows in a sweep that is composed round another BLAS
}

// Caches are taken to lie within these bounds where cpuid is silent or absurd.
const (
	leastL2 = 256 << 10
	mostL2  = 64 << 20
	leastL3 = 2 << 20
	mostL3  = 1 << 30
)

// BlocksFor derives block sizes from the numbers of a row, the size of an
// element in bytes and the caches. It copes with caches that are unknown (0,
// −1), smaller than any real one, out of order or absurdly large.
//
// The reasoning is that of Low, Igual, Smith and Quintana-Ortí, "Analytical
// modeling is enough for high-performance BLIS" (ACM TOMS 43, 2016): a panel
// of B stays in L1, which the row's KC sees to, a block of A in L2, a block of B
// in L3.
func BlocksFor(n Numbers, elem int, c CPU) Blocks {
	l2 := min(max(c.L2, leastL2), mostL2)
	l3 := min(max(c.L3, leastL3, l2), mostL3)
	return Blocks{
		MC:         multiple(l2/2/(n.KC*elem), n.MR, 4096), // half of L2
		KC:         n.KC,
		NC:         multiple(l3/4/(n.KC*elem), n.NR, 8192), // a quarter of L3, which others share
		Tile:       n.Tile,
		SweepBytes: l2 / 2,
	}
}

// multiple rounds n down to a multiple of unit, at least one and at most limit.
func multiple(n, unit, limit int) int {
	return max(min(n, limit)/unit, 1) * unit
}

package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// blocked is a call that goes through the five loops round the micro-kernel (Goto and
// van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008):
//
//	loop 5: columns of B and C by NC        run
//	loop 4: the inner dimension by KC       run; a block of B is packed for all
//	loop 3: rows of A and C by MC           Part; a block of A is packed for each
//	loop 2: panels of NR columns            tiles
//	loop 1: panels of MR rows               tiles, down to the micro-kernel
//
// Few rows make loop 3 too short to share and B too large to pack for all: then
// each part has columns of its own and packs them itself.
//
// Each element of C is summed in an order that the shapes fix, whatever the
// number of threads.
type blocked[T blas.Float] struct {
	call[T]
	mStep, nStep int  // a part's block of C
	rowBlocks    int  // parts in a column of the grid of parts
	own          bool // parts pack B themselves
	shared       []T  // the packed block of B in loops 5 and 4

	jc, nc, pc, kc int // the block of B under way
}

var (
	blocked64 stack[blocked[float64]]
	blocked32 stack[blocked[float32]]
)

const (
	ownColumns  = 256 // columns of a part that packs B itself
	packColumns = 192 // columns of the pieces in which a block of B is packed for all
	stripRows   = 8   // strips of a call of the kernel, some microseconds
)

// fiveLoops is the way of a blocked call.
func (p *call[T]) fiveLoops() {
	calls := blas.OfType[*stack[blocked[T]]](&blocked64, &blocked32)
	q := calls.take()
	q.call = *p
	q.run(q.threadsFor())
	q.forget()
	q.shared = kept(q.shared)
	calls.give(q)
}

// run is loops 5 and 4.
func (p *blocked[T]) run(threads int) {
	p.cut()
	if p.own {
		parallel.Run(threads, p.rowBlocks*((p.n+p.nStep-1)/p.nStep), p)
		return
	}
	for p.jc = 0; p.jc < p.n; p.jc += p.blocks.NC {
		p.nc = min(p.blocks.NC, p.n-p.jc)
		parts := p.rowBlocks * ((p.nc + p.nStep - 1) / p.nStep)
		for p.pc = 0; p.pc < p.k; p.pc += p.blocks.KC {
			p.kc = min(p.blocks.KC, p.k-p.pc)
			p.shared = grow(p.shared, p.kc*roundUp(p.nc, p.kernels.NR))
			parallel.Run(threads, (p.nc+packColumns-1)/packColumns, (*packing[T])(p))
			parallel.Run(threads, parts, p)
		}
	}
}

// cut decides the parts of C.
func (p *blocked[T]) cut() {
	mc := p.blocks.MC
	p.own = p.m <= ownBlocks*mc
	p.mStep, p.nStep = mc, p.blocks.NC
	if p.own {
		p.nStep = roundUp(min(ownColumns, max((p.n+3)/4, 1)), p.kernels.NR)
		p.mStep = p.m
		if p.n <= 2*p.nStep {
			p.mStep = roundUp(max((p.m+3)/4, 4*p.kernels.MR), p.kernels.MR)
		}
	} else {
		blocks := max(8, roundUp((p.m+mc-1)/mc, 2)) // shared evenly
		p.mStep = roundUp((p.m+blocks-1)/blocks, p.kernels.MR)
	}
	p.rowBlocks = (p.m + p.mStep - 1) / p.mStep
}

// packing packs a piece of the block of B that all parts share.
type packing[T blas.Float] blocked[T]

func (q *packing[T]) Part(i int) {
	p := (*blocked[T])(q)
	j0, j1 := i*packColumns, min((i+1)*packColumns, p.nc)
	p.packB(p.shared[j0*p.kc:], p.jc+j0, p.jc+j1, p.pc, p.kc)
}

// packB packs αB: as the reference BLAS does, B is scaled, not the sums.
func (p *call[T]) packB(dst []T, j0, j1, k0, kc int) {
	dst = dst[:kc*roundUp(j1-j0, p.kernels.NR)]
	pack(&p.kernels, dst, p.b.transpose(), j0, j1, k0, kc, ofB)
	if p.alpha != 1 {
		p.kernels.Scal(len(dst)/p.kernels.Lanes*p.kernels.Lanes, p.alpha, dst)
		for i := len(dst) / p.kernels.Lanes * p.kernels.Lanes; i < len(dst); i++ {
			dst[i] *= p.alpha
		}
	}
}

// Part computes one block of C: over all of k, or with the shared block of B.
func (p *blocked[T]) Part(part int) {
	block := part % p.rowBlocks
	if p.triangle == gblas.Lower {
		block = p.rowBlocks - 1 - block // the longest rows first
	}
	i0, j0 := block*p.mStep, part/p.rowBlocks*p.nStep
	i1 := min(i0+p.mStep, p.m)
	buf := takeBuffer[T]()
	defer giveBuffer(buf)
	if p.own {
		j1 := min(j0+p.nStep, p.n)
		if p.outside(i0, i1, j0, j1) {
			return
		}
		p.scale(i0, i1, j0, j1)
		p.columns(buf, i0, i1, j0, j1, 0, p.k, p.c, p.ldc)
		return
	}
	j1 := min(j0+p.nStep, p.nc)
	if p.outside(i0, i1, p.jc+j0, p.jc+j1) {
		return
	}
	if p.pc == 0 {
		p.scale(i0, i1, p.jc+j0, p.jc+j1)
	}
	b := panels[T]{data: p.shared[j0*p.kc:], ld: p.kernels.NR, step: p.kc * p.kernels.NR}
	p.block(buf, i0, i1, p.jc+j0, p.jc+j1, p.pc, p.kc, b, p.c, p.ldc)
}

// columns adds a block of AB to C, packing B itself or using it where it lies.
func (p *call[T]) columns(buf *buffer[T], i0, i1, j0, j1, k0, k1 int, c []T, ldc int) {
	nr := p.kernels.NR
	direct := p.alpha == 1 && p.b.cs == 1 && p.b.stored == gblas.All && i1-i0 <= directRows*p.kernels.MR &&
		(k1-k0)*p.b.rs*blas.SizeOf[T]() <= directBytes
	for ; k0 < k1; k0 += p.blocks.KC {
		kc := min(p.blocks.KC, k1-k0)
		if !direct {
			buf.b = grow(buf.b, kc*roundUp(j1-j0, nr))
			p.packB(buf.b, j0, j1, k0, kc)
			p.block(buf, i0, i1, j0, j1, k0, kc, panels[T]{data: buf.b, ld: nr, step: kc * nr}, c, ldc)
			continue
		}
		b := panels[T]{data: p.b.data[k0*p.b.rs+j0:], ld: p.b.rs, step: nr}
		p.block(buf, i0, i1, j0, j1, k0, kc, b, c, ldc)
	}
}

// panels of NR columns of B: panel q starts at data[q·step], its rows are ld
// apart.
type panels[T blas.Float] struct {
	data     []T
	ld, step int
}

// block adds the product of rows i0 … i1−1 of A and panels of B to C. A is packed
// unless there are too few columns to make that worth while.
func (p *call[T]) block(buf *buffer[T], i0, i1, j0, j1, k0, kc int, b panels[T], c []T, ldc int) {
	mr, nr := p.kernels.MR, p.kernels.NR
	if p.a.stored == gblas.All && j1-j0 <= directCols*nr {
		rs, cs := p.a.rs, p.a.cs
		p.tiles(buf, i0, i1, j0, j1, kc, p.a.data[i0*rs+k0*cs:], rs, cs, mr*rs, b, c, ldc)
		return
	}
	buf.a = grow(buf.a, kc*roundUp(i1-i0, mr))
	pack(&p.kernels, buf.a, p.a, i0, i1, k0, kc, ofA)
	p.tiles(buf, i0, i1, j0, j1, kc, buf.a, 1, mr, mr*kc, b, c, ldc)
}

// tiles is loops 2 and 1: element (i0+i, k) of A is a[i·rs + k·cs] in a panel of MR rows,
// which are step elements apart.
func (p *call[T]) tiles(buf *buffer[T], i0, i1, j0, j1, kc int, a []T, rs, cs, step int, b panels[T], c []T, ldc int) {
	mr, nr := p.kernels.MR, p.kernels.NR
	for j := j0; j < j1; j += nr {
		at := (j - j0) / nr * b.step
		bp, next, w := b.data[at:], b.data[at:], min(nr, j1-j)
		if b.ld == nr {
			next = b.data[min(at+b.step, len(b.data)):] // packed: the next panel
		}
		first, last := p.wholeStrips(i0, i1, j, w)
		for i := i0; i < i1; {
			at := (i - i0) / mr * step
			if first <= i && i < last {
				strips := min(stripRows, (last-i)/mr)
				p.kernels.Strips(strips, kc, a[at:], rs, cs, step, bp, b.ld, c[i*ldc+j:], ldc, mr*ldc, next)
				next = bp
				i += strips * mr
				continue
			}
			h := min(mr, i1-i)
			if !p.outside(i, i+h, j, j+w) {
				p.tile(buf, i, j, h, w, kc, a[at:], rs, cs, bp, b.ld, c, ldc)
			}
			i += h
		}
	}
}

// wholeStrips returns the rows first … last−1, whole strips counted from i0, in
// which all of columns j … j+w−1 of C are written.
func (p *call[T]) wholeStrips(i0, i1, j, w int) (first, last int) {
	mr := p.kernels.MR
	first, last = i0, i0+(i1-i0)/mr*mr
	switch {
	case w < p.kernels.NR:
		return i1, i1
	case p.triangle == gblas.Lower:
		first += roundUp(max(j+w-1-i0, 0), mr)
	case p.triangle == gblas.Upper:
		last = min(last, i0+max(j+1-i0, 0)/mr*mr)
	}
	return first, last
}

// tile multiplies two panels into the h×w tile of C at (i, j): straight into C,
// or through a tile of its own where only a triangle of it is written.
func (p *call[T]) tile(buf *buffer[T], i, j, h, w, kc int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
	if p.inside(i, j, h, w) {
		gemmTile(&p.kernels, h, w, kc, a, rs, cs, b, ldb, c[i*ldc+j:], ldc)
		return
	}
	nr := p.kernels.NR
	buf.tile = grow(buf.tile, p.kernels.MR*nr)
	clear(buf.tile)
	gemmTile(&p.kernels, h, w, kc, a, rs, cs, b, ldb, buf.tile, nr)
	for ii := range h {
		lo, hi := p.row(i+ii, j, j+w)
		if lo >= hi {
			continue
		}
		from := buf.tile[ii*nr+lo-j : ii*nr+hi-j]
		to := c[(i+ii)*ldc+lo : (i+ii)*ldc+hi]
		for jj, v := range from {
			to[jj] += v
		}
	}
}

// gemmTile performs C += A·B on an h×w tile of C.
func gemmTile[T blas.Float](k *kernel.Kernels[T], h, w, kc int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
	if w == k.NR {
		k.Gemm[h-1](kc, a, rs, cs, b, ldb, c, ldc)
	} else {
		k.Edge[h-1](kc, w, a, rs, cs, b, ldb, c, ldc)
	}
}

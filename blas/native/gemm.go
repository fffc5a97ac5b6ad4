package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

// multiply is one call of C ← αAB + βC, the five loops round the micro-kernel
// (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication",
// ACM TOMS 34, 2008). The two outermost loops over blocks of C are cut into
// parts that threads share; each part packs what it needs.
//
// Where C is small and the sums are long, as in XᵀX, the sums are cut too:
// each stretch of k has a copy of C, and the copies are added in order.
type multiply[T blas.Float] struct {
	fused[T]
	m, n, k     int
	alpha, beta T
	a, b        operand[T]
	c           []T
	ldc         int
	triangle    gblas.Uplo // the triangle of C that is written; gblas.All: the whole

	mStep, nStep int // a part's block of C
	rowBlocks    int // blocks in a column of the grid
	gridBlocks   int // blocks in the grid
	split        int // stretches of k
	copies       []T // split copies of C, each m×n, when split > 1
}

// buffer holds the packed blocks of one part and a tile of C.
type buffer[T blas.Float] struct{ a, b, tile []T }

// gemm runs the call that stands in p, and gives p back.
func gemm[T blas.Float](p *multiply[T]) {
	p.cut()
	threads := p.threads
	if float64(p.m)*float64(p.n)*float64(p.k) < serialBelow {
		threads = 1
	}
	parallel.Run(threads, p.gridBlocks*p.split, p)
	if p.split > 1 {
		parallel.Run(threads, p.m, (*addCopies[T])(p))
	}
	give(p)
}

// cut decides the parts. Only split has a say in the order of sums; it depends
// on the shape alone.
func (p *multiply[T]) cut() {
	p.mStep, p.nStep = p.blocks.MC, p.blocks.NC
	if p.m < 4*p.mStep {
		p.mStep = min(p.mStep, roundUp((p.m+3)/4, p.kernels.MR))
		p.nStep = min(p.nStep, max(roundUp((p.n+7)/8, p.kernels.NR), 64))
	}
	p.rowBlocks = (p.m + p.mStep - 1) / p.mStep
	p.gridBlocks = p.rowBlocks * ((p.n + p.nStep - 1) / p.nStep)
	p.split = 1
	if p.m*p.n <= 128*128 && p.k >= 2048 {
		p.split = min(p.k/1024, 16)
		p.mStep, p.nStep, p.rowBlocks, p.gridBlocks = p.m, p.n, 1, 1
		p.copies = grow(p.copies, p.split*p.m*p.n)
	}
}

// Part computes one block of C, or one copy of it.
func (p *multiply[T]) Part(part int) {
	stretch, block := part/p.gridBlocks, part%p.gridBlocks
	i0, j0 := block%p.rowBlocks*p.mStep, block/p.rowBlocks*p.nStep
	i1, j1 := min(i0+p.mStep, p.m), min(j0+p.nStep, p.n)
	if p.triangle == gblas.Lower && j0 >= i1 || p.triangle == gblas.Upper && i0 >= j1 {
		return
	}
	c, ldc := p.c, p.ldc
	if p.split > 1 {
		c, ldc = p.copies[stretch*p.m*p.n:(stretch+1)*p.m*p.n], p.n
		clear(c)
	} else {
		p.scale(i0, i1, j0, j1)
	}
	if p.alpha == 0 {
		return
	}
	buf := takeBuffer[T]()
	mr, nr := p.kernels.MR, p.kernels.NR
	end := p.k * (stretch + 1) / p.split
	for k0 := p.k * stretch / p.split; k0 < end; k0 += p.blocks.KC {
		kc := min(p.blocks.KC, end-k0)
		buf.b = grow(buf.b, kc*roundUp(j1-j0, nr))
		pack(buf.b, p.b.transpose(), j0, j1, k0, kc, nr)
		buf.a = grow(buf.a, kc*roundUp(i1-i0, mr))
		pack(buf.a, p.a, i0, i1, k0, kc, mr)
		for j := j0; j < j1; j += nr {
			bp := buf.b[(j-j0)*kc:][:kc*nr]
			for i := i0; i < i1; i += mr {
				p.tile(buf, i, j, i1, j1, kc, buf.a[(i-i0)*kc:][:kc*mr], bp, c, ldc)
			}
		}
	}
	giveBuffer(buf)
}

// tile multiplies two panels into the tile of C at (i, j): straight into C
// where it fits, through a tile of its own at edges, for α ≠ 1 and where only
// a triangle of C is written.
func (p *multiply[T]) tile(buf *buffer[T], i, j, i1, j1, kc int, a, b, c []T, ldc int) {
	mr, nr := p.kernels.MR, p.kernels.NR
	h, w := min(mr, i1-i), min(nr, j1-j)
	switch p.triangle {
	case gblas.Lower:
		if j >= i+h {
			return
		}
	case gblas.Upper:
		if i >= j+w {
			return
		}
	default:
		if h == mr && w == nr && p.alpha == 1 {
			p.kernels.Gemm(kc, a, b, c[i*ldc+j:], ldc)
			return
		}
	}
	buf.tile = grow(buf.tile, mr*nr)
	clear(buf.tile)
	p.kernels.Gemm(kc, a, b, buf.tile, nr)
	for ii := range h {
		lo, hi := 0, w
		switch p.triangle {
		case gblas.Lower:
			hi = min(w, i+ii-j+1)
		case gblas.Upper:
			lo = max(0, i+ii-j)
		}
		for jj := lo; jj < hi; jj++ {
			c[(i+ii)*ldc+j+jj] += p.alpha * buf.tile[ii*nr+jj]
		}
	}
}

// row returns the part of row i of C, columns j0 … j1−1, that is written.
func (p *multiply[T]) row(i, j0, j1 int) (lo, hi int) {
	switch p.triangle {
	case gblas.Lower:
		return j0, min(j1, i+1)
	case gblas.Upper:
		return max(j0, i), j1
	}
	return j0, j1
}

// scale forms βC on a block. β = 0 does not read C.
func (p *multiply[T]) scale(i0, i1, j0, j1 int) {
	for i := i0; i < i1; i++ {
		if lo, hi := p.row(i, j0, j1); lo < hi {
			scaleRow(p.beta, p.c[i*p.ldc+lo:i*p.ldc+hi])
		}
	}
}

func scaleRow[T blas.Float](beta T, c []T) {
	switch beta {
	case 1:
	case 0:
		clear(c)
	default:
		for j := range c {
			c[j] *= beta
		}
	}
}

// addCopies adds the copies of C to βC, a row a part.
type addCopies[T blas.Float] multiply[T]

func (q *addCopies[T]) Part(i int) {
	p := (*multiply[T])(q)
	lo, hi := p.row(i, 0, p.n)
	if lo >= hi {
		return
	}
	c := p.c[i*p.ldc+lo : i*p.ldc+hi]
	scaleRow(p.beta, c)
	for s := range p.split {
		from := p.copies[(s*p.m+i)*p.n+lo:]
		for j := range c {
			c[j] += from[j]
		}
	}
}

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// grow returns s with length n, with a new array when the old is too short.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

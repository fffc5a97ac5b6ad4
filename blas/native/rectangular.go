package native

import (
	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// rectangular holds a matrix in square tiles, tile row after tile row, each
// tile row by row. The last tile row is as high and the last tile column as
// wide as needed, up to a few zeros.
type rectangular[T blas.Float] struct {
	fused[T]
	m, n, tile int
	data       []T
}

func (f fused[T]) NewRectangular(m, n int, row func(i int, dst []T)) blas.Rectangular[T] {
	a := &rectangular[T]{fused: f, m: m, n: n, tile: f.blocks.Tile}
	a.data = kernel.Large[T](a.offset(a.tileRows(), 0))
	parallel.Run(f.threads, a.tileRows(), &rows[T]{a, row})
	return a
}

// rows fills one row of tiles a part.
type rows[T blas.Float] struct {
	a   *rectangular[T]
	row func(i int, dst []T)
}

func (p *rows[T]) Part(ti int) {
	a := p.a
	line := make([]T, a.n)
	for i := ti * a.tile; i < min((ti+1)*a.tile, a.m); i++ {
		p.row(i, line)
		for tj := range a.tileCols() {
			copy(a.piece(i, tj), line[tj*a.tile:])
		}
	}
}

func (a *rectangular[T]) tileRows() int { return (a.m + a.tile - 1) / a.tile }
func (a *rectangular[T]) tileCols() int { return (a.n + a.tile - 1) / a.tile }

// height and width are what the tiles of a row and of a column hold.
func (a *rectangular[T]) height(ti int) int {
	return min(a.tile, roundUp(a.m-ti*a.tile, kernel.RowUnit))
}
func (a *rectangular[T]) width(tj int) int { return min(a.tile, roundUp(a.n-tj*a.tile, columnUnit)) }

// columnUnit is a multiple of every row's Lanes.
const columnUnit = 48

// offset is where tile (ti, tj) starts. Tile row tileRows() starts where the
// storage ends.
func (a *rectangular[T]) offset(ti, tj int) int {
	last := a.tileCols() - 1
	if last < 0 || a.m == 0 {
		return 0
	}
	columns := last*a.tile + a.width(last)
	if ti == a.tileRows() {
		return ((ti-1)*a.tile + a.height(ti-1)) * columns
	}
	return ti*a.tile*columns + tj*a.tile*a.height(ti)
}

// piece is the part of row i that lies in a tile column.
func (a *rectangular[T]) piece(i, tj int) []T {
	ti := i / a.tile
	at := a.offset(ti, tj) + (i-ti*a.tile)*a.width(tj)
	return a.data[at : at+min(a.tile, a.n-tj*a.tile)]
}

func (a *rectangular[T]) Dims() (m, n int) { return a.m, a.n }

func (a *rectangular[T]) Bytes() int64 { return int64(len(a.data)) * int64(blas.SizeOf[T]()) }

func (a *rectangular[T]) Row(i int, dst []T) {
	for tj := range a.tileCols() {
		copy(dst[tj*a.tile:], a.piece(i, tj))
	}
}

func (a *rectangular[T]) NewPair(k int) blas.Pair[T] {
	if k < 1 {
		panic(badRank)
	}
	p := &pair[T]{rectangular: a, k: k, band: bandRows(a.n, a.tile, blas.SizeOf[T]()), blocks: blockCount(a.tileCols())}
	p.bands = (a.m + p.band - 1) / p.band
	p.tx, p.ty = newThin(&a.kernels, a.m, k), newThin(&a.kernels, a.n, k)
	p.tband = newThin(&a.kernels, a.tile, k)
	p.x, p.ay, p.y = make([]T, p.tx.size), make([]T, p.tx.size), make([]T, p.ty.size)
	copies := max(1, mostCopies/p.blocks)
	p.atx = newCopies(&a.kernels, &p.ty, copies, p.blocks)
	p.turns = make(turns, copies*p.blocks)
	slots := min(max(a.m/max(2*p.band, k/2), 1), mostSlots)
	p.slotTurns = make(turns, slots)
	for range slots {
		p.slots = append(p.slots, slot[T]{
			Sweeper: kernel.NewSweeper(a.kernels, k),
			gram:    make([]T, k*k),
			band:    make([]T, p.tband.size),
		})
	}
	return p
}

// mostCopies is the number of copies of AᵀX for a narrow A, whose columns are
// one block: tasks take turns at the copies as they do at the blocks of a wide
// one. mostSlots is the number of tasks that Alternate has room for at a time.
// Both belong to the order of sums.
const mostCopies, mostSlots = 16, 32

// bandRows is the height of the bands in which Alternate goes over A, a divisor
// of the tile's: a band is read twice, the second time from cache. It follows the
// shape and not the caches, since sums are formed band by band.
func bandRows(n, tile, size int) int {
	rows := tile
	for rows > kernel.RowUnit && (tile%rows != 0 || rows*n*size > bandBytes) {
		rows -= kernel.RowUnit
	}
	return rows
}

const bandBytes = 4 << 20

// pair makes passes over a rectangular matrix. A task has rows of A, to which
// rows of X and AY belong, and takes turns with the others at the blocks of AᵀX.
type pair[T blas.Float] struct {
	*rectangular[T]
	k             int
	band, bands   int // the height of the bands of Alternate, and their number
	blocks        int // of columns of A
	tx, ty, tband thin
	x, ay, y      []T
	atx           *copies[T]
	turns         turns // at block b of copy c: c·blocks + b
	slots         []slot[T]
	slotTurns     turns

	// The call under way.
	eta                             T
	dstAY, dstATX, next, srcX, srcY blas.General[T]
	g                               []T
}

// slot is what a task of Alternate works with.
type slot[T blas.Float] struct {
	*kernel.Sweeper[T]
	gram []T
	band []T // a band of AY, then of the next X
}

// tileColsOf returns the tile columns first … last−1 of a block.
func (p *pair[T]) tileColsOf(block int) (first, last int) {
	return p.tileCols() * block / p.blocks, p.tileCols() * (block + 1) / p.blocks
}

// inTurn visits the blocks of columns when it is the task's turn to add to the
// copy y of AᵀX there.
func (p *pair[T]) inTurn(task int, visit func(y []T, first, last int)) {
	copies := len(p.turns) / p.blocks
	c := task % copies
	y := p.atx.of(c)
	for b := range p.blocks {
		p.turns.await(c*p.blocks+b, task/copies)
		first, last := p.tileColsOf(b)
		visit(y, first, last)
		p.turns.pass(c*p.blocks + b)
	}
}

func (p *pair[T]) threadsFor() int {
	if float64(p.m)*float64(p.n)*float64(p.k) < serialBelow {
		return 1
	}
	return p.threads
}

func (p *pair[T]) Mul(ay, atx, x, y blas.General[T]) {
	ay.Check(p.m, p.k)
	atx.Check(p.n, p.k)
	x.Check(p.m, p.k)
	y.Check(p.n, p.k)
	p.dstAY, p.dstATX, p.srcX, p.srcY = ay, atx, x, y
	p.run(p.tileRows(), p.tileRows(), (*simultaneous[T])(p))
}

func (p *pair[T]) Alternate(eta T, next, atx, x, y blas.General[T], g, gnext []T) (n blas.Norms) {
	next.Check(p.m, p.k)
	atx.Check(p.n, p.k)
	x.Check(p.m, p.k)
	y.Check(p.n, p.k)
	if len(g) < p.k*p.k || len(gnext) < p.k*p.k {
		panic(shortGram)
	}
	p.eta, p.next, p.dstATX, p.srcX, p.srcY, p.g = eta, next, atx, x, y, g
	p.slotTurns.begin()
	p.run(len(p.slots), p.bands, (*alternating[T])(p))
	clear(gnext[:p.k*p.k])
	for i := range min(len(p.slots), p.bands) {
		s := &p.slots[i]
		for j, v := range s.gram {
			gnext[j] += v
		}
		n.Gradient += s.Gradient
		n.Product += s.Product
	}
	blas.MirrorLower(p.k, gnext)
	return n
}

// run lays out Y, makes the pass, of which so many tasks can work at a time, and
// sums the copies of AᵀX.
func (p *pair[T]) run(atOnce, tasks int, pass parallel.Task) {
	threads := p.threadsFor()
	p.turns.begin()
	parallel.Run(threads, p.blocks, (*layingY[T])(p))
	parallel.Run(min(threads, atOnce), tasks, pass)
	parallel.Run(threads, p.blocks, (*takingATX[T])(p))
	var none blas.General[T]
	p.dstAY, p.dstATX, p.next, p.srcX, p.srcY, p.g = none, none, none, none, none, nil
}

// rowsOfY returns the rows i0 … i1−1 of Y that belong to a block of columns.
func (p *pair[T]) rowsOfY(block int) (i0, i1 int) {
	first, last := p.tileColsOf(block)
	return min(first*p.tile, p.n), min(last*p.tile, p.n)
}

// layingY lays out a block of Y and clears one of AᵀX.
type layingY[T blas.Float] pair[T]

func (q *layingY[T]) Part(block int) {
	p := (*pair[T])(q)
	i0, i1 := p.rowsOfY(block)
	packThin(&p.ty, p.y, p.srcY, i0, i1, 0)
	for c := range len(p.turns) / p.blocks {
		clearThin(&p.ty, p.atx.of(c), i0, i1)
	}
}

type takingATX[T blas.Float] pair[T]

func (q *takingATX[T]) Part(block int) {
	p := (*pair[T])(q)
	i0, i1 := p.rowsOfY(block)
	p.atx.sum(p.dstATX, i0, i1, block)
}

// simultaneous forms AY and AᵀX for a row of tiles.
type simultaneous[T blas.Float] pair[T]

func (q *simultaneous[T]) Part(ti int) {
	p := (*pair[T])(q)
	i0, i1, h := ti*p.tile, min((ti+1)*p.tile, p.m), p.height(ti)
	packThin(&p.tx, p.x, p.srcX, i0, i1, 0)
	clearThin[T](&p.tx, p.ay, i0, i0+h)
	p.inTurn(ti, func(atx []T, first, last int) {
		for tj := first; tj < last; tj++ {
			at, w := p.offset(ti, tj), p.width(tj)
			twoSided(&p.kernels, h, w, p.data[at:], w, h*w, &p.tx, p.x, p.ay, i0, &p.ty, p.y, atx, tj*p.tile)
		}
	})
	unpackThin(&p.tx, p.dstAY, p.ay, i0, i1, 0)
}

// alternating forms a band of AY, makes a step of X on it and adds its share of
// AᵀX, while the band of A is in cache.
type alternating[T blas.Float] pair[T]

func (q *alternating[T]) Part(task int) {
	p := (*pair[T])(q)
	slots := len(p.slots)
	i := task % slots
	s := &p.slots[i]
	p.slotTurns.await(i, task/slots)
	if task < slots {
		clear(s.gram)
		s.Begin(p.g)
	}
	p.step(task, s)
	if task+slots >= p.bands {
		s.End(s.gram)
	}
	p.slotTurns.pass(i)
}

// step takes one band.
func (p *pair[T]) step(task int, s *slot[T]) {
	k, t := &p.kernels, &p.tband
	i0 := task * p.band
	i1 := min(i0+p.band, p.m)
	ti := i0 / p.tile
	in, h := i0-ti*p.tile, min(p.band, p.height(ti)-(i0-ti*p.tile))
	clearThin[T](t, s.band, 0, h)
	for tj := range p.tileCols() {
		a, w, next := p.bandOf(ti, tj, in)
		forward(k, h, w, a, w, next, t, s.band, 0, &p.ty, p.y, tj*p.tile)
	}
	unpackThin(t, p.next, s.band, i0, i1, i0)
	s.Update(i1-i0, p.eta, p.srcX.Data[i0*p.srcX.Stride:], p.srcX.Stride, p.next.Data[i0*p.next.Stride:], p.next.Stride)
	packThin(t, s.band, p.next, i0, i1, i0)
	p.inTurn(task, func(atx []T, first, last int) {
		for tj := first; tj < last; tj++ {
			a, w, next := p.bandOf(ti, tj, in)
			adjoint(k, h, w, a, w, next, t, s.band, 0, &p.ty, atx, tj*p.tile)
		}
	})
}

// bandOf returns the band of tile (ti, tj) that starts in rows into it, its
// width, and the distance to that of the next tile, or back to the first.
func (p *pair[T]) bandOf(ti, tj, in int) (a []T, w, next int) {
	start := func(tj int) int { return p.offset(ti, tj) + in*p.width(tj) }
	at := start(tj)
	return p.data[at:], p.width(tj), start((tj+1)%p.tileCols()) - at
}

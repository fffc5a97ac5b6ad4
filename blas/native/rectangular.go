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
	return &pair[T]{pairs: newPairs(a, []int{k})}
}

// pair is pairs of one.
type pair[T blas.Float] struct {
	*pairs[T]
	ay, atx, x, y [1]blas.General[T]
	eta1          [1]T
	g, gnext      [1][]T
	norms         [1]blas.Norms
}

func (p *pair[T]) Mul(ay, atx, x, y blas.General[T]) {
	p.ay[0], p.atx[0], p.x[0], p.y[0] = ay, atx, x, y
	p.pairs.Mul(p.ay[:], p.atx[:], p.x[:], p.y[:])
	p.forget()
}

func (p *pair[T]) Alternate(eta T, next, atx, x, y blas.General[T], g, gnext []T) blas.Norms {
	p.ay[0], p.atx[0], p.x[0], p.y[0] = next, atx, x, y
	p.eta1[0], p.g[0], p.gnext[0] = eta, g, gnext
	p.pairs.Alternate(p.eta1[:], p.ay[:], p.atx[:], p.x[:], p.y[:], p.g[:], p.gnext[:], p.norms[:])
	p.forget()
	return p.norms[0]
}

// forget lets go of the operands.
func (p *pair[T]) forget() {
	var none blas.General[T]
	p.ay[0], p.atx[0], p.x[0], p.y[0], p.g[0], p.gnext[0] = none, none, none, none, nil, nil
}

func (a *rectangular[T]) NewPairs(k []int) blas.Pairs[T] { return newPairs(a, k) }

func newPairs[T blas.Float](a *rectangular[T], k []int) *pairs[T] {
	p := &pairs[T]{rectangular: a, band: bandRows(a.n, a.tile, blas.SizeOf[T]()), blocks: blockCount(a.tileCols())}
	p.bands = (a.m + p.band - 1) / p.band
	copies := max(1, mostCopies/p.blocks)
	p.turns = make(turns, copies*p.blocks)
	for _, columns := range k {
		if columns < 1 {
			panic(badRank)
		}
		f := &factors[T]{k: columns}
		f.tx, f.ty = newThin(&a.kernels, a.m, columns), newThin(&a.kernels, a.n, columns)
		f.tband = newThin(&a.kernels, a.tile, columns)
		f.x, f.ay, f.y = make([]T, f.tx.size), make([]T, f.tx.size), make([]T, f.ty.size)
		f.atx = newCopies(&a.kernels, &f.ty, copies, p.blocks)
		slots := min(max(a.m/max(2*p.band, columns/2), 1), mostSlots)
		f.slotTurns = make(turns, slots)
		for range slots {
			f.slots = append(f.slots, slot[T]{
				sweeper: newSweeper(&a.kernels, columns),
				gram:    make([]T, columns*columns),
				band:    make([]T, f.tband.size),
			})
		}
		p.all = append(p.all, f)
		p.columns += columns
		if p.slots == 0 || slots < p.slots {
			p.slots = slots
		}
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

// bandBytes is what a band holds at most: it stays in a shared cache of some MiB between
// its two readings. Chosen. It belongs to the order of sums.
const bandBytes = 4 << 20

// pairs makes passes over a rectangular matrix. A task has rows of A, to which
// rows of X and AY belong, and takes turns with the others at the blocks of AᵀX.
// With each tile, or each band, one pair of factors meets it after the other.
type pairs[T blas.Float] struct {
	*rectangular[T]
	band, bands int // the height of the bands of Alternate, and their number
	blocks      int // of columns of A
	turns       turns
	all         []*factors[T]
	columns     int // of all
	slots       int // the fewest of any

	pass passOperands[T] // the call under way
}

// passOperands are those of a pass, by pair of factors.
type passOperands[T blas.Float] struct {
	eta                             []T
	dstAY, dstATX, next, srcX, srcY []blas.General[T]
	g                               [][]T
}

// factors is what one pair of factors works with.
type factors[T blas.Float] struct {
	k             int
	tx, ty, tband thin
	x, ay, y      []T
	atx           *copies[T] // in turns: block b of copy c at c·blocks + b
	slots         []slot[T]
	slotTurns     turns
}

// slot is what a task of Alternate works with.
type slot[T blas.Float] struct {
	*sweeper[T]
	gram []T
	band []T // a band of AY, then of the next X
}

// tileColsOf returns the tile columns first … last−1 of a block.
func (p *pairs[T]) tileColsOf(block int) (first, last int) {
	return p.tileCols() * block / p.blocks, p.tileCols() * (block + 1) / p.blocks
}

// inTurn visits the blocks of columns when it is the task's turn to add to copy
// c of AᵀX there.
func (p *pairs[T]) inTurn(task int, visit func(c, first, last int)) {
	copies := len(p.turns) / p.blocks
	c := task % copies
	for b := range p.blocks {
		p.turns.await(c*p.blocks+b, task/copies)
		first, last := p.tileColsOf(b)
		visit(c, first, last)
		p.turns.pass(c*p.blocks + b)
	}
}

func (p *pairs[T]) threadsFor() int {
	if float64(p.m)*float64(p.n)*float64(p.columns) < serialBelow {
		return 1
	}
	return p.threads
}

// check panics unless there are operands of the right shapes for every pair.
func (p *pairs[T]) check(ay, atx, x, y []blas.General[T]) {
	n := len(p.all)
	if len(ay) != n || len(atx) != n || len(x) != n || len(y) != n {
		panic(badShape)
	}
	for i, f := range p.all {
		ay[i].Check(p.m, f.k)
		atx[i].Check(p.n, f.k)
		x[i].Check(p.m, f.k)
		y[i].Check(p.n, f.k)
	}
}

func (p *pairs[T]) Mul(ay, atx, x, y []blas.General[T]) {
	p.check(ay, atx, x, y)
	p.pass = passOperands[T]{dstAY: ay, dstATX: atx, srcX: x, srcY: y}
	p.run(p.tileRows(), p.tileRows(), (*simultaneous[T])(p))
}

func (p *pairs[T]) Alternate(eta []T, next, atx, x, y []blas.General[T], g, gnext [][]T, norms []blas.Norms) {
	p.check(next, atx, x, y)
	n := len(p.all)
	if len(eta) != n || len(g) != n || len(gnext) != n || len(norms) != n {
		panic(badShape)
	}
	for i, f := range p.all {
		if len(g[i]) < f.k*f.k || len(gnext[i]) < f.k*f.k {
			panic(shortGram)
		}
		f.slotTurns.begin()
	}
	p.pass = passOperands[T]{eta: eta, next: next, dstATX: atx, srcX: x, srcY: y, g: g}
	p.run(p.slots, p.bands, (*alternating[T])(p))
	for i, f := range p.all {
		norms[i] = f.gram(p.bands, gnext[i])
	}
}

// gram sums what the slots left of the next Gram matrix, into g.
func (f *factors[T]) gram(bands int, g []T) (n blas.Norms) {
	clear(g[:f.k*f.k])
	for i := range min(len(f.slots), bands) {
		s := &f.slots[i]
		for j, v := range s.gram {
			g[j] += v
		}
		n.Gradient += s.norms.Gradient
		n.Product += s.norms.Product
	}
	blas.MirrorLower(f.k, g)
	return n
}

// run lays out the Y, makes the pass, of which so many tasks can work at a time,
// and sums the copies of AᵀX.
func (p *pairs[T]) run(atOnce, tasks int, pass parallel.Task) {
	threads := p.threadsFor()
	p.turns.begin()
	parallel.Run(threads, p.blocks, (*layingY[T])(p))
	parallel.Run(min(threads, atOnce), tasks, pass)
	parallel.Run(threads, p.blocks, (*takingATX[T])(p))
	p.pass = passOperands[T]{}
}

// rowsOfY returns the rows i0 … i1−1 of Y that belong to a block of columns.
func (p *pairs[T]) rowsOfY(block int) (i0, i1 int) {
	first, last := p.tileColsOf(block)
	return min(first*p.tile, p.n), min(last*p.tile, p.n)
}

// layingY lays out a block of each Y and clears one of each AᵀX.
type layingY[T blas.Float] pairs[T]

func (q *layingY[T]) Part(block int) {
	p := (*pairs[T])(q)
	i0, i1 := p.rowsOfY(block)
	for i, f := range p.all {
		packThin(&f.ty, f.y, p.pass.srcY[i], i0, i1, 0)
		for c := range len(p.turns) / p.blocks {
			clearThin(&f.ty, f.atx.of(c), i0, i1)
		}
	}
}

type takingATX[T blas.Float] pairs[T]

func (q *takingATX[T]) Part(block int) {
	p := (*pairs[T])(q)
	i0, i1 := p.rowsOfY(block)
	for i, f := range p.all {
		f.atx.sum(p.pass.dstATX[i], i0, i1, block)
	}
}

// simultaneous forms AY and AᵀX for a row of tiles.
type simultaneous[T blas.Float] pairs[T]

func (q *simultaneous[T]) Part(ti int) {
	p := (*pairs[T])(q)
	i0, i1, h := ti*p.tile, min((ti+1)*p.tile, p.m), p.height(ti)
	for i, f := range p.all {
		packThin(&f.tx, f.x, p.pass.srcX[i], i0, i1, 0)
		clearThin(&f.tx, f.ay, i0, i0+h)
	}
	p.inTurn(ti, func(c, first, last int) {
		for tj := first; tj < last; tj++ {
			at, w := p.offset(ti, tj), p.width(tj)
			for i, f := range p.all {
				next := p.next(i, h*w)
				twoSided(&p.kernels, h, w, p.data[at:], w, next, &f.tx, f.x, f.ay, i0, &f.ty, f.y, f.atx.of(c), tj*p.tile)
			}
		}
	})
	for i, f := range p.all {
		unpackThin(&f.tx, p.pass.dstAY[i], f.ay, i0, i1, 0)
	}
}

// next is the distance to the tile that is read after pair i has met one: the
// same tile again, until the last pair.
func (p *pairs[T]) next(i, next int) int {
	if i < len(p.all)-1 {
		return 0
	}
	return next
}

// alternating forms a band of each AY, makes a step of X on it and adds its share
// of AᵀX, while the band of A is in cache.
type alternating[T blas.Float] pairs[T]

func (q *alternating[T]) Part(task int) {
	p := (*pairs[T])(q)
	for i, f := range p.all {
		slots := len(f.slots)
		at := task % slots
		s := &f.slots[at]
		f.slotTurns.await(at, task/slots)
		if task < slots {
			clear(s.gram)
			s.begin(p.pass.g[i])
		}
	}
	p.step(task)
	for _, f := range p.all {
		slots := len(f.slots)
		s := &f.slots[task%slots]
		if task+slots >= p.bands {
			s.end(s.gram)
		}
		f.slotTurns.pass(task % slots)
	}
}

// step takes one band.
func (p *pairs[T]) step(task int) {
	k := &p.kernels
	i0 := task * p.band
	i1 := min(i0+p.band, p.m)
	ti := i0 / p.tile
	in, h := i0-ti*p.tile, min(p.band, p.height(ti)-(i0-ti*p.tile))
	for _, f := range p.all {
		clearThin(&f.tband, f.slot(task).band, 0, h)
	}
	for tj := range p.tileCols() {
		a, w, next := p.bandOf(ti, tj, in)
		for i, f := range p.all {
			forward(k, h, w, a, w, p.next(i, next), &f.tband, f.slot(task).band, 0, &f.ty, f.y, tj*p.tile)
		}
	}
	for i, f := range p.all {
		s, t := f.slot(task), &f.tband
		x, next := p.pass.srcX[i], p.pass.next[i]
		unpackThin(t, next, s.band, i0, i1, i0)
		s.update(i1-i0, p.pass.eta[i], x.Data[i0*x.Stride:], x.Stride, next.Data[i0*next.Stride:], next.Stride)
		packThin(t, s.band, next, i0, i1, i0)
	}
	p.inTurn(task, func(c, first, last int) {
		for tj := first; tj < last; tj++ {
			a, w, next := p.bandOf(ti, tj, in)
			for i, f := range p.all {
				adjoint(k, h, w, a, w, p.next(i, next), &f.tband, f.slot(task).band, 0, &f.ty, f.atx.of(c), tj*p.tile)
			}
		}
	})
}

func (f *factors[T]) slot(task int) *slot[T] { return &f.slots[task%len(f.slots)] }

// bandOf returns the band of tile (ti, tj) that starts in rows into it, its
// width, and the distance to that of the next tile, or back to the first.
func (p *pairs[T]) bandOf(ti, tj, in int) (a []T, w, next int) {
	start := func(tj int) int { return p.offset(ti, tj) + in*p.width(tj) }
	at := start(tj)
	return p.data[at:], p.width(tj), start((tj+1)%p.tileCols()) - at
}

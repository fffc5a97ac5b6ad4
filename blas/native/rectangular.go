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
	p := &pair[T]{rectangular: a, k: k, band: bandRows(a.n, a.tile, blas.SizeOf[T]())}
	p.tx, p.ty = newThin(&a.kernels, a.m, k), newThin(&a.kernels, a.n, k)
	p.tband = newThin(&a.kernels, a.tile, k)
	p.x, p.ay, p.y = make([]T, p.tx.size), make([]T, p.tx.size), make([]T, p.ty.size)
	parts := min(min(2*blockCount(a.m), 32), max(a.tileRows(), 1))
	p.atx = newCopies(&a.kernels, &p.ty, parts, parts)
	for i := range parts {
		p.atx.reach[i] = p.ty.n
		p.parts = append(p.parts, pairPart[T]{
			Sweeper: kernel.NewSweeper(a.kernels, k),
			gram:    make([]T, k*k),
			band:    make([]T, p.tband.size),
		})
	}
	return p
}

// bandRows is the height of the bands in which Alternate goes over A: a band is
// read twice, the second time from cache. It follows the shape and not the
// caches, since sums are formed band by band.
func bandRows(n, tile, size int) int {
	rows := tile
	for rows > 24 && rows*n*size > 4<<20 {
		rows -= kernel.RowUnit
	}
	return rows
}

// pair makes passes over a rectangular matrix. Each part has a stretch of tile
// rows, to which rows of X and AY belong, and a copy of AᵀX.
type pair[T blas.Float] struct {
	*rectangular[T]
	k, band       int
	tx, ty, tband thin
	x, ay, y      []T
	atx           *copies[T]
	parts         []pairPart[T]

	// The call under way.
	eta                             T
	dstAY, dstATX, next, srcX, srcY blas.General[T]
	g                               []T
}

type pairPart[T blas.Float] struct {
	*kernel.Sweeper[T]
	gram []T
	band []T // a band of AY, then of the next X
}

// tileRowsOf returns the tile rows first … last−1 of a part.
func (p *pair[T]) tileRowsOf(part int) (first, last int) {
	return p.tileRows() * part / len(p.parts), p.tileRows() * (part + 1) / len(p.parts)
}

// rowsOf returns the rows i0 … i1−1 of a part.
func (p *pair[T]) rowsOf(part int) (i0, i1 int) {
	first, last := p.tileRowsOf(part)
	return min(first*p.tile, p.m), min(last*p.tile, p.m)
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
	p.run((*simultaneous[T])(p))
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
	p.run((*alternating[T])(p))
	clear(gnext[:p.k*p.k])
	for i := range p.parts {
		part := &p.parts[i]
		for j, v := range part.gram {
			gnext[j] += v
		}
		n.Gradient += part.Gradient
		n.Product += part.Product
	}
	blas.MirrorLower(p.k, gnext)
	return n
}

// run lays out Y, makes the pass and sums the copies of AᵀX.
func (p *pair[T]) run(pass parallel.Task) {
	threads, parts := p.threadsFor(), len(p.parts)
	parallel.Run(threads, parts, (*layingY[T])(p))
	parallel.Run(threads, parts, pass)
	parallel.Run(threads, parts, (*summingATX[T])(p))
	var none blas.General[T]
	p.dstAY, p.dstATX, p.next, p.srcX, p.srcY, p.g = none, none, none, none, none, nil
}

type layingY[T blas.Float] pair[T]

func (q *layingY[T]) Part(part int) {
	p := (*pair[T])(q)
	packThin(&p.ty, p.y, p.srcY, p.n*part/len(p.parts), p.n*(part+1)/len(p.parts), 0)
}

type summingATX[T blas.Float] pair[T]

func (q *summingATX[T]) Part(part int) {
	p := (*pair[T])(q)
	p.atx.sum(p.dstATX, p.n*part/len(p.parts), p.n*(part+1)/len(p.parts), part)
}

// simultaneous forms AY and AᵀX, tile by tile.
type simultaneous[T blas.Float] pair[T]

func (q *simultaneous[T]) Part(part int) {
	p := (*pair[T])(q)
	i0, i1 := p.rowsOf(part)
	packThin(&p.tx, p.x, p.srcX, i0, i1, 0)
	atx := p.atx.of(part)
	clear(atx)
	first, last := p.tileRowsOf(part)
	for ti := first; ti < last; ti++ {
		clearThin[T](&p.tx, p.ay, ti*p.tile, ti*p.tile+p.height(ti))
		for tj := range p.tileCols() {
			at, w := p.offset(ti, tj), p.width(tj)
			twoSided(&p.kernels, p.height(ti), w, p.data[at:], w,
				&p.tx, p.x, p.ay, ti*p.tile, &p.ty, p.y, atx, tj*p.tile)
		}
	}
	unpackThin(&p.tx, p.dstAY, p.ay, i0, i1, 0)
}

// alternating forms a band of AY, makes a step of X on it and adds its share of
// AᵀX, while the band of A is in cache.
type alternating[T blas.Float] pair[T]

func (q *alternating[T]) Part(part int) {
	p := (*pair[T])(q)
	s := &p.parts[part]
	atx := p.atx.of(part)
	clear(atx)
	clear(s.gram)
	s.Begin(p.g)
	first, last := p.tileRowsOf(part)
	for ti := first; ti < last; ti++ {
		for in := 0; in < p.height(ti); in += p.band {
			p.step(s, ti, in, min(p.band, p.height(ti)-in), atx)
		}
	}
	s.End(s.gram)
}

// step takes the band of h rows that starts in rows into tile row ti.
func (p *pair[T]) step(s *pairPart[T], ti, in, h int, atx []T) {
	k, t := &p.kernels, &p.tband
	clearThin[T](t, s.band, 0, h)
	for tj := range p.tileCols() {
		at, w := p.offset(ti, tj), p.width(tj)
		forward(k, h, w, p.data[at+in*w:], w, t, s.band, 0, &p.ty, p.y, tj*p.tile)
	}
	i0 := ti*p.tile + in
	i1 := min(i0+h, p.m)
	if i0 >= i1 {
		return
	}
	unpackThin(t, p.next, s.band, i0, i1, i0)
	s.Update(i1-i0, p.eta, p.srcX.Data[i0*p.srcX.Stride:], p.srcX.Stride, p.next.Data[i0*p.next.Stride:], p.next.Stride)
	packThin(t, s.band, p.next, i0, i1, i0)
	for tj := range p.tileCols() {
		at, w := p.offset(ti, tj), p.width(tj)
		adjoint(k, h, w, p.data[at+in*w:], w, t, s.band, 0, &p.ty, atx, tj*p.tile)
	}
}

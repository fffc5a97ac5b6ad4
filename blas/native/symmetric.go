package native

import (
	"math/bits"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// symmetric holds one triangle of a symmetric matrix, cut into square tiles
// that follow each other in memory in the order in which a product reads them:
//
//	┌───┐
//	│0  │            tile rows from top to bottom, within a row from left to
//	├───┼───┐        right; each tile row by row. A tile on the diagonal is
//	│1  │2  │        the triangle below it with half of the diagonal, zeros
//	├───┼───┼───┐    above: L + Lᵀ is the tile, so that it is multiplied like
//	│3  │4  │5  │    the others. The last tile row is as high as it needs.
//	└───┴───┴───┘
//
// That is n(n+1)/2 elements and about n·tile/2 more.
//
// The elements are of type S, the arithmetic of type T: the same, or float32
// under float64.
type symmetric[S, T blas.Float] struct {
	fused[T]
	n, tile int
	data    []S
	rounded *kernel.Row // whose kernels take float32 under float64; nil: S is T
}

func (f fused[T]) NewSymmetric(n int, row func(i int, dst []T)) blas.Symmetric[T] {
	return newSymmetric(f, n, row)
}

func (f fused[T]) NewRounded(n int, row func(i int, dst []float32)) blas.Symmetric[T] {
	m := newSymmetric(f, n, row)
	if blas.SizeOf[T]() == 8 {
		row, _ := kernel.Active()
		m.rounded = &row
	}
	return m
}

func newSymmetric[S, T blas.Float](f fused[T], n int, row func(i int, dst []S)) *symmetric[S, T] {
	m := &symmetric[S, T]{fused: f, n: n, tile: f.blocks.Tile}
	nt := m.tileRows()
	m.data = make([]S, m.offset(nt, 0))
	parallel.Run(f.threads, nt, &filling[S, T]{m, row})
	return m
}

// filling fills one row of tiles a part.
type filling[S, T blas.Float] struct {
	m   *symmetric[S, T]
	row func(i int, dst []S)
}

func (p *filling[S, T]) Part(ti int) {
	m := p.m
	line := make([]S, min((ti+1)*m.tile, m.n))
	for i := ti * m.tile; i < min((ti+1)*m.tile, m.n); i++ {
		p.row(i, line[:i+1])
		m.eachPiece(i, func(j0 int, piece []S) { copy(piece, line[j0:]) })
		*m.diagonal(i) /= 2
	}
}

// eachPiece visits the pieces of row i of the lower triangle, one a tile.
func (m *symmetric[S, T]) eachPiece(i int, visit func(j0 int, piece []S)) {
	ti := i / m.tile
	in := i - ti*m.tile
	for tj := range ti + 1 {
		at := m.offset(ti, tj) + in*m.tile
		visit(tj*m.tile, m.data[at:at+min(m.tile, i+1-tj*m.tile)])
	}
}

// diagonal is where half of element (i, i) lies.
func (m *symmetric[S, T]) diagonal(i int) *S {
	ti := i / m.tile
	in := i - ti*m.tile
	return &m.data[m.offset(ti, ti)+in*m.tile+in]
}

func (m *symmetric[S, T]) tileRows() int { return (m.n + m.tile - 1) / m.tile }

// offset is where tile (ti, tj) starts: behind the tile rows above and the
// tiles to its left. Tile row tileRows() starts where the storage ends.
func (m *symmetric[S, T]) offset(ti, tj int) int {
	if nt := m.tileRows(); ti == nt && nt > 0 {
		ti, tj = nt-1, nt
	}
	return ti*(ti+1)/2*m.tile*m.tile + tj*m.height(ti)*m.tile
}

// A tile on the diagonal is multiplied in bands of bandUnit rows, as wide as they
// reach: whole groups of rows and whole vectors of every row of kernels.
const bandUnit = 48

// height is the number of rows that tile row ti holds; only the last may be
// lower than a tile.
func (m *symmetric[S, T]) height(ti int) int {
	return min(m.tile, roundUp(m.n-ti*m.tile, kernel.RowUnit))
}

func (m *symmetric[S, T]) Dim() int { return m.n }

func (m *symmetric[S, T]) Bytes() int64 { return int64(len(m.data)) * int64(blas.SizeOf[S]()) }

func (m *symmetric[S, T]) Row(i int, dst []T) {
	m.eachPiece(i, func(j0 int, piece []S) {
		for j, v := range piece {
			dst[j0+j] = T(v)
		}
	})
	dst[i] *= 2
}

// productParts is the number of parts of a product: it depends on nothing but
// the dimension, so that neither do the bits of the result. Each part has a
// copy of Y, which is why there are not more.
func productParts(n int) int {
	return 1 << bits.Len(uint(min(max(n/256, 1), 16)))
}

func (m *symmetric[S, T]) NewProduct(r int) blas.Product[T] {
	if r < 1 {
		panic(badRank)
	}
	p := &product[S, T]{symmetric: m, parts: productParts(m.n)}
	p.thin = newThin(&m.kernels, m.n, r)
	p.x = make([]T, p.thin.size)
	p.y = newCopies(&m.kernels, &p.thin, p.parts, p.parts)
	for i := range p.parts {
		if m.rounded != nil && !p.narrow() {
			p.wide = append(p.wide, make([]T, m.tile*m.tile))
		}
		if _, last := p.tilesOf(i); last > 0 {
			ti, _ := tileAt(last - 1)
			p.y.reach[i] = (ti + 1) * m.tile
		}
	}
	return p
}

// product multiplies in three runs over the threads: X is laid out; each part
// multiplies its tiles into its own copy of Y; the copies are summed.
type product[S, T blas.Float] struct {
	*symmetric[S, T]
	parts int
	thin  thin
	x     []T
	y     *copies[T]
	wide  [][]T // by part: a tile, when it is widened

	dst, src blas.General[T] // of the call under way
	back     bool
}

// tilesOf returns the tiles first … last−1 of a part, in storage order.
func (p *product[S, T]) tilesOf(part int) (first, last int) {
	nt := p.tileRows()
	tiles := nt * (nt + 1) / 2
	return tiles * part / p.parts, tiles * (part + 1) / p.parts
}

// tileAt returns the place of the k-th tile in storage order.
func tileAt(k int) (ti, tj int) {
	for (ti+1)*(ti+2)/2 <= k {
		ti++
	}
	return ti, k - ti*(ti+1)/2
}

func (p *product[S, T]) Mul(dst, x blas.General[T]) {
	dst.Check(p.n, p.thin.r)
	x.Check(p.n, p.thin.r)
	p.dst, p.src = dst, x
	threads := p.threads
	if float64(p.n)*float64(p.n)*float64(p.thin.r) < serialBelow {
		threads = 1
	}
	parallel.Run(threads, p.parts, (*laying[S, T])(p))
	parallel.Run(threads, p.parts, p)
	parallel.Run(threads, p.parts, (*summing[S, T])(p))
	p.back = !p.back
	p.dst, p.src = blas.General[T]{}, blas.General[T]{}
}

// serialBelow is the number of multiply-adds below which one thread is faster
// than two: a few calls to the pool of 2 µs each against 0.1 ns each.
const serialBelow = 1 << 17

// laying lays out a stretch of rows of X.
type laying[S, T blas.Float] product[S, T]

func (q *laying[S, T]) Part(part int) {
	p := (*product[S, T])(q)
	packThin(&p.thin, p.x, p.src, p.n*part/p.parts, p.n*(part+1)/p.parts, 0)
}

// Part multiplies the tiles of one part. Every other product takes the parts
// from the last to the first: what the one before left in the cache is read
// first. Parts do not touch each other, so that the result is the same.
func (p *product[S, T]) Part(part int) {
	if p.back {
		part = p.parts - 1 - part
	}
	y := p.y.of(part)
	clearThin(&p.thin, y, 0, p.y.reach[part])
	first, last := p.tilesOf(part)
	ti, tj := tileAt(first)
	for range last - first {
		at, h := p.offset(ti, tj), p.height(ti)
		a := p.fetch(part, p.data[at:at+h*p.tile])
		if ti != tj {
			p.multiply(h, p.tile, a, y, ti*p.tile, tj*p.tile)
		} else {
			// In bands, because nothing lies above the diagonal.
			for i := 0; i < h; i += bandUnit {
				m := min(bandUnit, h-i)
				p.multiply(m, min(roundUp(i+m, bandUnit), p.tile), a.down(i*p.tile), y, ti*p.tile+i, ti*p.tile)
			}
		}
		if tj++; tj > ti {
			ti, tj = ti+1, 0
		}
	}
}

// tile is a tile of Σ as the kernels take it: wide, or as it is stored.
type tile[T blas.Float] struct {
	wide   []T
	narrow []float32
}

// down leaves out the first elements.
func (a tile[T]) down(n int) tile[T] {
	if a.narrow != nil {
		return tile[T]{narrow: a.narrow[n:]}
	}
	return tile[T]{wide: a.wide[n:]}
}

// narrow says that the kernels take the tiles as they are stored.
func (p *product[S, T]) narrow() bool {
	return len(p.thin.groups) == 1 && p.thin.groups[0].kind == asColumns
}

// fetch returns a tile. One of float32 under float64
// is widened into a buffer first, unless a few columns of X want it only once:
// their kernels widen it on the way.
func (p *product[S, T]) fetch(part int, stored []S) tile[T] {
	if p.rounded == nil {
		return tile[T]{wide: any(stored).([]T)}
	}
	narrow := any(stored).([]float32)
	if p.narrow() {
		return tile[T]{narrow: narrow}
	}
	wide := p.wide[part][:len(stored)]
	p.rounded.Widen(len(narrow), narrow, any(wide).([]float64))
	return tile[T]{wide: wide}
}

func (p *product[S, T]) multiply(m, n int, a tile[T], y []T, i, j int) {
	t := &p.thin
	if a.narrow == nil {
		twoSided(&p.kernels, m, n, a.wide, p.tile, t, p.x, y, i, t, p.x, y, j)
		return
	}
	x, y64 := any(p.x).([]float64), any(y).([]float64)
	p.rounded.Rounded[t.r-1](m, n, a.narrow, p.tile, x[i:], y64[i:], t.rows, x[j:], y64[j:], t.rows)
}

// summing adds the copies of Y over a stretch of rows.
type summing[S, T blas.Float] product[S, T]

func (q *summing[S, T]) Part(part int) {
	p := (*product[S, T])(q)
	p.y.sum(p.dst, p.n*part/p.parts, p.n*(part+1)/p.parts, part)
}

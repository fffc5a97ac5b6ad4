package native

import (
	"math/bits"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

// symmetric holds one triangle of a symmetric matrix, cut into square tiles
// that follow each other in memory in the order in which a product reads them:
//
//	┌───┐
//	│0  │            tile rows from top to bottom, within a row from left to
//	├───┼───┐        right; a tile below the diagonal is stored row by row,
//	│1  │2  │        a tile on the diagonal as the rows of its triangle.
//	├───┼───┼───┐
//	│3  │4  │5  │    n(n+1)/2 elements in all, nothing else.
//	└───┴───┴───┘
type symmetric[T blas.Float] struct {
	fused[T]
	n, tile int
	data    []T
}

func (f fused[T]) NewSymmetric(n int, row func(i int, dst []T)) blas.Symmetric[T] {
	m := &symmetric[T]{fused: f, n: n, tile: f.blocks.Tile, data: make([]T, n*(n+1)/2)}
	parallel.Run(f.threads, m.tileRows(), &packing[T]{m, row})
	return m
}

// packing fills one row of tiles a part.
type packing[T blas.Float] struct {
	m   *symmetric[T]
	row func(i int, dst []T)
}

func (p *packing[T]) Part(ti int) {
	m := p.m
	line := make([]T, min((ti+1)*m.tile, m.n))
	for i := ti * m.tile; i < min((ti+1)*m.tile, m.n); i++ {
		p.row(i, line[:i+1])
		m.eachPiece(i, func(j0 int, piece []T) { copy(piece, line[j0:]) })
	}
}

// eachPiece visits the pieces of row i of the lower triangle, one a tile.
func (m *symmetric[T]) eachPiece(i int, visit func(j0 int, piece []T)) {
	ti := i / m.tile
	in := i - ti*m.tile
	for tj := range ti {
		at := m.offset(ti, tj) + in*m.tile
		visit(tj*m.tile, m.data[at:at+m.tile])
	}
	at := m.offset(ti, ti) + in*(in+1)/2
	visit(ti*m.tile, m.data[at:at+in+1])
}

func (m *symmetric[T]) tileRows() int { return (m.n + m.tile - 1) / m.tile }

// offset is where tile (ti, tj) starts: behind the triangle above its tile
// row and the tiles to its left.
func (m *symmetric[T]) offset(ti, tj int) int {
	above := ti * m.tile
	return above*(above+1)/2 + m.height(ti)*tj*m.tile
}

// height is the number of rows of tile row ti; only the last may be short.
func (m *symmetric[T]) height(ti int) int { return min(m.tile, m.n-ti*m.tile) }

func (m *symmetric[T]) Dim() int { return m.n }

func (m *symmetric[T]) Bytes() int64 { return int64(len(m.data)) * int64(blas.SizeOf[T]()) }

func (m *symmetric[T]) Row(i int, dst []T) {
	m.eachPiece(i, func(j0 int, piece []T) { copy(dst[j0:], piece) })
}

// productParts is the number of parts of a product: it depends on nothing but
// the dimension, so that neither do the bits of the result. Each part has a
// copy of Y, which is why there are not more.
func productParts(n int) int {
	return 1 << bits.Len(uint(min(max(n/512, 1), 16)))
}

func (m *symmetric[T]) NewProduct(r int) blas.Product[T] {
	if r < 1 {
		panic(badRank)
	}
	p := &product[T]{symmetric: m, r: r, parts: productParts(m.n)}
	p.x = make([]T, m.n*r)
	p.y = make([][]T, p.parts)
	p.reach = make([]int, p.parts)
	for i := range p.y {
		_, last := p.tilesOf(i)
		if last > 0 {
			ti, _ := tileAt(last - 1)
			p.reach[i] = min((ti+1)*m.tile, m.n)
		}
		p.y[i] = make([]T, p.reach[i]*r)
	}
	return p
}

// product multiplies in two runs over the threads: the tiles, each part into
// its own copy of Y; then the sum of the copies in the order of the parts.
//
// X and the copies of Y are held in panels of the kernel's width, panel after
// panel, each row by row: one panel of X and Y is what a tile meets at a time.
type product[T blas.Float] struct {
	*symmetric[T]
	r, parts int
	x        []T   // panels of X
	y        [][]T // panels of Y, by part
	reach    []int // rows of Y that the part touches: 0 … reach−1

	dst, src blas.General[T] // of the call under way
}

// tilesOf returns the tiles first … last−1 of a part, in storage order.
func (p *product[T]) tilesOf(part int) (first, last int) {
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

func (p *product[T]) Mul(dst, x blas.General[T]) {
	dst.Check(p.n, p.r)
	x.Check(p.n, p.r)
	p.dst, p.src = dst, x
	p.packX()
	threads := p.threads
	if float64(p.n)*float64(p.n)*float64(p.r) < serialBelow {
		threads = 1
	}
	parallel.Run(threads, p.parts, p)
	parallel.Run(threads, p.parts, (*summing[T])(p))
	p.dst, p.src = blas.General[T]{}, blas.General[T]{}
}

// serialBelow is the number of multiply-adds of Σ·X below which one thread is
// faster than two: 2 µs of a call to the pool against 0.3 ns each.
const serialBelow = 1 << 15

func (p *product[T]) packX() {
	for c := 0; c < p.r; c += p.kernels.PanelWidth {
		w := min(p.kernels.PanelWidth, p.r-c)
		to := p.x[c*p.n : (c+w)*p.n]
		for i := range p.n {
			copy(to[i*w:(i+1)*w], p.src.Data[i*p.src.Stride+c:])
		}
	}
}

// Part multiplies the tiles of one part.
func (p *product[T]) Part(part int) {
	y, reach := p.y[part], p.reach[part]
	clear(y)
	first, last := p.tilesOf(part)
	ti, tj := tileAt(first)
	for range last - first {
		i0, j0, h := ti*p.tile, tj*p.tile, p.height(ti)
		a := p.data[p.offset(ti, tj):]
		for c := 0; c < p.r; c += p.kernels.PanelWidth {
			w := min(p.kernels.PanelWidth, p.r-c)
			xp, yp := p.x[c*p.n:(c+w)*p.n], y[c*reach:(c+w)*reach]
			if ti != tj {
				p.kernels.SymRows(h, p.tile, w, a, p.tile,
					xp[i0*w:(i0+h)*w], yp[i0*w:(i0+h)*w], xp[j0*w:(j0+p.tile)*w], yp[j0*w:(j0+p.tile)*w])
			} else {
				p.triangle(h, w, a, xp[i0*w:(i0+h)*w], yp[i0*w:(i0+h)*w])
			}
		}
		if tj++; tj > ti {
			ti, tj = ti+1, 0
		}
	}
}

// triangle multiplies a tile on the diagonal: row i meets the rows above it
// both ways, and itself once.
func (p *product[T]) triangle(h, w int, a, x, y []T) {
	for i := range h {
		row := a[i*(i+1)/2:][:i+1]
		xi, yi := x[i*w:(i+1)*w], y[i*w:(i+1)*w]
		if i > 0 {
			p.kernels.SymRows(1, i, w, row, i, xi, yi, x[:i*w], y[:i*w])
		}
		for c, v := range xi {
			yi[c] += row[i] * v
		}
	}
}

// summing adds the copies of Y, a stretch of rows a part.
type summing[T blas.Float] product[T]

func (s *summing[T]) Part(part int) {
	p := (*product[T])(s)
	i0, i1 := p.n*part/p.parts, p.n*(part+1)/p.parts
	for c := 0; c < p.r; c += p.kernels.PanelWidth {
		w := min(p.kernels.PanelWidth, p.r-c)
		for i := i0; i < i1; i++ {
			to := p.dst.Data[i*p.dst.Stride+c : i*p.dst.Stride+c+w]
			clear(to)
			for k, y := range p.y {
				if reach := p.reach[k]; i < reach {
					from := y[c*reach+i*w : c*reach+(i+1)*w]
					for j, v := range from {
						to[j] += v
					}
				}
			}
		}
	}
}

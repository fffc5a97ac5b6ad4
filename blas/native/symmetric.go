package native

import (
	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// symmetric holds one triangle of a symmetric matrix, cut into square tiles,
// each row by row. They follow each other in memory in the order in which a
// product reads them: blocks of tile rows meet as in a tournament, two blocks a
// task, and the tiles of a task lie from top to bottom and from left to right:
//
//	┌───┐
//	│ 0 │            four blocks: the tasks by their place in memory;
//	├───┼───┐        4 and 5, 6 and 7, 8 and 9 have no block in common.
//	│ 9 │ 1 │
//	├───┼───┼───┐
//	│ 7 │ 5 │ 2 │
//	├───┼───┼───┼───┐
//	│ 4 │ 6 │ 8 │ 3 │
//	└───┴───┴───┴───┘
//
// A tile on the diagonal is the triangle below it with half of the diagonal,
// zeros above: L + Lᵀ is the tile, so that it is multiplied like the others.
// The last tile row is as high as it needs. That is n(n+1)/2 elements and about
// n·tile/2 more.
//
// The elements are of type S, the arithmetic of type T: the same, or float32
// under float64.
type symmetric[S, T blas.Float] struct {
	fused[T]
	n, tile int
	blocks  int
	matches []match
	places  []int // where tile (ti, tj) starts, at ti(ti+1)/2 + tj
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
	m.blocks = blockCount(m.tileRows())
	m.matches = tournament(m.blocks)
	nt, size := m.tileRows(), 0
	m.places = make([]int, nt*(nt+1)/2)
	for _, task := range m.matches {
		m.eachTile(task.i, task.j, func(ti, tj int) {
			m.places[ti*(ti+1)/2+tj] = size
			size += m.height(ti) * m.tile
		})
	}
	m.data = kernel.Large[S](size)
	parallel.Run(f.threads, nt, &filling[S, T]{m, row})
	return m
}

// eachTile visits the tiles in which blocks i ≥ j meet, in storage order.
func (m *symmetric[S, T]) eachTile(i, j int, visit func(ti, tj int)) {
	i0, i1 := m.tileRowsOf(i)
	j0, j1 := m.tileRowsOf(j)
	for ti := i0; ti < i1; ti++ {
		for tj := j0; tj < min(j1, ti+1); tj++ {
			visit(ti, tj)
		}
	}
}

// tileRowsOf returns the tile rows first … last−1 of a block.
func (m *symmetric[S, T]) tileRowsOf(block int) (first, last int) {
	nt := m.tileRows()
	return nt * block / m.blocks, nt * (block + 1) / m.blocks
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

// offset is where tile (ti, tj) starts.
func (m *symmetric[S, T]) offset(ti, tj int) int { return m.places[ti*(ti+1)/2+tj] }

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

func (m *symmetric[S, T]) NewProduct(r int) blas.Product[T] {
	return &product[S, T]{products: newProducts(m, []int{r})}
}

// product is products of one matrix.
type product[S, T blas.Float] struct {
	*products[S, T]
	dst1, src1 [1]blas.General[T]
}

func (p *product[S, T]) Mul(dst, x blas.General[T]) {
	p.dst1[0], p.src1[0] = dst, x
	p.products.Mul(p.dst1[:], p.src1[:])
	p.dst1[0], p.src1[0] = blas.General[T]{}, blas.General[T]{}
}

func (m *symmetric[S, T]) NewProducts(r []int) blas.Products[T] { return newProducts(m, r) }

func newProducts[S, T blas.Float](m *symmetric[S, T], r []int) *products[S, T] {
	p := &products[S, T]{symmetric: m, turns: make(turns, m.blocks)}
	room := 0 // in the last run
	for _, columns := range r {
		if columns < 1 {
			panic(badRank)
		}
		o := member[T]{thin: newThin(&m.kernels, m.n, columns)}
		o.x, o.y = make([]T, o.thin.size), make([]T, o.thin.size)
		o.narrow = m.rounded != nil && len(o.thin.groups) == 1 && o.thin.groups[0].kind == asColumns
		if m.rounded != nil && !o.narrow && p.wide == nil {
			p.wide = make([]T, m.blocks*m.tile*m.tile)
		}
		p.members = append(p.members, o)
		p.columns += columns
		for g := o.thin.groups; len(g) > 0; {
			if room < g[0].width {
				p.runs, room = append(p.runs, nil), columnsAtOnce*m.kernels.NR
			}
			some := 0
			for some < len(g) && g[some].width <= room {
				room -= g[some].width
				some++
			}
			o.thin.groups = g[:some]
			g = g[some:]
			run := &p.runs[len(p.runs)-1]
			*run = append(*run, o)
		}
	}
	return p
}

// columnsAtOnce is the number of columns, in widths of a wide panel, for which Σ
// is read once: a tile and what it meets of X and Y stay in an L2 cache of
// 512 KB. Reading Σ again takes less time than their multiplications.
const columnsAtOnce = 8

// products multiplies in runs over the threads: the X are laid out; the blocks
// of Σ are multiplied in their turns, each tile with one matrix after the other;
// the Y are taken out.
type products[S, T blas.Float] struct {
	*symmetric[S, T]
	turns   turns
	members []member[T]
	columns int           // of all
	runs    [][]member[T] // with as many columns as one run takes
	now     []member[T]   // those of the run under way
	wide    []T           // by block: a tile, when it is widened

	dst, src []blas.General[T] // of the call under way
}

// member is a thin matrix and its product, laid out.
type member[T blas.Float] struct {
	thin   thin
	x, y   []T
	narrow bool // few columns of a rounded Σ: their kernels widen it on the way
}

func (p *products[S, T]) Mul(dst, x []blas.General[T]) {
	if len(dst) != len(p.members) || len(x) != len(p.members) {
		panic(badShape)
	}
	for i := range p.members {
		dst[i].Check(p.n, p.members[i].thin.r)
		x[i].Check(p.n, p.members[i].thin.r)
	}
	p.dst, p.src = dst, x
	threads := p.threads
	if float64(p.n)*float64(p.n)*float64(p.columns) < serialBelow {
		threads = 1
	}
	parallel.Run(threads, p.blocks, (*laying[S, T])(p))
	for _, run := range p.runs {
		p.now = run
		p.turns.begin()
		parallel.Run(min(threads, max(p.blocks/2, 1)), len(p.matches), p)
	}
	parallel.Run(threads, p.blocks, (*taking[S, T])(p))
	p.dst, p.src = nil, nil
}

// rowsOf returns the rows i0 … i1−1 of a block.
func (p *products[S, T]) rowsOf(block int) (i0, i1 int) {
	first, last := p.tileRowsOf(block)
	return min(first*p.tile, p.n), min(last*p.tile, p.n)
}

// laying lays out a block of each X and clears one of each Y.
type laying[S, T blas.Float] products[S, T]

func (q *laying[S, T]) Part(block int) {
	p := (*products[S, T])(q)
	i0, i1 := p.rowsOf(block)
	for i := range p.members {
		o := &p.members[i]
		packThin(&o.thin, o.x, p.src[i], i0, i1, 0)
		clearThin(&o.thin, o.y, i0, i1)
	}
}

// taking takes out a block of each Y.
type taking[S, T blas.Float] products[S, T]

func (q *taking[S, T]) Part(block int) {
	p := (*products[S, T])(q)
	i0, i1 := p.rowsOf(block)
	for i := range p.members {
		o := &p.members[i]
		unpackThin(&o.thin, p.dst[i], o.y, i0, i1, 0)
	}
}

// Part multiplies the tiles in which two blocks meet.
func (p *products[S, T]) Part(task int) {
	i, j, round := p.matches[task].i, p.matches[task].j, p.matches[task].round
	p.turns.await(i, round)
	p.turns.await(j, round)
	p.eachTile(i, j, func(ti, tj int) {
		at, h := p.offset(ti, tj), p.height(ti)
		a := p.fetch(i, p.data[at:at+h*p.tile])
		if ti != tj {
			p.multiply(h, p.tile, a, ti*p.tile, tj*p.tile)
			return
		}
		// In bands, because nothing lies above the diagonal.
		for in := 0; in < h; in += bandUnit {
			m := min(bandUnit, h-in)
			p.multiply(m, min(roundUp(in+m, bandUnit), p.tile), a.down(in*p.tile), ti*p.tile+in, ti*p.tile)
		}
	})
	p.turns.pass(i)
	if j != i {
		p.turns.pass(j)
	}
}

// tile is a tile of Σ as the kernels take it: wide, or as it is stored.
type tile[T blas.Float] struct {
	wide   []T
	narrow []float32 // of a Σ held as float32 under float64
}

// down leaves out the first elements.
func (a tile[T]) down(n int) tile[T] {
	if a.narrow != nil {
		a.narrow = a.narrow[n:]
	}
	if a.wide != nil {
		a.wide = a.wide[n:]
	}
	return a
}

// fetch returns a tile. One of float32 under float64 is widened into a buffer of
// the block too, where a member of the run wants it so.
func (p *products[S, T]) fetch(block int, stored []S) tile[T] {
	if p.rounded == nil {
		return tile[T]{wide: any(stored).([]T)}
	}
	a := tile[T]{narrow: any(stored).([]float32)}
	for i := range p.now {
		if !p.now[i].narrow {
			a.wide = p.wide[block*p.tile*p.tile:][:len(stored)]
			p.rounded.Widen(len(stored), a.narrow, any(a.wide).([]float64))
			break
		}
	}
	return a
}

func (p *products[S, T]) multiply(m, n int, a tile[T], i, j int) {
	next := 0 // this tile again, until the last matrix
	for q := range p.now {
		if q == len(p.now)-1 {
			next = m * p.tile
		}
		o := &p.now[q]
		if o.narrow {
			x, y := any(o.x).([]float64), any(o.y).([]float64)
			p.rounded.Rounded[o.thin.r-1](m, n, a.narrow, p.tile, next, x[i:], y[i:], o.thin.rows, x[j:], y[j:], o.thin.rows)
			continue
		}
		twoSided(&p.kernels, m, n, a.wide, p.tile, next, &o.thin, o.x, o.y, i, &o.thin, o.x, o.y, j)
	}
}

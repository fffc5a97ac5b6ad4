package native

import (
	"lowrank/blas"
	"lowrank/kernel"
)

// thin describes how a matrix of n rows and few columns is held for the
// two-sided kernels: its columns in groups, each laid out for its kernel, group
// after group; rows up to a multiple of the tile are zeros.
type thin struct {
	n, rows, r int // rows, with padding, and columns
	groups     []group
	size       int // elements of storage
}

// group is a few columns of a thin matrix.
type group struct {
	kind  kind
	c, w  int // the columns c … c+w−1
	width int // columns held: w, or the kernel's width with zeros behind
	at    int // where the group starts
}

// kind is the layout of a group: row by row for Kernels.Panel[kind], or each
// column a vector, `rows` apart.
type kind uint8

const (
	asPanel     kind = 0
	asWidePanel kind = 1
	asColumns   kind = 2
)

// newThin decides the groups: wide panels first, since their kernels spend the
// most arithmetic on an element of A.
func newThin[T blas.Float](k *kernel.Kernels[T], n, r int) thin {
	t := thin{n: n, rows: roundUp(max(n, 1), k.Tile), r: r}
	if t.rows*blas.SizeOf[T]()%4096 == 0 {
		t.rows += 64 / blas.SizeOf[T]() // columns a page apart would meet in one set of the cache
	}
	for c := 0; c < r; {
		g := group{c: c, at: t.size}
		switch rest := r - c; {
		case rest >= k.NR || rest > k.Lanes+kernel.MaxColumns:
			g.kind, g.w, g.width = asWidePanel, min(rest, k.NR), k.NR
		case rest >= k.Lanes || rest > kernel.MaxColumns:
			g.kind, g.w, g.width = asPanel, min(rest, k.Lanes), k.Lanes
		default:
			g.kind, g.w, g.width = asColumns, rest, rest
		}
		t.groups = append(t.groups, g)
		t.size += t.rows * g.width
		c += g.w
	}
	return t
}

// from is the slice of a group that starts at row i.
func from[T blas.Float](t *thin, g *group, data []T, i int) []T {
	if g.kind == asColumns {
		return data[g.at+i : g.at+t.rows*g.width]
	}
	return data[g.at+i*g.width : g.at+t.rows*g.width]
}

// packThin lays out rows i0 … i1−1 of x, as rows i0−first ….
func packThin[T blas.Float](t *thin, data []T, x blas.General[T], i0, i1, first int) {
	for i := i0; i < i1; i++ {
		row := x.Data[i*x.Stride : i*x.Stride+t.r]
		for q := range t.groups {
			g := &t.groups[q]
			if g.kind == asColumns {
				at := g.at + i - first
				for _, v := range row[g.c : g.c+g.w] {
					data[at] = v
					at += t.rows
				}
				continue
			}
			at := g.at + (i-first)*g.width
			copy(data[at:at+g.width], row[g.c:g.c+g.w])
		}
	}
}

// unpackThin is the way back: it sets rows i0 … i1−1 of x.
func unpackThin[T blas.Float](t *thin, x blas.General[T], data []T, i0, i1, first int) {
	for i := i0; i < i1; i++ {
		row := x.Data[i*x.Stride : i*x.Stride+t.r]
		for q := range t.groups {
			g := &t.groups[q]
			if g.kind == asColumns {
				at := g.at + i - first
				for c := g.c; c < g.c+g.w; c++ {
					row[c] = data[at]
					at += t.rows
				}
				continue
			}
			copy(row[g.c:g.c+g.w], data[g.at+(i-first)*g.width:])
		}
	}
}

// clearThin sets rows i0 … i1−1 to zero.
func clearThin[T blas.Float](t *thin, data []T, i0, i1 int) {
	for q := range t.groups {
		g := &t.groups[q]
		if g.kind != asColumns {
			clear(data[g.at+i0*g.width : g.at+i1*g.width])
			continue
		}
		for c := range g.width {
			clear(data[g.at+c*t.rows+i0 : g.at+c*t.rows+i1])
		}
	}
}

// next is the distance to the tile that is read after group q has met one: the
// same tile again, until the last group.
func (t *thin) next(q, next int) int {
	if q < len(t.groups)-1 {
		return 0
	}
	return next
}

// copies are thin matrices that follow each other in memory; their sum is
// formed in order.
type copies[T blas.Float] struct {
	kernels *kernel.Kernels[T]
	thin    *thin
	count   int
	data    []T
	ones    []T
	scratch [][]T // by stretch of rows
}

const sumRows = 240 // rows that are summed at a time, a multiple of every Lanes

func newCopies[T blas.Float](k *kernel.Kernels[T], t *thin, count, stretches int) *copies[T] {
	c := &copies[T]{kernels: k, thin: t, count: count, data: make([]T, count*t.size+k.Lanes), ones: []T{1, 1, 1, 1}}
	for range stretches {
		c.scratch = append(c.scratch, make([]T, sumRows*max(k.NR, k.Lanes, kernel.MaxColumns)))
	}
	return c
}

func (c *copies[T]) of(i int) []T { return c.data[i*c.thin.size : (i+1)*c.thin.size] }

// sum sets rows i0 … i1−1 of dst to the sum of the copies.
func (c *copies[T]) sum(dst blas.General[T], i0, i1, stretch int) {
	scratch := c.scratch[stretch]
	for ; i0 < i1; i0 += sumRows {
		m := min(sumRows, i1-i0)
		for q := range c.thin.groups {
			g := &c.thin.groups[q]
			if g.kind != asColumns {
				acc := scratch[:roundUp(m*g.width, c.kernels.Lanes)]
				c.add(acc, g.at+i0*g.width)
				for i := range m {
					copy(dst.Data[(i0+i)*dst.Stride+g.c:(i0+i)*dst.Stride+g.c+g.w], acc[i*g.width:])
				}
				continue
			}
			for w := range g.w {
				acc := scratch[:roundUp(m, c.kernels.Lanes)]
				c.add(acc, g.at+w*c.thin.rows+i0)
				at := i0*dst.Stride + g.c + w
				for _, v := range acc[:m] {
					dst.Data[at] = v
					at += dst.Stride
				}
			}
		}
	}
}

// add sums the copies at an offset.
func (c *copies[T]) add(acc []T, at int) {
	clear(acc)
	n, size := len(acc), c.thin.size
	i := 0
	for ; i+4 <= c.count; i += 4 {
		c.kernels.Combine(n, c.data[i*size+at:], size, c.ones, acc)
	}
	for ; i < c.count; i++ {
		c.kernels.Axpy(n, 1, c.data[i*size+at:], acc)
	}
}

// twoSided performs Y_i += A·X_j and Y_j += Aᵀ·X_i for an m×n tile of A whose
// rows are lda apart. The rows of the tile meet rows i of the thin matrices xi,
// yi, its columns rows j of xj, yj. The tile to be read next lies next elements
// behind this one.
func twoSided[T blas.Float](k *kernel.Kernels[T], m, n int, a []T, lda, next int, ti *thin, xi, yi []T, i int, tj *thin, xj, yj []T, j int) {
	for q := range ti.groups {
		gi, gj, next := &ti.groups[q], &tj.groups[q], ti.next(q, next)
		xi, yi := from(ti, gi, xi, i), from(ti, gi, yi, i)
		xj, yj := from(tj, gj, xj, j), from(tj, gj, yj, j)
		if gi.kind == asColumns {
			k.Columns[gi.w-1](m, n, a, lda, next, xi, yi, ti.rows, xj, yj, tj.rows)
		} else {
			k.Panel[gi.kind](m, n, a, lda, next, xi, yi, xj, yj)
		}
	}
}

// forward performs Y_i += A·X_j alone.
func forward[T blas.Float](k *kernel.Kernels[T], m, n int, a []T, lda, next int, ti *thin, yi []T, i int, tj *thin, xj []T, j int) {
	for q := range ti.groups {
		gi, gj, next := &ti.groups[q], &tj.groups[q], ti.next(q, next)
		yi, xj := from(ti, gi, yi, i), from(tj, gj, xj, j)
		if gi.kind == asColumns {
			k.Forward[gi.w-1](m, n, a, lda, next, yi, ti.rows, xj, tj.rows)
		} else {
			k.PanelForward[gi.kind](m, n, a, lda, next, yi, xj)
		}
	}
}

// adjoint performs Y_j += Aᵀ·X_i alone.
func adjoint[T blas.Float](k *kernel.Kernels[T], m, n int, a []T, lda, next int, ti *thin, xi []T, i int, tj *thin, yj []T, j int) {
	for q := range ti.groups {
		gi, gj, next := &ti.groups[q], &tj.groups[q], ti.next(q, next)
		xi, yj := from(ti, gi, xi, i), from(tj, gj, yj, j)
		if gi.kind == asColumns {
			k.Adjoint[gi.w-1](m, n, a, lda, next, xi, ti.rows, yj, tj.rows)
		} else {
			k.PanelAdjoint[gi.kind](m, n, a, lda, next, xi, yj)
		}
	}
}

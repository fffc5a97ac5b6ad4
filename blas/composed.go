package blas

import (
	"gonum.org/v1/gonum/blas"

	"lowrank/kernel"
)

// composed builds the fused passes from the routines of any BLAS. The rows of
// X go by in blocks sized from the caches, so that a block is read from memory
// once for the update and the Gram matrix.
type composed[T Float] struct {
	Routines[T]
	byColumn int // r up to which Σ·X is faster by Symv for each column
}

// byColumn of a library that threads Symv itself. OpenBLAS 0.3.21 at d = 4000 on
// two threads takes 1.3 to 1.7 ms for a column, and by Gemm 5.2, 6.4, 8.6 and
// 14.3 ms for 1, 2, 4 and 8. gonum's Symv is not threaded.
const byColumn = 8

func newComposed[T Float](b *Backend) composed[T] {
	c := composed[T]{Routines: RoutinesOf[T](b.BLAS)}
	if b.ThreadsItself {
		c.byColumn = byColumn
	}
	return c
}

func (c composed[T]) NewSymmetric(n int, row func(i int, dst []T)) Symmetric[T] {
	m := &composedSymmetric[T]{composed: c, a: NewGeneral[T](n, n)}
	for i := range n {
		dst := m.a.Row(i)[:i+1]
		row(i, dst)
		for j, v := range dst {
			m.a.Data[j*m.a.Stride+i] = v
		}
	}
	return m
}

// NewRounded holds the rounded elements as T: other libraries multiply no
// matrices of two types.
func (c composed[T]) NewRounded(n int, row func(i int, dst []float32)) Symmetric[T] {
	line := make([]float32, n)
	return c.NewSymmetric(n, func(i int, dst []T) {
		row(i, line[:i+1])
		for j, v := range line[:i+1] {
			dst[j] = T(v)
		}
	})
}

// composedSymmetric holds both triangles: general products of a skinny matrix
// are the routine every BLAS tunes, symmetric ones of several columns are not.
type composedSymmetric[T Float] struct {
	composed[T]
	a General[T]
}

func (m *composedSymmetric[T]) Dim() int { return m.a.Rows }

func (m *composedSymmetric[T]) Bytes() int64 {
	return int64(len(m.a.Data)) * int64(SizeOf[T]())
}

func (m *composedSymmetric[T]) Row(i int, dst []T) { copy(dst[:i+1], m.a.Row(i)) }

func (m *composedSymmetric[T]) NewProduct(r int) Product[T] {
	if r < 1 {
		panic(badRank)
	}
	p := &composedProduct[T]{m: m, yt: NewGeneral[T](r, m.a.Rows)}
	if r <= m.byColumn {
		p.xt = NewGeneral[T](r, m.a.Rows)
	}
	return p
}

type composedProduct[T Float] struct {
	m  *composedSymmetric[T]
	xt General[T] // xᵀ, where Symv multiplies its columns
	yt General[T] // (A·x)ᵀ
}

// Mul forms xᵀA, whose inner loops run along the long rows of A, and
// transposes the thin result. A few columns are multiplied one by one where that
// reads less: half of A for each.
func (p *composedProduct[T]) Mul(dst, x General[T]) {
	d, r := p.m.Dim(), p.yt.Rows
	dst.Check(d, r)
	x.Check(d, r)
	if d == 0 {
		return
	}
	a := p.m.a
	if r <= p.m.byColumn {
		for i := range d {
			for j, v := range x.Row(i) {
				p.xt.Data[j*d+i] = v
			}
		}
		for j := range r {
			p.m.Symv(blas.Lower, d, 1, a.Data, a.Stride, p.xt.Row(j), 1, 0, p.yt.Row(j), 1)
		}
	} else {
		p.m.Gemm(blas.Trans, blas.NoTrans, r, d, d, 1, x.Data, x.Stride, a.Data, a.Stride, 0, p.yt.Data, p.yt.Stride)
	}
	for i := range d {
		row := dst.Row(i)
		for j := range row {
			row[j] = p.yt.Data[j*d+i]
		}
	}
}

func (c composed[T]) NewSweep(d, r int) Sweep[T] {
	if r < 1 {
		panic(badRank)
	}
	k := kernel.KernelsOf[T](activeRow())
	b := kernel.BlocksFor(k.Numbers, SizeOf[T](), kernel.Detect())
	rows := min(max(b.SweepBytes/(3*r*SizeOf[T]()), 64), max(d, 1))
	return &composedSweep[T]{Routines: c.Routines, d: d, r: r, rows: rows, delta: NewGeneral[T](rows, r), g: make([]T, r*r)}
}

type composedSweep[T Float] struct {
	Routines[T]
	d, r, rows int
	delta      General[T] // one block of Y − XG
	g          []T        // the Gram matrix of the iterate being written
}

func (s *composedSweep[T]) Gram(x General[T], g []T) {
	x.Check(s.d, s.r)
	checkGram(s.r, g)
	clear(g) // a backend may multiply what is there by 0, and it may be infinite
	s.Syrk(blas.Lower, blas.Trans, s.r, s.d, 1, x.Data, x.Stride, 0, g, s.r)
	MirrorLower(s.r, g)
}

func (s *composedSweep[T]) Update(eta T, x, y General[T], g []T) Norms {
	y.Check(s.d, s.r)
	return s.sweep(eta, nil, x, y, g)
}

func (s *composedSweep[T]) Diagonal(eta T, lambda []T, x General[T], g []T) Norms {
	if len(lambda) != s.d {
		panic(badShape)
	}
	return s.sweep(eta, lambda, x, x, g)
}

// sweep updates blocks of rows. With lambda, Y is diag(λ)X and next is x.
func (s *composedSweep[T]) sweep(eta T, lambda []T, x, next General[T], g []T) (n Norms) {
	x.Check(s.d, s.r)
	checkGram(s.r, g)
	clear(s.g)
	for i0 := 0; i0 < s.d; i0 += s.rows {
		i1 := min(i0+s.rows, s.d)
		delta := s.delta.RowsOf(0, i1-i0)
		for i := i0; i < i1; i++ {
			y := delta.Row(i - i0)
			if lambda == nil {
				copy(y, next.Row(i))
			} else {
				for j, v := range x.Row(i) {
					y[j] = lambda[i] * v
				}
			}
			n.Product += sumSquares(y)
		}
		xb := x.RowsOf(i0, i1)
		s.Gemm(blas.NoTrans, blas.NoTrans, xb.Rows, s.r, s.r, -1, xb.Data, xb.Stride, g, s.r, 1, delta.Data, delta.Stride)
		for i := i0; i < i1; i++ {
			d := delta.Row(i - i0)
			n.Gradient += sumSquares(d)
			to := next.Row(i)
			for j, v := range x.Row(i) {
				to[j] = v + eta*d[j]
			}
		}
		nb := next.RowsOf(i0, i1)
		s.Syrk(blas.Lower, blas.Trans, s.r, nb.Rows, 1, nb.Data, nb.Stride, 1, s.g, s.r)
	}
	copy(g, s.g)
	MirrorLower(s.r, g)
	return n
}

// MirrorLower copies the lower triangle of the n×n matrix g to its upper one.
func MirrorLower[T Float](n int, g []T) {
	for i := range n {
		for j := range i {
			g[j*n+i] = g[i*n+j]
		}
	}
}

func checkGram[T Float](r int, g []T) {
	if len(g) < r*r {
		panic(shortGram)
	}
}

func sumSquares[T Float](x []T) float64 {
	var s float64
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return s
}

func activeRow() kernel.Row {
	row, _ := kernel.Active() // an MF_KERNEL that cannot be had leaves the generic row
	return row
}

func (m *composedSymmetric[T]) NewProducts(r []int) Products[T] {
	p := &composedProducts[T]{}
	for _, columns := range r {
		p.each = append(p.each, m.NewProduct(columns))
	}
	return p
}

// composedProducts multiplies one matrix after the other: together their
// products would have other bits.
type composedProducts[T Float] struct{ each []Product[T] }

func (p *composedProducts[T]) Mul(dst, x []General[T]) {
	checkCount(len(p.each), len(dst), len(x))
	for i, one := range p.each {
		one.Mul(dst[i], x[i])
	}
}

// checkCount panics unless all lists have n elements.
func checkCount(n int, lengths ...int) {
	for _, l := range lengths {
		if l != n {
			panic(badShape)
		}
	}
}

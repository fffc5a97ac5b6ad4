package blas

import "gonum.org/v1/gonum/blas"

func (c composed[T]) NewRectangular(m, n int, row func(i int, dst []T)) Rectangular[T] {
	a := &composedRectangular[T]{composed: c, a: NewGeneral[T](m, n)}
	for i := range m {
		row(i, a.a.Row(i))
	}
	return a
}

type composedRectangular[T Float] struct {
	composed[T]
	a General[T]
}

func (a *composedRectangular[T]) Dims() (m, n int) { return a.a.Rows, a.a.Cols }

func (a *composedRectangular[T]) Bytes() int64 {
	return int64(len(a.a.Data)) * int64(SizeOf[T]())
}

func (a *composedRectangular[T]) Row(i int, dst []T) { copy(dst, a.a.Row(i)) }

func (a *composedRectangular[T]) NewPair(k int) Pair[T] {
	if k < 1 {
		panic(badRank)
	}
	return &composedPair[T]{a: a, k: k, sweep: a.NewSweep(a.a.Rows, k)}
}

// composedPair reads A once for each of its two products.
type composedPair[T Float] struct {
	a     *composedRectangular[T]
	k     int
	sweep Sweep[T]
}

func (p *composedPair[T]) Mul(ay, atx, x, y General[T]) {
	p.forward(ay, y)
	p.adjoint(atx, x)
}

func (p *composedPair[T]) Alternate(eta T, next, atx, x, y General[T], g, gnext []T) Norms {
	checkGram(p.k, g)
	checkGram(p.k, gnext)
	p.forward(next, y)
	copy(gnext[:p.k*p.k], g)
	n := p.sweep.Update(eta, x, next, gnext)
	p.adjoint(atx, next)
	return n
}

// forward sets dst = A·y.
func (p *composedPair[T]) forward(dst, y General[T]) {
	m, n := p.a.Dims()
	dst.Check(m, p.k)
	y.Check(n, p.k)
	p.multiply(blas.NoTrans, m, n, y, dst)
}

// adjoint sets dst = Aᵀ·x.
func (p *composedPair[T]) adjoint(dst, x General[T]) {
	m, n := p.a.Dims()
	dst.Check(n, p.k)
	x.Check(m, p.k)
	p.multiply(blas.Trans, n, m, x, dst)
}

func (p *composedPair[T]) multiply(t blas.Transpose, rows, depth int, b, c General[T]) {
	switch {
	case rows == 0:
	case depth == 0: // an empty matrix has no storage to check
		for i := range rows {
			clear(c.Row(i))
		}
	default:
		p.a.Gemm(t, blas.NoTrans, rows, p.k, depth, 1, p.a.a.Data, p.a.a.Stride, b.Data, b.Stride, 0, c.Data, c.Stride)
	}
}

func (a *composedRectangular[T]) NewPairs(k []int) Pairs[T] {
	p := &composedPairs[T]{}
	for _, columns := range k {
		p.each = append(p.each, a.NewPair(columns))
	}
	return p
}

// composedPairs makes the passes of one pair after the other.
type composedPairs[T Float] struct{ each []Pair[T] }

func (p *composedPairs[T]) Mul(ay, atx, x, y []General[T]) {
	checkCount(len(p.each), len(ay), len(atx), len(x), len(y))
	for i, one := range p.each {
		one.Mul(ay[i], atx[i], x[i], y[i])
	}
}

func (p *composedPairs[T]) Alternate(eta []T, next, atx, x, y []General[T], g, gnext [][]T, norms []Norms) {
	checkCount(len(p.each), len(eta), len(next), len(atx), len(x), len(y), len(g), len(gnext), len(norms))
	for i, one := range p.each {
		norms[i] = one.Alternate(eta[i], next[i], atx[i], x[i], y[i], g[i], gnext[i])
	}
}

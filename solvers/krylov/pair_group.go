package krylov

import (
	"lowrank/blas"
	"lowrank/solvers/operator"
)

// pairGroup is bases of one A that grow together: a pass is made for all.
type pairGroup struct {
	*ledger
	op    operator.Rectangular[float64]
	pairs []*Pair

	x, y, ay, atx blas.General[float64] // operands of a pass
}

// width is how many columns of an operand the pair takes: those that wait in one basis
// may be fewer than in the other.
func (k *Pair) width() int { return max(k.left.waiting().Rows, k.right.waiting().Rows) }

// extend makes a pass for all bases that are not closed.
func (g *pairGroup) extend() error {
	m, n := g.op.Dims()
	columns := 0
	for _, k := range g.pairs {
		columns += k.width()
	}
	if columns == 0 {
		return nil
	}
	if g.x.Cols != columns {
		g.x, g.ay = blas.NewGeneral[float64](m, columns), blas.NewGeneral[float64](m, columns)
		g.y, g.atx = blas.NewGeneral[float64](n, columns), blas.NewGeneral[float64](n, columns)
	}
	clear(g.x.Data)
	clear(g.y.Data)
	at := 0
	for _, k := range g.pairs {
		p, q := k.left.waiting(), k.right.waiting()
		transpose(columnsOf(g.x, at, p.Rows), p)
		transpose(columnsOf(g.y, at, q.Rows), q)
		at += k.width()
	}
	g.op.Reserve(columns)
	if err := g.op.Mul(g.ay, g.atx, g.x, g.y); err != nil {
		return err
	}
	g.passes++
	g.cost += Cost(float64(g.op.Bytes()), g.op.Flops(columns))
	at = 0
	for _, k := range g.pairs {
		if width := k.width(); width > 0 {
			p, q := k.left.waiting().Rows, k.right.waiting().Rows
			g.cost += orthogonalization(m, q, k.left.held()) + orthogonalization(n, p, k.right.held())
			ay, atx := k.left.room(q), k.right.room(p)
			transpose(ay, columnsOf(g.ay, at, q))
			transpose(atx, columnsOf(g.atx, at, p))
			k.take(ay, atx)
			at += width
		}
	}
	return nil
}

// sizes are how many vectors are held, of P or of Q, whichever are more, and how many the
// next pass adds at most.
func (g *pairGroup) sizes() (held, next int) {
	for _, k := range g.pairs {
		held, next = held+max(k.left.held(), k.right.held()), next+k.width()
	}
	return held, next
}

package krylov

import (
	"lowrank/blas"
	"lowrank/solvers/operator"
)

// group is bases of one Σ that grow together: a pass is made for all.
type group struct {
	*ledger
	op    operator.Operator[float64]
	bases []*Basis

	x, y blas.General[float64] // operands of a pass
}

// extend makes a pass for all bases that are not closed.
func (g *group) extend() error {
	d, columns := g.op.Dim(), 0
	for _, k := range g.bases {
		columns += k.waiting().Rows
	}
	if columns == 0 {
		return nil
	}
	if g.x.Cols != columns {
		g.x, g.y = blas.NewGeneral[float64](d, columns), blas.NewGeneral[float64](d, columns)
	}
	at := 0
	for _, k := range g.bases {
		v := k.waiting()
		transpose(columnsOf(g.x, at, v.Rows), v)
		at += v.Rows
	}
	g.op.Reserve(columns)
	if err := g.op.Mul(g.y, g.x); err != nil {
		return err
	}
	g.passes++
	g.cost += Cost(float64(g.op.Bytes()), g.op.Flops(columns))
	at = 0
	for _, k := range g.bases {
		if b := k.waiting().Rows; b > 0 {
			g.cost += orthogonalization(d, b, k.held())
			w := k.room(b)
			transpose(w, columnsOf(g.y, at, b))
			k.take(w)
			at += b
		}
	}
	return nil
}

// sizes are how many vectors are held, and how many the next pass adds at most.
func (g *group) sizes() (held, next int) {
	for _, k := range g.bases {
		held, next = held+k.held(), next+k.waiting().Rows
	}
	return held, next
}

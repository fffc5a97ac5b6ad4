package krylov

import (
	"lowrank/blas"
	"lowrank/solvers/operator"
)

// group is bases of one Σ that grow together: a pass is made for all.
type group struct {
	op     operator.Operator[float64]
	bases  []*Basis
	runs   int // that began in them
	passes int
	cost   float64 // in operations

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

// columnsOf are n columns of a matrix from the at-th on.
func columnsOf(m blas.General[float64], at, n int) blas.General[float64] {
	if n == 0 {
		return blas.General[float64]{Rows: m.Rows, Stride: m.Stride}
	}
	return blas.General[float64]{Rows: m.Rows, Cols: n, Stride: m.Stride, Data: m.Data[at:]}
}

// alike are the numbers of the starts, those together whose columns the columns of the
// first of them span.
func alike(starts ...[]blas.General[float64]) (groups [][]int) {
	n := len(starts[0])
	var spans [][]blas.General[float64] // of the first of each group, orthonormal rows
	for i := range n {
		at := 0
		for at < len(groups) && !spanned(spans[at], starts, i) {
			at++
		}
		if at == len(groups) {
			var of []blas.General[float64]
			for _, side := range starts {
				of = append(of, spanOf(side[i]))
			}
			groups, spans = append(groups, nil), append(spans, of)
		}
		groups[at] = append(groups[at], i)
	}
	return groups
}

// spanOf are orthonormal rows that span the columns of x.
func spanOf(x blas.General[float64]) blas.General[float64] {
	rows := blas.NewGeneral[float64](x.Cols, x.Rows)
	transpose(rows, x)
	kept := 0
	for c := range x.Cols {
		row := rows.Row(c)
		own := nrm2(row)
		without(row, rows.RowsOf(0, kept))
		if length := nrm2(row); length > deflationOfStart*own {
			to := rows.Row(kept)
			for i, v := range row {
				to[i] = v / length
			}
			kept++
		}
	}
	return rows.RowsOf(0, kept)
}

// spanned says whether rows of a span have all columns of the i-th start in them.
func spanned(spans []blas.General[float64], starts [][]blas.General[float64], i int) bool {
	for side, span := range spans {
		x := starts[side][i]
		column := make([]float64, x.Rows)
		for c := range x.Cols {
			for j := range column {
				column[j] = x.Row(j)[c]
			}
			own := nrm2(column)
			if without(column, span); nrm2(column) > deflationOfStart*own {
				return false
			}
		}
	}
	return true
}

// without takes from a vector its part in orthonormal rows, twice.
func without(v []float64, rows blas.General[float64]) {
	for range 2 {
		for i := range rows.Rows {
			axpy(-dot(rows.Row(i), v), rows.Row(i), v)
		}
	}
}

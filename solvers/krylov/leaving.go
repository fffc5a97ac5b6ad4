package krylov

import (
	"lowrank/blas"
)

// Leaving sets to = η·coupling·last, what leaves a basis in a step, and returns it
// with its norm.
func Leaving(to, coupling blas.General[float64], eta float64, last blas.General[float64]) (blas.General[float64], float64) {
	if to.Rows != coupling.Rows {
		to = blas.NewGeneral[float64](coupling.Rows, last.Cols)
	}
	for i := range coupling.Rows {
		row := to.Row(i)
		clear(row)
		for j, v := range coupling.Row(i) {
			for c, z := range last.Row(j) {
				row[c] += eta * v * z
			}
		}
	}
	return to, Norm(to)
}

// Turned sets δ ← δ + η(λδ − δg); old is room for a row.
func Turned(delta blas.General[float64], lambda float64, g []float64, eta float64, old []float64) {
	k := delta.Cols
	for i := range delta.Rows {
		to := delta.Row(i)
		copy(old, to)
		for c := range to {
			change := lambda * old[c]
			for a, v := range old {
				change -= v * g[a*k+c]
			}
			to[c] += eta * change
		}
	}
}

// Outside adds to δ, a perturbation in the block that waits for its pass, what leaves
// the basis in a step and what its coupling with the last block brings, and returns
// ‖δ‖². Without Turned before it δ is neither damped nor amplified, it accumulates: the
// block's own part of the matrix is not known before the pass.
func Outside(delta, out, coupling, last blas.General[float64], eta float64) (squares float64) {
	for i := range delta.Rows {
		to := delta.Row(i)
		for c, v := range out.Row(i) {
			to[c] += v
		}
		for j, b := range coupling.Row(i) {
			for c, v := range last.Row(j) {
				to[c] += eta * b * v
			}
		}
		for _, v := range to {
			squares += v * v
		}
	}
	return squares
}

// AddTransposed adds aᵀx to dst.
func AddTransposed(dst, a, x blas.General[float64]) {
	for i := range a.Rows {
		row := x.Row(i)
		for j, v := range a.Row(i) {
			to := dst.Row(j)
			for c, w := range row {
				to[c] += v * w
			}
		}
	}
}

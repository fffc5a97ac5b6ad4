package krylov

import (
	"math"

	"lowrank/blas"
)

// band is the part of a row of a matrix that is not zero.
type band struct {
	at int // its first column
	h  []float64
}

// element is that of a column, zero beyond the band.
func (b *band) element(j int) float64 {
	if j < b.at || j >= b.at+len(b.h) {
		return 0
	}
	return b.h[j-b.at]
}

// join appends the columns of a coupling to the rows of a block.
func join(rows []band, coupling blas.General[float64]) {
	for i := range rows {
		for j := range coupling.Rows {
			rows[i].h = append(rows[i].h, coupling.Row(j)[i])
		}
	}
}

// multiply sets dst = Hx for the matrix H of these rows, and what dst has more of
// them to zero.
func multiply(rows []band, dst, x blas.General[float64]) {
	for i := range rows {
		row, y := &rows[i], dst.Data[i*dst.Stride:][:dst.Cols]
		at := row.at * x.Stride
		switch len(y) {
		case 1:
			var s float64
			for _, h := range row.h {
				s += h * x.Data[at]
				at += x.Stride
			}
			y[0] = s
		case 2:
			var s, t float64
			for _, h := range row.h {
				pair := x.Data[at : at+2]
				s += h * pair[0]
				t += h * pair[1]
				at += x.Stride
			}
			y[0], y[1] = s, t
		default:
			clear(y)
			for _, h := range row.h {
				for c, v := range x.Data[at : at+len(y)] {
					y[c] += h * v
				}
				at += x.Stride
			}
		}
	}
	for i := len(rows); i < dst.Rows; i++ {
		clear(dst.Row(i))
	}
}

// largestSum is that of the absolute values of a row.
func largestSum(rows []band) float64 {
	var most float64
	for _, row := range rows {
		var sum float64
		for _, v := range row.h {
			sum += math.Abs(v)
		}
		most = max(most, sum)
	}
	return most
}

func elements(rows []band) int {
	n := 0
	for _, row := range rows {
		n += len(row.h)
	}
	return n
}

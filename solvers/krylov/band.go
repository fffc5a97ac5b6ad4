package krylov

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// banded is a block tridiagonal matrix H that grows by blocks of rows.
type banded struct {
	blas   blas.Routines[float64]
	blocks []rowBlock
	of     []int // the block of each row
}

// rowBlock is the part of a block of rows that is not zero.
type rowBlock struct {
	first, at int // its first row and column
	h         blas.General[float64]
}

func newBanded(b *blas.Backend) banded { return banded{blas: blas.RoutinesOf[float64](b.BLAS)} }

// rows is how many there are.
func (m *banded) rows() int { return len(m.of) }

// element is zero beyond the blocks.
func (m *banded) element(i, j int) float64 {
	b := &m.blocks[m.of[i]]
	if j < b.at || j >= b.at+b.h.Cols {
		return 0
	}
	return b.h.Row(i - b.first)[j-b.at]
}

// grow appends the columns nextᵀ to the last block, and a block of rows that are those of
// coupling, from a column on, and of own.
func (m *banded) grow(next blas.General[float64], at int, coupling, own blas.General[float64]) {
	if last := len(m.blocks) - 1; last >= 0 && next.Rows > 0 {
		h := &m.blocks[last].h
		width := h.Cols
		h.Cols += next.Rows
		for i := range next.Cols {
			row := h.Row(i)[width:]
			for j := range row {
				row[j] = next.Row(j)[i]
			}
		}
	}
	if own.Rows == 0 {
		return
	}
	// The next block has no more columns than this one rows.
	h := blas.NewGeneral[float64](own.Rows, coupling.Cols+own.Cols+own.Rows)
	h.Cols = coupling.Cols + own.Cols
	for i := range own.Rows {
		copy(h.Row(i)[copy(h.Row(i), coupling.Row(i)):], own.Row(i))
		m.of = append(m.of, len(m.blocks))
	}
	m.blocks = append(m.blocks, rowBlock{m.rows() - own.Rows, at, h})
}

// multiply sets dst = Hx, and what dst has more rows to zero.
func (m *banded) multiply(dst, x blas.General[float64]) {
	m.multiplyBlocks(m.blocks, dst, x)
	for i := m.rows(); i < dst.Rows; i++ {
		clear(dst.Row(i))
	}
}

// multiplyLast sets dst to the rows of Hx of the last block.
func (m *banded) multiplyLast(dst, x blas.General[float64]) {
	m.multiplyBlocks(m.blocks[len(m.blocks)-1:], dst, x)
}

// multiplyBlocks sets dst to the rows of Hx of some blocks. Calls of a BLAS take longer than
// sums for one or two columns and their perturbations.
func (m *banded) multiplyBlocks(blocks []rowBlock, dst, x blas.General[float64]) {
	switch dst.Cols {
	case 1:
		multiply1(blocks, dst, x)
	case 2:
		multiply2(blocks, dst, x)
	case 1 + Samples:
		multiply3(blocks, dst, x)
	case 2 * (1 + Samples):
		multiply6(blocks, dst, x)
	default:
		at := 0
		for i := range blocks {
			h := &blocks[i].h
			m.blas.Gemm(gblas.NoTrans, gblas.NoTrans, h.Rows, dst.Cols, h.Cols, 1, h.Data, h.Stride, x.Data[blocks[i].at*x.Stride:], x.Stride, 0, dst.Data[at:], dst.Stride)
			at += h.Rows * dst.Stride
		}
	}
}

func multiply1(blocks []rowBlock, dst, x blas.General[float64]) {
	to := 0
	for n := range blocks {
		h := &blocks[n].h
		for i := range h.Rows {
			var s float64
			at := blocks[n].at * x.Stride
			for _, v := range h.Data[i*h.Stride:][:h.Cols] {
				s += v * x.Data[at]
				at += x.Stride
			}
			dst.Data[to] = s
			to += dst.Stride
		}
	}
}

func multiply2(blocks []rowBlock, dst, x blas.General[float64]) {
	to := 0
	for n := range blocks {
		h := &blocks[n].h
		for i := range h.Rows {
			var s, t float64
			at := blocks[n].at * x.Stride
			for _, v := range h.Data[i*h.Stride:][:h.Cols] {
				row := x.Data[at : at+2]
				s += v * row[0]
				t += v * row[1]
				at += x.Stride
			}
			y := dst.Data[to : to+2]
			y[0], y[1] = s, t
			to += dst.Stride
		}
	}
}

func multiply3(blocks []rowBlock, dst, x blas.General[float64]) {
	to := 0
	for n := range blocks {
		h := &blocks[n].h
		for i := range h.Rows {
			var s0, s1, s2 float64
			at := blocks[n].at * x.Stride
			for _, v := range h.Data[i*h.Stride:][:h.Cols] {
				row := x.Data[at : at+3]
				s0 += v * row[0]
				s1 += v * row[1]
				s2 += v * row[2]
				at += x.Stride
			}
			y := dst.Data[to : to+3]
			y[0], y[1], y[2] = s0, s1, s2
			to += dst.Stride
		}
	}
}

func multiply6(blocks []rowBlock, dst, x blas.General[float64]) {
	to := 0
	for n := range blocks {
		h := &blocks[n].h
		for i := range h.Rows {
			var s0, s1, s2, s3, s4, s5 float64
			at := blocks[n].at * x.Stride
			for _, v := range h.Data[i*h.Stride:][:h.Cols] {
				row := x.Data[at : at+6]
				s0 += v * row[0]
				s1 += v * row[1]
				s2 += v * row[2]
				s3 += v * row[3]
				s4 += v * row[4]
				s5 += v * row[5]
				at += x.Stride
			}
			y := dst.Data[to : to+6]
			y[0], y[1], y[2], y[3], y[4], y[5] = s0, s1, s2, s3, s4, s5
			to += dst.Stride
		}
	}
}

// largestSum is that of the absolute values of a row.
func (m *banded) largestSum() float64 {
	var most float64
	for i := range m.rows() {
		b := &m.blocks[m.of[i]]
		var sum float64
		for _, v := range b.h.Row(i - b.first) {
			sum += math.Abs(v)
		}
		most = max(most, sum)
	}
	return most
}

func (m *banded) elements() int {
	n := 0
	for _, b := range m.blocks {
		n += b.h.Rows * b.h.Cols
	}
	return n
}

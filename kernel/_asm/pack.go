package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// interleave writes the packing of two or four rows side by side, four columns
// a round: a transposition in registers of four elements.
func interleave(g *generator, rows int) {
	g.function(fmt.Sprint("interleave", rows), fmt.Sprintf("Kernels.Interleave[%d]", rows/2-1),
		"func(k int, a []T, rs int, to []T, width int)")
	rounds := g.integer("k")
	g.SHRQ(operand.U8(2), rounds)
	a, rs, to, width := g.base("a"), g.stride("rs"), g.base("to"), g.stride("width")
	row := func(i int) operand.Mem { return indexed(a, rs, uint8(i), 0) }
	rs3 := g.GP64()
	if rows == 4 {
		g.LEAQ(indexed(rs, rs, 2, 0), rs3)
	}
	four := func() reg.VecVirtual {
		if g.f32 {
			return g.XMM()
		}
		return g.YMM()
	}
	g.repeat("round", rounds, func() {
		r := make([]reg.VecVirtual, rows)
		for i := range r {
			r[i] = four()
			m := row(i)
			if i == 3 {
				m = indexed(a, rs3, 1, 0)
			}
			g.load(m, r[i])
		}
		// low and high hold columns 0, 1 and 2, 3 of a pair of rows of float32;
		// of float64 columns 0, 2 and 1, 3.
		low, high := four(), four()
		g.unpack(r[1], r[0], low, high)
		if rows == 2 {
			g.storePairs(low, high, to, width)
		} else {
			low2, high2 := four(), four()
			g.unpack(r[3], r[2], low2, high2)
			g.storeFours([2]reg.VecVirtual{low, low2}, [2]reg.VecVirtual{high, high2}, to, width)
		}
		g.ADDQ(operand.I32(4*g.size()), a)
	})
	g.end()
}

// unpack interleaves the elements of two registers.
func (g *generator) unpack(y, x, low, high reg.VecVirtual) {
	if g.f32 {
		g.VUNPCKLPS(y, x, low)
		g.VUNPCKHPS(y, x, high)
	} else {
		g.VUNPCKLPD(y, x, low)
		g.VUNPCKHPD(y, x, high)
	}
}

// storePairs stores the columns of two rows and moves on.
func (g *generator) storePairs(low, high reg.VecVirtual, to, width reg.GPVirtual) {
	if g.f32 {
		for _, v := range []reg.VecVirtual{low, high} {
			g.VMOVLPS(v, at(to, 0))
			g.ADDQ(width, to)
			g.VMOVHPS(v, at(to, 0))
			g.ADDQ(width, to)
		}
		return
	}
	for half := range 2 {
		for _, v := range []reg.VecVirtual{low, high} {
			if half == 0 {
				g.VMOVUPD(v.AsX(), at(to, 0))
			} else {
				g.VEXTRACTF128(operand.U8(1), v, at(to, 0))
			}
			g.ADDQ(width, to)
		}
	}
}

// storeFours stores the columns of four rows and moves on: low and high are
// those of the first pair and of the second.
func (g *generator) storeFours(low, high [2]reg.VecVirtual, to, width reg.GPVirtual) {
	put := func(v reg.VecVirtual) {
		g.store(v, at(to, 0))
		g.ADDQ(width, to)
	}
	if g.f32 {
		for _, pair := range [][2]reg.VecVirtual{low, high} {
			v, w := g.XMM(), g.XMM()
			g.VUNPCKLPD(pair[1], pair[0], v)
			g.VUNPCKHPD(pair[1], pair[0], w)
			put(v)
			put(w)
		}
		return
	}
	for _, half := range []operand.U8{0x20, 0x31} {
		for _, pair := range [][2]reg.VecVirtual{low, high} {
			v := g.YMM()
			g.VPERM2F128(half, pair[1], pair[0], v)
			put(v)
		}
	}
}

// gather writes the packing of rows of so many elements, which lie lda apart,
// without gaps: a panel of an operand whose columns are packed.
func gather(g *generator, index, width int) {
	g.function(fmt.Sprint("gather", width), fmt.Sprintf("Kernels.Gather[%d]", index), "func(k int, a []T, lda int, to []T)")
	k, a, lda, to := g.integer("k"), g.base("a"), g.stride("lda"), g.base("to")
	g.repeat("row", k, func() {
		for done := 0; done < width*g.size(); {
			v, n := g.XMM().(reg.Register), 16
			switch left := width*g.size() - done; {
			case g.zmm() && left >= 64:
				v, n = g.ZMM(), 64
			case left >= 32:
				v, n = g.YMM(), 32
			case left == 8:
				n = 8
			}
			if n == 8 {
				g.VMOVSD(at(a, done), v)
				g.VMOVSD(v, at(to, done))
			} else {
				g.load(at(a, done), v)
				g.store(v, at(to, done))
			}
			done += n
		}
		g.ADDQ(lda, a)
		g.ADDQ(operand.I32(width*g.size()), to)
	})
	g.end()
}

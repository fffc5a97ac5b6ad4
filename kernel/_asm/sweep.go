package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// sweep writes the step X ← X + η(Y − XG) for X of r = 1 or 2 columns without
// gaps between its rows: y is overwritten, or, when diagonal, Y = diag(λ)X is
// formed on the way and x is overwritten. For r = 2 a vector holds x_0 and x_1
// of neighbouring rows, and products across columns meet the vector with its
// pairs swapped. Two sets of sums keep the chains of additions apart.
func sweep(g *generator, r int, diagonal bool) {
	name, kernel := "update", "Kernels.Update"
	if diagonal {
		name, kernel = "diagonal", "Kernels.Diagonal"
	}
	g.function(fmt.Sprint(name, r), fmt.Sprintf("%s[%d]", kernel, r-1), "func(groups int, eta T, lambda, x, y, g, sums []T)")
	groups := g.integer("groups")
	x := g.base("x")
	out := x
	lambda := x
	if diagonal {
		lambda = g.base("lambda")
	} else {
		out = g.base("y")
	}
	eta := g.argument("eta")
	gp := g.base("g")
	var straight, across reg.VecVirtual // of −G, or G
	straight = g.vector()
	var spread reg.VecVirtual
	if r == 1 {
		g.broadcast(at(gp, 0), straight)
	} else {
		// (g00, g11, g00, g11 …) and (g10, g01, …).
		across = g.vector()
		pairs := g.vector()
		g.broadcast(at(gp, g.size()), across)
		g.broadcast(at(gp, 3*g.size()), pairs)
		g.broadcast(at(gp, 0), straight)
		g.blendOdd(pairs, straight)
		if diagonal {
			spread = g.spreadIndex()
		}
	}
	gradient, size, s0, s1 := g.zeros(2), g.zeros(2), g.zeros(2), []reg.VecVirtual(nil)
	if r == 2 {
		s1 = g.zeros(2)
	}
	g.repeat("rows", groups, func() {
		for u := range 2 {
			disp := u * g.bytes()
			xv, yv := g.vector(), g.vector()
			g.load(at(x, disp), xv)
			switch {
			case !diagonal:
				g.load(at(out, disp), yv)
			case r == 1:
				g.mul(at(lambda, disp), xv, yv)
			default:
				g.loadPairs(at(lambda, disp/2), spread, yv)
				g.mul(xv, yv, yv)
			}
			g.fma(yv, yv, size[u])
			g.fnma(xv, straight, yv)
			if r == 2 {
				sw := g.vector()
				g.swapPairs(xv, sw)
				g.fnma(sw, across, yv)
			}
			g.fma(yv, yv, gradient[u])
			g.fma(yv, eta, xv)
			g.store(xv, at(out, disp))
			g.fma(xv, xv, s0[u])
			if r == 2 {
				sw := g.vector()
				g.swapPairs(xv, sw)
				g.fma(xv, sw, s1[u])
			}
		}
		g.ADDQ(operand.I32(2*g.bytes()), x)
		if !diagonal {
			g.ADDQ(operand.I32(2*g.bytes()), out)
		} else {
			g.ADDQ(operand.I32(2*g.bytes()/r), lambda)
		}
	})
	sums := g.base("sums")
	scalar := func(i int, v reg.VecVirtual) {
		x := g.sum(v).AsX()
		if g.f32 {
			g.VMOVSS(x, at(sums, i*4))
		} else {
			g.VMOVSD(x, at(sums, i*8))
		}
	}
	put := func(i int, v []reg.VecVirtual) {
		g.add(v[1], v[0], v[0])
		scalar(i, v[0])
	}
	put(0, gradient)
	put(1, size)
	if r == 2 {
		// Lanes of even and odd columns are summed apart.
		zero := g.zeros(1)[0]
		g.add(s0[1], s0[0], s0[0])
		swapped := g.vector()
		g.swapPairs(s0[0], swapped)
		g.blendOdd(zero, s0[0])
		g.blendOdd(zero, swapped)
		scalar(2, s0[0])
		scalar(3, swapped)
		// Each product stands in both lanes of its pair.
		g.add(s1[1], s1[0], s1[0])
		g.blendOdd(zero, s1[0])
		scalar(4, s1[0])
	} else {
		put(2, s0)
	}
	g.end()
}

// swapPairs exchanges the elements of each pair of lanes.
func (g *generator) swapPairs(x, to operand.Op) {
	if g.f32 {
		g.VPERMILPS(operand.U8(0xb1), x, to)
	} else {
		g.VPERMILPD(operand.U8(0x55), x, to)
	}
}

// blendOdd sets the odd lanes of to to those of x.
func (g *generator) blendOdd(x, to reg.VecVirtual) {
	switch {
	case g.zmm():
		n, k := g.GP32(), g.K()
		g.MOVL(operand.U32(0xaaaa), n)
		g.KMOVW(n, k)
		if g.f32 {
			g.VBLENDMPS(x, to, k, to)
		} else {
			g.VBLENDMPD(x, to, k, to)
		}
	case g.f32:
		g.VBLENDPS(operand.U8(0xaa), x, to, to)
	default:
		g.VBLENDPD(operand.U8(0xa), x, to, to)
	}
}

// spreadIndex is the permutation 0 0 1 1 2 2 …, where loadPairs needs one.
func (g *generator) spreadIndex() reg.VecVirtual {
	if !g.zmm() && !g.f32 {
		return nil
	}
	name := "spread" + g.suffix()
	data := g.StaticGlobal(name)
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range g.lanes() {
		if g.f32 {
			g.AppendDatum(operand.U32(uint32(i / 2)))
		} else {
			g.AppendDatum(operand.U64(uint64(i / 2)))
		}
	}
	v := g.vector()
	g.load(data, v)
	return v
}

// loadPairs loads lanes/2 elements, each into two neighbouring lanes.
func (g *generator) loadPairs(m operand.Mem, spread, to reg.VecVirtual) {
	switch {
	case g.zmm() && g.f32:
		g.VMOVUPS(m, to.AsY())
		g.VPERMPS(to, spread, to)
	case g.zmm():
		g.VMOVUPD(m, to.AsY())
		g.VPERMPD(to, spread, to)
	case g.f32:
		g.VMOVUPS(m, to.AsX())
		g.VPERMPS(to, spread, to)
	default:
		g.VMOVUPD(m, to.AsX())
		g.VPERMPD(operand.U8(0x50), to, to)
	}
}

// finish writes x + ηδ over out, and returns Σδ². Elements come in vectors.
func finish(g *generator) {
	g.function("finish", "Kernels.Finish", "func(n int, eta T, x, delta, out []T) T")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	eta := g.argument("eta")
	x, delta, out := g.base("x"), g.base("delta"), g.base("out")
	s := g.zeros(2)
	step := func(u int) {
		d, v := g.vector(), g.vector()
		g.load(at(delta, u*g.bytes()), d)
		g.load(at(x, u*g.bytes()), v)
		g.fma(d, d, s[u])
		g.fma(d, eta, v)
		g.store(v, at(out, u*g.bytes()))
	}
	advance := func(u int) {
		for _, p := range []reg.GPVirtual{x, delta, out} {
			g.ADDQ(operand.I32(u*g.bytes()), p)
		}
	}
	pairs := g.copyOf(n)
	g.SHRQ(operand.U8(1), pairs)
	g.repeat("two", pairs, func() { step(0); step(1); advance(2) })
	g.ANDQ(operand.U8(1), n)
	g.repeat("one", n, func() { step(0); advance(1) })
	g.add(s[1], s[0], s[0])
	g.returned(g.sum(s[0]))
	g.end()
}

// scaleRows writes Y = diag(λ)X for rows of whole vectors without gaps.
func scaleRows(g *generator) {
	g.function("scaleRows", "Kernels.ScaleRows", "func(m, n int, lambda, x, y []T)")
	m, lambda, x, y := g.integer("m"), g.base("lambda"), g.base("x"), g.base("y")
	g.repeat("row", m, func() {
		l := g.vector()
		g.broadcast(at(lambda, 0), l)
		n := g.integer("n")
		g.SHRQ(operand.U8(log2(g.lanes())), n)
		g.repeat("vector", n, func() {
			v := g.vector()
			g.mul(at(x, 0), l, v)
			g.store(v, at(y, 0))
			g.ADDQ(operand.I32(g.bytes()), x)
			g.ADDQ(operand.I32(g.bytes()), y)
		})
		g.ADDQ(operand.I32(g.size()), lambda)
	})
	g.end()
}

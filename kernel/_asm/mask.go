package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// masks writes the table that maskFor reads: a vector of ones, a vector of
// zeros.
func (g *generator) masks() {
	if g.zmm() {
		return
	}
	g.table = g.StaticGlobal("masks" + g.suffix())
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 2 * g.bytes() / 8 {
		g.AppendDatum(operand.U64([]uint64{^uint64(0), 0}[i*8/g.bytes()]))
	}
}

// maskFor is a mask of the first w ≤ lanes elements of a vector. It destroys w.
func (g *generator) maskFor(w reg.GPVirtual) reg.Register {
	if g.zmm() {
		k, bits := g.K(), g.GP64()
		g.MOVQ(operand.I32(1), bits)
		g.SHLXQ(w, bits, bits)
		g.DECQ(bits)
		g.KMOVW(bits.As32(), k)
		return k
	}
	// The table from lanes−w elements before its middle on.
	mask, at := g.vector(), g.GP64()
	g.LEAQ(g.table, at)
	g.SHLQ(operand.U8(log2(g.size())), w)
	g.SUBQ(w, at)
	g.load(operand.Mem{Base: at, Disp: g.bytes()}, mask)
	return mask
}

// loadMasked loads the elements that a mask shows, zeros for the others; without
// a mask all.
func (g *generator) loadMasked(m operand.Mem, mask reg.Register, v reg.VecVirtual) {
	switch {
	case mask == nil:
		g.load(m, v)
	case g.zmm() && g.f32:
		g.VMOVUPS_Z(m, mask, v)
	case g.zmm():
		g.VMOVUPD_Z(m, mask, v)
	case g.f32:
		g.VMASKMOVPS(m, mask, v)
	default:
		g.VMASKMOVPD(m, mask, v)
	}
}

// storeMasked is the way back.
func (g *generator) storeMasked(v reg.VecVirtual, mask reg.Register, m operand.Mem) {
	switch {
	case mask == nil:
		g.store(v, m)
	case g.zmm() && g.f32:
		g.VMOVUPS(v, mask, m)
	case g.zmm():
		g.VMOVUPD(v, mask, m)
	case g.f32:
		g.VMASKMOVPS(v, mask, m)
	default:
		g.VMASKMOVPD(v, mask, m)
	}
}

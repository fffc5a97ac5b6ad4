package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowsAtOnce is the number of rows that dots and combine take.
const rowsAtOnce = 4

// dot writes the inner product, four vectors a round.
func dot(g *generator) {
	g.function("dot", "func(n int, x, y []T) T", "is Kernels.Dot.")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	x, y := g.base("x"), g.base("y")
	const unroll = 8
	s := g.zeros(unroll)
	step := func(u int) {
		v := g.vector()
		g.load(at(x, u*g.bytes()), v)
		g.fma(at(y, u*g.bytes()), v, s[u])
	}
	g.unrolled(n, unroll, step, x, y)
	for h := unroll / 2; h > 0; h /= 2 {
		for i := range h {
			g.add(s[i+h], s[i], s[i])
		}
	}
	g.Store(g.sum(s[0]).AsX(), g.ReturnIndex(0))
	g.end()
}

// unrolled emits step for each of n vectors, unroll of them a round, and moves
// the pointers along.
func (g *generator) unrolled(n reg.GPVirtual, unroll int, step func(u int), pointers ...reg.GPVirtual) {
	advance := func(u int) {
		for _, p := range pointers {
			g.ADDQ(operand.I32(u*g.bytes()), p)
		}
	}
	rounds := g.copyOf(n)
	g.SHRQ(operand.U8(log2(unroll)), rounds)
	g.repeat("round", rounds, func() {
		for u := range unroll {
			step(u)
		}
		advance(unroll)
	})
	g.ANDQ(operand.U8(unroll-1), n)
	g.repeat("one", n, func() { step(0); advance(1) })
}

// axpy writes y += αx.
func axpy(g *generator) {
	g.function("axpy", "func(n int, alpha T, x, y []T)", "is Kernels.Axpy.")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	alpha := g.argument("alpha")
	x, y := g.base("x"), g.base("y")
	g.unrolled(n, 4, func(u int) {
		v := g.vector()
		g.load(at(y, u*g.bytes()), v)
		g.fma(at(x, u*g.bytes()), alpha, v)
		g.store(v, at(y, u*g.bytes()))
	}, x, y)
	g.end()
}

// scal writes x ← αx.
func scal(g *generator) {
	g.function("scal", "func(n int, alpha T, x []T)", "is Kernels.Scal.")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	alpha := g.argument("alpha")
	x := g.base("x")
	g.unrolled(n, 4, func(u int) {
		v := g.vector()
		g.mul(at(x, u*g.bytes()), alpha, v)
		g.store(v, at(x, u*g.bytes()))
	}, x)
	g.end()
}

// argument broadcasts a scalar argument.
func (g *generator) argument(name string) reg.VecVirtual {
	m, err := g.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := g.vector()
	g.broadcast(m.Addr, v)
	return v
}

// dots writes four inner products with one vector: x is loaded once, and the
// rows are four streams.
func dots(g *generator) {
	g.function("dots", "func(n int, a []T, lda int, x, out []T)", "is Kernels.Dots.")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	a, lda := g.base("a"), g.stride("lda")
	a3 := g.GP64()
	g.LEAQ(indexed(a, lda, 2, 0), a3)
	g.ADDQ(lda, a3)
	x := g.base("x")
	s := g.zeros(2 * rowsAtOnce)
	step := func(u int) {
		xv := g.vector()
		g.load(at(x, u*g.bytes()), xv)
		for i := range rowsAtOnce {
			m := indexed(a, lda, uint8(i), u*g.bytes())
			if i == 3 {
				m = at(a3, u*g.bytes())
			}
			if u*g.bytes()%64 == 0 {
				pre := m
				pre.Disp += ahead
				g.PREFETCHT0(pre)
			}
			g.fma(m, xv, s[u%2*rowsAtOnce+i])
		}
	}
	g.unrolled(n, 2, step, a, a3, x)
	out := g.base("out")
	for i := range rowsAtOnce {
		g.add(s[rowsAtOnce+i], s[i], s[i])
		g.addTo(g.sum(s[i]), at(out, i*g.size()))
	}
	g.end()
}

// combine writes y += Σ c_i a_i of four rows: y is loaded and stored once.
func combine(g *generator) {
	g.function("combine", "func(n int, a []T, lda int, c, y []T)", "is Kernels.Combine.")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	a, lda := g.base("a"), g.stride("lda")
	a3 := g.GP64()
	g.LEAQ(indexed(a, lda, 2, 0), a3)
	g.ADDQ(lda, a3)
	c, y := g.base("c"), g.base("y")
	cv := g.vectors(rowsAtOnce)
	for i := range rowsAtOnce {
		g.broadcast(at(c, i*g.size()), cv[i])
	}
	g.unrolled(n, 2, func(u int) {
		v := g.vector()
		g.load(at(y, u*g.bytes()), v)
		for i := range rowsAtOnce {
			m := indexed(a, lda, uint8(i), u*g.bytes())
			if i == 3 {
				m = at(a3, u*g.bytes())
			}
			if u*g.bytes()%64 == 0 {
				pre := m
				pre.Disp += ahead
				g.PREFETCHT0(pre)
			}
			g.fma(m, cv[i], v)
		}
		g.store(v, at(y, u*g.bytes()))
	}, a, a3, y)
	g.end()
}

// widen writes the conversion of float32 to float64.
func widen(g *generator) {
	g.function("widen", "func(n int, x []float32, to []T)", "is Row.Widen.")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	x, to := g.base("x"), g.base("to")
	half := g.bytes() / 2
	g.repeat("vector", n, func() {
		v := g.vector()
		pre := at(x, ahead)
		g.PREFETCHT0(pre)
		g.VCVTPS2PD(at(x, 0), v)
		g.store(v, at(to, 0))
		g.ADDQ(operand.I32(half), x)
		g.ADDQ(operand.I32(g.bytes()), to)
	})
	g.end()
}

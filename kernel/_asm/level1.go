package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ahead is how far in front of the elements at hand the kernels prefetch, in
// bytes.
const ahead = 1024

// dot writes the inner product, eight vectors a round.
func dot(g *generator) {
	g.function("dot", "Kernels.Dot", "func(n int, x, y []T) T")
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
	g.returned(g.sum(s[0]))
	g.end()
}

// asum writes the sum of absolute values.
func asum(g *generator) {
	g.function("asum", "Kernels.Asum", "func(n int, x []T) T")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	x := g.base("x")
	abs := g.allButSign()
	const unroll = 8
	s := g.zeros(unroll)
	g.unrolled(n, unroll, func(u int) {
		v := g.vector()
		if g.zmm() {
			g.VPANDQ(at(x, u*g.bytes()), abs, v)
		} else {
			g.VANDPD(at(x, u*g.bytes()), abs, v)
		}
		g.add(v, s[u], s[u])
	}, x)
	for h := unroll / 2; h > 0; h /= 2 {
		for i := range h {
			g.add(s[i+h], s[i], s[i])
		}
	}
	g.returned(g.sum(s[0]))
	g.end()
}

// allButSign has the bits of every lane set but the sign.
func (g *generator) allButSign() reg.VecVirtual {
	v := g.vector()
	if g.zmm() {
		g.VPTERNLOGQ(operand.U8(0xff), v, v, v)
	} else {
		g.VPCMPEQD(v, v, v)
	}
	if g.f32 {
		g.VPSRLD(operand.U8(1), v, v)
	} else {
		g.VPSRLQ(operand.U8(1), v, v)
	}
	return v
}

// unrolled emits step for each of n vectors, unroll of them a round, and moves
// the pointers along.
func (g *generator) unrolled(n reg.GPVirtual, unroll int, step func(u int), pointers ...reg.GPVirtual) {
	block := func(vectors int) {
		for u := range vectors {
			step(u)
		}
	}
	g.blocks(n, []int{unroll, 1}, block, stream{g.bytes(), pointers})
}

// stream is pointers that move by as many bytes for a vector of elements.
type stream struct {
	bytes    int
	pointers []reg.GPVirtual
}

// blocks emits block for n vectors, as many of them at a time as the first of
// sizes says while there are, then as the next. The sizes are powers of two and
// the last is 1.
func (g *generator) blocks(n reg.GPVirtual, sizes []int, block func(vectors int), streams ...stream) {
	move := func(vectors int) {
		for _, s := range streams {
			for _, p := range s.pointers {
				g.ADDQ(operand.I32(vectors*s.bytes), p)
			}
		}
	}
	for _, size := range sizes[:len(sizes)-1] {
		rounds := g.copyOf(n)
		g.SHRQ(operand.U8(log2(size)), rounds)
		g.repeat("round", rounds, func() { block(size); move(size) })
		g.ANDQ(operand.U8(size-1), n)
	}
	g.repeat("one", n, func() { block(1); move(1) })
}

// axpy writes y += αx.
func axpy(g *generator) {
	g.function("axpy", "Kernels.Axpy", "func(n int, alpha T, x, y []T)")
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
	g.function("scal", "Kernels.Scal", "func(n int, alpha T, x []T)")
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

// widen writes the conversion of float32 to float64, in four streams.
func widen(g *generator) {
	g.function("widen", "Row.Widen", "func(n int, x []float32, to []T)")
	n := g.integer("n")
	g.SHRQ(operand.U8(2), n)
	from, to := g.GP64(), g.GP64() // bytes of a stream
	g.LEAQ(indexed(n, n, 1, 0), from)
	g.ADDQ(from, from)
	g.MOVQ(from, to)
	g.ADDQ(to, to)
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	x, y := g.base("x"), g.base("to")
	x3, y3 := g.GP64(), g.GP64()
	g.LEAQ(indexed(x, from, 2, 0), x3)
	g.ADDQ(from, x3)
	g.LEAQ(indexed(y, to, 2, 0), y3)
	g.ADDQ(to, y3)
	half := g.bytes() / 2
	g.repeat("vector", n, func() {
		for i := range 4 {
			m, t := indexed(x, from, uint8(i), 0), indexed(y, to, uint8(i), 0)
			if i == 3 {
				m, t = at(x3, 0), at(y3, 0)
			}
			v := g.vector()
			pre := m
			pre.Disp += ahead
			g.PREFETCHT0(pre)
			g.VCVTPS2PD(m, v)
			g.store(v, t)
		}
		g.ADDQ(operand.I32(half), x)
		g.ADDQ(operand.I32(half), x3)
		g.ADDQ(operand.I32(g.bytes()), y)
		g.ADDQ(operand.I32(g.bytes()), y3)
	})
	g.end()
}

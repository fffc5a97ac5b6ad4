package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ahead is how far in front of the elements at hand the kernels prefetch, in
// bytes.
const ahead = 1024

// rowsAtOnce is the number of rows that dots and combine take.
const rowsAtOnce = 4

// dot writes the inner product, eight vectors a round.
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
	g.returned(g.sum(s[0]))
	g.end()
}

// asum writes the sum of absolute values.
func asum(g *generator) {
	g.function("asum", "func(n int, x []T) T", "is Kernels.Asum.")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	x := g.base("x")
	abs := g.allButSign()
	const unroll = 8
	s := g.zeros(unroll)
	g.unrolled(n, unroll, func(u int) {
		v := g.vector()
		if g.avx512 {
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
	if g.avx512 {
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

// normal writes dots on four rows of A and combine on four rows of B in one
// loop: B is what A was the time before, so that memory is read without pause.
func normal(g *generator) {
	g.function("normal", "func(n int, a []T, lda int, x, out, b []T, ldb int, c, y []T)", "is Kernels.Normal.")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	var pointers []reg.GPVirtual
	rows := func(base, stride string) func(i, disp int) operand.Mem {
		p, ld, p3 := g.base(base), g.stride(stride), g.GP64()
		g.LEAQ(indexed(p, ld, 2, 0), p3)
		g.ADDQ(ld, p3)
		pointers = append(pointers, p, p3)
		return func(i, disp int) operand.Mem {
			if i == 3 {
				return at(p3, disp)
			}
			return indexed(p, ld, uint8(i), disp)
		}
	}
	a, b := rows("a", "lda"), rows("b", "ldb")
	c := g.base("c")
	cv := g.vectors(rowsAtOnce)
	for i := range rowsAtOnce {
		g.broadcast(at(c, i*g.size()), cv[i])
	}
	x, y := g.base("x"), g.base("y")
	pointers = append(pointers, x, y)
	s := g.zeros(rowsAtOnce)
	g.unrolled(n, 2, func(u int) {
		disp := u * g.bytes()
		xv, yv := g.vector(), g.vector()
		g.load(at(x, disp), xv)
		g.load(at(y, disp), yv)
		for i := range rowsAtOnce {
			if disp%64 == 0 {
				g.PREFETCHT0(a(i, disp+ahead))
			}
			g.fma(a(i, disp), xv, s[i])
			g.fma(b(i, disp), cv[i], yv)
		}
		g.store(yv, at(y, disp))
	}, pointers...)
	out := g.base("out")
	for i := range rowsAtOnce {
		g.addTo(g.sum(s[i]), at(out, i*g.size()))
	}
	g.end()
}

// widen writes the conversion of float32 to float64, in four streams.
func widen(g *generator) {
	g.function("widen", "func(n int, x []float32, to []T)", "is Row.Widen.")
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

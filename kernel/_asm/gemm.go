package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemm writes the micro-kernel C += A·B on a tile of mr rows and two vectors,
// for the full height of a tile and for every lower one at the edge of C.
// The tile stays in registers; an element of A is broadcast to meet both
// vectors of a row of B. A has any strides, so that A, Aᵀ and packed panels
// are the same to it.
func gemm(g *generator, mr int) {
	g.function(fmt.Sprintf("gemm%d", mr), "func(k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int)",
		fmt.Sprintf("is Kernels.Gemm for %d rows.", mr))
	k := g.integer("k")
	rs, cs := g.stride("rs"), g.stride("cs")
	// Three rows hang on one pointer: 0, 1 and 2 times the stride.
	ap := make([]reg.GPVirtual, (mr+2)/3)
	rs3 := g.GP64()
	if mr > 3 {
		g.LEAQ(indexed(rs, rs, 2, 0), rs3)
	}
	ap[0] = g.base("a")
	for i := 1; i < len(ap); i++ {
		ap[i] = g.GP64()
		g.LEAQ(indexed(ap[i-1], rs3, 1, 0), ap[i])
	}
	b, ldb := g.base("b"), g.stride("ldb")
	// The tile of C comes from memory while the sums are formed.
	c, ldc := g.base("c"), g.stride("ldc")
	for i := range mr {
		g.PREFETCHT0(at(c, 0))
		if i < mr-1 {
			g.ADDQ(ldc, c)
		}
	}
	acc := make([][2]reg.VecVirtual, mr)
	for i := range acc {
		z := g.zeros(2)
		acc[i] = [2]reg.VecVirtual{z[0], z[1]}
	}
	step := func() {
		b0, b1 := g.vector(), g.vector()
		g.load(at(b, 0), b0)
		g.load(at(b, g.bytes()), b1)
		for i := range mr {
			a := g.vector()
			g.broadcast(indexed(ap[i/3], rs, uint8(i%3), 0), a)
			g.fma(b0, a, acc[i][0])
			g.fma(b1, a, acc[i][1])
		}
		for _, p := range ap {
			g.ADDQ(cs, p)
		}
		g.ADDQ(ldb, b)
	}
	g.repeat("step", k, step)
	g.Load(g.Param("c").Base(), c)
	for i := range mr {
		for v := range 2 {
			m := at(c, v*g.bytes())
			g.add(m, acc[i][v], acc[i][v])
			g.store(acc[i][v], m)
		}
		if i < mr-1 {
			g.ADDQ(ldc, c)
		}
	}
	g.end()
}

// strips writes the micro-kernel for several tiles that lie below each other:
// strips of A a step apart, tiles of C a step of their own. The rows of a strip
// need not be neighbours. What lies fetch elements from the element at hand is
// prefetched.
func strips(g *generator, mr int) {
	g.function("strips", "func(strips, k int, a []T, rs, cs, step int, b []T, ldb int, c []T, ldc, stepC, fetch int)", "is Kernels.Strips.")
	count := g.integer("strips")
	a, c := g.base("a"), g.base("c")
	g.repeat("strip", count, func() {
		rs, cs := g.stride("rs"), g.stride("cs")
		ap := make([]reg.GPVirtual, mr/3)
		rs3 := g.GP64()
		g.LEAQ(indexed(rs, rs, 2, 0), rs3)
		ap[0] = g.copyOf(a)
		for i := 1; i < len(ap); i++ {
			ap[i] = g.GP64()
			g.LEAQ(indexed(ap[i-1], rs3, 1, 0), ap[i])
		}
		// The tile of C comes from memory while the sums are formed.
		to, ldc := g.copyOf(c), g.stride("ldc")
		for i := range mr {
			g.PREFETCHT0(at(to, 0))
			if i < mr-1 {
				g.ADDQ(ldc, to)
			}
		}
		g.ADDQ(g.stride("step"), a)
		below := g.stride("fetch")
		g.ADDQ(ap[0], below)
		b, ldb := g.base("b"), g.stride("ldb")
		acc := make([][2]reg.VecVirtual, mr)
		for i := range acc {
			z := g.zeros(2)
			acc[i] = [2]reg.VecVirtual{z[0], z[1]}
		}
		step := func() {
			b0, b1 := g.vector(), g.vector()
			g.load(at(b, 0), b0)
			g.load(at(b, g.bytes()), b1)
			for i := range mr {
				e := g.vector()
				g.broadcast(indexed(ap[i/3], rs, uint8(i%3), 0), e)
				g.fma(b0, e, acc[i][0])
				g.fma(b1, e, acc[i][1])
			}
			for _, p := range ap {
				g.ADDQ(cs, p)
			}
			g.ADDQ(ldb, b)
		}
		const unroll = 4
		blocks := g.integer("k")
		g.SHRQ(operand.U8(2), blocks)
		plain, tail := g.label("plain"), g.label("tail")
		g.CMPQ(below, ap[0])
		g.JEQ(operand.LabelRef(plain))
		g.repeat("four", blocks, func() {
			for u := range unroll {
				switch u {
				case 0, 1, 2:
					g.PREFETCHT0(indexed(below, rs, uint8(u), 0))
				case 3:
					g.PREFETCHT0(indexed(below, rs3, 1, 0))
				}
				if u == 2 {
					g.PREFETCHT0(indexed(below, rs, 4, 0))
				}
				step()
				g.ADDQ(cs, below)
			}
		})
		g.JMP(operand.LabelRef(tail))
		g.Label(plain)
		g.repeat("four", blocks, func() {
			for range unroll {
				step()
			}
		})
		g.Label(tail)
		rest := g.integer("k")
		g.ANDQ(operand.U8(unroll-1), rest)
		g.repeat("one", rest, step)
		to, ldc = g.copyOf(c), g.stride("ldc")
		for i := range mr {
			for v := range 2 {
				m := at(to, v*g.bytes())
				g.add(m, acc[i][v], acc[i][v])
				g.store(acc[i][v], m)
			}
			if i < mr-1 {
				g.ADDQ(ldc, to)
			}
		}
		g.ADDQ(g.stride("stepC"), c)
	})
	g.end()
}

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// peak writes a loop of independent multiply-adds on registers, 2·chains
// operations a lane and round: what the processor can do at most.
func peak(g *generator, chains int) {
	g.function("peak", "Kernels.Peak", "func(rounds int)")
	rounds := g.integer("rounds")
	acc := g.zeros(chains)
	x, y := g.zeros(1)[0], g.zeros(1)[0]
	g.repeat("round", rounds, func() {
		for _, a := range acc {
			g.fma(x, y, a)
		}
	})
	g.end()
}

// read writes a loop that loads the whole of a slice, as streams that each go
// through a part of it.
func read(g *generator, streams int) {
	g.function(fmt.Sprint("read", streams), "Kernels.Read", "func(a []T) T")
	a := g.base("a")
	n := g.GP64()
	g.Load(g.Param("a").Len(), n)
	part := g.GP64()
	g.MOVQ(n, part)
	if g.f32 {
		g.SHLQ(operand.U8(2), part)
	} else {
		g.SHLQ(operand.U8(3), part)
	}
	shift := log2(streams)
	g.SHRQ(operand.U8(shift), part)
	part3 := g.GP64()
	g.LEAQ(indexed(part, part, 2, 0), part3)
	acc := g.zeros(8)
	const bytes = 256 // of a stream in a round
	g.SHRQ(operand.U8(8+shift), n)
	if g.f32 {
		g.SHLQ(operand.U8(2), n)
	} else {
		g.SHLQ(operand.U8(3), n)
	}
	g.repeat("round", n, func() {
		k := 0
		for s := range streams {
			for d := 0; d < bytes; d += g.bytes() {
				m := indexed(a, part, uint8(s), d)
				if s == 3 {
					m = indexed(a, part3, 1, d)
				}
				g.add(m, acc[k%8], acc[k%8])
				k++
			}
		}
		g.ADDQ(operand.I32(bytes), a)
	})
	for i := 1; i < 8; i++ {
		g.add(acc[i], acc[0], acc[0])
	}
	g.returned(g.sum(acc[0]))
	g.end()
}

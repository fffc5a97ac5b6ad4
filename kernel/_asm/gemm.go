package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is a tile of C in registers, mr rows of one or two vectors, and the
// pointers that run through A and B. An element of A is broadcast to meet the
// vectors of a row of B. A has any strides, so that A, Aᵀ and packed panels are
// the same. With a mask, the last vector is not whole.
type tile struct {
	*generator
	rs, rs3, cs reg.GPVirtual
	a           []reg.GPVirtual // of every third row: the next two are 1 and 2 strides on
	b, ldb      reg.GPVirtual
	vectors     int
	mask        reg.Register
	sums        [][]reg.VecVirtual
}

// newTile points at rows of A from first on.
func newTile(g *generator, mr, vectors int, first func() reg.GPVirtual) *tile {
	t := &tile{generator: g, rs: g.stride("rs"), cs: g.stride("cs"), a: make([]reg.GPVirtual, (mr+2)/3), vectors: vectors}
	t.sums = make([][]reg.VecVirtual, mr)
	t.rs3 = g.GP64()
	if mr > 3 {
		g.LEAQ(indexed(t.rs, t.rs, 2, 0), t.rs3)
	}
	t.a[0] = first()
	for i := 1; i < len(t.a); i++ {
		t.a[i] = g.GP64()
		g.LEAQ(indexed(t.a[i-1], t.rs3, 1, 0), t.a[i])
	}
	return t
}

// start points at B and sets the sums to zero.
func (t *tile) start() {
	t.b, t.ldb = t.base("b"), t.stride("ldb")
	for i := range t.sums {
		t.sums[i] = t.zeros(t.vectors)
	}
}

// maskOf is the mask of vector v, nil when it is whole.
func (t *tile) maskOf(v int) reg.Register {
	if v == t.vectors-1 {
		return t.mask
	}
	return nil
}

// step adds the products of a column of A and a row of B, and moves on.
func (t *tile) step() {
	b := t.generator.vectors(t.vectors)
	for v := range b {
		t.loadMasked(at(t.b, v*t.bytes()), t.maskOf(v), b[v])
	}
	for i, sums := range t.sums {
		a := t.vector()
		t.broadcast(indexed(t.a[i/3], t.rs, uint8(i%3), 0), a)
		for v, sum := range sums {
			t.fma(b[v], a, sum)
		}
	}
	for _, p := range t.a {
		t.ADDQ(t.cs, p)
	}
	t.ADDQ(t.ldb, t.b)
}

// eachRow visits the rows of C. It moves c.
func (t *tile) eachRow(c, ldc reg.GPVirtual, visit func(i int)) {
	for i := range t.sums {
		visit(i)
		if i < len(t.sums)-1 {
			t.ADDQ(ldc, c)
		}
	}
}

// fetchC lets the tile of C come from memory while the sums are formed. It
// moves c.
func (t *tile) fetchC(c, ldc reg.GPVirtual) {
	t.eachRow(c, ldc, func(int) { t.PREFETCHT0(at(c, 0)) })
}

// addToC adds the sums to C. It moves c.
func (t *tile) addToC(c, ldc reg.GPVirtual) {
	t.eachRow(c, ldc, func(i int) {
		for v, sum := range t.sums[i] {
			m, mask := at(c, v*t.bytes()), t.maskOf(v)
			if mask == nil {
				t.add(m, sum, sum)
			} else {
				old := t.vector()
				t.loadMasked(m, mask, old)
				t.add(old, sum, sum)
			}
			t.storeMasked(sum, mask, m)
		}
	})
}

// gemm writes the micro-kernel C += A·B on a tile of mr rows and whole vectors,
// for the full height of a tile and for every lower one at the edge of C.
func gemm(g *generator, mr int) {
	g.function(fmt.Sprint("gemm", mr), fmt.Sprintf("Kernels.Gemm[%d]", mr-1),
		"func(k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int)")
	k := g.integer("k")
	t := newTile(g, mr, g.tileVectors, func() reg.GPVirtual { return g.base("a") })
	c, ldc := g.base("c"), g.stride("ldc")
	t.fetchC(g.copyOf(c), ldc)
	t.start()
	g.repeat("step", k, t.step)
	t.addToC(c, ldc)
	g.end()
}

// edge writes the micro-kernel for the columns at the right edge of C: w of them,
// fewer than the tile has. A part for each number of vectors that they fill, the
// last one under a mask.
func edge(g *generator, mr int) {
	g.function(fmt.Sprint("edge", mr), fmt.Sprintf("Kernels.Edge[%d]", mr-1),
		"func(k, w int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int)")
	w := g.integer("w") // of the last vector
	for vectors := 1; vectors <= g.tileVectors; vectors++ {
		var wide string
		if vectors < g.tileVectors {
			wide = g.label("wide")
			g.CMPQ(w, operand.U8(g.lanes()))
			g.JG(operand.LabelRef(wide))
		}
		k := g.integer("k")
		t := newTile(g, mr, vectors, func() reg.GPVirtual { return g.base("a") })
		t.mask = g.maskFor(w)
		t.start()
		g.repeat("step", k, t.step)
		t.addToC(g.base("c"), g.stride("ldc"))
		g.end()
		if vectors < g.tileVectors {
			g.Label(wide)
			w = g.integer("w")
			g.SUBQ(operand.U8(vectors*g.lanes()), w)
		}
	}
}

// strips writes the micro-kernel for several tiles that lie below each other:
// strips of A a step apart, tiles of C a step of their own. A strip prefetches an
// eighth of what lies at next, the packed panel of B that is used next.
func strips(g *generator) {
	g.function("strips", "Kernels.Strips", "func(strips, k int, a []T, rs, cs, step int, b []T, ldb int, c []T, ldc, stepC int, next []T)")
	count := g.integer("strips")
	a, c, next := g.base("a"), g.base("c"), g.base("next")
	g.repeat("strip", count, func() {
		t := newTile(g, g.mr, g.tileVectors, func() reg.GPVirtual { return g.copyOf(a) })
		t.fetchC(g.copyOf(c), g.stride("ldc"))
		g.ADDQ(g.stride("step"), a)
		t.start()
		const unroll = 4
		blocks := g.integer("k")
		g.SHRQ(operand.U8(log2(unroll)), blocks)
		g.repeat("four", blocks, func() {
			g.PREFETCHT1(at(next, 0))
			g.ADDQ(operand.I32(unroll*g.tileVectors*g.bytes()/8), next)
			for range unroll {
				t.step()
			}
		})
		rest := g.integer("k")
		g.ANDQ(operand.U8(unroll-1), rest)
		g.repeat("one", rest, t.step)
		t.addToC(g.copyOf(c), g.stride("ldc"))
		g.ADDQ(g.stride("stepC"), c)
	})
	g.end()
}

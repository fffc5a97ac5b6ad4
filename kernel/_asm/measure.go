package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowsAtOnce is the number of rows that dots and combine take.
const rowsAtOnce = 4

// storage is how the matrices of dots, combine and normal are held.
type storage int

const (
	asT    storage = iota // as the elements of the arithmetic
	asF32                 // as float32
	asBF16                // as the upper halves of float32
)

// storages lists those that are as narrow as the arithmetic or narrower.
func (g *generator) storages() []storage {
	if g.f32 {
		return []storage{asT, asBF16}
	}
	return []storage{asT, asF32, asBF16}
}

// measuring starts a function on matrices stored as s; S in the signature stands
// for their element type.
func (g *generator) measuring(s storage, name, field, signature string) {
	of, element, where := "", "T", "Kernels."
	switch s {
	case asF32:
		of, element, where = "OfF32", "float32", fmt.Sprintf("Row.F32in%d.", 8*g.size())
	case asBF16:
		of, element, where = "OfBF16", "uint16", fmt.Sprintf("Row.BF16in%d.", 8*g.size())
	}
	g.function(name+of, where+field, strings.ReplaceAll(signature, "S", element))
}

// sizeAs is the size of an element stored as s, in bytes.
func (g *generator) sizeAs(s storage) int {
	return map[storage]int{asT: g.size(), asF32: 4, asBF16: 2}[s]
}

// rows are four rows of a matrix.
type rows struct {
	*generator
	storage
	bytes  int // of as many elements as a vector holds
	p, p3  reg.GPVirtual
	stride reg.GPVirtual
	spread reg.VecVirtual // see spreader
}

func (g *generator) rows(s storage, base, stride string, spread reg.VecVirtual) rows {
	r := rows{g, s, g.lanes() * g.sizeAs(s), g.base(base), g.GP64(), g.integer(stride), spread}
	g.SHLQ(operand.U8(log2(g.sizeAs(s))), r.stride)
	g.LEAQ(indexed(r.p, r.stride, 2, 0), r.p3)
	g.ADDQ(r.stride, r.p3)
	return r
}

// at is the memory disp bytes behind the start of row i.
func (r rows) at(i, disp int) operand.Mem {
	if i == 3 {
		return at(r.p3, disp)
	}
	return indexed(r.p, r.stride, uint8(i), disp)
}

// fetch prefetches row i, once for a cache line.
func (r rows) fetch(i, vector int) {
	if vector*r.bytes%64 == 0 {
		r.PREFETCHT0(r.at(i, vector*r.bytes+ahead))
	}
}

// element is a vector of row i: memory where it is stored as the arithmetic
// wants it, otherwise a register. It is one of a block of vectors, and the row is
// read up to the end of the block at most.
func (r rows) element(i, vector, vectors int) operand.Op {
	m := r.at(i, vector*r.bytes)
	if r.storage == asT {
		return m
	}
	v := r.vector()
	switch {
	case r.storage == asF32:
		r.VCVTPS2PD(m, v)
	case r.spread != nil && r.f32:
		// A load that fills both lanes and a shuffle inside them are less than
		// VPMOVZXWD across lanes and a shift.
		r.VBROADCASTI128(m, v)
		r.VPSHUFB(r.spread, v, v)
	case r.f32:
		r.VPMOVZXWD(m, v)
		r.VPSLLD(operand.U8(16), v, v)
	case r.spread != nil:
		// Zeros in front of each: what VPMOVZXWD and a shift do.
		f := r.XMM()
		switch {
		case vectors == 1:
			r.VMOVQ(m, f)
			r.VPUNPCKLWD(f, r.spread, f)
		case vector%2 == 0:
			r.VPUNPCKLWD(m, r.spread, f)
		default:
			r.VPUNPCKHWD(r.at(i, (vector-1)*r.bytes), r.spread, f)
		}
		r.VCVTPS2PD(f, v)
	default:
		f := r.YMM()
		r.VPMOVZXWD(m, f)
		r.VPSLLD(operand.U8(16), f, f)
		r.VCVTPS2PD(f, v)
	}
	return v
}

// spreader is what the elements of bfloat16 become float32 with, under AVX2: for
// arithmetic in float64 zeros, otherwise the places of their bytes.
func (g *generator) spreader(s storage) reg.VecVirtual {
	switch {
	case s != asBF16 || g.zmm():
		return nil
	case g.f32:
		v := g.vector()
		g.load(g.places, v)
		return v
	default:
		v := g.XMM()
		g.VPXOR(v, v, v)
		return v
	}
}

// bf16Places writes the table for VPSHUFB that puts bytes 2j and 2j+1 of a lane,
// or of its upper half, in the upper half of float32 j. It is of use where
// spreader says.
func (g *generator) bf16Places() {
	if !g.f32 || g.zmm() {
		return
	}
	g.places = g.StaticGlobal("places" + g.suffix())
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for j := 0; j < 8; j += 2 {
		two := uint64(0x00008080_00008080) // 0x80 makes a zero
		for h := range 2 {
			at := uint64(2 * (j + h))
			two += (at<<16 | (at+1)<<24) << (32 * h)
		}
		g.AppendDatum(operand.U64(two))
	}
}

func (r rows) stream() stream { return stream{r.bytes, []reg.GPVirtual{r.p, r.p3}} }

// sizes of the blocks: as many vectors as make a cache line of a row, so that it
// is prefetched once, then two, then one, so that vectors go to the same sums as
// in wide matrices.
func (r rows) sizes() []int {
	if line := 64 / r.bytes; line > 2 {
		return []int{line, 2, 1}
	}
	return []int{2, 1}
}

// dots writes four inner products with one vector: x is loaded once, and the
// rows are four streams.
func dots(g *generator, s storage) {
	g.measuring(s, "dots", "Dots", "func(n int, a []S, lda int, x, out []T)")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	a := g.rows(s, "a", "lda", g.spreader(s))
	x := g.base("x")
	sums := g.zeros(2 * rowsAtOnce)
	g.blocks(n, a.sizes(), func(vectors int) {
		for u := range vectors {
			xv := g.vector()
			g.load(at(x, u*g.bytes()), xv)
			for i := range rowsAtOnce {
				a.fetch(i, u)
				g.fma(a.element(i, u, vectors), xv, sums[u%2*rowsAtOnce+i])
			}
		}
	}, a.stream(), stream{g.bytes(), []reg.GPVirtual{x}})
	out := g.base("out")
	for i := range rowsAtOnce {
		g.add(sums[rowsAtOnce+i], sums[i], sums[i])
		g.addTo(g.sum(sums[i]), at(out, i*g.size()))
	}
	g.end()
}

// combine writes y += Σ c_i a_i of four rows: y is loaded and stored once.
func combine(g *generator, s storage) {
	g.measuring(s, "combine", "Combine", "func(n int, a []S, lda int, c, y []T)")
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	a := g.rows(s, "a", "lda", g.spreader(s))
	c, y := g.base("c"), g.base("y")
	cv := g.vectors(rowsAtOnce)
	for i := range rowsAtOnce {
		g.broadcast(at(c, i*g.size()), cv[i])
	}
	g.blocks(n, a.sizes(), func(vectors int) {
		for u := range vectors {
			v := g.vector()
			g.load(at(y, u*g.bytes()), v)
			for i := range rowsAtOnce {
				a.fetch(i, u)
				g.fma(a.element(i, u, vectors), cv[i], v)
			}
			g.store(v, at(y, u*g.bytes()))
		}
	}, a.stream(), stream{g.bytes(), []reg.GPVirtual{y}})
	g.end()
}

// normal writes dots on four rows of A and combine on four rows of B in one
// loop: B is what A was the time before, so that memory is read without pause.
func normal(g *generator, s storage) {
	g.measuring(s, "normal", "Normal", "func(n int, a []S, lda int, x, out []T, b []S, ldb int, c, y []T)")
	normals(g, s, normalOperands{"x", "out", "c", "y"})
}

// normal2 writes normal for two x and two y: an element of A or B is loaded, and
// widened, once for both.
func normal2(g *generator, s storage) {
	g.measuring(s, "normal2", "Normal2", "func(n int, a []S, lda int, b []S, ldb int, x1, out1, c1, y1, x2, out2, c2, y2 []T)")
	normals(g, s, normalOperands{"x1", "out1", "c1", "y1"}, normalOperands{"x2", "out2", "c2", "y2"})
}

// normalOperands are the names of the arguments of one run.
type normalOperands struct{ x, out, c, y string }

// normals writes the loop of normal for several runs, each with the sums of its
// own. The coefficients stay in registers where there are enough.
func normals(g *generator, s storage, runs ...normalOperands) {
	n := g.integer("n")
	g.SHRQ(operand.U8(log2(g.lanes())), n)
	spread := g.spreader(s)
	a, b := g.rows(s, "a", "lda", spread), g.rows(s, "b", "ldb", spread)
	held := len(runs) == 1 || g.registers >= 32
	var x, y, c []reg.GPVirtual
	var cv, sums [][]reg.VecVirtual
	pointers := stream{bytes: g.bytes()}
	for k, run := range runs {
		c = append(c, g.base(run.c))
		cv = append(cv, nil)
		if held {
			cv[k] = g.vectors(rowsAtOnce)
			for i := range rowsAtOnce {
				g.broadcast(at(c[k], i*g.size()), cv[k][i])
			}
		}
		x, y = append(x, g.base(run.x)), append(y, g.base(run.y))
		sums = append(sums, g.zeros(rowsAtOnce))
		pointers.pointers = append(pointers.pointers, x[k], y[k])
	}
	coefficient := func(k, i int) reg.VecVirtual {
		if held {
			return cv[k][i]
		}
		v := g.vector()
		g.broadcast(at(c[k], i*g.size()), v)
		return v
	}
	// once is an element that several runs use: a register.
	once := func(e operand.Op) operand.Op {
		if m, ok := e.(operand.Mem); ok && len(runs) > 1 {
			v := g.vector()
			g.load(m, v)
			return v
		}
		return e
	}
	g.blocks(n, a.sizes(), func(vectors int) {
		for u := range vectors {
			xv, yv := g.vectors(len(runs)), g.vectors(len(runs))
			for k := range runs {
				g.load(at(x[k], u*g.bytes()), xv[k])
				g.load(at(y[k], u*g.bytes()), yv[k])
			}
			for i := range rowsAtOnce {
				a.fetch(i, u)
				e := once(a.element(i, u, vectors))
				for k := range runs {
					g.fma(e, xv[k], sums[k][i])
				}
				e = once(b.element(i, u, vectors))
				for k := range runs {
					g.fma(e, coefficient(k, i), yv[k])
				}
			}
			for k := range runs {
				g.store(yv[k], at(y[k], u*g.bytes()))
			}
		}
	}, a.stream(), b.stream(), pointers)
	for k, run := range runs {
		out := g.base(run.out)
		for i := range rowsAtOnce {
			g.addTo(g.sum(sums[k][i]), at(out, i*g.size()))
		}
	}
	g.end()
}

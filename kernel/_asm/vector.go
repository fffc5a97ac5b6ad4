package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func log2(n int) (s int) {
	for 1<<s < n {
		s++
	}
	return s
}

// generator writes functions for one target. Its methods are the instructions
// that kernels are written in, for either vector width and element type.
type generator struct {
	*build.Context
	target
	written []written // functions so far
	labels  int
	table   operand.Mem // of masks
	places  operand.Mem // of bytes of bfloat16
}

// written is a function for one kernel of a row.
type written struct {
	slot      string // "F64.Gemm[0]": the field of Row that it fills
	name      string
	signature string
}

// function starts a function for a kernel: a field of Kernels or of Row, with the
// index in it. T in the signature stands for the element type.
func (g *generator) function(name, kernel, signature string) {
	name += g.suffix()
	slot, ofRow := strings.CutPrefix(kernel, "Row.")
	if !ofRow {
		slot = g.typeName() + "." + strings.TrimPrefix(kernel, "Kernels.")
	}
	signature = strings.ReplaceAll(signature, "T", g.element())
	g.written = append(g.written, written{slot, name, signature})
	g.Function(name)
	g.Attributes(attr.NOSPLIT)
	g.Pragma("noescape")
	g.SignatureExpr(signature)
	g.Doc(name + " is " + kernel + ".")
}

// end of a function.
func (g *generator) end() {
	g.VZEROUPPER()
	g.RET()
}

func (g *generator) label(name string) string {
	g.labels++
	return fmt.Sprintf("%s%d", name, g.labels)
}

// integer and base load an argument, the latter the pointer of a slice.
func (g *generator) integer(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name), r)
	return r
}

func (g *generator) base(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name).Base(), r)
	return r
}

// stride loads an argument that counts elements, as bytes.
func (g *generator) stride(name string) reg.GPVirtual {
	r := g.integer(name)
	g.SHLQ(operand.U8(log2(g.size())), r)
	return r
}

func (g *generator) copyOf(r reg.GPVirtual) reg.GPVirtual {
	c := g.GP64()
	g.MOVQ(r, c)
	return c
}

// at is the memory disp bytes behind a pointer.
func at(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }

// indexed is base + scale·index + disp.
func indexed(base, index reg.Register, scale uint8, disp int) operand.Mem {
	if scale == 0 {
		return at(base, disp)
	}
	return operand.Mem{Base: base, Index: index, Scale: scale, Disp: disp}
}

func (g *generator) vector() reg.VecVirtual {
	if g.zmm() {
		return g.ZMM()
	}
	return g.YMM()
}

func (g *generator) vectors(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = g.vector()
	}
	return v
}

func (g *generator) zero(v reg.VecVirtual) {
	if g.zmm() {
		g.VPXORQ(v, v, v)
	} else {
		g.VXORPD(v, v, v)
	}
}

func (g *generator) zeros(n int) []reg.VecVirtual {
	v := g.vectors(n)
	for _, r := range v {
		g.zero(r)
	}
	return v
}

func (g *generator) load(m operand.Mem, v operand.Op) {
	if g.f32 {
		g.VMOVUPS(m, v)
	} else {
		g.VMOVUPD(m, v)
	}
}

func (g *generator) store(v operand.Op, m operand.Mem) {
	if g.f32 {
		g.VMOVUPS(v, m)
	} else {
		g.VMOVUPD(v, m)
	}
}

func (g *generator) broadcast(m operand.Op, v operand.Op) {
	if g.f32 {
		g.VBROADCASTSS(m, v)
	} else {
		g.VBROADCASTSD(m, v)
	}
}

// fma sets acc += x·y; x may be in memory.
func (g *generator) fma(x, y, acc operand.Op) {
	if g.f32 {
		g.VFMADD231PS(x, y, acc)
	} else {
		g.VFMADD231PD(x, y, acc)
	}
}

// fnma sets acc −= x·y.
func (g *generator) fnma(x, y, acc operand.Op) {
	if g.f32 {
		g.VFNMADD231PS(x, y, acc)
	} else {
		g.VFNMADD231PD(x, y, acc)
	}
}

func (g *generator) add(x, y, to operand.Op) {
	if g.f32 {
		g.VADDPS(x, y, to)
	} else {
		g.VADDPD(x, y, to)
	}
}

func (g *generator) mul(x, y, to operand.Op) {
	if g.f32 {
		g.VMULPS(x, y, to)
	} else {
		g.VMULPD(x, y, to)
	}
}

// sum adds the lanes of v in a fixed order and leaves the result in the lowest
// element of the returned register. It destroys v.
func (g *generator) sum(v reg.VecVirtual) reg.VecVirtual {
	x := v.AsX()
	if g.zmm() {
		h := g.YMM()
		g.VEXTRACTF64X4(operand.U8(1), v, h)
		g.add(h, v.AsY(), v.AsY())
	}
	h := g.XMM()
	if g.zmm() {
		g.VEXTRACTF64X2(operand.U8(1), v.AsY(), h)
	} else {
		g.VEXTRACTF128(operand.U8(1), v.AsY(), h)
	}
	if g.f32 {
		g.VADDPS(h, x, x)
		g.VMOVHLPS(x, x, h)
		g.VADDPS(h, x, x)
		g.VMOVSHDUP(x, h)
		g.VADDSS(h, x, x)
	} else {
		g.VADDPD(h, x, x)
		g.VPERMILPD(operand.U8(1), x, h)
		g.VADDSD(h, x, x)
	}
	return v
}

// addTo adds the lowest element of v to memory. It destroys v.
func (g *generator) addTo(v reg.VecVirtual, m operand.Mem) {
	x := v.AsX()
	if g.f32 {
		g.VADDSS(m, x, x)
		g.VMOVSS(x, m)
	} else {
		g.VADDSD(m, x, x)
		g.VMOVSD(x, m)
	}
}

// repeat emits body once for each unit of the counter, none when it is zero.
func (g *generator) repeat(name string, count reg.GPVirtual, body func()) {
	loop, done := g.label(name), g.label("after_"+name)
	g.TESTQ(count, count)
	g.JZ(operand.LabelRef(done))
	g.Label(loop)
	body()
	g.DECQ(count)
	g.JNZ(operand.LabelRef(loop))
	g.Label(done)
}

// returned stores the lowest element of v as the result.
func (g *generator) returned(v reg.VecVirtual) {
	m, err := g.ReturnIndex(0).Resolve()
	if err != nil {
		panic(err)
	}
	if g.f32 {
		g.VMOVSS(v.AsX(), m.Addr)
	} else {
		g.VMOVSD(v.AsX(), m.Addr)
	}
}

// divide returns n/by for a small constant and 0 ≤ n < 2³¹.
func (g *generator) divide(n reg.GPVirtual, by int) reg.GPVirtual {
	q := g.copyOf(n)
	for by%2 == 0 {
		g.SHRQ(operand.U8(1), q)
		by /= 2
	}
	if by == 3 {
		g.IMUL3Q(operand.U32(0x55555556), q, q)
		g.SHRQ(operand.U8(32), q)
	}
	return q
}

package main

import (
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// side says which of the products of a tile a kernel forms.
type side struct {
	columns, panel string // names of its kernels
	yi             bool   // Y_i += A·X_j
	yj             bool   // Y_j += Aᵀ·X_i
}

var (
	both    = side{"columns", "panel", true, true}
	forward = side{"forward", "panelForward", true, false}
	adjoint = side{"adjoint", "panelAdjoint", false, true}
)

// operands are the parameters for X and Y: those of the rows of A and those of its
// columns.
func (s side) operands() (i, j string) {
	switch {
	case s.yi && s.yj:
		return "xi, yi", "xj, yj"
	case s.yi:
		return "yi", "xj"
	default:
		return "xi", "yj"
	}
}

// field is the field of Kernels or Row for kernels of a name.
func field(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// fetchOffset is how far from an element at hand the one lies that a kernel
// prefetches: below it in its band, or from the last group of rows, at its place
// in the first group of the tile that is read next.
func (g *generator) fetchOffset(groups, bandA, lda reg.GPVirtual, sizeA int) reg.GPVirtual {
	offset, same := g.copyOf(lda), g.label("same")
	g.CMPQ(groups, operand.I8(1))
	g.JNE(operand.LabelRef(same))
	g.Load(g.Param("next"), offset)
	g.SHLQ(operand.U8(log2(sizeA)), offset)
	g.ADDQ(lda, offset)
	g.SUBQ(bandA, offset)
	g.Label(same)
	return offset
}

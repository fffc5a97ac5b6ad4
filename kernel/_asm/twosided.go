package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

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

// side says which of the products of a tile a kernel forms.
type side int

const (
	both    side = iota // Y_i += A·X_j and Y_j += Aᵀ·X_i
	forward             // the first
	adjoint             // the second
)

// columns writes products of a tile with w columns of X, each a vector of its
// own along j: an element of A is loaded once, and meets x_j and x_i of every
// column without being spread over lanes first. Several rows of A go by
// together. When rounded, A is float32 and widened as it is loaded.
func columns(g *generator, s side, w, rows int, rounded bool) {
	name := map[side]string{both: "columns", forward: "forward", adjoint: "adjoint"}[s]
	signature := map[side]string{
		both:    "func(m, n int, a []T, lda, next int, xi, yi []T, ldi int, xj, yj []T, ldj int)",
		forward: "func(m, n int, a []T, lda, next int, yi []T, ldi int, xj []T, ldj int)",
		adjoint: "func(m, n int, a []T, lda, next int, xi []T, ldi int, yj []T, ldj int)",
	}[s]
	field := map[side]string{both: "Columns", forward: "Forward", adjoint: "Adjoint"}[s]
	sizeA, bytesA := g.size(), g.bytes()
	if rounded {
		name, signature, field = "rounded", "func(m, n int, a []float32, lda, next int, xi, yi []T, ldi int, xj, yj []T, ldj int)", "Rounded"
		sizeA, bytesA = 4, g.bytes()/2
	}
	g.function(fmt.Sprintf("%s%d", name, w), signature, fmt.Sprintf("is Kernels.%s for %d columns.", field, w))
	m, a, ldj := g.integer("m"), g.base("a"), g.stride("ldj")
	strideA := func() reg.GPVirtual {
		r := g.integer("lda")
		g.SHLQ(operand.U8(log2(sizeA)), r)
		return r
	}
	loadA := func(m operand.Mem, v reg.VecVirtual) {
		if rounded {
			g.VCVTPS2PD(m, v)
		} else {
			g.load(m, v)
		}
	}
	var xi, yi reg.GPVirtual
	if s != forward {
		xi = g.base("xi")
	}
	if s != adjoint {
		yi = g.base("yi")
	}
	groups := g.divide(m, rows)
	// The rows of a group are a band of m/rows rows apart.
	band, bandA := g.GP64(), g.GP64()
	g.MOVQ(groups, band)
	g.MOVQ(groups, bandA)
	g.IMULQ(strideA(), bandA)
	g.SHLQ(operand.U8(log2(g.size())), band)
	band3 := g.GP64()
	if rows > 3 {
		g.LEAQ(indexed(band, band, 2, 0), band3)
	}
	inBand := func(p reg.Register, i int) operand.Mem {
		if i == 3 {
			return indexed(p, band3, 1, 0)
		}
		return indexed(p, band, uint8(i), 0)
	}
	perLine := 64 / g.bytes() // vectors of a cache line
	g.repeat("rows", groups, func() {
		var sums, x []reg.VecVirtual
		if s != adjoint {
			sums = g.zeros(rows * w)
		}
		if s != forward {
			x = g.vectors(rows * w)
			p := g.copyOf(xi)
			for c := range w {
				for i := range rows {
					g.broadcast(inBand(p, i), x[c*rows+i])
				}
				if c < w-1 {
					g.ADDQ(g.stride("ldi"), p)
				}
			}
		}
		ap := g.copyOf(a)
		inA, moving := []reg.GPVirtual{ap}, []reg.GPVirtual(nil)
		var xj, yj, ap3, ldj3 reg.GPVirtual
		if s != adjoint {
			xj = g.base("xj")
			moving = append(moving, xj)
		}
		if s != forward {
			yj = g.base("yj")
			moving = append(moving, yj)
		}
		if rows == 4 {
			ap3 = g.GP64()
			g.LEAQ(indexed(a, bandA, 2, 0), ap3)
			g.ADDQ(bandA, ap3)
			inA = append(inA, ap3)
		}
		offset := g.fetchOffset(groups, bandA, strideA(), sizeA)
		element := func(i, disp int) operand.Mem {
			if i == 3 {
				return at(ap3, disp)
			}
			return indexed(ap, bandA, uint8(i), disp)
		}
		if w == 4 {
			ldj3 = g.GP64()
			g.LEAQ(indexed(ldj, ldj, 2, 0), ldj3)
		}
		plane := func(base reg.Register, c, disp int) operand.Mem {
			if c == 3 {
				return indexed(base, ldj3, 1, disp)
			}
			return indexed(base, ldj, uint8(c), disp)
		}
		// A row at a time, or a column of X at a time where the registers hold
		// the rows of A.
		byRow := func(disp int) {
			var yv []reg.VecVirtual
			if s != forward {
				yv = g.vectors(w)
				for c := range w {
					g.load(plane(yj, c, disp), yv[c])
				}
			}
			for i := range rows {
				av := g.vector()
				loadA(element(i, disp*bytesA/g.bytes()), av)
				for c := range w {
					if s != adjoint {
						g.fma(plane(xj, c, disp), av, sums[c*rows+i])
					}
					if s != forward {
						g.fma(av, x[c*rows+i], yv[c])
					}
				}
			}
			for c, v := range yv {
				g.store(v, plane(yj, c, disp))
			}
		}
		byColumn := func(disp int) {
			av := g.vectors(rows)
			for i := range rows {
				loadA(element(i, disp*bytesA/g.bytes()), av[i])
			}
			for c := range w {
				var xv, yv reg.VecVirtual
				if s != adjoint {
					xv = g.vector()
					g.load(plane(xj, c, disp), xv)
				}
				if s != forward {
					yv = g.vector()
					g.load(plane(yj, c, disp), yv)
				}
				for i := range rows {
					if s != adjoint {
						g.fma(av[i], xv, sums[c*rows+i])
					}
					if s != forward {
						g.fma(av[i], x[c*rows+i], yv)
					}
				}
				if s != forward {
					g.store(yv, plane(yj, c, disp))
				}
			}
		}
		body := func(v int) {
			if v == 0 {
				next := g.GP64()
				g.LEAQ(indexed(ap, offset, 1, 0), next)
				for i := range min(rows, 3) {
					g.PREFETCHT0(indexed(next, bandA, uint8(i), 0))
				}
				if rows == 4 {
					g.PREFETCHT0(indexed(ap3, offset, 1, 0))
				}
			}
			if len(sums)+len(x)+rows+2 > g.registers() {
				byRow(v * g.bytes())
			} else {
				byColumn(v * g.bytes())
			}
		}
		lines := g.integer("n")
		g.SHRQ(operand.U8(log2(g.lanes()*perLine)), lines)
		g.repeat("line", lines, func() {
			for v := range perLine {
				body(v)
			}
			for _, p := range moving {
				g.ADDQ(operand.I32(64), p)
			}
			for _, p := range inA {
				g.ADDQ(operand.I32(perLine*bytesA), p)
			}
		})
		if perLine > 1 {
			even := g.label("even")
			g.TESTQ(operand.U32(g.lanes()), g.integer("n"))
			g.JZ(operand.LabelRef(even))
			body(0)
			g.Label(even)
		}
		if s != adjoint {
			q := g.copyOf(yi)
			for c := range w {
				for i := range rows {
					g.addTo(g.sum(sums[c*rows+i]), inBand(q, i))
				}
				if c < w-1 {
					g.ADDQ(g.stride("ldi"), q)
				}
			}
			g.ADDQ(operand.I8(g.size()), yi)
		}
		if s != forward {
			g.ADDQ(operand.I8(g.size()), xi)
		}
		g.ADDQ(strideA(), a)
	})
	g.end()
}

// panel writes products of a tile with a panel of X as wide as one vector or
// two, held row by row: each element of A is broadcast once and meets x_j and
// x_i. The rows of a group are a band apart here too.
func panel(g *generator, s side, vectors, rows int) {
	name := fmt.Sprintf("%s%d", map[side]string{both: "panel", forward: "panelForward", adjoint: "panelAdjoint"}[s], vectors)
	signature := map[side]string{
		both:    "func(m, n int, a []T, lda, next int, xi, yi, xj, yj []T)",
		forward: "func(m, n int, a []T, lda, next int, yi, xj []T)",
		adjoint: "func(m, n int, a []T, lda, next int, xi, yj []T)",
	}[s]
	field := map[side]string{both: "Panel", forward: "PanelForward", adjoint: "PanelAdjoint"}[s]
	g.function(name, signature, "is Kernels."+field+fmt.Sprintf(" for %d vectors.", vectors))
	m := g.integer("m")
	a := g.base("a")
	var xi, yi reg.GPVirtual
	if s != forward {
		xi = g.base("xi")
	}
	if s != adjoint {
		yi = g.base("yi")
	}
	groups := g.divide(m, rows)
	band, bandA := g.GP64(), g.GP64() // in bytes: of the panel, of A
	g.MOVQ(groups, band)
	width := vectors * g.bytes() // of a row of the panel, in bytes
	g.SHLQ(operand.U8(log2(width)), band)
	g.MOVQ(groups, bandA)
	g.IMULQ(g.stride("lda"), bandA)
	g.repeat("rows", groups, func() {
		var sums, x []reg.VecVirtual
		var xj, yj reg.GPVirtual
		if s != adjoint {
			sums = g.zeros(vectors * rows)
			xj = g.base("xj")
		}
		if s != forward {
			yj = g.base("yj")
			x = g.vectors(vectors * rows)
			p := g.copyOf(xi)
			for i := range rows {
				for v := range vectors {
					g.load(at(p, v*g.bytes()), x[vectors*i+v])
				}
				g.ADDQ(band, p)
			}
		}
		ap := make([]reg.GPVirtual, (rows+2)/3)
		for i := range ap {
			ap[i] = g.GP64()
			if i == 0 {
				g.MOVQ(a, ap[0])
				continue
			}
			g.LEAQ(indexed(ap[i-1], bandA, 2, 0), ap[i])
			g.ADDQ(bandA, ap[i])
		}
		element := func(i, disp int) operand.Mem { return indexed(ap[i/3], bandA, uint8(i%3), disp) }
		offset := g.fetchOffset(groups, bandA, g.stride("lda"), g.size())
		// A long chain of additions to y is cut into two sums.
		cut := rows
		if s != forward && vectors == 1 {
			cut = rows / 2
		}
		body := func(u int) {
			var xv []operand.Op
			var y, z []reg.VecVirtual
			for v := range vectors {
				if s != adjoint {
					m := at(xj, u*width+v*g.bytes())
					if len(sums)+len(x)+2*vectors+1 > g.registers() && v > 0 {
						xv = append(xv, m)
					} else {
						r := g.vector()
						g.load(m, r)
						xv = append(xv, r)
					}
				}
				if s != forward {
					y, z = append(y, g.vector()), append(z, g.vector())
					g.load(at(yj, u*width+v*g.bytes()), y[v])
				}
			}
			for i := range rows {
				e := g.vector()
				g.broadcast(element(i, u*g.size()), e)
				for v := range vectors {
					at := vectors*i + v
					if s != adjoint {
						g.fma(xv[v], e, sums[at])
					}
					switch {
					case s == forward:
					case i < cut:
						g.fma(x[at], e, y[v])
					case i == cut:
						g.mul(x[at], e, z[v])
					default:
						g.fma(x[at], e, z[v])
					}
				}
			}
			for v := range y {
				if cut < rows {
					g.add(z[v], y[v], y[v])
				}
				g.store(y[v], at(yj, u*width+v*g.bytes()))
			}
		}
		advance := func(u int) {
			for _, p := range ap {
				g.ADDQ(operand.I32(u*g.size()), p)
			}
			if s != adjoint {
				g.ADDQ(operand.I32(u*width), xj)
			}
			if s != forward {
				g.ADDQ(operand.I32(u*width), yj)
			}
		}
		unroll := 64 / g.size() // the elements of a cache line
		lines := g.integer("n")
		g.SHRQ(operand.U8(log2(unroll)), lines)
		g.repeat("line", lines, func() {
			for i, p := range ap {
				next := g.GP64()
				g.LEAQ(indexed(p, offset, 1, 0), next)
				for k := range min(3, rows-3*i) {
					g.PREFETCHT0(indexed(next, bandA, uint8(k), 0))
				}
			}
			for u := range unroll {
				body(u)
			}
			advance(unroll)
		})
		rest := g.integer("n")
		g.ANDQ(operand.U8(unroll-1), rest)
		g.repeat("one", rest, func() {
			body(0)
			advance(1)
		})
		if s != adjoint {
			q := g.copyOf(yi)
			for i := range rows {
				for v := range vectors {
					m, sum := at(q, v*g.bytes()), sums[vectors*i+v]
					g.add(m, sum, sum)
					g.store(sum, m)
				}
				g.ADDQ(band, q)
			}
			g.ADDQ(operand.I32(width), yi)
		}
		if s != forward {
			g.ADDQ(operand.I32(width), xi)
		}
		g.ADDQ(g.stride("lda"), a)
	})
	g.end()
}

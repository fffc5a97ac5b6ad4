package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ahead is how far in front of the rows at hand the two-sided kernels prefetch,
// in bytes: the tiles of Σ follow each other in memory, so what comes next
// lies there whatever the row ends.
var ahead = 1024

// columns writes the two-sided product for w columns of X, each a vector of its
// own along j: an element of A is loaded once, and meets x_j and x_i of every
// column without being spread over lanes first. rows of A go by at a time.
func columns(g *generator, w, rows int) {
	g.function(fmt.Sprintf("columns%d", w), "func(m, n int, a []T, lda int, xi, yi []T, ldi int, xj, yj []T, ldj int)",
		fmt.Sprintf("is Kernels.Columns for %d columns.", w))
	m, a, ldj := g.integer("m"), g.base("a"), g.stride("ldj")
	xi, yi := g.base("xi"), g.base("yi")

	groups := g.divide(m, rows)
	// The rows of a group are a band of m/rows rows apart.
	band, bandA := g.GP64(), g.GP64()
	g.MOVQ(groups, band)
	g.MOVQ(groups, bandA)
	g.IMULQ(g.stride("lda"), bandA)
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
		s := g.zeros(rows * w)
		x := g.vectors(rows * w)
		p := g.copyOf(xi)
		for c := range w {
			for i := range rows {
				g.broadcast(inBand(p, i), x[c*rows+i])
			}
			if c < w-1 {
				g.ADDQ(g.stride("ldi"), p)
			}
		}
		xj, yj := g.base("xj"), g.base("yj")
		ap := g.copyOf(a)
		row := func(i int) (base, index reg.Register, scale uint8) { return ap, bandA, uint8(i) }
		var ap3 reg.GPVirtual
		if rows == 4 {
			ap3 = g.GP64()
			g.LEAQ(indexed(a, bandA, 2, 0), ap3)
			g.ADDQ(bandA, ap3)
		}
		element := func(i, disp int) operand.Mem {
			if i == 3 {
				return at(ap3, disp)
			}
			b, ix, sc := row(i)
			return indexed(b, ix, sc, disp)
		}
		var ldj3 reg.GPVirtual
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
		body := func(v int) {
			disp := v * g.bytes()
			av := g.vectors(rows)
			if v == 0 {
				for i := range rows {
					g.PREFETCHT0(element(i, ahead))
				}
			}
			if 2*rows*w+rows+2 > g.registers() {
				// One row at a time; x_j is read again for each.
				yv := g.vectors(w)
				for c := range w {
					g.load(plane(yj, c, disp), yv[c])
				}
				for i := range rows {
					av := g.vector()
					g.load(element(i, disp), av)
					for c := range w {
						g.fma(plane(xj, c, disp), av, s[c*rows+i])
						g.fma(av, x[c*rows+i], yv[c])
					}
				}
				for c := range w {
					g.store(yv[c], plane(yj, c, disp))
				}
				return
			}
			for i := range rows {
				g.load(element(i, disp), av[i])
			}
			for c := range w {
				xv, yv := g.vector(), g.vector()
				g.load(plane(xj, c, disp), xv)
				g.load(plane(yj, c, disp), yv)
				for i := range rows {
					g.fma(av[i], xv, s[c*rows+i])
					g.fma(av[i], x[c*rows+i], yv)
				}
				g.store(yv, plane(yj, c, disp))
			}
		}
		advance := func(vectors int) {
			step := operand.I32(vectors * g.bytes())
			g.ADDQ(step, ap)
			if rows == 4 {
				g.ADDQ(step, ap3)
			}
			g.ADDQ(step, xj)
			g.ADDQ(step, yj)
		}
		lines := g.integer("n")
		g.SHRQ(operand.U8(log2(g.lanes()*perLine)), lines)
		g.repeat("line", lines, func() {
			for v := range perLine {
				body(v)
			}
			advance(perLine)
		})
		if perLine > 1 {
			odd := g.label("even")
			g.TESTQ(operand.U32(g.lanes()), g.integer("n"))
			g.JZ(operand.LabelRef(odd))
			body(0)
			g.Label(odd)
		}
		q := g.copyOf(yi)
		for c := range w {
			for i := range rows {
				g.addTo(g.sum(s[c*rows+i]), inBand(q, i))
			}
			if c < w-1 {
				g.ADDQ(g.stride("ldi"), q)
			}
		}
		g.ADDQ(operand.I8(g.size()), xi)
		g.ADDQ(operand.I8(g.size()), yi)
		g.ADDQ(g.stride("lda"), a)
	})
	g.end()
}

// panel writes the two-sided product for a panel of X as wide as a vector,
// held row by row: each element of A is broadcast once and meets x_j and x_i.
// The rows of a group are a band apart here too.
func panel(g *generator, rows int) {
	g.function("panel", "func(m, n int, a []T, lda int, xi, yi, xj, yj []T)", "is Kernels.Panel.")
	m := g.integer("m")
	a, lda := g.base("a"), g.stride("lda")
	xi, yi := g.base("xi"), g.base("yi")
	groups := g.divide(m, rows)
	band, bandA := g.GP64(), g.GP64() // in bytes: of the panel, of A
	g.MOVQ(groups, band)
	g.SHLQ(operand.U8(log2(g.bytes())), band)
	g.MOVQ(groups, bandA)
	g.IMULQ(lda, bandA)
	g.repeat("rows", groups, func() {
		s := g.zeros(rows)
		x := g.vectors(rows)
		p := g.copyOf(xi)
		for i := range rows {
			g.load(at(p, 0), x[i])
			g.ADDQ(band, p)
		}
		xj, yj := g.base("xj"), g.base("yj")
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
		body := func(u int) {
			// Two sums, so that the chain of additions is half as long.
			xv, y, z := g.vector(), g.vector(), g.vector()
			g.load(at(xj, u*g.bytes()), xv)
			g.load(at(yj, u*g.bytes()), y)
			for i := range rows {
				e := g.vector()
				g.broadcast(element(i, u*g.size()), e)
				g.fma(xv, e, s[i])
				switch {
				case i < rows/2:
					g.fma(x[i], e, y)
				case i == rows/2:
					g.mul(x[i], e, z)
				default:
					g.fma(x[i], e, z)
				}
			}
			g.add(z, y, y)
			g.store(y, at(yj, u*g.bytes()))
		}
		advance := func(u int) {
			for _, p := range ap {
				g.ADDQ(operand.I32(u*g.size()), p)
			}
			g.ADDQ(operand.I32(u*g.bytes()), xj)
			g.ADDQ(operand.I32(u*g.bytes()), yj)
		}
		unroll := 64 / g.size() // the elements of a cache line
		lines := g.integer("n")
		g.SHRQ(operand.U8(log2(unroll)), lines)
		g.repeat("line", lines, func() {
			for i := range rows {
				g.PREFETCHT0(element(i, ahead))
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
		q := g.copyOf(yi)
		for i := range rows {
			g.add(at(q, 0), s[i], s[i])
			g.store(s[i], at(q, 0))
			g.ADDQ(band, q)
		}
		g.ADDQ(operand.I32(g.bytes()), xi)
		g.ADDQ(operand.I32(g.bytes()), yi)
		g.ADDQ(lda, a)
	})
	g.end()
}

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// panel is a kernel for products of a tile with a panel of X as wide as one vector
// or two, held row by row: each element of A is broadcast once and meets x_j and
// x_i. The rows of a group are a band apart here too.
type panel struct {
	*generator
	side
	wide, rows int // vectors of a row of the panel; rows of a group

	groups reg.GPVirtual // that are left
	a      reg.GPVirtual // the first row of the group
	xi, yi reg.GPVirtual // its rows of X_i, of Y_i

	bandA, band reg.GPVirtual // bytes of a band of A, and of the panel

	line panelLine
}

// panelLine is where a group of rows has come to, and what it holds in registers.
type panelLine struct {
	a       []reg.GPVirtual // every third row of A
	xj, yj  reg.GPVirtual
	offset  reg.GPVirtual      // to what is prefetched
	x, sums [][]reg.VecVirtual // x_i, and the sums for y_i, of every row
}

// writePanel writes the kernel of a side for panels of so many vectors, rows of A at
// a time.
func writePanel(g *generator, s side, vectors, rows int) {
	k := &panel{generator: g, side: s, wide: vectors, rows: rows}
	k.header()
	k.prologue()
	g.repeat("rows", k.groups, func() {
		k.startGroup()
		k.loop()
		k.storeGroup()
		g.ADDQ(g.stride("lda"), k.a)
	})
	g.end()
}

func (k *panel) header() {
	i, j := k.operands()
	k.function(fmt.Sprint(k.side.panel, k.wide), fmt.Sprintf("Kernels.%s[%d]", field(k.side.panel), k.wide-1),
		fmt.Sprintf("func(m, n int, a []T, lda, next int, %s, %s []T)", i, j))
}

// width of a row of the panel in bytes.
func (k *panel) width() int { return k.wide * k.bytes() }

// prologue loads what all groups share.
func (k *panel) prologue() {
	m := k.integer("m")
	k.a = k.base("a")
	if k.side.yj {
		k.xi = k.base("xi")
	}
	if k.side.yi {
		k.yi = k.base("yi")
	}
	k.groups = k.divide(m, k.rows)
	k.band, k.bandA = k.GP64(), k.GP64()
	k.MOVQ(k.groups, k.band)
	k.SHLQ(operand.U8(log2(k.width())), k.band)
	k.MOVQ(k.groups, k.bandA)
	k.IMULQ(k.stride("lda"), k.bandA)
}

// eachInBands visits the vectors of a group of rows in X_i or Y_i. It moves p.
func (k *panel) eachInBands(p reg.GPVirtual, visit func(i, v int, m operand.Mem)) {
	for i := range k.rows {
		for v := range k.wide {
			visit(i, v, at(p, v*k.bytes()))
		}
		k.ADDQ(k.band, p)
	}
}

// byRows splits vectors into those of each row of the group.
func (k *panel) byRows(v []reg.VecVirtual) [][]reg.VecVirtual {
	rows := make([][]reg.VecVirtual, k.rows)
	for i := range rows {
		rows[i] = v[i*k.wide : (i+1)*k.wide]
	}
	return rows
}

// startGroup loads x_i, sets the sums to zero and points at the rows of A, X_j and
// Y_j.
func (k *panel) startGroup() {
	k.line = panelLine{}
	l := &k.line
	if k.side.yi {
		l.sums = k.byRows(k.zeros(k.wide * k.rows))
		l.xj = k.base("xj")
	}
	if k.side.yj {
		l.yj = k.base("yj")
		l.x = k.byRows(k.vectors(k.wide * k.rows))
		k.eachInBands(k.copyOf(k.xi), func(i, v int, m operand.Mem) { k.load(m, l.x[i][v]) })
	}
	l.a = make([]reg.GPVirtual, (k.rows+2)/3)
	l.a[0] = k.copyOf(k.a)
	for i := 1; i < len(l.a); i++ {
		l.a[i] = k.GP64()
		k.LEAQ(indexed(l.a[i-1], k.bandA, 2, 0), l.a[i])
		k.ADDQ(k.bandA, l.a[i])
	}
	l.offset = k.fetchOffset(k.groups, k.bandA, k.stride("lda"), k.size())
}

// loop goes along the rows of the group, a cache line of A at a time.
func (k *panel) loop() {
	unroll := 64 / k.size() // the elements of a cache line
	lines := k.integer("n")
	k.SHRQ(operand.U8(log2(unroll)), lines)
	k.repeat("line", lines, func() {
		k.fetch()
		for u := range unroll {
			k.step(u)
		}
		k.advance(unroll)
	})
	rest := k.integer("n")
	k.ANDQ(operand.U8(unroll-1), rest)
	k.repeat("one", rest, func() {
		k.step(0)
		k.advance(1)
	})
}

// fetch prefetches a line of each row of A.
func (k *panel) fetch() {
	for i, p := range k.line.a {
		next := k.GP64()
		k.LEAQ(indexed(p, k.line.offset, 1, 0), next)
		for r := range min(3, k.rows-3*i) {
			k.PREFETCHT0(indexed(next, k.bandA, uint8(r), 0))
		}
	}
}

// advance moves on by u elements of each row of A.
func (k *panel) advance(u int) {
	for _, p := range k.line.a {
		k.ADDQ(operand.I32(u*k.size()), p)
	}
	if k.side.yi {
		k.ADDQ(operand.I32(u*k.width()), k.line.xj)
	}
	if k.side.yj {
		k.ADDQ(operand.I32(u*k.width()), k.line.yj)
	}
}

// step takes element u of every row of the group.
func (k *panel) step(u int) {
	l := &k.line
	x, y, z := k.loadRow(u)
	cut := k.cut()
	for i := range k.rows {
		e := k.vector()
		k.broadcast(indexed(l.a[i/3], k.bandA, uint8(i%3), u*k.size()), e)
		for v := range k.wide {
			if k.side.yi {
				k.fma(x[v], e, l.sums[i][v])
			}
			switch {
			case !k.side.yj:
			case i < cut:
				k.fma(l.x[i][v], e, y[v])
			case i == cut:
				k.mul(l.x[i][v], e, z[v])
			default:
				k.fma(l.x[i][v], e, z[v])
			}
		}
	}
	for v := range y {
		if cut < k.rows {
			k.add(z[v], y[v], y[v])
		}
		k.store(y[v], at(l.yj, u*k.width()+v*k.bytes()))
	}
}

// cut is the row from which on additions to y_j go to a sum of their own, z: a long
// chain is cut into two.
func (k *panel) cut() int {
	if k.side.yj && k.wide == 1 {
		return k.rows / 2
	}
	return k.rows
}

// loadRow loads row u of X_j and Y_j, with registers for a second sum. Where
// registers are few, the second vector of X_j stays in memory.
func (k *panel) loadRow(u int) (x []operand.Op, y, z []reg.VecVirtual) {
	l := &k.line
	held := k.wide * (len(l.sums) + len(l.x))
	for v := range k.wide {
		disp := u*k.width() + v*k.bytes()
		if k.side.yi {
			m := at(l.xj, disp)
			if held+2*k.wide+1 > k.registers && v > 0 {
				x = append(x, m)
			} else {
				r := k.vector()
				k.load(m, r)
				x = append(x, r)
			}
		}
		if k.side.yj {
			y, z = append(y, k.vector()), append(z, k.vector())
			k.load(at(l.yj, disp), y[v])
		}
	}
	return x, y, z
}

// storeGroup adds the sums to Y_i and moves X_i and Y_i on by a row.
func (k *panel) storeGroup() {
	if k.side.yi {
		k.eachInBands(k.copyOf(k.yi), func(i, v int, m operand.Mem) {
			sum := k.line.sums[i][v]
			k.add(m, sum, sum)
			k.store(sum, m)
		})
		k.ADDQ(operand.I32(k.width()), k.yi)
	}
	if k.side.yj {
		k.ADDQ(operand.I32(k.width()), k.xi)
	}
}

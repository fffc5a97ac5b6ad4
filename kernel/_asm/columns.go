package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columns is a kernel for products of a tile with w columns of X, each a vector of
// its own along j: an element of A is loaded once, and meets x_j and x_i of every
// column without being spread over lanes first.
//
// Several rows of A go by together, a group. The rows of a group are a band of m/rows
// rows apart.
type columns struct {
	*generator
	side
	w, rows int
	rounded bool // A is float32, widened as it is loaded

	groups reg.GPVirtual // that are left
	a      reg.GPVirtual // the first row of the group
	xi, yi reg.GPVirtual // its first element of X_i, of Y_i
	ldj    reg.GPVirtual

	bandA       reg.GPVirtual // bytes of a band of A
	band, band3 reg.GPVirtual // of X_i and Y_i, and three of them

	line columnsLine
}

// columnsLine is where a group of rows has come to, and what it holds in registers.
type columnsLine struct {
	a, a3  reg.GPVirtual // rows 0 and 3 of A
	xj, yj reg.GPVirtual
	ldj3   reg.GPVirtual
	offset reg.GPVirtual    // to what is prefetched
	x      []reg.VecVirtual // x_i of row i and column c, spread over lanes: c·rows + i
	sums   []reg.VecVirtual // for y_i, in the same order
}

// writeColumns writes the kernel of a side for w columns, rows of A at a time.
func writeColumns(g *generator, s side, w, rows int, rounded bool) {
	k := &columns{generator: g, side: s, w: w, rows: rows, rounded: rounded}
	k.header()
	k.prologue()
	g.repeat("rows", k.groups, func() {
		k.startGroup()
		k.loop()
		k.storeGroup()
		g.ADDQ(k.strideA(), k.a)
	})
	g.end()
}

func (k *columns) header() {
	name, of, element := k.side.columns, "Kernels.", "T"
	if k.rounded {
		name, of, element = "rounded", "Row.", "float32"
	}
	i, j := k.operands()
	k.function(fmt.Sprint(name, k.w), fmt.Sprintf("%s%s[%d]", of, field(name), k.w-1),
		fmt.Sprintf("func(m, n int, a []%s, lda, next int, %s []T, ldi int, %s []T, ldj int)", element, i, j))
}

// sizeA is the size of an element of A in bytes, bytesA that of as many as a vector
// holds.
func (k *columns) sizeA() int {
	if k.rounded {
		return 4
	}
	return k.size()
}

func (k *columns) bytesA() int { return k.lanes() * k.sizeA() }

// strideA is lda in bytes.
func (k *columns) strideA() reg.GPVirtual {
	r := k.integer("lda")
	k.SHLQ(operand.U8(log2(k.sizeA())), r)
	return r
}

// prologue loads what all groups share.
func (k *columns) prologue() {
	m := k.integer("m")
	k.a, k.ldj = k.base("a"), k.stride("ldj")
	if k.side.yj {
		k.xi = k.base("xi")
	}
	if k.side.yi {
		k.yi = k.base("yi")
	}
	k.groups = k.divide(m, k.rows)
	k.band, k.bandA = k.GP64(), k.GP64()
	k.MOVQ(k.groups, k.band)
	k.MOVQ(k.groups, k.bandA)
	k.IMULQ(k.strideA(), k.bandA)
	k.SHLQ(operand.U8(log2(k.size())), k.band)
	k.band3 = k.GP64()
	if k.rows > 3 {
		k.LEAQ(indexed(k.band, k.band, 2, 0), k.band3)
	}
}

// eachInBands visits the elements of a group of rows in X_i or Y_i. It moves p.
func (k *columns) eachInBands(p reg.GPVirtual, visit func(c, i int, m operand.Mem)) {
	for c := range k.w {
		for i := range k.rows {
			m := indexed(p, k.band, uint8(i), 0)
			if i == 3 {
				m = indexed(p, k.band3, 1, 0)
			}
			visit(c, i, m)
		}
		if c < k.w-1 {
			k.ADDQ(k.stride("ldi"), p)
		}
	}
}

// startGroup spreads x_i over lanes, sets the sums to zero and points at the rows
// of A, X_j and Y_j.
func (k *columns) startGroup() {
	k.line = columnsLine{}
	l := &k.line
	if k.side.yi {
		l.sums = k.zeros(k.rows * k.w)
	}
	if k.side.yj {
		l.x = k.vectors(k.rows * k.w)
		k.eachInBands(k.copyOf(k.xi), func(c, i int, m operand.Mem) { k.broadcast(m, l.x[c*k.rows+i]) })
	}
	l.a = k.copyOf(k.a)
	if k.side.yi {
		l.xj = k.base("xj")
	}
	if k.side.yj {
		l.yj = k.base("yj")
	}
	if k.rows == 4 {
		l.a3 = k.GP64()
		k.LEAQ(indexed(k.a, k.bandA, 2, 0), l.a3)
		k.ADDQ(k.bandA, l.a3)
	}
	l.offset = k.fetchOffset(k.groups, k.bandA, k.strideA(), k.sizeA())
	if k.w == 4 {
		l.ldj3 = k.GP64()
		k.LEAQ(indexed(k.ldj, k.ldj, 2, 0), l.ldj3)
	}
}

// loop goes along the rows of the group, a cache line of X_j and Y_j at a time.
func (k *columns) loop() {
	l := &k.line
	perLine := 64 / k.bytes() // vectors of a cache line
	lines := k.integer("n")
	k.SHRQ(operand.U8(log2(k.lanes()*perLine)), lines)
	k.repeat("line", lines, func() {
		for v := range perLine {
			k.step(v)
		}
		if k.side.yi {
			k.ADDQ(operand.I32(64), l.xj)
		}
		if k.side.yj {
			k.ADDQ(operand.I32(64), l.yj)
		}
		k.ADDQ(operand.I32(perLine*k.bytesA()), l.a)
		if k.rows == 4 {
			k.ADDQ(operand.I32(perLine*k.bytesA()), l.a3)
		}
	})
	if perLine > 1 {
		even := k.label("even")
		k.TESTQ(operand.U32(k.lanes()), k.integer("n"))
		k.JZ(operand.LabelRef(even))
		k.step(0)
		k.Label(even)
	}
}

// step takes vector v of a line of every row of the group: a row of A at a time, or
// a column of X at a time where the registers hold the rows of A.
func (k *columns) step(v int) {
	if v == 0 {
		k.fetch()
	}
	if len(k.line.sums)+len(k.line.x)+k.rows+2 > k.registers {
		k.byRow(v)
	} else {
		k.byColumn(v)
	}
}

// fetch prefetches a line of each row of A.
func (k *columns) fetch() {
	l := &k.line
	next := k.GP64()
	k.LEAQ(indexed(l.a, l.offset, 1, 0), next)
	for i := range min(k.rows, 3) {
		k.PREFETCHT0(indexed(next, k.bandA, uint8(i), 0))
	}
	if k.rows == 4 {
		k.PREFETCHT0(indexed(l.a3, l.offset, 1, 0))
	}
}

// loadA loads vector v of row i.
func (k *columns) loadA(i, v int, to reg.VecVirtual) {
	m := indexed(k.line.a, k.bandA, uint8(i), v*k.bytesA())
	if i == 3 {
		m = at(k.line.a3, v*k.bytesA())
	}
	if k.rounded {
		k.VCVTPS2PD(m, to)
	} else {
		k.load(m, to)
	}
}

// inColumn is vector v of column c of X_j or Y_j.
func (k *columns) inColumn(base reg.Register, c, v int) operand.Mem {
	if c == 3 {
		return indexed(base, k.line.ldj3, 1, v*k.bytes())
	}
	return indexed(base, k.ldj, uint8(c), v*k.bytes())
}

func (k *columns) byRow(v int) {
	l := &k.line
	var y []reg.VecVirtual
	if k.side.yj {
		y = k.vectors(k.w)
		for c := range k.w {
			k.load(k.inColumn(l.yj, c, v), y[c])
		}
	}
	for i := range k.rows {
		a := k.vector()
		k.loadA(i, v, a)
		for c := range k.w {
			if k.side.yi {
				k.fma(k.inColumn(l.xj, c, v), a, l.sums[c*k.rows+i])
			}
			if k.side.yj {
				k.fma(a, l.x[c*k.rows+i], y[c])
			}
		}
	}
	for c := range y {
		k.store(y[c], k.inColumn(l.yj, c, v))
	}
}

func (k *columns) byColumn(v int) {
	l := &k.line
	a := k.vectors(k.rows)
	for i := range k.rows {
		k.loadA(i, v, a[i])
	}
	for c := range k.w {
		var x, y reg.VecVirtual
		if k.side.yi {
			x = k.vector()
			k.load(k.inColumn(l.xj, c, v), x)
		}
		if k.side.yj {
			y = k.vector()
			k.load(k.inColumn(l.yj, c, v), y)
		}
		for i := range k.rows {
			if k.side.yi {
				k.fma(a[i], x, l.sums[c*k.rows+i])
			}
			if k.side.yj {
				k.fma(a[i], l.x[c*k.rows+i], y)
			}
		}
		if k.side.yj {
			k.store(y, k.inColumn(l.yj, c, v))
		}
	}
}

// storeGroup adds the sums to Y_i and moves X_i and Y_i on by a row.
func (k *columns) storeGroup() {
	if k.side.yi {
		k.eachInBands(k.copyOf(k.yi), func(c, i int, m operand.Mem) { k.addTo(k.sum(k.line.sums[c*k.rows+i]), m) })
		k.ADDQ(operand.I8(k.size()), k.yi)
	}
	if k.side.yj {
		k.ADDQ(operand.I8(k.size()), k.xi)
	}
}

package main

// isa describes an instruction set once: all that kernels and the table of a row
// take from it.
type isa struct {
	name        string // of the row and its files
	tag         string // in the names of its functions
	vectorBytes int    // 32: vectors are YMM registers; 64: ZMM, with masks in K
	registers   int    // of the vector file

	mr, tileVectors int // tile of C: rows, and vectors of a row
	kc              int // depth of the panels of GEMM
	// Sides of the tiles of Σ, of float64 and of float32.
	tile64, tile32 int

	// Rows of A that the kernels of each side take together: by number of columns
	// of X, less 1, and by number of vectors of a panel, less 1. They are as many
	// as the registers hold sums and elements of X for.
	columnRows map[side][4]int
	panelRows  map[side][2]int
}

// sets are the instruction sets that there are rows for.
var sets = []isa{
	{
		name: "avx2", tag: "AVX2", vectorBytes: 32, registers: 16,
		mr: 6, tileVectors: 2, kc: 320, tile64: 120, tile32: 120,
		columnRows: map[side][4]int{both: {4, 3, 2, 1}, forward: {4, 4, 4, 3}, adjoint: {4, 4, 3, 2}},
		panelRows:  map[side][2]int{both: {6, 3}, forward: {6, 6}, adjoint: {6, 6}},
	},
	{
		name: "avx512", tag: "AVX512", vectorBytes: 64, registers: 32,
		mr: 12, tileVectors: 2, kc: 256, tile64: 120, tile32: 144,
		columnRows: map[side][4]int{both: {4, 4, 4, 3}, forward: {4, 4, 4, 4}, adjoint: {4, 4, 4, 4}},
		panelRows:  map[side][2]int{both: {12, 6}, forward: {12, 12}, adjoint: {12, 12}},
	},
}

// kernels writes the kernels of one target.
func kernels(g *generator) {
	g.masks()
	for rows := 1; rows <= g.mr; rows++ {
		gemm(g, rows)
		edge(g, rows)
	}
	strips(g)
	interleave(g, 2)
	interleave(g, 4)
	gather(g, 0, g.mr)
	gather(g, 1, g.nr())
	peak(g, 12)
	dot(g)
	asum(g)
	axpy(g)
	scal(g)
	g.bf16Places()
	for _, s := range g.storages() {
		dots(g, s)
		combine(g, s)
		normal(g, s)
		normal2(g, s)
	}
	finish(g)
	scaleRows(g)
	for r := 1; r <= 2; r++ {
		sweep(g, r, false)
		sweep(g, r, true)
	}
	if !g.f32 {
		widen(g)
	}
	read(g, 1)
	read(g, 4)
	for _, s := range []side{both, forward, adjoint} {
		for i, rows := range g.columnRows[s] {
			writeColumns(g, s, i+1, rows, false)
			if s == both && !g.f32 {
				writeColumns(g, s, i+1, rows, true)
			}
		}
		writePanel(g, s, 1, g.panelRows[s][0])
	}
	for _, s := range []side{both, forward, adjoint} {
		writePanel(g, s, 2, g.panelRows[s][1])
	}
}

// target is an instruction set and an element type.
type target struct {
	isa
	f32 bool
}

// suffix of the names of its functions.
func (t target) suffix() string { return t.tag + t.typeName() }

// typeName is the element type as fields of the contract say it.
func (t target) typeName() string {
	if t.f32 {
		return "F32"
	}
	return "F64"
}

// element is the name of the element type in Go.
func (t target) element() string {
	if t.f32 {
		return "float32"
	}
	return "float64"
}

// size of an element in bytes.
func (t target) size() int {
	if t.f32 {
		return 4
	}
	return 8
}

// bytes of a vector.
func (t target) bytes() int { return t.vectorBytes }

// zmm says that vectors are ZMM registers, with their instructions and masks.
func (t target) zmm() bool { return t.vectorBytes == 64 }

// lanes of a vector.
func (t target) lanes() int { return t.bytes() / t.size() }

// nr is the width of the tile of C.
func (t target) nr() int { return t.tileVectors * t.lanes() }

// tile is the side of the tiles of Σ.
func (t target) tile() int {
	if t.f32 {
		return t.tile32
	}
	return t.tile64
}

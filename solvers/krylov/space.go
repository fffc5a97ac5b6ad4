package krylov

import (
	"iter"
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/kernel"
)

// space is a growing set of orthonormal vectors of d elements, in blocks: those of V
// and the block that waits for its pass.
type space struct {
	d      int
	blas   blas.Routines[float64]
	level1 level1
	chunks []chunk                 // the vectors, as rows: long products are faster than many
	blocks []blas.General[float64] // V_1 … V_s and V_(s+1), rows of the chunks
	spans  []int                   // where each block starts; len(blocks)+1
	norm   float64                 // the largest ‖·‖_F of a block of the projection so far
	left   float64                 // the norm of what was left out of products as rounding
}

func newSpace(b *blas.Backend, d int) space {
	return space{d: d, blas: blas.RoutinesOf[float64](b.BLAS), level1: level1{b.BLAS}, spans: []int{0}}
}

// emptySpace has no vectors, and takes none.
func emptySpace(b level1, d int) *space { return &space{d: d, level1: b, spans: []int{0}} }

// LeftOut is the norm of the parts of ΣV that were left out as rounding.
func (k *space) LeftOut() float64 { return k.left }

// chunk is room for vectors, from the start-th on, of which some are there.
type chunk struct {
	rows        blas.General[float64]
	start, used int
}

// Chunk is for how many vectors room is made at a time, or for fewer, whole blocks, or for
// one block that is larger. Kernels take multiples of RowUnit at their best.
const Chunk = 3 * kernel.RowUnit

// room is for n vectors behind those that are held. What is made of them there may be
// pushed.
func (k *space) room(n int) blas.General[float64] {
	last := len(k.chunks) - 1
	if last < 0 || k.chunks[last].used+n > k.chunks[last].rows.Rows {
		start := k.held()
		blocks := Chunk / max(n, 1) * n
		rows := min(max(blocks, n), max(k.d-start, n))
		k.chunks = append(k.chunks, chunk{rows: blas.NewGeneral[float64](rows, k.d), start: start})
		last++
	}
	c := k.chunks[last]
	return c.rows.RowsOf(c.used, c.used+n)
}

// push makes v, the first vectors of the last room, the block that waits.
func (k *space) push(v blas.General[float64]) {
	k.chunks[len(k.chunks)-1].used += v.Rows
	k.blocks = append(k.blocks, v)
	k.spans = append(k.spans, k.held()+v.Rows)
}

// first are the first n vectors, chunk by chunk, each with the number of its first.
func (k *space) first(n int) iter.Seq2[blas.General[float64], int] {
	return func(yield func(v blas.General[float64], start int) bool) {
		for _, c := range k.chunks {
			if rows := min(c.used, n-c.start); rows > 0 && !yield(c.rows.RowsOf(0, rows), c.start) {
				return
			}
		}
	}
}

// waiting is the block that waits.
func (k *space) waiting() blas.General[float64] { return k.blocks[len(k.blocks)-1] }

// Size is the number of vectors of V.
func (k *space) Size() int { return k.spans[k.Blocks()] }

// held is the number of vectors of V and of the block that waits.
func (k *space) held() int { return k.spans[len(k.spans)-1] }

// Dim is d.
func (k *space) Dim() int { return k.d }

// Blocks is s.
func (k *space) Blocks() int { return len(k.blocks) - 1 }

// Closed says that V spans an invariant subspace: no pass adds to it.
func (k *space) Closed() bool { return k.waiting().Rows == 0 }

// orthonormalize makes the rows of w orthogonal to all blocks and to each other, in
// place, and returns those that are left with the coefficients R of w in them:
// wᵀ = (what the blocks span) + VᵀR + what is left out of each row as rounding, of
// these norms.
//
// What a product has of the basis is in the last two blocks, which go first; what is
// left then goes through all. Where little of a row is left after that, it has parts of
// the blocks in it, from rounding errors, and goes through all again with length 1: twice
// is enough (Giraud, Langou, Rozložník, "The loss of orthogonality in the Gram-Schmidt
// orthogonalization process", 2005).
func (k *space) orthonormalize(w blas.General[float64]) (v, r blas.General[float64], leftOut []float64) {
	// What is left of a direction of so much is rounding: of a start its own size
	// counts, however small, of a product that of Σ.
	rounding := deflation
	if k.norm == 0 {
		rounding = deflationOfStart
	}
	least := k.level1.norms(w)
	for c, own := range least {
		least[c] = rounding * max(k.norm, own)
	}
	for i := max(len(k.blocks)-2, 0); i < len(k.blocks); i++ {
		k.removeBlock(w, k.blocks[i])
	}
	before := k.level1.norms(w)
	k.remove(w)
	v, r, columns, leftOut := k.within(w, least)
	const little, fewBits = 0.25, 1e-290 // numbers near the end of the range have less than 53
	for i, c := range columns {
		if r.Row(i)[c] < little*before[c] || r.Row(i)[c] < fewBits {
			k.remove(v)
			again, second, _, _ := k.within(v, make([]float64, v.Rows))
			return again, multiplied(second, r), leftOut
		}
	}
	return v, r, leftOut
}

// within makes the rows of w orthonormal to each other, in place, leaves out those of
// which no more than the least is left, and returns the others with the coefficients of
// w in them, which rows of w they came from, and the norms of what was left out.
func (k *space) within(w blas.General[float64], least []float64) (v, r blas.General[float64], columns []int, leftOut []float64) {
	b := w.Rows
	leftOut = make([]float64, b)
	coefficients := make([][]float64, 0, b) // a row for each vector that is kept
	for c := range b {
		row, kept := w.Row(c), len(columns)
		column := make([]float64, b)
		for range 2 {
			for i := range kept {
				s := k.level1.dot(w.Row(i), row)
				column[i] += s
				k.level1.axpy(-s, w.Row(i), row)
			}
		}
		after := k.level1.nrm2(row)
		for i := range kept {
			coefficients[i][c] = column[i]
		}
		if !(after > least[c]) || k.held()+kept >= k.d {
			k.remove(w.RowsOf(c, c+1)) // as far as it is not of the blocks
			leftOut[c] = k.level1.nrm2(row)
			continue
		}
		// Divided: 1/after has an error, and an error of the length of a vector is the
		// same in every step.
		to := w.Row(kept)
		for i, v := range row {
			to[i] = v / after
		}
		coefficients = append(coefficients, make([]float64, b))
		coefficients[kept][c] = after
		columns = append(columns, c)
	}
	r = blas.NewGeneral[float64](len(columns), b)
	for i, row := range coefficients {
		copy(r.Row(i), row)
	}
	return w.RowsOf(0, len(columns)), r, columns, leftOut
}

// part is a start in a space: its coordinates, and the norm of what was left out of it.
type part struct {
	z       blas.General[float64]
	leftOut float64
}

// start orthonormalizes the columns of all starts and a random vector behind them, the
// guard: the vectors, the coordinates, and which vector is the guard, −1 for none.
func (k *space) start(of []blas.General[float64]) (v blas.General[float64], starts []part, guard int) {
	columns := 0
	for _, x := range of {
		columns += x.Cols
	}
	first := k.room(columns + 1)
	at := 0
	for _, x := range of {
		transpose(first.RowsOf(at, at+x.Cols), x)
		at += x.Cols
	}
	random := first.Row(columns)
	signs := NewSigns()
	for i := range random {
		random[i] = signs.next() / math.Sqrt(float64(k.d))
	}
	v, r, leftOut := k.orthonormalize(first)
	if guard = v.Rows - 1; guard >= 0 && nrm2(r.Row(guard)[:columns]) > 0 {
		guard = -1 // the columns of the starts span everything
	}
	at = 0
	for _, x := range of {
		s := part{blas.NewGeneral[float64](v.Rows, x.Cols), nrm2(leftOut[at : at+x.Cols])}
		for i := range v.Rows {
			copy(s.z.Row(i), r.Row(i)[at:at+x.Cols])
		}
		starts, at = append(starts, s), at+x.Cols
	}
	return v, starts, guard
}

// The parts under which a direction is rounding: of ‖Σ‖ in a product, of a column in
// a start.
const (
	deflation        = 1e-14
	deflationOfStart = 4e-16
)

// remove takes from the rows of w their parts in the blocks.
func (k *space) remove(w blas.General[float64]) {
	for v := range k.first(k.held()) {
		k.removeBlock(w, v)
	}
}

// removeBlock takes from the rows of w their parts in those of v.
func (k *space) removeBlock(w, v blas.General[float64]) {
	if v.Rows == 0 {
		return
	}
	c := blas.NewGeneral[float64](w.Rows, v.Rows)
	k.blas.Gemm(gblas.NoTrans, gblas.Trans, w.Rows, v.Rows, w.Cols, 1, w.Data, w.Stride, v.Data, v.Stride, 0, c.Data, c.Stride)
	k.blas.Gemm(gblas.NoTrans, gblas.NoTrans, w.Rows, w.Cols, v.Rows, -1, c.Data, c.Stride, v.Data, v.Stride, 1, w.Data, w.Stride)
}

// Form sets dst = V·z; dst is d×r, and the rows of z beyond Size are not used.
func (k *space) Form(dst, z blas.General[float64]) {
	d, r := k.Dim(), z.Cols
	dst.Check(d, r)
	for i := range d {
		clear(dst.Row(i))
	}
	for v, start := range k.first(k.Size()) {
		part := z.RowsOf(start, start+v.Rows)
		k.blas.Gemm(gblas.Trans, gblas.NoTrans, d, r, v.Rows, 1, v.Data, v.Stride, part.Data, part.Stride, 1, dst.Data, dst.Stride)
	}
}

// Coordinates returns Vᵀu for a d×m matrix u.
func (k *space) Coordinates(u blas.General[float64]) blas.General[float64] {
	u.Check(k.Dim(), u.Cols)
	c := blas.NewGeneral[float64](k.Size(), u.Cols)
	if u.Cols == 0 {
		return c
	}
	for v, start := range k.first(k.Size()) {
		to := c.RowsOf(start, start+v.Rows)
		k.blas.Gemm(gblas.NoTrans, gblas.NoTrans, v.Rows, u.Cols, k.Dim(), 1, v.Data, v.Stride, u.Data, u.Stride, 0, to.Data, to.Stride)
	}
	return c
}

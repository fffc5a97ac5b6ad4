package eigen

import (
	"math/rand/v2"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"lowrank/blas"
	"lowrank/solvers"
)

// side is one of the two bases of golubKahan: orthonormal vectors of d elements, as rows.
type side struct {
	v      blas.General[float64]
	size   int // rows of the basis
	next   int // rows behind them that wait for their product
	limit  int // the basis has room for so many
	random *rand.Rand
}

func newSide(d, block, limit int, seed uint64, stream string) side {
	s := side{limit: min(limit, d), random: solvers.Stream(seed, stream)}
	s.v = blas.NewGeneral[float64](s.limit+block, d)
	s.draw(block)
	return s
}

// draw has at most b random vectors wait.
func (s *side) draw(b int) {
	b = min(b, s.v.Cols-s.size)
	for i := range b {
		row := s.v.Row(s.size + i)
		for j := range row {
			row[j] = s.random.NormFloat64()
		}
	}
	s.orthonormalize(b, 0)
}

func (s *side) basis() blas.General[float64]   { return s.v.RowsOf(0, s.size) }
func (s *side) waiting() blas.General[float64] { return s.v.RowsOf(s.size, s.size+s.next) }

// full says that the basis has no room for the waiting rows.
func (s *side) full() bool { return s.size+s.next > s.limit }

// grow makes the waiting rows part of the basis, and returns room for b rows behind it.
func (s *side) grow(b int) blas.General[float64] {
	s.size, s.next = s.size+s.next, 0
	return s.v.RowsOf(s.size, s.size+b)
}

// rotate makes fewer vectors the basis, those with these coordinates, columns of z; the
// waiting rows stay.
func (s *side) rotate(z blas.General[float64]) {
	part := blas.NewGeneral[float64](z.Cols, min(chunk, s.v.Cols))
	for lo := 0; lo < s.v.Cols; lo += chunk {
		hi := min(lo+chunk, s.v.Cols)
		to := between(part, 0, hi-lo)
		blas64.Gemm(gblas.Trans, gblas.NoTrans, 1, blas64.General(z), between(s.basis(), lo, hi), 0, to)
		for c := range s.next {
			copy(s.v.Row(z.Cols + c)[lo:hi], s.v.Row(s.size + c)[lo:hi])
		}
		for i := range z.Cols {
			copy(s.v.Row(i)[lo:hi], part.Row(i))
		}
	}
	s.size = z.Cols
}

// combine returns the vectors with these coordinates, columns of z, as columns.
func (s *side) combine(z blas.General[float64]) blas.General[float64] {
	out := blas.NewGeneral[float64](s.v.Cols, z.Cols)
	blas64.Gemm(gblas.Trans, gblas.NoTrans, 1, blas64.General(s.basis()), blas64.General(z), 0, blas64.General(out))
	return out
}

// orthonormalize makes the b rows behind the basis orthonormal to it and to each other and
// lets them wait, but for those of which no more than least is left: that is rounding, and
// the direction lies in the space. Row c as it was is, but for what was left out,
//
//	Σ_i in[i,c]·(row i of the basis) + Σ_k out[k,c]·(waiting row k).
func (s *side) orthonormalize(b int, least float64) (in, out blas.General[float64]) {
	w := s.v.RowsOf(s.size, s.size+b)
	in, out = blas.NewGeneral[float64](s.size, b), blas.NewGeneral[float64](b, b)
	before := make([]float64, b)
	for c := range b {
		before[c] = norm(w.Row(c))
	}
	remove(w, s.basis(), in)
	remove(w, s.basis(), in) // twice for full accuracy
	for c := range b {
		if s.size+s.next >= s.v.Cols {
			break
		}
		row, ofBasis, ofWaiting := w.RowsOf(c, c+1), column(in, c), column(out.RowsOf(0, s.next), c)
		remove(row, s.waiting(), ofWaiting)
		remove(row, s.waiting(), ofWaiting)
		// Where little is left it has parts of all others in it, from rounding errors.
		left := norm(row.Data)
		for most := 0.1 * before[c]; left > least && left < most; {
			most = 0.5 * left
			remove(row, s.basis(), ofBasis)
			remove(row, s.waiting(), ofWaiting)
			left = norm(row.Data)
		}
		if !(left > least) {
			continue
		}
		out.Row(s.next)[c] = left
		to := w.Row(s.next)
		for i, v := range row.Data {
			to[i] = v / left
		}
		s.next++
	}
	return in, out.RowsOf(0, s.next)
}

// chunk is how many elements of a row are taken at a time: those of a basis stay in the
// cache.
const chunk = 1024

// remove takes from each row of w what it has of the orthonormal rows of v, and adds the
// coefficients to those of it, in columns.
func remove(w, v, of blas.General[float64]) {
	if v.Rows == 0 || w.Rows == 0 {
		return
	}
	s := blas.NewGeneral[float64](v.Rows, w.Rows)
	for lo := 0; lo < v.Cols; lo += chunk {
		hi := min(lo+chunk, v.Cols)
		blas64.Gemm(gblas.NoTrans, gblas.Trans, 1, between(v, lo, hi), between(w, lo, hi), 1, blas64.General(s))
	}
	for lo := 0; lo < v.Cols; lo += chunk {
		hi := min(lo+chunk, v.Cols)
		blas64.Gemm(gblas.Trans, gblas.NoTrans, -1, blas64.General(s), between(v, lo, hi), 1, between(w, lo, hi))
	}
	for i := range s.Rows {
		for c, a := range s.Row(i) {
			of.Row(i)[c] += a
		}
	}
}

// between are the columns lo to hi−1.
func between(a blas.General[float64], lo, hi int) blas64.General {
	return blas64.General{Rows: a.Rows, Cols: hi - lo, Stride: a.Stride, Data: a.Data[lo : (a.Rows-1)*a.Stride+hi]}
}

// column is column c as a matrix that shares storage with a.
func column(a blas.General[float64], c int) blas.General[float64] {
	if a.Rows == 0 {
		return a
	}
	return blas.General[float64](between(a, c, c+1))
}

// toColumns sets dst to the transposed rows of v, and zeros beside them.
func toColumns[T blas.Float](dst blas.General[T], v blas.General[float64]) {
	clear(dst.Data)
	for c := range v.Rows {
		for i, x := range v.Row(c) {
			dst.Data[i*dst.Stride+c] = T(x)
		}
	}
}

// fromColumns sets the rows of v to the first columns of src.
func fromColumns[T blas.Float](v blas.General[float64], src blas.General[T]) {
	for c := range v.Rows {
		row := v.Row(c)
		for i := range row {
			row[i] = float64(src.Data[i*src.Stride+c])
		}
	}
}

package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// skinny is C += αop(A)op(B) where C has at most four columns, or rows: products
// of one large matrix M, as it is stored, with a few vectors. M is read once
// and nothing of it is packed:
//
//	C = M·V    few columns, A = M        C = MᵀV   few columns, Aᵀ stored
//	Cᵀ = MᵀV   few rows, B = M           Cᵀ = M·V  few rows, Bᵀ stored
type skinny[T blas.Float] struct {
	rows, cols, ld int // of M
	m              []T
	w              int // vectors
	transposed     bool
	v, out         []T // the vectors, one after the other
	inner, outer   int // their lengths
}

const (
	skinnyFrom    = 64 * 64 // elements of M
	skinnyRows    = 240     // rows of M in a part of M·V, a multiple of RowUnit
	skinnyColumns = 480     // columns of M in a part of MᵀV, a multiple of every Lanes
	skinnyInner   = 4096    // length of the sums that are formed in one go, a multiple of every Lanes
)

// isSkinny says that the call is one for skinny.
func (p *multiply[T]) isSkinny() bool {
	outer := max(p.m, p.n)
	if min(p.m, p.n) > kernel.MaxColumns || p.k*outer < skinnyFrom || outer < columnUnit || p.k > 16*outer ||
		p.triangle != gblas.All || p.a.stored != gblas.All || p.b.stored != gblas.All {
		return false
	}
	large, _ := p.largeAndSmall()
	return p.k <= skinnyInner || !transposed(large)
}

// largeAndSmall returns the operand that is M or Mᵀ, and the one whose rows are
// the vectors.
func (p *multiply[T]) largeAndSmall() (large, small operand[T]) {
	if p.n > p.m {
		return p.b.transpose(), p.a
	}
	return p.a, p.b.transpose()
}

// transposed says that the columns of an operand lie in memory as they are.
func transposed[T blas.Float](o operand[T]) bool { return o.rs == 1 && o.cs != 1 }

// runSkinny lays out the vectors, multiplies and adds what comes out to C.
func (p *multiply[T]) runSkinny(threads int) {
	s := &p.skinny
	large, small := p.largeAndSmall()
	s.outer, s.w, s.inner = max(p.m, p.n), min(p.m, p.n), p.k
	// Element (i, k) of the large operand is data[i·rs + k·cs].
	s.m, s.transposed = large.data, transposed(large)
	if s.transposed {
		s.rows, s.cols, s.ld = s.inner, s.outer, large.cs
	} else {
		s.rows, s.cols, s.ld = s.outer, s.inner, large.rs
	}
	s.v, s.out = grow(s.v, s.w*s.inner), grow(s.out, s.w*s.outer)
	clear(s.out)
	for c := range s.w {
		at := c * small.rs
		for i := range s.inner {
			s.v[c*s.inner+i] = p.alpha * small.data[at]
			at += small.cs
		}
	}
	step := skinnyRows
	if s.transposed {
		step = skinnyColumns
	}
	parallel.Run(threads, (s.outer+step-1)/step, (*skinnyParts[T])(p))
	p.scale(0, p.m, 0, p.n)
	for c := range s.w {
		out := s.out[c*s.outer : (c+1)*s.outer]
		if p.n > p.m {
			to := p.c[c*p.ldc:][:len(out)]
			for i, v := range out {
				to[i] += v
			}
			continue
		}
		at := c
		for _, v := range out {
			p.c[at] += v
			at += p.ldc
		}
	}
	s.m = nil
}

// skinnyParts computes a stretch of the vectors that come out.
type skinnyParts[T blas.Float] multiply[T]

func (q *skinnyParts[T]) Part(part int) {
	p := (*multiply[T])(q)
	s, k := &p.skinny, &p.kernels
	if !s.transposed {
		i0, i1 := part*skinnyRows, min((part+1)*skinnyRows, s.rows)
		h := (i1 - i0) / kernel.RowUnit * kernel.RowUnit
		for j0 := 0; j0 < s.cols; j0 += skinnyInner {
			j1 := min(j0+skinnyInner, s.cols)
			w := (j1 - j0) / k.Lanes * k.Lanes
			next := skinnyInner
			if j1 == s.cols {
				next = h*s.ld - j0 // the rows below
			}
			if h > 0 && w > 0 {
				k.Forward[s.w-1](h, w, s.m[i0*s.ld+j0:], s.ld, next, s.out[i0:], s.outer, s.v[j0:], s.inner)
			}
			s.plainForward(i0, i0+h, j0+w, j1)
			s.plainForward(i0+h, i1, j0, j1)
		}
		return
	}
	j0, j1 := part*skinnyColumns, min((part+1)*skinnyColumns, s.cols)
	h, w := s.rows/kernel.RowUnit*kernel.RowUnit, (j1-j0)/k.Lanes*k.Lanes
	if h > 0 && w > 0 {
		k.Adjoint[s.w-1](h, w, s.m[j0:], s.ld, skinnyColumns, s.v, s.inner, s.out[j0:], s.outer)
	}
	s.plainAdjoint(0, h, j0+w, j1)
	s.plainAdjoint(h, s.rows, j0, j1)
}

// plainForward adds rows i0 … i1−1, columns j0 … j1−1, of M to M·V.
func (s *skinny[T]) plainForward(i0, i1, j0, j1 int) {
	for i := i0; i < i1; i++ {
		row := s.m[i*s.ld+j0 : i*s.ld+j1]
		for c := range s.w {
			var sum T
			v := s.v[c*s.inner+j0:][:len(row)]
			for j, a := range row {
				sum += a * v[j]
			}
			s.out[c*s.outer+i] += sum
		}
	}
}

// plainAdjoint adds rows i0 … i1−1, columns j0 … j1−1, of M to MᵀV.
func (s *skinny[T]) plainAdjoint(i0, i1, j0, j1 int) {
	for i := i0; i < i1; i++ {
		row := s.m[i*s.ld+j0 : i*s.ld+j1]
		for c := range s.w {
			v := s.v[c*s.inner+i]
			out := s.out[c*s.outer+j0:][:len(row)]
			for j, a := range row {
				out[j] += a * v
			}
		}
	}
}

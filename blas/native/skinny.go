package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// skinny is C += αop(A)op(B) where C has few columns, or rows: products of one large
// matrix M, as it is stored, with a few vectors, at most four at a time. M is read once,
// or a block of it while it is in a cache, and nothing of it is packed:
//
//	C = M·V    few columns, A = M        C = MᵀV   few columns, Aᵀ stored
//	Cᵀ = MᵀV   few rows, B = M           Cᵀ = M·V  few rows, Bᵀ stored
//
// Where M has few rows and the sums of M·V are long, as the coefficients of
// Gram-Schmidt's are, the sums are cut: each stretch has a copy of the result, and the
// copies are added in order.
type skinny[T blas.Float] struct {
	rows, cols, ld int // of M
	m              []T
	w              int // vectors
	transposed     bool
	split          int // stretches of the sums of M·V, when rows are not shared
	v, out         []T // the vectors, and what comes out, each so far apart
	ldv, ldo       int
	inner, outer   int  // their lengths
	direct         bool // out is C

	copied, results []T // scratch for v and out
}

const (
	skinnyFrom    = 64 * 64 // elements of M
	skinnyRows    = 240     // rows of M in a part of M·V, a multiple of RowUnit
	skinnyColumns = 480     // columns of M in a part of MᵀV, a multiple of every Lanes
	skinnyInner   = 4096    // length of the sums that are formed in one go, a multiple of every Lanes
	skinnyStretch = 1024    // the same where rows are few: four vectors stay in the nearest cache
	skinnySplit   = 64      // stretches, at most
	skinnyFew     = 64      // rows of an M of which blocks stay in the second cache
	skinnyMost    = 12      // vectors that such an M is multiplied with
)

// isSkinny says that the call is one for skinny.
func (p *multiply[T]) isSkinny() bool {
	outer, w := max(p.m, p.n), min(p.m, p.n)
	if w > skinnyMost || p.k*outer < skinnyFrom ||
		p.triangle != gblas.All || p.a.stored != gblas.All || p.b.stored != gblas.All {
		return false
	}
	large, _ := p.largeAndSmall()
	switch wide := outer >= columnUnit && p.k <= 16*outer; {
	case w > kernel.MaxColumns && transposed(large):
		return wide && p.n > p.m && p.k <= skinnyFew && outer >= 16*p.k // into C itself
	case w > kernel.MaxColumns:
		return p.longSums() && kernel.RowUnit <= outer && outer <= skinnyFew
	case transposed(large):
		return wide && p.k <= skinnyInner
	default:
		return wide || p.longSums()
	}
}

// longSums says that a product M·V is shared by stretches of its sums, not by rows of M.
func (p *multiply[T]) longSums() bool {
	return p.k >= 2*skinnyStretch && p.k > 16*max(p.m, p.n)
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
	parts := 0
	switch {
	case s.transposed:
		s.rows, s.cols, s.ld, s.split = s.inner, s.outer, large.cs, 1
		parts = (s.outer + skinnyColumns - 1) / skinnyColumns
	case p.longSums():
		s.rows, s.cols, s.ld, s.split = s.outer, s.inner, large.rs, min(p.k/(2*skinnyStretch), skinnySplit)
		parts = s.split
	default:
		s.rows, s.cols, s.ld, s.split = s.outer, s.inner, large.rs, 1
		parts = (s.outer + skinnyRows - 1) / skinnyRows
	}
	p.layOut(small)
	parallel.Run(threads, parts, (*skinnyParts[T])(p))
	p.addUp()
	s.m, s.v, s.out = nil, nil, nil
}

// layOut prepares the vectors, those of small times α, and room for what comes out: C
// itself where its rows are what comes out.
func (p *multiply[T]) layOut(small operand[T]) {
	s := &p.skinny
	if s.v, s.ldv = small.data, small.rs; small.cs != 1 || p.alpha != 1 {
		s.copied = grow(s.copied, s.w*s.inner)
		s.v, s.ldv = s.copied, s.inner
		for c := range s.w {
			at := c * small.rs
			for i := range s.inner {
				s.v[c*s.inner+i] = p.alpha * small.data[at]
				at += small.cs
			}
		}
	}
	if s.direct = p.n > p.m && s.split == 1; s.direct {
		s.out, s.ldo = p.c, p.ldc
		return
	}
	s.results = grow(s.results, s.split*s.w*s.outer)
	s.out, s.ldo = s.results, s.outer
}

// addUp forms βC and adds what came out, where it is not C.
func (p *multiply[T]) addUp() {
	s := &p.skinny
	if s.direct {
		return
	}
	p.scale(0, p.m, 0, p.n)
	for part := range s.split {
		for c := range s.w {
			out := s.out[(part*s.w+c)*s.outer:][:s.outer]
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
	}
}

// skinnyParts computes a stretch of the vectors that come out, or of their sums.
type skinnyParts[T blas.Float] multiply[T]

func (q *skinnyParts[T]) Part(part int) {
	p := (*multiply[T])(q)
	s := &p.skinny
	switch {
	case s.split > 1:
		unit := p.kernels.Lanes
		units := (s.cols + unit - 1) / unit
		j0, j1 := units*part/s.split*unit, min(units*(part+1)/s.split*unit, s.cols)
		out := s.out[part*s.w*s.outer : (part+1)*s.w*s.outer]
		clear(out)
		s.forward(&p.kernels, out, 0, s.rows, j0, j1, skinnyStretch)
	case !s.transposed:
		i0, i1 := part*skinnyRows, min((part+1)*skinnyRows, s.rows)
		p.start(i0, i1)
		s.forward(&p.kernels, s.out, i0, i1, 0, s.cols, skinnyInner)
	default:
		j0, j1 := part*skinnyColumns, min((part+1)*skinnyColumns, s.cols)
		p.start(j0, j1)
		s.adjoint(&p.kernels, j0, j1)
	}
}

// start sets elements i0 … i1−1 of what comes out to those of βC, or to zero.
func (p *multiply[T]) start(i0, i1 int) {
	s := &p.skinny
	for c := range s.w {
		if to := s.out[c*s.ldo+i0 : c*s.ldo+i1]; s.direct {
			scaleRow(p.beta, to)
		} else {
			clear(to)
		}
	}
}

// forward adds to out rows i0 … i1−1, columns j0 … j1−1, of M to M·V, so many columns at
// a time.
func (s *skinny[T]) forward(k *kernel.Kernels[T], out []T, i0, i1, j0, j1, most int) {
	h := (i1 - i0) / kernel.RowUnit * kernel.RowUnit
	for ; j0 < j1; j0 += most {
		end := min(j0+most, j1)
		w := (end - j0) / k.Lanes * k.Lanes
		next := most
		if end == j1 {
			next = h*s.ld - j0 // the rows below
		}
		for c := 0; c < s.w && h > 0 && w > 0; {
			g := s.group(c)
			k.Forward[g-1](h, w, s.m[i0*s.ld+j0:], s.ld, next, out[c*s.ldo+i0:], s.ldo, s.v[c*s.ldv+j0:], s.ldv)
			c += g
		}
		s.forwardRest(k, out, i0+h, i1, j0, j0+w)
		s.plainForward(out, i0, i1, j0+w, end)
	}
}

// group is how many vectors from the c-th on go together: even shares of those that are
// left.
func (s *skinny[T]) group(c int) int {
	left := s.w - c
	groups := (left + kernel.MaxColumns - 1) / kernel.MaxColumns
	return (left + groups - 1) / groups
}

// forwardRest is forward for fewer than RowUnit rows; j1−j0 is a multiple of Lanes.
func (s *skinny[T]) forwardRest(k *kernel.Kernels[T], out []T, i0, i1, j0, j1 int) {
	if j0 == j1 {
		return
	}
	for ; i0+4 <= i1; i0 += 4 {
		for c := range s.w {
			k.Dots(j1-j0, s.m[i0*s.ld+j0:], s.ld, s.v[c*s.ldv+j0:], out[c*s.ldo+i0:])
		}
	}
	for ; i0 < i1; i0++ {
		for c := range s.w {
			out[c*s.ldo+i0] += k.Dot(j1-j0, s.m[i0*s.ld+j0:], s.v[c*s.ldv+j0:])
		}
	}
}

// adjoint adds columns j0 … j1−1 of M to MᵀV.
func (s *skinny[T]) adjoint(k *kernel.Kernels[T], j0, j1 int) {
	h, w := s.rows/kernel.RowUnit*kernel.RowUnit, (j1-j0)/k.Lanes*k.Lanes
	if w > 0 {
		for c := 0; c < s.w && h > 0; {
			g := s.group(c)
			k.Adjoint[g-1](h, w, s.m[j0:], s.ld, skinnyColumns, s.v[c*s.ldv:], s.ldv, s.out[c*s.ldo+j0:], s.ldo)
			c += g
		}
		s.adjointRest(k, h, s.rows, j0, j0+w)
	}
	s.plainAdjoint(0, s.rows, j0+w, j1)
}

// adjointRest is adjoint for rows i0 … i1−1, fewer than RowUnit.
func (s *skinny[T]) adjointRest(k *kernel.Kernels[T], i0, i1, j0, j1 int) {
	for ; i0+4 <= i1; i0 += 4 {
		for c := range s.w {
			k.Combine(j1-j0, s.m[i0*s.ld+j0:], s.ld, s.v[c*s.ldv+i0:], s.out[c*s.ldo+j0:])
		}
	}
	for ; i0 < i1; i0++ {
		for c := range s.w {
			k.Axpy(j1-j0, s.v[c*s.ldv+i0], s.m[i0*s.ld+j0:], s.out[c*s.ldo+j0:])
		}
	}
}

// plainForward adds rows i0 … i1−1, columns j0 … j1−1, of M to M·V.
func (s *skinny[T]) plainForward(out []T, i0, i1, j0, j1 int) {
	if j0 == j1 {
		return
	}
	for i := i0; i < i1; i++ {
		row := s.m[i*s.ld+j0 : i*s.ld+j1]
		for c := range s.w {
			var sum T
			v := s.v[c*s.ldv+j0:][:len(row)]
			for j, a := range row {
				sum += a * v[j]
			}
			out[c*s.ldo+i] += sum
		}
	}
}

// plainAdjoint adds rows i0 … i1−1, columns j0 … j1−1, of M to MᵀV.
func (s *skinny[T]) plainAdjoint(i0, i1, j0, j1 int) {
	if j0 == j1 {
		return
	}
	for i := i0; i < i1; i++ {
		row := s.m[i*s.ld+j0 : i*s.ld+j1]
		for c := range s.w {
			v := s.v[c*s.ldv+i]
			out := s.out[c*s.ldo+j0:][:len(row)]
			for j, a := range row {
				out[j] += a * v
			}
		}
	}
}

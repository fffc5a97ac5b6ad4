package native

import (
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
// copies are added in order. What is added to C is a whole sum, so that C is rounded once.
type skinny[T blas.Float] struct {
	call[T]
	rows, cols, ld int // of M
	large          []T // M
	transposed     bool
	v              []T // the vectors, ldv apart
	w, ldv         int
	inner, outer   int // lengths of the vectors, and of those that come out
	stretches      int // of the sums of M·V, where they are cut

	copied, results []T // scratch: vectors, and what comes out of each stretch
}

var (
	skinny64 stack[skinny[float64]]
	skinny32 stack[skinny[float32]]
)

const (
	skinnyRows    = 240 // rows of M in a part of M·V, a multiple of RowUnit
	skinnyColumns = 480 // columns of M in a part of MᵀV, a multiple of every Lanes
	skinnySplit   = 64  // stretches of the sums, at most
)

// fewVectors lays out the vectors and multiplies, the way w of the three.
func (p *call[T]) fewVectors(w way) {
	calls := blas.OfType[*stack[skinny[T]]](&skinny64, &skinny32)
	s := calls.take()
	s.call = *p
	large, small := s.largeAndSmall()
	s.outer, s.w, s.inner = max(s.m, s.n), min(s.m, s.n), s.k
	s.layOut(small)
	// Element (i, k) of the large operand is data[i·rs + k·cs].
	s.large, s.transposed = large.data, w == vectorsByColumns
	s.rows, s.cols, s.ld = s.outer, s.inner, large.rs
	if s.transposed {
		s.rows, s.cols, s.ld = s.inner, s.outer, large.cs
	}
	if threads := s.threadsFor(); w == vectorsBySums {
		s.cutSums(threads)
	} else {
		parallel.Run(threads, (s.outer+s.step()-1)/s.step(), s)
	}
	s.forget()
	s.large, s.v = nil, nil
	s.copied, s.results = kept(s.copied), kept(s.results)
	calls.give(s)
}

// cutSums multiplies stretch by stretch of the sums.
func (s *skinny[T]) cutSums(threads int) {
	s.stretches = min(max(s.k/(2*skinnyStretch), 2), skinnySplit)
	s.results = grow(s.results, s.stretches*s.w*s.outer)
	parallel.Run(threads, s.stretches, (*skinnyStretches[T])(s))
	sums := s.results[:s.w*s.outer]
	for part := 1; part < s.stretches; part++ {
		for i, v := range s.results[part*len(sums) : (part+1)*len(sums)] {
			sums[i] += v
		}
	}
	s.deliver(sums, s.outer, 0, s.outer)
}

// layOut prepares the vectors, those of small times α.
func (s *skinny[T]) layOut(small operand[T]) {
	if s.v, s.ldv = small.data, small.rs; small.cs == 1 && s.alpha == 1 {
		return
	}
	s.copied = grow(s.copied, s.w*s.inner)
	s.v, s.ldv = s.copied, s.inner
	for c := range s.w {
		at := c * small.rs
		for i := range s.inner {
			s.v[c*s.inner+i] = s.alpha * small.data[at]
			at += small.cs
		}
	}
}

// deliver sets elements i0 … i1−1 of what comes out in C: those of βC and the sums, of
// which each vector's are so far apart.
func (s *skinny[T]) deliver(sums []T, apart, i0, i1 int) {
	if s.n > s.m {
		for c := range s.w {
			to := s.c[c*s.ldc+i0 : c*s.ldc+i1]
			from := sums[c*apart:][:len(to)]
			scaleRow(s.beta, to)
			n := len(to) / s.kernels.Lanes * s.kernels.Lanes
			if n > 0 {
				s.kernels.Axpy(n, 1, from, to)
			}
			for i := n; i < len(to); i++ {
				to[i] += from[i]
			}
		}
		return
	}
	s.scale(i0, i1, 0, s.n)
	for c := range s.w {
		at := i0*s.ldc + c
		for _, v := range sums[c*apart:][:i1-i0] {
			s.c[at] += v
			at += s.ldc
		}
	}
}

// Part computes elements i0 … i1−1 of what comes out: from rows of M in M·V, from
// columns in MᵀV.
func (s *skinny[T]) Part(part int) {
	step := s.step()
	i0, i1 := part*step, min((part+1)*step, s.outer)
	buf := takeBuffer[T]()
	buf.tile = grow(buf.tile, s.w*step)
	clear(buf.tile)
	if s.transposed {
		s.adjoint(&s.kernels, buf.tile, step, i0, i1)
	} else {
		s.forward(&s.kernels, buf.tile, step, i0, i1, 0, s.cols, skinnyInner)
	}
	s.deliver(buf.tile, step, i0, i1)
	giveBuffer(buf)
}

// step is how many elements of what comes out a part computes.
func (s *skinny[T]) step() int {
	if s.transposed {
		return skinnyColumns
	}
	return skinnyRows
}

// skinnyStretches computes the part of M·V of a stretch of the sums.
type skinnyStretches[T blas.Float] skinny[T]

func (q *skinnyStretches[T]) Part(part int) {
	s := (*skinny[T])(q)
	unit := s.kernels.Lanes
	units := (s.cols + unit - 1) / unit
	j0, j1 := units*part/s.stretches*unit, min(units*(part+1)/s.stretches*unit, s.cols)
	out := s.results[part*s.w*s.outer : (part+1)*s.w*s.outer]
	clear(out)
	s.forward(&s.kernels, out, s.outer, 0, s.rows, j0, j1, skinnyStretch)
}

// forward adds to out, vectors ldo apart, the product of rows i0 … i1−1, columns
// j0 … j1−1, of M with V, so many columns at a time.
func (s *skinny[T]) forward(k *kernel.Kernels[T], out []T, ldo, i0, i1, j0, j1, most int) {
	h := (i1 - i0) / kernel.RowUnit * kernel.RowUnit
	for ; j0 < j1; j0 += most {
		end := min(j0+most, j1)
		w := (end - j0) / k.Lanes * k.Lanes
		next := most
		if end == s.cols {
			next = h*s.ld - j0 // the rows below
		}
		for c := 0; c < s.w && h > 0 && w > 0; {
			g := s.group(c)
			k.Forward[g-1](h, w, s.large[i0*s.ld+j0:], s.ld, next, out[c*ldo:], ldo, s.v[c*s.ldv+j0:], s.ldv)
			c += g
		}
		if w > 0 {
			s.forwardRest(k, out, ldo, i0, h, i1-i0, j0, w)
		}
		if j0+w < end {
			s.plainForward(out, ldo, i0, i1, j0+w, end)
		}
	}
}

// group is how many vectors from the c-th on go together: even shares of those that are
// left.
func (s *skinny[T]) group(c int) int {
	left := s.w - c
	groups := (left + kernel.MaxColumns - 1) / kernel.MaxColumns
	return (left + groups - 1) / groups
}

// forwardRest is forward for rows from … to−1 behind i0, fewer than RowUnit, and w columns,
// a multiple of Lanes.
func (s *skinny[T]) forwardRest(k *kernel.Kernels[T], out []T, ldo, i0, from, to, j0, w int) {
	for i := from; i < to; {
		m := s.large[(i0+i)*s.ld+j0:]
		if i+4 <= to {
			for c := range s.w {
				k.Dots(w, m, s.ld, s.v[c*s.ldv+j0:], out[c*ldo+i:])
			}
			i += 4
			continue
		}
		for c := range s.w {
			out[c*ldo+i] += k.Dot(w, m, s.v[c*s.ldv+j0:])
		}
		i++
	}
}

// adjoint adds to out, vectors ldo apart, columns j0 … j1−1 of M times V.
func (s *skinny[T]) adjoint(k *kernel.Kernels[T], out []T, ldo, j0, j1 int) {
	h, w := s.rows/kernel.RowUnit*kernel.RowUnit, (j1-j0)/k.Lanes*k.Lanes
	for c := 0; c < s.w && h > 0 && w > 0; {
		g := s.group(c)
		k.Adjoint[g-1](h, w, s.large[j0:], s.ld, skinnyColumns, s.v[c*s.ldv:], s.ldv, out[c*ldo:], ldo)
		c += g
	}
	if w > 0 {
		s.adjointRest(k, out, ldo, h, j0, w)
	}
	if j0+w < j1 {
		s.plainAdjoint(out[w:], ldo, j0+w, j1)
	}
}

// adjointRest is adjoint for the rows from the i-th on, fewer than RowUnit, and w columns,
// a multiple of Lanes.
func (s *skinny[T]) adjointRest(k *kernel.Kernels[T], out []T, ldo, i, j0, w int) {
	for i < s.rows {
		m := s.large[i*s.ld+j0:]
		if i+4 <= s.rows {
			for c := range s.w {
				k.Combine(w, m, s.ld, s.v[c*s.ldv+i:], out[c*ldo:])
			}
			i += 4
			continue
		}
		for c := range s.w {
			k.Axpy(w, s.v[c*s.ldv+i], m, out[c*ldo:])
		}
		i++
	}
}

// plainForward is forward in plain Go.
func (s *skinny[T]) plainForward(out []T, ldo, i0, i1, j0, j1 int) {
	for i := i0; i < i1; i++ {
		row := s.large[i*s.ld+j0 : i*s.ld+j1]
		for c := range s.w {
			var sum T
			v := s.v[c*s.ldv+j0:][:len(row)]
			for j, a := range row {
				sum += a * v[j]
			}
			out[c*ldo+i-i0] += sum
		}
	}
}

// plainAdjoint is adjoint in plain Go.
func (s *skinny[T]) plainAdjoint(out []T, ldo, j0, j1 int) {
	for i := range s.rows {
		row := s.large[i*s.ld+j0 : i*s.ld+j1]
		for c := range s.w {
			v := s.v[c*s.ldv+i]
			to := out[c*ldo:][:len(row)]
			for j, a := range row {
				to[j] += a * v
			}
		}
	}
}

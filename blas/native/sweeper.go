package native

import (
	"lowrank/blas"
	"lowrank/kernel"
)

// sweeper carries one stretch of rows of X through the step
//
//	X ← X + η(Y − XG), then G ← XᵀX
//
// in a single sweep. One or two columns have kernels of their own; more go by
// in blocks of rows that stay in cache, two products of small matrices each: of
// the Panel kernels when a row of X fits in a vector, else of the Gemm kernel.
// begin, any number of update, diagonal or add, then end.
type sweeper[T blas.Float] struct {
	k        *kernel.Kernels[T]
	r, width int // columns of X, and those of the panels: a vector or whole tiles of Gemm

	g     []T // the Gram matrix of this iterate; −G in rows of width for r > 2
	gram  []T // sums of the next one, in rows of width
	x, y  []T // a block of rows, when those of the caller do not do
	sums  [5]T
	small [4]T // the Gram matrix for r ≤ 2

	norms blas.Norms // of the pass: Σ‖y − xG‖² and Σ‖y‖² over the rows of X
}

// SweepRows is the number of rows of r columns that a sweep takes together: whole tiles and
// groups of every row of kernels. It belongs to the order of sums.
func SweepRows(r int) int {
	if r <= 2 {
		return 768
	}
	return 96
}

// newSweeper prepares sweeps over rows of r columns.
func newSweeper[T blas.Float](k *kernel.Kernels[T], r int) *sweeper[T] {
	s := &sweeper[T]{k: k, r: r, width: r, g: make([]T, 4)}
	rows := SweepRows(r)
	switch {
	case s.panel():
		s.width = k.Lanes
		s.g, s.gram = make([]T, k.Lanes*k.Lanes), make([]T, k.Lanes*k.Lanes)
	case r > 2:
		s.width = roundUp(r, k.NR)
		s.g, s.gram = make([]T, r*s.width), make([]T, r*s.width)
	}
	s.x, s.y = make([]T, rows*s.width), make([]T, rows*s.width)
	return s
}

// panel says that a row of X fits in a vector.
func (s *sweeper[T]) panel() bool { return s.r > 2 && s.r <= s.k.Lanes }

// begin starts a pass. g is the r×r Gram matrix of X, both triangles filled;
// nil when only add is to be called.
func (s *sweeper[T]) begin(g []T) {
	s.norms = blas.Norms{}
	clear(s.small[:])
	clear(s.gram)
	switch {
	case g == nil:
	case s.r <= 2:
		copy(s.g, g[:s.r*s.r])
	default:
		for i := range s.r {
			for j, v := range g[i*s.r : (i+1)*s.r] {
				s.g[i*s.width+j] = -v
			}
		}
	}
}

// end adds the new Gram matrix to the lower triangle of gram.
func (s *sweeper[T]) end(gram []T) {
	if s.r <= 2 {
		for i := range s.r {
			for j := range i + 1 {
				gram[i*s.r+j] += s.small[2*i+j]
			}
		}
		return
	}
	for i := range s.r {
		row := s.gram[i*s.width:]
		for j := range i + 1 {
			gram[i*s.r+j] += row[j]
		}
	}
}

// update writes X + η(Y − XG) over m rows of y.
func (s *sweeper[T]) update(m int, eta T, x []T, ldx int, y []T, ldy int) {
	s.blocks(m, func(i, n int) { s.updateBlock(n, eta, x[i*ldx:], ldx, y[i*ldy:], ldy) })
}

// diagonal is update with Y = diag(λ)X formed on the way; it writes over x.
func (s *sweeper[T]) diagonal(m int, eta T, lambda, x []T, ldx int) {
	s.blocks(m, func(i, n int) { s.diagonalBlock(n, eta, lambda[i:], x[i*ldx:], ldx) })
}

// add adds the outer products of m rows to the Gram matrix.
func (s *sweeper[T]) add(m int, x []T, ldx int) {
	s.blocks(m, func(i, n int) {
		if s.r <= 2 {
			s.addSmall(n, x[i*ldx:], ldx)
			return
		}
		xb, _ := s.block(s.x, n, x[i*ldx:], ldx)
		s.addGram(n, xb)
	})
}

func (s *sweeper[T]) blocks(m int, block func(i, n int)) {
	rows := SweepRows(s.r)
	for i := 0; i < m; i += rows {
		block(i, min(rows, m-i))
	}
}

func (s *sweeper[T]) updateBlock(m int, eta T, x []T, ldx int, y []T, ldy int) {
	xb, _ := s.block(s.x, m, x, ldx)
	yb, own := s.block(s.y, m, y, ldy)
	if s.r <= 2 {
		s.smallStep(m, eta, nil, xb, yb)
	} else {
		s.step(m, eta, xb, yb, yb)
	}
	if own {
		s.copyBack(m, yb, y, ldy)
	}
}

func (s *sweeper[T]) diagonalBlock(m int, eta T, lambda, x []T, ldx int) {
	xb, own := s.block(s.x, m, x, ldx)
	if s.r <= 2 {
		s.smallStep(m, eta, lambda, xb, xb)
	} else {
		clear(s.y[m*s.width : s.padded(m)*s.width])
		s.k.ScaleRows(m, s.width, lambda, xb, s.y)
		s.step(m, eta, xb, s.y, xb)
	}
	if own {
		s.copyBack(m, xb, x, ldx)
	}
}

// padded is the number of rows that the kernels take for m of them.
func (s *sweeper[T]) padded(m int) int {
	if s.panel() {
		return roundUp(m, kernel.RowUnit)
	}
	return m
}

// block returns m rows as wide as panels and without gaps: the caller's own
// where they are that already, else a copy in own, padded with zeros.
func (s *sweeper[T]) block(own []T, m int, rows []T, ld int) (b []T, copied bool) {
	if ld == s.width && s.r == s.width && m == s.padded(m) {
		return rows[:m*ld], false
	}
	b = own[:s.padded(m)*s.width]
	clear(b[m*s.width:])
	for i := range m {
		to := b[i*s.width : (i+1)*s.width]
		clear(to[copy(to, rows[i*ld:i*ld+s.r]):])
	}
	return b, true
}

func (s *sweeper[T]) copyBack(m int, b, rows []T, ld int) {
	for i := range m {
		copy(rows[i*ld:i*ld+s.r], b[i*s.width:])
	}
}

// step makes the step on a block of rows as wide as panels: δ = Y − XG over y, then
// out = X + ηδ and its Gram matrix.
func (s *sweeper[T]) step(m int, eta T, x, y, out []T) {
	w := s.width
	s.norms.Product += float64(s.k.Dot(m*w, y, y))
	if s.panel() {
		s.k.PanelForward[0](s.padded(m), w, x, w, 0, y, s.g)
	}
	for j := 0; j < w && !s.panel(); j += s.k.NR {
		strips := m / s.k.MR
		s.k.Strips(strips, s.r, x, w, 1, s.k.MR*w, s.g[j:], w, y[j:], w, s.k.MR*w, s.g)
		if i := strips * s.k.MR; i < m {
			s.k.Gemm[m-i-1](s.r, x[i*w:], w, 1, s.g[j:], w, y[i*w+j:], w)
		}
	}
	s.norms.Gradient += float64(s.k.Finish(m*w, eta, x, y, out))
	s.addGram(m, out)
}

// addGram adds the Gram matrix of a block of rows, tile by tile of its
// lower triangle.
func (s *sweeper[T]) addGram(m int, x []T) {
	if s.panel() {
		s.k.PanelAdjoint[0](s.padded(m), s.width, x, s.width, 0, x, s.gram)
		return
	}
	for i := 0; i < s.r; i += s.k.MR {
		h := min(s.k.MR, s.r-i)
		for j := 0; j < i+h; j += s.k.NR {
			s.k.Gemm[h-1](m, x[i:], 1, s.width, x[j:], s.width, s.gram[i*s.width+j:], s.width)
		}
	}
}

// smallStep steps m rows of one or two columns, the last few in plain Go.
func (s *sweeper[T]) smallStep(m int, eta T, lambda, x, y []T) {
	group := 2 * s.k.Lanes / s.r
	groups := m / group
	if groups > 0 {
		if lambda == nil {
			s.k.Update[s.r-1](groups, eta, nil, x, y, s.g, s.sums[:])
		} else {
			s.k.Diagonal[s.r-1](groups, eta, lambda, x, x, s.g, s.sums[:])
		}
		s.take()
	}
	if done := groups * group; done < m {
		if lambda != nil {
			lambda = lambda[done:]
		}
		kernel.Step(s.r, eta, lambda, x[s.r*done:s.r*m], y[s.r*done:], s.g, s.sums[:])
		s.take()
	}
}

// take adds the sums of a call of the kernel.
func (s *sweeper[T]) take() {
	s.norms.Gradient += float64(s.sums[0])
	s.norms.Product += float64(s.sums[1])
	s.small[0] += s.sums[2]
	if s.r == 2 {
		s.small[3] += s.sums[3]
		s.small[2] += s.sums[4]
	}
}

func (s *sweeper[T]) addSmall(m int, x []T, ldx int) {
	var s00, s10, s11 T
	for i := range m {
		v := x[i*ldx]
		s00 += v * v
		if s.r == 2 {
			u := x[i*ldx+1]
			s10 += u * v
			s11 += u * u
		}
	}
	s.small[0] += s00
	s.small[2] += s10
	s.small[3] += s11
}

package kernel

// Sweeper carries one stretch of rows of X through the step
//
//	X ← X + η(Y − XG), then G ← XᵀX
//
// in a single sweep. One or two columns have kernels of their own; more go by
// in blocks of rows that stay in cache, two products of small matrices each: of
// the Panel kernels when a row of X fits in a vector, else of the Gemm kernel.
// Begin, any number of Update, Diagonal or Add, then End.
type Sweeper[T Float] struct {
	Kernels[T]
	r, width int // columns of X, and those of the panels: a vector or whole tiles of Gemm

	g     []T // the Gram matrix of this iterate; −G in rows of width for r > 2
	gram  []T // sums of the next one, in rows of width
	x, y  []T // a block of rows, when those of the caller do not do
	sums  [5]T
	small [4]T // the Gram matrix for r ≤ 2

	// Norms of the pass: Σ‖y − xG‖² and Σ‖y‖² over the rows of X.
	Gradient, Product float64
}

// rowsOfBlock is the number of rows that go by at a time: whole tiles and
// groups of every row of kernels. It belongs to the order of sums.
func rowsOfBlock(r int) int {
	if r <= 2 {
		return 768
	}
	return 96
}

// NewSweeper prepares sweeps over rows of r columns.
func NewSweeper[T Float](k Kernels[T], r int) *Sweeper[T] {
	s := &Sweeper[T]{Kernels: k, r: r, width: r, g: make([]T, 4)}
	rows := rowsOfBlock(r)
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
func (s *Sweeper[T]) panel() bool { return s.r > 2 && s.r <= s.Lanes }

// Begin starts a pass. g is the r×r Gram matrix of X, both triangles filled;
// nil when only Add is to be called.
func (s *Sweeper[T]) Begin(g []T) {
	s.Gradient, s.Product = 0, 0
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

// End adds the new Gram matrix to the lower triangle of gram.
func (s *Sweeper[T]) End(gram []T) {
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

// Update writes X + η(Y − XG) over m rows of y.
func (s *Sweeper[T]) Update(m int, eta T, x []T, ldx int, y []T, ldy int) {
	s.blocks(m, func(i, n int) { s.update(n, eta, x[i*ldx:], ldx, y[i*ldy:], ldy) })
}

// Diagonal is Update with Y = diag(λ)X formed on the way; it writes over x.
func (s *Sweeper[T]) Diagonal(m int, eta T, lambda, x []T, ldx int) {
	s.blocks(m, func(i, n int) { s.diagonal(n, eta, lambda[i:], x[i*ldx:], ldx) })
}

// Add adds the outer products of m rows to the Gram matrix.
func (s *Sweeper[T]) Add(m int, x []T, ldx int) {
	s.blocks(m, func(i, n int) {
		if s.r <= 2 {
			s.addSmall(n, x[i*ldx:], ldx)
			return
		}
		xb, _ := s.block(s.x, n, x[i*ldx:], ldx)
		s.addGram(n, xb)
	})
}

func (s *Sweeper[T]) blocks(m int, block func(i, n int)) {
	rows := rowsOfBlock(s.r)
	for i := 0; i < m; i += rows {
		block(i, min(rows, m-i))
	}
}

func (s *Sweeper[T]) update(m int, eta T, x []T, ldx int, y []T, ldy int) {
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

func (s *Sweeper[T]) diagonal(m int, eta T, lambda, x []T, ldx int) {
	xb, own := s.block(s.x, m, x, ldx)
	if s.r <= 2 {
		s.smallStep(m, eta, lambda, xb, xb)
	} else {
		clear(s.y[m*s.width : s.padded(m)*s.width])
		s.ScaleRows(m, s.width, lambda, xb, s.y)
		s.step(m, eta, xb, s.y, xb)
	}
	if own {
		s.copyBack(m, xb, x, ldx)
	}
}

// padded is the number of rows that the kernels take for m of them.
func (s *Sweeper[T]) padded(m int) int {
	if s.panel() {
		return roundUp(m, RowUnit)
	}
	return m
}

// block returns m rows as wide as panels and without gaps: the caller's own
// where they are that already, else a copy in own, padded with zeros.
func (s *Sweeper[T]) block(own []T, m int, rows []T, ld int) (b []T, copied bool) {
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

func (s *Sweeper[T]) copyBack(m int, b, rows []T, ld int) {
	for i := range m {
		copy(rows[i*ld:i*ld+s.r], b[i*s.width:])
	}
}

// step makes the step on a block of rows as wide as panels: δ = Y − XG over y, then
// out = X + ηδ and its Gram matrix.
func (s *Sweeper[T]) step(m int, eta T, x, y, out []T) {
	w := s.width
	s.Product += float64(s.Dot(m*w, y, y))
	if s.panel() {
		s.PanelForward[0](s.padded(m), w, x, w, 0, y, s.g)
	}
	for j := 0; j < w && !s.panel(); j += s.NR {
		strips := m / s.MR
		s.Strips(strips, s.r, x, w, 1, s.MR*w, s.g[j:], w, y[j:], w, s.MR*w, s.g)
		if i := strips * s.MR; i < m {
			s.Gemm[m-i-1](s.r, x[i*w:], w, 1, s.g[j:], w, y[i*w+j:], w)
		}
	}
	s.Gradient += float64(s.Finish(m*w, eta, x, y, out))
	s.addGram(m, out)
}

// addGram adds the Gram matrix of a block of rows, tile by tile of its
// lower triangle.
func (s *Sweeper[T]) addGram(m int, x []T) {
	if s.panel() {
		s.PanelAdjoint[0](s.padded(m), s.width, x, s.width, 0, x, s.gram)
		return
	}
	for i := 0; i < s.r; i += s.MR {
		h := min(s.MR, s.r-i)
		for j := 0; j < i+h; j += s.NR {
			s.Gemm[h-1](m, x[i:], 1, s.width, x[j:], s.width, s.gram[i*s.width+j:], s.width)
		}
	}
}

// smallStep steps m rows of one or two columns, the last few in plain Go.
func (s *Sweeper[T]) smallStep(m int, eta T, lambda, x, y []T) {
	group := 2 * s.Lanes / s.r
	groups := m / group
	if groups > 0 {
		if lambda == nil {
			s.Kernels.Update[s.r-1](groups, eta, nil, x, y, s.g, s.sums[:])
		} else {
			s.Kernels.Diagonal[s.r-1](groups, eta, lambda, x, x, s.g, s.sums[:])
		}
		s.take()
	}
	if done := groups * group; done < m {
		if lambda != nil {
			lambda = lambda[done:]
		}
		if s.r == 1 {
			step1(eta, lambda, x[done:m], y[done:], s.g, s.sums[:])
		} else {
			step2(eta, lambda, x[2*done:2*m], y[2*done:], s.g, s.sums[:])
		}
		s.take()
	}
}

// take adds the sums of a call of the kernel.
func (s *Sweeper[T]) take() {
	s.Gradient += float64(s.sums[0])
	s.Product += float64(s.sums[1])
	s.small[0] += s.sums[2]
	if s.r == 2 {
		s.small[3] += s.sums[3]
		s.small[2] += s.sums[4]
	}
}

func (s *Sweeper[T]) addSmall(m int, x []T, ldx int) {
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

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

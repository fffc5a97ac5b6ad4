package native

import (
	"lowrank/blas"
	"lowrank/blas/parallel"
)

// sweep goes over X in a fixed number of stretches of rows. Each part adds to
// a Gram matrix of its own; they are summed in the order of the parts.
type sweep[T blas.Float] struct {
	fused[T]
	d, r, parts int
	gram        [][]T // by part, lower triangle
	norms       []blas.Norms
	scratch     [][]T // by part, one row

	// The call under way.
	pass   int
	eta    T
	lambda []T
	x, y   blas.General[T]
	g      []T
}

const (
	passGram = iota
	passUpdate
	passDiagonal
)

// sweepBytes is what a block of rows of X and Y occupies: a part of any L2
// cache. It does not follow the caches, because sums are formed block by block.
const sweepBytes = 128 << 10

// sweepParts depends on the shape alone. A part has at least 256 rows and 16
// times as many as its Gram matrix.
func sweepParts(d, r int) int {
	return min(max(d/max(256, 16*r), 1), 32)
}

func (f fused[T]) NewSweep(d, r int) blas.Sweep[T] {
	if r < 1 {
		panic(badRank)
	}
	s := &sweep[T]{fused: f, d: d, r: r, parts: sweepParts(d, r)}
	s.gram = make([][]T, s.parts)
	s.scratch = make([][]T, s.parts)
	s.norms = make([]blas.Norms, s.parts)
	for i := range s.parts {
		s.gram[i] = make([]T, r*r)
		s.scratch[i] = make([]T, r)
	}
	return s
}

func (s *sweep[T]) Gram(x blas.General[T], g []T) {
	s.pass, s.x = passGram, x
	s.run(g)
}

func (s *sweep[T]) Update(eta T, x, y blas.General[T], g []T) blas.Norms {
	y.Check(s.d, s.r)
	s.pass, s.eta, s.x, s.y = passUpdate, eta, x, y
	return s.run(g)
}

func (s *sweep[T]) Diagonal(eta T, lambda []T, x blas.General[T], g []T) blas.Norms {
	if len(lambda) != s.d {
		panic(badShape)
	}
	s.pass, s.eta, s.x, s.lambda = passDiagonal, eta, x, lambda
	return s.run(g)
}

// run makes the pass that stands in s and sums what its parts left, into g.
func (s *sweep[T]) run(g []T) (n blas.Norms) {
	s.x.Check(s.d, s.r)
	if len(g) < s.r*s.r {
		panic(shortGram)
	}
	s.g = g
	threads := s.threads
	if float64(s.d)*float64(s.r)*float64(s.r) < serialBelow {
		threads = 1
	}
	parallel.Run(threads, s.parts, s)
	clear(g[:s.r*s.r])
	for p, gram := range s.gram {
		for i, v := range gram {
			g[i] += v
		}
		n.Gradient += s.norms[p].Gradient
		n.Product += s.norms[p].Product
	}
	blas.MirrorLower(s.r, g)
	s.x, s.y, s.lambda, s.g = blas.General[T]{}, blas.General[T]{}, nil, nil
	return n
}

// Part sweeps one stretch of rows. Where the kernel goes over a block more
// than once, the block is small enough to stay in cache.
func (s *sweep[T]) Part(part int) {
	gram, n := s.gram[part], &s.norms[part]
	clear(gram)
	*n = blas.Norms{}
	block := max(sweepBytes/(2*s.r*blas.SizeOf[T]())&^3, 16)
	end := s.d * (part + 1) / s.parts
	for i := s.d * part / s.parts; i < end; i += block {
		m := min(block, end-i)
		x, ldx := s.x.Data[i*s.x.Stride:], s.x.Stride
		var grad, size float64
		switch s.pass {
		case passGram:
			s.kernels.Gram(m, s.r, x, ldx, gram)
		case passUpdate:
			grad, size = s.kernels.Update(m, s.r, s.eta, x, ldx, s.y.Data[i*s.y.Stride:], s.y.Stride, s.g, gram)
		case passDiagonal:
			grad, size = s.kernels.Diagonal(m, s.r, s.eta, s.lambda[i:], x, ldx, s.g, gram, s.scratch[part])
		}
		n.Gradient += grad
		n.Product += size
	}
}

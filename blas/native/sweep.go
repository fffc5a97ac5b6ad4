package native

import (
	"lowrank/blas"
	"lowrank/blas/parallel"
)

// sweep goes over X in a fixed number of stretches of rows. Each part adds to
// a Gram matrix of its own; they are summed in the order of the parts.
type sweep[T blas.Float] struct {
	fused[T]
	d, r  int
	parts []sweepPart[T]

	// The call under way.
	pass   int
	eta    T
	lambda []T
	x, y   blas.General[T]
	g      []T
}

type sweepPart[T blas.Float] struct {
	*sweeper[T]
	gram []T // lower triangle
}

const (
	passGram = iota
	passUpdate
	passDiagonal
)

// sweepParts depends on the shape alone: a power of two, which most numbers of
// threads share evenly. A part has at least 512 rows and twice as many as its
// Gram matrix.
func sweepParts(d, r int) int {
	return powerBelow(min(max(d/max(512, 2*r), 1), 32))
}

func (f fused[T]) NewSweep(d, r int) blas.Sweep[T] {
	if r < 1 {
		panic(badRank)
	}
	s := &sweep[T]{fused: f, d: d, r: r, parts: make([]sweepPart[T], sweepParts(d, r))}
	for i := range s.parts {
		s.parts[i] = sweepPart[T]{newSweeper(&f.kernels, r), make([]T, r*r)}
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
	if s.d*s.r*(s.r+8) < sweepSerialBelow {
		threads = 1
	}
	parallel.Run(threads, len(s.parts), s)
	clear(g[:s.r*s.r])
	for _, p := range s.parts {
		for i, v := range p.gram {
			g[i] += v
		}
		n.Gradient += p.norms.Gradient
		n.Product += p.norms.Product
	}
	blas.MirrorLower(s.r, g)
	s.x, s.y, s.lambda, s.g = blas.General[T]{}, blas.General[T]{}, nil, nil
	return n
}

// Part sweeps one stretch of rows.
func (s *sweep[T]) Part(part int) {
	p := s.parts[part]
	i0, i1 := s.d*part/len(s.parts), s.d*(part+1)/len(s.parts)
	m, x := i1-i0, s.x.Data[min(i0*s.x.Stride, len(s.x.Data)):]
	clear(p.gram)
	switch s.pass {
	case passGram:
		p.begin(nil)
		p.add(m, x, s.x.Stride)
	case passUpdate:
		p.begin(s.g)
		p.update(m, s.eta, x, s.x.Stride, s.y.Data[min(i0*s.y.Stride, len(s.y.Data)):], s.y.Stride)
	case passDiagonal:
		p.begin(s.g)
		p.diagonal(m, s.eta, s.lambda[i0:], x, s.x.Stride)
	}
	p.end(p.gram)
}

package problem

import (
	"hash"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strconv"

	"lowrank/blas"
	"lowrank/solvers/operator"
)

// RegenerateMeasurements makes m random measurements of symmetric n×n
// matrices, m, n ≥ 1, with the very matrices that GenerateMeasurements makes of
// the ensemble "gaussian" and the same seed. They are not held: each pass draws
// them again, n(n+1)/2 normal numbers a matrix, so that m may be any number. A
// pass allocates nothing.
func RegenerateMeasurements[T blas.Float](b *blas.Backend, n, m int, seed uint64) operator.Measurement[T] {
	threads := max(b.Threads, 1)
	free := make(chan *matrixStream, threads) // one for each thread of a pass
	for range threads {
		free <- newMatrixStream(seed)
	}
	return operator.NewRegenerated(b, n, m, func(i int, dst []T) {
		s := <-free
		triangleFrom(s.of(i), n, dst)
		free <- s
	})
}

// matrixStream is the random streams that gaussianTriangle takes from
// solvers.Stream, one at a time, without its allocations.
type matrixStream struct {
	seed   uint64
	hash   hash.Hash64
	name   []byte
	source *rand.PCG
	rnd    *rand.Rand
}

func newMatrixStream(seed uint64) *matrixStream {
	s := &matrixStream{seed: seed, hash: fnv.New64a(), name: make([]byte, 0, 40), source: rand.NewPCG(0, 0)}
	s.rnd = rand.New(s.source)
	return s
}

// of is the stream of matrix i, from its beginning. It ends the one before.
func (s *matrixStream) of(i int) *rand.Rand {
	s.name = strconv.AppendInt(append(s.name[:0], "measurement "...), int64(i), 10)
	s.hash.Reset()
	s.hash.Write(s.name)
	s.source.Seed(s.seed, s.hash.Sum64())
	return s.rnd
}

// triangleFrom draws a matrix as gaussianTriangle does.
func triangleFrom[T blas.Float](rnd *rand.Rand, n int, dst []T) {
	for j := range n {
		row := dst[:j+1]
		for k := range j {
			row[k] = T(rnd.NormFloat64() * math.Sqrt2 / 2)
		}
		row[j] = T(rnd.NormFloat64())
		dst = dst[j+1:]
	}
}

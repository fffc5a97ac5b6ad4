package solvers

import (
	"hash/fnv"
	"math/rand/v2"
)

// Stream returns the random numbers of one named quantity under a seed. Each
// random matrix has a stream of its own, so that adding one does not shift
// another.
func Stream(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

package suite

import (
	"fmt"
	"runtime/debug"

	"lowrank/blas"
	"lowrank/data/problem"
)

// kept is the data of the last operation: its making takes longer than a step.
var kept struct {
	key   string
	value any
}

// keep returns the data of that key, made anew unless it was the last.
func keep[V any](key string, build func() (V, error)) (V, error) {
	if v, ok := kept.value.(V); ok && kept.key == key {
		return v, nil
	}
	kept.key, kept.value = "", nil
	debug.FreeOSMemory() // before the next is made
	v, err := build()
	if err == nil {
		kept.key, kept.value = key, v
	}
	return v, err
}

// keyOf tells data of the same kind apart.
func keyOf[T blas.Float](b *blas.Backend, parts ...any) string {
	return fmt.Sprint(b.Name, b.Threads, blas.SizeOf[T](), parts)
}

// elementsFit is an error when so many elements of type T do not fit in memory.
func elementsFit[T blas.Float](what string, elements float64) error {
	return problem.CheckMemory(what, elements*float64(blas.SizeOf[T]()))
}

// thinCopies are X_0, X and ΣX and what a product lays out of them.
const thinCopies = 6

// thinFit is elementsFit for those of d×r.
func thinFit[T blas.Float](d, r int) error {
	return elementsFit[T](fmt.Sprintf("a step of order %d with %d columns", d, r), thinCopies*float64(d)*float64(r))
}

// element is a cheap number in (−1, 1) that depends on the place.
func element(i, j int) float64 {
	h := uint64(i)*0x9e3779b97f4a7c15 ^ uint64(j)*0xbf58476d1ce4e5b9
	return float64(int64(h^h>>29)) / (1 << 63)
}

// filled is a matrix of such numbers, scaled.
func filled[T blas.Float](rows, cols int, scale float64, salt int) blas.General[T] {
	m := blas.NewGeneral[T](rows, cols)
	for i := range m.Data {
		m.Data[i] = T(scale * element(i, salt))
	}
	return m
}

// still is a step η that leaves X where it starts: a trajectory would lead its
// elements to numbers below the normal ones, which take longer.
const still = 1e-9

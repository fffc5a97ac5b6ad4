package problem

import (
	"fmt"

	"lowrank/blas"
	"lowrank/data/memory"
)

// DenseBytes is the memory that a dense Σ of order d takes with a backend: one
// triangle of elements of type S where the backend has a storage of its own,
// else the square of elements of type T.
func DenseBytes[S, T blas.Float](b *blas.Backend, d int) float64 {
	square := float64(d) * float64(d)
	if _, ok := b.BLAS.(blas.Fuser); ok {
		return square / 2 * float64(blas.SizeOf[S]())
	}
	return square * float64(blas.SizeOf[T]())
}

// RunBytes bounds the memory of gradient descent beside Σ: X_0, X and ΣX, what a
// product and a sweep lay out and sum, with a basis its vectors and those of the
// iteration that finds them.
func RunBytes[T blas.Float](d, r int, basis bool) float64 {
	// X and ΣX of the iteration and of the product, and Gram matrices of up to 32
	// parts that have at least 2r rows each: 3r² numbers a part are 1.5 copies.
	// Columns are padded to whole vectors.
	const copies, padding = 8, 16
	dr := float64(d) * float64(r+padding)
	bytes := dr*8 + (copies*dr+32*float64(r)*float64(r))*float64(blas.SizeOf[T]())
	if basis {
		bytes += 8 * float64(d) * (200 + 24*float64(r))
	}
	return bytes
}

// CheckMemory is an error when what needs more bytes than are available. Where
// that is not known it is nil.
func CheckMemory(what string, bytes float64) error {
	if free := memory.Available(); free > 0 && bytes > free {
		return fmt.Errorf("%s needs %s; this machine has %s of memory available", what, HumanBytes(bytes), HumanBytes(free))
	}
	return nil
}

// HumanBytes writes a number of bytes with three digits and a unit.
func HumanBytes(v float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	for v >= 1024 && len(units) > 1 {
		v, units = v/1024, units[1:]
	}
	return fmt.Sprintf("%.3g %s", v, units[0])
}

package problem

import (
	"fmt"
	"math"

	"lowrank/blas"
)

// DenseBytes is the memory that a dense Σ of order d takes with a backend:
// one triangle where the backend has a storage of its own, else the square.
func DenseBytes[T blas.Float](b *blas.Backend, d int) int64 {
	elements := float64(d) * float64(d)
	if _, ok := b.BLAS.(blas.Fuser); ok {
		elements = elements / 2
	}
	return int64(min(elements*float64(blas.SizeOf[T]()), math.MaxInt64/2))
}

// CheckMemory is an error when what needs more bytes than this machine has
// memory. Where that is not known it is nil.
func CheckMemory(what string, bytes int64) error {
	if total := totalMemory(); total > 0 && bytes > total {
		return fmt.Errorf("%s needs %s; this machine has %s of memory", what, humanBytes(bytes), humanBytes(total))
	}
	return nil
}

func humanBytes(n int64) string {
	v, units := float64(n), []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	for v >= 1024 && len(units) > 1 {
		v, units = v/1024, units[1:]
	}
	return fmt.Sprintf("%.3g %s", v, units[0])
}

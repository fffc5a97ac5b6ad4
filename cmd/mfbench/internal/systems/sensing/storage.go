package sensing

import (
	"lowrank/blas"
	"lowrank/data/problem"
)

// held is how matrices are held: as asked for, else as the elements of the run,
// where generated ones fit in memory.
func held[T blas.Float](f *Flags, b *blas.Backend) problem.Held {
	switch {
	case f.storage == "f32" || f.Dtype == "mixed":
		return problem.HeldFloat32
	case f.storage == "bf16":
		return problem.HeldBFloat16
	case f.storage == "regenerate":
		return problem.HeldRegenerated
	case f.storage == "" && f.generate == "gaussian" && !problem.FitsInMemory[T](b, f.n, f.count, problem.HeldWide) && problem.FitsInMemory[T](b, f.n, f.count, problem.HeldRegenerated):
		return problem.HeldRegenerated
	}
	return problem.HeldWide
}

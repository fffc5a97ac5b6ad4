package problem

import (
	"fmt"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Ensembles are the kinds of random measurements, with a line of help.
var ensembles = []struct{ name, help string }{
	{"gaussian", "symmetric matrices, N(0, 1) on the diagonal and N(0, 1/2) off it"},
	{"vectors", "a aᵀ, entries of a from N(0, 1)"},
	{"entries", "single elements, places drawn evenly"},
}

// EnsembleNames lists the kinds of random measurements.
func EnsembleNames() []string {
	var names []string
	for _, e := range ensembles {
		names = append(names, e.name)
	}
	return names
}

// EnsembleHelp has a line for each of them.
func EnsembleHelp() string {
	var s string
	for _, e := range ensembles {
		s += fmt.Sprintf("  %-11s %s\n", e.name, e.help)
	}
	return s
}

// Held is how the matrices of a Gaussian ensemble are held.
type Held int

const (
	HeldWide        Held = iota // as the element type of the arithmetic
	HeldFloat32                 // rounded to float32
	HeldBFloat16                // rounded to bfloat16
	HeldRegenerated             // not at all: drawn again in every pass
)

// GenerateMeasurements makes m random measurements of symmetric n×n matrices.
// A Gaussian ensemble keeps norms on average: E‖𝒜(Z)‖² = ‖Z‖_F². held is for
// that one; rounded Gaussian matrices are an ensemble of their own.
func GenerateMeasurements[T blas.Float](b *blas.Backend, ensemble string, n, m int, held Held, seed uint64) (operator.Measurement[T], error) {
	if err := CheckMemory(fmt.Sprintf("%d measurements of %d×%d matrices", m, n, n), measurementBytes[T](b, ensemble, n, m, held)); err != nil {
		return nil, err
	}
	fill := func(i int, dst []T) { gaussianTriangle(n, i, seed, dst) }
	switch {
	case ensemble == "vectors":
		return operator.NewRankOne(b, blas.Convert[T](solvers.Gaussian(m, n, 1, seed, "measurement vectors"))), nil
	case ensemble == "entries":
		rnd := solvers.Stream(seed, "measured places")
		row, col := make([]int, m), make([]int, m)
		for e := range row {
			row[e], col[e] = rnd.IntN(n), rnd.IntN(n)
		}
		return operator.NewEntries[T](b, n, row, col), nil
	case ensemble != "gaussian":
		return nil, fmt.Errorf("measurements %q are unknown; expected one of %v", ensemble, EnsembleNames())
	case held == HeldFloat32:
		return operator.NewRoundedMatrices(b, n, m, blas.AsFloat32, fill), nil
	case held == HeldBFloat16:
		return operator.NewRoundedMatrices(b, n, m, blas.AsBFloat16, fill), nil
	case held == HeldRegenerated:
		return RegenerateMeasurements[T](b, n, m, seed), nil
	}
	return operator.NewMatrices(b, n, m, fill), nil
}

// measurementBytes is what generated measurements take.
func measurementBytes[T blas.Float](b *blas.Backend, ensemble string, n, m int, held Held) float64 {
	size, triangle := float64(blas.SizeOf[T]()), float64(n)*float64(n+1)/2
	switch ensemble {
	case "vectors":
		return float64(m) * float64(n) * (size + 8)
	case "entries":
		return float64(m) * 40
	}
	// Parts of a pass have sums of their own, and the parts of a regenerated one
	// a matrix each.
	parts := float64(min(m, 16))
	if _, own := b.BLAS.(blas.Fuser); own {
		switch held {
		case HeldFloat32:
			size = 4
		case HeldBFloat16:
			size = 2
		}
	}
	if held == HeldRegenerated {
		return (2*parts + 4) * triangle * float64(blas.SizeOf[T]())
	}
	return float64(m)*triangle*size + (parts+4)*triangle*8
}

// FitsInMemory says whether a Gaussian ensemble can be held.
func FitsInMemory[T blas.Float](b *blas.Backend, n, m int, held Held) bool {
	return CheckMemory("", measurementBytes[T](b, "gaussian", n, m, held)) == nil
}

// gaussianTriangle draws A_i of the Gaussian ensemble. Each matrix has a
// stream of its own, so that they can be drawn in any order.
func gaussianTriangle[T blas.Float](n, i int, seed uint64, dst []T) {
	triangleFrom(solvers.Stream(seed, fmt.Sprintf("measurement %d", i)), n, dst)
}

// Truth is a random n×r matrix with orthonormal columns, the X of a generated
// sensing problem.
func Truth(n, r int, seed uint64) blas.General[float64] {
	return Orthonormal(n, r, seed, "truth")
}

// ConditionedTruth is Truth with singular values evenly from 1 to 1/κ, κ ≥ 1; one column has 1.
func ConditionedTruth(n, r int, condition float64, seed uint64) blas.General[float64] {
	x := Truth(n, r, seed)
	for j := 1; j < r; j++ {
		sigma := 1 - (1-1/condition)*float64(j)/float64(r-1)
		for i := range n {
			x.Row(i)[j] *= sigma
		}
	}
	return x
}

// AddNoise adds a Gaussian vector of norm share·‖y‖ to y.
func AddNoise[T blas.Float](y []T, share float64, seed uint64) {
	rnd := solvers.Stream(seed, "noise of y")
	noise := make([]float64, len(y))
	for i := range noise {
		noise[i] = rnd.NormFloat64()
	}
	scale := share * solvers.Norm(y) / solvers.Norm(noise)
	for i, v := range noise {
		y[i] += T(scale * v)
	}
}

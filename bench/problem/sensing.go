package problem

import (
	"fmt"
	"math"

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

// GenerateMeasurements makes m random measurements of symmetric n×n matrices.
// A Gaussian ensemble keeps norms on average: E‖𝒜(Z)‖² = ‖Z‖_F².
func GenerateMeasurements[T blas.Float](b *blas.Backend, ensemble string, n, m int, seed uint64) (operator.Measurement[T], error) {
	var bytes float64
	switch size := float64(blas.SizeOf[T]()); ensemble {
	case "gaussian":
		bytes = float64(m) * float64(n) * float64(n+1) / 2 * size
	case "vectors":
		bytes = float64(m) * float64(n) * (size + 8)
	case "entries":
		bytes = float64(m) * 40
	default:
		return nil, fmt.Errorf("measurements %q are unknown; expected one of %v", ensemble, EnsembleNames())
	}
	if err := CheckMemory(fmt.Sprintf("%d measurements of %d×%d matrices", m, n, n), bytes); err != nil {
		return nil, err
	}
	switch ensemble {
	case "gaussian":
		return operator.NewMatrices(b, n, m, func(i int, dst []T) { gaussianTriangle(n, i, seed, dst) }), nil
	case "vectors":
		return operator.NewRankOne(b, blas.Convert[T](solvers.Gaussian(m, n, 1, seed, "measurement vectors"))), nil
	}
	rnd := solvers.Stream(seed, "measured places")
	row, col := make([]int, m), make([]int, m)
	for e := range row {
		row[e], col[e] = rnd.IntN(n), rnd.IntN(n)
	}
	return operator.NewEntries[T](b, n, row, col), nil
}

// gaussianTriangle draws A_i of the Gaussian ensemble. Each matrix has a
// stream of its own, so that they can be drawn in any order.
func gaussianTriangle[T blas.Float](n, i int, seed uint64, dst []T) {
	rnd := solvers.Stream(seed, fmt.Sprintf("measurement %d", i))
	for j, at := 0, 0; j < n; j++ {
		for range j {
			dst[at] = T(rnd.NormFloat64() * math.Sqrt2 / 2)
			at++
		}
		dst[at] = T(rnd.NormFloat64())
		at++
	}
}

// Truth is a random n×r matrix with orthonormal columns, the X of a generated
// sensing problem.
func Truth(n, r int, seed uint64) blas.General[float64] {
	return Orthonormal(n, r, seed, "truth")
}

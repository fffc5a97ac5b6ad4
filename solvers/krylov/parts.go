package krylov

import (
	"fmt"

	"lowrank/blas"
)

// PartsOf are the elements of matrices without gaps, to be saved.
func PartsOf(m []blas.General[float64]) [][]float64 {
	parts := make([][]float64, len(m))
	for i := range m {
		parts[i] = m[i].Data[:m[i].Rows*m[i].Cols]
	}
	return parts
}

// SetParts sets matrices to what PartsOf returned of others of the same shapes.
func SetParts(m []blas.General[float64], parts [][]float64) error {
	if len(parts) != len(m) {
		return fmt.Errorf("the state has %d perturbations; expected %d", len(parts), len(m))
	}
	for i := range m {
		if n := m[i].Rows * m[i].Cols; len(parts[i]) != n {
			return fmt.Errorf("the state has a perturbation of %d elements; expected %d", len(parts[i]), n)
		}
		copy(m[i].Data, parts[i])
	}
	return nil
}

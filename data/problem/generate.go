package problem

import (
	"fmt"

	"lowrank/blas"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// Form is how a generated Σ is held.
type Form int

const (
	AsDiagonal Form = iota // diag(λ)
	AsDense                // QΛQᵀ with a random orthogonal Q
	AsRounded              // the same, its elements held as float32
)

// Generate makes a Σ of order d with a named spectrum, and the basis of its r leading
// eigenvectors; the basis is nil when r ≥ d, which leaves no eigenvalue behind
// them, and when Σ is rounded, which changes them.
func Generate[T blas.Float](b *blas.Backend, spectrum string, d, r int, form Form, seed uint64) (operator.Operator[T], *symmetric.Eigenbasis, error) {
	eigenvalues, err := SpectrumNamed(spectrum)
	if err != nil {
		return nil, nil, err
	}
	// Beside Σ: λ, the reflections and the eigenvectors.
	bytes := 8 * float64(d) * (3 + 2*Reflections + float64(min(r, d)))
	switch form {
	case AsDense:
		bytes += DenseBytes[T, T](b, d)
	case AsRounded:
		bytes += DenseBytes[float32, T](b, d)
	}
	if err := CheckMemory(fmt.Sprintf("a generated Σ of order %d", d), bytes); err != nil {
		return nil, nil, err
	}
	lambda := eigenvalues(d)
	if form == AsDiagonal {
		op := operator.NewDiagonal(b, convert[T](lambda))
		if r >= d {
			return op, nil, nil
		}
		return op, symmetric.DiagonalEigenbasis(op, r), nil
	}
	m := NewDense(lambda, seed)
	var op operator.Operator[T]
	if form == AsRounded {
		op = operator.NewRounded[T](b, d, func(i int, dst []float32) { row(m, i, dst) })
	} else {
		op = operator.NewDense(b, d, func(i int, dst []T) { row(m, i, dst) })
	}
	if r >= d || form == AsRounded {
		return op, nil, nil
	}
	return op, &symmetric.Eigenbasis{Values: lambda[:r+1], Vectors: m.Eigenvectors(r)}, nil
}

func convert[T blas.Float](x []float64) []T {
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(v)
	}
	return y
}

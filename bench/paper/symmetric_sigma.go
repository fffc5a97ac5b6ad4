package paper

import (
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// figure1Sigma is a Σ with the spectrum of Figure 1: diagonal, or QΛQᵀ.
type figure1Sigma struct {
	lambda []float64
	op     operator.Operator[float64]
	dense  *problem.Dense // nil for a diagonal Σ
}

func newFigure1Sigma(b *blas.Backend, d int, dense bool, seed uint64) *figure1Sigma {
	p := &figure1Sigma{lambda: problem.Figure1Spectrum(d)}
	if dense {
		p.dense = problem.NewDense(p.lambda, seed)
		p.op = operator.NewDense(b, d, p.dense.Row)
	} else {
		p.op = operator.NewDiagonal(b, p.lambda)
	}
	return p
}

// start is X_0 = scale·N_0, for a dense Σ the same in the eigenbasis: the same
// curve.
func (p *figure1Sigma) start(r int, scale float64, seed uint64) blas.General[float64] {
	x0 := symmetric.RandomStart(len(p.lambda), r, scale, seed)
	if p.dense != nil {
		p.dense.Rotate(x0)
	}
	return x0
}

// vectors are the first n eigenvectors.
func (p *figure1Sigma) vectors(n int) blas.General[float64] {
	if p.dense != nil {
		return p.dense.Eigenvectors(n)
	}
	v := blas.NewGeneral[float64](len(p.lambda), n)
	for k := range n {
		v.Row(k)[k] = 1
	}
	return v
}

// basis is what the theory of rank r needs.
func (p *figure1Sigma) basis(r int) *symmetric.Eigenbasis {
	return &symmetric.Eigenbasis{Values: p.lambda[:r+1], Vectors: p.vectors(r)}
}

package bench

import (
	"lowrank/blas"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/deep"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
	"lowrank/solvers/symmetric"
)

// Load is what an iteration needs at least. The bound of its time is that of
// Pass + Bytes and Flops.
type Load struct {
	Pass  float64 // bytes of the data, shared by the runs of an ensemble
	Bytes float64 // beside the data, of each run
	Flops float64 // of each run
}

// SymmetricLoad is that of a step X ← X + η(Σ − XXᵀ)X: a reading of Σ and three
// sweeps over X, two for a diagonal Σ.
func SymmetricLoad[T blas.Float](op operator.Operator[T], s *symmetric.Solver[T]) Load {
	x := s.X()
	dr, sweeps := float64(x.Rows)*float64(x.Cols), 3.0
	if _, ok := op.(*operator.Diagonal[T]); ok {
		sweeps = 2
	}
	return Load{float64(op.Bytes()), sweeps * dr * float64(blas.SizeOf[T]()), op.Flops(x.Cols) + 3*dr*float64(x.Cols)}
}

// AsymmetricLoad is that of a step on XYᵀ: a reading of A, and of both factors
// three sweeps.
func AsymmetricLoad[T blas.Float](a operator.Rectangular[T], s *asymmetric.Solver[T]) Load {
	k := float64(s.X().Cols)
	thin := 3 * float64(s.X().Rows+s.Y().Rows) * k
	return Load{float64(a.Bytes()), thin * float64(blas.SizeOf[T]()), a.Flops(s.X().Cols) + thin*k}
}

// SensingLoad is that of a step on UUᵀ: a reading of the measurements.
func SensingLoad[T blas.Float](a operator.Measurement[T], s *sensing.Solver[T]) Load {
	u := s.U()
	nr := float64(u.Rows) * float64(u.Cols)
	return Load{float64(a.Bytes()), 3 * nr * float64(blas.SizeOf[T]()), a.Flops(u.Cols)}
}

// DeepLoad is that of a step on W_N⋯W_1: a reading of Ŵ and three of each factor.
func DeepLoad[T blas.Float](s *deep.Solver[T]) Load {
	elements := 0.0
	for _, w := range s.Factors() {
		elements += 3 * float64(w.Rows) * float64(w.Cols)
	}
	p := s.Product()
	size := float64(blas.SizeOf[T]())
	return Load{float64(p.Rows) * float64(p.Cols) * size, elements * size, s.Flops()}
}

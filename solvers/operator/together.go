package operator

import "lowrank/blas"

// Together are operators that multiply several matrices in one pass over their
// data. Each result has the bits of its own product.
type Together[T blas.Float] interface {
	// ReserveEach allocates what MulEach needs for matrices of these numbers of
	// columns. MulEach calls it; while they stay the same it allocates nothing.
	ReserveEach(r []int)
	// MulEach sets dst[i] = Σ·x[i].
	MulEach(dst, x []blas.General[T]) error
}

// MulEach sets dst[i] = Σ·x[i], in one pass where the operator can.
func MulEach[T blas.Float](op Operator[T], dst, x []blas.General[T]) error {
	if together, ok := op.(Together[T]); ok {
		return together.MulEach(dst, x)
	}
	for i := range x {
		if err := op.Mul(dst[i], x[i]); err != nil {
			return err
		}
	}
	return nil
}

// RectangularTogether are matrices A that make the passes of several pairs of
// factors in one. Each result has the bits of its own pass.
type RectangularTogether[T blas.Float] interface {
	// MulEach is Rectangular.Mul for every pair.
	MulEach(ay, atx, x, y []blas.General[T]) error
	// AlternateEach is Rectangular.Alternate for every pair.
	AlternateEach(eta []T, next, atx, x, y []blas.General[T], g, gnext [][]T, norms []blas.Norms) error
}

// MulPairs is Rectangular.Mul for several pairs, in one pass where A can.
func MulPairs[T blas.Float](a Rectangular[T], ay, atx, x, y []blas.General[T]) error {
	if together, ok := a.(RectangularTogether[T]); ok {
		return together.MulEach(ay, atx, x, y)
	}
	for i := range x {
		if err := a.Mul(ay[i], atx[i], x[i], y[i]); err != nil {
			return err
		}
	}
	return nil
}

// AlternatePairs is Rectangular.Alternate for several pairs, in one pass where
// A can.
func AlternatePairs[T blas.Float](a Rectangular[T], eta []T, next, atx, x, y []blas.General[T], g, gnext [][]T, norms []blas.Norms) error {
	if together, ok := a.(RectangularTogether[T]); ok {
		return together.AlternateEach(eta, next, atx, x, y, g, gnext, norms)
	}
	for i := range x {
		n, err := a.Alternate(eta[i], next[i], atx[i], x[i], y[i], g[i], gnext[i])
		if err != nil {
			return err
		}
		norms[i] = n
	}
	return nil
}

// MeasurementTogether are measurements that make the passes of several runs in
// one. Each result has the bits of its own pass.
type MeasurementTogether[T blas.Float] interface {
	// GradientEach is Measurement.Gradient for every U.
	GradientEach(dst []blas.General[T], residual [][]T, u []blas.General[T], y []T) error
}

// Gradients is Measurement.Gradient for several U, in one pass where the
// measurements can.
func Gradients[T blas.Float](a Measurement[T], dst []blas.General[T], residual [][]T, u []blas.General[T], y []T) error {
	if together, ok := a.(MeasurementTogether[T]); ok {
		return together.GradientEach(dst, residual, u, y)
	}
	for i := range u {
		if err := a.Gradient(dst[i], residual[i], u[i], y); err != nil {
			return err
		}
	}
	return nil
}

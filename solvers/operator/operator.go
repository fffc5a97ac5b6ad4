package operator

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"

	"lowrank/blas"
)

// Operator is a symmetric d×d matrix Σ. Its methods serve one caller at a
// time. Nothing is assumed of where Σ lives: a product may read a file larger
// than memory or ask other machines, and may fail.
type Operator[T blas.Float] interface {
	// Dim is d.
	Dim() int
	// Reserve allocates what Mul needs for matrices of r columns. Mul calls it;
	// while r stays the same it allocates nothing.
	Reserve(r int)
	// Mul sets dst = Σ·x in one pass over Σ. Both are d×r, r ≥ 1, and must not
	// overlap; r may differ from call to call. An error means that Σ could not
	// be read; dst is then undefined.
	Mul(dst, x blas.General[T]) error
	// Bytes is what one pass must read of Σ.
	Bytes() int64
	// Held is the bytes that Σ takes in memory, without what Reserve allocates.
	Held() int64
	// Flops is what one pass computes for r columns.
	Flops(r int) float64
}

// Stepper is an operator that makes a whole gradient step in its pass.
type Stepper[T blas.Float] interface {
	Operator[T]
	// Step sets X ← X + η(ΣX − XG), then G ← XᵀX, in place.
	Step(eta T, x blas.General[T], g []T) (blas.Norms, error)
	// Norm is the spectral norm ‖Σ‖₂, or an upper bound of it.
	Norm() float64
}

// Distancer is an operator that computes ‖Σ − XXᵀ‖_F and ‖Σ‖_F itself.
type Distancer interface {
	// Distance is accurate to a rounding error of ‖Σ‖_F also where XXᵀ is close
	// to Σ: it does not take rounded sums of squares of the two from each other.
	Distance(x blas.General[float64]) (distance, norm float64, err error)
}

// identityColumns is the width of the pieces of the identity that Distance
// multiplies with.
const identityColumns = 64

// Distance returns ‖Σ − XXᵀ‖_F and ‖Σ‖_F: by the operator's own method where
// it has one, else from products with the columns of the identity, d/64
// passes.
func Distance[T blas.Float](op Operator[T], x blas.General[float64]) (distance, norm float64, err error) {
	d := op.Dim()
	x.Check(d, x.Cols)
	if own, ok := op.(Distancer); ok {
		return own.Distance(x)
	}
	var row [identityColumns]float64
	for j0 := 0; j0 < d; j0 += identityColumns {
		w := min(identityColumns, d-j0)
		e, s := blas.NewGeneral[T](d, w), blas.NewGeneral[T](d, w)
		for j := range w {
			e.Row(j0 + j)[j] = 1
		}
		op.Reserve(w)
		if err := op.Mul(s, e); err != nil {
			return 0, 0, err
		}
		for i := range d {
			for j, v := range s.Row(i) {
				row[j] = float64(v)
			}
			norm = math.Hypot(norm, nrm2(row[:w]))
			for j := range w {
				row[j] -= dot(x.Row(i), x.Row(j0+j))
			}
			distance = math.Hypot(distance, nrm2(row[:w]))
		}
	}
	return distance, norm, nil
}

// heldBy is the bytes of a matrix.
func heldBy[T blas.Float](m blas.General[T]) int64 { return int64(len(m.Data) * blas.SizeOf[T]()) }

// nrm2 is the Euclidean norm, with its squares scaled.
func nrm2(x []float64) float64 {
	return blas64.Nrm2(blas64.Vector{N: len(x), Data: x, Inc: 1})
}

func dot(x, y []float64) float64 {
	var s float64
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

// Panic strings of this package, for errors of the programmer.
const (
	badShape     = "operator: shapes of matrices do not fit"
	notSymmetric = "operator: the matrix is not symmetric"
)

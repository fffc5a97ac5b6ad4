package operator

import (
	"math"
	"slices"

	"lowrank/blas"
)

// Diagonal is Σ = diag(λ), in any order of its elements. A step of gradient
// descent is one sweep over X.
type Diagonal[T blas.Float] struct {
	lambda []T
	fused  blas.Fused[T]
	sweep  blas.Sweep[T]
	cols   int
}

// NewDiagonal keeps lambda.
func NewDiagonal[T blas.Float](b *blas.Backend, lambda []T) *Diagonal[T] {
	return &Diagonal[T]{lambda: lambda, fused: blas.FusedOf[T](b)}
}

func (o *Diagonal[T]) Dim() int { return len(o.lambda) }

func (o *Diagonal[T]) Bytes() int64 { return int64(len(o.lambda)) * int64(blas.SizeOf[T]()) }

func (o *Diagonal[T]) Held() int64 { return o.Bytes() }

// Flops is dr.
func (o *Diagonal[T]) Flops(r int) float64 { return float64(o.Dim()) * float64(r) }

func (o *Diagonal[T]) Reserve(r int) {
	if o.cols != r {
		o.sweep, o.cols = o.fused.NewSweep(o.Dim(), r), r
	}
}

func (o *Diagonal[T]) Mul(dst, x blas.General[T]) error {
	x.Check(o.Dim(), x.Cols)
	dst.Check(o.Dim(), x.Cols)
	for i, l := range o.lambda {
		to := dst.Row(i)
		for j, v := range x.Row(i) {
			to[j] = l * v
		}
	}
	return nil
}

func (o *Diagonal[T]) Step(eta T, x blas.General[T], g []T) (blas.Norms, error) {
	o.Reserve(x.Cols)
	return o.sweep.Diagonal(eta, o.lambda, x, g), nil
}

// Norm is the largest |λ_i|.
func (o *Diagonal[T]) Norm() float64 {
	var n float64
	for _, l := range o.lambda {
		n = max(n, math.Abs(float64(l)))
	}
	return n
}

// Eigen returns the k largest λ and their indices.
func (o *Diagonal[T]) Eigen(k int) (values []float64, at []int) {
	order := make([]int, len(o.lambda))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case o.lambda[a] > o.lambda[b]:
			return -1
		case o.lambda[a] < o.lambda[b]:
			return 1
		}
		return 0
	})
	at = order[:min(k, len(order))]
	for _, i := range at {
		values = append(values, float64(o.lambda[i]))
	}
	return values, at
}

// Distance splits X into the rows U of the r largest λ and the rest J. With
// ‖diag(λ_J) − JJᵀ‖² = Σλ² − 2tr(JᵀΛJ) + ‖JᵀJ‖² the only difference of sums is
// over J, which vanishes as X converges: O(dr²) and no cancellation there.
//
// Squares are formed of Σ/s² and X/s with s a power of two near ‖Σ‖^½: exact,
// and safe from overflow.
func (o *Diagonal[T]) Distance(x blas.General[float64]) (distance, norm float64, err error) {
	r := x.Cols
	_, exponent := math.Frexp(o.Norm())
	s := math.Ldexp(1, exponent/2)
	x = x.Clone()
	for i := range x.Data {
		x.Data[i] /= s
	}
	lambda := make([]float64, o.Dim())
	for i, l := range o.lambda {
		lambda[i] = float64(l) / s / s
	}
	_, lead := o.Eigen(r)
	leading := make([]bool, o.Dim())
	for _, i := range lead {
		leading[i] = true
	}
	gram := make([]float64, r*r)
	var sum, rest float64
	for i, l := range lambda {
		norm += l * l
		if leading[i] {
			continue
		}
		row := x.Row(i)
		own := dot(row, row)
		rest += l * (l - 2*own)
		for _, k := range lead {
			c := dot(row, x.Row(k))
			sum += 2 * c * c
		}
		for a, v := range row {
			for b, w := range row {
				gram[a*r+b] += v * w
			}
		}
	}
	rest += dot(gram, gram)
	for _, i := range lead {
		for _, j := range lead {
			c := -dot(x.Row(i), x.Row(j))
			if i == j {
				c += lambda[i]
			}
			sum += c * c
		}
	}
	return math.Sqrt(sum+max(rest, 0)) * s * s, math.Sqrt(norm) * s * s, nil
}

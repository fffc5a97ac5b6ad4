package deep

import (
	"math"
	"sync"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/floats"

	"lowrank/blas"
	"lowrank/solvers"
)

// Decomposition is the eigenbasis of a symmetric Ŵ and how well it was computed. Of a Ŵ
// that is symmetric but for rounding it is that of the mean (Ŵ+Ŵᵀ)/2, and so are the
// runs. Runs of the same Ŵ share one: it is not changed any more.
type Decomposition struct {
	*Basis
	// Residual is ‖ŴV − VΛ‖_F/‖Ŵ‖_F of the mean, without the division when that is zero,
	// and Orthogonality ‖VᵀV − I‖_F. Both are 0 of a diagonal Ŵ, and hold the rounding
	// errors of their own computation otherwise.
	Residual, Orthogonality float64
	// Asymmetry is ‖Ŵ − Ŵᵀ‖_F/(2‖Ŵ‖_F): the part of Ŵ that the runs do not see.
	Asymmetry float64

	routines blas.Routines[float64]
	norm     float64   // ‖Ŵ‖_F of the mean
	residual []float64 // the norms of the columns of ŴV − VΛ
	angle    []float64 // the norms of the columns of VᵀV − I
	skew     []float64 // |v_iᵀ(Ŵ − Ŵᵀ)v_n|/2; nil where Ŵ is symmetric to the last bit
	hash     string    // of Ŵ and of the basis

	// mirrors tells whether two equal factors of a Solver stay W_2 = W_1ᵀ to the last
	// bit. It makes some steps when it is asked first.
	mirrors func() bool
}

// Decompose computes the eigenbasis of a target that CheckSymmetric passes, and that
// must not be changed any more. It takes about as long as some tens of steps of a
// Solver.
func Decompose(b *blas.Backend, target blas.General[float64]) (*Decomposition, error) {
	basis, err := NewBasis(target)
	if err != nil {
		return nil, err
	}
	n := target.Rows
	mean, skew := halves(target)
	d := &Decomposition{
		Basis: basis, routines: blas.RoutinesOf[float64](b.BLAS), norm: solvers.Norm(mean.Data),
		residual: make([]float64, n), angle: make([]float64, n),
	}
	if all := solvers.Norm(skew.Data); all > 0 {
		d.Asymmetry, d.skew = all/math.Hypot(all, d.norm), make([]float64, n)
		d.skewInto(skew)
	}
	const trans, no = gblas.Trans, gblas.NoTrans
	v, rows := basis.Vectors, blas.NewGeneral[float64](n, n)
	columns := func(dst []float64, less func(i int, row []float64)) float64 {
		for i := range dst {
			less(i, rows.Row(i))
			dst[i] = solvers.Norm(rows.Row(i))
		}
		return solvers.Norm(dst)
	}
	d.routines.Gemm(trans, no, n, n, n, 1, v.Data, v.Stride, mean.Data, mean.Stride, 0, rows.Data, rows.Stride)
	d.Residual = columns(d.residual, func(i int, row []float64) {
		for j := range row {
			row[j] -= basis.Values[i] * v.Row(j)[i]
		}
	})
	if d.norm > 0 {
		d.Residual /= d.norm
	}
	d.routines.Gemm(trans, no, n, n, n, 1, v.Data, v.Stride, v.Data, v.Stride, 0, rows.Data, rows.Stride)
	d.Orthogonality = columns(d.angle, func(i int, row []float64) { row[i]-- })
	h := solvers.NewFingerprint()
	h.Add(mean.Data)
	h.Add(skew.Data)
	h.Add(basis.Values)
	h.Add(v.Data)
	d.hash = h.String()
	d.mirrors = sync.OnceValue(func() bool { return d.skew == nil && mirrors(b, target, d.norm) })
	return d, nil
}

// halves are (A+Aᵀ)/2 and (A−Aᵀ)/2.
func halves(a blas.General[float64]) (mean, skew blas.General[float64]) {
	n := a.Rows
	mean, skew = blas.NewGeneral[float64](n, n), blas.NewGeneral[float64](n, n)
	for i := range n {
		mean.Row(i)[i] = a.Row(i)[i]
		for j := range i {
			x, y := a.Row(i)[j], a.Row(j)[i]
			if x == y { // also where the half of it would underflow
				mean.Row(i)[j], mean.Row(j)[i] = x, x
				continue
			}
			half := x/2 + y/2
			mean.Row(i)[j], mean.Row(j)[i] = half, half
			skew.Row(i)[j], skew.Row(j)[i] = x/2-y/2, y/2-x/2
		}
	}
	return mean, skew
}

// skewInto sets the column of VᵀSV that belongs to the least eigenvalue.
func (d *Decomposition) skewInto(skew blas.General[float64]) {
	n := skew.Rows
	v := d.Vectors
	last, of := make([]float64, n), make([]float64, n)
	for i := range n {
		last[i] = v.Row(i)[n-1]
	}
	for i := range n {
		of[i] = floats.Dot(skew.Row(i), last)
	}
	for i, x := range of {
		floats.AddScaled(d.skew, x, v.Row(i))
	}
	for l, x := range d.skew {
		d.skew[l] = math.Abs(x)
	}
}

// mirrors makes the first steps of a Solver with two factors from the identical start
// and tells whether W_2 = W_1ᵀ to the last bit. They are so, and stay so, of a Ŵ that is
// symmetric to the last bit where the backend rounds AB and BᵀAᵀ the same.
func mirrors(b *blas.Backend, target blas.General[float64], norm float64) bool {
	n := target.Rows
	if norm == 0 || 1/norm-1/norm != 0 {
		return true
	}
	s := New(b, target, IdentityFactors([]int{n, n, n}, math.Sqrt(norm)/2), 0.3/norm)
	for range 3 { // the first makes functions of Ŵ alone
		if s.Step() != nil {
			return false
		}
	}
	first, second := s.Factors()[0], s.Factors()[1]
	for i := range n {
		for j, v := range second.Row(i) {
			if v != first.Row(j)[i] {
				return false
			}
		}
	}
	return true
}

// exact tells that the basis has no errors, as that of a diagonal Ŵ.
func (d *Decomposition) exact() bool { return d.Residual == 0 && d.Orthogonality == 0 }

// form is V·diag(x)·Vᵀ in new storage, the same on both sides of its diagonal.
func (d *Decomposition) form(x []float64) blas.General[float64] {
	n := len(x)
	v, scaled, m := d.Vectors, d.Vectors.Clone(), blas.NewGeneral[float64](n, n)
	for i := range n {
		for j, w := range scaled.Row(i) {
			scaled.Row(i)[j] = w * x[j]
		}
	}
	d.routines.Gemm(gblas.NoTrans, gblas.Trans, n, n, n, 1, scaled.Data, scaled.Stride, v.Data, v.Stride, 0, m.Data, m.Stride)
	for i := range n {
		for j := range i {
			m.Row(j)[i] = m.Row(i)[j]
		}
	}
	return m
}

// coordinatesOf are the diagonal of VᵀAV and the norm of the rest.
func (d *Decomposition) coordinatesOf(a blas.General[float64]) (diag []float64, off float64) {
	n := len(d.Values)
	v, half, all := d.Vectors, blas.NewGeneral[float64](n, n), blas.NewGeneral[float64](n, n)
	d.routines.Gemm(gblas.NoTrans, gblas.NoTrans, n, n, n, 1, a.Data, a.Stride, v.Data, v.Stride, 0, half.Data, half.Stride)
	d.routines.Gemm(gblas.Trans, gblas.NoTrans, n, n, n, 1, v.Data, v.Stride, half.Data, half.Stride, 0, all.Data, all.Stride)
	diag = make([]float64, n)
	for i := range n {
		diag[i], all.Row(i)[i] = all.Row(i)[i], 0
	}
	return diag, solvers.Norm(all.Data)
}

// sensitivity is the norm of what the errors of the decomposition change V·diag(p)·Vᵀ
// by, to first order, where p depends on the eigenvalues with the derivatives slope.
// V and Λ are exactly those of Ŵ + E; what E changes in the basis is E_ij times the
// divided difference of p.
func (d *Decomposition) sensitivity(p, slope []float64) float64 {
	if d.exact() {
		return 0
	}
	// Closer than this, a divided difference would be one of rounding errors.
	near := 1e-8 * max(math.Abs(d.Values[0]), math.Abs(d.Values[len(p)-1]))
	parts := make([]float64, 0, 2*len(p))
	for j, r := range d.residual {
		steepest := math.Abs(slope[j])
		for i, v := range d.Values {
			if gap := math.Abs(v - d.Values[j]); gap > near {
				steepest = max(steepest, math.Abs(p[i]-p[j])/gap)
			} else {
				steepest = max(steepest, math.Abs(slope[i]))
			}
		}
		parts = append(parts, r*steepest, d.angle[j]*math.Abs(p[j]))
	}
	return solvers.Norm(parts)
}

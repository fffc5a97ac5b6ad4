package operator

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// Measurement is a linear map 𝒜 from symmetric n×n matrices to m numbers,
//
//	𝒜(Z)_i = ⟨A_i, Z⟩/√m,
//
// as gradient descent on ¼‖𝒜(UUᵀ) − y‖² sees it, U n×r. Its methods serve one
// caller at a time; r ≥ 1 may differ from call to call. An error means that
// the A_i could not be read; what was to be set is then undefined.
type Measurement[T blas.Float] interface {
	Dim() int   // n
	Count() int // m
	// Reserve allocates what Measure and Gradient need for factors of r
	// columns. They call it; while r stays the same they allocate nothing.
	Reserve(r int)
	// Measure sets dst = 𝒜(UUᵀ), m numbers, in one pass over the A_i.
	Measure(dst []T, u blas.General[T]) error
	// Gradient sets residual = 𝒜(UUᵀ) − y, m numbers, and dst = 𝒜*(residual)·U,
	// n×r, in one pass over the A_i.
	Gradient(dst blas.General[T], residual []T, u blas.General[T], y []T) error
	// Adjoint is the symmetric n×n matrix 𝒜*(v) = Σ v_iA_i/√m.
	Adjoint(v []T) (Operator[T], error)
	// Bytes is what one pass must read of the A_i.
	Bytes() int64
	// Held is the bytes that the A_i take in memory, without what Reserve allocates.
	Held() int64
	// Flops is what Gradient computes for r columns.
	Flops(r int) float64
}

// Matrices are measurements with matrices held in memory, each as a packed
// triangle.
type Matrices[T blas.Float] struct {
	blas.Routines[T]
	backend  *blas.Backend
	a        blas.Measurements[T]
	held     int             // bytes of an element
	scale    T               // 1/√m
	z        blas.General[T] // UUᵀ
	gradient blas.General[T] // 𝒜*(residual)·√m

	together matricesTogether[T]
}

// NewMatrices stores count ≥ 1 symmetric n×n matrices: fill sets dst to the rows
// of the lower triangle of A_i, n(n+1)/2 elements. It may be called from
// several goroutines at once.
func NewMatrices[T blas.Float](b *blas.Backend, n, count int, fill func(i int, dst []T)) *Matrices[T] {
	if count < 1 {
		panic(badShape)
	}
	return matricesOf(b, blas.FusedOf[T](b).NewMeasurements(n, count, fill), blas.SizeOf[T]())
}

// NewRoundedMatrices is NewMatrices with elements rounded to a narrower type,
// held so and used as T. The rounded matrices are measurements of their own:
// what they measure must be computed from them.
func NewRoundedMatrices[T blas.Float](b *blas.Backend, n, count int, as blas.Storage, fill func(i int, dst []T)) *Matrices[T] {
	if count < 1 {
		panic(badShape)
	}
	held := map[blas.Storage]int{blas.AsFloat32: 4, blas.AsBFloat16: 2}[as]
	return matricesOf(b, blas.FusedOf[T](b).NewRoundedMeasurements(n, count, as, fill), held)
}

func matricesOf[T blas.Float](b *blas.Backend, a blas.Measurements[T], held int) *Matrices[T] {
	n := a.Dim()
	return &Matrices[T]{
		Routines: blas.RoutinesOf[T](b.BLAS), backend: b, a: a, held: held,
		scale: T(1 / math.Sqrt(float64(a.Count()))),
		z:     blas.NewGeneral[T](n, n), gradient: blas.NewGeneral[T](n, n),
	}
}

func (o *Matrices[T]) Dim() int    { return o.a.Dim() }
func (o *Matrices[T]) Count() int  { return o.a.Count() }
func (o *Matrices[T]) Reserve(int) {}

func (o *Matrices[T]) Held() int64 { return o.a.Bytes() }

// Bytes is one triangle of each matrix, whatever more a backend holds.
func (o *Matrices[T]) Bytes() int64 {
	n := int64(o.Dim())
	return int64(o.Count()) * (n * (n + 1) / 2) * int64(o.held)
}

// Flops is 2mn(n+1) for the pass, 3n²r for UUᵀ and the product with U.
func (o *Matrices[T]) Flops(r int) float64 {
	n := float64(o.Dim())
	return 2*float64(o.Count())*n*(n+1) + 3*n*n*float64(r)
}

// square sets the lower triangle of z to UUᵀ.
func (o *Matrices[T]) square(z, u blas.General[T]) {
	u.Check(o.Dim(), u.Cols)
	o.Syrk(gblas.Lower, gblas.NoTrans, u.Rows, u.Cols, 1, u.Data, u.Stride, 0, z.Data, z.Stride)
}

// apply sets dst = gradient·U/√m.
func (o *Matrices[T]) apply(dst, gradient, u blas.General[T]) {
	o.Gemm(gblas.NoTrans, gblas.NoTrans, u.Rows, u.Cols, u.Rows, o.scale, gradient.Data, gradient.Stride, u.Data, u.Stride, 0, dst.Data, dst.Stride)
}

func (o *Matrices[T]) Measure(dst []T, u blas.General[T]) error {
	o.square(o.z, u)
	o.a.Apply(dst, o.z)
	for i := range dst {
		dst[i] *= o.scale
	}
	return nil
}

func (o *Matrices[T]) Gradient(dst blas.General[T], residual []T, u blas.General[T], y []T) error {
	dst.Check(o.Dim(), u.Cols)
	o.square(o.z, u)
	o.a.Normal(o.gradient, residual, o.scale, o.z, y)
	o.apply(dst, o.gradient, u)
	return nil
}

// matricesTogether is what Matrices needs for several runs.
type matricesTogether[T blas.Float] struct {
	normals     blas.Normals[T]
	z, gradient []blas.General[T]
}

func (o *Matrices[T]) GradientEach(dst []blas.General[T], residual [][]T, u []blas.General[T], y []T) error {
	w := &o.together
	if len(w.z) != len(u) {
		*w = matricesTogether[T]{normals: o.a.NewNormals(len(u))}
		for range u {
			w.z, w.gradient = append(w.z, blas.NewGeneral[T](o.Dim(), o.Dim())), append(w.gradient, blas.NewGeneral[T](o.Dim(), o.Dim()))
		}
	}
	for i := range u {
		dst[i].Check(o.Dim(), u[i].Cols)
		o.square(w.z[i], u[i])
	}
	w.normals.Normal(w.gradient, residual, o.scale, w.z, y)
	for i := range u {
		o.apply(dst[i], w.gradient[i], u[i])
	}
	return nil
}

func (o *Matrices[T]) Adjoint(v []T) (Operator[T], error) {
	s := blas.NewGeneral[T](o.Dim(), o.Dim())
	o.a.Adjoint(s, v)
	for i := range s.Data {
		s.Data[i] *= o.scale
	}
	return DenseOf(o.backend, s.Lower()), nil
}

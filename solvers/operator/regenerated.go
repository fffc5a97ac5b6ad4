package operator

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

// regeneratedParts cuts the A_i of a pass. Sums are formed part by part, so
// that the number must not depend on the number of threads.
const regeneratedParts = 16

// Regenerated are measurements with matrices that are not held: each pass has
// them delivered again, each A_i once. They serve ensembles that do not fit in
// memory and can be drawn anew, or decoded, from little. The storage is
// n² + (2·min(m, 16) + 1)·n(n+1)/2 elements, whatever m is.
//
// Sums over the elements of a matrix and over the matrices are formed in T, in
// an order that depends on n and m alone: the number of threads changes no
// result, unless a library beneath the backend splits the products with U by it.
type Regenerated[T blas.Float] struct {
	blas.Routines[T]
	backend  *blas.Backend
	n, count int
	fill     func(i int, dst []T)
	scale    T // 1/√m

	square blas.General[T] // the lower triangle of UUᵀ, later Σ w_iA_i
	z      []T             // UUᵀ as a triangle, elements off the diagonal twice
	parts  []regeneratedPart[T]

	// The pass under way.
	task    regeneratedTask
	weights []T // the w_i: results of a gradient, given to an adjoint
	y       []T
}

// regeneratedPart is what a part of the matrices works with, both n(n+1)/2
// elements.
type regeneratedPart[T blas.Float] struct {
	a   []T // the A_i at hand
	sum []T // Σ w_iA_i
}

type regeneratedTask int

const (
	regeneratedMeasure regeneratedTask = iota
	regeneratedGradient
	regeneratedAdjoint
	regeneratedCollect // add the parts up
)

// NewRegenerated measures with count ≥ 1 symmetric n×n matrices, n ≥ 1, that
// fill delivers: it sets dst to the rows of the lower triangle of A_i, all its
// n(n+1)/2 elements. What dst holds before is undefined. Every call for the
// same i must deliver the same numbers; calls come from several goroutines at
// once, at most as many as the backend has threads. A fill that rounds what it
// delivers, to a narrower type than T say, makes the measurements those of the
// rounded matrices.
func NewRegenerated[T blas.Float](b *blas.Backend, n, count int, fill func(i int, dst []T)) *Regenerated[T] {
	if n < 1 || count < 1 {
		panic(badShape)
	}
	size := n * (n + 1) / 2
	o := &Regenerated[T]{
		Routines: blas.RoutinesOf[T](b.BLAS), backend: b, n: n, count: count, fill: fill,
		scale:  T(1 / math.Sqrt(float64(count))),
		square: blas.NewGeneral[T](n, n), z: make([]T, size),
		parts: make([]regeneratedPart[T], min(count, regeneratedParts)),
	}
	for p := range o.parts {
		o.parts[p] = regeneratedPart[T]{make([]T, size), make([]T, size)}
	}
	return o
}

func (o *Regenerated[T]) Dim() int   { return o.n }
func (o *Regenerated[T]) Count() int { return o.count }

// Bytes is 0: a pass reads no A_i from storage. What it costs to deliver them
// is known to fill alone.
func (o *Regenerated[T]) Bytes() int64 { return 0 }

// Held is nothing: the A_i are drawn again in each pass.
func (o *Regenerated[T]) Held() int64 { return 0 }

// Flops is 2mn(n+1) for the pass, 3n²r for UUᵀ and the product with U; what
// fill computes is not counted.
func (o *Regenerated[T]) Flops(r int) float64 {
	n := float64(o.n)
	return 2*float64(o.count)*n*(n+1) + 3*n*n*float64(r)
}

// Reserve does nothing: the storage does not depend on r.
func (o *Regenerated[T]) Reserve(int) {}

func (o *Regenerated[T]) Measure(dst []T, u blas.General[T]) error {
	if len(dst) != o.count {
		panic(badShape)
	}
	o.form(u)
	o.weights = dst
	o.run(regeneratedMeasure)
	return nil
}

func (o *Regenerated[T]) Gradient(dst blas.General[T], residual []T, u blas.General[T], y []T) error {
	dst.Check(o.n, u.Cols)
	if len(residual) != o.count || len(y) != o.count {
		panic(badShape)
	}
	o.form(u)
	o.weights, o.y = residual, y
	o.run(regeneratedGradient)
	o.run(regeneratedCollect)
	o.Gemm(gblas.NoTrans, gblas.NoTrans, o.n, u.Cols, o.n, o.scale, o.square.Data, o.square.Stride, u.Data, u.Stride, 0, dst.Data, dst.Stride)
	return nil
}

// Adjoint makes one pass. The result holds its matrix, as a Dense.
func (o *Regenerated[T]) Adjoint(v []T) (Operator[T], error) {
	if len(v) != o.count {
		panic(badShape)
	}
	o.weights = v
	o.run(regeneratedAdjoint)
	o.run(regeneratedCollect)
	return NewDense(o.backend, o.n, func(i int, dst []T) {
		for j, s := range o.square.Row(i)[:i+1] {
			dst[j] = o.scale * s
		}
	}), nil
}

// form sets z to UUᵀ. With the elements off the diagonal twice, ⟨A_i, UUᵀ⟩ is
// the product of two triangles; doubling does not round.
func (o *Regenerated[T]) form(u blas.General[T]) {
	u.Check(o.n, u.Cols)
	o.Syrk(gblas.Lower, gblas.NoTrans, o.n, u.Cols, 1, u.Data, u.Stride, 0, o.square.Data, o.square.Stride)
	z := o.z
	for i := range o.n {
		row := o.square.Row(i)
		for j, v := range row[:i] {
			z[j] = 2 * v
		}
		z[i] = row[i]
		z = z[i+1:]
	}
}

func (o *Regenerated[T]) run(task regeneratedTask) {
	o.task = task
	parallel.Run(o.backend.Threads, len(o.parts), o)
	o.weights, o.y = nil, nil // they are the caller's
}

// Part is for the threads of a pass; do not call it.
func (o *Regenerated[T]) Part(part int) {
	if o.task == regeneratedCollect {
		o.collect(part)
		return
	}
	a, sum := o.parts[part].a, o.parts[part].sum
	if o.task != regeneratedMeasure {
		clear(sum)
	}
	for i := o.count * part / len(o.parts); i < o.count*(part+1)/len(o.parts); i++ {
		o.fill(i, a)
		switch o.task {
		case regeneratedMeasure:
			o.weights[i] = o.scale * triangleDot(a, o.z)
		case regeneratedGradient:
			o.weights[i] = o.scale*triangleDot(a, o.z) - o.y[i]
			triangleAdd(sum, o.weights[i], a) // while A_i is in cache
		case regeneratedAdjoint:
			triangleAdd(sum, o.weights[i], a)
		}
	}
}

// collect sets some rows of the lower triangle of square, and their mirror
// image, to the sum of all parts, in the order of their numbers.
func (o *Regenerated[T]) collect(part int) {
	for i := o.n * part / len(o.parts); i < o.n*(part+1)/len(o.parts); i++ {
		row, at := o.square.Row(i)[:i+1], i*(i+1)/2
		copy(row, o.parts[0].sum[at:])
		for _, p := range o.parts[1:] {
			for j, v := range p.sum[at : at+i+1] {
				row[j] += v
			}
		}
		for j, v := range row {
			o.square.Data[j*o.square.Stride+i] = v
		}
	}
}

// triangleDot is Σ a_kz_k in four interleaved sums, which are added in pairs.
func triangleDot[T blas.Float](a, z []T) T {
	var s0, s1, s2, s3 T
	z = z[:len(a)]
	k := 0
	for ; k+4 <= len(a); k += 4 {
		x, y := a[k:k+4:k+4], z[k:k+4:k+4]
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
	}
	for ; k < len(a); k++ {
		s0 += a[k] * z[k]
	}
	return (s0 + s1) + (s2 + s3)
}

// triangleAdd adds w·a to sum.
func triangleAdd[T blas.Float](sum []T, w T, a []T) {
	sum = sum[:len(a)]
	k := 0
	for ; k+4 <= len(a); k += 4 {
		s, x := sum[k:k+4:k+4], a[k:k+4:k+4]
		s[0] += w * x[0]
		s[1] += w * x[1]
		s[2] += w * x[2]
		s[3] += w * x[3]
	}
	for ; k < len(a); k++ {
		sum[k] += w * a[k]
	}
}

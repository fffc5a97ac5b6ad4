package main

import (
	"fmt"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/kernel"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// passTasks are whole passes of the backend on one thread: what cutting, packing,
// clearing and the loops add to the kernels.
func passTasks(b *blas.Backend, row kernel.Row) []task {
	tasks := passesOf(b, row.F64, "f64", b.BLAS.Dgemv)
	return append(tasks, passesOf(b, row.F32, "f32", b.BLAS.Sgemv)...)
}

// Sizes of the passes.
const (
	passDim          = 480 // d: four rows of tiles
	passEta          = 0.01
	passPair         = 8 // columns of X and Y
	passMeasurements = 64
	passMeasured     = 48  // side of the measurement matrices
	passProduct      = 256 // side of the matrices of a product
)

// gemv is the routine that blas.Routines leaves out.
type gemv[T blas.Float] func(t gblas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)

func passesOf[T blas.Float](b *blas.Backend, k kernel.Kernels[T], types string, mv gemv[T]) []task {
	tasks := symmetricTasks[T](b, types)
	tasks = append(tasks, asymmetricTasks[T](b, types)...)
	tasks = append(tasks, measurementTasks[T](b, types)...)
	return append(tasks, productTasks(b, k, types, mv)...)
}

// passList collects passes on one kind of data.
type passList struct{ list }

func (l *passList) add(name, shape, unit string, units int, run func()) {
	l.tasks = append(l.tasks, task{label{l.types, name, shape, unit}, false, units, run})
}

// step adds a solver's step. The starts are such that nothing diverges.
func (l *passList) step(name string, columns int, unit string, units int, step func() error) {
	l.add(name, fmt.Sprintf("d=%d r=%d", passDim, columns), unit, units, func() {
		if err := step(); err != nil {
			panic(err)
		}
	})
}

func symmetricTasks[T blas.Float](b *blas.Backend, types string) []task {
	const d, half = passDim, passDim * (passDim + 1) / 2
	const dense, unit = "step, dense Σ", "element of half of Σ"
	l := passList{list{types: types}}
	on := func(op operator.Operator[T], r int) func() error {
		return symmetric.New(b, op, thin[T](d, r), passEta).Step
	}
	sigma := operator.NewDense(b, d, entries[T])
	for _, r := range []int{1, 2, 8} {
		l.step(dense, r, unit, half, on(sigma, r))
	}
	if blas.SizeOf[T]() == 8 {
		rounded := operator.NewRounded[T](b, d, entries[float32])
		l.types = "f64 of f32"
		for _, r := range []int{2, 8} {
			l.step(dense, r, unit, half, on(rounded, r))
		}
		l.types = types
	}
	lambda := make([]T, d)
	entries(0, lambda)
	for _, r := range []int{2, 8} {
		l.step("step, diagonal Σ", r, "element of X", d*r, on(operator.NewDiagonal(b, lambda), r))
	}
	return l.tasks
}

func asymmetricTasks[T blas.Float](b *blas.Backend, types string) []task {
	const d = passDim
	l := passList{list{types: types}}
	a := operator.NewDenseRectangular(b, d, d, entries[T])
	x, y := thin[T](d, passPair), thin[T](d, passPair)
	l.step("step, XYᵀ", passPair, "element of A", d*d, asymmetric.New(b, a, x, y, passEta, asymmetric.Simultaneous).Step)
	l.step("alternating step, XYᵀ", passPair, "element of A", d*d, asymmetric.New(b, a, x, y, passEta, asymmetric.Alternating).Step)
	return l.tasks
}

func measurementTasks[T blas.Float](b *blas.Backend, types string) []task {
	const n, count = passMeasured, passMeasurements
	const units = count * n * (n + 1) / 2
	l := passList{list{types: types}}
	a := blas.FusedOf[T](b).NewMeasurements(n, count, entries[T])
	z, dst := blas.NewGeneral[T](n, n), blas.NewGeneral[T](n, n)
	y, residual := make([]T, count), make([]T, count)
	l.add("residual and adjoint", fmt.Sprintf("%d of %s", count, square(n)), "element of A", units, func() { a.Normal(dst, residual, 1, z, y) })
	return l.tasks
}

func productTasks[T blas.Float](b *blas.Backend, k kernel.Kernels[T], types string, mv gemv[T]) []task {
	const n = passProduct
	l := passList{list{types: types}}
	r := blas.RoutinesOf[T](b.BLAS)
	x, y, z := make([]T, n*n), make([]T, n*n), make([]T, n*n)
	const cube, unit = n * n * n, "multiply-add"
	// The block of A follows the L2 cache, which is valgrind's own.
	shape := fmt.Sprintf("n=%d MC=%d", n, kernel.BlocksFor(k.Numbers, blas.SizeOf[T](), kernel.Detect()).MC)
	l.add("gemm NN", shape, unit, cube, func() { r.Gemm(gblas.NoTrans, gblas.NoTrans, n, n, n, 1, x, n, y, n, 0, z, n) })
	l.add("gemm TT", shape, unit, cube, func() { r.Gemm(gblas.Trans, gblas.Trans, n, n, n, 1, x, n, y, n, 0, z, n) })
	l.add("syrk N", shape, unit, cube/2, func() { r.Syrk(gblas.Lower, gblas.NoTrans, n, n, 1, x, n, 0, z, n) })
	l.add("symm L", shape, unit, cube, func() { r.Symm(gblas.Left, gblas.Lower, n, n, 1, x, n, y, n, 0, z, n) })
	l.add("gemv N", fmt.Sprint("n=", n), "element of A", n*n, func() { mv(gblas.NoTrans, n, n, 1, x, n, y, 1, 0, z, 1) })
	l.add("gemv T", fmt.Sprint("n=", n), "element of A", n*n, func() { mv(gblas.Trans, n, n, 1, x, n, y, 1, 0, z, 1) })
	return l.tasks
}

// entries sets row i of a matrix of small numbers.
func entries[T kernel.Float](i int, dst []T) {
	for j := range dst {
		dst[j] = T((i*7+j*3)%11-5) / (10 * passDim)
	}
}

// thin is a d×r start.
func thin[T blas.Float](d, r int) blas.General[T] {
	x := blas.NewGeneral[T](d, r)
	for i := range d {
		entries(i, x.Row(i))
	}
	return x
}

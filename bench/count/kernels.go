package main

import (
	"fmt"

	"lowrank/blas/native"
	"lowrank/kernel"
)

// task is one thing to count.
type task struct {
	label
	Kernel bool // one kernel, called once; else a pass
	Units  int  // units of work that run does
	run    func()
}

// label says what is counted.
type label struct {
	Types string // of the arithmetic; "f64 of f32" where data are held in another
	Name  string
	Shape string
	Unit  string // what the instructions are divided by
}

// Shapes in which the passes call the kernels.
const (
	stripsOfCall = 8    // blas/native/gemm.go
	vector       = 4096 // elements
	peakRounds   = 1000
)

// kernelTasks are all kernels of a row, in the order of their fields. Operands are
// zeros: no kernel looks at a value to decide where to go.
func kernelTasks(row kernel.Row) []task {
	tasks := tasksOf("f64", row.F64)
	tasks = append(tasks, tasksOf("f32", row.F32)...)
	tasks = append(tasks, roundedTasks(row)...)
	tasks = append(tasks, narrowTasks("f64 of f32", row.F32in64)...)
	tasks = append(tasks, narrowTasks("f64 of bf16", row.BF16in64)...)
	return append(tasks, narrowTasks("f32 of bf16", row.BF16in32)...)
}

// roundedTasks count on one tile of a Σ held as float32.
func roundedTasks(row kernel.Row) []task {
	l := list{types: "f64 of f32"}
	t := row.F64.Tile
	size := t * t
	a, wide := make([]float32, 2*size), make([]float64, size)
	l.add("Widen", fmt.Sprint("n=", size), "element", size, func() { row.Widen(size, a, wide) })
	const columns = kernel.MaxColumns
	xi, yi := make([]float64, columns*t), make([]float64, columns*t)
	xj, yj := make([]float64, columns*t), make([]float64, columns*t)
	for i, f := range row.Rounded {
		l.add(fmt.Sprint("Rounded w=", i+1), square(t), "element of A", size, func() { f(t, t, a, t, size, xi, yi, t, xj, yj, t) })
	}
	return l.tasks
}

// list collects tasks on one kind of data.
type list struct {
	types string
	tasks []task
}

func (l *list) add(name, shape, unit string, units int, run func()) {
	l.tasks = append(l.tasks, task{label{l.types, name, shape, unit}, true, units, run})
}

func square(n int) string { return fmt.Sprintf("%d×%d", n, n) }

func tasksOf[T kernel.Float](types string, k kernel.Kernels[T]) []task {
	l := list{types: types}
	addProducts(&l, k)
	addPacking(&l, k)
	addTwoSided(&l, k)
	addSweeps(&l, k)
	addVectors(&l, k)
	addLimits(&l, k)
	return l.tasks
}

// addProducts counts on packed panels of A and B.
func addProducts[T kernel.Float](l *list, k kernel.Kernels[T]) {
	const unit = "multiply-add"
	mr, nr, kc := k.MR, k.NR, k.KC
	ldc := 2 * nr
	a, b, next := make([]T, stripsOfCall*mr*kc), make([]T, kc*nr), make([]T, kc*nr)
	c := make([]T, stripsOfCall*mr*ldc)
	depth := fmt.Sprint("k=", kc)
	for i, f := range k.Gemm {
		l.add(fmt.Sprint("Gemm h=", i+1), depth, unit, (i+1)*nr*kc, func() { f(kc, a, 1, mr, b, nr, c, ldc) })
	}
	for i, f := range k.Edge {
		w := nr - 1
		l.add(fmt.Sprintf("Edge h=%d w=%d", i+1, w), depth, unit, (i+1)*w*kc, func() { f(kc, w, a, 1, mr, b, nr, c, ldc) })
	}
	l.add(fmt.Sprint("Strips n=", stripsOfCall), depth, unit, stripsOfCall*mr*nr*kc, func() {
		k.Strips(stripsOfCall, kc, a, 1, mr, mr*kc, b, nr, c, ldc, mr*ldc, next)
	})
}

func addPacking[T kernel.Float](l *list, k kernel.Kernels[T]) {
	rows, to := make([]T, 4*k.KC), make([]T, k.KC*max(k.MR, k.NR))
	for i, f := range k.Interleave {
		n := 2 << i
		l.add(fmt.Sprint("Interleave rows=", n), fmt.Sprint("k=", k.KC), "element", n*k.KC, func() { f(k.KC, rows, k.KC, to, k.MR) })
	}
	lda := 2 * max(k.MR, k.NR)
	a := make([]T, k.KC*lda)
	for i, f := range k.Gather {
		width := []int{k.MR, k.NR}[i]
		l.add(fmt.Sprint("Gather ", []string{"MR", "NR"}[i]), fmt.Sprintf("%d×%d", k.KC, width), "element", width*k.KC, func() { f(k.KC, a, lda, to) })
	}
}

// addTwoSided counts on one tile of Σ.
func addTwoSided[T kernel.Float](l *list, k kernel.Kernels[T]) {
	const unit = "element of A"
	t := k.Tile
	size := t * t
	shape := square(t)
	a := make([]T, 2*size) // the tile and the next one
	columns := max(kernel.MaxColumns, k.NR)
	xi, yi := make([]T, columns*t), make([]T, columns*t)
	xj, yj := make([]T, columns*t), make([]T, columns*t)
	for i, f := range k.Columns {
		l.add(fmt.Sprint("Columns w=", i+1), shape, unit, size, func() { f(t, t, a, t, size, xi, yi, t, xj, yj, t) })
	}
	for i, f := range k.Panel {
		l.add(fmt.Sprint("Panel vectors=", i+1), shape, unit, size, func() { f(t, t, a, t, size, xi, yi, xj, yj) })
	}
	for i, f := range k.Forward {
		l.add(fmt.Sprint("Forward w=", i+1), shape, unit, size, func() { f(t, t, a, t, size, yi, t, xj, t) })
	}
	for i, f := range k.Adjoint {
		l.add(fmt.Sprint("Adjoint w=", i+1), shape, unit, size, func() { f(t, t, a, t, size, xi, t, yj, t) })
	}
	for i, f := range k.PanelForward {
		l.add(fmt.Sprint("PanelForward vectors=", i+1), shape, unit, size, func() { f(t, t, a, t, size, yi, xj) })
	}
	for i, f := range k.PanelAdjoint {
		l.add(fmt.Sprint("PanelAdjoint vectors=", i+1), shape, unit, size, func() { f(t, t, a, t, size, xi, yj) })
	}
}

func addSweeps[T kernel.Float](l *list, k kernel.Kernels[T]) {
	const unit = "element of X"
	sweepRows, thinRows := native.SweepRows(2), native.SweepRows(3) // few columns, and more
	lambda, g, sums := make([]T, sweepRows), make([]T, 4), make([]T, 5)
	x, y := make([]T, 2*sweepRows), make([]T, 2*sweepRows)
	for i, f := range k.Update {
		r := i + 1
		groups := sweepRows * r / (2 * k.Lanes)
		l.add(fmt.Sprint("Update r=", r), fmt.Sprint("rows=", sweepRows), unit, sweepRows*r, func() { f(groups, 0, nil, x, y, g, sums) })
	}
	for i, f := range k.Diagonal {
		r := i + 1
		groups := sweepRows * r / (2 * k.Lanes)
		l.add(fmt.Sprint("Diagonal r=", r), fmt.Sprint("rows=", sweepRows), unit, sweepRows*r, func() { f(groups, 0, lambda, x, x, g, sums) })
	}
	n := thinRows * k.NR
	u, v, w := make([]T, n), make([]T, n), make([]T, n)
	shape := fmt.Sprintf("%d×%d", thinRows, k.NR)
	l.add("Finish", shape, unit, n, func() { k.Finish(n, 0, u, v, w) })
	l.add("ScaleRows", shape, unit, n, func() { k.ScaleRows(thinRows, k.NR, lambda, u, v) })
}

func addVectors[T kernel.Float](l *list, k kernel.Kernels[T]) {
	const n = vector
	shape := fmt.Sprint("n=", n)
	x, y := make([]T, n), make([]T, n)
	l.add("Dot", shape, "element", n, func() { k.Dot(n, x, y) })
	l.add("Asum", shape, "element", n, func() { k.Asum(n, x) })
	l.add("Axpy", shape, "element", n, func() { k.Axpy(n, 0, x, y) })
	l.add("Scal", shape, "element", n, func() { k.Scal(n, 0, x) })
	l.tasks = append(l.tasks, narrowTasks(l.types, kernel.Narrow[T, T]{Dots: k.Dots, Combine: k.Combine, Normal: k.Normal, Normal2: k.Normal2})...)
}

// narrowTasks count on four measurement matrices, or four rows of any other.
func narrowTasks[S kernel.Stored, T kernel.Float](types string, k kernel.Narrow[S, T]) []task {
	const n = vector
	l := list{types: types}
	shape := fmt.Sprint("4×", n)
	a, b := make([]S, 4*n), make([]S, 4*n)
	x, y, out, c := make([]T, n), make([]T, n), make([]T, 4), make([]T, 4)
	l.add("Dots", shape, "element of A", 4*n, func() { k.Dots(n, a, n, x, out) })
	l.add("Combine", shape, "element of A", 4*n, func() { k.Combine(n, a, n, c, y) })
	l.add("Normal", shape, "element of A", 4*n, func() { k.Normal(n, a, n, x, out, b, n, c, y) })
	x2, y2, out2 := make([]T, n), make([]T, n), make([]T, 4)
	l.add("Normal2", shape, "element of A", 4*n, func() { k.Normal2(n, a, n, b, n, x, out, c, y, x2, out2, c, y2) })
	return l.tasks
}

func addLimits[T kernel.Float](l *list, k kernel.Kernels[T]) {
	l.add("Peak", fmt.Sprint("rounds=", peakRounds), "vector multiply-add", peakRounds*kernel.PeakChains, func() { k.Peak(peakRounds) })
	a := make([]T, vector)
	for i, f := range k.Read {
		l.add(fmt.Sprint("Read loop=", i+1), fmt.Sprint("n=", vector), "element", vector, func() { f(a) })
	}
}

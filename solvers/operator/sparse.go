package operator

import (
	"math"
	"slices"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

// Sparse is an m×n matrix held by its nonzero elements: by rows for A·y, by
// columns for Aᵀ·x, so that each row of a product is one sum in one order.
type Sparse[T blas.Float] struct {
	twoProducts[T]
	backend    *blas.Backend
	rows, cols compressed[T]
}

// compressed are the elements of a sparse matrix row by row (of its transpose:
// column by column).
type compressed[T blas.Float] struct {
	start []int   // of each row in index and value; one more than rows
	index []int32 // columns, ascending within a row
	value []T

	dst, x blas.General[T] // of the product under way
}

// NewSparse builds the m×n matrix with the elements value[e] at (row[e],
// col[e]), numbered from 0. Elements at the same place are added. Dimensions
// are at most 2³¹ − 1.
func NewSparse[T blas.Float](b *blas.Backend, m, n int, row, col []int, value []T) *Sparse[T] {
	if len(row) != len(value) || len(col) != len(value) || m < 0 || n < 0 || m > math.MaxInt32 || n > math.MaxInt32 {
		panic(badShape)
	}
	o := &Sparse[T]{backend: b}
	// Sorted by column, then stably by row: ascending columns within each row.
	byColumn := compress(n, m, col, row, value)
	o.rows = byColumn.transpose(m)
	o.rows.merge()
	o.cols = o.rows.transpose(n)
	o.twoProducts = twoProducts[T]{fused: blas.FusedOf[T](b), a: o}
	return o
}

// compress sorts elements by their row, stably.
func compress[T blas.Float](rows, cols int, row, col []int, value []T) compressed[T] {
	c := compressed[T]{start: make([]int, rows+1), index: make([]int32, len(value)), value: make([]T, len(value))}
	for e, i := range row {
		if i < 0 || i >= rows || col[e] < 0 || col[e] >= cols {
			panic(badShape)
		}
		c.start[i+1]++
	}
	for i := range rows {
		c.start[i+1] += c.start[i]
	}
	at := append([]int(nil), c.start...)
	for e, i := range row {
		c.index[at[i]], c.value[at[i]] = int32(col[e]), value[e]
		at[i]++
	}
	return c
}

func (c *compressed[T]) transpose(cols int) compressed[T] {
	t := compressed[T]{start: make([]int, cols+1), index: make([]int32, len(c.index)), value: make([]T, len(c.value))}
	for _, j := range c.index {
		t.start[j+1]++
	}
	for j := range cols {
		t.start[j+1] += t.start[j]
	}
	at := append([]int(nil), t.start...)
	for i := range len(c.start) - 1 {
		for e := c.start[i]; e < c.start[i+1]; e++ {
			j := c.index[e]
			t.index[at[j]], t.value[at[j]] = int32(i), c.value[e]
			at[j]++
		}
	}
	return t
}

// merge adds neighbours of the same column.
func (c *compressed[T]) merge() {
	to := 0
	first := 0
	for i := range len(c.start) - 1 {
		begin := to
		for e := first; e < c.start[i+1]; e++ {
			if to > begin && c.index[to-1] == c.index[e] {
				c.value[to-1] += c.value[e]
				continue
			}
			c.index[to], c.value[to] = c.index[e], c.value[e]
			to++
		}
		first = c.start[i+1]
		c.start[i+1] = to
	}
	c.index, c.value = c.index[:to], c.value[:to]
}

func (o *Sparse[T]) Dims() (m, n int) { return len(o.rows.start) - 1, len(o.cols.start) - 1 }

// Elements is the number of stored elements.
func (o *Sparse[T]) Elements() int { return len(o.rows.value) }

// Bytes is both copies of the elements with their indices.
func (o *Sparse[T]) Bytes() int64 { return 2 * int64(o.Elements()) * int64(4+blas.SizeOf[T]()) }

func (o *Sparse[T]) Held() int64 { return o.rows.held() + o.cols.held() }

// held is the bytes of the elements, their indices and where rows start.
func (c *compressed[T]) held() int64 {
	return int64(len(c.value)*(4+blas.SizeOf[T]()) + 8*len(c.start))
}

// Flops is 4k for each element.
func (o *Sparse[T]) Flops(k int) float64 { return 4 * float64(o.Elements()) * float64(k) }

func (o *Sparse[T]) reserve(int) {}

func (o *Sparse[T]) forward(dst, y blas.General[T]) { o.rows.mul(o.backend.Threads, dst, y) }
func (o *Sparse[T]) adjoint(dst, x blas.General[T]) { o.cols.mul(o.backend.Threads, dst, x) }

// sparseSerialBelow is the number of multiplications below which a product
// takes less time than waking another thread.
const sparseSerialBelow = 1 << 16

// mul sets dst = C·x.
func (c *compressed[T]) mul(threads int, dst, x blas.General[T]) {
	if len(c.value)*x.Cols < sparseSerialBelow {
		threads = 1
	}
	c.dst, c.x = dst, x
	parallel.Run(threads, sparseParts, c)
	c.dst, c.x = blas.General[T]{}, blas.General[T]{}
}

// sparseParts is the number of stretches of rows of a product. Each row is
// computed alike wherever the cuts are.
const sparseParts = 32

// Part computes the rows of one stretch of the product under way.
func (c *compressed[T]) Part(part int) { c.rowsOf(c.cut(part), c.cut(part+1)) }

// cut is the first row of a part: parts have about as many elements.
func (c *compressed[T]) cut(part int) int {
	rows := len(c.start) - 1
	if part == sparseParts {
		return rows
	}
	i, _ := slices.BinarySearch(c.start[:rows], len(c.value)*part/sparseParts)
	return i
}

// rowsOf computes rows i0 … i1−1 of the product.
func (c *compressed[T]) rowsOf(i0, i1 int) {
	for i := i0; i < i1; i++ {
		to := c.dst.Row(i)
		clear(to)
		index, value := c.index[c.start[i]:c.start[i+1]], c.value[c.start[i]:c.start[i+1]]
		for e, v := range value {
			from := c.x.Data[int(index[e])*c.x.Stride:][:len(to)]
			for j := range to {
				to[j] += v * from[j]
			}
		}
	}
}

// Distance costs O(nnz·k + (m+n)k²).
func (o *Sparse[T]) Distance(x, y blas.General[float64]) (distance, norm float64, err error) {
	m, n := o.Dims()
	checkFactors(m, n, x, y)
	distance, norm = o.rows.distance(o.backend.Threads, x, y)
	return distance, norm, nil
}

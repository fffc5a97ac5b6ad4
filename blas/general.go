package blas

import "lowrank/kernel"

// General is a dense matrix in row-major storage: element (i, j) is
// Data[i*Stride+j]. It has the layout of gonum's blas64.General and
// blas32.General, so that General[float64](m) converts one into the other.
type General[T Float] struct {
	Rows, Cols int
	Data       []T
	Stride     int
}

// NewGeneral allocates a matrix of zeros without gaps between its rows.
func NewGeneral[T Float](rows, cols int) General[T] {
	return General[T]{Rows: rows, Cols: cols, Data: kernel.Large[T](rows * cols), Stride: max(cols, 1)}
}

// Row returns row i. It shares storage with m.
func (m General[T]) Row(i int) []T {
	if m.Cols == 0 {
		return nil
	}
	return m.Data[i*m.Stride : i*m.Stride+m.Cols]
}

// RowsOf returns rows i0 to i1−1 as a matrix. It shares storage with m.
func (m General[T]) RowsOf(i0, i1 int) General[T] {
	if i0 == i1 || m.Cols == 0 {
		return General[T]{Rows: i1 - i0, Cols: m.Cols, Stride: m.Stride}
	}
	return General[T]{Rows: i1 - i0, Cols: m.Cols, Stride: m.Stride, Data: m.Data[i0*m.Stride : (i1-1)*m.Stride+m.Cols]}
}

// Copy copies src into m. The shapes must agree.
func (m General[T]) Copy(src General[T]) {
	if m.Rows != src.Rows || m.Cols != src.Cols {
		panic(badShape)
	}
	for i := range m.Rows {
		copy(m.Row(i), src.Row(i))
	}
}

// Clone returns a copy of m without gaps between its rows.
func (m General[T]) Clone() General[T] {
	c := NewGeneral[T](m.Rows, m.Cols)
	c.Copy(m)
	return c
}

// Convert returns a copy of m with elements of another type.
func Convert[S, T Float](m General[T]) General[S] {
	c := NewGeneral[S](m.Rows, m.Cols)
	for i := range m.Rows {
		dst := c.Row(i)
		for j, v := range m.Row(i) {
			dst[j] = S(v)
		}
	}
	return c
}

// Check panics unless m is a well-formed matrix of that shape.
func (m General[T]) Check(rows, cols int) {
	switch {
	case m.Rows != rows || m.Cols != cols:
		panic(badShape)
	case m.Stride < max(1, cols):
		panic(badStride)
	case rows > 0 && cols > 0 && len(m.Data) < (rows-1)*m.Stride+cols:
		panic(shortData)
	}
}

package matio

import "fmt"

// Plane returns a[i], the i-th matrix of an array with three dimensions. In C
// order it shares the elements of a, and must not be read after a is closed;
// in Fortran order they are copied. It panics unless a is open and has them.
func (a *Array) Plane(i int) *Array {
	a.mustBeOpen()
	if len(a.shape) != 3 || i < 0 || i >= a.shape[0] {
		panic(fmt.Sprintf("matio: matrix %d of an array of shape %s", i, tuple(a.shape)))
	}
	rows, cols := a.shape[1], a.shape[2]
	name := fmt.Sprintf("%s[%d]", a.name, i)
	size := a.dtype.Size()
	h := header{dtype: a.dtype, shape: []int{rows, cols}, n: rows * cols}
	if !a.fortran {
		return &Array{header: h, name: name, data: a.data[i*h.n*size : (i+1)*h.n*size]}
	}
	data := make([]float64, h.n)
	for j := range rows {
		gather(a, i+a.shape[0]*j, a.shape[0]*rows, data[j*cols:(j+1)*cols])
	}
	return ArrayOf(name, h.shape, data)
}

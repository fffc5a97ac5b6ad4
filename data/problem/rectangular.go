package problem

import (
	"fmt"
	"math"
	"sync/atomic"

	"lowrank/blas"
	"lowrank/data/matio"
	"lowrank/solvers/operator"
)

// ReadRectangular makes A of a matrix in a file: sparse of a Matrix Market
// file, dense of any other.
func ReadRectangular[T blas.Float](b *blas.Backend, path string) (operator.Rectangular[T], error) {
	if format(path) == ".mtx" {
		t, err := readSparse[T](path)
		if err != nil {
			return nil, err
		}
		return operator.NewSparse(b, t.Rows, t.Cols, t.Row, t.Col, convert[T](t.Value)), nil
	}
	a, rows, cols, err := open(path)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if err := CheckMemory("A", float64(rows)*float64(cols)*float64(blas.SizeOf[T]())); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := guarded(path, func() error { _, err := checkElements[T](a, path); return err }); err != nil {
		return nil, err
	}
	var failed atomic.Pointer[error] // rows are read by several goroutines
	op := operator.NewDenseRectangular(b, rows, cols, func(i int, dst []T) {
		if err := guarded(path, func() error { matio.ReadRow(a, i, 0, cols, dst); return nil }); err != nil {
			failed.Store(&err)
		}
	})
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return op, nil
}

// ReadProduct makes A = L·Rᵀ of L, m×p, and R, n×p.
func ReadProduct[T blas.Float](b *blas.Backend, left, right string) (operator.Rectangular[T], error) {
	l, err := ReadMatrix[T](left)
	if err != nil {
		return nil, err
	}
	r, err := ReadMatrix[T](right)
	if err != nil {
		return nil, err
	}
	if l.Cols != r.Cols {
		return nil, fmt.Errorf("%s: the matrix is %d×%d and that of %s %d×%d; L and R must have as many columns", right, r.Rows, r.Cols, left, l.Rows, l.Cols)
	}
	return operator.NewProduct(b, l, r), nil
}

// readSparse reads the elements of a sparse matrix that an operator of element
// type T can hold.
func readSparse[T blas.Float](path string) (*matio.Triplets, error) {
	t, err := readMTX(path)
	if err != nil {
		return nil, err
	}
	if t.Rows < 1 || t.Cols < 1 || t.Rows > math.MaxInt32 || t.Cols > math.MaxInt32 {
		return nil, fmt.Errorf("%s: the matrix is %d×%d; expected from 1 to %d rows and columns", path, t.Rows, t.Cols, math.MaxInt32)
	}
	var maxAbs float64
	for e, v := range t.Value {
		if math.IsInf(float64(T(v)), 0) {
			return nil, fmt.Errorf("%s: element (%d, %d) is %g; f32 holds at most %g", path, t.Row[e], t.Col[e], v, math.MaxFloat32)
		}
		maxAbs = max(maxAbs, math.Abs(v))
	}
	return t, checkSmall[T](path, maxAbs)
}

// readSparseSymmetric makes a sparse Σ. Both triangles must agree as those of
// a dense one, and the lower is used; with symmetrize Σ is their mean.
func readSparseSymmetric[T blas.Float](b *blas.Backend, path string, symmetrize bool) (operator.Operator[T], error) {
	t, err := readSparse[T](path)
	if err != nil {
		return nil, err
	}
	if t.Rows != t.Cols {
		return nil, fmt.Errorf("%s: the matrix is %d×%d; Σ must be square", path, t.Rows, t.Cols)
	}
	type place [2]int
	at := make(map[place]float64, len(t.Value))
	var maxAbs float64
	for e, v := range t.Value {
		at[place{t.Row[e], t.Col[e]}] = v
		maxAbs = max(maxAbs, math.Abs(v))
	}
	var row, col []int
	var value []T
	for e, v := range t.Value {
		i, j := t.Row[e], t.Col[e]
		mirror, stored := at[place{j, i}]
		switch {
		case symmetrize:
			v = mean(v, mirror)
		case !(math.Abs(v-mirror) <= SymmetryTolerance*maxAbs):
			return nil, &Asymmetry{fmt.Errorf("%s: not symmetric: element (%d, %d) is %g but (%d, %d) is %g, %.3g·max|a| apart; at most %g·max|a| was expected",
				path, i, j, v, j, i, mirror, math.Abs(v-mirror)/maxAbs, SymmetryTolerance)}
		}
		switch {
		case i == j:
			row, col, value = append(row, i), append(col, j), append(value, T(v))
		case i > j || !stored: // an element without its mirror image counts for both
			row, col, value = append(row, i, j), append(col, j, i), append(value, T(v), T(v))
		}
	}
	return operator.NewSparseSymmetric(b, t.Rows, row, col, value), nil
}

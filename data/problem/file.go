package problem

import (
	"fmt"
	"math"
	"runtime/debug"
	"sync/atomic"

	"lowrank/blas"
	"lowrank/data/matio"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// How far a_ij and a_ji may differ, relative to max|a|: by the roundings of what computed
// them, in the type that the file holds.
const (
	SymmetryTolerance   = 1e-12
	SymmetryTolerance32 = 1e-5 // float32
)

// Asymmetry is the error of a Σ whose two triangles differ by more.
type Asymmetry struct{ err error }

func (e *Asymmetry) Error() string { return e.err.Error() }
func (e *Asymmetry) Unwrap() error { return e.err }

// symmetryTolerance is that of the elements of a file.
func symmetryTolerance(a *matio.Array) float64 {
	if a.DType() == matio.F4 {
		return SymmetryTolerance32
	}
	return SymmetryTolerance
}

// ReadDense makes Σ of a square matrix in a file. It must be finite and symmetric; its
// lower triangle is used. With symmetrize it may be any, and Σ is (A + Aᵀ)/2. That of a
// Matrix Market file stays sparse.
func ReadDense[T blas.Float](b *blas.Backend, path string, symmetrize bool) (operator.Operator[T], error) {
	if format(path) == ".mtx" {
		return readSparseSymmetric[T](b, path, symmetrize)
	}
	return readDense(b, path, symmetrize, operator.NewDense[T])
}

// ReadRounded is ReadDense with the elements held as float32.
func ReadRounded[T blas.Float](b *blas.Backend, path string, symmetrize bool) (operator.Operator[T], error) {
	return readDense(b, path, symmetrize, operator.NewRounded[T])
}

// readDense reads Σ and stores it as elements of type S.
func readDense[S, T blas.Float](b *blas.Backend, path string, symmetrize bool, store func(b *blas.Backend, d int, row func(i int, dst []S)) *operator.Dense[T]) (operator.Operator[T], error) {
	a, rows, cols, err := open(path)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if rows != cols {
		return nil, fmt.Errorf("%s: the matrix is %d×%d; Σ must be square", path, rows, cols)
	}
	if err := CheckMemory("Σ", DenseBytes[S, T](b, rows)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var maxAbs float64
	err = guarded(path, func() (err error) {
		if maxAbs, err = checkElements[S](a, path); err != nil {
			return err
		}
		if symmetrize {
			return nil
		}
		if err := matio.CheckSymmetric(a, symmetryTolerance(a), maxAbs); err != nil {
			return &Asymmetry{err}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	read := func(i int, dst []S) { matio.ReadRow(a, i, 0, i+1, dst) }
	if symmetrize {
		read = func(i int, dst []S) { meanRow(a, i, dst) }
	}
	var failed atomic.Pointer[error] // rows are read by several goroutines
	op := store(b, rows, func(i int, dst []S) {
		if err := guarded(path, func() error { read(i, dst); return nil }); err != nil {
			failed.Store(&err)
		}
	})
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return op, nil
}

// meanRow sets dst to row i of (A + Aᵀ)/2 up to the diagonal.
func meanRow[S blas.Float](a *matio.Array, i int, dst []S) {
	row, column := make([]float64, i+1), make([]float64, i+1)
	matio.ReadRow(a, i, 0, i+1, row)
	matio.ReadColumn(a, i, 0, i+1, column)
	for j := range row {
		dst[j] = S(mean(row[j], column[j]))
	}
}

// mean is (x + y)/2 without overflow, and x where they are equal.
func mean(x, y float64) float64 {
	if x == y {
		return x
	}
	return x/2 + y/2
}

// ReadDiagonal makes Σ = diag(λ) of a file that holds a vector.
func ReadDiagonal[T blas.Float](b *blas.Backend, path string) (*operator.Diagonal[T], error) {
	lambda, err := ReadVector[T](path)
	if err != nil {
		return nil, err
	}
	return operator.NewDiagonal(b, lambda), nil
}

// ReadLowRank makes Σ = U·diag(λ)·Uᵀ of U, d×k, and λ, k values; with an empty
// path every λ is 1.
func ReadLowRank[T blas.Float](b *blas.Backend, path, lambdaPath string) (operator.Operator[T], error) {
	u, err := ReadMatrix[T](path)
	if err != nil {
		return nil, err
	}
	lambda := make([]T, u.Cols)
	for i := range lambda {
		lambda[i] = 1
	}
	if lambdaPath != "" {
		if lambda, err = ReadVector[T](lambdaPath); err != nil {
			return nil, err
		}
		if len(lambda) != u.Cols {
			return nil, fmt.Errorf("%s: %d eigenvalues for the %d columns of %s; their numbers must agree", lambdaPath, len(lambda), u.Cols, path)
		}
	}
	return operator.NewLowRank(b, u, lambda), nil
}

// ReadGram makes Σ = ZᵀZ/n of a data matrix Z, n×d.
func ReadGram[T blas.Float](b *blas.Backend, path string) (operator.Operator[T], error) {
	z, err := ReadMatrix[T](path)
	if err != nil {
		return nil, err
	}
	return operator.NewGram(b, z), nil
}

// ReadMatrix reads a file that holds a matrix of finite elements with at
// least one row and one column.
func ReadMatrix[T blas.Float](path string) (blas.General[T], error) {
	a, err := openArray(path)
	if err != nil {
		return blas.General[T]{}, err
	}
	defer a.Close()
	return matrixOf[T](a, path)
}

// matrixOf reads an array that is a matrix.
func matrixOf[T blas.Float](a *matio.Array, path string) (blas.General[T], error) {
	rows, cols, err := dims(a, path)
	if err != nil {
		return blas.General[T]{}, err
	}
	data, err := readElements[T](a, path)
	return blas.General[T]{Rows: rows, Cols: cols, Stride: cols, Data: data}, err
}

// ReadVector reads a file that holds a vector of finite elements, at
// least one; a matrix of one row or one column is a vector too.
func ReadVector[T blas.Float](path string) ([]T, error) {
	a, err := openArray(path)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	shape := a.Shape()
	if len(shape) != 1 && !(len(shape) == 2 && min(shape[0], shape[1]) == 1) {
		return nil, fmt.Errorf("%s: the array has shape %v; expected a vector", path, shape)
	}
	if a.Len() == 0 {
		return nil, fmt.Errorf("%s: the vector is empty; expected at least one element", path)
	}
	return readElements[T](a, path)
}

// readElements reads all elements of an array, which must be finite.
func readElements[T blas.Float](a *matio.Array, path string) (data []T, err error) {
	if err := CheckMemory("the array", float64(a.Len())*float64(blas.SizeOf[T]())); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	err = guarded(path, func() error {
		if _, err := checkElements[T](a, path); err != nil {
			return err
		}
		data = matio.ReadAll[T](a)
		return nil
	})
	return data, err
}

// checkElements is an error unless every element is finite, as it stands and
// as a T.
func checkElements[T blas.Float](a *matio.Array, path string) (maxAbs float64, err error) {
	if maxAbs, err = matio.CheckFinite(a); err == nil {
		err = CheckHeld[T](path, maxAbs)
	}
	return maxAbs, err
}

// CheckHeld is an error where the largest of some numbers is infinite as a T, or small.
func CheckHeld[T blas.Float](what string, maxAbs float64) error {
	if math.IsInf(float64(T(maxAbs)), 0) {
		return fmt.Errorf("%s: the largest element is %g; f32 holds at most %g", what, maxAbs, math.MaxFloat32)
	}
	return checkSmall[T](what, maxAbs)
}

// checkSmall is an error where even the largest element loses digits as a T, or is 0.
func checkSmall[T blas.Float](path string, maxAbs float64) error {
	if math.Abs(float64(T(maxAbs))-maxAbs) > solvers.Epsilon[T]()*maxAbs {
		return fmt.Errorf("%s: the largest element is %g; f32 holds full digits from %.3g on", path, maxAbs, 0x1p-126)
	}
	return nil
}

// guarded runs f, which reads a mapped file. When the file shrinks meanwhile or
// its disk fails, the processor faults; the fault becomes an error.
func guarded(path string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			if fault, ok := r.(interface{ Addr() uintptr }); !ok || fault.Addr() == 0 {
				panic(r)
			}
			err = fmt.Errorf("%s: the file could not be read to its end; was it changed meanwhile?", path)
		}
	}()
	return f()
}

func open(path string) (a *matio.Array, rows, cols int, err error) {
	if a, err = openArray(path); err != nil {
		return nil, 0, 0, err
	}
	if rows, cols, err = dims(a, path); err != nil {
		a.Close()
		return nil, 0, 0, err
	}
	return a, rows, cols, nil
}

// dims is the shape of a matrix that has elements.
func dims(a *matio.Array, path string) (rows, cols int, err error) {
	if rows, cols, err = a.Dims(); err == nil && (rows == 0 || cols == 0) {
		err = fmt.Errorf("%s: the matrix is %d×%d; expected at least one row and one column", path, rows, cols)
	}
	return rows, cols, err
}

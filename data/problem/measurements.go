package problem

import (
	"fmt"
	"math"
	"sync"

	"lowrank/blas"
	"lowrank/data/matio"
	"lowrank/solvers/operator"
)

// ReadMatrices makes the measurements of an m×n×n array of symmetric matrices.
// Each must be finite and symmetric; its lower triangle is used, held as float32
// under wider arithmetic where rounded is set.
func ReadMatrices[T blas.Float](b *blas.Backend, path string, rounded bool) (operator.Measurement[T], error) {
	a, m, n, err := openMatrices(path)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	held := HeldWide
	if rounded {
		held = HeldFloat32
	}
	if err := CheckMemory("the measurements", measurementBytes[T](b, "gaussian", n, m, held)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var failed firstError // matrices are read by several goroutines
	fill := func(i int, dst []T) {
		failed.at(i, guarded(path, func() error {
			p := a.Plane(i)
			maxAbs, err := checkElements[T](p, p.Name())
			if err == nil {
				err = matio.CheckSymmetric(p, symmetryTolerance(p), maxAbs)
			}
			if err != nil {
				return err
			}
			for j := range n {
				matio.ReadRow(p, j, 0, j+1, dst)
				dst = dst[j+1:]
			}
			if maxAbs > math.MaxFloat32 && rounded {
				return fmt.Errorf("%s: the largest element is %g; f32 holds at most %g", p.Name(), maxAbs, math.MaxFloat32)
			}
			return nil
		}))
	}
	var op operator.Measurement[T]
	if rounded {
		op = operator.NewRoundedMatrices(b, n, m, blas.AsFloat32, fill)
	} else {
		op = operator.NewMatrices(b, n, m, fill)
	}
	if failed.err != nil {
		return nil, failed.err
	}
	return op, nil
}

func openMatrices(path string) (a *matio.Array, m, n int, err error) {
	if a, err = openArray(path); err != nil {
		return nil, 0, 0, err
	}
	s := a.Shape()
	if len(s) != 3 || s[1] != s[2] || s[0] < 1 || s[1] < 1 {
		a.Close()
		return nil, 0, 0, fmt.Errorf("%s: the array has shape %v; expected m×n×n, m symmetric matrices", path, s)
	}
	return a, s[0], s[1], nil
}

// firstError keeps the error with the lowest number.
type firstError struct {
	mu  sync.Mutex
	i   int
	err error
}

func (f *firstError) at(i int, err error) {
	if err == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil || i < f.i {
		f.i, f.err = i, err
	}
}

// Narrowed is how far the rounding of a file's matrices to float32 moves the
// measurements of UUᵀ: ‖𝒜(UUᵀ) − 𝒜_32(UUᵀ)‖ and ‖𝒜(UUᵀ)‖, 𝒜 with the elements as
// they stand in the file. One reading of the file.
func Narrowed(path string, u blas.General[float64]) (moved, size float64, err error) {
	a, m, n, err := openMatrices(path)
	if err != nil {
		return 0, 0, err
	}
	defer a.Close()
	z := make([]float64, n*(n+1)/2) // UUᵀ, elements below the diagonal twice
	for i, at := 0, 0; i < n; i++ {
		for j := 0; j <= i; j++ {
			for k, v := range u.Row(i) {
				z[at] += v * u.Row(j)[k]
			}
			if j < i {
				z[at] *= 2
			}
			at++
		}
	}
	err = guarded(path, func() error {
		row := make([]float64, n)
		for i := range m {
			var exact, change float64
			p, at := a.Plane(i), 0
			for j := range n {
				matio.ReadRow(p, j, 0, j+1, row)
				for _, v := range row[:j+1] {
					exact += v * z[at]
					change += (float64(float32(v)) - v) * z[at]
					at++
				}
			}
			moved, size = math.Hypot(moved, change), math.Hypot(size, exact)
		}
		return nil
	})
	scale := 1 / math.Sqrt(float64(m))
	return moved * scale, size * scale, err
}

// ReadVectors makes the measurements a_ia_iᵀ of an m×n matrix whose rows are
// the a_i.
func ReadVectors[T blas.Float](b *blas.Backend, path string) (operator.Measurement[T], error) {
	a, err := ReadMatrix[T](path)
	if err != nil {
		return nil, err
	}
	return operator.NewRankOne(b, a), nil
}

// ReadEntries makes the measurements of single elements that a Matrix Market
// file lists, and y of its values: the element over √m. y is nil for a pattern,
// which lists places only.
func ReadEntries[T blas.Float](b *blas.Backend, path string) (operator.Measurement[T], []T, error) {
	t, err := matio.ReadMTX(path)
	switch {
	case err != nil:
		return nil, nil, err
	case t.Rows != t.Cols:
		return nil, nil, fmt.Errorf("%s: the matrix is %d×%d; the matrix to complete must be square", path, t.Rows, t.Cols)
	case t.Symmetry == matio.SkewSymmetric:
		return nil, nil, fmt.Errorf("%s: the matrix is skew-symmetric; the matrix to complete is XXᵀ, which is symmetric", path)
	case len(t.Row) == 0:
		return nil, nil, fmt.Errorf("%s: no element is listed; expected at least one", path)
	case t.Rows > math.MaxInt32:
		return nil, nil, fmt.Errorf("%s: the matrix is %d×%d; expected at most %d rows", path, t.Rows, t.Cols, math.MaxInt32)
	}
	op := operator.NewEntries[T](b, t.Rows, t.Row, t.Col)
	if t.Value == nil {
		return op, nil, nil
	}
	scale := 1 / math.Sqrt(float64(len(t.Value)))
	y := make([]T, len(t.Value))
	var maxAbs float64
	for e, v := range t.Value {
		maxAbs = max(maxAbs, math.Abs(v))
		if y[e] = T(scale * v); math.IsInf(float64(y[e]), 0) {
			return nil, nil, fmt.Errorf("%s: element (%d, %d) is %g; f32 holds at most %g", path, t.Row[e], t.Col[e], v, math.MaxFloat32)
		}
	}
	return op, y, checkSmall[T](path, scale*maxAbs)
}

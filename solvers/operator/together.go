package operator

import "lowrank/blas"

// Together are operators that multiply several matrices in one pass over their
// data. Each result has the bits of its own product.
type Together[T blas.Float] interface {
	// ReserveEach allocates what MulEach needs for matrices of these numbers of
	// columns. MulEach calls it; while they stay the same it allocates nothing.
	ReserveEach(r []int)
	// MulEach sets dst[i] = Σ·x[i].
	MulEach(dst, x []blas.General[T]) error
}

// MulEach sets dst[i] = Σ·x[i], in one pass where the operator can.
func MulEach[T blas.Float](op Operator[T], dst, x []blas.General[T]) error {
	if together, ok := op.(Together[T]); ok {
		return together.MulEach(dst, x)
	}
	for i := range x {
		if err := op.Mul(dst[i], x[i]); err != nil {
			return err
		}
	}
	return nil
}

// widths keeps numbers of columns and tells when they change.
type widths []int

// change takes the columns of matrices and reports whether they are others than
// before.
func (w *widths) change(columns []int) bool {
	same := len(*w) == len(columns)
	for i := 0; same && i < len(columns); i++ {
		same = (*w)[i] == columns[i]
	}
	if !same {
		*w = append((*w)[:0], columns...)
	}
	return !same
}

// columnsOf lists the numbers of columns, in buf.
func columnsOf[T blas.Float](buf []int, x []blas.General[T]) []int {
	buf = buf[:0]
	for _, m := range x {
		buf = append(buf, m.Cols)
	}
	return buf
}

// denseTogether is what Dense needs for several matrices.
type denseTogether[T blas.Float] struct {
	products blas.Products[T]
	columns  widths
	buf      []int
}

func (o *Dense[T]) ReserveEach(r []int) {
	if o.together.columns.change(r) {
		o.together.products = o.matrix.NewProducts(r)
	}
}

func (o *Dense[T]) MulEach(dst, x []blas.General[T]) error {
	o.together.buf = columnsOf(o.together.buf, x)
	o.ReserveEach(o.together.buf)
	o.together.products.Mul(dst, x)
	return nil
}

// RectangularTogether are matrices A that make the passes of several pairs of
// factors in one. Each result has the bits of its own pass.
type RectangularTogether[T blas.Float] interface {
	// MulEach is Rectangular.Mul for every pair.
	MulEach(ay, atx, x, y []blas.General[T]) error
	// AlternateEach is Rectangular.Alternate for every pair.
	AlternateEach(eta []T, next, atx, x, y []blas.General[T], g, gnext [][]T, norms []blas.Norms) error
}

// MulPairs is Rectangular.Mul for several pairs, in one pass where A can.
func MulPairs[T blas.Float](a Rectangular[T], ay, atx, x, y []blas.General[T]) error {
	if together, ok := a.(RectangularTogether[T]); ok {
		return together.MulEach(ay, atx, x, y)
	}
	for i := range x {
		if err := a.Mul(ay[i], atx[i], x[i], y[i]); err != nil {
			return err
		}
	}
	return nil
}

// AlternatePairs is Rectangular.Alternate for several pairs, in one pass where
// A can.
func AlternatePairs[T blas.Float](a Rectangular[T], eta []T, next, atx, x, y []blas.General[T], g, gnext [][]T, norms []blas.Norms) error {
	if together, ok := a.(RectangularTogether[T]); ok {
		return together.AlternateEach(eta, next, atx, x, y, g, gnext, norms)
	}
	for i := range x {
		n, err := a.Alternate(eta[i], next[i], atx[i], x[i], y[i], g[i], gnext[i])
		if err != nil {
			return err
		}
		norms[i] = n
	}
	return nil
}

// pairsTogether is what DenseRectangular needs for several pairs.
type pairsTogether[T blas.Float] struct {
	pairs   blas.Pairs[T]
	columns widths
	buf     []int
}

func (o *DenseRectangular[T]) reserveEach(y []blas.General[T]) {
	o.together.buf = columnsOf(o.together.buf, y)
	if o.together.columns.change(o.together.buf) {
		o.together.pairs = o.matrix.NewPairs(o.together.buf)
	}
}

func (o *DenseRectangular[T]) MulEach(ay, atx, x, y []blas.General[T]) error {
	o.reserveEach(y)
	o.together.pairs.Mul(ay, atx, x, y)
	return nil
}

func (o *DenseRectangular[T]) AlternateEach(eta []T, next, atx, x, y []blas.General[T], g, gnext [][]T, norms []blas.Norms) error {
	o.reserveEach(y)
	o.together.pairs.Alternate(eta, next, atx, x, y, g, gnext, norms)
	return nil
}

// MeasurementTogether are measurements that make the passes of several runs in
// one. Each result has the bits of its own pass.
type MeasurementTogether[T blas.Float] interface {
	// GradientEach is Measurement.Gradient for every U.
	GradientEach(dst []blas.General[T], residual [][]T, u []blas.General[T], y []T) error
}

// Gradients is Measurement.Gradient for several U, in one pass where the
// measurements can.
func Gradients[T blas.Float](a Measurement[T], dst []blas.General[T], residual [][]T, u []blas.General[T], y []T) error {
	if together, ok := a.(MeasurementTogether[T]); ok {
		return together.GradientEach(dst, residual, u, y)
	}
	for i := range u {
		if err := a.Gradient(dst[i], residual[i], u[i], y); err != nil {
			return err
		}
	}
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

package operator

import "lowrank/blas"

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

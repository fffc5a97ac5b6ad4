package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// operand is a matrix as it is packed: element (i, k) is data[i*rs+k*cs], so
// that transposing is an exchange of strides. Of a symmetric operand one
// triangle is stored, and elements of the other are their mirror images.
type operand[T blas.Float] struct {
	data   []T
	rs, cs int
	stored gblas.Uplo // Lower or Upper of a symmetric operand; gblas.All: general
}

func generalOperand[T blas.Float](t gblas.Transpose, a []T, lda int) operand[T] {
	o := operand[T]{a, lda, 1, gblas.All}
	if t != gblas.NoTrans {
		return o.transpose()
	}
	return o
}

func symmetricOperand[T blas.Float](uplo gblas.Uplo, a []T, lda int) operand[T] {
	return operand[T]{a, lda, 1, uplo}
}

func (o operand[T]) transpose() operand[T] {
	if o.stored == gblas.All {
		o.rs, o.cs = o.cs, o.rs
	}
	return o
}

// pack copies rows i0 … i1−1, columns k0 … k0+kc−1, into panels of width rows,
// each column by column; the last panel is padded with zeros.
func pack[T blas.Float](dst []T, o operand[T], i0, i1, k0, kc, width int) {
	if o.stored == gblas.All && o.rs == 1 {
		packColumnwise(dst, o, i0, i1, k0, kc, width)
		return
	}
	for ; i0 < i1; i0 += width {
		panel := dst[:kc*width]
		h := min(width, i1-i0)
		if h < width {
			clear(panel)
		}
		if o.stored == gblas.All {
			packRows(panel, o.data[i0*o.rs+k0*o.cs:], o.rs, h, kc, width)
		} else {
			packSymmetric(panel, o, i0, h, k0, kc, width)
		}
		dst = dst[kc*width:]
	}
}

// packColumnwise packs an operand whose columns lie in memory as they are: a
// few panels at a time, column after column, so that memory is read in order
// and written in few streams.
func packColumnwise[T blas.Float](dst []T, o operand[T], i0, i1, k0, kc, width int) {
	for ; i0 < i1; i0 += 4 * width {
		m := min(4*width, i1-i0)
		whole := m / width * width
		for k := range kc {
			column := o.data[i0+(k0+k)*o.cs:][:m]
			at := k * width
			for i := 0; i < whole; i += width {
				copy(dst[at:at+width], column[i:])
				at += kc * width
			}
			if whole < m {
				to := dst[at : at+width]
				clear(to[copy(to, column[whole:]):])
			}
		}
		dst = dst[min(4*kc*width, len(dst)):]
	}
}

// packRows packs h rows of kc elements, rs apart, side by side.
func packRows[T blas.Float](panel, a []T, rs, h, kc, width int) {
	i := 0
	for ; i+4 <= h; i += 4 {
		a0, a1 := a[i*rs:][:kc], a[(i+1)*rs:][:kc]
		a2, a3 := a[(i+2)*rs:][:kc], a[(i+3)*rs:][:kc]
		to := panel[i:]
		for k, v := range a0 {
			q := to[k*width : k*width+4 : k*width+4]
			q[0], q[1], q[2], q[3] = v, a1[k], a2[k], a3[k]
		}
	}
	for ; i+2 <= h; i += 2 {
		a0, a1 := a[i*rs:][:kc], a[(i+1)*rs:][:kc]
		to := panel[i:]
		for k, v := range a0 {
			q := to[k*width : k*width+2 : k*width+2]
			q[0], q[1] = v, a1[k]
		}
	}
	for ; i < h; i++ {
		at := i
		for _, v := range a[i*rs:][:kc] {
			panel[at] = v
			at += width
		}
	}
}

// packSymmetric packs h rows of a symmetric operand. With the lower triangle
// stored, columns left of the rows lie in them, columns right of them in the
// rows below; with the upper, the other way round.
func packSymmetric[T blas.Float](panel []T, o operand[T], i0, h, k0, kc, width int) {
	inRows := func(a, b int) { // columns a … b−1 lie in rows i0 …
		if a < b {
			packRows(panel[(a-k0)*width:], o.data[i0*o.rs+a:], o.rs, h, b-a, width)
		}
	}
	mirrored := func(a, b int) {
		for k := a; k < b; k++ {
			copy(panel[(k-k0)*width:(k-k0)*width+h], o.data[k*o.rs+i0:])
		}
	}
	k1 := k0 + kc
	left, right := min(max(i0, k0), k1), min(max(i0+h, k0), k1)
	if o.stored == gblas.Lower {
		inRows(k0, left)
		mirrored(right, k1)
	} else {
		mirrored(k0, left)
		inRows(right, k1)
	}
	for k := left; k < right; k++ {
		for i := i0; i < i0+h; i++ {
			r, c := i, k
			if (o.stored == gblas.Lower) != (r >= c) {
				r, c = c, r
			}
			panel[(k-k0)*width+i-i0] = o.data[r*o.rs+c]
		}
	}
}

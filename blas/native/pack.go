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
	for ; i0 < i1; i0 += width {
		panel := dst[:kc*width]
		h := min(width, i1-i0)
		if h < width {
			clear(panel)
		}
		switch {
		case o.stored != gblas.All:
			packSymmetric(panel, o, i0, h, k0, kc, width)
		case o.rs == 1:
			for k := range kc {
				copy(panel[k*width:k*width+h], o.data[i0+(k0+k)*o.cs:])
			}
		default:
			for i := range h {
				at := (i0+i)*o.rs + k0*o.cs
				for k := range kc {
					panel[k*width+i] = o.data[at]
					at += o.cs
				}
			}
		}
		dst = dst[kc*width:]
	}
}

func packSymmetric[T blas.Float](panel []T, o operand[T], i0, h, k0, kc, width int) {
	for i := i0; i < i0+h; i++ {
		for k := k0; k < k0+kc; k++ {
			r, c := i, k
			if (o.stored == gblas.Lower) != (r >= c) {
				r, c = c, r
			}
			panel[(k-k0)*width+i-i0] = o.data[r*o.rs+c]
		}
	}
}

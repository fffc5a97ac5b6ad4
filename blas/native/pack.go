package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/kernel"
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

// Whose panels are packed: those of A are MR wide, those of B NR.
const ofA, ofB = 0, 1

// pack copies rows i0 … i1−1, columns k0 … k0+kc−1, into the panels of A or of
// B, each column by column; the last panel is padded with zeros.
func pack[T blas.Float](k *kernel.Kernels[T], dst []T, o operand[T], i0, i1, k0, kc, whose int) {
	width := [2]int{ofA: k.MR, ofB: k.NR}[whose]
	for ; i0 < i1; i0 += width {
		panel := dst[:kc*width]
		h := min(width, i1-i0)
		if h < width {
			clear(panel)
		}
		a := o.data
		if o.stored == gblas.All {
			a = a[i0*o.rs+k0*o.cs:]
		}
		switch {
		case o.stored != gblas.All:
			packSymmetric(k, panel, o, i0, h, k0, kc, width)
		case o.rs != 1:
			packRows(k, panel, a, o.rs, h, kc, width)
		case h == width:
			k.Gather[whose](kc, a, o.cs, panel)
		default:
			for p := range kc {
				copy(panel[p*width:p*width+h], a[p*o.cs:])
			}
		}
		dst = dst[kc*width:]
	}
}

// packRows packs h rows of kc elements, rs apart, side by side.
func packRows[T blas.Float](k *kernel.Kernels[T], panel, a []T, rs, h, kc, width int) {
	whole := kc / 4 * 4
	plain := func(i, p int) {
		at := p*width + i
		for _, v := range a[i*rs+p : i*rs+kc] {
			panel[at] = v
			at += width
		}
	}
	i := 0
	for _, v := range []int{1, 0} {
		for rows := 2 << v; i+rows <= h && whole > 0; i += rows {
			k.Interleave[v](whole, a[i*rs:], rs, panel[i:], width)
			for q := range rows {
				plain(i+q, whole)
			}
		}
	}
	for ; i < h; i++ {
		plain(i, 0)
	}
}

// packSymmetric packs h rows of a symmetric operand. With the lower triangle
// stored, columns left of the rows lie in them, columns right of them in the
// rows below; with the upper, the other way round.
func packSymmetric[T blas.Float](kernels *kernel.Kernels[T], panel []T, o operand[T], i0, h, k0, kc, width int) {
	inRows := func(a, b int) { // columns a … b−1 lie in rows i0 …
		if a < b {
			packRows(kernels, panel[(a-k0)*width:], o.data[i0*o.rs+a:], o.rs, h, b-a, width)
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

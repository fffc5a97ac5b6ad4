package blas

// Panic strings of this package, for errors of the programmer.
const (
	badShape  = "blas: shape of matrix does not fit"
	badStride = "blas: bad stride of matrix"
	shortData = "blas: insufficient length of matrix data"
	shortGram = "blas: insufficient length of Gram matrix"
	badRank   = "blas: number of columns < 1"
	badUplo   = "blas: the triangle must be Upper or Lower"
)

package native

// Panic strings, those of gonum's BLAS where it has one for the case.
const (
	mLT0 = "blas: m < 0"
	nLT0 = "blas: n < 0"
	kLT0 = "blas: k < 0"

	badUplo      = "blas: illegal triangle"
	badTranspose = "blas: illegal transpose"
	badSide      = "blas: illegal side"

	badLdA = "blas: bad leading dimension of A"
	badLdB = "blas: bad leading dimension of B"
	badLdC = "blas: bad leading dimension of C"

	shortA = "blas: insufficient length of a"
	shortB = "blas: insufficient length of b"
	shortC = "blas: insufficient length of c"

	badShape  = "native: shape of matrix does not fit"
	badRank   = "native: number of columns < 1"
	shortGram = "native: insufficient length of Gram matrix"
)

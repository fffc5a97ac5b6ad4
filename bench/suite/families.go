package suite

// Family is a kind of operation.
type Family struct {
	Name  string
	About string // one line
	// Operations lists those of a grid, in an order in which neighbours share
	// their data.
	Operations func(g Grid) []Operation
}

// Families lists them all.
func Families() []Family {
	return []Family{
		{"Product", "Σ·X for a dense Σ, or one held as float32", product},
		{"Update", "cubic update X + η(Y − XG) and the next Gram matrix", update},
		{"SymmetricStep", "step of X ← X + η(Σ − XXᵀ)X", symmetricStep},
		{"AsymmetricStep", "step of (alternating) descent on ½‖XYᵀ − A‖²", asymmetricStep},
		{"SensingStep", "step on ¼‖𝒜(UUᵀ) − y‖², 50n Gaussian measurements", sensingStep},
		{"DeepStep", "step of all factors of W_N⋯W_1", deepStep},
		{"Ensemble", "iteration of ten runs, from one reading of the data or apart", ensemble},
		{"Level3", "large square products: gemm, syrk, symm", level3},
		{"Shapes", "BLAS routines from tiny to large, in the shapes of this field", shapesOf},
	}
}

// Find is the family of that name.
func Find(name string) Family {
	for _, f := range Families() {
		if f.Name == name {
			return f
		}
	}
	panic("suite: no family " + name)
}

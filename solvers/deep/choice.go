package deep

// Work is runs on a symmetric Ŵ, by whose counts of operations, those of products of
// matrices, the method for them is chosen.
type Work struct {
	Order      int // n of Ŵ and of the factors
	Factors    int // N
	Iterations int
	Runs       int // at least 1; they share the decomposition
	Threads    int
	Records    float64 // iterates whose singular values, and their factors', are recorded
	Theory     bool    // each iterate is compared with the paper's claims in the eigenbasis of Ŵ
	Norm       bool    // the step follows from ‖Ŵ‖
}

// What routines other than products take, as operations of products in the same time: on
// two threads an eigendecomposition takes as long as 130 to 200n³ of them (n from 100 to
// 1500), the singular values of a matrix with its balance as 40 to 50n³, VᵀWV in gonum as
// 30 to 40n³, an eigenvalue in a step as some hundreds.
const (
	decompositionCost = 200 // of n³
	valuesCost        = 40  // of n³
	rotationCost      = 35  // of n³
	eigenvalueCost    = 500
)

// gain is how much more products gain from the threads than the routines above, which
// hardly do: 1 on two threads.
func (w Work) gain() float64 { return float64(w.Threads) / 2 }

func (w Work) cube() float64 {
	n := float64(w.Order)
	return n * n * n
}

// Direct are the operations of a run by products of matrices.
func (w Work) Direct() float64 {
	n, factors, iters := float64(w.Order), float64(w.Factors), float64(w.Iterations)
	cube, gain := w.cube(), w.gain()
	all := iters * (6*(factors-1)*cube + 8*factors*n*n)
	if w.Theory { // the same basis, and each iterate in it
		all += gain*decompositionCost*cube + (iters+1)*(factors+1)*gain*rotationCost*cube
	}
	all += w.Records * (factors + 1) * gain * valuesCost * cube
	if w.Norm {
		all += gain * valuesCost * cube
	}
	return all
}

// Spectral are the operations of all runs by the eigenvalues of Ŵ, the decomposition
// among them.
func (w Work) Spectral() float64 {
	steps := float64(w.Runs) * float64(w.Iterations)
	return w.gain()*decompositionCost*w.cube() + steps*eigenvalueCost*float64(w.Order)
}

// Faster says whether the eigenvalues are expected to take less time than products of
// matrices, for all runs together.
func (w Work) Faster() bool { return w.Spectral() < float64(w.Runs)*w.Direct() }

// Package lowrank approximates large matrices by products of thin ones with gradient
// descent: a symmetric Σ by XXᵀ, any A by XYᵀ.
//
//	res, err := lowrank.Symmetric(sigma, 10, nil) // sigma is a gonum *mat.SymDense
//	if err != nil {
//		return err
//	}
//	fmt.Println(res.Status, res.Error) // ‖Σ − XXᵀ‖_F/‖Σ‖_F; res.X is a *mat.Dense
//
// Matrices are those of gonum.org/v1/gonum/mat. Zero settings are useful; fields of
// Settings choose the start, the step, when to stop, who is shown the iterates, the BLAS and
// its threads. The backends native, which is the default, and gonum give the same bits on
// any number of threads.
//
// # What runs
//
// Symmetric iterates X ← X + η(Σ − XXᵀ)X, Asymmetric alternates between the factors of
// XYᵀ. With zero settings the start is random, of the size of √σ_1 where σ_1 = ‖Σ‖₂ or
// ‖A‖₂ is estimated by twelve readings of the matrix, and the step is
//
//	η = 1/(4·max(σ_1, σ_1²(X_0), σ_1²(Y_0))).
//
// With that step XXᵀ never grows past the larger of Σ and X_0X_0ᵀ and each iteration
// decreases ‖Σ − XXᵀ‖ (solvers/stepsize has the proof, which leaves the estimate room to be a quarter
// too small). For XYᵀ there is no such proof; no divergence was found with steps up to three
// times as large. The run ends when the gradient, relative to the terms whose difference it
// is, has fallen to 1e-8, or after 100,000 iterations: that is a Status, no error.
// Directions with close singular values are told apart slowly, in about σ_1/gap iterations,
// and cost little in Error until they are.
//
// Steps, starts and claims of the papers on such iterations are in the packages below.
//
// # Deeper
//
//	lowrank/solvers             the run loop, recorders, checkpoints, several runs at once;
//	                            below it symmetric, asymmetric, sensing (recovery from linear
//	                            measurements, completion) and deep (products of many
//	                            factors), float32, sparse and low-rank matrices (operator)
//	lowrank/blas                the backends; blas/native is a BLAS for all of gonum
//	lowrank/data                files (matio: npy, npz, Matrix Market) and made-up problems
//	lowrank/cmd/mfbench         all of it as a command
//
// # For contributors
//
// This package only chooses and calls: it may import everything but bench and cmd, and
// nothing imports it. Start reading at symmetric.go: the matrix comes in through input.go,
// step.go bounds the start's size, solvers/stepsize chooses the step, run.go runs either method.
package lowrank

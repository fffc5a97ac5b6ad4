package stepsize

import "math"

// For is the step η = 1/(4·max(σ_1, σ_1²(X_0))) of X ← X + η(Σ − XXᵀ)X and of XYᵀ. norm
// stands for σ_1, the estimate of ‖Σ‖₂, and may be a quarter too small; start is σ_1(X_0).
//
// Let B = max(σ_1, ‖X_0‖²) and η ≤ 1/(3B), with ‖Σ‖ = σ_1.
//
// ‖X_t‖² ≤ B for all t: where ‖X‖² = s² ≤ B, ηs² ≤ 1/3, and X − ηXXᵀX has the singular
// values σ(1 − ησ²), which grow with σ ≤ s, so that ‖X + η(Σ − XXᵀ)X‖ ≤ s(1 + ησ_1 − ηs²).
// The derivative of that by s is 1 + ησ_1 − 3ηs² ≥ ησ_1, so that its maximum over s² ≤ B is
// at s² = B: √B(1 + η(σ_1 − B)) ≤ √B.
//
// f decreases: in the ball ‖X‖² ≤ B, which is convex, the gradient (XXᵀ − Σ)X changes by at
// most L = σ_1 + 3B ≤ 4B times what X does, and η < 2/L. So the gradients go to zero.
//
// The paper on large initialization has the same condition on the start with more room,
// σ_1(X_0) ≤ 1/√(3η) (Theorem 6), and η ≤ 1/(12λ_1) (Lemma 8), for statements on the path.
//
// For XYᵀ, whose norm and start are here those of A and of the larger factor: a step of one
// factor decreases f where η times the squared norm of the other is below 2. With the
// balanced start, XᵀX near YᵀY, the pair (X, Y)/√2 moves as X does above with the matrix
// [0 A; Aᵀ 0] of the same norm, but for the difference XᵀX − YᵀY, which grows with η² only.
// No such bound is proved for it that would not need a smaller step; that ¼ leaves room is
// tested (TestNeverDiverges of package lowrank). Ward and Kolda (2023) prove convergence from
// an unbalanced start, with steps that depend on σ_r, which is not known here.
//
// For sensing the norm is that of 𝒜*(y), or of 𝒜*𝒜(U_0U_0ᵀ) where that is larger, and start
// is 0: where 𝒜*𝒜 multiplies matrices of low rank by about one number c, as restricted
// isometry says (with c = 1), U√c moves as X does above with Σ = 𝒜*(y). That is inferred.
func For(norm, start float64) float64 {
	if bound := max(norm, start*start); bound > 0 {
		return 1 / (4 * bound)
	}
	return 1 // of zeros, which stay so
}

// Deep is the step η = 1/(2N·B) of N factors, B = max(σ_1^(2−2/N), max_j Π_{i≠j}‖W_i(0)‖²),
// with norm for σ_1 of Ŵ and the spectral norms of the factors at the start.
//
// At a product that has the leading singular values of Ŵ with balanced factors, the largest
// eigenvalue of the Hessian of ½‖W_N⋯W_1 − Ŵ‖² is Nσ_1^(2−2/N), so that gradient descent is
// stable there for η < 2/(Nσ_1^(2−2/N)), of which this is a quarter; for N = 2 it is For. At
// the start the sum over j of Π_{i≠j}‖W_i‖² ≤ N·B takes its place. That a quarter is enough on
// the way is inferred; (10) of the paper, for the identical start, asks for less.
func Deep(norm float64, factors []float64) float64 {
	n := float64(len(factors))
	bound := math.Pow(norm, 2-2/n)
	for j := range factors {
		product := 1.0
		for i, f := range factors {
			if i != j {
				product *= f
			}
		}
		bound = max(bound, product*product)
	}
	if bound > 0 {
		return 1 / (2 * n * bound)
	}
	return 1
}

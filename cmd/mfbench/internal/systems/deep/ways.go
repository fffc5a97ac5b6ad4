package deep

import (
	"math"
	"slices"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers/deep"
)

// deepRun is a run of solve deep by either method.
type deepRun struct {
	solver                 run.Solver
	iterates               deep.Iterates // that recorders see
	basis                  *deep.Basis   // of the method; nil of the direct one
	saveFactors, saveTotal func(path string) error
	flops                  func() float64
	// report adds what is said of the method and of the product.
	report func(out map[string]any, truth *blas.General[float64])
}

// deepDirectly is gradient descent from the factors w0.
func deepDirectly[T blas.Float](b *blas.Backend, target blas.General[float64], w0 []blas.General[float64], eta float64) deepRun {
	factors := make([]blas.General[T], len(w0))
	for j, w := range w0 {
		factors[j] = blas.Convert[T](w)
	}
	s := deep.New(b, blas.Convert[T](target), factors, eta)
	return deepRun{
		solver: s, iterates: s, flops: s.Flops,
		saveFactors: func(path string) error { return problem.WriteFactors(path, s.Factors()) },
		saveTotal:   func(path string) error { return run.WriteMatrix(s.Product())(path) },
		report: func(out map[string]any, truth *blas.General[float64]) {
			out["method"] = "direct"
			product := blas.Convert[float64](s.Product())
			reportSpectrum(out, deep.SingularValues(product))
			if truth == nil {
				return
			}
			var distance float64
			for i, v := range truth.Data {
				distance = math.Hypot(distance, product.Data[i]-v)
			}
			out["distance"] = run.Relative(distance, normOf(truth))
		},
	}
}

// inEigenbasis is gradient descent on the eigenvalues.
func inEigenbasis(f *Flags, shared *sharedDecomposition, eta float64) deepRun {
	of := shared.of
	s := deep.NewEigenvalueSolver(of, f.startKind(), f.depth, eta)
	return deepRun{
		solver: s, iterates: s, basis: of.Basis, flops: s.Flops,
		saveFactors: func(path string) error { return problem.WriteFactors(path, s.Factors()) },
		saveTotal:   func(path string) error { return run.WriteMatrix(s.Product())(path) },
		report: func(out map[string]any, truth *blas.General[float64]) {
			out["method"], out["decomposition_seconds"] = "spectral", shared.took.Seconds()
			out["decomposition_error"], out["orthogonality_error"] = of.Residual, of.Orthogonality
			out["asymmetry"] = of.Asymmetry
			out["rounding_error"] = s.RoundingError()
			out["direct_departs"] = nil
			if at := s.DirectDeparts(); at >= 0 {
				out["direct_departs"] = at
			}
			if why := s.DirectUnpredicted(); why != "" {
				out["direct_departs_reason"] = why
			}
			reportSpectrum(out, s.SingularValues())
			if truth != nil {
				out["distance"] = run.Relative(s.DistanceTo(*truth), normOf(truth))
			}
		},
	}
}

func reportSpectrum(out map[string]any, sigma []float64) {
	out["effective_rank"], out["singular_values"] = deep.EffectiveRank(sigma), sigma[:min(len(sigma), 10)]
}

func normOf(m *blas.General[float64]) (norm float64) {
	for _, v := range m.Data {
		norm = math.Hypot(norm, v)
	}
	return norm
}

// spectralNorm is that of Ŵ; of is its eigenbasis where it is known.
func spectralNorm(m blas.General[float64], of *deep.Decomposition) float64 {
	if of != nil {
		return math.Max(math.Abs(slices.Max(of.Values)), math.Abs(slices.Min(of.Values)))
	}
	return deep.SingularValues(m)[0]
}

package deep

import (
	"fmt"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers/deep"
)

// with is the request of the same run with the width and the scales that its start has
// for this Ŵ where they were not given, and these as values of flags.
func (f *Flags) with(target blas.General[float64]) (*Flags, map[string]any) {
	g := *f
	found := map[string]any{}
	if g.w0 != "" {
		return &g, found
	}
	if g.width == 0 {
		g.width = min(target.Rows, target.Cols)
	}
	if !f.Changed("scale") {
		g.scale = map[string]float64{"gaussian": 1, "identity": 0.1, "perturbed": 0.1}[f.init]
		found["scale"] = g.scale
	}
	if f.init == "perturbed" && !f.Changed("beta") {
		g.beta = g.scale / 10
		found["beta"] = g.beta
	}
	return &g, found
}

// dims are d_0 … d_N of a start that --init names.
func (f *Flags) dims(target blas.General[float64]) []int {
	dims := make([]int, f.depth+1)
	for j := range dims {
		dims[j] = f.width
	}
	dims[0], dims[f.depth] = target.Cols, target.Rows
	return dims
}

// startDeep returns W_1 … W_N, of dimensions dims where no file gives them.
func (f *Flags) startDeep(target blas.General[float64], dims []int) ([]blas.General[float64], error) {
	if f.w0 != "" {
		w, err := problem.ReadFactors(f.w0, f.depth)
		if last := len(w) - 1; err == nil && (w[0].Cols != target.Cols || w[last].Rows != target.Rows) {
			err = fmt.Errorf("%s: W%d⋯W1 is %d×%d; Ŵ is %d×%d", f.w0, f.depth, w[last].Rows, w[0].Cols, target.Rows, target.Cols)
		}
		return w, err
	}
	bytes := 0.0
	for j := 1; j < len(dims); j++ {
		bytes += 8 * float64(dims[j]) * float64(dims[j-1])
	}
	if err := problem.CheckMemory(fmt.Sprintf("%d factors of order %d", f.depth, f.width), bytes); err != nil {
		return nil, err
	}
	switch f.init {
	case "perturbed":
		return deep.PerturbedFactors(dims, f.scale, f.beta), nil
	case "gaussian":
		return deep.GaussianFactors(dims, f.scale, f.Seed), nil
	}
	return deep.IdentityFactors(dims, f.scale), nil
}

// startKind is the start as the theory and the eigenvalues have it.
func (f *Flags) startKind() deep.Start {
	if f.init == "perturbed" {
		return deep.Start{Kind: deep.PerturbedStart, Alpha: f.scale, Beta: f.beta}
	}
	return deep.Start{Kind: deep.IdenticalStart, Alpha: f.scale}
}

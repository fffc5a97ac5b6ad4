package deep

import (
	"context"
	"math"
	"slices"
	"time"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

// buildDeep prepares the run that the flags ask for.
func buildDeep[T blas.Float](ctx context.Context, f *Flags, b *blas.Backend, began time.Time, p problemOf, shared *sharedDecomposition) (run.System, run.Solver, error) {
	target, truth := p.target, p.truth
	f, found := f.with(target)
	var dims []int
	if f.w0 == "" {
		dims = f.dims(target)
	}
	method, err := f.choose(f, b, target)
	if err != nil {
		return run.System{}, nil, err
	}
	var w0 []blas.General[float64]
	var of *deep.Decomposition
	if method == "spectral" {
		of, err = shared.decompose(ctx, f, b, began, target)
	} else if w0, err = f.startDeep(target, dims); err == nil {
		dims = deep.Dims(w0)
	}
	if err != nil {
		return run.System{}, nil, err
	}
	eta := f.stepOf(b, p, of, w0)
	if err := run.CheckStep[T](eta, f.Dtype); err != nil {
		return run.System{}, nil, err
	}
	var way deepRun
	data := "Ŵ"
	if of != nil {
		data = "" // no iteration reads it
		way = inEigenbasis(f, shared, eta)
	} else {
		if err := run.CheckHeld[T]("Ŵ", target); err != nil {
			return run.System{}, nil, err
		}
		if err := run.CheckHeld[T]("a factor of the start", w0...); err != nil {
			return run.System{}, nil, err
		}
		way = deepDirectly[T](b, target, w0, eta)
	}
	opts := deep.RecorderOptions{Values: f.singular, Truth: truth}
	var watch []solvers.Recorder
	var checks func() []solvers.Check
	if f.theory {
		theory, basis, err := deepTheory(f, way, target)
		if err != nil {
			return run.System{}, nil, err
		}
		opts.Basis = basis
		watch = []solvers.Recorder{theory}
		checks = func() []solvers.Check {
			return append(theory.Checks(), deep.ScalarChecks(deep.Params{Depth: f.depth, Alpha: f.scale, Eta: way.solver.StepSize()}, basis.Values, f.windows)...)
		}
	}
	recorder := deep.NewRecorder(way.iterates, opts)
	return run.System{
		Watch: watch, Checks: checks,
		Method: method, Name: "deep", Data: data, Bytes: int64(target.Rows) * int64(target.Cols) * int64(blas.SizeOf[T]()), Iterate: "W_1 … W_N",
		Step: p.step, Solver: way.solver, Recorder: recorder, Trace: &recorder.Trace, Bits: []any{f.singular, run.HashOf(truth), f.theory, f.window},
		Files: []run.File{{Path: f.saveW, Write: way.saveFactors}, {Path: f.saveProd, Write: way.saveTotal}},
		Omit:  f.omit(), Resolved: found,
		Report: func(out map[string]any) error {
			out["m"], out["n"], out["depth"], out["dims"] = target.Rows, target.Cols, f.depth, dims
			out["loss"] = way.iterates.Loss()
			run.SetError(out, way.iterates.Error(), solvers.Norm(target.Data) == 0)
			run.SetBest(out, bestError(target, dims))
			way.report(out, truth)
			out["gigaflops_per_second"] = out["iterations_per_second"].(float64) * way.flops() / 1e9
			return nil
		},
		Print: printDeep,
	}, way.solver, nil
}

// bestError is the least error of a product with these dimensions: that of the best
// approximation whose rank is the smallest of them.
func bestError(target blas.General[float64], dims []int) float64 {
	rank := slices.Min(dims)
	if rank >= min(target.Rows, target.Cols) {
		return 0
	}
	return run.BestOfSpectrum(deep.SingularValues(target), rank)
}

// omit are the flags that say nothing about this run.
func (f *Flags) omit() map[string]bool {
	omit := table.OfOthers(&f.Request)
	if f.init != "perturbed" || f.w0 != "" {
		omit["beta"] = true
	}
	if f.w0 != "" {
		omit["init"], omit["scale"], omit["width"] = true, true, true
	}
	if !f.Changed("width") {
		omit["width"] = true
	}
	return omit
}

func printDeep(line func(name, format string, args ...any), out map[string]any) {
	run.PrintError(line, out, "‖W − Ŵ‖_F", "Ŵ", "‖Ŵ‖_F", ", what the product leaves of Ŵ"+run.BestText(out))
	if d, ok := out["distance"]; ok {
		line("distance", "%.6g   ‖W − truth‖_F/‖truth‖_F, to Ŵ without its noise", d)
	}
	line("gradient", "%.3g   relative to its terms in Ŵ", out["gradient"])
	line("effective rank", "%.6g", out["effective_rank"])
	line("singular values", "%.6g", out["singular_values"])
	if out["method"] == "direct" {
		line("products", "%.3g GF/s", out["gigaflops_per_second"])
	}
	printSpectral(line, out)
}

// printSpectral says what a run by the eigenvalues took and is worth.
func printSpectral(line func(name, format string, args ...any), out map[string]any) {
	if out["method"] != "spectral" {
		return
	}
	line("method", "spectral: residual of the eigendecomposition %.2g, orthogonality %.2g", out["decomposition_error"], out["orthogonality_error"])
	line("decomposition", "%.3g s, before the iterations", out["decomposition_seconds"])
	if a := out["asymmetry"].(float64); a > 0 {
		line("asymmetry", "%.2g   of Ŵ; the run is that of (Ŵ+Ŵᵀ)/2", a)
	}
	if e := out["rounding_error"].(float64); math.IsNaN(e) {
		line("rounding", "not predictable: it has grown too large, relative to the product")
	} else {
		line("rounding", "%.2g   estimated, relative to the product", e)
	}
	if at, ok := out["direct_departs"].(int); ok {
		line("direct method", "expected to show another product from iterate %d on, where its rounding errors decide", at)
	}
	if why, ok := out["direct_departs_reason"]; ok {
		line("direct method", "not predicted: %s", why)
	}
}

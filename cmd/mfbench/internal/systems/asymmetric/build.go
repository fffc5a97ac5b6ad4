package asymmetric

import (
	"time"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// buildAsymmetric prepares the run that the flags ask for.
func buildAsymmetric[T blas.Float](f *Flags, b *blas.Backend, a operator.Rectangular[T], known *problem.Rectangular, sigma *eigen.Triplets, column columnSpace, bases *sharedBases, best func(out map[string]any, norm float64) float64) (run.System, run.Solver, error) {
	m, n := a.Dims()
	order := asymmetric.Alternating
	if f.simultaneous {
		order = asymmetric.Simultaneous
	}
	var way factors[T]
	var p asymmetric.Parameters
	var took time.Duration
	if bases != nil {
		inBases, begun := bases.next(b, order, f.KrylovTol)
		way, p, took = any(inBases).(factors[T]), begun.p, bases.took
	} else {
		begun, err := beginAsymmetric(f, b, a)
		if err != nil {
			return run.System{}, nil, err
		}
		way, p = factorsDirectly(b, a, begun, order), begun.p
	}
	solver := way.iterates
	r := f.Rank
	var rate *asymmetric.Parameters
	if f.trueRank > 0 {
		r = min(r, f.trueRank)
	}
	if f.theoryStep || f.theory {
		rate = &p
	}
	recorder := asymmetric.NewRecorder(solver, r, rate)
	var watch []solvers.Recorder
	var checks func() []solvers.Check
	if f.theory {
		theory, err := way.theory(p, &column.basis, column.tail)
		if err != nil {
			return run.System{}, nil, run.UsageOf(err)
		}
		watch, checks = []solvers.Recorder{theory}, theory.Checks
	}
	_, shares := a.(operator.RectangularTogether[T])
	return run.System{
		Method: run.MethodOf(bases != nil),
		Watch:  watch, Checks: checks, Bits: []any{f.theory, rate != nil, p, r}, Shares: bases != nil || shares && run.Fused(b), Took: took, Alone: way.alone,
		Name: "asymmetric", Data: "A", Bytes: a.Bytes(), Iterate: "(X, Y)",
		Step: f.step, Solver: way.solver, Recorder: recorder, Trace: &recorder.Trace,
		Files: []run.File{
			{Path: f.saveX, Write: func(path string) error { return run.WriteMatrix(way.x())(path) }},
			{Path: f.saveY, Write: func(path string) error { return run.WriteMatrix(way.y())(path) }},
		},
		Omit: f.omit(),
		Report: func(out map[string]any) error {
			out["m"], out["n"], out["order"] = m, n, map[bool]string{false: "alternating", true: "simultaneous"}[f.simultaneous]
			way.report(out)
			if f.sigma1 != 0 {
				out["sigma_1"], out["singular_passes"] = f.sigma1, sigma.Passes
			}
			if rate != nil {
				out["sigma_r"], out["f0"], out["rho"], out["beta"] = f.sigmaR, p.F0, p.Rho(), p.Beta()
				out["theory_iterations"] = p.Iterations(solver.StepSize())
			}
			x, y := blas.Convert[float64](way.x()), blas.Convert[float64](way.y())
			distance, norm, err := a.Distance(x, y)
			run.SetError(out, run.Relative(distance, norm), norm == 0)
			if err == nil {
				run.SetBest(out, best(out, norm))
			}
			if err == nil && known != nil && known.Noise != 0 {
				clean, err := problem.OperatorOf[float64](b, &problem.Rectangular{Left: known.Left, Right: known.Right, Singular: known.Singular}, true)
				if err != nil {
					return err
				}
				out["distance"], _, err = clean.Distance(x, y)
				return err
			}
			return err
		},
		Print: printAsymmetric,
	}, way.solver, nil
}

// omit are the flags that say nothing about this run.
func (f *Flags) omit() map[string]bool {
	omit := table.OfOthers(&f.Request)
	for name, value := range map[string]float64{"true-rank": float64(f.trueRank), "sigma-1": f.sigma1, "sigma-r": f.sigmaR} {
		if value == 0 || name != "true-rank" && !f.Changed(name) {
			omit[name] = true
		}
	}
	if f.x0 != "" {
		omit["init"] = true
	}
	return omit
}

func printAsymmetric(line func(name, format string, args ...any), out map[string]any) {
	run.PrintError(line, out, "‖XYᵀ − A‖_F", "A", "‖A‖_F", ", what XYᵀ leaves of A"+run.BestText(out))
	if d, ok := out["distance"]; ok {
		line("distance", "%.6g   ‖XYᵀ − A‖_F, to A without its noise", d)
	}
	line("gradient", "%.3g   relative to (AY, AᵀX), before the last step", out["gradient"])
	run.PrintMethod(line, out, "X and Y")
	if v, ok := out["sigma_1"]; ok {
		line("σ_1 of A", "%.10g, %d passes over A", v, out["singular_passes"])
	}
	if v, ok := out["sigma_r"]; ok {
		line("σ_r of A", "%.10g", v)
		line("f_0, ρ, β", "%.6g, %.6g, %.6g", out["f0"], out["rho"], out["beta"])
		line("theory", "rate (6) up to iteration %.0f", out["theory_iterations"])
	}
	line("order", "%s", out["order"])
}

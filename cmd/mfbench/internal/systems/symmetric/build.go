package symmetric

import (
	"time"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// buildSymmetric prepares the run that the flags ask for.
func buildSymmetric[T blas.Float](f *Flags, b *blas.Backend, p problemOf[T], basis *sharedBasis, best func(out map[string]any, norm float64) float64, normOf func() (float64, error)) (run.System, run.Solver, error) {
	d := p.op.Dim()
	eta, err := f.stepOf(b, p.basis, p.step, d)
	if err != nil {
		return run.System{}, nil, err
	}
	if err := run.CheckStep[T](eta, f.Dtype); err != nil {
		return run.System{}, nil, err
	}

	var way trajectory[T]
	var took time.Duration
	var scale float64
	if basis != nil {
		var inBasis trajectory[float64]
		inBasis, scale = basis.next(b, eta, f.KrylovTol)
		way, took = any(inBasis).(trajectory[T]), basis.took
	} else {
		var x0 blas.General[float64]
		var err error
		if x0, scale, err = f.start(d, p.basis); err != nil {
			return run.System{}, nil, err
		}
		if err := run.CheckHeld[T]("X_0", x0); err != nil {
			return run.System{}, nil, err
		}
		way = directly(b, p.op, blas.Convert[T](x0), eta)
	}
	var theory *symmetric.Theory[T]
	if f.theory {
		theory = way.theory(p.basis)
	}
	recorder := symmetric.NewRecorder(way.iterates, theory)
	if f.Trace != "" && theory == nil {
		norm, err := normOf()
		if err != nil {
			return run.System{}, nil, err
		}
		recorder.WithError(norm)
	}
	if theory == nil && p.basis != nil && p.basis.Residuals == nil { // Σ_r is known at no cost
		theory = way.theory(p.basis)
	}
	var watch []solvers.Recorder
	var checks func() []solvers.Check
	var tracker *symmetric.Tracker[T]
	if f.theory {
		tracker = symmetric.NewTracker(way.iterates, theory)
		watch, checks = []solvers.Recorder{tracker}, tracker.Checks
	}
	_, shares := p.op.(operator.Together[T])
	return run.System{
		Method: run.MethodOf(basis != nil),
		Watch:  watch, Checks: checks, Shares: basis != nil || shares && run.Fused(b), Took: took, Alone: way.alone,
		Name: "symmetric", Data: "Σ", Bytes: p.op.Bytes(), Iterate: "X",
		Step: p.step, Solver: way.solver, Recorder: recorder, Trace: &recorder.Trace, Bits: []any{f.theory, "with error"},
		Files: []run.File{{Path: f.saveX, Write: func(path string) error { return run.WriteMatrix(way.x())(path) }}},
		Omit:  f.omit(), Resolved: map[string]any{"scale": scale},
		Report: func(out map[string]any) error {
			out["d"] = d
			way.report(out)
			distance, norm, err := operator.Distance(p.op, blas.Convert[float64](way.x()))
			run.SetError(out, run.Relative(distance, norm), norm == 0)
			if err == nil {
				run.SetBest(out, best(out, norm))
			}
			if theory != nil {
				out["distance"] = theory.Of(way.iterates).Error
			}
			if tracker != nil {
				out["times"] = timesObject(tracker.Times())
			}
			if p.basis != nil {
				out["eigenvalues"] = p.basis.Values
				if p.basis.Residuals != nil {
					out["eigenpair_residuals"] = p.basis.Residuals
					out["theory_passes"] = p.passes
				}
			}
			return err
		},
		Print: printSymmetric,
	}, way.solver, nil
}

// timesObject are the times of section 4.2 as --json has them; −1 for those that
// the run did not reach. Lists are over k.
func timesObject(t symmetric.Times) map[string]any {
	return map[string]any{
		"t_init": t.Init, "T_u": t.TU, "t_k": t.T, "t_k_star": t.Trans, "t_star": t.Star, "t_sharp": t.Sharp,
		"t_R": t.TR, "first_in_R": t.EntryR, "accuracies": symmetric.Epsilons[:], "first_within": t.Accuracy[:], "p_k": t.P,
	}
}

// omit are the flags that say nothing about this run.
func (f *Flags) omit() map[string]bool {
	omit := table.OfOthers(&f.Request)
	if f.x0 != "" {
		omit["init"], omit["scale"] = true, true
	}
	return omit
}

func printSymmetric(line func(name, format string, args ...any), out map[string]any) {
	run.PrintError(line, out, "‖Σ − XXᵀ‖_F", "Σ", "‖Σ‖_F", ", what X leaves of Σ"+run.BestText(out))
	if d, ok := out["distance"]; ok {
		line("distance", "%.6g   ‖Σ_r − XXᵀ‖_F, to the best XXᵀ of this rank", d)
	}
	line("gradient", "%.3g   ‖(Σ − XXᵀ)X‖_F/‖ΣX‖_F before the last step", out["gradient"])
	run.PrintMethod(line, out, "X")
	if v, ok := out["eigenvalues"]; ok {
		line("leading eigenvalues", "%.10g", v)
	}
	if v, ok := out["times"].(map[string]any); ok {
		for _, name := range []string{"t_init", "T_u", "t_k", "t_k_star", "t_star", "t_sharp", "t_R", "first_in_R"} {
			line(name, "%v", v[name])
		}
	}
	if v, ok := out["eigenpair_residuals"]; ok {
		line("their residuals", "%.2g after %d passes over Σ", v, out["theory_passes"])
	}
}

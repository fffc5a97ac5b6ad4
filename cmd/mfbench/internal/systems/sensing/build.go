package sensing

import (
	"context"
	"fmt"
	"math"
	"time"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// buildSensing prepares the run that the flags ask for.
func buildSensing[T blas.Float](ctx context.Context, f *Flags, b *blas.Backend, p sensingProblem[T], began time.Time) (run.System, *sensing.Solver[T], error) {
	n := p.a.Dim()
	u0, scale, err := startSensing(ctx, f, p)
	if err != nil && ctx.Err() != nil {
		return run.System{}, nil, f.CancelledBefore(b, began, "sensing", "the spectral start was computed")
	}
	if err != nil {
		return run.System{}, nil, err
	}
	mu, found, err := stepOf(ctx, f, b, p, u0)
	if err != nil && ctx.Err() != nil {
		return run.System{}, nil, f.CancelledBefore(b, began, "sensing", "the norm was estimated for the step")
	}
	if err != nil {
		return run.System{}, nil, err
	}
	if err := run.CheckStep[T](mu, f.Dtype); err != nil {
		return run.System{}, nil, err
	}
	if err := run.CheckHeld[T]("U_0", u0); err != nil {
		return run.System{}, nil, err
	}
	solver, err := sensing.New(p.a, p.y, blas.Convert[T](u0), mu)
	if err != nil {
		return run.System{}, nil, err
	}
	opts := sensing.RecorderOptions{Truth: p.truth, Rank: p.rank(f), Power: f.power, Seed: f.ProblemSeed()}
	switch {
	case opts.Rank > min(n, f.Rank) && f.theory:
		return run.System{}, nil, run.Usagef("--theory follows r* = %d singular vectors of U; --rank is %d", opts.Rank, f.Rank)
	case f.Trace == "" && !f.theory:
		opts.Rank, opts.Power = 0, false // the eigenspace is for the trace alone
	case opts.Rank > min(n, f.Rank) && f.power:
		return run.System{}, nil, run.Usagef("--power follows r* = %d singular vectors of U; --rank is %d", opts.Rank, f.Rank)
	case opts.Rank > min(n, f.Rank):
		opts.Rank = 0
	}
	recorder, err := sensing.NewRecorder(ctx, solver, opts)
	if err != nil && ctx.Err() != nil {
		return run.System{}, nil, f.CancelledBefore(b, began, "sensing", "the leading eigenspace of 𝒜*(y) was computed")
	}
	if err != nil {
		return run.System{}, nil, err
	}
	var checks func() []solvers.Check
	if f.theory {
		checks = func() []solvers.Check { return sensingChecks(f, scale, mu, *p.truth, recorder) }
	}
	_, shares := p.a.(operator.MeasurementTogether[T])
	return run.System{
		Always: f.theory, Checks: checks, Shares: shares && run.Fused(b),
		Name: "sensing", Data: "the measurements", Bytes: p.a.Bytes(), Iterate: "U",
		Step: found, Solver: solver, Recorder: recorder, Trace: &recorder.Trace, Bits: []any{f.power, f.theory, opts.Rank, run.HashOf(p.truth)},
		Files: []run.File{{Path: f.saveU, Write: func(path string) error { return run.WriteMatrix(solver.U())(path) }}},
		Omit:  f.omit(), Resolved: map[string]any{"scale": scale},
		Report: func(out map[string]any) error {
			out["n"], out["m"], out["loss"] = n, p.a.Count(), solver.Loss()
			run.SetError(out, solver.TrainError(), solvers.Norm(p.y) == 0)
			u := blas.Convert[float64](solver.U())
			if p.truth != nil {
				distance, norm, err := distanceToTruth(b, *p.truth, u)
				if err != nil {
					return err
				}
				out["distance"] = run.Relative(distance, norm)
				out["best_distance"] = bestDistance(*p.truth, f.Rank)
			}
			if f.generate != "" {
				out["noise"] = f.noise
				if f.truth == "" {
					out["condition"] = f.truthCondition()
				}
			}
			if f.theory {
				m := recorder.Marks()
				out["phases"] = map[string]any{"aligned": m.Aligned, "closest": m.Closest, "saddle": m.Saddle, "settled": m.Settled}
			}
			if i := p.isometry; i != nil {
				out["isometry"] = map[string]any{"rank": i.Rank, "samples": i.Samples, "min": i.Min, "max": i.Max, "mean": i.Mean, "delta_at_least": i.Delta}
			}
			if f.Dtype != "f64" && f.Text("measurements") != "" {
				moved, size, err := problem.Narrowed(f.Text("measurements"), u)
				if err != nil {
					return err
				}
				out["y_moved"] = run.Relative(moved, size)
			}
			return nil
		},
		Print: printSensing,
	}, solver, nil
}

// sensingChecks sets the run beside the bounds (4) to (6).
func sensingChecks[T blas.Float](f *Flags, scale, mu float64, truth blas.General[float64], recorder *sensing.Recorder[T]) []solvers.Check {
	least := math.NaN()
	for _, v := range recorder.Trace.Column("test") {
		if !(v >= least) {
			least = v
		}
	}
	setting := sensing.SettingOf(truth, f.Rank, scale, mu)
	setting.Noise = f.noise
	return setting.Checks(least, recorder.Marks())
}

// distanceToTruth is ‖UUᵀ − XXᵀ‖_F and ‖XXᵀ‖_F.
func distanceToTruth(b *blas.Backend, x, u blas.General[float64]) (distance, norm float64, err error) {
	ones := make([]float64, x.Cols)
	for i := range ones {
		ones[i] = 1
	}
	return operator.NewLowRank(b, x, ones).Distance(u)
}

// bestDistance is the least distance of UUᵀ with so many columns to XXᵀ, relative to ‖XXᵀ‖.
func bestDistance(x blas.General[float64], rank int) float64 {
	squares := make([]float64, 0, x.Cols)
	columns := sensing.ColumnsOf(x, 0)
	for k := 1; k <= min(x.Rows, x.Cols); k++ {
		sigma := columns.At(k)
		squares = append(squares, sigma*sigma)
	}
	return run.BestOfSpectrum(squares, rank)
}

// bestText says the best distance beside the distance, where it is not zero.
func bestText(out map[string]any) string {
	if best := out["best_distance"].(float64); best > 0 {
		return fmt.Sprintf("; the best of this rank has %.6g", best)
	}
	return ""
}

// omit are the flags that say nothing about this run.
func (f *Flags) omit() map[string]bool {
	omit := table.OfOthers(&f.Request)
	if f.trueRank == 0 {
		omit["true-rank"] = true
	}
	if f.u0 != "" {
		omit["init"], omit["scale"] = true, true
	}
	return omit
}

func printSensing(line func(name, format string, args ...any), out map[string]any) {
	run.PrintError(line, out, "‖𝒜(UUᵀ) − y‖", "y", "‖y‖", ", on the measurements")
	if d, ok := out["distance"]; ok {
		line("distance", "%.6g   ‖UUᵀ − XXᵀ‖_F/‖XXᵀ‖_F, to the truth%s", d, bestText(out))
	}
	if v, ok := out["y_moved"]; ok {
		line("rounding to f32", "moved 𝒜(UUᵀ) by %.3g of itself", v)
	}
	line("gradient", "%.3g   relative to 𝒜*(y)U", out["gradient"])
	if m, ok := out["phases"].(map[string]any); ok {
		line("phases", "I ends at %v (angle to L at most %g; smallest at %v), II at %v, III at %v (−1: not seen)", m["aligned"], sensing.AlignedBelow, m["closest"], m["saddle"], m["settled"])
	}
	if m, ok := out["isometry"].(map[string]any); ok {
		line("isometry constant", "at least %.3g for rank %v, from %v random matrices", m["delta_at_least"], m["rank"], m["samples"])
	}
}

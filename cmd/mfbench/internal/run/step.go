package run

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"lowrank/solvers"
)

// mostHalvings of a step: one that is 10⁹ times too large is not that of this problem.
const mostHalvings = 30

// Auto says whether the run finds its step out itself.
func (f *Request) Auto() bool { return f.Step == autoStep }

// NeedsStep says whether one of the runs finds its step out itself.
func NeedsStep[R interface{ Base() *Request }](runs []R) bool {
	return slices.ContainsFunc(runs, func(r R) bool { return r.Base().Auto() })
}

// halved is the step of a run that has begun again so many times.
func (f *Request) halved(eta float64) float64 { return math.Ldexp(eta, -f.halvings) }

// Chosen is the step of this request with --step auto, from what the formula says.
func (f *Request) Chosen(eta float64, found FoundStep) float64 {
	eta = f.halved(eta)
	if !f.Quiet && f.Probe == nil {
		fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: %sstep %.6g, from a norm of about %.4g after %d passes\n", f.numbered(), eta, found.Norm, found.Passes)
	}
	return eta
}

// numbered begins a sentence about one of several runs.
func (f *Request) numbered() string {
	if len(f.Runs) == 0 {
		return ""
	}
	return fmt.Sprintf("run %d: ", f.Run+1)
}

// errHalve says that a run has diverged and begins again with half of its step.
var errHalve = errors.New("the step is halved")

// halves says whether a run that ended so begins again with half of its step, and makes its
// request one that does.
func (f *Request) halves(res solvers.Result) bool {
	if !f.Auto() || f.Probe != nil || res.Status != solvers.Diverged || f.halvings >= mostHalvings {
		return false
	}
	f.halvings++
	f.abandoned += res.Iterations
	f.Checkpoint.resume = false // that of the step before
	fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: %s%s; it begins again with half of the step\n", f.numbered(), res.Reason)
	return true
}

// stepObject adds what --step auto found.
func (s System) stepObject(out map[string]any) {
	if f := s.request; f.Auto() {
		out["step_rule"], out["step_norm"], out["step_passes"] = autoStep, s.Step.Norm, s.Step.Passes
		out["step_halvings"], out["abandoned_iterations"] = f.halvings, f.abandoned
	}
}

// printStep says the step, and how it was found.
func printStep(line func(name, format string, args ...any), out map[string]any) {
	how := ""
	if out["step_rule"] == autoStep {
		how = fmt.Sprintf("   auto: from a norm of about %.4g, %v passes", out["step_norm"], out["step_passes"])
		if n := out["step_halvings"].(int); n > 0 {
			how += fmt.Sprintf("; halved %d times after divergence, %d iterations given up", n, out["abandoned_iterations"])
		}
	}
	line("step", "%.6g%s", out["step"], how)
}

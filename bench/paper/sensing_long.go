package paper

import (
	"context"
	"fmt"
	"math"
	"strings"

	"lowrank/bench"
	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

// sensingLong records a long run ever more sparsely: the first 200 iterates,
// every 10th up to 2000, every 100th after. It also watches the train error for
// the end of its descent.
type sensingLong struct {
	*sensing.Recorder[float64]
	solver *sensing.Solver[float64]

	// least is the smallest loss but for falls of less than a tenth, since its
	// iterate.
	least float64
	since int

	// rule is a loss, 0 for none: the first iterate at or below it is kept too.
	rule float64
	met  bool
}

// long makes a recorder of train and test error alone.
func (p *sensingProblem) long(ctx context.Context, s *sensing.Solver[float64]) (*sensingLong, error) {
	rec, err := sensing.NewRecorder(ctx, s, sensing.RecorderOptions{Truth: &p.x})
	return &sensingLong{Recorder: rec, solver: s, least: math.MaxFloat64}, err
}

// trajectory runs the solver until the rule, which may be nil, or the limit.
func (l *sensingLong) trajectory(p *sensingProblem, iterations int, when func() bool) trajectory {
	return trajectory{
		stop: solvers.Stop{Iterations: iterations, When: when}, recorder: l, trace: &l.Trace, every: 1, load: reading(bench.SensingLoad(p.a, l.solver)),
	}
}

// Record looks at every iterate and keeps those of the schedule.
func (l *sensingLong) Record(t int) error {
	if f := l.solver.Loss(); f < 0.9*l.least {
		l.least, l.since = f, t
	}
	if l.rule > 0 && !l.met && l.solver.Loss() <= l.rule {
		l.met = true
		return l.keep(t)
	}
	if t > 200 && t%10 != 0 || t > 2000 && t%100 != 0 {
		return nil
	}
	return l.keep(t)
}

// keep adds a row unless it is there.
func (l *sensingLong) keep(t int) error {
	if k := len(l.Trace.Rows); k > 0 && l.Trace.Rows[k-1][0] == float64(t) {
		return nil
	}
	return l.Recorder.Record(t)
}

// table is the loss f and the squared test error ‖UUᵀ − XXᵀ‖_F² of the run, its
// last iterate among them, or the relative test error.
func (l *sensingLong) table(p *sensingProblem, suffix string, squared bool) (*Table, error) {
	if err := l.keep(l.solver.Iteration()); err != nil {
		return nil, err
	}
	t := tableOf(&l.Trace, "", "loss", "test")
	if squared {
		norm := p.norm()
		for _, row := range t.Rows {
			row[2] *= norm
			row[2] *= row[2]
		}
	}
	t.Columns[1] += suffix
	t.Columns[2] += suffix
	return t, nil
}

// norm is ‖XXᵀ‖_F.
func (p *sensingProblem) norm() float64 { return sensing.SettingOf(p.x, p.rank, 0, 0).NormXX }

// settled says that the train error is down at rounding: 𝒜(UUᵀ) − y is below
// 1e-12 of y and its square has not fallen by a tenth for so many iterations.
func (l *sensingLong) settled(iterations int) bool {
	return l.solver.TrainError() < 1e-12 && l.solver.Iteration()-l.since >= iterations
}

type sensingLongState struct {
	Least float64
	Since int
	Met   bool
}

// Save returns the state of the watch; the trace is the caller's to keep.
func (l *sensingLong) Save() ([]byte, error) {
	return solvers.EncodeState(sensingLongState{l.least, l.since, l.met})
}

// Restore sets the state that Save returned.
func (l *sensingLong) Restore(data []byte) error {
	var st sensingLongState
	err := solvers.DecodeState(data, &st)
	l.least, l.since, l.met = st.Least, st.Since, st.Met
	return err
}

// scientific writes a power of ten as one.
func scientific(v float64) string {
	if k := math.Round(math.Log10(v)); math.Abs(v/math.Pow(10, k)-1) < 1e-12 && math.Abs(k) > 2 {
		return strings.ReplaceAll(fmt.Sprintf("10^{%g}", k), "-", "−")
	}
	return fmt.Sprint(v)
}

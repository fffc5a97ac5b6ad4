package peers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"lowrank/kernel"
)

// table is the work on one order d of Σ.
type table struct {
	*Config
	ctx     context.Context
	job     Job
	d       int
	entries []*entry
}

// entry is a peer with what its trials found.
type entry struct {
	*Found
	trials []Trial
	failed []string // settings that cannot be had, with the reason
}

// Trial is a way to run a peer and how long a step took.
type Trial struct {
	Setting
	R            int
	Variant      string
	About        string
	Milliseconds float64
}

// best is the fastest trial for r columns; nil when none worked.
func (e *entry) best(r int) *Trial {
	var best *Trial
	for i := range e.trials {
		if t := &e.trials[i]; t.R == r && (best == nil || t.Milliseconds < best.Milliseconds) {
			best = t
		}
	}
	return best
}

// tune tries a peer in all its settings. One that ends in a setting, such as a core
// that the processor cannot run, does without it.
func (t *table) tune(f *Found) error {
	e := &entry{Found: f}
	t.entries = append(t.entries, e)
	counts := threadCounts(t.Threads)
	if f.asIs {
		counts = counts[:1]
	}
	cores := []string{""}
	for i := 0; i < len(cores); i++ {
		for _, n := range counts {
			about, err := t.try(e, Setting{Threads: n, CoreType: cores[i]}, t.first)
			var slow timeoutError
			switch {
			case t.ctx.Err() != nil:
				return t.ctx.Err()
			case errors.As(err, &slow):
				return nil // the other settings would take as long
			}
			if i == 0 && n == counts[0] && strings.Contains(about, "OpenBLAS") {
				for _, c := range coreTypes(kernel.Detect()) {
					if !strings.Contains(strings.ToUpper(about), c) { // what it chose itself
						cores = append(cores, c)
					}
				}
			}
		}
	}
	return nil
}

// tuneAgain tries once more what may be the best, a while later, so that a
// disturbance does not choose.
func (t *table) tuneAgain(e *entry) error {
	var again []Setting
	for _, trial := range e.trials {
		if e.contends(trial) && !slices.Contains(again, trial.Setting) {
			again = append(again, trial.Setting)
		}
	}
	for _, s := range again {
		_, _ = t.try(e, s, t.again) // its failures are kept with the entry
	}
	return t.ctx.Err()
}

// Factors of the best time: a variant that takes longer in a first glance is not
// looked at again; one that takes less may be the best.
const (
	hopeless = 2
	near     = 1.4
)

// contends says whether a trial may be the best and is not so alone.
func (e *entry) contends(trial Trial) bool {
	near := slices.DeleteFunc(slices.Clone(e.trials), func(o Trial) bool {
		return o.R != trial.R || o.Milliseconds > near*e.best(trial.R).Milliseconds
	})
	return len(near) > 1 && slices.Contains(near, trial)
}

// try runs the variants of a peer in one process. After one that fails the others
// go on in a new process, unless that makes no sense.
func (t *table) try(e *entry, s Setting, measure func(p *process, e *entry, trial Trial) error) (about string, err error) {
	var p *process
	defer func() { p.quit() }()
	start := func() error {
		var err error
		if p, err = e.start(t.ctx, t.job, s, t.Timeout); err != nil {
			e.failed = append(e.failed, s.String()+": "+err.Error())
		}
		return err
	}
	if err := start(); err != nil {
		return "", err
	}
	about = p.about
	variants, failures := p.variants, 0
	for _, r := range t.R {
		for _, v := range variants {
			err := measure(p, e, Trial{Setting: s, R: r, Variant: v, About: about})
			if err == nil {
				continue
			}
			e.failed = append(e.failed, fmt.Sprintf("%s, %s, r = %d: %v", s, v, r, err))
			failures++
			var slow timeoutError
			if t.ctx.Err() != nil || errors.As(err, &slow) || failures == 3 {
				return about, err
			}
			p.quit()
			if err := start(); err != nil {
				return about, err
			}
		}
	}
	return about, nil
}

// first measures a variant, shortly where it is hopeless.
func (t *table) first(p *process, e *entry, trial Trial) error {
	err := p.do(t.ctx, "use %d %s", trial.R, trial.Variant)
	if errors.Is(err, errNo) {
		return nil
	}
	if err != nil {
		return err
	}
	bestYet := math.Inf(1)
	if b := e.best(trial.R); b != nil {
		bestYet = b.Milliseconds
	}
	seconds, err := p.steps(t.ctx, 1) // pages are touched, threads awake
	if err != nil {
		return err
	}
	for _, length := range []time.Duration{t.Trial / 5, t.Trial} {
		if seconds, err = p.steps(t.ctx, stepsIn(length, seconds, 2)); err != nil {
			return err
		}
		if seconds*1e3 > hopeless*bestYet {
			break
		}
	}
	trial.Milliseconds = seconds * 1e3
	e.trials = append(e.trials, trial)
	return nil
}

// again measures a variant that may be the best once more; the better time counts.
func (t *table) again(p *process, e *entry, trial Trial) error {
	at := slices.IndexFunc(e.trials, func(o Trial) bool {
		return o.Setting == trial.Setting && o.R == trial.R && o.Variant == trial.Variant
	})
	if at < 0 || !e.contends(e.trials[at]) {
		return nil
	}
	if err := p.do(t.ctx, "use %d %s", trial.R, trial.Variant); err != nil {
		return err
	}
	seconds, err := p.steps(t.ctx, 1)
	if err != nil {
		return err
	}
	if seconds, err = p.steps(t.ctx, stepsIn(t.Trial, seconds, 2)); err != nil {
		return err
	}
	e.trials[at].Milliseconds = min(e.trials[at].Milliseconds, seconds*1e3)
	return nil
}

// stepsIn is the number of steps in a time, at least least.
func stepsIn(length time.Duration, seconds float64, least int) int {
	return max(least, int(math.Ceil(min(length.Seconds()/seconds, 1e7))))
}

// variantsTried is the number of different ways for r columns.
func (e *entry) variantsTried(r int) int {
	return len(slices.DeleteFunc(slices.Clone(e.trials), func(t Trial) bool { return t.R != r }))
}

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
	failed []failure

	plain    string          // what it says of itself with the core it chose
	slow     map[string]bool // variants that gave no answer in time
	timeouts int
}

// failure is what did not run: a variant, or all in a setting.
type failure struct {
	Setting
	variant string // empty when the process did not start
	r       int
	err     error
}

func (f failure) String() string {
	if f.variant == "" {
		return fmt.Sprintf("%s: %v", f.Setting, f.err)
	}
	return fmt.Sprintf("%s, %s, r = %d: %v", f.Setting, f.variant, f.r, f.err)
}

// patience is the number of answers that a peer may leave out before it is given up.
const patience = 2

func (e *entry) givenUp() bool { return e.timeouts >= patience }

func (e *entry) fail(f failure) {
	e.failed = append(e.failed, f)
	var slow timeoutError
	if errors.As(f.err, &slow) {
		e.timeouts++
		e.slow[f.variant] = true
	}
}

// crashed are the failures that are not due to a core of a library, one for each
// variant.
func (e *entry) crashed() []string {
	var texts, variants []string
	for _, f := range e.failed {
		if f.CoreType == "" && !slices.Contains(variants, f.variant) {
			texts, variants = append(texts, f.String()), append(variants, f.variant)
		}
	}
	return texts
}

func (e *entry) failures() []string {
	var texts []string
	for _, f := range e.failed {
		texts = append(texts, f.String())
	}
	return texts
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
	e := &entry{Found: f, slow: map[string]bool{}}
	t.entries = append(t.entries, e)
	counts := threadCounts(t.Threads)
	if f.asIs {
		counts = counts[:1]
	}
	for _, n := range counts {
		if t.ctx.Err() == nil && !e.givenUp() {
			t.try(e, Setting{Threads: n}, t.first)
		}
	}
	best := e.threads(t.R, counts[0])
	for _, core := range coreTypes(kernel.Detect(), e.plain) {
		for _, n := range best {
			if t.ctx.Err() != nil || e.givenUp() || !t.try(e, Setting{n, core}, t.first) {
				break
			}
		}
	}
	return t.ctx.Err()
}

// threads are the numbers of threads that were the best for some r; otherwise stands
// for an r for which no variant ran.
func (e *entry) threads(columns []int, otherwise int) []int {
	var counts []int
	for _, r := range columns {
		n := otherwise
		if best := e.best(r); best != nil {
			n = best.Threads
		}
		if !slices.Contains(counts, n) {
			counts = append(counts, n)
		}
	}
	return counts
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
		if !e.givenUp() {
			t.try(e, s, t.again)
		}
	}
	return t.ctx.Err()
}

// hopeless is the factor of the best time beyond which a variant is not looked at
// again after two glances.
const hopeless = 2

// contends says whether a trial may be the best and is not so alone.
func (e *entry) contends(trial Trial) bool {
	near := slices.DeleteFunc(slices.Clone(e.trials), func(o Trial) bool {
		return o.R != trial.R || o.Milliseconds > hopeless*e.best(trial.R).Milliseconds
	})
	return len(near) > 1 && slices.Contains(near, trial)
}

// try runs the variants of a peer in one process; what fails is kept with the entry.
// After a variant that fails the others go on in a new process. It is false where a
// core was asked for and the peer is as without: the core cannot be had.
func (t *table) try(e *entry, s Setting, measure func(p *process, e *entry, trial Trial) error) bool {
	var p *process
	defer func() { p.quit() }()
	start := func() bool {
		var err error
		if p, err = e.start(t.ctx, t.job, s, t.Timeout); err != nil {
			e.fail(failure{Setting: s, err: err})
		}
		return err == nil
	}
	if !start() {
		return true
	}
	about, variants := p.about, p.variants
	if e.plain == "" {
		e.plain = withoutThreads(about)
	} else if s.CoreType != "" && withoutThreads(about) == e.plain {
		return false
	}
	bad := map[string]bool{}
	for _, r := range t.R {
		for _, v := range variants {
			if bad[v] || e.slow[v] {
				continue
			}
			err := measure(p, e, Trial{Setting: s, R: r, Variant: v, About: about})
			if t.ctx.Err() != nil {
				return true
			}
			if err == nil {
				continue
			}
			e.fail(failure{s, v, r, err})
			bad[v] = true
			p.quit()
			if e.givenUp() || !start() {
				return true
			}
		}
	}
	return true
}

// withoutThreads is what a peer says of itself but the number of threads.
func withoutThreads(about string) string {
	if at := strings.LastIndex(about, ", threads="); at >= 0 {
		return about[:at]
	}
	return about
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
	trial.Milliseconds = math.Inf(1)
	look := func(part time.Duration) {
		if err == nil {
			seconds, err = p.steps(t.ctx, stepsIn(t.length(seconds)/part, seconds, 2))
		}
		if err == nil { // a disturbance lets no step take less
			trial.Milliseconds = min(trial.Milliseconds, seconds*1e3)
		}
	}
	const glance, whole = 5, 1
	look(glance)
	if trial.Milliseconds > hopeless*bestYet {
		look(glance)
	}
	if trial.Milliseconds <= hopeless*bestYet {
		look(whole)
	}
	if err == nil {
		e.trials = append(e.trials, trial)
	}
	return err
}

// length is how long a variant is tried whose step takes so long: many steps, but
// not so many of a tiny one that all must wait.
func (t *table) length(seconds float64) time.Duration {
	const steps, least = 100, 20 * time.Millisecond
	return min(t.Trial, max(least, time.Duration(min(steps*seconds, 3600)*1e9)))
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
	if seconds, err = p.steps(t.ctx, stepsIn(t.length(seconds), seconds, 2)); err != nil {
		return err
	}
	e.trials[at].Milliseconds = min(e.trials[at].Milliseconds, seconds*1e3)
	return nil
}

// stepsIn is the number of steps in a time, at least least.
func stepsIn(length time.Duration, seconds float64, least int) int {
	return max(least, int(math.Ceil(min(length.Seconds()/seconds, 1e7))))
}

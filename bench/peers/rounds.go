package peers

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"lowrank/data/problem"
)

// runner is a peer in its best setting for one r.
type runner struct {
	*entry
	row  *Row
	best Trial
	left []Trial // those of variants that are not wrong, the best first
	p    *process
}

// measure makes the rounds for r columns: in each, every peer works once, in an order
// that is drawn, since one may leave the caches to the next as it does not like. The
// processes stay, stopped, where all fit in memory; else each is started for its turn.
func (t *table) measure(r int) (*Cell, error) {
	c := &Cell{D: t.d, R: r, DType: t.DType, Rounds: t.Rounds, Nodes: memoryNodes(nodesDir)}
	var runners []*runner
	for _, e := range t.entries {
		row := &Row{Peer: e.Name, Library: e.Library, Unavailable: e.failures(), Crashed: e.crashed()}
		c.Rows = append(c.Rows, row)
		for _, trial := range e.trials {
			if trial.R == r {
				row.Trials = append(row.Trials, trial)
			}
		}
		if row.Trials == nil {
			row.Failure = "no variant ran"
			if len(e.failed) > 0 {
				row.Failure = e.failed[0].String()
			}
			continue
		}
		u := &runner{entry: e, row: row, left: slices.Clone(row.Trials)}
		slices.SortStableFunc(u.left, func(a, b Trial) int { return cmp.Compare(a.Milliseconds, b.Milliseconds) })
		u.take(u.left[0])
		runners = append(runners, u)
	}
	defer func() {
		for _, u := range runners {
			u.end()
		}
	}()
	keep := !t.oneByOne && t.together(runners)
	base := func() error {
		for _, row := range c.Rows {
			if row.Peer == Base && row.Failure != "" {
				return fmt.Errorf("%s, with which all are compared, failed: %s", Base, row.Failure)
			}
		}
		return nil
	}
	order := rand.New(rand.NewPCG(t.Seed, uint64(t.d)<<32|uint64(r)))
	work := func(runners []*runner, each func(u *runner) error) error {
		for _, i := range order.Perm(len(runners)) {
			u := runners[i]
			if u.row.Failure != "" {
				continue
			}
			err := u.wake(t, r)
			if err == nil {
				err = each(u)
			}
			if t.ctx.Err() != nil {
				return t.ctx.Err()
			}
			if err != nil {
				u.row.Failure = err.Error()
				u.end()
			} else if keep {
				u.p.pause()
			} else {
				u.end()
			}
		}
		return base()
	}
	if err := base(); err != nil {
		return nil, err
	}
	for unchecked := slices.Clone(runners); len(unchecked) > 0; {
		if err := work(unchecked, func(u *runner) error { return u.check(t) }); err != nil {
			return nil, err
		}
		unchecked = slices.DeleteFunc(unchecked, func(u *runner) bool { return u.judge(t, r) })
	}
	for _, u := range runners {
		_ = os.Remove(u.file(t)) // of a peer that failed there is none
	}
	done := 0
	for range t.Rounds {
		err := work(runners, func(u *runner) error {
			t.Progress(fmt.Sprintf("d = %d, r = %d", t.d, r), done, t.Rounds*len(runners))
			done++
			return u.visit(t)
		})
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// together says whether the processes of all fit in memory.
func (t *table) together(runners []*runner) bool {
	bytes := t.sigmaBytes(t.d)
	for _, u := range runners {
		bytes += t.processBytes(t.d, u.Peer)
	}
	return problem.CheckMemory("", bytes) == nil
}

// wake lets the process go on, or starts it where there is none.
func (u *runner) wake(t *table, r int) (err error) {
	if u.p != nil {
		u.p.resume()
		return nil
	}
	if u.p, err = u.start(t.ctx, t.job, u.best.Setting, t.Timeout); err != nil {
		return err
	}
	return u.p.do(t.ctx, "use %d %s", r, u.best.Variant)
}

func (u *runner) end() {
	if u.p != nil {
		u.p.quit()
		u.p = nil
	}
}

func (u *runner) file(t *table) string { return filepath.Join(t.Dir, u.Name+".x") }

// check saves X after some steps from X_0.
func (u *runner) check(t *table) error {
	if err := u.p.do(t.ctx, "reset"); err != nil {
		return err
	}
	if _, err := u.p.steps(t.ctx, checked); err != nil {
		return err
	}
	return u.p.do(t.ctx, "save %s", u.file(t))
}

// judge compares X with that of the base. Where it differs the variant is left out,
// and judge is false while there is another one to be checked.
func (u *runner) judge(t *table, r int) bool {
	if u.row.Failure != "" {
		return true
	}
	apart, err := difference(u.file(t), filepath.Join(t.Dir, Base+".x"), t.d, r, t.DType)
	if err != nil {
		u.row.Failure = err.Error()
		return true
	}
	if len(u.row.WrongWays) == 0 || apart <= tolerance(t.DType) {
		u.row.Difference = apart
	}
	if apart <= tolerance(t.DType) {
		return true
	}
	u.row.WrongWays = append(u.row.WrongWays,
		fmt.Sprintf("%s, %s, r = %d: its X differs from that of %s by %.1e", u.best.Setting, u.best.Variant, r, Base, apart))
	u.left = slices.DeleteFunc(u.left, func(o Trial) bool { return o.Variant == u.best.Variant })
	u.end()
	if u.row.Wrong = len(u.left) == 0; u.row.Wrong {
		u.take(*u.entry.best(r))
		return true
	}
	u.take(u.left[0])
	return false
}

// take makes a trial the way that is measured.
func (u *runner) take(best Trial) {
	u.best = best
	u.row.About, u.row.Variant, u.row.Setting = best.About, best.Variant, best.Setting
}

// settle is how long a process that went on works before it is measured: its threads
// are awake, and what fits in the caches is there.
const settle = 30 * time.Millisecond

// visit measures a peer once.
func (u *runner) visit(t *table) error {
	if _, err := u.p.steps(t.ctx, stepsIn(settle, u.best.Milliseconds/1e3, 1)); err != nil {
		return err
	}
	if err := u.p.do(t.ctx, "reset"); err != nil {
		return err
	}
	seconds, err := u.p.steps(t.ctx, stepsIn(t.Visit, u.best.Milliseconds/1e3, 3))
	if err != nil {
		return err
	}
	u.row.Milliseconds = append(u.row.Milliseconds, seconds*1e3)
	return nil
}

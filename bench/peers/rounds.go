package peers

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// runner is a peer in its best setting for one r.
type runner struct {
	*entry
	row  *Row
	best Trial
	p    *process
}

// measure makes the rounds for r columns: in each, every peer works once, in an order
// that is drawn, since one may leave the caches to the next as it does not like. The processes stay, stopped, where all fit in memory;
// else each is started for its turn.
func (t *table) measure(r int) (*Cell, error) {
	c := &Cell{D: t.d, R: r, DType: t.DType, Rounds: t.Rounds}
	var runners []*runner
	for _, e := range t.entries {
		row := &Row{Peer: e.Name, Unavailable: e.failures(), Crashed: e.crashed()}
		c.Rows = append(c.Rows, row)
		best := e.best(r)
		if best == nil {
			row.Failure = "no variant ran"
			if len(e.failed) > 0 {
				row.Failure = e.failed[0].String()
			}
			continue
		}
		row.About, row.Variant, row.Setting = best.About, best.Variant, best.Setting
		for _, trial := range e.trials {
			if trial.R == r {
				row.Trials = append(row.Trials, trial)
			}
		}
		runners = append(runners, &runner{entry: e, row: row, best: *best})
	}
	defer func() {
		for _, u := range runners {
			u.end()
		}
	}()
	keep := !t.oneByOne && t.together(t.d, runners)
	base := func() error {
		for _, row := range c.Rows {
			if row.Peer == Base && row.Failure != "" {
				return fmt.Errorf("%s, with which all are compared, failed: %s", Base, row.Failure)
			}
		}
		return nil
	}
	order := rand.New(rand.NewPCG(t.Seed, uint64(t.d)<<32|uint64(r)))
	work := func(each func(u *runner) error) error {
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
	if err := work(func(u *runner) error { return u.check(t) }); err != nil {
		return nil, err
	}
	for _, u := range runners {
		if u.row.Failure == "" {
			var err error
			if u.row.Difference, err = difference(u.file(t), filepath.Join(t.Dir, Base+".x"), t.d, r, t.DType); err != nil {
				u.row.Failure = err.Error()
			}
			u.row.Wrong = u.row.Failure == "" && !(u.row.Difference <= Tolerance(t.DType))
		}
	}
	for _, u := range runners {
		_ = os.Remove(u.file(t)) // of a peer that failed there is none
	}
	done := 0
	for range t.Rounds {
		err := work(func(u *runner) error {
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
	if _, err := u.p.steps(t.ctx, Checked); err != nil {
		return err
	}
	return u.p.do(t.ctx, "save %s", u.file(t))
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

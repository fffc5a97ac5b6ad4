package run

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"lowrank/solvers"
)

// checkpointFlags are the flags of a run that can go on after a kill.
type checkpointFlags struct {
	cmd    *cobra.Command
	file   string
	every  int
	resume bool
}

func (c *checkpointFlags) add(cmd *cobra.Command) {
	c.cmd = cmd
	f := cmd.Flags()
	f.StringVar(&c.file, "checkpoint", "", "file in which the run is saved as it goes")
	f.IntVar(&c.every, "checkpoint-every", 1000, "save every K-th iterate, and the last")
	f.BoolVar(&c.resume, "resume", false, "go on from the checkpoint if it is there; the same bits as an unbroken run")
}

func (c *checkpointFlags) check() error {
	changed := c.cmd.Flags().Changed
	switch {
	case c.file == "" && (c.resume || changed("checkpoint-every")):
		return Usagef("--resume and --checkpoint-every belong to --checkpoint")
	case c.every < 1:
		return Usagef("--checkpoint-every is %d; expected at least 1", c.every)
	}
	return nil
}

// BegunBy is the method of the run that --resume goes on with, "" where there is none.
func (c *checkpointFlags) BegunBy() (string, error) {
	if !c.resume {
		return "", nil
	}
	return solvers.CheckpointMethod(c.file)
}

// halvings sets how often the step of the run that --resume goes on with was halved.
func (c *checkpointFlags) halvings(n *int) error {
	if !c.resume {
		return nil
	}
	var err error
	*n, err = solvers.CheckpointHalvings(c.file)
	return err
}

// saved is a solver whose state can be saved and restored.
type saved interface {
	Iteration() int
	Save() ([]byte, error)
	Restore([]byte) error
}

// stateful is a recorder that builds on what it saw before. It takes no notice
// of an iterate that it is shown a second time.
type stateful interface {
	Save() ([]byte, error)
	Restore([]byte) error
}

// checkpointer records a run in a checkpoint file. It stands before all other
// recorders: a run that goes on shows them the iterate of the checkpoint.
type checkpointer struct {
	file        string
	fingerprint string
	method      string
	solver      saved
	trace       *solvers.Trace
	recorders   []stateful
	rounding    *solvers.Rounding // nil where the run does not end by it
	// How often the step was halved, and the iterations given up with it.
	halvings, abandoned *int
	before              time.Duration // of the runs that this one continues
	elapsed             time.Duration // of this run
	diverged            *solvers.Divergence
}

func (c *checkpointer) End(d *solvers.Divergence) { c.diverged = d }

func (c *checkpointer) Elapsed(inSteps time.Duration) { c.elapsed = inSteps }

func (c *checkpointer) Record(t int) error {
	cp := solvers.Checkpoint{Fingerprint: c.fingerprint, Method: c.method, Iteration: t, Time: c.before + c.elapsed, Divergence: c.diverged, Rows: c.trace.Rows}
	var err error
	if cp.State, err = c.solver.Save(); err != nil {
		return err
	}
	for _, r := range c.recorders {
		state, err := r.Save()
		if err != nil {
			return err
		}
		cp.Recorders = append(cp.Recorders, state)
	}
	cp.Halvings, cp.Abandoned = *c.halvings, *c.abandoned
	if c.rounding != nil {
		if cp.Rounding, err = c.rounding.Save(); err != nil {
			return err
		}
	}
	return cp.Write(c.file)
}

// restore sets solver, trace and recorders to the checkpoint, with --resume and
// where there is one, and returns the time in steps that the run had taken.
func (c *checkpointFlags) restore(to *checkpointer, iters int) (time.Duration, error) {
	if !c.resume {
		return 0, nil
	}
	cp, note, err := solvers.ReadCheckpoint(c.file, to.fingerprint)
	if err != nil || cp == nil {
		return 0, err
	}
	if note != "" {
		fmt.Fprintln(c.cmd.ErrOrStderr(), "mfbench:", note)
	}
	if cp.Iteration > iters {
		return 0, fmt.Errorf("%s: the checkpoint is at iteration %d; --iters is %d", c.file, cp.Iteration, iters)
	}
	if len(cp.Recorders) != len(to.recorders) {
		return 0, fmt.Errorf("%s: the checkpoint has the states of %d recorders; expected %d", c.file, len(cp.Recorders), len(to.recorders))
	}
	if err := to.solver.Restore(cp.State); err != nil {
		return 0, fmt.Errorf("%s: %w", c.file, err)
	}
	for i, r := range to.recorders {
		if err := r.Restore(cp.Recorders[i]); err != nil {
			return 0, fmt.Errorf("%s: %w", c.file, err)
		}
	}
	*to.abandoned = cp.Abandoned
	if to.rounding != nil && cp.Rounding != nil {
		if err := to.rounding.Restore(cp.Rounding); err != nil {
			return 0, fmt.Errorf("%s: %w", c.file, err)
		}
	}
	to.trace.Rows, to.before, to.diverged = cp.Rows, cp.Time, cp.Divergence
	// The last save of a run may follow the row of its iterate, which is
	// recorded again.
	if n := len(cp.Rows); n > 0 && int(cp.Rows[n-1][0]) == cp.Iteration {
		to.trace.Rows = cp.Rows[:n-1]
	}
	return cp.Time, nil
}

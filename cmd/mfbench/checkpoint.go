package main

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
		return usagef("--resume and --checkpoint-every belong to --checkpoint")
	case c.every < 1:
		return usagef("--checkpoint-every is %d; expected at least 1", c.every)
	}
	return nil
}

// saved is a solver whose state can be saved and restored.
type saved interface {
	Iteration() int
	Save() ([]byte, error)
	Restore([]byte) error
}

// checkpointer records a run in a checkpoint file.
type checkpointer struct {
	file        string
	fingerprint string
	solver      saved
	trace       *solvers.Trace
	before      time.Duration // of the runs that this one continues
	elapsed     time.Duration // of this run
}

func (c *checkpointer) Elapsed(inSteps time.Duration) { c.elapsed = inSteps }

func (c *checkpointer) Record(t int) error {
	state, err := c.solver.Save()
	if err != nil {
		return err
	}
	cp := solvers.Checkpoint{Fingerprint: c.fingerprint, Iteration: t, Time: c.before + c.elapsed, State: state, Rows: c.trace.Rows}
	return cp.Write(c.file)
}

// restore sets solver and trace to the checkpoint, with --resume and where
// there is one, and returns the time in steps that the run had taken.
func (c *checkpointFlags) restore(cmd *cobra.Command, to *checkpointer, every, iters int) (time.Duration, error) {
	if !c.resume {
		return 0, nil
	}
	cp, note, err := solvers.ReadCheckpoint(c.file, to.fingerprint)
	if err != nil || cp == nil {
		return 0, err
	}
	if note != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), "mfbench:", note)
	}
	if cp.Iteration > iters {
		return 0, fmt.Errorf("%s: the checkpoint is at iteration %d; --iters is %d", c.file, cp.Iteration, iters)
	}
	if err := to.solver.Restore(cp.State); err != nil {
		return 0, fmt.Errorf("%s: %w", c.file, err)
	}
	rows := cp.Rows
	// The last row of a run that was cancelled stands outside the schedule.
	if n := len(rows); n > 0 && int(rows[n-1][0])%every != 0 {
		rows = rows[:n-1]
	}
	// The run records its first iterate again when that is on the schedule.
	if n := len(rows); n > 0 && int(rows[n-1][0]) == cp.Iteration {
		rows = rows[:n-1]
	}
	to.trace.Rows, to.before = rows, cp.Time
	return cp.Time, nil
}

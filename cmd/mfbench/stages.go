package main

import (
	"github.com/spf13/cobra"

	"lowrank/cmd/mfbench/internal/run"
)

// stages shows the progress of a figure, one bar for each of its stages.
type stages struct {
	cmd    *cobra.Command
	quiet  bool
	figure string
	stage  string
	start  int // iterations done before
	bar    *run.Progress
}

func (s *stages) show(stage string, done, total int) {
	if s.bar == nil || stage != s.stage {
		s.stop()
		// A run that goes on counts from where it does: the estimate is of the rest.
		s.stage, s.start = stage, done
		s.bar = run.StartProgress(s.cmd.ErrOrStderr(), s.quiet, s.figure+" "+stage, total-done)
	}
	s.bar.Done.Store(int64(done - s.start))
}

func (s *stages) stop() {
	if s.bar != nil {
		s.bar.Stop()
		s.bar = nil
	}
}

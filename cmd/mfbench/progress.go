package main

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"lowrank/solvers"
)

// progress shows how far a run is on a terminal, with an estimate of the time
// left. Off a terminal, and with --quiet, it does nothing.
type progress struct {
	done atomic.Int64
	quit chan struct{}
	wait sync.WaitGroup
}

func startProgress(w io.Writer, quiet bool, what string, total int) *progress {
	p := &progress{}
	f, ok := w.(*os.File)
	if quiet || !ok || !term.IsTerminal(int(f.Fd())) || total < 1 {
		return p
	}
	bar := progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("it"), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
	p.quit = make(chan struct{})
	p.wait.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = bar.Set(int(p.done.Load())) // a bar that cannot be drawn stops nothing
			case <-p.quit:
				_ = bar.Clear()
				return
			}
		}
	})
	return p
}

// stop clears the bar. It may be called once.
func (p *progress) stop() {
	if p.quit != nil {
		close(p.quit)
		p.wait.Wait()
	}
}

// watched counts the steps of a method for its progress.
type watched struct {
	solvers.Method
	*progress
	diverged *solvers.Divergence // in the run that this one continues
	probe    *probe
}

func (w watched) Ended() *solvers.Divergence { return w.diverged }

func (w watched) Step() error {
	err := w.probe.step(w.Method.Step)
	w.done.Store(int64(w.Iteration()))
	return err
}

// stages shows the progress of a figure, one bar for each of its stages.
type stages struct {
	cmd    *cobra.Command
	quiet  bool
	figure string
	stage  string
	start  int // iterations done before
	bar    *progress
}

func (s *stages) show(stage string, done, total int) {
	if s.bar == nil || stage != s.stage {
		s.stop()
		// A run that goes on counts from where it does: the estimate is of the rest.
		s.stage, s.start = stage, done
		s.bar = startProgress(s.cmd.ErrOrStderr(), s.quiet, s.figure+" "+stage, total-done)
	}
	s.bar.done.Store(int64(done - s.start))
}

func (s *stages) stop() {
	if s.bar != nil {
		s.bar.stop()
		s.bar = nil
	}
}

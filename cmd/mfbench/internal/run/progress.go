package run

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"lowrank/solvers"
)

// Progress shows how far a run is on a terminal, with an estimate of the time
// left. Off a terminal, and with --quiet, it does nothing.
type Progress struct {
	Done atomic.Int64
	quit chan struct{}
	wait sync.WaitGroup
}

func StartProgress(w io.Writer, quiet bool, what string, total int) *Progress {
	p := &Progress{}
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
				_ = bar.Set(int(p.Done.Load())) // a bar that cannot be drawn stops nothing
			case <-p.quit:
				_ = bar.Clear()
				return
			}
		}
	})
	return p
}

// Stop clears the bar. It may be called once.
func (p *Progress) Stop() {
	if p.quit != nil {
		close(p.quit)
		p.wait.Wait()
	}
}

// watch lets the bar follow a method: it is asked before each step whether to stop. A
// bar that is not shown watches nothing.
func (p *Progress) watch(m solvers.Method, stop solvers.Stop) solvers.Stop {
	if p.quit != nil {
		stop.When = func() bool {
			p.Done.Store(int64(m.Iteration()))
			return false
		}
	}
	return stop
}

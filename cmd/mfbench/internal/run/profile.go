package run

import (
	"context"
	"io"
	"runtime"
	"runtime/pprof"
	"runtime/trace"

	"github.com/spf13/cobra"

	"lowrank/blas/parallel"
	"lowrank/data/matio"
)

// Profiles are the files in which a command leaves what Go's tools read.
type Profiles struct{ cpu, mem, trace string }

// ProfileFlags do not change what a command computes: they stand in no
// configuration.
var ProfileFlags = map[string]bool{"cpuprofile": true, "memprofile": true, "exectrace": true}

func (p *Profiles) Add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.cpu, "cpuprofile", "", "write a CPU profile here, for go tool pprof")
	f.StringVar(&p.mem, "memprofile", "", "write a profile of all allocations here, for go tool pprof")
	f.StringVar(&p.trace, "exectrace", "", "write an execution trace here, for go tool trace")
}

// files are those that will be written.
func (p *Profiles) files() []string {
	var list []string
	for _, path := range []string{p.cpu, p.mem, p.trace} {
		if path != "" {
			list = append(list, path)
		}
	}
	return list
}

// asked says whether there is any.
func (p *Profiles) asked() bool { return len(p.files()) > 0 }

// During runs a command under the profiles asked for, which are written also
// where it fails. Its samples carry the name as label.
func (p *Profiles) During(ctx context.Context, operation string, run func(ctx context.Context) error) error {
	if !p.asked() {
		return run(ctx)
	}
	t := Targets{Write: p.files()}
	if err := t.Check(); err != nil {
		return err
	}
	var runErr error
	profiled := func() {
		pprof.Do(ctx, pprof.Labels("operation", operation), func(ctx context.Context) {
			defer parallel.Label(parallel.Label(ctx))
			runErr = run(ctx)
		})
	}
	err := into(p.cpu, pprof.StartCPUProfile, pprof.StopCPUProfile, func() error {
		return into(p.trace, trace.Start, trace.Stop, func() error {
			profiled()
			return nil
		})
	})
	if p.mem != "" && err == nil {
		runtime.GC() // so that what is in use is up to date
		err = matio.Replace(p.mem, func(w io.Writer) error { return pprof.Lookup("allocs").WriteTo(w, 0) })
	}
	if runErr != nil {
		return runErr
	}
	return err
}

// into runs f while start's data goes to the file; an empty path is none.
func into(path string, start func(io.Writer) error, stop func(), f func() error) error {
	if path == "" {
		return f()
	}
	return matio.Replace(path, func(w io.Writer) error {
		if err := start(w); err != nil {
			return err
		}
		defer stop()
		return f()
	})
}

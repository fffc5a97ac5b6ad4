package peers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Found is a peer with what came of looking for it.
type Found struct {
	Peer
	About   string // what it says of itself
	Library string // path of its BLAS; empty where that is not known
	Lacking error  // why it is not there; nil when it is

	argv func(j Job) []string
	dir  string // of the library that the user named
}

// Look finds peers, makes them ready in dir and starts each once on a small problem.
// A peer that is lacking or does not start is no error of Look.
func Look(ctx context.Context, h *Host, list []Peer, dir, dtype string, threads int, timeout time.Duration) ([]*Found, error) {
	if err := unpack(dir); err != nil {
		return nil, err
	}
	small := filepath.Join(dir, "small")
	if err := os.MkdirAll(small, 0o755); err != nil {
		return nil, err
	}
	if err := writeFor(dtype, small, 8, []int{1}, 1); err != nil {
		return nil, err
	}
	found := make([]*Found, len(list))
	var wait sync.WaitGroup
	for i, p := range list {
		found[i] = &Found{Peer: p}
		wait.Go(func() { found[i].look(ctx, h, dir, Job{small, 8, eta, dtype, threads}, timeout) })
	}
	wait.Wait()
	return found, ctx.Err()
}

func writeFor(dtype, dir string, d int, columns []int, seed uint64) error {
	if dtype == "f32" {
		return writeProblem[float32](dir, d, columns, seed)
	}
	return writeProblem[float64](dir, d, columns, seed)
}

func (f *Found) look(ctx context.Context, h *Host, dir string, job Job, timeout time.Duration) {
	prog, err := f.find(ctx, h)
	if err == nil && prog.build != nil {
		err = prog.build(ctx, dir, job.DType)
	}
	if err != nil {
		f.Lacking = fmt.Errorf("%s %w", f.Name, err)
		return
	}
	ways := [][]string{nil}
	if prog.libraries != nil {
		ways = nil
		for _, library := range prog.libraries {
			ways = append(ways, []string{library})
		}
	}
	for _, more := range ways {
		if f.ByUser && strings.ContainsRune(more[0], '/') {
			f.dir = filepath.Dir(more[0])
		}
		f.argv = func(j Job) []string {
			var argv []string
			for _, a := range prog.args {
				argv = append(argv, strings.ReplaceAll(a, "{dir}", dir))
			}
			return append(append(argv, j.args()...), more...)
		}
		p, err := f.start(ctx, job, Setting{Threads: job.Threads}, timeout)
		if err == nil {
			f.About, f.Library, f.Lacking = p.about, p.library, nil
			p.quit()
			return
		}
		if f.Lacking == nil {
			f.Lacking = err // of the library that comes first
		}
	}
}

// start starts the peer's process.
func (f *Found) start(ctx context.Context, job Job, s Setting, timeout time.Duration) (*process, error) {
	job.Threads = s.Threads
	env := s.environment()
	if f.dir != "" {
		env = searching(env, f.dir)
	}
	return begin(ctx, f.Name, f.argv(job), env, timeout)
}

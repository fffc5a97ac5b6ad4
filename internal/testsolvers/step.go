package testsolvers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"lowrank/kernel"
	"lowrank/solvers"
)

// threads: steps have the same bits for any number of threads, on every backend whose
// library does not thread itself.
func (s system[M]) threads(t *testing.T, problems []Problem[M]) {
	for _, entry := range kernel.Backends() {
		if entry.HowToBuild != "" || entry.ThreadsItself {
			continue
		}
		for _, p := range problems {
			one := s.make(t, p, Open(t, entry.Name, 1), 1)
			Advance(t, one, 10)
			for _, threads := range []int{2, 3, 7} {
				many := s.make(t, p, Open(t, entry.Name, threads), 1)
				Advance(t, many, 10)
				s.same(t, fmt.Sprintf("%s %s on %d threads", entry.Name, p.Name, threads), many, one)
			}
		}
	}
}

// allocations: a step allocates nothing, nor does the relative gradient once it was asked
// for. The matrix product of gonum starts goroutines.
func (s system[M]) allocations(t *testing.T, problems []Problem[M]) {
	for _, backend := range Backends() {
		if backend == "gonum" {
			continue
		}
		on := Open(t, backend, 2)
		for _, p := range problems {
			m := s.make(t, p, on, 1)
			Advance(t, m, 1)
			m.RelativeGradient()
			if n := testing.AllocsPerRun(10, func() { _ = m.Step() }); n != 0 {
				t.Errorf("%s %s: %v allocations a step", backend, p.Name, n)
			}
			if n := testing.AllocsPerRun(10, func() { m.RelativeGradient() }); n != 0 {
				t.Errorf("%s %s: %v allocations of the relative gradient", backend, p.Name, n)
			}
		}
	}
}

// divergence: the error says at which iteration and why, the method holds that iterate,
// and it is finite. What the method says is still of that iterate, unless it may change. A
// run that was saved before ends there too.
func (s system[M]) divergence(t *testing.T, problems []Problem[M], changes bool) {
	const most = 1000
	for _, backend := range Backends() {
		on := Open(t, backend, 1)
		for _, p := range problems {
			where := backend + " " + p.Name
			m := s.make(t, p, on, 1)
			var err error
			for m.Iteration() < most && err == nil {
				err = m.Step()
			}
			var d *solvers.Divergence
			if !errors.As(err, &d) {
				t.Errorf("%s: %v", where, err)
				continue
			}
			if d.Iteration != m.Iteration() || d.Reason == "" {
				t.Errorf("%s: %v at iteration %d", where, err, m.Iteration())
			}
			for i, x := range s.iterate(m) {
				for _, v := range x.Data {
					if v-v != 0 {
						t.Fatalf("%s: block %d of the last iterate has the element %v", where, i, v)
					}
				}
			}
			until := s.make(t, p, on, 1)
			saved := save(t, until)
			for until.Iteration() < d.Iteration {
				if err := until.Step(); err != nil && until.Iteration() < d.Iteration {
					t.Fatalf("%s: %v before iteration %d", where, err, d.Iteration)
				}
				if until.Iteration() == d.Iteration/2 {
					saved = save(t, until)
				}
			}
			if changes {
				s.sameIterate(t, where+", the last iterate", m, until)
			} else {
				s.same(t, where+", the last iterate", m, until)
			}
			resumed := s.make(t, p, on, 1)
			if err := resumed.Restore(saved); err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			for err = nil; resumed.Iteration() < most && err == nil; {
				err = resumed.Step()
			}
			var again *solvers.Divergence
			if !errors.As(err, &again) || *again != *d {
				t.Errorf("%s: from iteration %d on it ends with %v; without a break with %v", where, d.Iteration/2, err, d)
			}
			s.sameIterate(t, where+", the last iterate of a run that went on", resumed, m)
			if p.Check != nil {
				p.Check(t, m)
			}
			result, err := solvers.Run(context.Background(), s.make(t, p, on, 1), solvers.Stop{Iterations: most})
			if err != nil || result.Status != solvers.Diverged || result.Iterations != d.Iteration || !strings.Contains(result.Reason, fmt.Sprintf("diverged at iteration %d", d.Iteration)) {
				t.Errorf("%s: a run ends with %+v, %v", where, result, err)
			}
		}
	}
}

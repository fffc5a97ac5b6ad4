package testsolvers

import (
	"fmt"
	"math"
	"testing"

	"lowrank/solvers"
)

// Trajectory is a run whose iterates plain loops give.
type Trajectory[M Method] struct {
	Problem[M]
	Steps int
	// Next is the iterate after x, as the paper has it. It does not change x.
	Next func(x Iterate) Iterate
	// Tolerance is relative to the norm of a block.
	Tolerance float64
}

func (s system[M]) trajectories(t *testing.T, problems []Trajectory[M]) {
	for _, p := range problems {
		want := p.Start(1)
		for range p.Steps {
			want = p.Next(want)
		}
		for _, backend := range Backends() {
			t.Run(backend+"/"+p.Name, func(t *testing.T) {
				start := p.Start(1)
				m := p.New(t, Open(t, backend, 2), start)
				Advance(t, m, p.Steps)
				for i, x := range p.Start(1) {
					if !sameBits(x.Data, start[i].Data) {
						t.Errorf("block %d of the start was changed by a step", i)
					}
				}
				for i, x := range s.iterate(m) {
					Compare(t, fmt.Sprintf("block %d of the iterate", i), x, want[i], p.Tolerance)
				}
				if m.Iteration() != p.Steps || m.Passes() != p.Steps {
					t.Errorf("iteration %d, passes %d; expected %d", m.Iteration(), m.Passes(), p.Steps)
				}
				if p.Check != nil {
					p.Check(t, m)
				}
			})
		}
	}
}

// Gradient is a problem whose steps are descent on a function.
type Gradient[M Method] struct {
	Problem[M]
	Loss func(x Iterate) float64
	Step float64 // η
	// Alternating: the step of a block sees the blocks before it after theirs.
	Alternating bool
	// Tolerance is the largest difference of an element.
	Tolerance float64
}

// gradients compares a step with central differences of the loss.
func (s system[M]) gradients(t *testing.T, problems []Gradient[M]) {
	const h = 1e-5
	on := Open(t, "native", 1)
	for _, p := range problems {
		m := s.make(t, p.Problem, on, 2)
		at := s.iterate(m).Clone()
		Advance(t, m, 1)
		for j, x := range s.iterate(m) {
			moved := at[j].Clone()
			for i, now := range x.Data {
				was := at[j].Data[i]
				at[j].Data[i] = was + h
				up := p.Loss(at)
				at[j].Data[i] = was - h
				down := p.Loss(at)
				at[j].Data[i] = was
				if got, want := (was-now)/p.Step, (up-down)/(2*h); !(math.Abs(got-want) <= p.Tolerance) {
					t.Fatalf("%s: element %d of the gradient of block %d is %v, finite difference %v", p.Name, i, j, got, want)
				}
				moved.Data[i] = now
			}
			if p.Alternating {
				at[j] = moved
			}
		}
	}
}

// Follow makes steps of two methods and compares their iterates at the end: of another
// element type, or of another way to make the same steps.
func Follow(t *testing.T, name string, m, leader solvers.Method, steps int, iterate, want func() Iterate, tolerance float64) {
	t.Helper()
	Advance(t, m, steps)
	Advance(t, leader, steps)
	blocks := want()
	for i, x := range iterate() {
		Compare(t, fmt.Sprintf("%s: block %d of the iterate", name, i), x, blocks[i], tolerance)
	}
}

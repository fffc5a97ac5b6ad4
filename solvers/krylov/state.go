package krylov

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// State is all that the next iterates of a run depend on, beside the data and the start:
// the bases are built from these again, by as many passes, to the same bits.
type State struct {
	Format    int         // of what is saved
	Blocks    int         // of the bases
	Solver    []byte      // of the coordinates, or of the iterate where the run left the bases
	Spent     float64     // on steps, in operations
	Neglected float64     // part of the last gradient that left the basis
	Parts     [][]float64 // the perturbations
	Signs     Signs
	Lost      bool // the perturbations say nothing any more
	Left      *LeftState
	Room      int // Limits.Vectors: how much memory is free may be another
}

// format is that of the states that this version writes.
const format = 2

// Check fails where the state is of another format.
func (s State) Check() error {
	if s.Format != format {
		return fmt.Errorf("the checkpoint is of another version of this program; expected its format %d of runs in a Krylov basis, not %d", format, s.Format)
	}
	return nil
}

// LeftState is Left as it is saved.
type LeftState struct {
	At, Passes      int
	Sizes           []int
	Basis, Rounding uint64 // bits
}

// State is what is saved, nil of nil.
func (l *Left) State() *LeftState {
	if l == nil {
		return nil
	}
	return &LeftState{l.At, l.Passes, l.Sizes, math.Float64bits(l.Basis), math.Float64bits(l.Rounding)}
}

// Left is what was saved.
func (s *LeftState) Left() *Left {
	if s == nil {
		return nil
	}
	return &Left{s.At, s.Passes, s.Sizes, math.Float64frombits(s.Basis), math.Float64frombits(s.Rounding)}
}

// Encode returns the bytes of a state, with the one of the solver and of the
// perturbations, which have no gaps.
func (s State) Encode(solver interface{ Save() ([]byte, error) }, parts []blas.General[float64]) ([]byte, error) {
	var err error
	s.Format = format
	if s.Solver, err = solver.Save(); err != nil {
		return nil, err
	}
	for _, m := range parts {
		s.Parts = append(s.Parts, m.Data[:m.Rows*m.Cols])
	}
	return solvers.EncodeState(s)
}

// growing are bases: a Basis or a Pair.
type growing interface {
	Blocks() int
	Closed() bool
	Extend() error
}

// Resume brings a run to the state: its bases, its solver once sync has made room for all
// coordinates in them, and its perturbations.
func (s State) Resume(of growing, sync func(), solver interface{ Restore([]byte) error }, parts func() []blas.General[float64]) error {
	if err := s.rebuild(of); err != nil {
		return err
	}
	sync()
	if err := solver.Restore(s.Solver); err != nil {
		return err
	}
	return s.setParts(parts())
}

// rebuild extends bases to those of the state.
func (s State) rebuild(of growing) error {
	for of.Blocks() < s.Blocks && !of.Closed() {
		if err := of.Extend(); err != nil {
			return err
		}
	}
	if of.Blocks() != s.Blocks {
		return fmt.Errorf("the state of the solver has a basis of %d blocks; that of this run has %d", s.Blocks, of.Blocks())
	}
	return nil
}

// setParts sets the perturbations to those of the state.
func (s State) setParts(parts []blas.General[float64]) error {
	if len(s.Parts) != len(parts) {
		return fmt.Errorf("the state of the solver has %d perturbations; expected %d", len(s.Parts), len(parts))
	}
	for i, m := range parts {
		if n := m.Rows * m.Cols; len(s.Parts[i]) != n {
			return fmt.Errorf("the state of the solver has a perturbation of %d elements; expected %d", len(s.Parts[i]), n)
		}
		copy(m.Data, s.Parts[i])
	}
	return nil
}

package roofline

import (
	"time"

	"lowrank/bench/ceiling"
	"lowrank/blas"
)

// Effort is how long to measure, and how finely.
type Effort struct {
	Ceilings  time.Duration // for bandwidths and peaks, about
	Operation time.Duration // for each operation
	Octave    int           // working sets between a size and its double
	Memory    int           // most bytes to read together; 0 for no bound
	Small     bool          // operations of the small grid: whether they run
}

// Efforts.
var (
	Full  = Effort{Ceilings: 24 * time.Second, Operation: 300 * time.Millisecond, Octave: 3}
	Quick = Effort{Ceilings: 4 * time.Second, Operation: 60 * time.Millisecond, Octave: 1, Memory: ceiling.BriefMemory}
)

// Request says what to measure.
type Request struct {
	Backend    *blas.Backend
	DType      string // of the operations: f64 or f32
	Operations bool
	Effort     Effort
	Progress   func(stage string, done, total int) // may be nil
}

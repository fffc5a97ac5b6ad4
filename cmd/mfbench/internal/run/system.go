package run

import (
	"fmt"
	"math"
	"time"

	"lowrank/blas"
	"lowrank/data/matio"
	"lowrank/data/problem"
	"lowrank/solvers"
)

// Solver is a method that can be saved, restored and told from others.
type Solver interface {
	solvers.Method
	saved
	StepSize() float64
	Fingerprint(extra ...any) (string, error)
}

// HashOf stands for a matrix, which may be missing, among the bits of a
// checkpoint.
func HashOf(m *blas.General[float64]) string {
	h := solvers.NewFingerprint()
	if m != nil {
		h.Add(m.Data)
	}
	return h.String()
}

// File is a result and how it is written.
type File struct {
	Path  string // none is written when it is empty
	Write func(path string) error
}

// FoundStep is what --step auto found of the data, before the start is known.
type FoundStep struct {
	Norm   float64 // the estimate of σ_1
	Passes int     // over the data
}

// System is a problem that is ready to be run.
type System struct {
	Name     string // of the command
	Method   string // of a solver that has a choice
	Data     string // what a pass reads; empty where the run makes none
	Bytes    int64  // of a pass
	Solver   Solver
	Recorder solvers.Recorder
	Trace    *solvers.Trace     // that the recorder fills
	Always   bool               // it records without --trace too
	Watch    []solvers.Recorder // that see every iterate
	Files    []File
	Shares   bool          // runs of an ensemble share their passes
	Took     time.Duration // for passes of the run before its first step
	Alone    func() int    // passes that runs which share the others do not share; nil for none
	Bits     []any         // more that the bits of a checkpoint depend on
	Iterate  string
	Step     FoundStep // by --step auto
	// Report adds to the object of --json what is computed after the run: error,
	// distance and more.
	Report func(out map[string]any) error
	// Checks are the claims of the theory beside the run; nil for none.
	Checks func() []solvers.Check
	// Print says it to people.
	Print func(line func(name, format string, args ...any), out map[string]any)
	// Omit are flags that do not belong in the resolved configuration.
	Omit map[string]bool
	// Resolved are values of flags that the run has found out: defaults that depend on
	// the data. They stand in the resolved configuration.
	Resolved map[string]any

	request *Request // that it was built for
}

// WriteMatrix writes a matrix without gaps to a .npy file.
func WriteMatrix[T blas.Float](m blas.General[T]) func(path string) error {
	return func(path string) error { return matio.WriteNPY(path, []int{m.Rows, m.Cols}, m.Data) }
}

// Fused says whether a backend has passes of its own, which runs can share.
func Fused(b *blas.Backend) bool {
	_, ok := b.BLAS.(blas.Fuser)
	return ok
}

// SetError sets error in the object of --json. Where the data are zero there is nothing that
// it could be relative to: error is null, and absolute_error what was not divided.
func SetError(out map[string]any, e float64, zero bool) {
	if zero {
		out["error"], out["absolute_error"] = math.NaN(), e
		return
	}
	out["error"] = e
}

// PrintError says the error to people: distance/norm and what that means, or distance where
// the data are zero.
func PrintError(line func(name, format string, args ...any), out map[string]any, distance, data, norm, meaning string) {
	if e, ok := out["absolute_error"]; ok {
		line("error", "%.6g   %s, absolute: %s is zero", e, distance, data)
		return
	}
	line("error", "%.6g   %s/%s%s", out["error"], distance, norm, meaning)
}

// Relative is distance/norm, without the division when there is nothing to
// divide by.
func Relative(distance, norm float64) float64 {
	if norm == 0 {
		return distance
	}
	return distance / norm
}

// ReadFactor reads a start of the shape rows×rank; dim is the name of rows.
func ReadFactor(path, what, dim string, rows, rank int) (blas.General[float64], error) {
	x, err := problem.ReadMatrix[float64](path)
	if err == nil && (x.Rows != rows || x.Cols != rank) {
		err = fmt.Errorf("%s: the matrix is %d×%d; %s must be %s×rank = %d×%d", path, x.Rows, x.Cols, what, dim, rows, rank)
	}
	return x, err
}

package lowrank

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Settings say how a factorization is run. Every zero value is a choice of its own; a nil
// *Settings is the zero Settings. They are not changed, and may be used again.
type Settings struct {
	// Tolerance ends the run when the relative gradient, ‖(Σ − XXᵀ)X‖_F/‖ΣX‖_F or its
	// counterpart for XYᵀ, is at most this; also when X has shrunk to Tolerance·√max|σ_ij|,
	// which it does where all eigenvalues of Σ are negative, in some 70·σ_1/min|λ_i| iterations;
	// where one is zero it shrinks as 1/√t only, and the run makes all Iterations. 0 is
	// DefaultTolerance, a negative number runs all Iterations.
	Tolerance float64
	// Iterations is how many are made at most; 0 is DefaultIterations.
	Iterations int

	// Step is η; 0 chooses it as package documentation says.
	Step float64
	// Seed is that of the random start; 0 is 1.
	Seed uint64
	// Scale is the size of the random start: entries are drawn from N(0, Scale²σ_1/d),
	// where d is the number of rows of the factor and σ_1 the estimate of the norm; 0 is
	// ½. A scale far below 1 makes the small start of the literature.
	Scale float64
	// X0, of the shape of X, is the start in place of a random one. Y0 is that of Y: both
	// or none of them for XYᵀ.
	X0, Y0 mat.Matrix

	// Method says how iterates are computed. Auto takes what is expected to be faster.
	Method Method
	// Backend is the BLAS by name: native, gonum or openblas. Empty: the environment
	// variable MF_BACKEND, or the best that is compiled in.
	Backend string
	// Threads is how many are used, at most 1024; 0 is all processors.
	Threads int

	// Record, if not nil, is called with the first iterate, with every Every-th (0:
	// every one) and with the last. Its time is not counted. ErrStop, returned or
	// wrapped, ends the run with the status Stopped; any other error ends it with that
	// error.
	Record func(Iterate) error
	Every  int

	// Context, if not nil, ends the run when it is done: with the status Cancelled and
	// the context's error, and with what was reached. Like the context of an
	// http.Request it is that of one call.
	Context context.Context
}

// What zero Settings stand for.
const (
	DefaultTolerance  = 1e-8
	DefaultIterations = 100_000
)

// ErrStop, returned by Settings.Record, ends the run.
var ErrStop = errors.New("lowrank: the recorder stopped the run")

// Method is how iterates are computed.
type Method int

const (
	// Auto takes the method that is expected to be faster.
	Auto Method = iota
	// Direct reads the matrix once in each iteration.
	Direct
	// Krylov follows the same trajectory in an orthonormal basis of a Krylov space, which
	// some tens of readings build, and estimates what that changes (Result.Uncertainty).
	// Where the estimate says that the trajectory cannot be told so, the direct method
	// takes its place.
	Krylov
)

func (m Method) String() string {
	switch m {
	case Auto:
		return "auto"
	case Direct:
		return "direct"
	case Krylov:
		return "krylov"
	}
	return "unknown method"
}

// defaultScale is Settings.Scale where it is 0.
const defaultScale = 0.5

// complete are the settings with their zero values replaced. It panics where no matrix
// could make them right.
func (s *Settings) complete() Settings {
	var c Settings
	if s != nil {
		c = *s
	}
	switch {
	case math.IsNaN(c.Tolerance):
		panic(badTolerance)
	case c.Iterations < 0:
		panic(badIterations)
	case !(c.Step >= 0) || math.IsInf(c.Step, 1):
		panic(badStep)
	case !(c.Scale >= 0) || math.IsInf(c.Scale, 1):
		panic(badScale)
	case c.Method < Auto || c.Method > Krylov:
		panic(badMethod)
	case c.Every < 0:
		panic(badEvery)
	}
	if c.Tolerance == 0 {
		c.Tolerance = DefaultTolerance
	}
	if c.Iterations == 0 {
		c.Iterations = DefaultIterations
	}
	if c.Seed == 0 {
		c.Seed = 1
	}
	if c.Scale == 0 {
		c.Scale = defaultScale
	}
	if c.Every == 0 {
		c.Every = 1
	}
	if c.Context == nil {
		c.Context = context.Background()
	}
	return c
}

// Panic strings of this package, for errors of the programmer.
const (
	badRank       = "lowrank: the rank must be at least 1"
	badTolerance  = "lowrank: Settings.Tolerance must be a number"
	badIterations = "lowrank: Settings.Iterations must not be negative"
	badStep       = "lowrank: Settings.Step must be finite and not negative"
	badScale      = "lowrank: Settings.Scale must be finite and not negative"
	badMethod     = "lowrank: Settings.Method must be Auto, Direct or Krylov"
	badEvery      = "lowrank: Settings.Every must not be negative"
	badStart      = "lowrank: Settings.X0 and Y0 must have the shapes of X and Y"
	oneStart      = "lowrank: Settings.X0 and Y0 belong together, and Y0 to Asymmetric"
)

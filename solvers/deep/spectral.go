package deep

import (
	"fmt"
	"math"
	"slices"

	"lowrank/blas"
	"lowrank/solvers"
)

// EigenvalueSolver holds the trajectory from the start (7) or (13) with square factors and a
// symmetric Ŵ = VΛVᵀ. All factors stay diagonal in V (Lemmas 2.1 and 2.8), so that a
// step is one of n numbers by (18), or of n pairs by (40) and (41): O(nN) operations,
// whatever the matrices would cost. They are formed where they are asked for.
type EigenvalueSolver struct {
	of    *Decomposition
	start Start
	depth int
	eta   float64

	now, next spectrum
	diff      []float64 // p − λ at the current iterate
	t         int
	loss      float64 // ‖W − Ŵ‖_F now
	first     float64 // and at the start

	rounding *spectralErrors
	departs  *departure
	room     []float64
}

// spectrum are the eigenvalues of one iterate.
type spectrum struct {
	a []float64 // of the factors that are equal
	b []float64 // of W_1 where it is not: from the start (13), N ≥ 2
	q []float64 // a^(N−1), with b a^(N−2)
	p []float64 // of the product
}

func newSpectrum(n int, pairs bool) spectrum {
	s := spectrum{a: make([]float64, n), q: make([]float64, n), p: make([]float64, n)}
	if pairs {
		s.b = make([]float64, n)
	}
	return s
}

// multiply sets q and p.
func (s *spectrum) multiply(depth int) {
	if s.b == nil {
		for i, a := range s.a {
			q := intPower(a, depth-1)
			s.q[i], s.p[i] = q, q*a
		}
		return
	}
	for i, a := range s.a {
		q := intPower(a, depth-2)
		s.q[i], s.p[i] = q, q*a*s.b[i]
	}
}

// factor is the spectrum of W_{j+1}.
func (s *spectrum) factor(j int) []float64 {
	if j == 0 && s.b != nil {
		return s.b
	}
	return s.a
}

// NewEigenvalueSolver prepares gradient descent of depth N ≥ 1 with step η > 0 from a start of
// the identical or the perturbed kind.
func NewEigenvalueSolver(of *Decomposition, start Start, depth int, eta float64) *EigenvalueSolver {
	switch {
	case start.Kind != IdenticalStart && start.Kind != PerturbedStart || start.Alpha-start.Alpha != 0:
		panic(badSpectralStart)
	case start.Kind == PerturbedStart && start.Beta-start.Beta != 0:
		panic(badSpectralStart)
	case depth < 1:
		panic(badScalarDepth)
	case !(eta > 0) || math.IsInf(eta, 1):
		panic(badStep)
	}
	if start.Kind == IdenticalStart {
		start.Beta = 0
	}
	n := len(of.Values)
	pairs := start.Kind == PerturbedStart && depth > 1
	s := &EigenvalueSolver{
		of: of, start: start, depth: depth, eta: eta,
		now: newSpectrum(n, pairs), next: newSpectrum(n, pairs),
		diff: make([]float64, n), room: make([]float64, n),
		rounding: newSpectralErrors(n, pairs), departs: newDeparture(of, depth, eta, pairs),
	}
	for i := range n {
		s.now.a[i] = start.Alpha
		switch {
		case pairs:
			s.now.b[i] = start.Alpha - start.Beta
		case start.Kind == PerturbedStart:
			s.now.a[i] = start.Alpha - start.Beta
		}
	}
	s.measure()
	s.first = s.loss
	return s
}

// measure sets what follows from the factors.
func (s *EigenvalueSolver) measure() {
	s.now.multiply(s.depth)
	for i, p := range s.now.p {
		s.diff[i] = p - s.of.Values[i]
	}
	s.loss = solvers.Norm(s.diff)
}

// Step makes one iteration. It allocates nothing unless it fails.
func (s *EigenvalueSolver) Step() error {
	finite := true
	if s.now.b == nil {
		for i, d := range s.now.a {
			d -= s.eta * s.now.q[i] * s.diff[i]
			finite = finite && d-d == 0
			s.next.a[i] = d
		}
	} else {
		for i, a := range s.now.a {
			b := s.now.b[i]
			r := s.eta * s.now.q[i] * s.diff[i]
			to, other := a-r*b, b-r*a
			finite = finite && to-to == 0 && other-other == 0
			s.next.a[i], s.next.b[i] = to, other
		}
	}
	if !finite {
		return s.diverged(notFinite)
	}
	s.now, s.next = s.next, s.now
	s.measure()
	if !(s.loss <= math.MaxFloat64) {
		s.now, s.next = s.next, s.now
		s.measure()
		return s.diverged(productNotFinite)
	}
	s.t++
	s.departs.step(s)
	s.rounding.step(s)
	if !(s.loss <= growth*max(s.of.norm, s.first)) {
		return s.diverged(outgrown(s.loss))
	}
	return nil
}

func (s *EigenvalueSolver) diverged(reason string) error {
	return &solvers.Divergence{Iteration: s.t, Reason: reason}
}

// Product is W_N⋯W_1 = V·diag(p)·Vᵀ in new storage.
func (s *EigenvalueSolver) Product() blas.General[float64] { return s.of.form(s.now.p) }

// Factors are W_1 … W_N in new storage, which those that are equal share.
func (s *EigenvalueSolver) Factors() []blas.General[float64] {
	w := make([]blas.General[float64], s.depth)
	last := s.depth - 1
	w[last] = s.of.form(s.now.a)
	for j := range last {
		w[j] = w[last]
	}
	if s.now.b != nil {
		w[0] = s.of.form(s.now.b)
	}
	return w
}

// Eigenvalues are those of the product, in the order of the basis. They share storage
// with s, as those of the factors do.
func (s *EigenvalueSolver) Eigenvalues() []float64 { return s.now.p }

// SingularValues are those of the product, largest first, without a decomposition.
func (s *EigenvalueSolver) SingularValues() []float64 { return s.sigma() }

// DistanceTo is ‖W − truth‖_F.
func (s *EigenvalueSolver) DistanceTo(truth blas.General[float64]) float64 {
	return s.distanceTo(truth)()
}

// Loss is L = ½‖W − Ŵ‖_F² at the current iterate.
func (s *EigenvalueSolver) Loss() float64 { return s.loss * s.loss / 2 }

// Error is ‖W − Ŵ‖_F/‖Ŵ‖_F at the current iterate, without the division when Ŵ is
// zero.
func (s *EigenvalueSolver) Error() float64 {
	if s.of.norm == 0 {
		return s.loss
	}
	return s.loss / s.of.norm
}

// StepSize is η.
func (s *EigenvalueSolver) StepSize() float64 { return s.eta }

// Iteration is t, the number of steps made.
func (s *EigenvalueSolver) Iteration() int { return s.t }

// Passes is 0: no step reads Ŵ. The decomposition did before the first.
func (s *EigenvalueSolver) Passes() int { return 0 }

// Flops is what a step computes, without the estimates of errors.
func (s *EigenvalueSolver) Flops() float64 {
	n := float64(len(s.diff))
	if s.now.b == nil {
		return n * float64(max(s.depth-2, 0)+7)
	}
	return n * float64(max(s.depth-3, 0)+11)
}

// RelativeGradient is that of Solver, at the current iterate. It allocates nothing.
func (s *EigenvalueSolver) RelativeGradient() float64 {
	gradient, product := 0.0, 0.0
	add := func(count int, other []float64) {
		size := math.Sqrt(float64(count))
		term := func(i int, e float64) float64 {
			c := size * s.now.q[i]
			if other != nil {
				c *= other[i]
			}
			return c * e
		}
		for i, e := range s.diff {
			s.room[i] = term(i, e)
		}
		gradient = math.Hypot(gradient, solvers.Norm(s.room))
		for i, e := range s.of.Values {
			s.room[i] = term(i, e)
		}
		product = math.Hypot(product, solvers.Norm(s.room))
	}
	if s.now.b == nil {
		add(s.depth, nil)
	} else {
		add(1, s.now.a)
		add(s.depth-1, s.now.b)
	}
	if product > 0 && !math.IsInf(product, 0) {
		return gradient / product
	}
	return math.NaN()
}

// RoundingError estimates ‖W_t − W‖_F/‖W‖_F, what rounding in this method, and the
// errors of the decomposition, have done to the product. It is NaN from where on that
// is not predictable: where it has grown to the size of W itself, and for good, also
// where the run comes to a limit that errors do not change. It costs O(n²).
func (s *EigenvalueSolver) RoundingError() float64 { return s.rounding.relative(s) }

// DirectDeparts is the iterate from which on a Solver in float64 is expected to show
// another product, by a tenth or more: there rounding errors, or what Ŵ lacks to be
// symmetric, which are not diagonal in V or not the same in all factors, have grown to
// where they decide. −1 where that is not expected up to the current iterate, and where
// it is not predicted. It is an estimate, to a factor.
func (s *EigenvalueSolver) DirectDeparts() int { return s.departs.at }

// DirectUnpredicted says why nothing is said of a Solver; "" where it is.
func (s *EigenvalueSolver) DirectUnpredicted() string { return s.departs.unpredicted }

func (s *EigenvalueSolver) dims() []int {
	return slices.Repeat([]int{len(s.diff)}, s.depth+1)
}
func (s *EigenvalueSolver) rounded(x float64) float64 { return x }
func (s *EigenvalueSolver) unit() float64             { return solvers.Epsilon[float64]() }
func (s *EigenvalueSolver) diagonal() bool            { return true }
func (s *EigenvalueSolver) sigma() []float64          { return magnitudes(s.now.p) }
func (s *EigenvalueSolver) sigmaOf(j int) []float64   { return magnitudes(s.now.factor(j)) }

// magnitudes are |x|, largest first.
func magnitudes(x []float64) []float64 {
	m := make([]float64, len(x))
	for i, v := range x {
		m[i] = math.Abs(v)
	}
	slices.Sort(m)
	slices.Reverse(m)
	return m
}

// balances: all neighbours but W_1 and W_2 are equal.
func (s *EigenvalueSolver) balances() []float64 {
	all := make([]float64, s.depth-1)
	if s.now.b != nil {
		gap := make([]float64, len(s.diff))
		for i, a := range s.now.a {
			b := s.now.b[i]
			gap[i] = (a - b) * (a + b)
		}
		all[0] = solvers.Norm(gap)
	}
	return all
}

func (s *EigenvalueSolver) distanceTo(truth blas.General[float64]) func() float64 {
	diag, off := s.of.coordinatesOf(truth)
	apart := make([]float64, len(diag)+1)
	return func() float64 {
		for i, p := range s.now.p {
			apart[i] = p - diag[i]
		}
		apart[len(diag)] = off
		return solvers.Norm(apart)
	}
}

func (s *EigenvalueSolver) coordinatesIn(basis *Basis) func() *Coordinates {
	if basis != s.of.Basis {
		panic(badOwnBasis)
	}
	at := coordinates(s.depth, len(s.diff))
	return func() *Coordinates {
		for j := range at.Factors {
			copy(at.Factors[j], s.now.factor(j))
			at.Norms[j] = solvers.Norm(at.Factors[j])
		}
		copy(at.Product, s.now.p)
		return &at
	}
}

// spectralState is all that the next iterates and estimates depend on. Numbers are as
// bits, since estimates may be NaN.
type spectralState struct {
	Iteration int
	First     float64
	A, B      []uint64
	Tangents  [][]uint64
	Lost      bool

	Gap, Turn, Drift []uint64 // of departure
	Departs          int
}

// Save returns the state, from which a run of the same problem goes on with the same
// bits.
func (s *EigenvalueSolver) Save() ([]byte, error) {
	st := spectralState{
		Iteration: s.t, First: s.first, A: bits(s.now.a), B: bits(s.now.b), Lost: s.rounding.lost,
		Gap: bits(s.departs.gap), Turn: bits(s.departs.turn), Drift: bits(s.departs.drift), Departs: s.departs.at,
	}
	for _, x := range s.rounding.all() {
		st.Tangents = append(st.Tangents, bits(x))
	}
	return solvers.EncodeState(st)
}

// Restore sets the state that Save returned.
func (s *EigenvalueSolver) Restore(data []byte) error {
	var st spectralState
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	from := append([][]uint64{st.A, st.B, st.Gap, st.Turn, st.Drift}, st.Tangents...)
	to := append([][]float64{s.now.a, s.now.b, s.departs.gap, s.departs.turn, s.departs.drift}, s.rounding.all()...)
	fits := len(from) == len(to) && st.Iteration >= 0
	for i := 0; fits && i < len(to); i++ {
		fits = len(from[i]) == len(to[i])
	}
	if !fits {
		return fmt.Errorf("the state of the solver is of another shape: %d and %d eigenvalues of factors; expected %d and %d", len(st.A), len(st.B), len(s.now.a), len(s.now.b))
	}
	for i, x := range from {
		for j, v := range x {
			to[i][j] = math.Float64frombits(v)
		}
	}
	s.t, s.first, s.rounding.lost, s.departs.at = st.Iteration, st.First, st.Lost, st.Departs
	s.measure()
	return nil
}

// Fingerprint is a hash of all that the bits of the trajectory depend on, and of
// extra: the start, η, Ŵ and its basis. It belongs before the first step.
func (s *EigenvalueSolver) Fingerprint(extra ...any) (string, error) {
	h := solvers.NewFingerprint(fmt.Sprintf("deep spectral N=%d n=%d %v α=%b β=%b η=%b %s", s.depth, len(s.diff), s.start.Kind, s.start.Alpha, s.start.Beta, s.eta, s.of.hash), extra)
	return h.String(), nil
}

// Panic strings of the run in a basis.
const (
	badSpectralStart = "deep: a run in the eigenbasis needs the identical or the perturbed start, of finite numbers"
	badOwnBasis      = "deep: a run in an eigenbasis is measured in that basis"
)

// Terms are those of Solver: a sum over the eigenvalues has none that cancel.
func (s *EigenvalueSolver) Terms() solvers.Terms {
	n := float64(s.depth)
	return solvers.Terms{Length: n * n * float64(len(s.diff)), Product: 1, Iterate: 1, Epsilon: s.unit()}
}

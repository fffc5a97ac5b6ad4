package asymmetric

import (
	"fmt"
	"math"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/krylov"
)

// Theory compares a run with the claims of Ward and Kolda 2023. It is a
// recorder for every iterate from t = 0 on (Every: 1) and costs an evaluation
// of ‖XYᵀ − A‖_F, for alternating order two, and a singular value
// decomposition of each factor, O((m+n)k²).
//
// Both sides of a claim carry rounding errors, which decide where f is near
// its floor. With u the rounding unit of T, the residual XYᵀ − A of an iterate
// is taken to be known to δ = (√(m+n) + k)·u·(‖A‖_F + ‖X‖_F‖Y‖_F): its own
// rounding and that of the step to it. So f is known to √(2f)δ + δ²/2 and a
// gradient to δσ_1(X) or δσ_1(Y); singular values of iterates to (√(m+n) +
// k)·u·√(t+1)·σ_1, as roundings of t steps add up. Beside that a side may be
// off by 1e3u of itself. These sizes are inferred. A claim with
// both sides below its rounding everywhere is "condition not met".
type Theory[T blas.Float] struct {
	solver *Solver[T]
	p      Parameters
	tail   float64
	span   *blas.General[float64]

	eta, unit float64
	factor    float64 // √(m+n) + k
	previousY blas.General[float64]
	evidence
}

// NewTheory prepares the checks of a run of s. The zero fields of p are filled
// with defaults, and p.F0 = 0 with f(X_0, Y_0) as it is measured at t = 0. The
// columns of span are the first r left singular vectors of A, m×r; without it,
// nil, Lemmas 4.5 and 4.6 are not checked. tail is σ_{r+1}(A) or a
// bound of it, such as Tail, which the paper has 0: above 1e-8σ_1 or 1e-4σ_r, or what rounding
// A to T makes of 0 (inferred), the claims that need rank r are not made.
//
// All singular values of the iterates come from a decomposition of the factors
// themselves, not of their Gram matrices, so that also σ_r is accurate to a
// rounding error of σ_1.
func NewTheory[T blas.Float](s *Solver[T], p Parameters, span *blas.General[float64], tail float64) (*Theory[T], error) {
	return newTheory(s, s.m, s.n, p, span, tail)
}

// newTheory is NewTheory for a solver of m×n matrices, or of their coordinates.
func newTheory[T blas.Float](s *Solver[T], m, n int, p Parameters, span *blas.General[float64], tail float64) (*Theory[T], error) {
	p = p.WithDefaults()
	known := p
	if known.F0 == 0 {
		known.F0 = 1
	}
	if err := known.check(); err != nil {
		return nil, err
	}
	if p.Columns != s.k || p.Rank > min(m, n) {
		return nil, fmt.Errorf("the theory is of rank %d with %d columns; the factors are %d×%d and %d×%d", p.Rank, p.Columns, m, s.k, n, s.k)
	}
	if !(tail >= 0) || math.IsInf(tail, 0) {
		return nil, fmt.Errorf("σ_{r+1} must be a number of at least 0; it is %g", tail)
	}
	th := &Theory[T]{
		solver: s, p: p, tail: tail, span: span, eta: s.StepSize(), unit: solvers.Epsilon[T](),
		factor: math.Sqrt(float64(m+n)) + float64(s.k),
	}
	if span != nil {
		if span.Rows != m || span.Cols != p.Rank {
			panic(badSpan)
		}
		if e := orthogonality(*span); !(e <= 1e-6) {
			return nil, fmt.Errorf("the columns of the span must be orthonormal; ‖UᵀU − I‖ is %.3g", e)
		}
	}
	th.evidence = newEvidence(1e3 * th.unit)
	return th, nil
}

const badSpan = "asymmetric: the span must be m×r"

// orthogonality is ‖UᵀU − I‖_F.
func orthogonality(u blas.General[float64]) float64 {
	g := blas.NewGeneral[float64](u.Cols, u.Cols)
	for i := range u.Cols {
		g.Row(i)[i] = -1
	}
	blas64.Gemm(gblas.Trans, gblas.NoTrans, 1, blas64.General(u), blas64.General(u), 1, blas64.General(g))
	return frobenius(g)
}

func frobenius(x blas.General[float64]) float64 {
	var norm float64
	for i := range x.Rows {
		norm = math.Hypot(norm, blas64.Nrm2(blas64.Vector{N: x.Cols, Data: x.Row(i), Inc: 1}))
	}
	return norm
}

// Record takes in the iterate t, which follows the last one. An iterate that
// it has seen, as the first of a continued run, is passed over.
func (th *Theory[T]) Record(t int) error {
	if th.seen > 0 && t == th.now.t {
		return nil
	}
	if t != th.seen {
		return fmt.Errorf("the theory must see every iterate from t = 0 on; iterate %d came where %d was due", t, th.seen)
	}
	s, err := th.measure(t)
	if err != nil {
		return err
	}
	if t == 0 {
		f0 := s.f()
		if th.p.F0 == 0 {
			th.p.F0 = f0
		}
		if !(math.Abs(th.p.F0-f0) <= math.Sqrt(th.unit)*f0) {
			return fmt.Errorf("f(X_0, Y_0) is %.10g; the parameters say %.10g", f0, th.p.F0)
		}
	}
	th.observe(s)
	return nil
}

// measure evaluates one iterate.
func (th *Theory[T]) measure(t int) (sample, error) {
	s := sample{t: t, half: math.NaN(), halfError: math.NaN(), outside: math.NaN()}
	x, y := blas.Convert[float64](th.solver.X()), blas.Convert[float64](th.solver.Y())
	var normY float64
	s.x1, s.xr, s.normX = singular(x, th.p.Rank)
	s.y1, s.yr, normY = singular(y, th.p.Rank)
	s.gx, s.gy = th.solver.GradientNorms()
	var err error
	if s.distance, s.normA, err = th.solver.a.Distance(x, y); err != nil {
		return s, err
	}
	s.distanceError = th.factor * th.unit * (s.normA + s.normX*normY)
	if t > 0 && th.solver.order == Alternating {
		if s.half, _, err = th.solver.a.Distance(x, th.previousY); err != nil {
			return s, err
		}
		s.halfError = th.factor * th.unit * (s.normA + s.normX*frobenius(th.previousY))
	}
	if th.span != nil {
		u := blas64.General(*th.span)
		if x.Rows < u.Rows { // coordinates, which X has none of outside of its basis
			x = krylov.Padded(x, u.Rows)
		}
		inside := blas.NewGeneral[float64](u.Cols, x.Cols)
		blas64.Gemm(gblas.Trans, gblas.NoTrans, 1, u, blas64.General(x), 0, blas64.General(inside))
		blas64.Gemm(gblas.NoTrans, gblas.NoTrans, -1, u, blas64.General(inside), 1, blas64.General(x))
		s.outside = frobenius(x)
	}
	th.previousY = y
	return s, nil
}

// singular are σ_1, σ_r and ‖·‖_F of a factor; NaN when it is not finite.
func singular(x blas.General[float64], r int) (first, rth, norm float64) {
	values := append(eigen.SingularValues(x), make([]float64, r)...) // few coordinates have few
	return values[0], values[r-1], blas64.Nrm2(blas64.Vector{N: len(values), Data: values, Inc: 1})
}

// theoryState is all that the checks of the next iterates depend on.
type theoryState struct {
	Seen       int
	F0         uint64 // bits, as all numbers here that may be NaN
	Start, Now []uint64
	Sums       [4]uint64
	Claims     []claimState
	Onsets     [1 + mostPowers]int
	PreviousY  []float64
}

type claimState struct {
	Seen              bool
	At                int
	Worst             [3]uint64 // left, right, rounding
	Skipped           int
	SkippedAt         int
	SkippedWhy        string
	Undecided, Judged int
}

// Save returns the state, from which the checks of a continued run come out
// as those of an unbroken one.
func (th *Theory[T]) Save() ([]byte, error) {
	st := theoryState{
		Seen: th.seen, F0: math.Float64bits(th.p.F0), Start: th.start.bits(), Now: th.now.bits(),
		PreviousY: th.previousY.Data,
	}
	for i, v := range th.sums() {
		st.Sums[i] = math.Float64bits(*v)
	}
	for _, c := range th.claims() {
		st.Claims = append(st.Claims, c.state())
	}
	for i, o := range th.onsets {
		st.Onsets[i] = o.First
	}
	return solvers.EncodeState(st)
}

// Restore sets the state that Save returned of the same run.
func (th *Theory[T]) Restore(data []byte) error {
	var st theoryState
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	fresh := newEvidence(1e3 * th.unit)
	claims := fresh.claims()
	n, k := th.solver.n, th.solver.k
	if len(st.Claims) != len(claims) || st.Seen < 0 || st.Seen > 0 && len(st.PreviousY) != n*k || !fresh.start.setBits(st.Start) || !fresh.now.setBits(st.Now) {
		return fmt.Errorf("the state of the theory is of another shape: %d claims and %d elements of Y; expected %d and %d", len(st.Claims), len(st.PreviousY), len(claims), n*k)
	}
	fresh.seen = st.Seen
	for i, v := range fresh.sums() {
		*v = math.Float64frombits(st.Sums[i])
	}
	for i, c := range claims {
		c.restore(st.Claims[i])
	}
	for i := range fresh.onsets {
		fresh.onsets[i].First = st.Onsets[i]
	}
	th.p.F0 = math.Float64frombits(st.F0)
	th.previousY = blas.General[float64]{}
	if st.Seen > 0 {
		th.previousY = blas.General[float64]{Rows: n, Cols: k, Stride: k, Data: st.PreviousY}
	}
	th.evidence = fresh
	return nil
}

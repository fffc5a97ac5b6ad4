package sensing

import (
	"context"
	"math"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// RecorderOptions say what a recorder computes beside the train error.
type RecorderOptions struct {
	// Truth is X, n×k for any k ≥ 1, or nil.
	Truth *blas.General[float64]
	// Rank is r_*, at most n and r; 0 for none.
	Rank int
	// Power runs the power method beside gradient descent; it needs a Rank.
	Power bool
	Seed  uint64 // of the eigenvalue iteration
}

// Recorder fills a trace with
//
//	t, train ‖𝒜(UUᵀ) − y‖/‖y‖, loss f(U), norm_U ‖U‖_F, sigma1_U
//	test ‖UUᵀ − XXᵀ‖_F/‖XXᵀ‖_F, with a Truth
//	sigma_rstar_U, sigma_rstar_plus_1_U, angle ‖V_{L^⊥}ᵀV_{L_t}‖, with a Rank
//	power_angle, that of the power method; gd_power_angle, between L_t and the
//	power method's leading space, with Power
//
// The power method's space comes from the eigenvalues of 𝒜*(y) for n ≤ 1000. Beyond, it is
// taken from Ũ_t itself, whose columns collapse onto the first eigenvector: the angles are NaN once rounding
// may be a hundredth of them.
//
// Each row takes one singular value decomposition of U, O(nr·min(n, r)), and
// with Power another; none reads the measurements. sigma_rstar_plus_1_U is 0
// where r = r_*. An angle is NaN where rounding hides a space.
type Recorder[T blas.Float] struct {
	Trace solvers.Trace
	Space *Space // L; nil without a Rank
	// Power is at U_0, or where a caller advanced it; beyond n = 1000 at the iterate that was
	// recorded. It is nil without Power.
	Power *Power[T]

	s      *Solver[T]
	powers *powerSpace // nil without Power, and for a large n
	rank   int
	truth  *truth
	phases *Phases // nil without a Rank
	u      blas.General[float64]
}

// NewRecorder prepares a recorder of a solver that has made no step: the power
// method starts at its U_0. With a Rank it computes L, by products with 𝒜*(y).
func NewRecorder[T blas.Float](ctx context.Context, s *Solver[T], opt RecorderOptions) (*Recorder[T], error) {
	n, r := s.u.Rows, s.u.Cols
	if opt.Rank < 0 || opt.Rank > min(n, r) {
		panic(badRank)
	}
	if opt.Power && (opt.Rank == 0 || s.t != 0) {
		panic(badPower)
	}
	rec := &Recorder[T]{s: s, rank: opt.Rank, u: blas.NewGeneral[float64](n, r)}
	columns := []string{"t", "train", "loss", "norm_U", "sigma1_U"}
	limit := 0.0
	if opt.Truth != nil {
		rec.truth = newTruth(n, *opt.Truth)
		columns = append(columns, "test")
		if x := opt.Truth; opt.Rank > 0 && opt.Rank <= min(x.Rows, x.Cols) {
			limit = ColumnsOf(*x, 0).At(opt.Rank)
		}
	}
	if opt.Rank > 0 {
		var err error
		if rec.Space, err = LeadingSpace(ctx, s.back, opt.Rank, opt.Seed); err != nil {
			return nil, err
		}
		if limit == 0 {
			limit = math.Sqrt(max(rec.Space.Values[opt.Rank-1], 0))
		}
		rec.phases = NewPhases(limit)
		columns = append(columns, "sigma_rstar_U", "sigma_rstar_plus_1_U", "angle")
	}
	if opt.Power {
		rec.Power = NewPower(s.back, s.u, s.StepSize())
		if n <= exactOrder {
			var err error
			if rec.powers, err = newPowerSpace(s.back, s.u, s.StepSize(), opt.Rank); err != nil {
				return nil, err
			}
		}
		columns = append(columns, "power_angle", "gd_power_angle")
	}
	rec.Trace.Columns = columns
	return rec, nil
}

// Record adds the row of the current iterate t.
func (rec *Recorder[T]) Record(t int) error {
	u := rec.s.U()
	for i := range u.Rows {
		for j, v := range u.Row(i) {
			rec.u.Row(i)[j] = float64(v)
		}
	}
	c := ColumnsOf(u, rec.rank)
	row := append(make([]float64, 0, len(rec.Trace.Columns)),
		float64(t), rec.s.TrainError(), rec.s.Loss(), solvers.Norm(u.Data), c.At(1))
	test := math.NaN()
	if rec.truth != nil {
		test = rec.truth.distance(rec.u)
		row = append(row, test)
	}
	if rec.rank > 0 {
		angle := rec.angle(c)
		row = append(row, c.At(rec.rank), c.At(rec.rank+1), angle)
		rec.phases.Observe(t, angle, c.At(rec.rank), test)
	}
	if rec.Power != nil {
		angle, toGradient, err := rec.powerAngles(t, c)
		if err != nil {
			return err
		}
		row = append(row, angle, toGradient)
	}
	rec.Trace.Rows = append(rec.Trace.Rows, row)
	return nil
}

// powerAngles are those of the power method's leading space to L and to L_t.
func (rec *Recorder[T]) powerAngles(t int, c *Columns) (toL, toGradient float64, err error) {
	if rec.powers != nil {
		angle, basis := rec.powers.at(t)
		if !rec.Space.Resolved() {
			angle = math.NaN()
		}
		return angle, Sine(basis, c.Basis), nil
	}
	if err := rec.Power.Advance(t); err != nil {
		return 0, 0, err
	}
	p := ColumnsOf(rec.Power.U(), rec.rank)
	angle := rec.angle(p)
	const share = 100
	rounding := share * float64(max(rec.u.Rows, rec.u.Cols)) * solvers.Epsilon[T]() * p.At(1) / p.At(rec.rank)
	if !(angle > rounding) {
		return math.NaN(), math.NaN(), nil
	}
	return angle, Sine(p.Basis, c.Basis), nil
}

// angle is that of leading left singular vectors to L, NaN where L cannot be told.
func (rec *Recorder[T]) angle(c *Columns) float64 {
	if !rec.Space.Resolved() {
		return math.NaN()
	}
	return Sine(rec.Space.Basis, c.Basis)
}

// Marks are the phases found so far; −1 without a Rank. Without a Truth there
// is no Settled.
func (rec *Recorder[T]) Marks() Marks {
	if rec.phases == nil {
		return Marks{-1, -1, -1, -1}
	}
	return rec.phases.Marks()
}

type recorderState struct {
	Power  []byte
	Phases phasesState
}

// Save returns the state of the power method and of the phases. The trace is
// the caller's to keep.
func (rec *Recorder[T]) Save() ([]byte, error) {
	var st recorderState
	if rec.phases != nil {
		st.Phases = rec.phases.state()
	}
	if rec.Power != nil {
		var err error
		if st.Power, err = rec.Power.Save(); err != nil {
			return nil, err
		}
	}
	return solvers.EncodeState(st)
}

// Restore sets the state that Save returned, in a recorder with the same
// options made at U_0.
func (rec *Recorder[T]) Restore(data []byte) error {
	var st recorderState
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	if rec.Power != nil {
		if err := rec.Power.Restore(st.Power); err != nil {
			return err
		}
	}
	if rec.phases != nil {
		rec.phases.restore(st.Phases)
	}
	return nil
}

// truth measures the distance of UUᵀ from XXᵀ.
type truth struct {
	x    blas.General[float64]
	norm float64
	low  *operator.LowRank[float64]
	z    blas.General[float64] // of wide factors: UUᵀ − XXᵀ, lower triangle
}

func newTruth(n int, x blas.General[float64]) *truth {
	x.Check(n, x.Cols)
	if x.Cols < 1 {
		panic(badTruth)
	}
	t := &truth{x: x, norm: SettingOf(x, x.Cols, 0, 0).NormXX}
	ones := make([]float64, x.Cols)
	for i := range ones {
		ones[i] = 1
	}
	// Only its Distance is used, which needs no backend.
	t.low = operator.NewLowRank(&blas.Backend{}, x, ones)
	return t
}

// distance is ‖UUᵀ − XXᵀ‖_F/‖XXᵀ‖_F, without the division when X is zero. It
// is accurate to a rounding error of the larger of the two: by orthogonal
// transformations of [X U] where that is tall, else elementwise.
func (t *truth) distance(u blas.General[float64]) float64 {
	scale := t.norm
	if scale == 0 {
		scale = 1
	}
	n := u.Rows
	if t.x.Cols+u.Cols < n {
		d, _, err := t.low.Distance(u)
		if err != nil {
			return math.NaN()
		}
		return d / scale
	}
	if t.z.Rows != n {
		t.z = blas.NewGeneral[float64](n, n)
	}
	z := blas64.Symmetric{N: n, Data: t.z.Data, Stride: t.z.Stride, Uplo: gblas.Lower}
	blas64.Syrk(gblas.NoTrans, 1, blas64.General(t.x), 0, z)
	blas64.Syrk(gblas.NoTrans, 1, blas64.General(u), -1, z)
	var diagonal, below float64
	for i := range n {
		row := t.z.Row(i)
		diagonal = math.Hypot(diagonal, row[i])
		below = math.Hypot(below, solvers.Norm(row[:i]))
	}
	return math.Hypot(diagonal, math.Sqrt2*below) / scale
}

// Panic strings of the recorder, for errors of the programmer.
const (
	badPower = "sensing: the power method needs a rank r_* and a solver that has made no step"
	badTruth = "sensing: the truth must be n×k with k ≥ 1"
)

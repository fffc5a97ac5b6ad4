package symmetric

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// Unreached stands for a time that the run has not reached, or that has no
// finite value for this Δ and η.
const Unreached = -1

// Epsilons are the accuracies ε whose times a Tracker finds. The paper names
// none: they are inferred.
var Epsilons = [...]float64{1e-2, 1e-4, 1e-6}

// Times are those of section 4.2, Unreached where they are not known yet.
// Element k−1 of a slice belongs to the k-th signal.
type Times struct {
	Last int // the last iterate observed

	Init  []int // t_init,k; t_init,1 is the first t with X_t in S, t_init,k+1 = t_k + t_k^*
	TU    []int // T_{u_k} = min{t ≥ 0 : σ_1²(u_{k,t+t_init,k}) ≥ Δ/2}
	T     []int // t_k = t_init,k + T_{u_k} + t^*
	Trans []int // t_k^* of (15), k < r, at least 0 (inferred)
	Star  int   // t^* of (14), rounded up and at least 0 (inferred)
	Sharp int   // t^♯ of (14), the same
	TR    int   // t_R = t_init,r + T_{u_r} + t^* + t^♯ of Theorem 6, property 5

	EntryR   int                // first t with X_t in R of (10)
	Accuracy [len(Epsilons)]int // first t with ‖Σ_r − X_tX_tᵀ‖_F ≤ Epsilons[i], absolute as in the paper
	Spectral [len(Epsilons)]int // first t with ‖Σ_r − X_tX_tᵀ‖ ≤ Epsilons[i], the spectral norm, as Theorem 2 has it
	P        []float64          // p_k = λ_k − σ_1²(u_k) at the last iterate
}

// Tracker finds the times of section 4.2 and evaluates the claims about them
// in one pass over a run. It keeps O(r) numbers and no iterates. It must see
// every iterate from X_0 on: schedule it with Every: 1.
type Tracker[T blas.Float] struct {
	s      *Solver[T]
	theory *Theory[T]

	r             int
	lambda        []float64 // λ_1 … λ_{r+1}
	eta           float64
	delta, deltaR float64 // min_{i≤r}(λ_i − λ_{i+1}) and λ_r − λ_{r+1}
	eps           float64 // of the element type
	residual      float64 // of the eigenvalues
	angle         float64 // error of squared norms from that of the eigenvectors
	floor         float64 // rounding errors of σ_1(u_kK_kᵀ) and p_k late in a run

	times      Times
	sigmaX0    float64
	signal0    []float64 // σ_1²(u_{k,0})
	signalInit []float64 // σ_1²(u_{k,t_init,k})
	snr        float64   // of section 3, at the last iterate; NaN outside its claim
	growth     float64   // least SNR_{t+1}/SNR_t so far
	growthAt   int

	inS, inR, inRAfter, snrLeast *solvers.Bound
	above, noise, errors         []*solvers.Bound // of the k-th signal: properties 3 and 4
	onsets                       onsets           // when they begin to hold
	rankOne                      *rankOne         // section 2, nil for r > 1
}

// NewTracker prepares the tracking of s, whose iterates theory measures.
func NewTracker[T blas.Float](s *Solver[T], theory *Theory[T]) *Tracker[T] {
	if theory.d != s.x.Rows || theory.r != s.x.Cols {
		panic(badTracker)
	}
	r, l := theory.r, theory.basis.Values
	tr := &Tracker[T]{
		s: s, theory: theory, r: r, lambda: l, eta: s.StepSize(),
		delta: MinGap(l), deltaR: l[r-1] - l[r], eps: solvers.Epsilon[T](),
	}
	for _, res := range theory.basis.Residuals {
		tr.residual = max(tr.residual, res)
	}
	// A step rounds X by ε‖X‖ and contracts errors by 1 − ηΔ; eigenvectors
	// are wrong by an angle of residual/Δ.
	size := 8 * max(l[0], 0) * math.Sqrt(float64(r))
	if tr.residual > 0 {
		tr.angle = size * tr.residual / min(tr.delta, tr.deltaR)
	}
	tr.floor = size*(tr.eps+tr.eps/(tr.eta*tr.delta)) + tr.angle
	tr.reset()
	return tr
}

func (tr *Tracker[T]) reset() {
	r := tr.r
	unreached := func(n int) []int {
		s := make([]int, n)
		for i := range s {
			s[i] = Unreached
		}
		return s
	}
	tr.times = Times{
		Last: Unreached, Init: unreached(r), TU: unreached(r), T: unreached(r), Trans: unreached(r - 1),
		TR: Unreached, EntryR: Unreached, P: make([]float64, r),
		Star:  tr.decayTime(tr.delta * tr.delta / (8*cube(tr.lambda[0]) + 144*float64(r*r)*tr.lambda[0])),
		Sharp: tr.decayTime(tr.delta / (4 * float64(r))),
	}
	for i := range tr.times.Accuracy {
		tr.times.Accuracy[i], tr.times.Spectral[i] = Unreached, Unreached
	}
	tr.signal0, tr.signalInit = make([]float64, r), make([]float64, r)
	tr.snr, tr.growth, tr.growthAt = math.NaN(), math.Inf(1), Unreached
	bound := func() *solvers.Bound { return solvers.NewBound("", "paper", 64*tr.eps) }
	tr.inS, tr.inR, tr.inRAfter, tr.snrLeast = bound(), bound(), bound(), bound()
	tr.above, tr.noise, tr.errors = nil, nil, nil
	tr.onsets = newOnsets(r)
	for range r {
		tr.above = append(tr.above, bound())
		tr.noise = append(tr.noise, bound())
		tr.errors = append(tr.errors, bound())
	}
	if r == 1 {
		tr.rankOne = newRankOne(tr.lambda[0], tr.lambda[1], tr.eta, tr.stepError(), 64*tr.eps)
	}
}

// stepError bounds what a step and its measurement change α_t and β_t of section 2 by,
// relative to ‖x_t‖: rounding errors of x and of Σx, for eigenpairs with a residual that
// and for a λ_2 with one the same, twice, and what a run in a basis leaves out.
func (tr *Tracker[T]) stepError() float64 {
	return (16+tr.eta*math.Abs(tr.lambda[0])*math.Sqrt(float64(tr.theory.order)))*tr.eps + 3*tr.eta*tr.residual + 2*tr.theory.leftOut
}

// decayTime is the least integer t ≥ 0 with (1 − ηΔ/6)^t ≤ level.
func (tr *Tracker[T]) decayTime(level float64) int {
	const most = 1 << 50 // no run is that long
	x := tr.eta * tr.delta / 6
	if !(x > 0 && x < 1 && level > 0) {
		return Unreached
	}
	t := math.Ceil(math.Log(level) / math.Log1p(-x))
	if !(t < most) {
		return Unreached
	}
	return max(int(t), 0)
}

func cube(x float64) float64 { return x * x * x }

// Record measures the current iterate and observes it.
func (tr *Tracker[T]) Record(t int) error {
	if t == tr.times.Last { // a run that goes on records its first iterate again
		return nil
	}
	if t != tr.times.Last+1 {
		return fmt.Errorf("times need every iterate: iterate %d came, expected %d", t, tr.times.Last+1)
	}
	tr.Observe(t, tr.theory.Of(tr.s))
	return nil
}

// Observe takes in the quantities of iterate t, for callers that measure it
// anyway. Iterates come in order from t = 0; the last one may come again, and
// is left out then.
func (tr *Tracker[T]) Observe(t int, q *Quantities) {
	tm := &tr.times
	if t == tm.Last {
		return
	}
	if t != tm.Last+1 {
		panic(badOrder)
	}
	if len(q.Signal) != tr.r || len(q.Noise) != tr.r || len(q.SigmaK) != tr.r {
		panic(badQuantities)
	}
	tm.Last = t
	if t == 0 {
		tr.sigmaX0 = q.Sigma1X
		copy(tr.signal0, q.Signal)
	}
	for k, s := range q.Signal {
		tm.P[k] = tr.lambda[k] - s
	}
	for i, e := range Epsilons {
		if tm.Accuracy[i] == Unreached && q.Error <= e {
			tm.Accuracy[i] = t
		}
		if tm.Spectral[i] == Unreached && q.Spectral <= e {
			tm.Spectral[i] = t
		}
	}
	tr.advance(t, q)
	tr.claims(t, q)
	tr.begin(t, q)
	if tr.rankOne != nil {
		tr.rankOne.observe(t, math.Sqrt(q.Signal[0]), q.SigmaK[0])
	}
}

// advance finds the times that iterate t reaches. Each is defined by iterates
// at or after the one before it, so several may come at once.
func (tr *Tracker[T]) advance(t int, q *Quantities) {
	tm := &tr.times
	if tm.EntryR == Unreached && q.InR {
		tm.EntryR = t
	}
	begin := func(k int) { tm.Init[k], tr.signalInit[k] = t, q.Signal[k] }
	if tm.Init[0] == Unreached && q.InS {
		begin(0)
	}
	for k := range tr.r {
		if tm.Init[k] == Unreached {
			return
		}
		if tm.TU[k] == Unreached {
			if !(q.Signal[k] >= tr.delta/2) {
				return
			}
			tm.TU[k] = t - tm.Init[k]
			if tm.Star != Unreached {
				tm.T[k] = t + tm.Star
			}
			if k == tr.r-1 && tm.Star != Unreached && tm.Sharp != Unreached {
				tm.TR = tm.T[k] + tm.Sharp
			}
		}
		if k == tr.r-1 || tm.T[k] == Unreached || t < tm.T[k] {
			return
		}
		if tm.Trans[k] == Unreached {
			left := float64(tr.r) * tr.decay(6, t-tm.T[k])
			right := math.Sqrt(tr.delta/8) * min(math.Sqrt(q.Signal[k+1]), math.Sqrt(tr.delta/2))
			if !(left <= right) { // (15)
				return
			}
			tm.Trans[k] = t - tm.T[k]
			begin(k + 1)
		}
	}
}

// decay is (1 − ηΔ/divisor)^n.
func (tr *Tracker[T]) decay(divisor float64, n int) float64 {
	return math.Exp(float64(n) * math.Log1p(-tr.eta*tr.delta/divisor))
}

// claims compares iterate t with the claims whose times it is past.
func (tr *Tracker[T]) claims(t int, q *Quantities) {
	tm, l := &tr.times, tr.lambda
	past := func(time int) bool { return time != Unreached && t >= time }
	if past(tm.Init[0]) {
		tr.inS.ObserveWithin(t, q.Sigma1X*q.Sigma1X, 2*l[0], tr.angle)
		for k, s := range q.SigmaK {
			tr.inS.ObserveWithin(t, s*s, l[k]-3*tr.delta/4, tr.angle)
		}
	}
	for k := range tr.r {
		if tm.TU[k] == Unreached {
			break
		}
		tr.above[k].ObserveWithin(t, tr.delta/2, q.Signal[k], tr.angle)
		if past(tm.T[k]) {
			n := t - tm.T[k]
			tr.noise[k].ObserveWithin(t, q.Noise[k], tr.decay(6, n), tr.floor)
			limit := (2*l[0] + 24*float64(tr.r)/(tr.eta*tr.delta)) * tr.decay(8, n)
			tr.errors[k].ObserveWithin(t, math.Abs(tm.P[k]), limit, tr.floor)
		}
	}
	if past(tm.TR) {
		tr.observeR(tr.inRAfter, t, q)
	}
	if q.InR {
		tr.snrLeast.Observe(t, tr.deltaR/(4*l[0]), q.SNRBlock)
	}
	if past(tm.EntryR) {
		tr.observeR(tr.inR, t, q)
		// Below this J is rounding errors, whose SNR does not grow.
		resolved := q.Sigma1J*math.Sqrt(2*l[0]) > 100*tr.floor
		if f := q.SNRBlock / tr.snr; resolved && f < tr.growth {
			tr.growth, tr.growthAt = f, t
		}
		tr.snr = q.SNRBlock
	}
}

// begin compares iterate t with the inequalities, with the rounding errors that claims
// allows them.
func (tr *Tracker[T]) begin(t int, q *Quantities) {
	l, o, slack := tr.lambda, tr.onsets, 64*tr.eps
	within := func(left, right float64) bool { return solvers.Within(left, right, tr.angle, slack) }
	bounded := within(q.Sigma1X*q.Sigma1X, 2*l[0])
	inS := bounded
	for k, s := range q.SigmaK {
		inS = inS && within(s*s, l[k]-3*tr.delta/4)
	}
	o.inS.Observe(t, inS)
	o.inR.Observe(t, bounded && within(tr.deltaR/4, q.SigmaRU*q.SigmaRU) && within(q.Sigma1J*q.Sigma1J, l[tr.r-1]-tr.deltaR/2))
	for k := range tr.r {
		o.above[k].Observe(t, within(tr.delta/2, q.Signal[k]))
		o.noise[k].ObserveDecay(t, q.Noise[k]-tr.floor, 1, math.Log1p(-tr.eta*tr.delta/6))
		limit := 2*l[0] + 24*float64(tr.r)/(tr.eta*tr.delta)
		o.errors[k].ObserveDecay(t, math.Abs(tr.times.P[k])-tr.floor, limit, math.Log1p(-tr.eta*tr.delta/8))
	}
}

// observeR compares with the three inequalities of (10).
func (tr *Tracker[T]) observeR(b *solvers.Bound, t int, q *Quantities) {
	l, r := tr.lambda, tr.r
	b.ObserveWithin(t, q.Sigma1X*q.Sigma1X, 2*l[0], tr.angle)
	b.ObserveWithin(t, tr.deltaR/4, q.SigmaRU*q.SigmaRU, tr.angle)
	b.ObserveWithin(t, q.Sigma1J*q.Sigma1J, l[r-1]-tr.deltaR/2, tr.angle)
}

// Times is what is known so far, a copy.
func (tr *Tracker[T]) Times() Times {
	t := tr.times
	t.Init = append([]int{}, t.Init...)
	t.TU = append([]int{}, t.TU...)
	t.T = append([]int{}, t.T...)
	t.Trans = append([]int{}, t.Trans...)
	t.P = append([]float64{}, t.P...)
	return t
}

// Panic strings, for errors of the programmer.
const (
	badTracker    = "symmetric: the theory must be of the solver's d and r"
	badOrder      = "symmetric: Observe needs every iterate in order from t = 0"
	badQuantities = "symmetric: the quantities must be of r signals"
)

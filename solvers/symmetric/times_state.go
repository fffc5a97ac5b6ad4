package symmetric

import (
	"errors"
	"math"
	"slices"

	"lowrank/solvers"
)

// trackerState is a tracker under way. Floats are bits, so that NaN and
// infinities survive.
type trackerState struct {
	Problem                []uint64 // η and λ, to tell another problem
	Last, TR, EntryR       int
	Init, TU, T, Trans     []int
	Accuracy, Spectral     []int
	P, Signal0, SignalInit []uint64
	Scalars                []uint64 // σ_1(X_0), SNR, its least growth
	GrowthAt               int
	Bounds                 []boundState
	Onsets                 []int
	RankOne                *rankOneState // where r = 1
}

// boundState is the observation that a bound keeps. Observed again it gives
// the same bound, since each bound has one rounding allowance.
type boundState struct {
	At          int
	Left, Right uint64
}

// bounds are all of them, each with its rounding allowance.
func (tr *Tracker[T]) bounds() ([]*solvers.Bound, []float64) {
	b := []*solvers.Bound{tr.inS, tr.inR, tr.inRAfter, tr.snrLeast}
	w := []float64{tr.angle, tr.angle, tr.angle, 0}
	for k := range tr.r {
		b = append(b, tr.above[k], tr.noise[k], tr.errors[k])
		w = append(w, tr.angle, tr.floor, tr.floor)
	}
	return b, w
}

// Save returns the state, from which a tracker of the same problem goes on
// with the same bits.
func (tr *Tracker[T]) Save() ([]byte, error) {
	tm := &tr.times
	st := trackerState{
		Problem: bits(append([]float64{tr.eta}, tr.lambda...)...),
		Last:    tm.Last, TR: tm.TR, EntryR: tm.EntryR,
		Init: tm.Init, TU: tm.TU, T: tm.T, Trans: tm.Trans, Accuracy: tm.Accuracy[:], Spectral: tm.Spectral[:],
		P: bits(tm.P...), Signal0: bits(tr.signal0...), SignalInit: bits(tr.signalInit...),
		Scalars: bits(tr.sigmaX0, tr.snr, tr.growth), GrowthAt: tr.growthAt, RankOne: tr.rankOne.save(),
	}
	all, _ := tr.bounds()
	for _, b := range all {
		st.Bounds = append(st.Bounds, boundState{b.At, math.Float64bits(b.Left), math.Float64bits(b.Right)})
	}
	for _, o := range tr.onsets.all() {
		st.Onsets = append(st.Onsets, o.First)
	}
	return solvers.EncodeState(st)
}

// Restore sets the state that Save returned.
func (tr *Tracker[T]) Restore(data []byte) error {
	var st trackerState
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	if !slices.Equal(st.Problem, bits(append([]float64{tr.eta}, tr.lambda...)...)) {
		return errors.New("the saved times belong to another step size or other eigenvalues")
	}
	if tr.rankOne != nil && st.RankOne == nil {
		return errors.New("the saved times lack those of section 2, which are recorded since; the run has to begin anew")
	}
	all, _ := tr.bounds()
	r := tr.r
	if len(st.Init) != r || len(st.TU) != r || len(st.T) != r || len(st.Trans) != r-1 || len(st.Accuracy) != len(Epsilons) || len(st.Spectral) != len(Epsilons) || len(st.Onsets) != len(tr.onsets.all()) ||
		len(st.P) != r || len(st.Signal0) != r || len(st.SignalInit) != r || len(st.Scalars) != 3 || len(st.Bounds) != len(all) || st.Last < Unreached || !tr.rankOne.fits(st.RankOne) {
		return errors.New("the saved times are not complete")
	}
	tr.reset()
	tm := &tr.times
	tm.Last, tm.TR, tm.EntryR = st.Last, st.TR, st.EntryR
	copy(tm.Init, st.Init)
	copy(tm.TU, st.TU)
	copy(tm.T, st.T)
	copy(tm.Trans, st.Trans)
	copy(tm.Accuracy[:], st.Accuracy)
	copy(tm.Spectral[:], st.Spectral)
	setBits(tm.P, st.P)
	setBits(tr.signal0, st.Signal0)
	setBits(tr.signalInit, st.SignalInit)
	var scalars [3]float64
	setBits(scalars[:], st.Scalars)
	tr.sigmaX0, tr.snr, tr.growth, tr.growthAt = scalars[0], scalars[1], scalars[2], st.GrowthAt
	all, allowance := tr.bounds()
	for i, b := range st.Bounds {
		if b.At >= 0 {
			all[i].ObserveWithin(b.At, math.Float64frombits(b.Left), math.Float64frombits(b.Right), allowance[i])
		}
	}
	for i, o := range tr.onsets.all() {
		o.First = st.Onsets[i]
	}
	tr.rankOne.restore(st.RankOne, st.Last)
	return nil
}

func bits(x ...float64) []uint64 {
	b := make([]uint64, len(x))
	for i, v := range x {
		b[i] = math.Float64bits(v)
	}
	return b
}

func setBits(dst []float64, src []uint64) {
	for i, v := range src {
		dst[i] = math.Float64frombits(v)
	}
}

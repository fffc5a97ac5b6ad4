package plan

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Sample is a short run that was made to learn from.
type Sample struct {
	Shape      Shape
	Iterations []float64 // seconds of each, without the first ones
	Setup      float64   // seconds before the iterations
	Report     float64   // seconds behind them
	Records    []Record
	Peak       float64 // bytes that it took at the most; 0 where that is not known
	Traced     float64 // part of the recorded iterates of the run that is planned that it recorded
	Garbage    float64 // bytes that a call of a recorder allocates and does not keep
	Calls      float64 // of recorders
}

// Record is what a recorder took.
type Record struct {
	Every   int     // iterations between two calls in the run that is planned
	Seconds float64 // of a call
}

// Recorder is what a recorder did in a sample.
type Recorder struct {
	Every   int     // iterations between two calls in the run that is planned
	Calls   float64 // in the sample
	Seconds float64 // of all of them
}

// Recorded sets what follows from the recorders of a sample. The iterates of the
// trace of the run that is planned, every so many iterations, are rows; allocated
// are the bytes that were allocated in the sample's iterations.
func (s *Sample) Recorded(recorders []Recorder, every int, rows, allocated float64) {
	for _, r := range recorders {
		s.Calls += r.Calls
		if r.Calls > 0 {
			s.Records = append(s.Records, Record{Every: r.Every, Seconds: r.Seconds / r.Calls})
		}
		if r.Every == every && rows > 0 {
			s.Traced = r.Calls / rows
		}
	}
	if s.Calls > 0 {
		// Each row that is kept is kept by one call.
		kept := s.Traced * s.Shape.Size().Trace * float64(s.Shape.Size().Runs)
		s.Garbage = max(allocated-kept, 0) / s.Calls
	}
}

// blocks is how many parts the measured iterations are cut into.
const blocks = 9

// mean is the median of the means of blocks of neighbours, with the least and the
// largest of them: something else that runs for a moment is in few blocks.
func (s Sample) mean() Span {
	n := len(s.Iterations)
	if n == 0 {
		return Span{math.NaN(), math.NaN(), math.NaN()}
	}
	means := make([]float64, min(blocks, n))
	for i := range means {
		means[i] = stat.Mean(s.Iterations[n*i/len(means):n*(i+1)/len(means)], nil)
	}
	slices.Sort(means)
	return Span{stat.Quantile(0.5, stat.Empirical, means, nil), means[0], means[len(means)-1]}
}

// Iteration is the seconds of an iteration.
func (s Sample) Iteration() float64 { return s.mean().Value }

// Settled leaves out the first iterations, in which memory is touched for the
// first time: a tenth of them, at least one where there are three.
func Settled(seconds []float64) []float64 {
	if len(seconds) < 3 {
		return slices.Clone(seconds)
	}
	return slices.Clone(seconds[max(len(seconds)/10, 1):])
}

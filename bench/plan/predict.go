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

// blocks is how many parts the measured iterations are cut into.
const blocks = 9

// Span is a number with the least and the most that it is expected to be.
type Span struct{ Value, Low, High float64 }

func (s Span) times(f float64) Span { return Span{s.Value * f, s.Low * f, s.High * f} }
func (s Span) plus(v float64) Span  { return Span{s.Value + v, s.Low + v, s.High + v} }

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

// Prediction is what a run is expected to take. Times are seconds.
type Prediction struct {
	Iteration Span
	Total     Span // all of what follows, with as many iterations as are allowed
	Setup     float64
	Steps     float64
	Recording float64
	Report    float64
	Bytes     float64 // of memory at the peak
	Share     float64 // of the bound, that the last sample reached
	Bound     float64 // least seconds of an iteration of the run
}

// Predict carries samples over to a run of so many iterations: the time of an
// iteration by the bound of both, other times by their work, the memory by what
// the last sample took more or less than its formula. Samples go from small to
// large; the last counts, and the others widen the interval by how far they would
// have been off. program is what the program holds before it begins, bound the
// least seconds for so many bytes and operations.
func Predict(run Shape, iterations int, program float64, samples []Sample, bound func(bytes, flops float64) float64) Prediction {
	size := run.Size()
	last := samples[len(samples)-1]
	at := last.Shape.Size()
	at.Trace *= last.Traced
	p := Prediction{Bound: bound(size.Iteration())}
	for i, s := range samples {
		t := s.mean().times(p.Bound / bound(s.Shape.Size().Iteration()))
		if i == 0 {
			p.Iteration = t
		}
		p.Iteration = Span{t.Value, min(p.Iteration.Low, t.Low), max(p.Iteration.High, t.High)}
	}
	p.Share = bound(at.Iteration()) / last.mean().Value
	p.Setup = last.Setup * ratio(size.Setup, at.Setup)
	p.Report = last.Report * ratio(size.Report, at.Report)
	total := 0.0 // calls of recorders
	for _, r := range last.Records {
		calls := float64(iterations/max(r.Every, 1)) + 1
		total += calls
		p.Recording += calls * r.Seconds * ratio(size.Record, at.Record)
	}
	p.Steps = float64(iterations) * p.Iteration.Value
	p.Total = p.Iteration.times(float64(iterations)).plus(p.Setup + p.Recording + p.Report)

	// What recorders leave behind lies about until it is as much as what is in use.
	left := func(s Size, perCall, calls float64) float64 { return min(perCall*calls, s.Needs()) }
	p.Bytes = program + size.Peak() + left(size, last.Garbage*ratio(size.Run, at.Run), total)
	if last.Peak > 0 {
		// What is more than the formula does not grow: it is the collector's. What is
		// less was collected, in proportion; of data the formula is exact.
		off, own := last.Peak-at.Peak()-left(at, last.Garbage, last.Calls), func(s Size) float64 { return s.Peak() - s.Data }
		if off < 0 {
			off = max(off*ratio(own(size), own(at)), -own(size))
		}
		p.Bytes += off
	}
	return p
}

// ratio is a/b, 1 where there is nothing to divide by.
func ratio(a, b float64) float64 {
	if !(b > 0) {
		return 1
	}
	return a / b
}

// Settled leaves out the first iterations, in which memory is touched for the
// first time: a tenth of them, at least one where there are three.
func Settled(seconds []float64) []float64 {
	if len(seconds) < 3 {
		return slices.Clone(seconds)
	}
	return slices.Clone(seconds[max(len(seconds)/10, 1):])
}

package plan

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Learning says what problems are measured to learn from.
type Learning struct {
	OverCache float64 // their data exceeds the last cache by this factor
	Work      float64 // seconds, roughly, that set-up and report may take
	Slow      float64 // seconds of an iteration from which on a smaller one is taken
}

// Samples are the problems to measure: the one that is planned where it is cheap to
// make, else smaller ones, from small to large. bound is the least seconds for so
// many bytes and operations.
func (l Learning) Samples(run Shape, bound func(bytes, flops float64) float64) []Shape {
	beyond := l.OverCache * LastCache()
	if s := Within(run, 2*beyond, l.Work, l.Slow, bound); s == run {
		return []Shape{run}
	}
	var samples []Shape
	for _, data := range []float64{beyond, 2 * beyond} {
		s := Within(run, data, l.Work, l.Slow, bound)
		if len(samples) == 0 || samples[0] != s {
			samples = append(samples, s)
		}
	}
	return samples
}

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
	Every   int  // iterations between two calls in the run that is planned
	Saves   bool // it writes checkpoints
	Seconds Span // of a call
}

// Recorder is what a recorder did in a sample.
type Recorder struct {
	Every   int       // iterations between two calls in the run that is planned
	Saves   bool      // it writes checkpoints
	Seconds []float64 // of each call
}

// Recorded sets what follows from the recorders of a sample. The iterates of the
// trace of the run that is planned, every so many iterations, are rows; allocated
// are the bytes that were allocated in the sample's iterations.
func (s *Sample) Recorded(recorders []Recorder, every int, rows, allocated float64) {
	for _, r := range recorders {
		calls := float64(len(r.Seconds))
		s.Calls += calls
		if calls > 0 {
			s.Records = append(s.Records, Record{r.Every, r.Saves, average(r.Seconds)})
		}
		if r.Every == every && rows > 0 && !r.Saves {
			s.Traced = calls / rows
		}
	}
	if s.Calls > 0 {
		// Each row that is kept is kept by one call.
		kept := s.Traced * s.Shape.Size().Trace * float64(s.Shape.Size().Runs)
		s.Garbage = max(allocated-kept, 0) / s.Calls
	}
}

// blocks is how many parts measured times are cut into.
const blocks = 9

// means are those of blocks of neighbours, from small to large: something else that
// runs for a moment is in few blocks.
func means(seconds []float64) []float64 {
	n := len(seconds)
	list := make([]float64, min(blocks, n))
	for i := range list {
		list[i] = stat.Mean(seconds[n*i/len(list):n*(i+1)/len(list)], nil)
	}
	slices.Sort(list)
	return list
}

// middle is the median of the means of blocks, with the least and the largest of
// them.
func middle(seconds []float64) Span {
	list := means(seconds)
	if len(list) == 0 {
		return Span{math.NaN(), math.NaN(), math.NaN()}
	}
	half := len(list) / 2
	return Span{(list[(len(list)-1)/2] + list[half]) / 2, list[0], list[len(list)-1]}
}

// average is the mean of all, as some calls have more to do than others, with the
// same interval.
func average(seconds []float64) Span {
	s := middle(seconds)
	s.Value = stat.Mean(seconds, nil)
	return s
}

// Iteration is the seconds of an iteration.
func (s Sample) Iteration() float64 { return middle(s.Iterations).Value }

// Settled leaves out the first iterations, in which memory is touched for the
// first time: a tenth of them, at least one where there are three.
func Settled(seconds []float64) []float64 {
	if len(seconds) < 3 {
		return slices.Clone(seconds)
	}
	return slices.Clone(seconds[max(len(seconds)/10, 1):])
}

package plan

// Span is a number with the least and the most that it is expected to be.
type Span struct{ Value, Low, High float64 }

// times is a span for another amount of work.
func (s Span) times(f float64) Span { return Span{s.Value * f, s.Low * f, s.High * f} }

func (s Span) plus(t Span) Span { return Span{s.Value + t.Value, s.Low + t.Low, s.High + t.High} }

// widened may be off by so much more, a share of itself.
func (s Span) widened(by float64) Span { return Span{s.Value, s.Low * (1 - by), s.High * (1 + by)} }

// Holds reports whether the number is within the span.
func (s Span) Holds(v float64) bool { return s.Low <= v && v <= s.High }

// How far times may be off, beyond how much they varied.
const (
	onceOff    = 0.25 // a time that was taken once
	carriedOff = 0.1  // more, one that is carried over to another shape
	leastOff   = 0.1  // the sum of all, at the least
)

// Prediction is what a run is expected to take. Times are seconds.
type Prediction struct {
	Iteration Span
	Total     Span // all of what follows, with as many iterations as are allowed
	Setup     Span
	Steps     Span
	Recording Span
	Report    Span
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
	carried := 0.0
	if last.Shape != run {
		carried = carriedOff
	}
	p := Prediction{Bound: bound(size.Iteration())}
	for i, s := range samples {
		t := middle(s.Iterations).times(p.Bound / bound(s.Shape.Size().Iteration()))
		if i == 0 {
			p.Iteration = t
		}
		p.Iteration = Span{t.Value, min(p.Iteration.Low, t.Low), max(p.Iteration.High, t.High)}
	}
	p.Iteration = p.Iteration.widened(carried)
	p.Share = bound(at.Iteration()) / last.Iteration()
	once := func(seconds, work, atWork float64) Span {
		s := seconds * ratio(work, atWork)
		return Span{s, s, s}.widened(onceOff).widened(carried)
	}
	p.Setup = once(last.Setup, size.Setup, at.Setup)
	p.Report = once(last.Report, size.Report, at.Report)
	total := 0.0 // calls of recorders
	for _, r := range last.Records {
		calls := float64(iterations/max(r.Every, 1)) + 1
		total += calls
		work := ratio(size.Record, at.Record)
		if r.Saves { // a checkpoint has the state and, on average, half of the rows
			work = ratio(size.Saved+size.Trace/2, at.Saved+at.Trace/2)
		}
		p.Recording = p.Recording.plus(r.Seconds.times(calls * work).widened(carried))
	}
	p.Steps = p.Iteration.times(float64(iterations))
	all := p.Steps.plus(p.Setup).plus(p.Recording).plus(p.Report)
	p.Total = Span{all.Value, min(all.Low, (1-leastOff)*all.Value), max(all.High, (1+leastOff)*all.Value)}

	// What recorders leave behind lies about until it is as much as what is in use.
	left := func(s Size, perCall, calls float64) float64 { return min(perCall*calls, s.Needs()) }
	p.Bytes = program + size.Peak() + left(size, last.Garbage*ratio(size.Run+size.Once, at.Run+at.Once), total)
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

// Actual is what a run took.
type Actual struct {
	Seconds float64 // in iterations
	Total   float64 // seconds of all
	Bytes   float64 // of memory at the peak, 0 where that is not known
}

// Ratios are predicted over actual; 0 where there is nothing to divide by.
type Ratios struct {
	Iterations, Total, Memory float64
	Inside                    bool // the actual time is within the interval
}

// Against sets what a run took beside the prediction.
func (p Prediction) Against(a Actual) Ratios {
	over := func(predicted, actual float64) float64 {
		if !(actual > 0) {
			return 0
		}
		return predicted / actual
	}
	return Ratios{over(p.Steps.Value, a.Seconds), over(p.Total.Value, a.Total), over(p.Bytes, a.Bytes), p.Total.Holds(a.Total)}
}

// ratio is a/b, 1 where there is nothing to divide by.
func ratio(a, b float64) float64 {
	if !(b > 0) {
		return 1
	}
	return a / b
}

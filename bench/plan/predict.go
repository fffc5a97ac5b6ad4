package plan

// Span is a number with the least and the most that it is expected to be.
type Span struct{ Value, Low, High float64 }

func (s Span) times(f float64) Span { return Span{s.Value * f, s.Low * f, s.High * f} }
func (s Span) plus(v float64) Span  { return Span{s.Value + v, s.Low + v, s.High + v} }

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

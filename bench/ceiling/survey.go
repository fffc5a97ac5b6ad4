package ceiling

import (
	"context"
	"slices"
	"time"

	"lowrank/kernel"
)

// Plan says what a survey measures.
type Plan struct {
	Threads []int         // ascending; the last is all of them
	Rows    []kernel.Row  // whose peaks are measured; loops through memory are those of the first
	Budget  time.Duration // about, for all passes together
	Passes  int           // how many there will be
	Octave  int           // working sets between a size and its double
	Caches  Caches
	Memory  int // bytes that threads read together; see MemoryBytes
}

// Traffic is the bandwidth of memory as a stream counts it.
type Traffic struct {
	Stream  Stream
	Threads int
	Rate    float64
}

// Ridge is the peak of a row's multiply-adds.
type Ridge struct {
	Row, DType string // f64, f32
	Threads    int
	Rate       float64 // floating point operations a second
}

// Survey takes measurements in passes and keeps the best of each. Between passes
// it holds neither memory nor threads.
type Survey struct {
	Plan    Plan
	Sweep   []Point   // by threads, then by size; the last size of each reads memory
	Traffic []Traffic // by threads, the reads first
	Peaks   []Ridge
}

// NewSurvey lays out what is to be measured.
func NewSurvey(p Plan) *Survey {
	s := &Survey{Plan: p}
	for _, t := range p.Threads {
		for _, bytes := range sizes(p.Memory/t, p.Octave) {
			s.Sweep = append(s.Sweep, Point{Threads: t, Bytes: bytes})
		}
		for _, stream := range slices.Concat(reads(p.Rows[0]), writes(p.Rows[0])) {
			s.Traffic = append(s.Traffic, Traffic{Stream: stream, Threads: t})
		}
		for _, row := range p.Rows {
			s.Peaks = append(s.Peaks, Ridge{Row: row.Name, DType: "f64", Threads: t}, Ridge{Row: row.Name, DType: "f32", Threads: t})
		}
	}
	return s
}

// sizes are those from the smallest working set to the largest, so many an octave.
func sizes(largest, octave int) []int {
	const step = unit * 8
	largest = max(largest/step, 1)
	var list []int
	for k := 0; ; k++ {
		whole, part := k/octave, k%octave
		n := 1 << whole * (octave + part) / octave // linear within an octave
		if n*7 >= largest*6 {                      // hardly smaller than the largest
			return append(list, largest*step)
		}
		if len(list) == 0 || n*step > list[len(list)-1] {
			list = append(list, n*step)
		}
	}
}

// Count is the number of measurements of a pass.
func (s *Survey) Count() int { return len(s.Sweep) + len(s.Traffic) + len(s.Peaks) }

// Pass measures everything once more. It calls done after each measurement, and
// stops where the context ends.
func (s *Survey) Pass(ctx context.Context, done func()) error {
	p := s.Plan
	m := newMeter(p.Threads[len(p.Threads)-1])
	defer m.close()
	m.hold(p.Memory, false)
	defer m.drop()
	// Half of the time for the working sets, a quarter each for the rest.
	share := func(parts, of int) time.Duration {
		return p.Budget / time.Duration(p.Passes*parts*max(of, 1))
	}
	step := func(measure func()) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		measure()
		done()
		return nil
	}
	for i := range s.Peaks {
		r := &s.Peaks[i]
		row := p.Rows[slices.IndexFunc(p.Rows, func(row kernel.Row) bool { return row.Name == r.Row })]
		if err := step(func() {
			d := share(4, len(s.Peaks))
			if r.DType == "f32" {
				r.Rate = max(r.Rate, peak(m, row.F32, r.Threads, d))
			} else {
				r.Rate = max(r.Rate, peak(m, row.F64, r.Threads, d))
			}
		}); err != nil {
			return err
		}
	}
	readings := reads(p.Rows[0])
	for i := range s.Sweep {
		at := &s.Sweep[i]
		if err := step(func() {
			for _, read := range readings {
				at.Rate = max(at.Rate, m.bandwidth(read, at.Threads, at.Bytes, share(2, len(s.Sweep)*len(readings))))
			}
		}); err != nil {
			return err
		}
	}
	for i := range s.Traffic {
		t := &s.Traffic[i]
		if err := step(func() {
			s.measure(m, t, p.Memory, share(4, len(s.Traffic)))
		}); err != nil {
			return err
		}
	}
	return nil
}

// measure takes the bandwidth of so many bytes of memory once more.
func (s *Survey) measure(m *meter, t *Traffic, bytes int, d time.Duration) {
	t.Rate = max(t.Rate, m.bandwidth(t.Stream, t.Threads, bytes/t.Threads, d))
}

// Refresh measures again, in about a second, what bounds the operations: the
// bandwidth of memory and the peaks of the first row, for all threads. It reads less
// than a pass, several times the caches.
func (s *Survey) Refresh() {
	const d = 40 * time.Millisecond
	p := s.Plan
	all := p.Threads[len(p.Threads)-1]
	m := newMeter(all)
	defer m.close()
	bytes := min(p.Memory, max(4*p.Caches.All(all), leastRound))
	m.hold(bytes, true)
	defer m.drop()
	for i := range s.Peaks {
		switch r := &s.Peaks[i]; {
		case r.Threads != all || r.Row != p.Rows[0].Name:
		case r.DType == "f32":
			r.Rate = max(r.Rate, peak(m, p.Rows[0].F32, all, d))
		default:
			r.Rate = max(r.Rate, peak(m, p.Rows[0].F64, all, d))
		}
	}
	for i := range s.Traffic {
		if t := &s.Traffic[i]; t.Threads == all && t.Stream.reads {
			s.measure(m, t, bytes, d)
		}
	}
}

// Settle refreshes until the bandwidth and the peaks rise no more, a few seconds at
// most.
func (s *Survey) Settle() {
	p := s.Plan
	all := p.Threads[len(p.Threads)-1]
	settle(0, 6, func() []float64 {
		return []float64{s.Bandwidth(all), s.Peak(p.Rows[0].Name, "f64", all), s.Peak(p.Rows[0].Name, "f32", all)}
	}, s.Refresh)
}

// Of is the rate of a stream through memory, 0 where it was not measured.
func (s *Survey) Of(stream string, threads int) float64 {
	for _, t := range s.Traffic {
		if t.Stream.Name == stream && t.Threads == threads {
			return t.Rate
		}
	}
	return 0
}

// Bandwidth is the best rate of the loops that read the whole memory, as
// MeasureLimits of package bench takes it.
func (s *Survey) Bandwidth(threads int) float64 {
	best := s.whole(threads).Rate
	for _, t := range s.Traffic {
		if t.Threads == threads && t.Stream.reads {
			best = max(best, t.Rate)
		}
	}
	return best
}

// whole is the point of the sweep that reads the whole memory.
func (s *Survey) whole(threads int) *Point {
	for i := len(s.Sweep) - 1; i >= 0; i-- {
		if s.Sweep[i].Threads == threads {
			return &s.Sweep[i]
		}
	}
	panic("ceiling: a number of threads that is not in the plan")
}

// Peak is that of a row.
func (s *Survey) Peak(row, dtype string, threads int) float64 {
	for _, r := range s.Peaks {
		if r.Row == row && r.DType == dtype && r.Threads == threads {
			return r.Rate
		}
	}
	return 0
}

// Curve is the sweep of a number of threads.
func (s *Survey) Curve(threads int) []Point {
	var list []Point
	for _, p := range s.Sweep {
		if p.Threads == threads {
			list = append(list, p)
		}
	}
	return list
}

// Levels are those of a number of threads, the fastest first; memory is the last.
func (s *Survey) Levels(threads int) []Level {
	p := s.whole(threads)
	return append(levels(s.Curve(threads), s.Plan.Caches, threads), Level{"memory", threads, p.Bytes, s.Bandwidth(threads)})
}

// ThreadCounts are the numbers of threads to measure with, up to n: all up to
// eight, then powers of two, and n.
func ThreadCounts(n int) []int {
	var list []int
	for t := 1; t < n; {
		list = append(list, t)
		if t < 8 {
			t++
		} else {
			t *= 2
		}
	}
	return append(list, n)
}

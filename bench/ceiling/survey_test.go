package ceiling

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"lowrank/kernel"
)

// TestTeam: parts run on every member, all are ready before one starts, and a
// round lasts from the first start to the last end.
func TestTeam(t *testing.T) {
	const members = 3
	team := newTeam(members)
	defer team.stop()
	for threads := 1; threads <= members; threads++ {
		var calls [members]atomic.Int64
		took := team.round(threads, func(i int) {
			calls[i].Add(1)
			time.Sleep(time.Duration(i+1) * time.Millisecond)
		})
		for i := range calls {
			if got := calls[i].Load(); (got == 1) != (i < threads) {
				t.Errorf("%d threads: part %d ran %d times", threads, i, got)
			}
		}
		if took < time.Duration(threads)*time.Millisecond {
			t.Errorf("%d threads: a round of %v, shorter than its longest part", threads, took)
		}
	}
}

// TestStreams: what is counted as read is read, and what is counted as written
// is written, to the last element.
func TestStreams(t *testing.T) {
	row, _ := kernel.Active()
	for _, s := range slices.Concat(reads(row), writes(row)) {
		a := make([]float64, 2*s.Arrays*unit)
		s.run(a) // zeros are what a Meter holds
		if s.reads {
			for _, at := range []int{0, len(a) / 2, len(a) - 1} {
				a[at] = 1
				func() {
					defer func() {
						if recover() == nil {
							t.Errorf("%s does not read element %d", s.Name, at)
						}
					}()
					s.run(a)
				}()
				a[at] = 0
			}
			continue
		}
		n := len(a) / s.Arrays
		for i := range n {
			a[i] = float64(i + 1)
		}
		s.run(a)
		for i := range n {
			if got := a[(s.Arrays-1)*n+i]; got != float64(i+1) {
				t.Fatalf("%s: element %d of the result is %g, want %d", s.Name, i, got, i+1)
			}
		}
	}
}

func TestSurvey(t *testing.T) {
	row, _ := kernel.Active()
	generic, err := kernel.Choose(kernel.Detect(), "generic")
	if err != nil {
		t.Fatal(err)
	}
	const memory = 8 << 20
	s := NewSurvey(Plan{
		Threads: []int{1, 2}, Rows: []kernel.Row{row, generic}, Budget: 200 * time.Millisecond, Passes: 1, Octave: 1,
		Caches: Caches{32 << 10, 512 << 10, -1, 0}, Memory: memory,
	})
	done := 0
	if err := s.Pass(context.Background(), func() { done++ }); err != nil || done != s.Count() {
		t.Fatalf("%d of %d measurements, %v", done, s.Count(), err)
	}
	before := s.Bandwidth(2)
	s.Refresh()
	for _, threads := range []int{1, 2} {
		for _, p := range s.Curve(threads) {
			if !(p.Rate > 0) {
				t.Errorf("%+v", p)
			}
		}
		if curve := s.Curve(threads); curve[len(curve)-1].Bytes != memory/threads {
			t.Errorf("%d threads: the largest working set is %d", threads, curve[len(curve)-1].Bytes)
		}
		var names []string
		for _, l := range s.Levels(threads) {
			names = append(names, l.Name)
			if !(l.Rate > 0) {
				t.Errorf("%+v", l)
			}
		}
		if !slices.Equal(names, []string{"L1", "L2", "memory"}) {
			t.Errorf("levels %q", names)
		}
		if s.Bandwidth(threads) < s.Of("read", threads) {
			t.Errorf("bandwidth %g below that of one stream, %g", s.Bandwidth(threads), s.Of("read", threads))
		}
		for _, stream := range []string{"read", "copy", "copy-past-caches", "triad", "axpy"} {
			if !(s.Of(stream, threads) > 0) {
				t.Errorf("%s on %d threads: %g", stream, threads, s.Of(stream, threads))
			}
		}
		for _, dtype := range []string{"f64", "f32"} {
			if !(s.Peak(row.Name, dtype, threads) > 0) || !(s.Peak("generic", dtype, threads) > 0) {
				t.Errorf("no peak of %s on %d threads", dtype, threads)
			}
		}
	}
	if s.Bandwidth(2) < before {
		t.Errorf("a refresh lowered the best from %g to %g", before, s.Bandwidth(2))
	}
	if s.Of("nothing", 1) != 0 || s.Peak("nothing", "f64", 1) != 0 {
		t.Error("what was not measured has a rate")
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Pass(ctx, func() { t.Error("measured after the end of the context") }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestMeasure(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds and half a gibibyte")
	}
	row, _ := kernel.Active()
	if l := Measure(row, 2); !(l.Bandwidth > 0) || !(l.PeakF64 > 0) || !(l.PeakF32 > 0) {
		t.Errorf("%+v", l)
	}
}

package parallel_test

import (
	"bytes"
	"context"
	"regexp"
	"runtime/pprof"
	"strconv"
	"testing"

	"lowrank/blas/parallel"
)

// snapshot takes the profile of all goroutines while two of them are in a part.
type snapshot struct {
	entered, taken chan struct{}

	labels string // of the goroutines, with their numbers
}

func (s *snapshot) Part(i int) {
	if i == 1 {
		close(s.entered)
		<-s.taken
		return
	}
	<-s.entered
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		panic(err)
	}
	s.labels = profile.String()
	close(s.taken)
}

// labelled counts the goroutines with the label.
func (s *snapshot) labelled(label string) int {
	n := 0
	for _, group := range regexp.MustCompile(`(?m)^(\d+) @.*\n# labels: \{"operation":"`+label+`"\}$`).FindAllStringSubmatch(s.labels, -1) {
		count, _ := strconv.Atoi(group[1])
		n += count
	}
	return n
}

// TestLabel: the goroutines of the pool have the caller's labels while it asks
// for that, and those of before afterwards.
func TestLabel(t *testing.T) {
	run := func() *snapshot {
		s := &snapshot{entered: make(chan struct{}), taken: make(chan struct{})}
		parallel.Run(2, 2, s)
		return s
	}
	pprof.Do(context.Background(), pprof.Labels("operation", "outer"), func(ctx context.Context) {
		before := parallel.Label(ctx)
		if n := run().labelled("outer"); n != 2 {
			t.Errorf("%d goroutines have the label, want 2", n)
		}
		pprof.Do(ctx, pprof.Labels("operation", "inner"), func(ctx context.Context) {
			last := parallel.Label(ctx)
			if n := run().labelled("inner"); n != 2 {
				t.Errorf("%d goroutines have the inner label, want 2", n)
			}
			parallel.Label(last)
		})
		if n := run().labelled("outer"); n != 2 {
			t.Errorf("%d goroutines have the label again, want 2", n)
		}
		parallel.Label(before)
	})
	s := run()
	if n := s.labelled("outer") + s.labelled("inner"); n != 0 {
		t.Errorf("%d goroutines keep a label:\n%s", n, s.labels)
	}
}

package lowrank_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"lowrank"
)

// TestRecord counts the iterates that are shown, and compares them with runs that end
// there.
func TestRecord(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	sigma := symmetricOf(rnd, []float64{3, 2, 1, 0.5, 0.1})
	var shown []int
	s := &lowrank.Settings{Iterations: 23, Tolerance: -1, Every: 10, Record: func(it lowrank.Iterate) error {
		shown = append(shown, it.Iteration)
		if it.Iteration == 0 {
			if !math.IsNaN(it.Gradient) || it.Elapsed != 0 {
				t.Errorf("the first iterate: gradient %g, elapsed %v", it.Gradient, it.Elapsed)
			}
			return nil
		}
		res, err := lowrank.Symmetric(sigma, 2, &lowrank.Settings{Iterations: it.Iteration, Tolerance: -1})
		relative, failed := it.Error()
		if err != nil || failed != nil || !mat.Equal(res.X, it.X()) || it.Y() != nil || it.Gradient != res.Gradient || relative != res.Error {
			t.Errorf("iterate %d is not that of a run that ends there: %v, %v", it.Iteration, err, failed)
		}
		it.X().Zero() // a copy
		return nil
	}}
	if _, err := lowrank.Symmetric(sigma, 2, s); err != nil || !slices.Equal(shown, []int{0, 10, 20, 23}) {
		t.Errorf("%v were shown, %v", shown, err)
	}
}

func TestRecordEnds(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 9))
	a := gaussian(rnd, 6, 4)
	for _, method := range []lowrank.Method{lowrank.Direct, lowrank.Krylov} {
		for _, at := range []int{0, 5} {
			broken := errors.New("broken")
			for _, end := range []error{lowrank.ErrStop, fmt.Errorf("enough: %w", lowrank.ErrStop), broken} {
				res, err := lowrank.Asymmetric(a, 2, &lowrank.Settings{Method: method, Record: func(it lowrank.Iterate) error {
					if it.Iteration == at {
						return end
					}
					return nil
				}})
				status, want := lowrank.Stopped, error(nil)
				if end == broken {
					status, want = lowrank.Failed, broken
				}
				if res == nil || !errors.Is(err, want) || res.Status != status || res.Iterations != at || res.X == nil || res.Y == nil {
					t.Errorf("%v, %v at %d: %+v, %v", method, end, at, res, err)
				}
			}
		}
	}
}

func TestContext(t *testing.T) {
	rnd := rand.New(rand.NewPCG(10, 10))
	sigma := symmetric(gaussian(rnd, 30, 30))
	for _, method := range []lowrank.Method{lowrank.Direct, lowrank.Krylov} {
		ctx, cancel := context.WithCancel(context.Background())
		res, err := lowrank.Symmetric(sigma, 3, &lowrank.Settings{Context: ctx, Method: method, Record: func(it lowrank.Iterate) error {
			if it.Iteration == 7 {
				cancel()
			}
			return nil
		}})
		if !errors.Is(err, context.Canceled) || res == nil || res.Status != lowrank.Cancelled || res.Iterations != 7 || res.X == nil {
			t.Errorf("%v: %+v, %v", method, res, err)
		}
		if res, err := lowrank.Symmetric(sigma, 3, &lowrank.Settings{Context: ctx, Method: method}); !errors.Is(err, context.Canceled) || res != nil {
			t.Errorf("%v, cancelled before: %+v, %v", method, res, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	if _, err := lowrank.Asymmetric(sigma, 3, &lowrank.Settings{Context: ctx}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("past its deadline: %v", err)
	}
}

func TestDivergence(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 11))
	sigma := symmetricOf(rnd, []float64{3, 2, 1, 0.5, 0.1})
	for _, method := range []lowrank.Method{lowrank.Direct, lowrank.Krylov} {
		for name, run := range map[string]func(s *lowrank.Settings) (*lowrank.Result, error){
			"Σ": func(s *lowrank.Settings) (*lowrank.Result, error) { return lowrank.Symmetric(sigma, 2, s) },
			"A": func(s *lowrank.Settings) (*lowrank.Result, error) { return lowrank.Asymmetric(sigma, 2, s) },
		} {
			res, err := run(&lowrank.Settings{Step: 1e4, Method: method})
			var d *lowrank.Divergence
			if !errors.As(err, &d) || res == nil || res.Status != lowrank.Diverged || d.Iteration != res.Iterations || d.Reason == "" || strings.Count(err.Error(), "diverged at") != 1 {
				t.Errorf("%v, %s: %+v, %v", method, name, res, err)
				continue
			}
			if size := mat.Norm(res.X, 2); size-size != 0 {
				t.Errorf("%v, %s: ‖X‖ is %g", method, name, size)
			}
		}
	}
}

// TestMethods compares the trajectory in a basis with the direct one, and what Auto takes
// with either.
func TestMethods(t *testing.T) {
	rnd := rand.New(rand.NewPCG(12, 12))
	d := 400
	lambda := make([]float64, d)
	for i := range lambda {
		lambda[i] = max(1-0.2*float64(i), 0.2*math.Exp(-float64(i)/30))
	}
	sigma := symmetricOf(rnd, lambda)
	a := rectangularOf(rnd, 500, d, lambda)
	for name, run := range map[string]func(s *lowrank.Settings) (*lowrank.Result, error){
		"Σ": func(s *lowrank.Settings) (*lowrank.Result, error) { return lowrank.Symmetric(sigma, 2, s) },
		"A": func(s *lowrank.Settings) (*lowrank.Result, error) { return lowrank.Asymmetric(a, 2, s) },
	} {
		results := map[lowrank.Method]*lowrank.Result{}
		for _, method := range []lowrank.Method{lowrank.Auto, lowrank.Direct, lowrank.Krylov} {
			res, err := run(&lowrank.Settings{Method: method, Iterations: 300, Tolerance: -1})
			if err != nil {
				t.Fatal(name, method, err)
			}
			results[method] = res
		}
		direct, basis, auto := results[lowrank.Direct], results[lowrank.Krylov], results[lowrank.Auto]
		if direct.Method != lowrank.Direct || direct.Uncertainty != 0 || basis.Method != lowrank.Krylov || basis.Passes > 150 || direct.Passes < 300 {
			t.Errorf("%s: direct %v, %d passes; krylov %v, %d passes", name, direct.Method, direct.Passes, basis.Method, basis.Passes)
		}
		var difference mat.Dense
		difference.Sub(direct.X, basis.X)
		if moved := mat.Norm(&difference, 2) / mat.Norm(direct.X, 2); !(basis.Uncertainty > 0) || moved > 1e-8 || moved > 10*basis.Uncertainty {
			t.Errorf("%s: X differs by %g of itself, estimated %g", name, moved, basis.Uncertainty)
		}
		if !mat.Equal(auto.X, results[auto.Method].X) {
			t.Errorf("%s: auto took %v, with another X", name, auto.Method)
		}
	}
}

// TestUnpredictable starts at a saddle, which only rounding errors leave: what a basis says
// of the trajectory is worth nothing after some time, and the direct method takes its
// place. Each iterate is recorded once.
func TestUnpredictable(t *testing.T) {
	rnd := rand.New(rand.NewPCG(13, 13))
	sigma := symmetricOf(rnd, []float64{1, 0.5, 0.2, 0.1, 0.05, 0})
	var eig mat.EigenSym
	eig.Factorize(sigma, true)
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	x0 := mat.DenseCopyOf(vectors.ColView(4))
	x0.Scale(math.Sqrt(0.5), x0)
	next := 0
	res, err := lowrank.Symmetric(sigma, 1, &lowrank.Settings{X0: x0, Step: 0.2, Iterations: 1500, Tolerance: -1, Method: lowrank.Krylov, Record: func(it lowrank.Iterate) error {
		if it.Iteration != next {
			t.Errorf("iterate %d was shown, expected %d", it.Iteration, next)
		}
		next++
		return nil
	}})
	if err != nil || res.Method != lowrank.Direct || next != 1501 || res.Passes <= 1500 {
		t.Errorf("%+v, %v; %d iterates were shown", res, err, next)
	}
	direct, err := lowrank.Symmetric(sigma, 1, &lowrank.Settings{X0: x0, Step: 0.2, Iterations: 1500, Tolerance: -1, Method: lowrank.Direct})
	if err != nil || !mat.Equal(direct.X, res.X) {
		t.Errorf("X is not that of the direct method; %v", err)
	}
}

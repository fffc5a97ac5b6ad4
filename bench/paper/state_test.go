package paper

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

type walkConfig struct {
	Iterations int    `toml:"iterations"`
	Seed       uint64 `toml:"seed" comment:"inferred"`
}

func (c *walkConfig) check() error { return atLeast("iterations", c.Iterations, 1) }

// sizes records the norm of X and of its Gram matrix, and calls watch.
type sizes struct {
	s     *symmetric.Solver[float64]
	trace *solvers.Trace
	watch func(t int)
}

func (r *sizes) Record(t int) error {
	r.trace.Rows = append(r.trace.Rows, []float64{float64(t), solvers.Norm(r.s.X().Data), solvers.Norm(r.s.Gram())})
	if r.watch != nil {
		r.watch(t)
	}
	return nil
}

// walk is a figure of three runs that end at different times, after a stage
// that is kept.
func walk(watch func(t int)) Figure {
	return Figure{"symmetric/walk", "for the tests", func(ctx context.Context, m *making) error {
		c := &walkConfig{Iterations: 500, Seed: 1}
		if err := m.configure(c); err != nil {
			return err
		}
		lambda, err := kept(m, "spectrum", func() ([]float64, error) {
			m.Cost.Iterations += 7
			watch(-1)
			return []float64{1, 0.5, 0.25, 0.1}, nil
		})
		if err != nil {
			return err
		}
		op := operator.NewDiagonal(m.Backend, lambda)
		var members []*symmetric.Solver[float64]
		var runs []trajectory
		for i := range 3 {
			s := symmetric.New(m.Backend, op, symmetric.RandomStart(4, 2, 0.5, c.Seed+uint64(i)), 0.1)
			tr := &solvers.Trace{Columns: []string{"t", "x", "g"}}
			r := &sizes{s: s, trace: tr}
			stop := solvers.Stop{Iterations: c.Iterations - i}
			if i == 1 {
				stop.When = func() bool { return s.Iteration() >= 333 }
			}
			if i == 2 {
				r.watch = watch
			}
			members = append(members, s)
			runs = append(runs, trajectory{stop: stop, recorder: r, trace: tr, every: 7, load: reading(bench.SymmetricLoad(op, s))})
		}
		results, err := m.runEach(ctx, "run", symmetric.NewEnsemble(members...), runs)
		if err != nil {
			return err
		}
		for i, r := range results {
			m.note("%v after %d iterations, %d passes", r.Status, r.Iterations, r.Passes)
			m.Tables = append(m.Tables, &Table{Columns: runs[i].trace.Columns, Rows: runs[i].trace.Rows})
		}
		return nil
	}}
}

// TestResume: a figure that is broken off anywhere and resumed is the same.
func TestResume(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := walk(func(int) {}).Run(context.Background(), Request{Backend: b})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"iteration limit after 500 iterations, 500 passes", "stopped by its rule after 333 iterations, 333 passes", "iteration limit after 498 iterations, 498 passes"}; !reflect.DeepEqual(whole.Notes, want) {
		t.Errorf("ended with %q", whole.Notes)
	}
	dir := t.TempDir()
	stages, breaks := 0, []int{7, 70, 343, 455, 498, 1000}
	var rep *Report
	for _, at := range breaks {
		ctx, cancel := context.WithCancel(context.Background())
		rep, err = walk(func(t int) {
			if t < 0 {
				stages++
			}
			if t >= at {
				cancel()
			}
		}).Run(ctx, Request{Backend: b, Dir: dir, Resume: true})
		cancel()
		if at <= 455 && (err == nil || !strings.Contains(err.Error(), "cancelled at iteration")) {
			t.Fatalf("broken off at %d: %v", at, err)
		}
		if err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if stages != 1 {
		t.Errorf("the kept stage was made %d times", stages)
	}
	if !reflect.DeepEqual(rep.Tables, whole.Tables) || !reflect.DeepEqual(rep.Notes, whole.Notes) {
		t.Error("the resumed figure differs")
	}
	if rep.Cost.Iterations != whole.Cost.Iterations || rep.Cost.Passes != whole.Cost.Passes || rep.Cost.Flops != whole.Cost.Flops {
		t.Errorf("the cost is %+v, not %+v", rep.Cost, whole.Cost)
	}
	if _, err := os.Stat(rep.State); err != nil {
		t.Errorf("the state is gone before the figure is written: %v", err)
	}
	rep.forget()
	if _, err := os.Stat(filepath.Join(dir, "symmetric", "walk.state")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the state is left behind: %v", err)
	}
}

// TestStretches: saving after every step changes nothing.
func TestStretches(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := walk(func(int) {}).Run(context.Background(), Request{Backend: b})
	if err != nil {
		t.Fatal(err)
	}
	defer func(d time.Duration) { stretch = d }(stretch)
	stretch = -1
	short := func(config any) error {
		config.(*walkConfig).Iterations = 500
		return nil
	}
	rep, err := walk(func(int) {}).Run(context.Background(), Request{Backend: b, Dir: t.TempDir(), Configure: short})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(rep.Tables, whole.Tables) || !reflect.DeepEqual(rep.Notes, whole.Notes) || rep.Cost.Passes != whole.Cost.Passes {
		t.Error("the figure made in stretches differs")
	}
}

// TestMade: a figure that is there with the same parameters is kept.
func TestMade(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	req := Request{Backend: b, Quick: true, Dir: dir, Resume: true, Configure: func(config any) error {
		config.(*symmetricFig1Config).D = 100
		return nil
	}}
	rep, err := symmetricFig1.Run(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rep.Write(dir, b, nil, ""); err != nil {
		t.Fatal(err)
	}
	var made MadeError
	if _, err := symmetricFig1.Run(context.Background(), req); !errors.As(err, &made) || made.Passed != rep.Passed() || !reflect.DeepEqual(made.Lines, rep.Lines()) {
		t.Errorf("made again: %v", err)
	}
	req.Configure = func(config any) error {
		config.(*symmetricFig1Config).D = 101
		return nil
	}
	if _, err := symmetricFig1.Run(context.Background(), req); err != nil {
		t.Errorf("with other parameters: %v", err)
	}
}

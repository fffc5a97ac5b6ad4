package symmetric_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// lowRankPlus is GGᵀ·scale with G d×k, plus a diagonal.
func lowRankPlus[T blas.Float](d, k int, scale, diagonal float64) blas.General[T] {
	g := solvers.Gaussian(d, k, 1/math.Sqrt(float64(d)), 4, "error")
	s := blas.NewGeneral[T](d, d)
	for i := range d {
		for j := range d {
			var v float64
			for l, a := range g.Row(i) {
				v += a * g.Row(j)[l]
			}
			if i == j {
				v += diagonal
			}
			s.Row(i)[j] = T(v * scale)
		}
	}
	return s
}

// TestRelativeError sets the error of each iterate beside the distance element by element.
// Above its floor it is right to what the floor says; below it is not told.
func TestRelativeError(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, scale := range []float64{1, 1e-100, 1e100} {
		errorsOf[float64](t, b, scale, 0.2)
		errorsOf[float64](t, b, scale, 0) // which X comes to
	}
	errorsOf[float32](t, b, 1, 0.2)
	errorsOf[float32](t, b, 1, 0)
}

func errorsOf[T blas.Float](t *testing.T, b *blas.Backend, scale, diagonal float64) {
	const d, r = 50, 3
	op := operator.DenseOf(b, lowRankPlus[T](d, r, scale, diagonal).Lower())
	_, norm, err := operator.Distance(op, blas.NewGeneral[float64](d, 1))
	if err != nil {
		t.Fatal(err)
	}
	what := fmt.Sprintf("%T, scale %g, diagonal %g", *new(T), scale, diagonal)
	x0 := blas.Convert[T](symmetric.RandomStart(d, r, 0.5*math.Sqrt(scale), 1))
	plain, s := symmetric.New(b, op, x0, 0.2/scale), symmetric.New(b, op, x0, 0.2/scale)
	rec := symmetric.NewRecorder(s, nil)
	rec.WithError(norm)
	told, hidden := 0, 0
	for k := range 400 {
		if err := rec.Record(k); err != nil {
			t.Fatal(err)
		}
		got, floor := rec.Trace.Column("error")[k], rec.Trace.Column("error_floor")[k]
		distance, _, err := operator.Distance(op, blas.Convert[float64](s.X()))
		if err != nil {
			t.Fatal(err)
		}
		want := distance / norm
		switch {
		case math.IsNaN(got):
			if hidden++; want > 1.5*floor {
				t.Fatalf("%s, iterate %d: not told; it is %g, the floor %g", what, k, want, floor)
			}
		case !(math.Abs(got*got-want*want) <= floor*floor+8*0x1p-52): // of the reference
			t.Fatalf("%s, iterate %d: error %.17g; expected %.17g, with a floor of %g", what, k, got, want, floor)
		default:
			told++
		}
		if err := plain.Step(); err != nil {
			t.Fatal(err)
		}
		if err := s.Step(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(plain.X().Data, s.X().Data) || math.Float64bits(plain.RelativeGradient()) != math.Float64bits(s.RelativeGradient()) {
			t.Fatalf("%s, iterate %d: other bits than without the error", what, k)
		}
	}
	if s.Passes() != plain.Passes()+1 {
		t.Errorf("%s: %d passes; without the error %d", what, s.Passes(), plain.Passes())
	}
	if told < 20 || (diagonal == 0) != (hidden > 100) {
		t.Errorf("%s: %d errors were told, %d not", what, told, hidden)
	}
}

// TestRelativeErrorOfEnsemble: runs that share their passes share those that are made ahead.
func TestRelativeErrorOfEnsemble(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	op := &counted{Operator: operator.DenseOf(b, lowRankPlus[float64](40, 3, 1, 0.1).Lower())}
	var members []*symmetric.Solver[float64]
	var rows [2][][]float64
	var recorders [][]solvers.Schedule
	for seed := range uint64(2) {
		s := symmetric.New(b, op, symmetric.RandomStart(40, 3, 0.5, seed), 0.2)
		alone := symmetric.New(b, op, symmetric.RandomStart(40, 3, 0.5, seed), 0.2)
		rec, recAlone := symmetric.NewRecorder(s, nil), symmetric.NewRecorder(alone, nil)
		rec.WithError(1)
		recAlone.WithError(1)
		if _, err := solvers.Run(context.Background(), alone, solvers.Stop{Iterations: 30}, solvers.Schedule{Recorder: recAlone, Every: 1}); err != nil {
			t.Fatal(err)
		}
		members, recorders = append(members, s), append(recorders, []solvers.Schedule{{Recorder: rec, Every: 1}})
		rows[seed] = recAlone.Trace.Rows
		defer func() {
			for i, row := range rec.Trace.Rows {
				if !slices.EqualFunc(row, rows[seed][i], func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }) {
					t.Fatalf("run %d, row %d: %v; alone %v", seed, i, row, rows[seed][i])
				}
			}
		}()
	}
	op.passes = 0
	if _, err := solvers.RunEach(context.Background(), symmetric.NewEnsemble(members...), []solvers.Stop{{Iterations: 30}, {Iterations: 30}}, recorders); err != nil {
		t.Fatal(err)
	}
	if op.passes != 2+30 {
		t.Errorf("%d passes; expected one for each start and 30 together", op.passes)
	}
}

// counted counts products, also of several matrices in one pass.
type counted struct {
	operator.Operator[float64]
	passes int
}

func (o *counted) Mul(dst, x blas.General[float64]) error {
	o.passes++
	return o.Operator.Mul(dst, x)
}

func (o *counted) ReserveEach([]int) {}

func (o *counted) MulEach(dst, x []blas.General[float64]) error {
	o.passes++
	return operator.MulEach(o.Operator, dst, x)
}

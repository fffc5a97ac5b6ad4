package asymmetric

import (
	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
)

// Shape is what the flags and the beginnings of the files say of the run.
func (f *Flags) Shape(b *blas.Backend) (plan.Shape, error) {
	s := f.emptyShape(b)
	if err := table.Chosen(&f.Request).Shape(f, b, &s); err != nil {
		return nil, err
	}
	if err := f.checkOrder(s.M, s.N); err != nil {
		return nil, err
	}
	return f.filled(s), nil
}

// shapeOf is the shape of a run on an A that has been loaded from this source.
func shapeOf[T blas.Float](f *Flags, b *blas.Backend, from source[T], p problemOf[T]) plan.Asymmetric {
	s := f.emptyShape(b)
	s.M, s.N = p.a.Dims()
	from.Loaded(f, &s, p)
	return f.filled(s)
}

// emptyShape lacks what is known of A.
func (f *Flags) emptyShape(b *blas.Backend) plan.Asymmetric {
	s := plan.Asymmetric{Common: f.CommonShape(b), K: f.Rank, Inner: f.trueRank, Noise: f.noise != 0}
	s.Theory = f.theory
	return s
}

// filled has what follows from A and the flags.
func (f *Flags) filled(s plan.Asymmetric) plan.Asymmetric {
	if s.Singular = f.singular; s.Generated && f.noise == 0 { // they are known
		s.Singular = 0
	}
	rank := 0
	if s.Form.Bounds {
		rank = s.Inner
	}
	s.Vectors = f.Vectors(&f.Request, max(s.M, s.N), rank)
	return s
}

// Instead are other ways to run that take less memory.
func (f *Flags) Instead(shape plan.Shape) []plan.Instead {
	s := shape.(plan.Asymmetric)
	var ways []plan.Instead
	if f.generate != "" && f.x0 == "" {
		ways = append(ways, plan.Instead{Text: "--m and --n of at most %d each", Below: max(s.M, s.N), Least: s.Inner, Largest: func(n int) plan.Shape {
			t := s
			t.M, t.N = min(n, s.M), min(n, s.N)
			return t
		}})
	}
	if s.Vectors > 0 {
		t := s
		t.Vectors = 0
		ways = append(ways, plan.Instead{Text: "--method direct", Shape: t})
	}
	if f.Dtype == "f64" && f.StepIn32() && s.Vectors == 0 {
		t := s
		t.Elem = 4
		ways = append(ways, plan.Instead{Text: "--dtype f32", Shape: t})
	}
	if f.generate != "" && s.Form == plan.RectangularDense && f.noise == 0 {
		t := s
		t.Form = plan.RectangularProduct
		ways = append(ways, plan.Instead{Text: "--form product", Shape: t})
	}
	return append(ways, f.InsteadOfRuns(s, s.Common, func(c plan.Common) plan.Shape {
		t := s
		t.Common = c
		bases := f.Bases(&f.Request)
		t.Vectors = s.Vectors / bases * min(bases, c.Runs)
		return t
	})...)
}

// Sample writes what a smaller problem of this shape reads to files in dir, and returns the
// flags that make it.
func (f *Flags) Sample(dir string, shape plan.Shape) (map[string]string, error) {
	s, at := shape.(plan.Asymmetric), run.SampleFiles{Dir: dir, Flags: map[string]string{}}
	err := table.Chosen(&f.Request).Sample(f, s, at)
	if err == nil && f.x0 != "" {
		if err = problem.WriteSample(at.Name("x0", ".npy"), s.M, s.K); err == nil {
			err = problem.WriteSample(at.Name("y0", ".npy"), s.N, s.K)
		}
	}
	return at.Flags, err
}

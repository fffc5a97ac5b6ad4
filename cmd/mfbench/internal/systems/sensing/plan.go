package sensing

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
	if f.truth != "" {
		h, err := problem.HeadOf(f.truth)
		if err != nil {
			return nil, err
		}
		if _, s.Truth, err = h.Matrix(); err != nil {
			return nil, err
		}
	}
	if err := f.checkOrder(s.N); err != nil {
		return nil, err
	}
	return f.filled(s), nil
}

// shapeOf is the shape of a run on measurements that have been loaded from this source.
func shapeOf[T blas.Float](f *Flags, b *blas.Backend, from source[T], p sensingProblem[T]) plan.Sensing {
	s := f.emptyShape(b)
	s.N, s.M = p.a.Dim(), p.a.Count()
	if p.truth != nil {
		s.Truth = p.truth.Cols
	}
	from.Loaded(f, &s, p)
	return f.filled(s)
}

// emptyShape lacks what is known of the measurements.
func (f *Flags) emptyShape(b *blas.Backend) plan.Sensing {
	s := plan.Sensing{Common: f.CommonShape(b), R: f.Rank, Truth: f.trueRank}
	s.Theory = f.theory
	s.Held = s.Elem
	if f.Dtype == "mixed" {
		s.Held = 4
	}
	if f.theory {
		s.Rows = plan.Rows(f.Iters, f.Every)
	}
	return s
}

// filled has what follows from the measurements and the flags.
func (f *Flags) filled(s plan.Sensing) plan.Sensing {
	s.Space = f.init == "spectral" && f.u0 == "" || s.Truth > 0 && s.Rows > 0
	return s
}

// Instead are other ways to run that take less memory.
func (f *Flags) Instead(shape plan.Shape) []plan.Instead {
	s := shape.(plan.Sensing)
	var ways []plan.Instead
	with := func(text string, change func(t *plan.Sensing)) {
		t := s
		change(&t)
		ways = append(ways, plan.Instead{Text: text, Shape: t})
	}
	if f.generate != "" {
		ways = append(ways, plan.Instead{Text: "--count of at most %d", Below: s.M, Largest: func(m int) plan.Shape {
			t := s
			t.M = m
			return t
		}})
	}
	if f.generate != "" && f.truth == "" && f.u0 == "" {
		least := f.trueRank
		if f.init == "spectral" {
			least = max(least, f.Rank)
		}
		ways = append(ways, plan.Instead{Text: "--n of at most %d", Below: s.N, Least: least, Largest: func(n int) plan.Shape {
			t := s
			t.N = n
			return t
		}})
	}
	wide := "" // --dtype mixed is a storage of its own
	if f.Dtype == "mixed" {
		wide = " with --dtype f64"
	}
	if s.Form == plan.Matrices && s.Own {
		switch {
		case f.generate != "":
			for _, held := range []struct {
				name string
				size int
			}{{"f32", 4}, {"bf16", 2}} {
				if held.size < s.Held {
					with("--storage "+held.name+wide, func(t *plan.Sensing) { t.Held = held.size })
				}
			}
		case f.Dtype == "f64":
			with("--dtype mixed", func(t *plan.Sensing) { t.Held = 4 })
		}
	}
	if s.Form == plan.Matrices && f.generate != "" {
		with("--storage regenerate"+wide, func(t *plan.Sensing) { t.Form, t.Held = plan.Drawn, 0 })
	}
	return append(ways, f.InsteadOfRuns(s, s.Common, func(c plan.Common) plan.Shape {
		t := s
		t.Common = c
		return t
	})...)
}

// Sample writes what a smaller problem of this shape reads to files in dir, and returns the
// flags that make it.
func (f *Flags) Sample(dir string, shape plan.Shape) (map[string]string, error) {
	s, at := shape.(plan.Sensing), run.SampleFiles{Dir: dir, Flags: map[string]string{}}
	err := table.Chosen(&f.Request).Sample(f, s, at)
	if err == nil && f.y != "" {
		err = problem.WriteSample(at.Name("y", ".npy"), s.M, 1)
	}
	return at.Flags, err
}

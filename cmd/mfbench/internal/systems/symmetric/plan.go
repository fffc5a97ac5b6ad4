package symmetric

import (
	"fmt"

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
	if err := f.checkOrder(s.D); err != nil {
		return nil, err
	}
	return f.filled(s), nil
}

// shapeOf is the shape of a run on a Σ that has been loaded from this source.
func shapeOf[T blas.Float](f *Flags, b *blas.Backend, from source[T], p problemOf[T]) plan.Symmetric {
	s := f.emptyShape(b)
	s.D = p.op.Dim()
	from.Loaded(f, &s, p)
	return f.filled(s)
}

// emptyShape lacks what is known of Σ.
func (f *Flags) emptyShape(b *blas.Backend) plan.Symmetric {
	s := plan.Symmetric{Common: f.CommonShape(b), R: f.Rank}
	s.Theory = f.theory
	s.Held = s.Elem
	if f.Dtype == "mixed" {
		s.Held = 4
	}
	return s
}

// filled has what follows from Σ and the flags.
func (f *Flags) filled(s plan.Symmetric) plan.Symmetric {
	s.Basis = f.wantsTheory && !s.Known
	if s.Form.Known {
		s.Basis, s.Known = false, s.Known || f.wantsTheory
	}
	rank := 0
	if s.Form.Bounds {
		rank = s.K
	}
	s.Vectors = f.Vectors(&f.Request, s.D, rank)
	return s
}

// Instead are other ways to run that take less memory.
func (f *Flags) Instead(shape plan.Shape) []plan.Instead {
	s := shape.(plan.Symmetric)
	var ways []plan.Instead
	with := func(text string, change func(t *plan.Symmetric)) {
		t := s
		change(&t)
		ways = append(ways, plan.Instead{Text: text, Shape: t})
	}
	if f.generate != "" && f.x0 == "" {
		least := s.R // no smaller order has so many columns
		if f.wantsTheory {
			least++
		}
		ways = append(ways, plan.Instead{Text: "--d of at most %d", Below: s.D, Least: least, Largest: func(d int) plan.Shape {
			t := s
			t.D = d
			return t
		}})
	}
	wide := "" // --dtype mixed is for a dense Σ
	if f.Dtype == "mixed" {
		wide = " with --dtype f64"
	}
	if s.Vectors > 0 {
		with("--method direct", func(t *plan.Symmetric) { t.Vectors = 0 })
	}
	if f.Dtype == "f64" {
		if s.Form == plan.Dense && s.Own {
			with("--dtype mixed", func(t *plan.Symmetric) { t.Held = 4 })
		}
		if f.StepIn32() && s.Vectors == 0 {
			with("--dtype f32", func(t *plan.Symmetric) { t.Elem, t.Held = 4, 4 })
		}
	}
	if f.generate != "" && s.Form == plan.Dense {
		with("--form diagonal"+wide+", which has the same spectrum", func(t *plan.Symmetric) { t.Form, t.Held = plan.Diagonal, t.Elem })
	}
	if f.generate == "" && s.Form == plan.Dense {
		with(fmt.Sprintf("Σ as --sigma-factor of %d columns%s", 10*s.R, wide), func(t *plan.Symmetric) {
			t.Form, t.K, t.Mapped, t.Read = plan.Product, 10*t.R, 0, 0
		})
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
	s, at := shape.(plan.Symmetric), run.SampleFiles{Dir: dir, Flags: map[string]string{}}
	err := table.Chosen(&f.Request).Sample(f, s, at)
	if err == nil && f.x0 != "" {
		err = problem.WriteSample(at.Name("x0", ".npy"), s.D, s.R)
	}
	return at.Flags, err
}

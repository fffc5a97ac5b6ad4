package deep

import (
	"strconv"

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
	return f.filled(s), nil
}

// shapeOf is the shape of a run on a Ŵ that has been loaded from this source.
func shapeOf(f *Flags, b *blas.Backend, from source, p problemOf) plan.Deep {
	s := f.emptyShape(b)
	from.Loaded(f, &s, p)
	return f.filled(s)
}

// emptyShape lacks what is known of Ŵ.
func (f *Flags) emptyShape(b *blas.Backend) plan.Deep {
	s := plan.Deep{Common: f.CommonShape(b), Width: f.width, Depth: f.depth, Values: f.singular}
	s.Theory = f.theory
	s.Decomposes = f.theory || f.Step == "theory"
	s.BySpectrum = f.method == "spectral"
	return s
}

// filled has what follows from Ŵ and the flags.
func (f *Flags) filled(s plan.Deep) plan.Deep {
	if s.Width == 0 {
		s.Width = min(s.M, s.N)
	}
	return s
}

// Instead are other ways to run that take less memory.
func (f *Flags) Instead(shape plan.Shape) []plan.Instead {
	s := shape.(plan.Deep)
	var ways []plan.Instead
	if f.generate != "" && f.w0 == "" {
		ways = append(ways, plan.Instead{Text: "--n of at most %d", Below: s.N, Least: len(f.spectrum), Largest: func(n int) plan.Shape {
			t := s
			t.M, t.N = n, n
			if f.width == 0 {
				t.Width = n
			}
			return t
		}})
	}
	if f.w0 == "" {
		ways = append(ways, plan.Instead{Text: "--width of at most %d", Below: s.Width, Largest: func(n int) plan.Shape {
			t := s
			t.Width = n
			return t
		}})
	}
	if f.Dtype == "f64" && f.StepIn32() {
		t := s
		t.Elem = 4
		ways = append(ways, plan.Instead{Text: "--dtype f32", Shape: t})
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
	s, at := shape.(plan.Deep), run.SampleFiles{Dir: dir, Flags: map[string]string{}}
	if err := table.Chosen(&f.Request).Sample(f, s, at); err != nil {
		return nil, err
	}
	if f.width != 0 {
		at.Flags["width"] = strconv.Itoa(s.Width)
	}
	if f.w0 == "" {
		return at.Flags, nil
	}
	return at.Flags, problem.WriteFactors(at.Name("w0", ".npz"), sampleFactors(s))
}

// sampleFactors are W_1 … W_N of a run of this shape.
func sampleFactors(s plan.Deep) (w []blas.General[float64]) {
	for j := range s.Depth {
		rows, cols := s.Width, s.Width
		if j == 0 {
			cols = s.N
		}
		if j == s.Depth-1 {
			rows = s.M
		}
		g := blas.NewGeneral[float64](rows, cols)
		for i := range g.Data {
			g.Data[i] = problem.SampleElement(i, j) / float64(cols)
		}
		w = append(w, g)
	}
	return w
}

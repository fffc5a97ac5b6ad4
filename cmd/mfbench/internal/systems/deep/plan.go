package deep

import (
	"path/filepath"
	"strconv"
	"strings"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/data/problem"
)

// of is the shape of a run on an m×n matrix Ŵ.
func (f *Flags) of(b *blas.Backend, m, n int) plan.Deep {
	s := plan.Deep{Common: f.CommonShape(b), M: m, N: n, Width: f.width, Depth: f.depth, Values: f.singular}
	if s.Width == 0 {
		s.Width = min(m, n)
	}
	s.Theory = f.theory
	s.Decomposes = f.theory || f.Step == "theory"
	s.BySpectrum = f.method == "spectral"
	return s
}

// Shape is what the flags and the beginnings of the files say of the run.
func (f *Flags) Shape(b *blas.Backend) (plan.Shape, error) {
	if f.generate != "" {
		s := f.of(b, f.n, f.n)
		s.Generated = true
		return s, nil
	}
	h, err := problem.HeadOf(f.target)
	if err != nil {
		return nil, err
	}
	m, n, err := h.Matrix()
	if err != nil {
		return nil, err
	}
	s := f.of(b, m, n)
	h = h.AsDense()
	s.Mapped, s.Read = h.Mapped, h.Reading
	return s, nil
}

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

func (f *Flags) Sample(dir string, shape plan.Shape) (map[string]string, error) {
	s := shape.(plan.Deep)
	flags := map[string]string{}
	if f.generate != "" {
		flags["n"] = strconv.Itoa(s.N)
		if values := strings.Split(f.eigenvalues, ","); len(values) > s.N {
			flags["eigenvalues"] = strings.Join(values[:s.N], ",")
		}
	} else {
		for _, flag := range []string{"target", "truth"} {
			if f.Changed(flag) {
				flags[flag] = filepath.Join(dir, flag+".npy")
				if err := problem.WriteSample(flags[flag], s.M, s.N); err != nil {
					return nil, err
				}
			}
		}
	}
	if f.width != 0 {
		flags["width"] = strconv.Itoa(s.Width)
	}
	if f.w0 != "" {
		var w []blas.General[float64]
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
		flags["w0"] = filepath.Join(dir, "w0.npz")
		return flags, problem.WriteFactors(flags["w0"], w)
	}
	return flags, nil
}

package asymmetric

import (
	"path/filepath"
	"strconv"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/data/problem"
)

// Shape is what the flags and the beginnings of the files say of the run.
func (f *Flags) Shape(b *blas.Backend) (plan.Shape, error) {
	s := plan.Asymmetric{Common: f.CommonShape(b), Form: plan.Dense, K: f.Rank, Inner: f.trueRank, Noise: f.noise != 0}
	s.Theory = f.theory
	switch {
	case f.a != "":
		h, err := problem.HeadOf(f.a)
		if err != nil {
			return nil, err
		}
		if s.M, s.N, err = h.Matrix(); err != nil {
			return nil, err
		}
		s.Mapped, s.Read = h.Mapped, h.Reading
		if h.Sparse {
			s.Form, s.Inner = plan.Sparse, h.Elements
		}
	case f.left != "":
		l, err := problem.HeadOf(f.left)
		if err != nil {
			return nil, err
		}
		r, err := problem.HeadOf(f.right)
		if err != nil {
			return nil, err
		}
		l, r = l.AsDense(), r.AsDense()
		s.Form, s.Mapped, s.Read = plan.Product, max(l.Mapped, r.Mapped), l.Reading+r.Reading
		if s.M, s.Inner, err = l.Matrix(); err != nil {
			return nil, err
		}
		if s.N, _, err = r.Matrix(); err != nil {
			return nil, err
		}
	default:
		s.M, s.N, s.Generated = f.m, f.n, true
		if f.form == "product" {
			s.Form = plan.Product
		}
	}
	s.Passes = f.singular > 0 && !(s.Generated && f.noise == 0)
	if err := f.checkOrder(s.M, s.N); err != nil {
		return nil, err
	}
	rank := 0
	if s.Form == plan.Product {
		rank = s.Inner
	}
	s.Vectors = f.Vectors(&f.Request, max(s.M, s.N), rank)
	return s, nil
}

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
	if f.generate != "" && s.Form == plan.Dense && f.noise == 0 {
		t := s
		t.Form = plan.Product
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

func (f *Flags) Sample(dir string, shape plan.Shape) (map[string]string, error) {
	s := shape.(plan.Asymmetric)
	flags := map[string]string{}
	var err error
	array := func(flag string, rows, cols int) {
		flags[flag] = filepath.Join(dir, flag+".npy")
		if err == nil {
			err = problem.WriteSample(flags[flag], rows, cols)
		}
	}
	switch {
	case f.generate != "":
		flags["m"], flags["n"] = strconv.Itoa(s.M), strconv.Itoa(s.N)
	case s.Form == plan.Sparse:
		flags["a"] = filepath.Join(dir, "a.mtx")
		err = problem.WriteSamplePlaces(flags["a"], s.M, s.N, s.Inner, true)
	case f.a != "":
		array("a", s.M, s.N)
	default:
		array("a-left", s.M, s.Inner)
		array("a-right", s.N, s.Inner)
	}
	if f.x0 != "" {
		array("x0", s.M, s.K)
		array("y0", s.N, s.K)
	}
	return flags, err
}

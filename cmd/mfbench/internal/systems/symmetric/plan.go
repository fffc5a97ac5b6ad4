package symmetric

import (
	"fmt"
	"path/filepath"
	"strconv"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/data/problem"
)

// Shape is what the flags and the beginnings of the files say of the run.
func (f *Flags) Shape(b *blas.Backend) (plan.Shape, error) {
	s := plan.Symmetric{Common: f.CommonShape(b), R: f.Rank}
	s.Theory = f.theory
	s.Held = s.Elem
	if f.Dtype == "mixed" {
		s.Held = 4
	}
	var err error
	switch {
	case f.sigma != "":
		h, err := problem.HeadOf(f.sigma)
		if err != nil {
			return nil, err
		}
		if s.D, err = h.Square("Σ"); err != nil {
			return nil, err
		}
		if f.Dtype == "mixed" {
			h = h.AsDense()
		}
		s.Mapped, s.Read = h.Mapped, h.Reading
		if h.Sparse {
			s.Form, s.K = plan.Sparse, h.Elements
		}
	case f.sigmaDiag != "":
		h, err := problem.HeadOf(f.sigmaDiag)
		if err != nil {
			return nil, err
		}
		h = h.AsDense()
		s.Form, s.Mapped, s.Read = plan.Diagonal, h.Mapped, h.Reading
		if s.D, err = h.Vector(); err != nil {
			return nil, err
		}
	case f.sigmaFactor != "" || f.data != "":
		h, err := problem.HeadOf(f.sigmaFactor + f.data)
		if err != nil {
			return nil, err
		}
		h = h.AsDense()
		s.Form, s.Mapped, s.Read = plan.Product, h.Mapped, h.Reading
		if s.D, s.K, err = h.Matrix(); err != nil {
			return nil, err
		}
		if f.data != "" {
			s.Form, s.D, s.K = plan.Gram, s.K, s.D
		}
	default:
		s.D, s.Generated = f.d, true
		if f.form == "diagonal" {
			s.Form = plan.Diagonal
		}
		s.Known = f.Dtype != "mixed"
	}
	s.Basis = f.wantsTheory && !s.Known
	if s.Form == plan.Diagonal {
		s.Basis, s.Known = false, s.Known || f.wantsTheory
	}
	if err = f.checkOrder(s.D); err != nil {
		return nil, err
	}
	rank := 0
	if s.Form == plan.Product || s.Form == plan.Gram {
		rank = s.K
	}
	s.Vectors = f.Vectors(&f.Request, s.D, rank)
	return s, nil
}

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
	if f.sigma != "" && s.Form == plan.Dense {
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

func (f *Flags) Sample(dir string, shape plan.Shape) (map[string]string, error) {
	s := shape.(plan.Symmetric)
	flags := map[string]string{}
	at := func(flag string) string {
		flags[flag] = filepath.Join(dir, flag+".npy")
		return flags[flag]
	}
	var err error
	switch {
	case f.generate != "":
		flags["d"] = strconv.Itoa(s.D)
	case s.Form == plan.Sparse:
		flags["sigma"] = filepath.Join(dir, "sigma.mtx")
		err = problem.WriteSampleBand(flags["sigma"], s.D, s.K/2)
	case f.sigma != "":
		err = problem.WriteSample(at("sigma"), s.D, s.D)
	case f.sigmaDiag != "":
		err = problem.WriteSample(at("sigma-diag"), s.D, 1)
	case f.sigmaFactor != "":
		err = problem.WriteSample(at("sigma-factor"), s.D, s.K)
	default:
		err = problem.WriteSample(at("data"), s.K, s.D)
	}
	if err == nil && f.x0 != "" {
		err = problem.WriteSample(at("x0"), s.D, s.R)
	}
	return flags, err
}

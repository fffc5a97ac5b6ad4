package sensing

import (
	"path/filepath"
	"strconv"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/data/matio"
	"lowrank/data/problem"
)

// kind is that of the measurements, where none are drawn again.
func (f *Flags) kind() plan.Kind {
	switch {
	case f.vectors != "" || f.generate == "vectors":
		return plan.Vectors
	case f.entries != "" || f.generate == "entries":
		return plan.Entries
	}
	return plan.Matrices
}

// Shape is what the flags and the beginnings of the files say of the run.
func (f *Flags) Shape(b *blas.Backend) (plan.Shape, error) {
	s := plan.Sensing{Common: f.CommonShape(b), Kind: f.kind(), R: f.Rank, Truth: f.trueRank}
	s.Theory = f.theory
	s.Held = s.Elem
	if f.Dtype == "mixed" {
		s.Held = 4
	}
	source := f.measurements + f.vectors + f.entries
	var h problem.FileHead
	var err error
	if source != "" {
		if h, err = problem.HeadOf(source); err != nil {
			return nil, err
		}
		if f.entries == "" {
			h = h.AsDense()
		}
		s.Mapped, s.Read = h.Mapped, h.Reading
	}
	switch {
	case f.measurements != "":
		s.M, s.N, err = h.Stack()
	case f.vectors != "":
		s.M, s.N, err = h.Matrix()
	case f.entries != "":
		s.M = h.Listed
		s.N, err = h.Square("the matrix to complete")
	default:
		s.M, s.N, s.Generated = f.count, f.n, true
		how := held[float64](f, b)
		if f.Dtype == "f32" {
			how = held[float32](f, b)
		}
		switch how {
		case problem.HeldFloat32:
			s.Held = 4
		case problem.HeldBFloat16:
			s.Held = 2
		case problem.HeldRegenerated:
			s.Kind, s.Held = plan.Drawn, 0
		}
	}
	if err != nil {
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
	if f.theory {
		s.Rows = plan.Rows(f.Iters, f.Every)
	}
	s.Space = f.init == "spectral" && f.u0 == "" || s.Truth > 0 && s.Rows > 0
	if err := f.checkOrder(s.N); err != nil {
		return nil, err
	}
	return s, nil
}

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
	if s.Kind == plan.Matrices && s.Own {
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
	if s.Kind == plan.Matrices && f.generate != "" {
		with("--storage regenerate"+wide, func(t *plan.Sensing) { t.Kind, t.Held = plan.Drawn, 0 })
	}
	return append(ways, f.InsteadOfRuns(s, s.Common, func(c plan.Common) plan.Shape {
		t := s
		t.Common = c
		return t
	})...)
}

func (f *Flags) Sample(dir string, shape plan.Shape) (map[string]string, error) {
	s := shape.(plan.Sensing)
	flags := map[string]string{}
	at := func(flag string) string {
		flags[flag] = filepath.Join(dir, flag+".npy")
		return flags[flag]
	}
	if f.generate != "" {
		flags["count"] = strconv.Itoa(s.M)
		if s.Kind == plan.Drawn { // a smaller problem would fit in memory
			flags["storage"] = "regenerate"
		}
		return flags, nil
	}
	var err error
	switch {
	case f.measurements != "":
		n := s.N
		data := make([]float64, s.M*n*n)
		for i := range s.M {
			for j := range n {
				for k := range n {
					data[(i*n+j)*n+k] = problem.SampleElement(min(j, k)+i, max(j, k))
				}
			}
		}
		err = matio.WriteNPY(at("measurements"), []int{s.M, n, n}, data)
	case f.vectors != "":
		err = problem.WriteSample(at("vectors"), s.M, s.N)
	default:
		flags["entries"] = filepath.Join(dir, "entries.mtx")
		h, herr := problem.HeadOf(f.entries)
		if herr != nil {
			return nil, herr
		}
		err = problem.WriteSamplePlaces(flags["entries"], s.N, s.N, s.M, h.Values)
	}
	if err == nil && f.y != "" {
		err = problem.WriteSample(at("y"), s.M, 1)
	}
	return flags, err
}

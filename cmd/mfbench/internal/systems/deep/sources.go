package deep

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
)

// source is a row of the table below.
type source = run.Source[Flags, problemOf, plan.Deep]

// table is the ways to give Ŵ. One more is one more row.
var table = run.Sources[Flags, problemOf, plan.Deep]{matrix(), generated()}

// matrix is Ŵ itself, and the matrix that it is a noisy version of.
func matrix() source {
	return source{
		Flag: "target", Files: []run.FileFlag{
			{Name: "target", Help: "Ŵ, any matrix"},
			{Name: "truth", Help: "the matrix that Ŵ is a noisy version of, for the trace"},
		},
		Belonging: []string{"divide"},
		Add: func(f *Flags, cmd *cobra.Command) {
			cmd.Flags().Float64Var(&f.divide, "divide", 1, "divide the elements of --target and --truth by this")
		},
		Check: func(f *Flags) error {
			if !(f.divide > 0) || math.IsInf(f.divide, 0) {
				return run.Usagef("--divide is %g; expected a positive number", f.divide)
			}
			return nil
		},
		Load: func(f *Flags, b *blas.Backend) (p problemOf, err error) {
			path := f.Text("truth")
			if p.target, err = readDivided(f.Text("target"), f.divide); err != nil || path == "" {
				return p, err
			}
			clean, err := readDivided(path, f.divide)
			if err == nil && (clean.Rows != p.target.Rows || clean.Cols != p.target.Cols) {
				err = fmt.Errorf("%s: the matrix is %d×%d; the truth must be of the shape of Ŵ, %d×%d", path, clean.Rows, clean.Cols, p.target.Rows, p.target.Cols)
			}
			p.truth = &clean
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Deep) error {
			h, err := problem.HeadOf(f.Text("target"))
			if err != nil {
				return err
			}
			if s.M, s.N, err = h.Matrix(); err != nil {
				return err
			}
			h = h.AsDense()
			s.Mapped, s.Read = h.Mapped, h.Reading
			return nil
		},
		Loaded: func(f *Flags, s *plan.Deep, p problemOf) { s.M, s.N = p.target.Rows, p.target.Cols },
		Sample: func(f *Flags, s plan.Deep, at run.SampleFiles) error {
			for _, flag := range []string{"target", "truth"} {
				if f.Text(flag) == "" {
					continue
				}
				if err := problem.WriteSample(at.Name(flag, ".npy"), s.M, s.N); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// readDivided reads a matrix and divides its elements.
func readDivided(path string, by float64) (blas.General[float64], error) {
	m, err := problem.ReadMatrix[float64](path)
	if by != 1 {
		for i := range m.Data {
			m.Data[i] /= by
		}
	}
	return m, err
}

// generated is a symmetric Ŵ of a spectrum, with noise or without.
func generated() source {
	return source{
		Flag: "generate", Belonging: []string{"n", "eigenvalues", "noise"},
		Add: func(f *Flags, cmd *cobra.Command) {
			fl := cmd.Flags()
			fl.StringVar(&f.generate, "generate", "", "a generated Ŵ: symmetric or diagonal")
			fl.IntVar(&f.n, "n", 0, "order of a generated Ŵ")
			fl.StringVar(&f.eigenvalues, "eigenvalues", "", "eigenvalues of a generated Ŵ, as 10,5,1; the others are 0")
			fl.Float64Var(&f.noise, "noise", 0, "spectral norm of the noise on a generated Ŵ")
			run.Complete(cmd, "generate", "symmetric", "diagonal")
		},
		Check: func(f *Flags) error {
			switch {
			case f.generate != "symmetric" && f.generate != "diagonal":
				return run.Usagef("--generate is %q; expected symmetric or diagonal", f.generate)
			case f.n < 1:
				return run.Usagef("--n is %d; a generated Ŵ needs an order of at least 1", f.n)
			case !(f.noise >= 0) || math.IsInf(f.noise, 0):
				return run.Usagef("--noise is %g; expected a number of at least 0", f.noise)
			}
			return f.parseEigenvalues()
		},
		Load: func(f *Flags, b *blas.Backend) (p problemOf, err error) {
			if err := problem.CheckMemory(fmt.Sprintf("a generated Ŵ of order %d", f.n), 32*float64(f.n)*float64(f.n)); err != nil {
				return p, err
			}
			target := func(noise float64) blas.General[float64] {
				return problem.NewTarget(f.n, f.spectrum, f.generate == "diagonal", noise, f.ProblemSeed())
			}
			if f.noise != 0 {
				clean := target(0)
				p.truth = &clean
			}
			p.target = target(f.noise)
			return p, nil
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Deep) error {
			s.M, s.N, s.Generated = f.n, f.n, true
			return nil
		},
		Loaded: func(f *Flags, s *plan.Deep, p problemOf) { s.M, s.N = p.target.Rows, p.target.Cols },
		Sample: func(f *Flags, s plan.Deep, at run.SampleFiles) error {
			at.Flags["n"] = strconv.Itoa(s.N)
			if values := strings.Split(f.eigenvalues, ","); len(values) > s.N {
				at.Flags["eigenvalues"] = strings.Join(values[:s.N], ",")
			}
			return nil
		},
	}
}

// parseEigenvalues reads --eigenvalues.
func (f *Flags) parseEigenvalues() error {
	f.spectrum = nil
	if f.eigenvalues == "" {
		return run.Usagef("--eigenvalues is missing; expected those of the generated Ŵ")
	}
	for _, field := range strings.Split(f.eigenvalues, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return run.Usagef("--eigenvalues has %q; expected numbers with commas between them", field)
		}
		f.spectrum = append(f.spectrum, v)
	}
	if len(f.spectrum) > f.n {
		return run.Usagef("--eigenvalues has %d numbers; a matrix of order %d has %d", len(f.spectrum), f.n, f.n)
	}
	return nil
}

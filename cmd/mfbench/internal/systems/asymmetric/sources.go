package asymmetric

import (
	"fmt"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers/operator"
)

// source is a row of the table below.
type source[T blas.Float] = run.Source[Flags, problemOf[T], plan.Asymmetric]

// sources are the ways to give A. One more is one more row.
func sources[T blas.Float]() run.Sources[Flags, problemOf[T], plan.Asymmetric] {
	return run.Sources[Flags, problemOf[T], plan.Asymmetric]{matrix[T](), product[T](), generated[T]()}
}

// matrix is A itself, of which a Matrix Market file keeps it sparse.
func matrix[T blas.Float]() source[T] {
	return source[T]{
		Flag: "a", Files: []run.FileFlag{{Name: "a", Help: "A, m×n: .npy, .mtx or IDX"}},
		Load: func(f *Flags, b *blas.Backend) (p problemOf[T], err error) {
			p.a, err = problem.ReadRectangular[T](b, f.Text("a"))
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Asymmetric) error {
			h, err := problem.HeadOf(f.Text("a"))
			if err != nil {
				return err
			}
			if s.M, s.N, err = h.Matrix(); err != nil {
				return err
			}
			s.Form, s.Mapped, s.Read = plan.RectangularDense, h.Mapped, h.Reading
			if h.Sparse {
				s.Form, s.Inner = plan.RectangularSparse, h.Elements
			}
			return nil
		},
		Loaded: func(f *Flags, s *plan.Asymmetric, p problemOf[T]) {
			s.Form = plan.RectangularDense
			if sparse, ok := p.a.(*operator.Sparse[T]); ok {
				s.Form, s.Inner = plan.RectangularSparse, sparse.Elements()
			}
		},
		Sample: func(f *Flags, s plan.Asymmetric, at run.SampleFiles) error {
			if s.Form == plan.RectangularSparse {
				return problem.WriteSamplePlaces(at.Name("a", ".mtx"), s.M, s.N, s.Inner, true)
			}
			return problem.WriteSample(at.Name("a", ".npy"), s.M, s.N)
		},
	}
}

// product is two thin factors, of which A is not formed.
func product[T blas.Float]() source[T] {
	return source[T]{
		Flag: "a-left", Files: []run.FileFlag{
			{Name: "a-left", Help: "L, m×p, of A = L·Rᵀ"},
			{Name: "a-right", Help: "R, n×p, of A = L·Rᵀ"},
		},
		Load: func(f *Flags, b *blas.Backend) (p problemOf[T], err error) {
			p.a, err = problem.ReadProduct[T](b, f.Text("a-left"), f.Text("a-right"))
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Asymmetric) error {
			l, err := problem.HeadOf(f.Text("a-left"))
			if err != nil {
				return err
			}
			r, err := problem.HeadOf(f.Text("a-right"))
			if err != nil {
				return err
			}
			l, r = l.AsDense(), r.AsDense()
			s.Form, s.Mapped, s.Read = plan.RectangularProduct, max(l.Mapped, r.Mapped), l.Reading+r.Reading
			if s.M, s.Inner, err = l.Matrix(); err != nil {
				return err
			}
			s.N, _, err = r.Matrix()
			return err
		},
		Loaded: func(f *Flags, s *plan.Asymmetric, p problemOf[T]) {
			s.Form, s.Inner = plan.RectangularProduct, run.RankBound(p.a)
		},
		Sample: func(f *Flags, s plan.Asymmetric, at run.SampleFiles) error {
			if err := problem.WriteSample(at.Name("a-left", ".npy"), s.M, s.Inner); err != nil {
				return err
			}
			return problem.WriteSample(at.Name("a-right", ".npy"), s.N, s.Inner)
		},
	}
}

// generated is A of a rank, with noise or without.
func generated[T blas.Float]() source[T] {
	return source[T]{
		Flag: "generate", Belonging: []string{"m", "n", "ratio", "noise", "form"},
		Add: func(f *Flags, cmd *cobra.Command) {
			fl := cmd.Flags()
			fl.StringVar(&f.generate, "generate", "", "a generated A: lowrank")
			fl.IntVar(&f.m, "m", 0, "rows of a generated A")
			fl.IntVar(&f.n, "n", 0, "columns of a generated A")
			fl.Float64Var(&f.ratio, "ratio", 0.9, "σ_r/σ_1 of a generated A, in (0, 1]")
			fl.Float64Var(&f.noise, "noise", 0, "norm of the noise of a generated A, relative to A")
			fl.StringVar(&f.form, "form", "dense", "form of a generated A: dense or product")
			run.Complete(cmd, "generate", "lowrank")
			run.Complete(cmd, "form", "dense", "product")
		},
		Check: func(f *Flags) error {
			switch {
			case f.generate != "lowrank":
				return run.Usagef("--generate is %q; expected lowrank", f.generate)
			case f.m < 1 || f.n < 1:
				return run.Usagef("--m is %d and --n is %d; a generated A needs at least 1 of each", f.m, f.n)
			case !(f.ratio > 0 && f.ratio <= 1):
				return run.Usagef("--ratio is %g; expected more than 0 and at most 1", f.ratio)
			case !(f.noise >= 0) || math.IsInf(f.noise, 0):
				return run.Usagef("--noise is %g; expected a number of at least 0", f.noise)
			case f.form != "dense" && f.form != "product":
				return run.Usagef("--form is %q; expected dense or product", f.form)
			case f.form == "product" && f.noise != 0:
				return run.Usagef("--form product has no --noise: a matrix with noise is no product of thin factors")
			case !f.Cmd.Flags().Changed("true-rank"):
				return run.Usagef("--true-rank is missing; expected the rank of the generated A")
			case f.trueRank > min(f.m, f.n):
				return run.Usagef("--true-rank is %d; a %d×%d matrix has rank at most %d", f.trueRank, f.m, f.n, min(f.m, f.n))
			}
			return nil
		},
		Load: func(f *Flags, b *blas.Backend) (p problemOf[T], err error) {
			if err := problem.CheckMemory(fmt.Sprintf("a generated %d×%d matrix of rank %d", f.m, f.n, f.trueRank), 32*(float64(f.m)+float64(f.n))*float64(f.trueRank)); err != nil {
				return p, err
			}
			p.known = problem.NewRectangular(f.m, f.n, f.trueRank, f.ratio, f.noise, f.ProblemSeed())
			p.a, err = problem.OperatorOf[T](b, p.known, f.form == "product")
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Asymmetric) error {
			s.M, s.N, s.Generated, s.Form = f.m, f.n, true, generatedForms[f.form]
			return nil
		},
		Loaded: func(f *Flags, s *plan.Asymmetric, p problemOf[T]) { s.Form = generatedForms[f.form] },
		Sample: func(f *Flags, s plan.Asymmetric, at run.SampleFiles) error {
			at.Flags["m"], at.Flags["n"] = strconv.Itoa(s.M), strconv.Itoa(s.N)
			return nil
		},
	}
}

// generatedForms are those of --form.
var generatedForms = map[string]*plan.RectangularForm{"dense": plan.RectangularDense, "product": plan.RectangularProduct}

// table is what does not depend on the element type.
var table = sources[float64]()

package symmetric

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers/operator"
)

// source is a row of the table below.
type source[T blas.Float] = run.Source[Flags, problemOf[T], plan.Symmetric]

// sources are the ways to give Σ. One more is one more row.
func sources[T blas.Float]() run.Sources[Flags, problemOf[T], plan.Symmetric] {
	return run.Sources[Flags, problemOf[T], plan.Symmetric]{
		square[T](), diagonal[T](), factor[T](), data[T](), toeplitz[T](), generated[T](),
	}
}

// square is Σ itself, of which a Matrix Market file keeps it sparse.
func square[T blas.Float]() source[T] {
	return source[T]{
		Flag: "sigma", Files: []run.FileFlag{{Name: "sigma", Help: "Σ, a square matrix"}},
		Add: func(f *Flags, cmd *cobra.Command) {
			cmd.Flags().BoolVar(&f.symmetrize, "symmetrize", false, "take (Σ + Σᵀ)/2 of --sigma")
		},
		Belonging: []string{"symmetrize"},
		Mixed:     func(f *Flags) bool { return true },
		Load: func(f *Flags, b *blas.Backend) (p problemOf[T], err error) {
			read := problem.ReadDense[T]
			if f.Dtype == "mixed" {
				read = problem.ReadRounded[T]
			}
			p.op, err = read(b, f.Text("sigma"), f.symmetrize)
			if asymmetry := new(problem.Asymmetry); errors.As(err, &asymmetry) {
				err = fmt.Errorf("%w; --symmetrize takes (Σ + Σᵀ)/2", err)
			}
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Symmetric) error {
			h, err := problem.HeadOf(f.Text("sigma"))
			if err != nil {
				return err
			}
			if s.D, err = h.Square("Σ"); err != nil {
				return err
			}
			if f.Dtype == "mixed" {
				h = h.AsDense()
			}
			s.Form, s.Mapped, s.Read = plan.Dense, h.Mapped, h.Reading
			if h.Sparse {
				s.Form, s.K = plan.Sparse, h.Elements
			}
			return nil
		},
		Loaded: func(f *Flags, s *plan.Symmetric, p problemOf[T]) {
			s.Form = plan.Dense
			if sparse, ok := p.op.(*operator.SparseSymmetric[T]); ok {
				s.Form, s.K = plan.Sparse, sparse.Elements()
			}
		},
		Sample: func(f *Flags, s plan.Symmetric, at run.SampleFiles) error {
			if s.Form == plan.Sparse {
				return problem.WriteSampleBand(at.Name("sigma", ".mtx"), s.D, s.K/2)
			}
			return problem.WriteSample(at.Name("sigma", ".npy"), s.D, s.D)
		},
	}
}

func diagonal[T blas.Float]() source[T] {
	return source[T]{
		Flag: "sigma-diag", Files: []run.FileFlag{{Name: "sigma-diag", Help: "the diagonal of Σ, a vector"}},
		Load: func(f *Flags, b *blas.Backend) (p problemOf[T], err error) {
			p.op, err = problem.ReadDiagonal[T](b, f.Text("sigma-diag"))
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Symmetric) (err error) {
			s.Form = plan.Diagonal
			s.D, err = vectorHead(f.Text("sigma-diag"), s)
			return err
		},
		Loaded: func(f *Flags, s *plan.Symmetric, p problemOf[T]) { s.Form = plan.Diagonal },
		Sample: func(f *Flags, s plan.Symmetric, at run.SampleFiles) error {
			return problem.WriteSample(at.Name("sigma-diag", ".npy"), s.D, 1)
		},
	}
}

func factor[T blas.Float]() source[T] {
	return source[T]{
		Flag: "sigma-factor", Files: []run.FileFlag{
			{Name: "sigma-factor", Help: "U, d×k, of Σ = U·diag(λ)·Uᵀ"},
			{Name: "sigma-eig", Help: "λ of --sigma-factor, k values (default: all 1)"},
		},
		Load: func(f *Flags, b *blas.Backend) (p problemOf[T], err error) {
			p.op, err = problem.ReadLowRank[T](b, f.Text("sigma-factor"), f.Text("sigma-eig"))
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Symmetric) (err error) {
			s.Form = plan.Product
			s.D, s.K, err = matrixHead(f.Text("sigma-factor"), s)
			return err
		},
		Loaded: func(f *Flags, s *plan.Symmetric, p problemOf[T]) {
			s.Form, s.K = plan.Product, run.RankBound(p.op)
		},
		Sample: func(f *Flags, s plan.Symmetric, at run.SampleFiles) error {
			return problem.WriteSample(at.Name("sigma-factor", ".npy"), s.D, s.K)
		},
	}
}

func data[T blas.Float]() source[T] {
	return source[T]{
		Flag: "data", Files: []run.FileFlag{{Name: "data", Help: "Z, n×d, of Σ = ZᵀZ/n"}},
		Load: func(f *Flags, b *blas.Backend) (p problemOf[T], err error) {
			p.op, err = problem.ReadGram[T](b, f.Text("data"))
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Symmetric) (err error) {
			s.Form = plan.Gram
			s.K, s.D, err = matrixHead(f.Text("data"), s)
			return err
		},
		Loaded: func(f *Flags, s *plan.Symmetric, p problemOf[T]) {
			s.Form, s.K = plan.Gram, run.RankBound(p.op)
		},
		Sample: func(f *Flags, s plan.Symmetric, at run.SampleFiles) error {
			return problem.WriteSample(at.Name("data", ".npy"), s.K, s.D)
		},
	}
}

// toeplitz is the covariance of a stationary series.
func toeplitz[T blas.Float]() source[T] {
	return source[T]{
		Flag: "sigma-toeplitz", Files: []run.FileFlag{{Name: "sigma-toeplitz", Help: "the first column of a symmetric Toeplitz Σ, a vector"}},
		Load: func(f *Flags, b *blas.Backend) (p problemOf[T], err error) {
			column, err := problem.ReadVector[T](f.Text("sigma-toeplitz"))
			if err == nil {
				p.op = operator.NewToeplitz(b, column)
			}
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Symmetric) (err error) {
			s.Form = toeplitzForm
			s.D, err = vectorHead(f.Text("sigma-toeplitz"), s)
			return err
		},
		Loaded: func(f *Flags, s *plan.Symmetric, p problemOf[T]) { s.Form = toeplitzForm },
		Sample: func(f *Flags, s plan.Symmetric, at run.SampleFiles) error {
			return problem.WriteSample(at.Name("sigma-toeplitz", ".npy"), s.D, 1)
		},
	}
}

// toeplitzForm is that of operator.Toeplitz, whose products are transforms of order 2d.
var toeplitzForm = &plan.Form{Words: "Toeplitz", Data: func(s plan.Symmetric) plan.Data {
	d, r, w := float64(s.D), float64(s.R), float64(s.Elem)
	transform := operator.ToeplitzFlops(s.D)
	const scratch = 80 // bytes an order of a transform and its numbers
	return plan.Data{
		Held: 8*d + d*w, Making: scratch * d, Pass: 8 * d, Flops: transform * r, Sweeps: 3,
		Setup: 1e-9 * transform, Report: 1e-9 * d * d * (1 + r/16), Distance: plan.RowsOfDistance * d * 8,
		Beside: d*r*w + scratch*d*float64(min(max(s.Threads, 1), s.R)),
	}
}}

func generated[T blas.Float]() source[T] {
	return source[T]{
		Flag: "generate", Belonging: []string{"d", "form"},
		Add: func(f *Flags, cmd *cobra.Command) {
			fl := cmd.Flags()
			fl.StringVar(&f.generate, "generate", "", "a generated Σ with this spectrum: "+strings.Join(problem.SpectrumNames(), ", "))
			fl.IntVar(&f.d, "d", 0, "dimension of a generated Σ")
			fl.StringVar(&f.form, "form", "dense", "form of a generated Σ: dense (QΛQᵀ, Q random) or diagonal")
			run.Complete(cmd, "generate", problem.SpectrumNames()...)
			run.Complete(cmd, "form", "dense", "diagonal")
		},
		Mixed: func(f *Flags) bool { return f.form == "dense" },
		Check: func(f *Flags) error {
			if f.d < 1 {
				return run.Usagef("--d is %d; a generated Σ needs a dimension of at least 1", f.d)
			}
			if f.form != "dense" && f.form != "diagonal" {
				return run.Usagef("--form is %q; expected dense or diagonal", f.form)
			}
			if _, err := problem.SpectrumNamed(f.generate); err != nil {
				return run.Usagef("--generate: %v", err)
			}
			return nil
		},
		Load: func(f *Flags, b *blas.Backend) (p problemOf[T], err error) {
			form := problem.AsDiagonal
			switch {
			case f.form == "dense" && f.Dtype == "mixed":
				form = problem.AsRounded
			case f.form == "dense":
				form = problem.AsDense
			}
			p.op, p.basis, err = problem.Generate[T](b, f.generate, f.d, f.Rank, form, f.ProblemSeed())
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Symmetric) error {
			s.D, s.Generated, s.Known = f.d, true, f.Dtype != "mixed"
			s.Form = map[string]*plan.Form{"dense": plan.Dense, "diagonal": plan.Diagonal}[f.form]
			return nil
		},
		Loaded: func(f *Flags, s *plan.Symmetric, p problemOf[T]) {
			s.Form = map[string]*plan.Form{"dense": plan.Dense, "diagonal": plan.Diagonal}[f.form]
		},
		Sample: func(f *Flags, s plan.Symmetric, at run.SampleFiles) error {
			at.Flags["d"] = strconv.Itoa(s.D)
			return nil
		},
	}
}

// vectorHead is the length of a vector in a file, and sets what reading it takes.
func vectorHead(path string, s *plan.Symmetric) (int, error) {
	h, err := problem.HeadOf(path)
	if err != nil {
		return 0, err
	}
	h = h.AsDense()
	s.Mapped, s.Read = h.Mapped, h.Reading
	return h.Vector()
}

// matrixHead is the shape of a matrix in a file, and sets what reading it takes.
func matrixHead(path string, s *plan.Symmetric) (rows, cols int, err error) {
	h, err := problem.HeadOf(path)
	if err != nil {
		return 0, 0, err
	}
	h = h.AsDense()
	s.Mapped, s.Read = h.Mapped, h.Reading
	return h.Matrix()
}

// table is what does not depend on the element type.
var table = sources[float64]()

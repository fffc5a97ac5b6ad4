package sensing

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/matio"
	"lowrank/data/problem"
	"lowrank/solvers/operator"
)

// source is a row of the table below.
type source[T blas.Float] = run.Source[Flags, sensingProblem[T], plan.Sensing]

// sources are the ways to give 𝒜. One more is one more row.
func sources[T blas.Float]() run.Sources[Flags, sensingProblem[T], plan.Sensing] {
	return run.Sources[Flags, sensingProblem[T], plan.Sensing]{
		matrices[T](), vectors[T](), entries[T](), generated[T](),
	}
}

// matrices are the A_i themselves.
func matrices[T blas.Float]() source[T] {
	return source[T]{
		Flag: "measurements", Files: []run.FileFlag{{Name: "measurements", Help: "A_1 … A_m, an m×n×n array of symmetric matrices"}},
		Mixed: func(f *Flags) bool { return true },
		Check: needsValues,
		Load: func(f *Flags, b *blas.Backend) (p sensingProblem[T], err error) {
			p.a, err = problem.ReadMatrices[T](b, f.Text("measurements"), f.Dtype == "mixed")
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Sensing) error {
			h, err := headOf(f.Text("measurements"), s)
			if err != nil {
				return err
			}
			s.Form = plan.Matrices
			s.M, s.N, err = h.Stack()
			return err
		},
		Loaded: func(f *Flags, s *plan.Sensing, p sensingProblem[T]) { s.Form = plan.Matrices },
		Sample: func(f *Flags, s plan.Sensing, at run.SampleFiles) error {
			n := s.N
			data := make([]float64, s.M*n*n)
			for i := range s.M {
				for j := range n {
					for k := range n {
						data[(i*n+j)*n+k] = problem.SampleElement(min(j, k)+i, max(j, k))
					}
				}
			}
			return matio.WriteNPY(at.Name("measurements", ".npy"), []int{s.M, n, n}, data)
		},
	}
}

// vectors are the a_i of A_i = a_ia_iᵀ.
func vectors[T blas.Float]() source[T] {
	return source[T]{
		Flag: "vectors", Files: []run.FileFlag{{Name: "vectors", Help: "a_1 … a_m, an m×n matrix: A_i = a_ia_iᵀ"}},
		Check: needsValues,
		Load: func(f *Flags, b *blas.Backend) (p sensingProblem[T], err error) {
			p.a, err = problem.ReadVectors[T](b, f.Text("vectors"))
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Sensing) error {
			h, err := headOf(f.Text("vectors"), s)
			if err != nil {
				return err
			}
			s.Form = plan.Vectors
			s.M, s.N, err = h.Matrix()
			return err
		},
		Loaded: func(f *Flags, s *plan.Sensing, p sensingProblem[T]) { s.Form = plan.Vectors },
		Sample: func(f *Flags, s plan.Sensing, at run.SampleFiles) error {
			return problem.WriteSample(at.Name("vectors", ".npy"), s.M, s.N)
		},
	}
}

// entries are places of XXᵀ, with its elements there or without.
func entries[T blas.Float]() source[T] {
	return source[T]{
		Flag: "entries", Files: []run.FileFlag{{Name: "entries", Help: "the known elements, a Matrix Market file"}},
		Load: func(f *Flags, b *blas.Backend) (p sensingProblem[T], err error) {
			p.a, p.y, err = problem.ReadEntries[T](b, f.Text("entries"))
			return p, err
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Sensing) error {
			h, err := problem.HeadOf(f.Text("entries"))
			if err != nil {
				return err
			}
			s.Form, s.Mapped, s.Read, s.M = plan.Entries, h.Mapped, h.Reading, h.Listed
			s.N, err = h.Square("the matrix to complete")
			return err
		},
		Loaded: func(f *Flags, s *plan.Sensing, p sensingProblem[T]) { s.Form = plan.Entries },
		Sample: func(f *Flags, s plan.Sensing, at run.SampleFiles) error {
			h, err := problem.HeadOf(f.Text("entries"))
			if err != nil {
				return err
			}
			return problem.WriteSamplePlaces(at.Name("entries", ".mtx"), s.N, s.N, s.M, h.Values)
		},
	}
}

// generated are measurements of an ensemble, of a truth that is drawn too where none is
// given.
func generated[T blas.Float]() source[T] {
	return source[T]{
		Flag: "generate", Belonging: []string{"n", "count", "condition", "ratio", "noise", "storage"},
		Add: func(f *Flags, cmd *cobra.Command) {
			fl := cmd.Flags()
			fl.StringVar(&f.generate, "generate", "", "generated measurements: gaussian, vectors or entries")
			fl.IntVar(&f.n, "n", 0, "order of the matrices of a generated problem")
			fl.IntVar(&f.count, "count", 0, "m, the number of generated measurements")
			fl.Float64Var(&f.condition, "condition", 1, "κ of a generated truth: singular values evenly from 1 to 1/κ")
			fl.Float64Var(&f.ratio, "ratio", 1, "the same as 1/κ")
			fl.Float64Var(&f.noise, "noise", 0, "Gaussian noise of this norm, relative to ‖y‖, on generated values")
			fl.StringVar(&f.storage, "storage", "", "how generated matrices are held: f64, f32, bf16 or regenerate (default: as --dtype)")
			run.Complete(cmd, "generate", problem.EnsembleNames()...)
			run.Complete(cmd, "storage", "f64", "f32", "bf16", "regenerate")
		},
		Mixed: func(f *Flags) bool { return f.generate == "gaussian" && f.storage == "" },
		Check: checkGenerated,
		Load: func(f *Flags, b *blas.Backend) (p sensingProblem[T], err error) {
			how := held[T](f, b)
			if how == problem.HeldRegenerated && f.storage == "" {
				fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: the %d matrices do not fit in memory; they are drawn again in every pass\n", f.count)
			}
			if p.a, err = problem.GenerateMeasurements[T](b, f.generate, f.n, f.count, how, f.ProblemSeed()); err != nil {
				return p, err
			}
			if f.truth == "" {
				x := problem.ConditionedTruth(f.n, f.trueRank, f.truthCondition(), f.ProblemSeed())
				p.truth = &x
			}
			return p, nil
		},
		Shape: func(f *Flags, b *blas.Backend, s *plan.Sensing) error {
			s.M, s.N, s.Generated, s.Form = f.count, f.n, true, ensembleForms[f.generate]
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
				s.Form, s.Held = plan.Drawn, 0
			}
			return nil
		},
		Loaded: func(f *Flags, s *plan.Sensing, p sensingProblem[T]) {
			s.Form = ensembleForms[f.generate]
			if _, drawn := p.a.(*operator.Regenerated[T]); drawn {
				s.Form, s.Held = plan.Drawn, 0
			}
		},
		Sample: func(f *Flags, s plan.Sensing, at run.SampleFiles) error {
			at.Flags["count"] = strconv.Itoa(s.M)
			if s.Form == plan.Drawn { // a smaller problem would fit in memory
				at.Flags["storage"] = "regenerate"
			}
			return nil
		},
	}
}

// ensembleForms are those of the values of --generate.
var ensembleForms = map[string]*plan.MeasurementForm{"gaussian": plan.Matrices, "vectors": plan.Vectors, "entries": plan.Entries}

// checkGenerated validates the flags of a generated problem.
func checkGenerated(f *Flags) error {
	changed := f.Cmd.Flags().Changed
	switch {
	case !slices.Contains(problem.EnsembleNames(), f.generate):
		return run.Usagef("--generate is %q; expected gaussian, vectors or entries", f.generate)
	case f.n < 1 || f.count < 1:
		return run.Usagef("--n is %d and --count is %d; a generated problem needs at least 1 of each", f.n, f.count)
	case f.y != "":
		return run.Usagef("--y does not go with --generate, which computes y from the truth")
	case f.truth == "" && f.trueRank < 1:
		return run.Usagef("--true-rank is missing; expected the rank of the generated truth, at least 1")
	case f.trueRank > f.n:
		return run.Usagef("--true-rank is %d; a matrix of order %d has rank at most %d", f.trueRank, f.n, f.n)
	case changed("condition") && changed("ratio"):
		return run.Usagef("--condition is κ and --ratio is 1/κ; leave one of the two out")
	case f.truth != "" && f.truthCondition() > 1:
		return run.Usagef("--condition and --ratio are of a generated truth; --truth gives it")
	case !(f.condition >= 1) || math.IsInf(f.condition, 0):
		return run.Usagef("--condition is %g; expected at least 1", f.condition)
	case !(f.ratio > 0 && f.ratio <= 1):
		return run.Usagef("--ratio is %g; expected more than 0 and at most 1", f.ratio)
	case f.truthCondition() > 1 && f.trueRank == 1:
		return run.Usagef("a truth of rank 1 has κ = 1; --condition and --ratio need a --true-rank of at least 2")
	case !(f.noise >= 0) || math.IsInf(f.noise, 0):
		return run.Usagef("--noise is %g; expected a number of at least 0", f.noise)
	case f.storage != "" && f.generate != "gaussian":
		return run.Usagef("--storage is for --generate gaussian, the only ensemble of matrices")
	case f.storage != "" && !slices.Contains([]string{"f64", "f32", "bf16", "regenerate"}, f.storage):
		return run.Usagef("--storage is %q; expected f64, f32, bf16 or regenerate", f.storage)
	}
	return nil
}

// truthCondition is κ of a generated truth.
func (f *Flags) truthCondition() float64 { return max(f.condition, 1/f.ratio) }

// needsValues refuses measurements of which nobody says what was measured.
func needsValues(f *Flags) error {
	if f.y == "" && f.truth == "" {
		return run.Usagef("--y is missing; expected the measured values (or --truth, to compute them)")
	}
	return nil
}

// headOf is the beginning of a file, and sets what reading it takes.
func headOf(path string, s *plan.Sensing) (problem.FileHead, error) {
	h, err := problem.HeadOf(path)
	if err != nil {
		return h, err
	}
	h = h.AsDense()
	s.Mapped, s.Read = h.Mapped, h.Reading
	return h, nil
}

// table is what does not depend on the element type.
var table = sources[float64]()

package lowrank_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"lowrank"
)

// own is a matrix of a type that nobody knows.
type own struct{ of mat.Symmetric }

func (o own) Dims() (r, c int)        { return o.of.Dims() }
func (o own) At(i, j int) float64     { return o.of.At(i, j) }
func (o own) T() mat.Matrix           { return o }
func (o own) SymmetricDim() int       { return o.of.SymmetricDim() }
func band(s mat.Symmetric, k int) own { return own{bandOf(s, k)} }

// lower stores its lower triangle, as gonum's own types never do.
type lower struct{ own }

func (l lower) RawSymmetric() blas64.Symmetric {
	n := l.SymmetricDim()
	m := blas64.Symmetric{Uplo: blas.Lower, N: n, Stride: n + 2, Data: make([]float64, n*(n+2))}
	for i := range n {
		for j := range m.Stride {
			m.Data[i*m.Stride+j] = math.NaN()
			if j <= i {
				m.Data[i*m.Stride+j] = l.At(i, j)
			}
		}
	}
	return m
}

func bandOf(s mat.Symmetric, k int) *mat.SymBandDense {
	b := mat.NewSymBandDense(s.SymmetricDim(), k, nil)
	for i := range s.SymmetricDim() {
		for j := i; j <= min(i+k, s.SymmetricDim()-1); j++ {
			b.SetSymBand(i, j, s.At(i, j))
		}
	}
	return b
}

// TestSymmetricTypes has one Σ in all types that hold it.
func TestSymmetricTypes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(14, 14))
	large := symmetric(gaussian(rnd, 45, 45))
	raw := large.RawSymmetric()
	for i := range raw.N {
		for j := range i {
			raw.Data[i*raw.Stride+j] = math.NaN() // gonum reads the upper triangle only
		}
	}
	full := large.SliceSym(3, 43) // with a stride
	narrow, wide := bandOf(full, 1), bandOf(full, 20)
	diagonal := mat.NewDiagDense(40, nil)
	for i := range 40 {
		diagonal.SetDiag(i, full.At(i, i))
	}
	for name, same := range map[string][]mat.Symmetric{
		"full":        {symmetric(full), full, own{full}, lower{own{full}}},
		"narrow band": {symmetric(narrow), narrow, band(narrow, 1)},
		"wide band":   {symmetric(wide), wide, band(wide, 20)},
		"diagonal":    {symmetric(diagonal), diagonal, bandOf(diagonal, 0), own{diagonal}},
	} {
		var want *lowrank.Result
		for i, sigma := range same {
			res, err := lowrank.Symmetric(sigma, 3, &lowrank.Settings{Iterations: 100, Tolerance: -1, Method: lowrank.Direct})
			if err != nil {
				t.Fatal(name, i, err)
			}
			if want == nil {
				want = res
			}
			if !mat.EqualApprox(res.X, want.X, 1e-10) || math.Abs(res.Error-want.Error) > 1e-12 {
				t.Errorf("%s: another X for %T", name, sigma)
			}
		}
	}
}

// TestRectangularTypes has one A in several types.
func TestRectangularTypes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(15, 15))
	large := gaussian(rnd, 12, 9)
	part := large.Slice(1, 11, 2, 8) // with a stride
	transposed := mat.DenseCopyOf(part.T())
	column := large.ColView(4)
	for name, same := range map[string][]mat.Matrix{
		"dense":  {mat.DenseCopyOf(part), part, transposed.T(), part.T().T()},
		"column": {mat.DenseCopyOf(column), column, column.T().T()},
		"row":    {mat.DenseCopyOf(column.T()), column.T()},
		"other":  {mat.DenseCopyOf(bandOf(symmetric(gaussian(rnd, 6, 6)), 1)), nil},
	} {
		if same[1] == nil {
			same[1] = bandOf(symmetric(same[0]), 1)
		}
		var want *lowrank.Result
		for i, a := range same {
			res, err := lowrank.Asymmetric(a, 1, &lowrank.Settings{Iterations: 50, Tolerance: -1, Method: lowrank.Direct})
			if err != nil {
				t.Fatal(name, i, err)
			}
			if want == nil {
				want = res
			}
			if !mat.Equal(res.X, want.X) || !mat.Equal(res.Y, want.Y) || res.Error != want.Error {
				t.Errorf("%s: another X or Y for %T", name, a)
			}
		}
	}
}

// TestInputStays: what was given is not changed, also where the run has other units.
func TestInputStays(t *testing.T) {
	for _, scale := range []float64{1, 1e-250} {
		diagonal := mat.NewDiagDense(30, nil)
		for i := range 30 {
			diagonal.SetDiag(i, scale*float64(i))
		}
		banded := bandOf(diagonal, 1)
		full := symmetric(diagonal)
		a := mat.DenseCopyOf(full)
		x0 := mat.NewDense(30, 1, nil)
		x0.Set(3, 0, math.Sqrt(scale))
		for _, sigma := range []mat.Symmetric{diagonal, banded, full} {
			if _, err := lowrank.Symmetric(sigma, 1, &lowrank.Settings{X0: x0, Iterations: 5}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := lowrank.Asymmetric(a, 1, &lowrank.Settings{Iterations: 5}); err != nil {
			t.Fatal(err)
		}
		for i := range 30 {
			if want := scale * float64(i); diagonal.At(i, i) != want || banded.At(i, i) != want || full.At(i, i) != want || a.At(i, i) != want {
				t.Errorf("element %d was changed", i)
			}
		}
		if x0.At(3, 0) != math.Sqrt(scale) || mat.Norm(x0, 2) != math.Sqrt(scale) {
			t.Error("X_0 was changed")
		}
	}
}

func TestErrors(t *testing.T) {
	good := mat.NewSymDense(3, []float64{2, 1, 0, 1, 2, 1, 0, 1, 2})
	with := func(v float64, i, j int) *mat.SymDense {
		s := mat.NewSymDense(3, nil)
		s.CopySym(good)
		s.SetSym(i, j, v)
		return s
	}
	bad := mat.NewDense(3, 1, []float64{1, math.NaN(), 1})
	ones := mat.NewDense(3, 1, []float64{1, 1, 1})
	large := mat.NewDense(3, 1, []float64{1, 1e160, 1})
	for name, c := range map[string]struct {
		sigma mat.Symmetric
		rank  int
		s     *lowrank.Settings
		says  string
	}{
		"NaN":             {with(math.NaN(), 2, 1), 1, nil, "has NaN at row 1, column 2"},
		"Inf":             {with(math.Inf(-1), 2, 2), 1, nil, "has -Inf at row 2, column 2"},
		"NaN in a band":   {bandOf(with(math.NaN(), 2, 1), 1), 1, nil, "has NaN at row 1, column 2"},
		"NaN, diagonal":   {mat.NewDiagDense(2, []float64{1, math.NaN()}), 1, nil, "has NaN at row 1, column 1"},
		"NaN, lower":      {lower{own{with(math.NaN(), 2, 1)}}, 1, nil, "has NaN at row 2, column 1"},
		"large scale":     {good, 1, &lowrank.Settings{Scale: 1e200}, "the start is too large"},
		"large, step":     {good, 1, &lowrank.Settings{Scale: 1e200, Step: 0.1}, "the start is too large"},
		"large X0":        {good, 1, &lowrank.Settings{X0: large}, "the start is too large"},
		"NaN, other type": {own{with(math.NaN(), 0, 2)}, 1, nil, "has NaN at row 0, column 2"},
		"empty":           {&mat.SymDense{}, 1, nil, "Σ is 0×0"},
		"rank":            {good, 4, nil, "the rank is 4; Σ is 3×3, so it must be at most 3"},
		"X0":              {good, 1, &lowrank.Settings{X0: bad}, "X0 has NaN at row 1, column 0"},
		"backend":         {good, 1, &lowrank.Settings{Backend: "nosuch"}, "nosuch"},
		"threads":         {good, 1, &lowrank.Settings{Threads: -1}, "threads is -1"},
	} {
		res, err := lowrank.Symmetric(c.sigma, c.rank, c.s)
		if res != nil || err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "lowrank: ") {
			t.Errorf("%s: %v; expected …%s…", name, err, c.says)
		}
	}
	for name, c := range map[string]struct {
		a    mat.Matrix
		rank int
		s    *lowrank.Settings
		says string
	}{
		"NaN":        {with(math.NaN(), 2, 1), 1, nil, "A has NaN at row 1, column 2"},
		"transposed": {mat.NewDense(1, 2, []float64{1, math.NaN()}).T(), 1, nil, "A has NaN at row 1, column 0"},
		"empty":      {&mat.Dense{}, 1, nil, "A is 0×0"},
		"rank":       {mat.NewDense(3, 2, nil), 3, nil, "A is 3×2, so it must be at most 2"},
		"scale":      {good, 1, &lowrank.Settings{Scale: 1e200}, "the start is too large"},
		"large":      {good, 1, &lowrank.Settings{X0: ones, Y0: large}, "the start is too large"},
		"Y0":         {good, 1, &lowrank.Settings{X0: ones, Y0: bad}, "Y0 has NaN at row 1, column 0"},
		"X0":         {good, 1, &lowrank.Settings{X0: bad, Y0: ones}, "X0 has NaN at row 1, column 0"},
		"backend":    {good, 1, &lowrank.Settings{Backend: "nosuch"}, "nosuch"},
	} {
		res, err := lowrank.Asymmetric(c.a, c.rank, c.s)
		if res != nil || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("A, %s: %v; expected …%s…", name, err, c.says)
		}
	}
}

func TestPanics(t *testing.T) {
	sigma := mat.NewSymDense(3, []float64{2, 1, 0, 1, 2, 1, 0, 1, 2})
	ones := mat.NewDense(3, 1, []float64{1, 1, 1})
	symmetric := func(rank int, s lowrank.Settings) func() {
		return func() { lowrank.Symmetric(sigma, rank, &s) }
	}
	asymmetric := func(rank int, s lowrank.Settings) func() {
		return func() { lowrank.Asymmetric(sigma, rank, &s) }
	}
	for name, f := range map[string]func(){
		"rank 0":           symmetric(0, lowrank.Settings{}),
		"rank -1, A":       asymmetric(-1, lowrank.Settings{}),
		"tolerance":        symmetric(1, lowrank.Settings{Tolerance: math.NaN()}),
		"iterations":       symmetric(1, lowrank.Settings{Iterations: -1}),
		"step":             symmetric(1, lowrank.Settings{Step: -1}),
		"step NaN":         symmetric(1, lowrank.Settings{Step: math.NaN()}),
		"step Inf":         symmetric(1, lowrank.Settings{Step: math.Inf(1)}),
		"scale":            symmetric(1, lowrank.Settings{Scale: -1}),
		"method":           symmetric(1, lowrank.Settings{Method: 7}),
		"every":            symmetric(1, lowrank.Settings{Every: -1}),
		"X0 of a shape":    symmetric(2, lowrank.Settings{X0: ones}),
		"Y0 without a use": symmetric(1, lowrank.Settings{X0: ones, Y0: ones}),
		"X0 alone":         asymmetric(1, lowrank.Settings{X0: ones}),
		"Y0 alone":         asymmetric(1, lowrank.Settings{Y0: ones}),
		"Y0 of a shape":    asymmetric(1, lowrank.Settings{X0: ones, Y0: mat.NewDense(2, 1, nil)}),
	} {
		func() {
			defer func() {
				if r, ok := recover().(string); !ok || !strings.HasPrefix(r, "lowrank: ") {
					t.Errorf("%s: recovered %v", name, r)
				}
			}()
			f()
		}()
	}
}

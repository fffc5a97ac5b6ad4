package eigen_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

const ulp = 0x1p-52

func open(t *testing.T, threads int) *blas.Backend {
	t.Helper()
	b, err := blas.Open("native", threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func leading[T blas.Float](t *testing.T, a operator.Rectangular[T], k int, opt eigen.Options) *eigen.Triplets {
	t.Helper()
	opt.Seed = 5
	s, err := eigen.Singular(context.Background(), a, k, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Converged || len(s.Values) != k || len(s.Residuals) != k || s.Passes < 2 {
		t.Fatalf("%d values, converged %v, after %d passes", len(s.Values), s.Converged, s.Passes)
	}
	return s
}

// TestSmallSingularValues: values far below √ε·σ_1, known exactly.
func TestSmallSingularValues(t *testing.T) {
	d := []float64{1, 0.5, 0x1p-4, 0x1p-17, 0x1p-23, 0x1p-27, 0x1p-30, 0x1p-40}
	b := open(t, 2)
	for _, shape := range [][2]int{{64, 16}, {16, 64}, {32, 32}, {8, 16}} {
		a, left, right := reflected(t, shape[0], shape[1], d)
		scaled := left.Clone()
		var rows, cols []int
		var elements []float64
		for i := range a.Rows {
			for k, s := range d {
				scaled.Row(i)[k] *= s
			}
			for j, v := range a.Row(i) {
				rows, cols, elements = append(rows, i), append(cols, j), append(elements, v)
			}
		}
		for form, op := range map[string]operator.Rectangular[float64]{
			"dense":   operator.RectangularOf(b, a),
			"sparse":  operator.NewSparse(b, a.Rows, a.Cols, rows, cols, elements),
			"product": operator.NewProduct(b, scaled, right),
		} {
			for k := 1; k <= len(d); k++ {
				for _, values := range []bool{false, true} {
					s := leading(t, op, k, eigen.Options{Values: values})
					for i, got := range s.Values {
						if !(math.Abs(got-d[i]) <= 4*ulp) {
							t.Errorf("%s %v, k = %d: σ_%d is %.17g, off by %.2g; it is %g", form, shape, k, i+1, got, got-d[i], d[i])
						}
					}
				}
			}
			// The vectors of the smallest are told to ε·σ_1/σ.
			s := leading(t, op, len(d), eigen.Options{})
			for i, sigma := range d {
				if e := math.Max(apart(s.Left, left, i), apart(s.Right, right, i)); !(e <= 20*ulp/sigma) {
					t.Errorf("%s %v: the vectors of σ_%d = %g are off by %.2g", form, shape, i+1, sigma, e)
				}
			}
		}
	}
}

// TestIllConditioned compares with 600 bits: of the Hilbert matrix σ_12 is 6e-17 of σ_1.
func TestIllConditioned(t *testing.T) {
	const n = 12
	b := open(t, 2)
	rnd := rand.New(rand.NewPCG(3, 3))
	matrices := map[string]func(i, j int) float64{
		"Hilbert":         func(i, j int) float64 { return 1 / float64(i+j+1) },
		"graded":          func(i, j int) float64 { return rnd.NormFloat64() * math.Pow(10, -float64(i)) },
		"graded sideways": func(i, j int) float64 { return rnd.NormFloat64() * math.Pow(10, -1.3*float64(j)) },
		"Kahan": func(i, j int) float64 {
			switch s := math.Pow(0.6, float64(i)); {
			case i == j:
				return s
			case i < j:
				return -0.8 * s
			}
			return 0
		},
	}
	for _, name := range slices.Sorted(maps.Keys(matrices)) {
		element := matrices[name]
		a := blas.NewGeneral[float64](n+2, n)
		for i := range a.Rows {
			for j := range n {
				a.Row(i)[j] = element(i, j)
			}
		}
		want := precise(a)
		if name == "Hilbert" {
			// Of the square one the largest, and the condition number, are in many books.
			square := precise(blas.General[float64]{Rows: n, Cols: n, Stride: n, Data: a.Data[:n*n]})
			if math.Abs(square[0]-1.795372059562) > 1e-12 || !(square[0]/square[n-1] > 1.6e16 && square[0]/square[n-1] < 1.8e16) {
				t.Fatalf("the reference is wrong: %v", square)
			}
		}
		for _, k := range []int{1, 5, n} {
			s := leading(t, operator.RectangularOf(b, a), k, eigen.Options{})
			for i, got := range s.Values {
				if !(math.Abs(got-want[i]) <= 6*ulp*want[0]) {
					t.Errorf("%s, k = %d: σ_%d is %.17g, want %.17g, off by %.2g of σ_1", name, k, i+1, got, want[i], math.Abs(got-want[i])/want[0])
				}
			}
		}
		// The same of A in memory.
		for i, got := range eigen.SingularValues(a) {
			if !(math.Abs(got-want[i]) <= 6*ulp*want[0]) {
				t.Errorf("%s: σ_%d is %.17g, want %.17g", name, i+1, got, want[i])
			}
		}
	}
}

// TestSingularAgainstDense compares with a full decomposition.
func TestSingularAgainstDense(t *testing.T) {
	b := open(t, 2)
	spectra := map[string]func(i, p int) float64{
		"even":      func(i, p int) float64 { return 1 - float64(i)/float64(p) },
		"double":    func(i, p int) float64 { return 1 / float64(i/2+1) },
		"rank two":  func(i, p int) float64 { return max(0, 2-float64(i)) },
		"identity":  func(i, p int) float64 { return 1 },
		"zero":      func(i, p int) float64 { return 0 },
		"tiny":      func(i, p int) float64 { return 1e-200 * (1 - float64(i)/float64(p)) },
		"huge":      func(i, p int) float64 { return 1e200 * (1 - float64(i)/float64(p)) },
		"quadratic": func(i, p int) float64 { return 1 - float64(i)*float64(i)/float64(p)/float64(p) },
		"wide":      func(i, p int) float64 { return math.Pow(10, -float64(i)) },
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, name := range slices.Sorted(maps.Keys(spectra)) { // one order: each draws its vectors
		spectrum := spectra[name]
		for _, shape := range [][2]int{{1, 1}, {1, 7}, {7, 1}, {3, 3}, {9, 40}, {40, 9}, {150, 160}} {
			m, n := shape[0], shape[1]
			p := min(m, n)
			u, v := orthogonal(rnd, m), orthogonal(rnd, n)
			for j := range p {
				for i := range m {
					u.Set(i, j, u.At(i, j)*spectrum(j, p))
				}
			}
			var a mat.Dense
			a.Mul(u.Slice(0, m, 0, p), v.Slice(0, n, 0, p).T())
			op := operator.RectangularOf(b, blas.General[float64](a.RawMatrix()))
			scale := spectrum(0, p)
			for _, k := range []int{1, 2, 6, 11} {
				if k > p {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d×%d/k=%d", name, m, n, k), func(t *testing.T) {
					s := leading(t, op, k, eigen.Options{})
					for i, got := range s.Values {
						if !(math.Abs(got-spectrum(i, p)) <= 30*ulp*scale) {
							t.Errorf("σ_%d is %v, want %v", i+1, got, spectrum(i, p))
						}
						if !(s.Residuals[i] <= 1.5e-14*scale) {
							t.Errorf("residual %d is %v after %d passes", i+1, s.Residuals[i], s.Passes)
						}
					}
					for side, w := range map[string]blas.General[float64]{"left": s.Left, "right": s.Right} {
						for i := range k {
							for j := range i + 1 {
								sum := 0.0
								for l := range w.Rows {
									sum += w.Row(l)[i] * w.Row(l)[j]
								}
								if i == j {
									sum--
								}
								if !(math.Abs(sum) <= 1e-14) {
									t.Errorf("%s vectors %d and %d: %v from orthonormal", side, i+1, j+1, sum)
								}
							}
						}
					}
					// Only the values: as accurate, and never more passes.
					fewer := leading(t, op, k, eigen.Options{Values: true})
					for i, got := range fewer.Values {
						if !(math.Abs(got-spectrum(i, p)) <= 30*ulp*scale) {
							t.Errorf("σ_%d alone is %v, want %v", i+1, got, spectrum(i, p))
						}
					}
					if fewer.Passes > s.Passes {
						t.Errorf("%d passes for the values alone, %d with vectors", fewer.Passes, s.Passes)
					}
				})
			}
		}
	}
}

// TestSingularRestarts has so many passes that the bases are restarted again and again.
func TestSingularRestarts(t *testing.T) {
	const m, n, k = 520, 500, 2
	d := make([]float64, n)
	for i := range d {
		d[i] = 1 - float64(i*i)/(n*n)
	}
	rows, cols := make([]int, n), make([]int, n)
	for i := range d {
		rows[i], cols[i] = (i*7)%m, (i*11)%n
	}
	a := operator.NewSparse(open(t, 2), m, n, rows, cols, d)
	s := leading(t, a, k, eigen.Options{})
	if s.Passes < 200 {
		t.Fatalf("%d passes", s.Passes)
	}
	for i, got := range s.Values {
		if !(math.Abs(got-d[i]) <= 8*ulp) || !(s.Residuals[i] <= 3e-14) {
			t.Errorf("σ_%d is off by %.2g, residual %.2g", i+1, got-d[i], s.Residuals[i])
		}
	}
	short, err := eigen.Singular(context.Background(), a, k, eigen.Options{MaxPasses: 20})
	if err != nil || short.Converged || short.Passes != 21 || !(short.Residuals[0] > 1e-6) {
		t.Errorf("after 20 passes: %+v (%v)", short, err)
	}
}

// TestSingularInvariance: neither the number of threads nor a power of two in A changes a
// bit, transposing A changes rounding only.
func TestSingularInvariance(t *testing.T) {
	const m, n, k = 390, 270, 5
	rnd := rand.New(rand.NewPCG(2, 2))
	a, transposed := blas.NewGeneral[float64](m, n), blas.NewGeneral[float64](n, m)
	for i := range m {
		for j := range n {
			a.Row(i)[j] = rnd.NormFloat64()
			transposed.Row(j)[i] = a.Row(i)[j]
		}
	}
	of := func(threads int, a blas.General[float64]) *eigen.Triplets {
		return leading(t, operator.RectangularOf(open(t, threads), a), k, eigen.Options{})
	}
	want := of(1, a)
	for _, threads := range []int{2, 3} {
		if got := of(threads, a); !reflect.DeepEqual(got, want) {
			t.Errorf("%d threads give %v, one %v", threads, got.Values, want.Values)
		}
	}
	procs := runtime.GOMAXPROCS(1)
	alone := of(1, a)
	runtime.GOMAXPROCS(5)
	five := of(2, a)
	runtime.GOMAXPROCS(procs)
	if !reflect.DeepEqual(alone, want) || !reflect.DeepEqual(five, want) {
		t.Error("the number of processors changes bits")
	}
	for _, scale := range []float64{0x1p-500, 0x1p-30, 0x1p400} {
		scaled := a.Clone()
		for i := range scaled.Data {
			scaled.Data[i] *= scale
		}
		got := of(1, scaled)
		for i, v := range got.Values {
			if v != scale*want.Values[i] {
				t.Errorf("A times %g: σ_%d/σ_%d is %v", scale, i+1, i+1, v/want.Values[i]/scale)
			}
		}
		if !reflect.DeepEqual(got.Left, want.Left) {
			t.Errorf("A times %g has other vectors", scale)
		}
	}
	for i, v := range of(1, transposed).Values {
		if !(math.Abs(v-want.Values[i]) <= 10*ulp*want.Values[0]) {
			t.Errorf("σ_%d of Aᵀ is %v, of A %v", i+1, v, want.Values[i])
		}
	}
}

// TestSingularFloat32: products in float32 know singular values to its rounding of σ_1.
func TestSingularFloat32(t *testing.T) {
	d := []float64{1, 0.5, 0x1p-4, 0x1p-10, 0x1p-14}
	a, _, _ := reflected(t, 64, 32, d)
	op := operator.RectangularOf(open(t, 2), blas.Convert[float32](a))
	for i, got := range leading(t, op, len(d), eigen.Options{}).Values {
		if !(math.Abs(got-d[i]) <= 4*0x1p-23) {
			t.Errorf("σ_%d is %v, want %v", i+1, got, d[i])
		}
	}
}

// TestFloor: zero singular values of a rounded matrix lie below it, and what is larger is told.
func TestFloor(t *testing.T) {
	b := open(t, 2)
	rnd := rand.New(rand.NewPCG(4, 4))
	for _, shape := range [][3]int{{20, 30, 2}, {300, 200, 4}, {900, 40, 8}} {
		m, n, r := shape[0], shape[1], shape[2]
		u, v := orthogonal(rnd, m), orthogonal(rnd, n)
		var a mat.Dense
		a.Mul(u.Slice(0, m, 0, r), v.Slice(0, n, 0, r).T())
		general := blas.General[float64](a.RawMatrix())
		above := func(values []float64, floor float64) (n int) {
			for _, v := range values {
				if v > floor {
					n++
				}
			}
			return n
		}
		s := leading(t, operator.RectangularOf(b, general), r+2, eigen.Options{})
		if n := above(s.Values, eigen.Floor[float64](s.Values[0], r)); n != r {
			t.Errorf("%v: %d values above the floor, want %d: %v", shape, n, r, s.Values)
		}
		narrow := leading(t, operator.RectangularOf(b, blas.Convert[float32](general)), r+2, eigen.Options{})
		if n := above(narrow.Values, eigen.Floor[float32](narrow.Values[0], r)); n != r {
			t.Errorf("%v in float32: %d values above the floor, want %d: %v", shape, n, r, narrow.Values)
		}
	}
}

// unreadable fails as a matrix on a disk may.
type unreadable struct{ operator.Rectangular[float64] }

var errRead = errors.New("read error")

func (unreadable) Mul(ay, atx, x, y blas.General[float64]) error { return errRead }

func TestSingularErrors(t *testing.T) {
	a := blas.NewGeneral[float64](6, 5)
	a.Row(1)[1] = 1
	op := operator.RectangularOf(open(t, 1), a)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := eigen.Singular(ctx, op, 1, eigen.Options{}); err != context.Canceled {
		t.Errorf("error is %v", err)
	}
	if _, err := eigen.Singular(context.Background(), unreadable{op}, 1, eigen.Options{}); err != errRead {
		t.Errorf("error is %v", err)
	}
	a.Row(2)[3] = math.NaN()
	s, err := eigen.Singular(context.Background(), operator.RectangularOf(open(t, 1), a), 2, eigen.Options{})
	if err != nil || s.Converged || !math.IsNaN(s.Values[0]) || !math.IsNaN(s.Residuals[1]) {
		t.Errorf("a matrix with NaN gives %+v (%v)", s, err)
	}
	for _, k := range []int{0, 6} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for %d of a 6×5 matrix", k)
				}
			}()
			eigen.Singular(context.Background(), op, k, eigen.Options{})
		}()
	}
}

package operator

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
)

// sparseCase is a sparse m×n matrix, and factors.
type sparseCase struct {
	m, n     int
	row, col []int
	value    []float64
	x, y     blas.General[float64]
}

// wideNumber is a number of more digits than any distance of the tests needs.
func wideNumber(x float64) *big.Float { return new(big.Float).SetPrec(6000).SetFloat64(x) }

// distances are ‖A − XYᵀ‖_F and ‖A‖_F element by element, rounded once.
func (c sparseCase) distances() (distance, norm float64) {
	a := make([]*big.Float, c.m*c.n)
	for e := range a {
		a[e] = wideNumber(0)
	}
	for e, v := range c.value {
		at := a[c.row[e]*c.n+c.col[e]]
		at.Add(at, wideNumber(v))
	}
	d, n := wideNumber(0), wideNumber(0)
	for i := range c.m {
		for j := range c.n {
			e := a[i*c.n+j]
			n.Add(n, wideNumber(0).Mul(e, e))
			for l, v := range c.x.Row(i) {
				e.Sub(e, wideNumber(0).Mul(wideNumber(v), wideNumber(c.y.Row(j)[l])))
			}
			d.Add(d, wideNumber(0).Mul(e, e))
		}
	}
	return rounded(d), rounded(n)
}

func rounded(square *big.Float) float64 {
	f, _ := wideNumber(0).Sqrt(square).Float64()
	return f
}

// near is a sparse matrix that differs from XYᵀ by about the error, relative: X and Y have
// zeros, so that XYᵀ has.
func near(rnd *rand.Rand, m, n, k int, err float64) sparseCase {
	c := sparseCase{m: m, n: n}
	factor := func(rows int) blas.General[float64] {
		x := blas.NewGeneral[float64](rows, k)
		for i := range rows {
			x.Row(i)[rnd.IntN(k)] = rnd.NormFloat64() + 2
			if rnd.IntN(4) == 0 {
				clear(x.Row(i))
			}
		}
		return x
	}
	c.x, c.y = factor(m), factor(n)
	for i := range m {
		for j := range n {
			if p := dot(c.x.Row(i), c.y.Row(j)); p != 0 {
				c.row, c.col, c.value = append(c.row, i), append(c.col, j), append(c.value, p*(1+err*rnd.NormFloat64()))
			}
		}
	}
	// Off the places too, and everywhere.
	for _, x := range []blas.General[float64]{c.x, c.y} {
		for e := range x.Data {
			x.Data[e] += err * rnd.NormFloat64()
		}
	}
	return c
}

func (c sparseCase) of(b *blas.Backend) (distance, norm float64) {
	distance, norm, err := NewSparse(b, c.m, c.n, c.row, c.col, c.value).Distance(c.x, c.y)
	if err != nil {
		panic(err)
	}
	return distance, norm
}

func open(t testing.TB, threads int) *blas.Backend {
	t.Helper()
	b, err := blas.Open("native", threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wantNear(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*want) {
		t.Errorf("%s is %.17g, want %.17g", name, got, want)
	}
}

// A distance keeps its digits however small it is beside the matrix.
func TestSparseDistance(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	b := open(t, 2)
	for _, err := range []float64{1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-9, 1e-12, 1e-15, 1e-30, 0} {
		for _, shape := range [][3]int{{1, 1, 1}, {1, 7, 2}, {30, 20, 1}, {20, 31, 3}, {70, 9, 5}} {
			c := near(rnd, shape[0], shape[1], shape[2], err)
			name := fmt.Sprintf("%v at %g", shape, err)
			want, wantNorm := c.distances()
			got, norm := c.of(b)
			wantNear(t, name+": the distance", got, want, 4e-16)
			wantNear(t, name+": the norm", norm, wantNorm, 4e-16)

			// Transposed, with rows in another order, with signs of columns turned, and scaled.
			other := c
			other.m, other.n, other.row, other.col, other.x, other.y = c.n, c.m, c.col, c.row, c.y, c.x
			turned, _ := other.of(b)
			wantNear(t, name+": transposed it", turned, want, 4e-16)
			other = c
			order := rnd.Perm(c.m)
			other.row, other.x = make([]int, len(c.row)), blas.NewGeneral[float64](c.m, shape[2])
			for e, i := range c.row {
				other.row[e] = order[i]
			}
			for i := range c.m {
				copy(other.x.Row(order[i]), c.x.Row(i))
			}
			permuted, _ := other.of(b)
			wantNear(t, name+": permuted it", permuted, want, 4e-16)
			for _, power := range []int{-480, -200, 200, 480} {
				s := c
				s.value, s.x = timesPower(c.value, power), c.x.Clone()
				for e, v := range c.x.Data {
					s.x.Data[e] = math.Ldexp(v, power/2)
				}
				s.y = c.y.Clone()
				for e, v := range c.y.Data {
					s.y.Data[e] = math.Ldexp(v, power/2)
				}
				d, n := s.of(b)
				wantNear(t, fmt.Sprintf("%s: times 2^%d it", name, power), math.Ldexp(d, -power), want, 4e-16)
				wantNear(t, fmt.Sprintf("%s: times 2^%d the norm", name, power), math.Ldexp(n, -power), wantNorm, 4e-16)
			}
		}
	}
}

// Symmetric matrices, of which both triangles are held.
func TestSparseSymmetricDistance(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	b := open(t, 2)
	for _, err := range []float64{1, 1e-3, 1e-5, 1e-12, 0} {
		for _, power := range []int{0, -301, 301} {
			c := near(rnd, 25, 25, 3, err)
			c.y = c.x
			c.row, c.col, c.value = nil, nil, nil
			for i := range 25 {
				for j := range i + 1 {
					v := dot(c.x.Row(i), c.x.Row(j))
					if math.Abs(v) < 0.1 {
						continue
					}
					v *= 1 + err*rnd.NormFloat64()
					c.row, c.col, c.value = append(c.row, i), append(c.col, j), append(c.value, v)
					if i != j {
						c.row, c.col, c.value = append(c.row, j), append(c.col, i), append(c.value, v)
					}
				}
			}
			c.value = timesPower(c.value, 2*power)
			c.x.Data = timesPower(c.x.Data, power)
			c.y = c.x
			want, wantNorm := c.distances()
			got, norm, _ := NewSparseSymmetric(b, 25, c.row, c.col, c.value).Distance(c.x)
			name := fmt.Sprintf("at %g, times 2^%d", err, 2*power)
			wantNear(t, name+" the distance", got, want, 4e-16)
			wantNear(t, name+" the norm", norm, wantNorm, 4e-16)
		}
	}
}

// The bits do not depend on threads, summed with rounding and without.
func TestSparseDistanceThreads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for _, err := range []float64{0.1, 1e-12} {
		c := near(rnd, 300, 200, 4, err)
		want, _ := c.of(open(t, 1))
		for _, threads := range []int{2, 3, 7} {
			if got, _ := c.of(open(t, threads)); got != want {
				t.Errorf("at %g the distance is %.17g on %d threads, %.17g on one", err, got, threads, want)
			}
		}
	}
}

// Zeros, and what is not finite.
func TestSparseDistanceOfZeros(t *testing.T) {
	b := open(t, 1)
	c := near(rand.New(rand.NewPCG(4, 4)), 12, 10, 2, 0.1)
	c.x.Data = timesPower(c.x.Data, -500)
	c.y.Data = timesPower(c.y.Data, -400)
	c.value = make([]float64, len(c.value))
	want, _ := c.distances()
	got, norm := c.of(b)
	wantNear(t, "the distance from zeros", got, want, 4e-16)
	if norm != 0 {
		t.Errorf("the norm of zeros is %v", norm)
	}
	c = near(rand.New(rand.NewPCG(5, 5)), 12, 10, 2, 0.1)
	clear(c.x.Data)
	if got, norm := c.of(b); got != norm || !(norm > 0) {
		t.Errorf("the distance from X = 0 is %v, the norm %v", got, norm)
	}
	c.x.Data[3] = math.Inf(1)
	if got, _ := c.of(b); !math.IsNaN(got) {
		t.Errorf("the distance from an X that is not finite is %v", got)
	}
}

// A distance takes memory for the factors, not for the matrix.
func TestSparseDistanceMemory(t *testing.T) {
	const n = 1 << 20
	b := open(t, 2)
	a := NewSparse(b, n, n, []int{0, 5, n - 1}, []int{n - 1, 7, 0}, []float64{1, 2, 3})
	x, y := blas.NewGeneral[float64](n, 2), blas.NewGeneral[float64](n, 2)
	x.Row(5)[1], y.Row(7)[1] = 2, 1
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, _, err := a.Distance(x, y)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "the distance", got, math.Sqrt(10), 4e-16)
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > n {
		t.Errorf("%d bytes were allocated", bytes)
	}
}

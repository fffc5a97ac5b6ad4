package krylov

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers/operator"
)

func native(t *testing.T) *blas.Backend {
	t.Helper()
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func random(rnd *rand.Rand, rows, cols int) blas.General[float64] {
	m := blas.NewGeneral[float64](rows, cols)
	for i := range m.Data {
		m.Data[i] = rnd.NormFloat64()
	}
	return m
}

// symmetricOf is a dense symmetric matrix with elements of size 1/√d.
func symmetricOf(b *blas.Backend, rnd *rand.Rand, d int) (operator.Operator[float64], blas.General[float64]) {
	a := random(rnd, d, d)
	for i := range d {
		for j := range i {
			a.Row(j)[i] = a.Row(i)[j]
		}
	}
	for i := range a.Data {
		a.Data[i] /= math.Sqrt(float64(d))
	}
	return operator.DenseOf(b, a.Lower()), a
}

// basisOf is the basis of one start.
func basisOf(t *testing.T, b *blas.Backend, op operator.Operator[float64], x0 blas.General[float64]) (*Basis, blas.General[float64]) {
	t.Helper()
	starts, err := New(b, op, x0)
	if err != nil {
		t.Fatal(err)
	}
	return starts[0].Basis, starts[0].Z
}

// vectors are the basis vectors as the columns of V.
func vectors(k *Basis) blas.General[float64] {
	v := blas.NewGeneral[float64](k.Dim(), k.Size())
	e := blas.NewGeneral[float64](k.Size(), k.Size())
	for i := range k.Size() {
		e.Row(i)[i] = 1
	}
	if k.Size() > 0 {
		k.Form(v, e)
	}
	return v
}

func product(a, b blas.General[float64], transposed bool) blas.General[float64] {
	rows, depth := a.Rows, a.Cols
	if transposed {
		rows, depth = a.Cols, a.Rows
	}
	c := blas.NewGeneral[float64](rows, b.Cols)
	for i := range rows {
		for k := range depth {
			v := a.Row(min(i, a.Rows-1))
			x := 0.0
			if transposed {
				x = a.Row(k)[i]
			} else {
				x = v[k]
			}
			axpy(x, b.Row(k), c.Row(i))
		}
	}
	return c
}

func largest(a, b blas.General[float64]) float64 {
	var most float64
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			most = max(most, math.Abs(v-b.Row(i)[j]))
		}
	}
	return most
}

// TestBasis: V is orthonormal, H = VᵀΣV, X_0 = V·Z_0, and ΣV leaves V by the
// coupling alone, after every pass and until V is closed.
func TestBasis(t *testing.T) {
	b := native(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ d, r int }{{1, 1}, {2, 1}, {2, 2}, {5, 2}, {17, 3}, {40, 1}, {40, 8}, {41, 41}, {130, 5}} {
		op, sigma := symmetricOf(b, rnd, c.d)
		x0 := random(rnd, c.d, c.r)
		k, z0 := basisOf(t, b, op, x0)
		for pass := 1; ; pass++ {
			n := k.Size()
			if k.Passes() != pass || k.Blocks() != pass || n > c.d {
				t.Fatalf("%+v: %d passes, %d blocks, %d vectors after %d extensions", c, k.Passes(), k.Blocks(), n, pass-1)
			}
			v := vectors(k)
			one := blas.NewGeneral[float64](n, n)
			h := blas.NewGeneral[float64](n, n)
			for i := range n {
				one.Row(i)[i] = 1
				for j := range n {
					h.Row(i)[j] = k.Projection().At(i, j)
				}
			}
			if e := largest(product(v, v, true), one); e > 5e-15 {
				t.Errorf("%+v, %d passes: VᵀV − 1 has %g", c, pass, e)
			}
			sv := product(sigma, v, false)
			if e := largest(product(v, sv, true), h); e > 1e-14 {
				t.Errorf("%+v, %d passes: VᵀΣV − H has %g", c, pass, e)
			}
			z := blas.NewGeneral[float64](n, c.r)
			z.RowsOf(0, z0.Rows).Copy(z0)
			if e := largest(product(v, z, false), x0); e > 1e-13 {
				t.Errorf("%+v, %d passes: V·Z_0 − X_0 has %g", c, pass, e)
			}
			// ‖ΣVw − VHw‖ = ‖B·w_last‖ for a random w.
			w := random(rnd, n, 1)
			left := product(sv, w, false)
			inside := product(v, product(h, w, false), false)
			for i := range left.Data {
				left.Data[i] -= inside.Data[i]
			}
			coupling := k.Coupling()
			outside := 0.0
			for i := range coupling.Rows {
				outside = math.Hypot(outside, dot(coupling.Row(i), w.Data[n-coupling.Cols:n]))
			}
			if e := math.Abs(nrm2(left.Data) - outside); e > 1e-13 {
				t.Errorf("%+v, %d passes: what leaves V is off by %g", c, pass, e)
			}
			// The small product is that of H.
			for _, r := range []int{1, 2, 3} {
				x, y := random(rnd, n, r), blas.NewGeneral[float64](n, r)
				if err := k.Projection().Mul(y, x); err != nil {
					t.Fatal(err)
				}
				if e := largest(y, product(h, x, false)); e > 1e-13 {
					t.Errorf("%+v: Hx of %d columns is off by %g", c, r, e)
				}
			}
			if k.Closed() {
				if n != c.d {
					t.Errorf("%+v: closed with %d vectors", c, n)
				}
				break
			}
			if err := k.Extend(); err != nil {
				t.Fatal(err)
			}
		}
		passes := k.Passes()
		if err := k.Extend(); err != nil || k.Passes() != passes {
			t.Errorf("%+v: a closed basis makes another pass", c)
		}
	}
}

// TestDeflation: columns of X_0 that depend on others, and an invariant subspace.
func TestDeflation(t *testing.T) {
	b := native(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	const d = 30
	lambda := make([]float64, d)
	for i := range lambda {
		lambda[i] = []float64{1, 0.5, -0.25}[i%3]
	}
	op := operator.NewDiagonal(b, lambda)
	x0 := random(rnd, d, 4)
	for i := range d {
		row := x0.Row(i)
		row[2] = row[0] - 2*row[1]
	}
	k, z0 := basisOf(t, b, op, x0)
	if k.Size() != 4 || z0.Rows != 4 || k.Guard() != 3 {
		t.Errorf("%d vectors and guard %d of four columns of rank 3", k.Size(), k.Guard())
	}
	for range 5 {
		if err := k.Extend(); err != nil {
			t.Fatal(err)
		}
	}
	if !k.Closed() || k.Size() != 12 || k.Passes() != 3 {
		t.Errorf("three eigenvalues, rank 3 and the guard: closed %t with %d vectors after %d passes; want 12 after 3", k.Closed(), k.Size(), k.Passes())
	}
	x := blas.NewGeneral[float64](d, 4)
	z := blas.NewGeneral[float64](12, 4)
	z.RowsOf(0, 4).Copy(z0)
	k.Form(x, z)
	if e := largest(x, x0); e > 1e-13 {
		t.Errorf("V·Z_0 is off by %g", e)
	}

	zero, z0 := basisOf(t, b, op, blas.NewGeneral[float64](d, 2))
	if zero.Size() != 1 || zero.Guard() != 0 || z0.Rows != 1 || nrm2(z0.Data) != 0 {
		t.Errorf("X_0 = 0: %d vectors, guard %d", zero.Size(), zero.Guard())
	}

	// However small a column is, it is a direction of its own.
	small := random(rnd, d, 2)
	for i := range d {
		small.Row(i)[1] *= 1e-30
	}
	if k, _ := basisOf(t, b, op, small); k.Size() != 3 {
		t.Errorf("a small column: %d vectors", k.Size())
	}
}

// TestSplit: Gram matrices survive the change of coordinates.
func TestSplit(t *testing.T) {
	b := native(t)
	rnd := rand.New(rand.NewPCG(5, 6))
	op, _ := symmetricOf(b, rnd, 25)
	k, _ := basisOf(t, b, op, random(rnd, 25, 3))
	followed := random(rnd, 25, 4)
	split := k.NewSplit(followed)
	for {
		for _, c := range []struct {
			of *Split
			u  blas.General[float64]
		}{{split, followed}, {k.NewSplit(followed), followed}} {
			in := c.of.Coordinates()
			if e := largest(in.RowsOf(0, k.Size()), k.Coordinates(c.u)); e > 1e-13 || in.Rows != k.Size()+4 {
				t.Errorf("%d vectors: Vᵀu is off by %g", k.Size(), e)
			}
			if e := largest(product(in, in, true), product(c.u, c.u, true)); e > 1e-12 {
				t.Errorf("%d vectors: UᵀU is off by %g", k.Size(), e)
			}
		}
		u := random(rnd, 25, 4)
		in := k.NewSplit(u).Coordinates()
		got := product(in, in, true)
		if e := largest(got, product(u, u, true)); e > 1e-12 {
			t.Errorf("%d vectors: UᵀU is off by %g", k.Size(), e)
		}
		if k.Closed() {
			return
		}
		if err := k.Extend(); err != nil {
			t.Fatal(err)
		}
	}
}

// broken is an operator that cannot be read the second time.
type broken struct {
	operator.Operator[float64]
	passes int
}

var errRead = errors.New("cannot be read")

func (o *broken) Mul(dst, x blas.General[float64]) error {
	if o.passes++; o.passes > 1 {
		return errRead
	}
	return o.Operator.Mul(dst, x)
}

// TestBroken: a pass that fails leaves the basis as it was.
func TestBroken(t *testing.T) {
	b := native(t)
	rnd := rand.New(rand.NewPCG(7, 8))
	op, _ := symmetricOf(b, rnd, 20)
	k, _ := basisOf(t, b, &broken{Operator: op}, random(rnd, 20, 2))
	if err := k.Extend(); !errors.Is(err, errRead) || k.Size() != 3 || k.Passes() != 1 || k.Closed() {
		t.Errorf("error %v, %d vectors, %d passes", err, k.Size(), k.Passes())
	}
}

// TestRitz: an eigenvalue of Σ lies within the residual of each Ritz value, and the
// leading ones converge.
func TestRitz(t *testing.T) {
	b := native(t)
	const d = 60
	for _, scale := range []float64{1, 1e150, 1e-150} {
		lambda := make([]float64, d)
		for i := range lambda {
			lambda[i] = scale * (1 - 1.5*float64(i)/d)
		}
		lambda[0] = 1.2 * scale
		rnd := rand.New(rand.NewPCG(9, 10))
		k, _ := basisOf(t, b, operator.NewDiagonal(b, lambda), random(rnd, d, 2))
		for range 14 {
			if err := k.Extend(); err != nil {
				t.Fatal(err)
			}
			p := k.Ritz(4)
			for i, v := range p.Values {
				nearest := math.Inf(1)
				for _, l := range lambda {
					nearest = min(nearest, math.Abs(l-v))
				}
				if nearest > p.Residuals[i] {
					t.Errorf("%d vectors: %g is %g from an eigenvalue, by its residual %g", k.Size(), v, nearest, p.Residuals[i])
				}
			}
		}
		if p := k.Ritz(1); math.Abs(p.Values[0]-1.2*scale) > 1e-7*scale || p.Residuals[0] > 1e-3*scale {
			t.Errorf("the first is %g with residual %g after %d passes", p.Values[0], p.Residuals[0], k.Passes())
		}
	}
}

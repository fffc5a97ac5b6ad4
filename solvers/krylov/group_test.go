package krylov

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"lowrank/blas"
	"lowrank/solvers/operator"
)

// counted counts its passes and their columns.
type counted struct {
	operator.Operator[float64]
	passes, columns int
}

func (o *counted) Mul(dst, x blas.General[float64]) error {
	o.passes, o.columns = o.passes+1, o.columns+x.Cols
	return o.Operator.Mul(dst, x)
}

// TestTogether: starts of one span begin in one basis, others in bases of their own that
// grow by the same passes, each as it would alone; a basis that all runs left grows no
// more.
func TestTogether(t *testing.T) {
	b := native(t)
	rnd := rand.New(rand.NewPCG(15, 16))
	const d = 40
	op, sigma := symmetricOf(b, rnd, d)
	first, second := random(rnd, d, 2), random(rnd, d, 3)
	scaled := first.Clone()
	for i := range scaled.Data {
		scaled.Data[i] *= 1e-7 / 3
	}
	one := blas.NewGeneral[float64](d, 1) // in the span of the first
	for i := range d {
		one.Row(i)[0] = first.Row(i)[0] - 2*first.Row(i)[1]
	}
	of := &counted{Operator: op}
	starts, err := New(b, of, first, second, scaled, first, one, blas.NewGeneral[float64](d, 1))
	if err != nil {
		t.Fatal(err)
	}
	same := starts[0].Basis
	if starts[1].Basis == same || starts[2].Basis != same || starts[3].Basis != same || starts[4].Basis == same || starts[5].Basis == same {
		t.Error("starts are in the wrong bases")
	}
	if same.Size() != 3 || starts[1].Basis.Size() != 4 || of.passes != 1 || of.columns != 3+4+2+1 {
		t.Errorf("%d and %d vectors after %d passes of %d columns", same.Size(), starts[1].Basis.Size(), of.passes, of.columns)
	}
	check := func(k *Basis) {
		t.Helper()
		n := k.Size()
		v, h := vectors(k), blas.NewGeneral[float64](k.Size(), k.Size())
		for i := range n {
			for j := range n {
				h.Row(i)[j] = k.Projection().At(i, j)
			}
		}
		if e := largest(product(v, product(sigma, v, false), true), h); e > 1e-13 {
			t.Errorf("%d vectors: VᵀΣV − H has %g", n, e)
		}
	}
	for i, x0 := range []blas.General[float64]{first, second, scaled, first, one} {
		x := blas.NewGeneral[float64](d, x0.Cols)
		z := blas.NewGeneral[float64](starts[i].Basis.Size(), x0.Cols)
		z.RowsOf(0, starts[i].Z.Rows).Copy(starts[i].Z)
		if starts[i].Basis.Form(x, z); largest(x, x0) > 1e-14*largest(x0, blas.NewGeneral[float64](d, x0.Cols))*10 {
			t.Errorf("start %d is off by %g", i, largest(x, x0))
		}
	}
	for range 3 { // by either
		if err := same.Extend(); err != nil {
			t.Fatal(err)
		}
		if err := starts[1].Basis.Extend(); err != nil {
			t.Fatal(err)
		}
	}
	if same.Passes() != 7 || starts[1].Basis.Passes() != 7 || of.passes != 7 || same.Size() != 21 || starts[1].Basis.Size() != 28 {
		t.Errorf("%d and %d vectors after %d passes", same.Size(), starts[1].Basis.Size(), of.passes)
	}
	check(same)
	check(starts[1].Basis)
	starts[1].Basis.Leave()
	columns := of.columns
	if err := same.Extend(); err != nil || of.columns != columns+3+2+1 || starts[1].Basis.Size() != 28 {
		t.Errorf("the next pass has %d columns, %v", of.columns-columns, err)
	}
	for range 2 {
		same.Leave()
	}
	if err := same.Extend(); err != nil || same.Size() != 27 {
		t.Errorf("%d vectors with a run in the basis, %v", same.Size(), err)
	}
	same.Leave()
	if err := starts[4].Basis.Extend(); err != nil || same.Size() != 27 {
		t.Errorf("%d vectors with no run in the basis, %v", same.Size(), err)
	}
}

// TestPairsTogether is TestTogether for two factors.
func TestPairsTogether(t *testing.T) {
	b := native(t)
	rnd := rand.New(rand.NewPCG(17, 18))
	const m, n = 30, 26
	a := random(rnd, m, n)
	x0, y0, other := random(rnd, m, 2), random(rnd, n, 2), random(rnd, n, 2)
	scaled := x0.Clone()
	for i := range scaled.Data {
		scaled.Data[i] *= 1e3
	}
	starts, err := NewPair(b, operator.RectangularOf(b, a), []blas.General[float64]{x0, scaled, x0}, []blas.General[float64]{y0, y0, other})
	if err != nil {
		t.Fatal(err)
	}
	if starts[0].Pair != starts[1].Pair || starts[2].Pair == starts[0].Pair {
		t.Error("starts are in the wrong bases")
	}
	for range 2 {
		if err := starts[0].Pair.Extend(); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range starts {
		k := s.Pair
		p, q := k.Sizes()
		if k.Passes() != 3 || p != 9 || q != 9 {
			t.Errorf("start %d: %d passes, %d and %d vectors", i, k.Passes(), p, q)
		}
		inner := blas.NewGeneral[float64](p, q)
		for i := range p {
			for j := range q {
				inner.Row(i)[j] = k.Inner().At(i, j)
			}
		}
		if e := largest(product(matrixOf(&k.left), product(a, matrixOf(&k.right), false), true), inner); e > 1e-13 {
			t.Errorf("start %d: PᵀAQ − B has %g", i, e)
		}
	}
	starts[2].Pair.Leave()
	if err := starts[0].Pair.Extend(); err != nil {
		t.Fatal(err)
	}
	if p, _ := starts[2].Pair.Sizes(); p != 9 {
		t.Errorf("%d vectors in bases that were left", p)
	}
}

// TestLeading: the leading eigenpairs, however often an eigenvalue is there; nil where
// the basis cannot have them.
func TestLeading(t *testing.T) {
	b := native(t)
	const d = 50
	lambda := make([]float64, d)
	for i := range lambda {
		lambda[i] = 0.8 - float64(i)/d
	}
	lambda[7], lambda[20], lambda[30] = 2, 2, 1.5 // one of them twice
	rnd := rand.New(rand.NewPCG(19, 20))
	op := operator.NewDiagonal(b, lambda)
	k, _ := basisOf(t, b, op, random(rnd, d, 3))
	p, err := k.Leading(t.Context(), 4, 1000)
	if err != nil || p == nil {
		t.Fatal(p, err)
	}
	want := slices.Clone(lambda)
	slices.Sort(want)
	slices.Reverse(want)
	for i, v := range p.Values {
		if e := math.Abs(v - want[i]); e > 1e-13 && i < 3 || e > p.Residuals[i] {
			t.Errorf("eigenvalue %d is %.16g, by its residual within %.2g; want %.16g", i+1, v, p.Residuals[i], want[i])
		}
		x, y := blas.NewGeneral[float64](d, 1), blas.NewGeneral[float64](d, 1)
		for j := range d {
			x.Data[j] = p.Vectors.Row(j)[i]
		}
		if err := op.Mul(y, x); err != nil {
			t.Fatal(err)
		}
		for j := range y.Data {
			y.Data[j] -= v * x.Data[j]
		}
		if r := nrm2(y.Data); r > p.Residuals[i]+1e-15 {
			t.Errorf("eigenvalue %d: the residual is %.2g, said to be %.2g", i+1, r, p.Residuals[i])
		}
	}
	if p.Passes != k.Passes() || !p.Converged {
		t.Errorf("%d passes of %d", p.Passes, k.Passes())
	}
	k, _ = basisOf(t, b, op, random(rnd, d, 2))
	if p, err := k.Leading(t.Context(), 4, 1000); p != nil || err != nil || k.Passes() != 1 {
		t.Errorf("three vectors gave four pairs: %v, %v", p, err)
	}
	if p, err := k.Leading(t.Context(), 3, 5); p != nil || err != nil || k.Blocks() != 5 {
		t.Errorf("%d blocks gave three pairs: %v, %v", k.Blocks(), p, err)
	}
}

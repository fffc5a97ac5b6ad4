package native

import (
	"fmt"
	"testing"

	"lowrank/blas"
	"lowrank/kernel"
)

// A sweep with the kernels of every row that this processor runs is compared with its
// definition, on small integers, so that every order of sums gives the same bits.
func TestSweeper(t *testing.T) {
	for _, name := range kernel.Compiled() {
		row, err := kernel.Choose(kernel.Detect(), name)
		if err != nil {
			continue // not for this processor
		}
		t.Run(name+"/f64", func(t *testing.T) { testSweepers(t, &row.F64) })
		t.Run(name+"/f32", func(t *testing.T) { testSweepers(t, &row.F32) })
	}
}

func testSweepers[T blas.Float](t *testing.T, k *kernel.Kernels[T]) {
	const room = 1 << 16 // elements of the largest operand, with its border
	s := sweeperTest[T]{x: newOperands[T](t, 1, room), y: newOperands[T](t, 2, room), k: k}
	for _, m := range []int{1, 2, 3, 4, 5, 8, 13, 32, 67, 95, 96, 97, 200} {
		for _, r := range []int{1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 65} {
			s.run(t, m, r, 0)
			s.run(t, m, r, 1+s.x.rnd.IntN(3))
		}
	}
	s.run(t, 2000, 2, 0)
	s.run(t, 1601, 1, 0)
}

type sweeperTest[T blas.Float] struct {
	x, y *operands[T]
	k    *kernel.Kernels[T]
}

// unit is −1, 0 or 1.
func (s *sweeperTest[T]) unit() T { return T(s.x.rnd.IntN(3) - 1) }

func (s *sweeperTest[T]) units(n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = s.unit()
	}
	return x
}

// operand has m rows of r elements ld apart.
func (s *sweeperTest[T]) operand(o *operands[T], m, r, ld int) []T {
	x := o.matrix(m, r, ld)
	for i, v := range x {
		if v == v {
			x[i] = s.unit()
		}
	}
	copy(o.copy, o.used)
	return x
}

// run compares the passes over m rows of r columns, a gap apart.
func (s *sweeperTest[T]) run(t *testing.T, m, r, gap int) {
	t.Helper()
	const eta = 2 // products of small integers stay exact
	name := fmt.Sprintf("m=%d r=%d gap=%d", m, r, gap)
	ld := r + gap
	x, y := s.operand(s.x, m, r, ld), s.operand(s.y, m, r, ld)
	g, lambda := s.units(r*r), s.units(m)
	for i := range r {
		for j := range i {
			g[j*r+i] = g[i*r+j]
		}
	}
	sw := newSweeper(s.k, r)

	// next sets v to X + η(Y − XG) for the given Y, and returns the norms. v may be X.
	next := func(v []T, y func(i, j int) T) (n blas.Norms) {
		row := make([]T, r)
		for i := range m {
			for j := range r {
				d := y(i, j)
				n.Product += float64(d) * float64(d)
				for c := range r {
					d -= x[i*ld+c] * g[c*r+j]
				}
				n.Gradient += float64(d) * float64(d)
				row[j] = x[i*ld+j] + eta*d
			}
			copy(v[i*ld:i*ld+r], row)
		}
		return n
	}
	check := func(kind string, v []T, norms blas.Norms) {
		t.Helper()
		gram := s.units(r * r)
		want := append([]T(nil), gram...)
		for i := range m {
			for a := range r {
				for b := range a + 1 {
					want[a*r+b] += v[i*ld+a] * v[i*ld+b]
				}
			}
		}
		sw.end(gram)
		for i, w := range want {
			if gram[i] != w {
				t.Fatalf("%s %s: Gram element %d is %v, want %v", kind, name, i, gram[i], w)
			}
		}
		if sw.norms != norms {
			t.Fatalf("%s %s: norms %v, want %v", kind, name, sw.norms, norms)
		}
	}

	sw.begin(nil)
	sw.add(m, x, ld)
	check("add", x, blas.Norms{})
	s.x.check("add %s: X", name)

	want := s.y.expected()
	norms := next(want, func(i, j int) T { return y[i*ld+j] })
	sw.begin(g)
	sw.update(m, eta, x, ld, y, ld)
	check("update", want, norms)
	s.y.check("update %s", name)
	s.x.check("update %s: X", name)

	want = s.x.expected()
	norms = next(want, func(i, j int) T { return lambda[i] * x[i*ld+j] })
	sw.begin(g)
	sw.diagonal(m, eta, lambda, x, ld)
	check("diagonal", want, norms)
	s.x.check("diagonal %s", name)
}

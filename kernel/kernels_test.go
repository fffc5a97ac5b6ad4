package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The micro-kernels of every row that this processor runs are compared with
// plain loops, on small integers, so that every order of sums and every way of
// rounding gives the same bits, between guards of NaN.
func TestKernels(t *testing.T) {
	for _, name := range Runnable(Detect()) {
		row, ok := compiled[name]
		if !ok {
			continue
		}
		t.Run(name+"/f64", func(t *testing.T) { testKernels(t, row.F64) })
		t.Run(name+"/f32", func(t *testing.T) { testKernels(t, row.F32) })
	}
}

const guard = 8

// integers returns n random small integers with NaN on both sides; inside is
// the part that a kernel may see.
func integers[T Float](rnd *rand.Rand, n int) (all, inside []T) {
	all = make([]T, n+2*guard)
	for i := range all {
		all[i] = T(math.NaN())
	}
	inside = all[guard : guard+n : guard+n]
	for i := range inside {
		inside[i] = T(rnd.IntN(7) - 3)
	}
	return all, inside
}

func guarded[T Float](t *testing.T, name string, all []T) {
	t.Helper()
	for i := range guard {
		if all[i] == all[i] || all[len(all)-1-i] == all[len(all)-1-i] {
			t.Fatalf("%s: wrote outside its buffer", name)
		}
	}
}

func equal[T Float](t *testing.T, name string, got, want []T) {
	t.Helper()
	for i, w := range want {
		if got[i] != w {
			t.Fatalf("%s: element %d is %v, want %v", name, i, got[i], w)
		}
	}
}

func testKernels[T Float](t *testing.T, k Kernels[T]) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, depth := range []int{0, 1, 2, 3, 7, 8, 64, k.KC} {
		name := fmt.Sprintf("Gemm k=%d", depth)
		_, a := integers[T](rnd, depth*k.MR)
		_, b := integers[T](rnd, depth*k.NR)
		ldc := k.NR + 3
		allC, c := integers[T](rnd, (k.MR-1)*ldc+k.NR)
		want := append([]T(nil), c...)
		for i := range k.MR {
			for j := range k.NR {
				for p := range depth {
					want[i*ldc+j] += a[p*k.MR+i] * b[p*k.NR+j]
				}
			}
		}
		k.Gemm(depth, a, b, c, ldc)
		equal(t, name, c, want)
		guarded(t, name, allC)
	}

	for w := 1; w <= k.PanelWidth; w++ {
		for _, m := range []int{1, 2, 3, 4, 5, 7, 8, 9, 16, 17} {
			for _, n := range []int{1, 2, 3, 4, 5, 8, 9, 31, k.Tile} {
				name := fmt.Sprintf("SymRows w=%d m=%d n=%d", w, m, n)
				lda := n + rnd.IntN(3)
				_, a := integers[T](rnd, (m-1)*lda+n)
				_, xi := integers[T](rnd, m*w)
				_, xj := integers[T](rnd, n*w)
				allI, yi := integers[T](rnd, m*w)
				allJ, yj := integers[T](rnd, n*w)
				wantI, wantJ := append([]T(nil), yi...), append([]T(nil), yj...)
				for i := range m {
					for j := range n {
						for c := range w {
							wantI[i*w+c] += a[i*lda+j] * xj[j*w+c]
							wantJ[j*w+c] += a[i*lda+j] * xi[i*w+c]
						}
					}
				}
				k.SymRows(m, n, w, a, lda, xi, yi, xj, yj)
				equal(t, name+" y_i", yi, wantI)
				equal(t, name+" y_j", yj, wantJ)
				guarded(t, name, allI)
				guarded(t, name, allJ)
			}
		}
	}

	for _, m := range []int{1, 2, 3, 4, 5, 8, 13} {
		for _, r := range []int{1, 2, 3, 4, 5, 8, 9, 33, 65} {
			testSweepKernels(t, k, rnd, m, r)
		}
	}
}

func testSweepKernels[T Float](t *testing.T, k Kernels[T], rnd *rand.Rand, m, r int) {
	const eta = 2 // products of small integers stay exact
	name := fmt.Sprintf("m=%d r=%d", m, r)
	ldx, ldy := r+rnd.IntN(3), r+rnd.IntN(3)
	allX, x := integers[T](rnd, (m-1)*ldx+r)
	allY, y := integers[T](rnd, (m-1)*ldy+r)
	_, g := integers[T](rnd, r*r)
	for i := range r {
		for j := range i {
			g[j*r+i] = g[i*r+j]
		}
	}
	_, lambda := integers[T](rnd, m)
	_, scratch := integers[T](rnd, r)
	allG, gram := integers[T](rnd, r*r)

	// next returns X + η(Y − XG) for the given Y, and the norms.
	next := func(y func(i, j int) T) (v []T, grad, size float64) {
		v = make([]T, m*r)
		for i := range m {
			for j := range r {
				d := y(i, j)
				size += float64(d) * float64(d)
				for c := range r {
					d -= x[i*ldx+c] * g[c*r+j]
				}
				grad += float64(d) * float64(d)
				v[i*r+j] = x[i*ldx+j] + eta*d
			}
		}
		return v, grad, size
	}
	// after is the Gram matrix that is left when the rows of v are added.
	after := func(v []T, ld int) []T {
		want := append([]T(nil), gram...)
		for i := range m {
			for a := range r {
				for b := range a + 1 {
					want[a*r+b] += v[i*ld+a] * v[i*ld+b]
				}
			}
		}
		return want
	}
	check := func(kind string, got []T, ld int, want, wantGram []T, norms, wantNorms [2]float64) {
		t.Helper()
		for i := range m {
			equal(t, kind+" "+name, got[i*ld:i*ld+r], want[i*r:(i+1)*r])
		}
		equal(t, kind+" Gram "+name, gram, wantGram)
		if norms != wantNorms {
			t.Fatalf("%s %s: norms %v, want %v", kind, name, norms, wantNorms)
		}
		guarded(t, kind+" "+name, allX)
		guarded(t, kind+" "+name, allY)
		guarded(t, kind+" "+name, allG)
	}

	wantGram := after(x, ldx)
	k.Gram(m, r, x, ldx, gram)
	equal(t, "Gram "+name, gram, wantGram)

	want, grad, size := next(func(i, j int) T { return y[i*ldy+j] })
	wantGram = after(want, r)
	gotGrad, gotSize := k.Update(m, r, eta, x, ldx, y, ldy, g, gram)
	check("Update", y, ldy, want, wantGram, [2]float64{gotGrad, gotSize}, [2]float64{grad, size})

	want, grad, size = next(func(i, j int) T { return lambda[i] * x[i*ldx+j] })
	clear(gram)
	wantGram = after(want, r)
	gotGrad, gotSize = k.Diagonal(m, r, eta, lambda, x, ldx, g, gram, scratch)
	check("Diagonal", x, ldx, want, wantGram, [2]float64{gotGrad, gotSize}, [2]float64{grad, size})
}

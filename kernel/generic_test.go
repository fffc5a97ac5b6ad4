package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestGenericKernelsOfAnyNumbers: a new row starts with generic kernels of its own
// numbers, whatever they are, and these do what every row must.
func TestGenericKernelsOfAnyNumbers(t *testing.T) {
	for _, n := range []Numbers{
		{MR: 6, NR: 8, KC: 40, Tile: 24, Lanes: 4},
		{MR: 6, NR: 8, KC: 40, Tile: 24, Lanes: 2}, // 128 bits of float64
		{MR: 4, NR: 6, KC: 40, Tile: 60, Lanes: 2},
		{MR: 12, NR: 16, KC: 40, Tile: 48, Lanes: 8},
		{MR: 3, NR: 4, KC: 50, Tile: 36, Lanes: 1},
	} {
		row := newRow("numbers", n, n)
		name := fmt.Sprintf("%d×%d lanes %d", n.MR, n.NR, n.Lanes)
		t.Run(name+"/f64", func(t *testing.T) { testKernels(t, row.F64) })
		t.Run(name+"/f32", func(t *testing.T) { testKernels(t, row.F32) })
		t.Run(name+"/narrow", func(t *testing.T) {
			testRounded(t, row)
			testNarrow(t, row.F32in64, row.F64)
			testNarrow(t, row.BF16in64, row.F64)
			testNarrow(t, row.BF16in32, row.F32)
		})
	}
}

// TestOneKernelMakesARow: over generic kernels of the same numbers, one kernel of the
// row in use is a row already.
func TestOneKernelMakesARow(t *testing.T) {
	full, err := Active()
	if err != nil {
		t.Fatal(err)
	}
	row := newRow(full.Name, full.F64.Numbers, full.F32.Numbers)
	last := row.F64.MR - 1
	row.F64.Gemm[last] = full.F64.Gemm[last]
	row.F32.Panel[0] = full.F32.Panel[0]
	t.Run("f64", func(t *testing.T) { testKernels(t, row.F64) })
	t.Run("f32", func(t *testing.T) { testKernels(t, row.F32) })
}

// TestGenericOrderOfSums holds the order in which generic kernels add against the
// rules: lane by lane in Dot, Asum and Read, one ascending chain elsewhere. Sums of
// the numbers round; their products are exact, so that it is the same where the
// compiler fuses them.
func TestGenericOrderOfSums(t *testing.T) {
	t.Run("f64", testGenericOrder[float64])
	t.Run("f32", testGenericOrder[float32])
}

func testGenericOrder[T Float](t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	numbers := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(math.Ldexp(float64(rnd.IntN(4095)-2047), rnd.IntN(41)-20))
		}
		return x
	}
	same := func(name string, n Numbers, got, want []T) {
		t.Helper()
		for i, w := range want {
			if got[i] != w {
				t.Fatalf("%s of %+v: element %d is %v, want %v", name, n, i, got[i], w)
			}
		}
	}
	for _, lanes := range []int{1, 2, 4, 8, 16} {
		n := Numbers{MR: 4, NR: max(4, lanes), KC: 64, Tile: 48, Lanes: lanes}
		k := genericKernels[T](n)
		// overLanes adds terms lane by lane, then neighbours, then pairs of them.
		overLanes := func(terms []T) []T {
			sums := make([]T, lanes)
			for i, v := range terms {
				sums[i%lanes] += v
			}
			for ; len(sums) > 1; sums = sums[:len(sums)/2] {
				for i := range len(sums) / 2 {
					sums[i] = sums[2*i] + sums[2*i+1]
				}
			}
			return sums
		}
		x, y := numbers(1024), numbers(1024)
		products, sizes := make([]T, len(x)), make([]T, len(x))
		for i, v := range x {
			products[i], sizes[i] = v*y[i], T(math.Abs(float64(v)))
		}
		same("Dot", n, []T{k.Dot(len(x), x, y)}, overLanes(products))
		same("Asum", n, []T{k.Asum(len(x), x)}, overLanes(sizes))
		same("Read", n, []T{k.Read[0](x)}, overLanes(x))

		// C += A·B, and Y_i += A·X_j: the sum from 0 up, then added.
		const depth = 48
		a, b, c := numbers(n.MR*depth), numbers(depth*n.NR), numbers(n.MR*n.NR)
		want := clone(c)
		for i := range n.MR {
			for j := range n.NR {
				var sum T
				for p := range depth {
					sum += a[i*depth+p] * b[p*n.NR+j]
				}
				want[i*n.NR+j] += sum
			}
		}
		for h := 1; h <= n.MR; h++ {
			got, edge := clone(c), clone(c)
			k.Gemm[h-1](depth, a, depth, 1, b, n.NR, got, n.NR)
			k.Edge[h-1](depth, n.NR-1, a, depth, 1, b, n.NR, edge, n.NR)
			same("Gemm", n, got, want[:h*n.NR])
			for i := range h {
				same("Edge", n, edge[i*n.NR:], want[i*n.NR:(i+1)*n.NR-1])
			}
		}
		got := clone(c)
		k.Strips(1, depth, a, depth, 1, 0, b, n.NR, got, n.NR, 0, b)
		same("Strips", n, got, want)
		got = clone(c)
		k.PanelForward[1](n.MR, depth, a, depth, 0, got, b)
		same("PanelForward", n, got, want)
		got, unused := clone(c), make([]T, depth*n.NR)
		k.Panel[1](n.MR, depth, a, depth, 0, make([]T, n.MR*n.NR), got, b, unused)
		same("Panel", n, got, want)
	}
}

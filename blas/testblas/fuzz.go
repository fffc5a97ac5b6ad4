package testblas

import (
	"fmt"
	"math"
	"testing"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// The fuzzers multiply small integers, so that a plain loop gives the same
// bits. Without -fuzz they run their seeds: shapes at the seams of the blocks
// of the active row.

// onThreads opens a backend on 1, 2 and 3 threads.
func onThreads(f *testing.F, backend string) (b [3]*blas.Backend) {
	for i := range b {
		var err error
		if b[i], err = blas.Open(backend, i+1); err != nil {
			f.Fatal(err)
		}
	}
	return b
}

// gapOf takes the gap between rows from two bits of gaps.
func gapOf(gaps uint8, operand int) int { return [4]int{0, 1, 3, 61}[gaps>>(2*operand)&3] }

// factor is a whole number from −3 to 3: products with it stay exact.
func factor(v int8) int { return int(v) % 4 }

const (
	fuzzSize = 300     // the largest size of a shape that is not thin
	fuzzWork = 1 << 24 // multiply-adds of the plain loop
	fuzzArea = 1 << 21 // elements of a matrix
)

// fit makes a shape small enough for the plain loop. Thin ones stay as long as
// they are.
func fit(m, n, k uint16) (int, int, int) {
	a, b, c := int(m), int(n), int(k)
	if a*b*c > fuzzWork || max(a*b, a*c, b*c) > fuzzArea {
		return a % (fuzzSize + 1), b % (fuzzSize + 1), c % (fuzzSize + 1)
	}
	return a, b, c
}

// FuzzGemm compares the backend's general product with plain loops.
func FuzzGemm(f *testing.F, backend string) {
	b := onThreads(f, backend)
	doubles := gemmSeeds[float64]()
	for s, shape := range append(doubles, gemmSeeds[float32]()...) {
		m, n, k := shape[0], shape[1], shape[2]
		for op := range 4 { // α and β go through their values apart from it, α = 0 now and then
			i := 4*s + op
			f.Add(uint16(m), uint16(n), uint16(k), op&1 != 0, op&2 != 0, s >= len(doubles), uint8(37*i), int8((i+7*s)%5-1), int8((s+i/3)%4-1), uint8(i+s), uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, m, n, k uint16, tA, tB, single bool, gaps uint8, alpha, beta int8, threads uint8, seed uint64) {
		on := b[threads%3]
		c := call{tA: tA, tB: tB, gaps: gaps, alpha: factor(alpha), beta: factor(beta), seed: seed}
		c.m, c.n, c.k = fit(m, n, k)
		if single {
			fuzzGemm[float32](t, on, c)
		} else {
			fuzzGemm[float64](t, on, c)
		}
	})
}

func gemmSeeds[T blas.Float]() [][3]int {
	n, b := blocksOf[T]()
	mr, nr, kc, mc := n.MR, n.NR, n.KC, b.MC
	return [][3]int{
		{0, 5, 5}, {5, 0, 5}, {5, 5, 0}, {1, 1, 1}, // empty and single
		{5, 5, 5}, {33, 33, 33}, {48, 48, 48}, {49, 48, 48}, // r×r, as the passes round another BLAS need
		{5000, 3, 5}, {300, 2, 300}, {3, 5000, 5}, {2, 3000, 60}, {60, 1025, 49}, // tall, wide
		{5, 5, 5000}, {7, 3, 4999}, {40, 33, 2048}, {129, 128, 1000}, // long sums
		{3, 34, 4099}, {34, 3, 4099}, {47, 2, 5003}, {4, 1, 4100}, {1, 11, 9001}, {1, 1, 4099}, {9, 37, 4099}, {12, 64, 2111}, // with few vectors
		{250, 2, 4090}, {2, 250, 4090}, {255, 4, 4095}, {241, 1, 3857}, {2, 120, 2048}, {1, 127, 2047}, // on one side of the seams and the other
		{3, 2000, 31}, {2, 1999, 35}, {1001, 4, 33}, {999, 1, 23}, {12, 2011, 37}, {5, 1203, 64}, {1203, 11, 50},
		{mr - 1, nr - 1, kc - 1}, {mr, nr, kc}, {mr + 1, nr + 1, kc + 1}, {2*mr + 1, 3*nr - 1, 2*kc + 1},
		{16 * mr, 40, 50}, {16*mr + 1, 41, 50}, {100, 16 * nr, 51}, {100, 16*nr + 1, 50},
		{mc - 1, nr + 1, kc + 1}, {mc, 193, 60}, {mc + 1, nr - 1, kc - 1},
		{2*mc + 1, 2*nr + 1, kc + 1}, {2*mc + 1, 193, 20}, {8*mc + 1, 2*nr - 1, 20},
	}
}

// call is one call of the GEMM family.
type call struct {
	m, n, k     int
	tA, tB      bool
	upper       bool // of Syrk
	gaps        uint8
	alpha, beta int
	seed        uint64
}

// operandOf fills op(A) = rows×cols. With α = 0 it must not be read.
func operandOf[T blas.Float](rnd *source, c call, which int, trans bool, rows, cols int) guarded[T] {
	if trans {
		rows, cols = cols, rows
	}
	a := newGuarded[T](rnd, rows, cols, gapOf(c.gaps, which))
	if c.alpha == 0 {
		a.fill(math.NaN())
	}
	return a
}

// combine sets to = α op(A) op(B) + β·to.
func combine[T blas.Float](c call, to, a, b blas.General[T]) {
	s := blas.NewGeneral[T](c.m, c.n)
	if c.alpha != 0 {
		right := blas.NewGeneral[T](c.k, c.n)
		for p := range c.k {
			for j := range c.n {
				right.Row(p)[j] = at(b, c.tB, p, j)
			}
		}
		s = product(c.tA, a, right)
	}
	for i := range c.m {
		for j, v := range s.Row(i) {
			to.Row(i)[j] = T(c.alpha)*v + T(c.beta)*to.Row(i)[j]
		}
	}
}

func fuzzGemm[T blas.Float](t *testing.T, b *blas.Backend, c call) {
	name := fmt.Sprintf("%T %+v threads=%d", T(0), c, b.Threads)
	rnd := newSource(t, c.seed, 11)
	a := operandOf[T](rnd, c, 0, c.tA, c.m, c.k)
	bb := operandOf[T](rnd, c, 1, c.tB, c.k, c.n)
	to := newGuarded[T](rnd, c.m, c.n, gapOf(c.gaps, 2))
	want := to.Clone()
	combine(c, want, a.General, bb.General)
	if c.beta == 0 { // must not be read
		to.fill(math.NaN())
	}
	a0, b0 := a.Clone(), bb.Clone()
	blas.RoutinesOf[T](b.BLAS).Gemm(op(c.tA), op(c.tB), c.m, c.n, c.k, T(c.alpha), a.Data, a.Stride, bb.Data, bb.Stride, T(c.beta), to.Data, to.Stride)
	to.same(t, name, want)
	to.intact(t, name)
	a.untouched(t, name+": A", a0)
	bb.untouched(t, name+": B", b0)
}

// FuzzSyrk compares the backend's products A·Aᵀ and Aᵀ·A with plain loops.
func FuzzSyrk(f *testing.F, backend string) {
	b := onThreads(f, backend)
	for s, shape := range append(syrkSeeds[float64](), syrkSeeds[float32]()...) {
		f.Add(uint16(shape[0]), uint16(shape[1]), s&1 != 0, s&2 != 0, s%3 == 0, uint8(37*s), int8(s%5-1), int8(s%4-1), uint8(s), uint64(s))
	}
	f.Fuzz(func(t *testing.T, n, k uint16, trans, upper, single bool, gaps uint8, alpha, beta int8, threads uint8, seed uint64) {
		on := b[threads%3]
		c := call{tA: trans, upper: upper, gaps: gaps, alpha: factor(alpha), beta: factor(beta), seed: seed}
		c.m, c.n, c.k = fit(n, n, k)
		if single {
			fuzzSyrk[float32](t, on, c)
		} else {
			fuzzSyrk[float64](t, on, c)
		}
	})
}

func syrkSeeds[T blas.Float]() [][2]int {
	n, b := blocksOf[T]()
	mr, nr, kc, mc := n.MR, n.NR, n.KC, b.MC
	return [][2]int{
		{0, 5}, {5, 0}, {1, 1}, {5, 5}, {33, 33}, {48, 48}, {49, 49},
		{300, 2}, {500, 1}, {700, 20}, // little but the triangle
		{1, 5000}, {2, 5000}, {5, 4999}, {33, 2048}, {65, 2047}, {80, 2500}, // Gram matrices
		{mr - 1, kc - 1}, {mr, kc}, {mr + 1, kc + 1}, {nr - 1, 2*kc + 1}, {nr, kc}, {nr + 1, 77},
		{2*nr - 1, kc}, {3*nr + 1, 50}, {16*mr + 1, 50}, {16*nr + 1, 30},
		{mc - 1, kc + 1}, {mc, kc}, {mc + 1, kc - 1}, {2*mc + 1, 60}, {min(8*mc+1, 1400), 7},
	}
}

func fuzzSyrk[T blas.Float](t *testing.T, b *blas.Backend, c call) {
	name := fmt.Sprintf("%T %+v threads=%d", T(0), c, b.Threads)
	rnd := newSource(t, c.seed, 12)
	a := operandOf[T](rnd, c, 0, c.tA, c.n, c.k)
	to := newGuarded[T](rnd, c.n, c.n, gapOf(c.gaps, 2))
	uplo := gblas.Lower
	if c.upper {
		uplo = gblas.Upper
	}
	to.halve(uplo) // neither read nor written
	c.tB = !c.tA
	want := to.Clone()
	combine(c, want, a.General, a.General)
	if c.beta == 0 { // must not be read
		to.fill(math.NaN())
	}
	a0 := a.Clone()
	blas.RoutinesOf[T](b.BLAS).Syrk(uplo, op(c.tA), c.n, c.k, T(c.alpha), a.Data, a.Stride, T(c.beta), to.Data, to.Stride)
	to.untouched(t, name, want) // with NaN where nothing is written
	a.untouched(t, name+": A", a0)
}

// FuzzSymmetric compares the fused product with a symmetric matrix with plain
// loops.
func FuzzSymmetric(f *testing.F, backend string) {
	b := onThreads(f, backend)
	for s, shape := range append(symmetricSeeds[float64](), symmetricSeeds[float32]()...) {
		f.Add(uint16(shape[0]), uint8(shape[1]-1), s%3 == 0, uint8(37*s), uint8(s), uint64(s))
	}
	f.Fuzz(func(t *testing.T, n uint16, r uint8, single bool, gaps, threads uint8, seed uint64) {
		on, dim, cols := b[threads%3], int(n)%701, int(r)%40+1
		if single {
			fuzzSymmetric[float32](t, on, dim, cols, gaps, seed)
		} else {
			fuzzSymmetric[float64](t, on, dim, cols, gaps, seed)
		}
	})
}

func symmetricSeeds[T blas.Float]() [][2]int {
	n, _ := blocksOf[T]()
	tile, lanes, nr := n.Tile, n.Lanes, n.NR
	seeds := [][2]int{
		{0, 1}, {1, 1}, {2, 3}, {11, 40}, {47, 5}, {48, 6}, {49, 7}, {500, 1}, {700, 2}, {699, 4},
		{tile - 1, 1}, {tile, 2}, {tile + 1, 3}, {2*tile - 1, 4}, {2 * tile, 5}, {2*tile + 1, 8}, {3*tile + 13, 2},
	}
	for _, r := range []int{lanes - 1, lanes, lanes + 1, lanes + 4, lanes + 5, nr - 1, nr, nr + 1, nr + lanes, 2*nr - 1, 2*nr + 1, 33, 39, 40} {
		seeds = append(seeds, [2]int{tile + 7*r, min(max(r, 1), 40)})
	}
	return seeds
}

func fuzzSymmetric[T blas.Float](t *testing.T, b *blas.Backend, n, r int, gaps uint8, seed uint64) {
	name := fmt.Sprintf("%T n=%d r=%d gaps=%#x seed=%d threads=%d", T(0), n, r, gaps, seed, b.Threads)
	rnd := newSource(t, seed, 13)
	a := newGuarded[T](rnd, n, n, 0)
	s := blas.FusedOf[T](b).NewSymmetric(n, func(i int, dst []T) { copy(dst, a.Row(i)[:i+1]) })
	line := newGuarded[T](rnd, 1, max(n, 1), 0)
	for i := range n {
		s.Row(i, line.Data[:i+1])
		for j, v := range a.Row(i)[:i+1] {
			if line.Data[j] != v {
				t.Fatalf("%s: stored element (%d, %d) is %v, want %v", name, i, j, line.Data[j], v)
			}
		}
	}
	x, y := newGuarded[T](rnd, n, r, gapOf(gaps, 0)), newGuarded[T](rnd, n, r, gapOf(gaps, 1))
	want := blas.NewGeneral[T](n, r)
	for i := range n {
		to := want.Row(i)
		for j := range n {
			v := a.Row(max(i, j))[min(i, j)]
			for c, u := range x.Row(j) {
				to[c] += v * u
			}
		}
	}
	x0 := x.Clone()
	p := s.NewProduct(r)
	for range 2 { // nothing may be left over from the first call
		y.fill(math.NaN())
		p.Mul(y.General, x.General)
		y.same(t, name, want)
	}
	y.intact(t, name)
	x.untouched(t, name+": x", x0)
}

package native

import (
	"math/rand/v2"
	"testing"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

const noTrans, trans = gblas.NoTrans, gblas.Trans

// general is a call of Gemm without gaps between rows and without operands.
func general[T blas.Float](tA, tB gblas.Transpose, m, n, k int, alpha T) *call[T] {
	_, lda := stored(tA, m, k)
	_, ldb := stored(tB, k, n)
	return &call[T]{
		fused: fusedOf[T](1), m: m, n: n, k: k, alpha: alpha, ldc: n, triangle: gblas.All,
		a: generalOperand[T](tA, nil, lda), b: generalOperand[T](tB, nil, ldb), asStored: tB == noTrans,
	}
}

// Shapes on both sides of every boundary.
func TestChoose(t *testing.T) {
	seen := map[way]bool{}
	for _, c := range []struct {
		tA, tB  gblas.Transpose
		m, n, k int
		alpha   float64
		want    way
	}{
		{noTrans, noTrans, 5, 5, 5, 0, onlyScaled},
		{noTrans, trans, 5, 5, 0, 1, onlyScaled},
		// smallBelow, and what may be used where it lies
		{noTrans, noTrans, 48, 48, 48, 1, inPlace},
		{trans, noTrans, 48, 48, 48, 1, inPlace},
		{noTrans, noTrans, 48, 48, 48, 2, alone},
		{noTrans, trans, 48, 48, 48, 1, alone},
		{noTrans, noTrans, 48, 48, 49, 1, fiveLoops},
		{noTrans, trans, 48, 48, 49, 1, fiveLoops},
		// narrowMost
		{noTrans, noTrans, 4000, 2, 2, 1, plainLoops},
		{noTrans, noTrans, 4000, 1, 1, 1, plainLoops},
		{noTrans, noTrans, 4000, 3, 2, 1, inPlace},
		{noTrans, noTrans, 4000, 2, 3, 1, inPlace},
		{trans, noTrans, 4000, 2, 2, 1, inPlace},
		{noTrans, noTrans, 20_000, 3, 2, 1, vectorsByRows},
		// skinnyFrom and columnUnit
		{noTrans, trans, 64, 2, 64, 1, vectorsByRows},
		{noTrans, trans, 64, 2, 63, 1, alone},
		{noTrans, trans, 48, 2, 100, 1, vectorsByRows},
		{noTrans, trans, 47, 2, 100, 1, alone},
		// skinnyRatio
		{noTrans, trans, 100, 2, 1600, 1, vectorsByRows},
		{noTrans, trans, 100, 2, 1601, 1, fiveLoops},
		// longSums
		{noTrans, trans, 100, 2, 2048, 1, vectorsBySums},
		{noTrans, trans, 100, 2, 2047, 1, fiveLoops},
		{noTrans, noTrans, 100, 2, 2048, 1, sumsCut}, // elements of the vectors lie apart
		{noTrans, noTrans, 100, 1, 2048, 1, vectorsBySums},
		{noTrans, trans, 128, 2, 2048, 1, vectorsByRows},
		{noTrans, trans, 127, 2, 2048, 1, vectorsBySums},
		// skinnyInner
		{trans, noTrans, 2000, 2, 4096, 1, vectorsByColumns},
		{trans, noTrans, 2000, 2, 4097, 1, sumsCut},
		{trans, noTrans, 2000, 5, 100, 1, fiveLoops},
		// skinnyMost, skinnyFew and skinnyFlat: more than four vectors
		{noTrans, noTrans, 12, 1024, 64, 1, vectorsByColumns},
		{noTrans, noTrans, 13, 1024, 64, 1, fiveLoops},
		{noTrans, noTrans, 9, 1040, 65, 1, fiveLoops},
		{noTrans, noTrans, 9, 1023, 64, 1, fiveLoops},
		{noTrans, noTrans, 1024, 9, 64, 1, fiveLoops},
		{noTrans, trans, 9, 64, 5000, 1, vectorsBySums},
		{noTrans, trans, 9, 65, 5000, 1, sumsCut},
		{noTrans, trans, 9, 12, 5000, 1, vectorsBySums},
		{noTrans, trans, 9, 11, 5000, 1, sumsCut},
		{trans, trans, 9, 64, 5000, 1, sumsCut},
		{noTrans, trans, 12, 9, 5000, 1, sumsCut},
		// stretchedBelow and stretchedFrom
		{noTrans, noTrans, 128, 128, 2048, 1, sumsCut},
		{noTrans, noTrans, 128, 128, 2047, 1, fiveLoops},
		{noTrans, noTrans, 129, 128, 2048, 1, fiveLoops},
	} {
		seen[c.want] = true
		if got := general(c.tA, c.tB, c.m, c.n, c.k, c.alpha).choose(); got != c.want {
			t.Errorf("%c%c %d×%d×%d, α = %v goes by %q, want %q", c.tA, c.tB, c.m, c.n, c.k, c.alpha, got, c.want)
		}
		if c.alpha != 1 {
			continue
		}
		if got := general(c.tA, c.tB, c.m, c.n, c.k, float32(1)).choose(); got != c.want {
			t.Errorf("float32: %c%c %d×%d×%d goes by %q, want %q", c.tA, c.tB, c.m, c.n, c.k, got, c.want)
		}
	}
	for w := range wayNames {
		if !seen[way(w)] {
			t.Errorf("no shape goes by %q", way(w))
		}
	}
}

// A triangle and a symmetric operand go by packed blocks.
func TestChooseOfSymmetric(t *testing.T) {
	for _, c := range []struct {
		m, n, k  int
		triangle gblas.Uplo
		ofA      gblas.Uplo
		want     way
	}{
		{2, 2, 5000, gblas.Lower, gblas.All, alone},
		{48, 48, 48, gblas.Upper, gblas.All, alone},
		{64, 64, 2048, gblas.Lower, gblas.All, sumsCut},
		{500, 500, 2, gblas.Lower, gblas.All, fiveLoops},
		{4, 4, 4, gblas.All, gblas.Lower, alone},
		{4000, 2, 4000, gblas.All, gblas.Upper, sumsCut},
		{500, 500, 500, gblas.All, gblas.Lower, fiveLoops},
	} {
		p := general(noTrans, noTrans, c.m, c.n, c.k, 1.)
		p.triangle, p.a.stored, p.asStored = c.triangle, c.ofA, false
		if got := p.choose(); got != c.want {
			t.Errorf("%+v goes by %q", c, got)
		}
	}
}

// The kernels take the products with vectors from these sizes on.
func TestChooseWithVectors(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want bool
	}{
		{"gemv f64 19×56", ownGemv[float64](19, 56), true},
		{"gemv f64 18×56", ownGemv[float64](18, 56), false},
		{"gemv f64 99×55", ownGemv[float64](99, 55), false},
		{"gemv f32 32×8", ownGemv[float32](32, 8), true},
		{"gemv f32 31×8", ownGemv[float32](31, 8), false},
		{"gemv f32 99×7", ownGemv[float32](99, 7), false},
		{"symv 32", ownSymv(32), true},
		{"symv 31", ownSymv(31), false},
		{"ger f64 9×192", ownGer[float64](9, 192, 1, 1), true},
		{"ger f64 9×191", ownGer[float64](9, 191, 1, 1), false},
		{"ger f64 9×191, x backwards", ownGer[float64](9, 191, -1, 1), true},
		{"ger f64 9×191, y backwards", ownGer[float64](9, 191, 1, -1), true},
		{"ger f32 9×384", ownGer[float32](9, 384, 1, 1), true},
		{"ger f32 9×383", ownGer[float32](9, 383, 1, 1), false},
		{"ger f64 1024×128", ownGer[float64](1024, 128, 1, 1), true},
		{"ger f64 1023×128", ownGer[float64](1023, 128, 1, 1), false},
		{"ger by fours f64 1024×128", gerByFours[float64](1024, 128), true},
		{"ger by fours f64 1024×1024", gerByFours[float64](1024, 1024), false},
		{"ger by fours f64 1025×1024", gerByFours[float64](1025, 1024), true},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", c.name, c.got)
		}
	}
}

// Every call has a way, whatever its shape, and the number of threads does not choose it.
func TestChooseIsTotal(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	size := func() int { return rnd.IntN(1 << rnd.IntN(16)) }
	for range 100_000 {
		tA, tB := pick(rnd, noTrans, trans), pick(rnd, noTrans, trans)
		p := general(tA, tB, 1+size(), 1+size(), size(), pick(rnd, 0, 1, 0.5))
		w := p.choose()
		if int(w) >= len(wayNames) {
			t.Fatalf("%d×%d×%d goes by way %d", p.m, p.n, p.k, w)
		}
		p.threads = 64
		if p.choose() != w {
			t.Fatalf("%d×%d×%d goes another way on 64 threads", p.m, p.n, p.k)
		}
	}
}

// Every way that fits a product gives the same product: of small integers, to the bit.
func TestWaysAgree(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	integers := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(rnd.IntN(9) - 4)
		}
		return x
	}
	for _, c := range []struct {
		tA, tB  gblas.Transpose
		m, n, k int
		ways    []way
	}{
		{noTrans, noTrans, 70, 2, 2, []way{plainLoops, inPlace, alone, fiveLoops, vectorsByRows}},
		{noTrans, noTrans, 53, 31, 47, []way{inPlace, alone, fiveLoops}},
		{noTrans, trans, 60, 3, 2100, []way{alone, sumsCut, fiveLoops, vectorsByRows, vectorsBySums}},
		{noTrans, noTrans, 70, 60, 2100, []way{alone, sumsCut, fiveLoops}},
		{trans, noTrans, 500, 4, 61, []way{alone, fiveLoops, vectorsByColumns}},
	} {
		a, b, c0 := integers(c.m*c.k), integers(c.k*c.n), integers(c.m*c.n)
		var first []float64
		for _, w := range c.ways {
			p := general(c.tA, c.tB, c.m, c.n, c.k, 1.)
			p.threads, p.beta, p.a.data, p.b.data = 2, 3, a, b
			p.c = append([]float64(nil), c0...)
			p.multiply(w)
			if first == nil {
				first = p.c
			}
			for i, v := range p.c {
				if v != first[i] {
					t.Fatalf("%d×%d×%d: element %d is %v by %q and %v by %q", c.m, c.n, c.k, i, v, w, first[i], c.ways[0])
				}
			}
		}
	}
}

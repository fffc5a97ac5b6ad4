package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// TestNarrow compares the kernels for narrow matrices with those for wide ones
// of the same row, bit for bit, on numbers that round; TestKernels compares the
// latter with plain loops. Operands end at a protected page, and gaps between
// rows are NaN.
func TestNarrow(t *testing.T) {
	for _, name := range Runnable(Detect()) {
		row, ok := compiled[name]
		if !ok {
			continue
		}
		t.Run(name+"/f32 in f64", func(t *testing.T) { testNarrow(t, row.F32in64, row.F64) })
		t.Run(name+"/bf16 in f64", func(t *testing.T) { testNarrow(t, row.BF16in64, row.F64) })
		t.Run(name+"/bf16 in f32", func(t *testing.T) { testNarrow(t, row.BF16in32, row.F32) })
	}
}

// narrowed is the element of type S nearest to v.
func narrowed[S Stored](v float64) S {
	var s S
	switch p := any(&s).(type) {
	case *uint16:
		*p = RoundBF16(v)
	case *float32:
		*p = float32(v)
	case *float64:
		*p = v
	}
	return s
}

func testNarrow[S Stored, T Float](t *testing.T, narrow Narrow[S, T], k Kernels[T]) {
	rnd := rand.New(rand.NewPCG(5, 6))
	number := func() float64 { return rnd.NormFloat64() * math.Exp2(float64(rnd.IntN(9)-4)) }
	// matrix is four rows as they are stored and widened.
	matrix := func(n, ld int) ([]S, []T) {
		a, wide := fenced[S](t, 3*ld+n), make([]T, 3*ld+n)
		for i := range a {
			a[i] = narrowed[S](math.NaN())
			if i%ld < n {
				a[i] = narrowed[S](number())
			}
			wide[i] = widened[S, T](a[i])
		}
		return a, wide
	}
	vector := func(n int) []T {
		x := fenced[T](t, n)
		for i := range x {
			x[i] = T(number())
		}
		return x
	}
	same := func(name string, n int, got, want []T) {
		t.Helper()
		if !slices.Equal(got, want) { // no NaN is equal to another
			t.Fatalf("%s n=%d: %v, want %v", name, n, got, want)
		}
	}
	for v := range 70 {
		n := v * k.Lanes
		lda, ldb := n+1+2*rnd.IntN(2), max(n, 1)+rnd.IntN(4) // n is even
		a, wideA := matrix(n, lda)
		b, wideB := matrix(n, ldb)
		a0, b0 := slices.Clone(a), slices.Clone(b)
		x, c, out, y := vector(n), vector(4), vector(4), vector(n)
		wantOut, wantY := clone(out), clone(y)

		narrow.Dots(n, a, lda, x, out)
		k.Dots(n, wideA, lda, x, wantOut)
		same("Dots", n, out, wantOut)
		narrow.Combine(n, a, lda, c, y)
		k.Combine(n, wideA, lda, c, wantY)
		same("Combine", n, y, wantY)
		narrow.Normal(n, a, lda, x, out, b, ldb, c, y)
		k.Normal(n, wideA, lda, x, wantOut, wideB, ldb, c, wantY)
		same("Normal, products", n, out, wantOut)
		same("Normal, sum", n, y, wantY)
		testNormal2(t, n, a, lda, b, ldb, narrow, vector)
		testNormal2(t, n, wideA, lda, wideB, ldb, Narrow[T, T]{Normal: k.Normal, Normal2: k.Normal2}, vector)
		for i := range a {
			if a[i] != a0[i] && a[i] == a[i] {
				t.Fatalf("n=%d: A is written to", n)
			}
		}
		for i := range b {
			if b[i] != b0[i] && b[i] == b[i] {
				t.Fatalf("n=%d: B is written to", n)
			}
		}
	}

	// Every exponent and the largest and smallest numbers, one in each lane.
	n := 2 * k.Lanes
	x, wantY := vector(n), make([]T, n)
	for i := range x {
		x[i] = 1
	}
	for e := range 1 << 9 {
		a := fenced[S](t, 4*n)
		wide := make([]T, 4*n)
		for i := range a {
			a[i] = narrowed[S](float64(math.Float32frombits(uint32(e)<<23 | uint32(i*0x10000)&0x7fffff)))
			wide[i] = widened[S, T](a[i])
		}
		y := make([]T, n)
		clear(wantY)
		c := []T{0, 1, 0, 0}
		narrow.Combine(n, a, n, c, y)
		k.Combine(n, wide, n, c, wantY)
		for i := range y {
			if y[i] != wantY[i] && (y[i] == y[i] || wantY[i] == wantY[i]) {
				t.Fatalf("exponent %#x: element %d is %v, want %v", e, i, y[i], wantY[i])
			}
		}
	}
}

// testNormal2 compares Normal2 with Normal of the same row, run by run and bit for
// bit.
func testNormal2[S Stored, T Float](t *testing.T, n int, a []S, lda int, b []S, ldb int, k Narrow[S, T], vector func(n int) []T) {
	t.Helper()
	type run struct{ x, out, c, y []T }
	var runs, want [2]run
	for i := range runs {
		r := run{vector(n), vector(4), vector(4), vector(n)}
		w := run{r.x, slices.Clone(r.out), slices.Clone(r.c), slices.Clone(r.y)}
		k.Normal(n, a, lda, w.x, w.out, b, ldb, w.c, w.y)
		runs[i], want[i] = r, w
	}
	k.Normal2(n, a, lda, b, ldb, runs[0].x, runs[0].out, runs[0].c, runs[0].y, runs[1].x, runs[1].out, runs[1].c, runs[1].y)
	for i, r := range runs {
		if !slices.Equal(r.out, want[i].out) || !slices.Equal(r.c, want[i].c) || !slices.Equal(r.y, want[i].y) {
			t.Fatalf("Normal2 n=%d, run %d of 2: other bits than Normal", n, i+1)
		}
	}
}

func TestNarrowOf(t *testing.T) {
	row := genericRow
	if NarrowOf[uint16, float64](row).Dots == nil || NarrowOf[uint16, float32](row).Combine == nil || NarrowOf[float32, float64](row).Normal == nil || NarrowOf[float32, float64](row).Normal2 == nil ||
		NarrowOf[float64, float64](row).Normal2 == nil || NarrowOf[float32, float32](row).Normal2 == nil ||
		NarrowOf[float64, float64](row).Normal == nil || NarrowOf[float32, float32](row).Dots == nil {
		t.Error("a kernel is missing")
	}
	defer func() {
		if recover() == nil {
			t.Error("float64 under float32 is accepted")
		}
	}()
	NarrowOf[float64, float32](row)
}

// Of every two neighbouring bfloat16, what lies between them goes to the nearer
// one, and half-way to the even one. All midpoints are exact in float64.
func TestRoundBF16(t *testing.T) {
	check := func(x float64, want uint16) {
		t.Helper()
		if got := RoundBF16(x); got != want {
			t.Fatalf("%g (%x) is rounded to %#04x, want %#04x", x, math.Float64bits(x), got, want)
		}
		if got := RoundBF16(-x); got != want^0x8000 {
			t.Fatalf("%g is rounded to %#04x, want %#04x", -x, got, want^0x8000)
		}
	}
	rnd := rand.New(rand.NewPCG(7, 8))
	for b := range uint16(0x7f80) {
		low, high := float64(BF16(b)), float64(BF16(b+1))
		if b == 0x7f7f {
			high = 0x1p128 // where the next one would be
		}
		middle := low + (high-low)/2
		even := b + b&1
		check(low, b)
		check(middle, even)
		check(math.Nextafter(middle, 0), b)
		check(math.Nextafter(middle, math.Inf(1)), b+1)
		// To float32 first, this would be rounded to the middle, then to even.
		check(middle*(1-0x1p-40), b)
		check(middle*(1+0x1p-40), b+1)
		check(math.Nextafter(high, 0), b+1)
		for range 4 {
			x := low + (high-low)*rnd.Float64()
			switch {
			case x < middle:
				check(x, b)
			case x > middle:
				check(x, b+1)
			}
		}
	}
	check(0, 0)
	check(math.Inf(1), 0x7f80)
	check(math.MaxFloat64, 0x7f80)
	check(0x1p128, 0x7f80)
	check(math.MaxFloat32, 0x7f80)
	check(math.SmallestNonzeroFloat64, 0)
	check(0x1p-134, 0) // half of the smallest
	check(0x1p-133, 1)
	for _, bits := range []uint64{0x7ff8000000000000, 0x7ff0000000000001, 0xfff0000000000001, 0xffffffffffffffff} {
		if v := BF16(RoundBF16(math.Float64frombits(bits))); v == v {
			t.Errorf("NaN %#x is rounded to %v", bits, v)
		}
	}
	if v := BF16(0x3fc0); v != 1.5 {
		t.Errorf("0x3fc0 is %v", v)
	}
}

// BenchmarkNarrow goes over groups of four rows of elements, as measurements do:
// A from where it lies, B what A was before.
func BenchmarkNarrow(b *testing.B) {
	row, err := Active()
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{64 << 10, 64 << 20} {
		at := fmt.Sprintf("/%dKB", size>>10)
		b.Run("f64"+at, func(b *testing.B) { benchmarkNormal(b, NarrowOf[float64, float64](row), size) })
		b.Run("f32in64"+at, func(b *testing.B) { benchmarkNormal(b, row.F32in64, size) })
		b.Run("f32in64, two runs"+at, func(b *testing.B) { benchmarkNormal(b, twice(row.F32in64), size) })
		b.Run("f64, two runs"+at, func(b *testing.B) { benchmarkNormal(b, twice(NarrowOf[float64, float64](row)), size) })
		b.Run("bf16in64, two runs"+at, func(b *testing.B) { benchmarkNormal(b, twice(row.BF16in64), size) })
		b.Run("bf16in64"+at, func(b *testing.B) { benchmarkNormal(b, row.BF16in64, size) })
		b.Run("f32"+at, func(b *testing.B) { benchmarkNormal(b, NarrowOf[float32, float32](row), size) })
		b.Run("bf16in32"+at, func(b *testing.B) { benchmarkNormal(b, row.BF16in32, size) })
	}
}

// twice makes Normal2 in the place of Normal: the same elements for two runs.
func twice[S Stored, T Float](k Narrow[S, T]) Narrow[S, T] {
	x2, y2, out2 := make([]T, 4096), make([]T, 4096), make([]T, 4)
	return Narrow[S, T]{Normal: func(n int, a []S, lda int, x, out []T, b []S, ldb int, c, y []T) {
		k.Normal2(n, a, lda, b, ldb, x, out, c, y, x2[:n], out2, c, y2[:n])
	}}
}

func benchmarkNormal[S Stored, T Float](b *testing.B, k Narrow[S, T], bytes int) {
	var zero S
	elements := bytes / int(unsafe.Sizeof(zero))
	n := min(4096, elements/8) // two groups at least
	a := make([]S, elements)
	for i := range a {
		a[i] = narrowed[S](float64(i%16) - 7.5)
	}
	x, y, out, c := make([]T, n), make([]T, n), make([]T, 4), make([]T, 4)
	for b.Loop() {
		last := a[:4*n]
		for g := 0; g < elements; g += 4 * n {
			k.Normal(n, a[g:], n, x, out, last, n, c, y)
			last = a[g : g+4*n]
		}
	}
	b.ReportMetric(float64(elements)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelements/s")
}

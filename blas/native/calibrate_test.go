package native

import (
	"encoding/csv"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	gblas "gonum.org/v1/gonum/blas"
	gonum "gonum.org/v1/gonum/blas/gonum"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

var calibrate = flag.Bool("calibrate", false, "measure both sides of every threshold and print them as CSV, half a minute")

// calibration measures one threshold: two ways at a size on its one side and the other. The
// package takes way a up to the threshold and b behind it.
type calibration struct {
	threshold string
	value     int // of the quantity that is compared, as sizes are
	a, b      string
	sizes     []int
	// at returns what to measure at a size, and the shape in words.
	at func(size int) (shape string, a, b func())
}

// around are sizes below and above a threshold.
func around(value int) []int { return []int{value / 2, value * 3 / 4, value, value * 5 / 4, value * 2} }

// near are sizes closer to a threshold, for what grows with their cube.
func near(value int) []int {
	return []int{value * 2 / 3, value * 5 / 6, value, value * 7 / 6, value * 4 / 3}
}

// sideOf is the side of a square, or a cube, of a size.
func sideOf(size, dimensions int) int {
	return int(math.Round(math.Pow(float64(size), 1/float64(dimensions))))
}

// TestCalibrate prints one line a threshold and size: threshold, its value, the size, the
// shape, way a and its time, way b and its time in nanoseconds, and time a over time b. A
// threshold stands well where the ratio passes 1. Thresholds are constants of the version:
// this reports on them, and changes none.
func TestCalibrate(t *testing.T) {
	if !*calibrate {
		t.Skip("measures only with -calibrate")
	}
	w := csv.NewWriter(os.Stdout)
	w.Write([]string{"threshold", "value", "size", "shape", "way a", "a ns", "way b", "b ns", "ratio"})
	for _, c := range calibrations() {
		for _, size := range c.sizes {
			shape, a, b := c.at(size)
			nsA, nsB := inTurn(a, b)
			w.Write([]string{
				c.threshold, strconv.Itoa(c.value), strconv.Itoa(size), shape,
				c.a, fmt.Sprintf("%.0f", nsA), c.b, fmt.Sprintf("%.0f", nsB), fmt.Sprintf("%.2f", nsA/nsB),
			})
		}
		w.Flush()
	}
}

// inTurn returns the fastest of fifteen measurements of each function, in nanoseconds.
func inTurn(a, b func()) (nsA, nsB float64) {
	calls := [2]int{callsIn(a), callsIn(b)}
	var ns [2][]float64
	for range 15 {
		for i, f := range []func(){a, b} {
			start := time.Now()
			for range calls[i] {
				f()
			}
			ns[i] = append(ns[i], float64(time.Since(start).Nanoseconds())/float64(calls[i]))
		}
	}
	return slices.Min(ns[0]), slices.Min(ns[1])
}

// callsIn is how many calls take two milliseconds.
func callsIn(f func()) int {
	for n := 1; ; n *= 2 {
		start := time.Now()
		for range n {
			f()
		}
		if time.Since(start) > 2*time.Millisecond {
			return n
		}
	}
}

// Every threshold has a calibration, and every calibration runs.
func TestCalibrationsAreComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "choose.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST || g.Specs[0].(*ast.ValueSpec).Names[0].Name == "onlyScaled" {
			continue
		}
		for _, s := range g.Specs {
			for _, name := range s.(*ast.ValueSpec).Names {
				want[name.Name] = true
			}
		}
	}
	have := map[string]bool{}
	for _, c := range calibrations() {
		have[c.threshold] = true
		if !want[c.threshold] {
			t.Errorf("%s is calibrated and is no threshold of choose.go", c.threshold)
		}
		if c.value < slices.Min(c.sizes) || c.value > slices.Max(c.sizes) {
			t.Errorf("%s is %d: no size of %v is on one of its sides", c.threshold, c.value, c.sizes)
		}
		shape, a, b := c.at(slices.Min(c.sizes))
		if shape == "" {
			t.Errorf("%s names no shape", c.threshold)
		}
		a()
		b()
	}
	for name := range want {
		if !have[name] {
			t.Errorf("%s is a threshold that has no calibration", name)
		}
	}
}

// withData gives a call operands: ones, whose products stay finite.
func withData[T blas.Float](p *call[T]) *call[T] {
	p.threads, p.beta = runtime.GOMAXPROCS(0), 0
	p.a.data, p.b.data, p.c = ones[T](p.m*p.k), ones[T](p.k*p.n), ones[T](p.m*p.n)
	return p
}

func ones[T blas.Float](n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// twoWays compares two ways at the shape of a size.
func twoWays(threshold string, value int, a, b way, tA, tB gblas.Transpose, sizes []int, shape func(size int) (m, n, k int)) calibration {
	return calibration{threshold, value, a.String(), b.String(), sizes, func(size int) (string, func(), func()) {
		m, n, k := shape(size)
		p := withData(general(tA, tB, m, n, k, 1.))
		return fmt.Sprintf("%c%c %d×%d×%d", tA, tB, m, n, k), func() { p.multiply(a) }, func() { p.multiply(b) }
	}}
}

func calibrations() []calibration {
	return slices.Concat(blockCalibrations(), skinnyCalibrations(), vectorCalibrations())
}

// blockCalibrations are those of small products, threads and the five loops.
func blockCalibrations() []calibration {
	cube := func(side int) (m, n, k int) { return side, side, side }
	small, serial := sideOf(smallBelow, 3), sideOf(serialBelow, 3)
	square := func(side int) (m, n, k int) { return side, side, 4000 }
	long := func(k int) (m, n, _ int) { return 128, 128, k }
	const threads = "one thread"
	return []calibration{
		twoWays("smallBelow", small, inPlace, fiveLoops, noTrans, noTrans, near(small), cube),
		twoWays("smallBelow", small, alone, fiveLoops, noTrans, trans, near(small), cube),
		twoWays("narrowMost", narrowMost, plainLoops, inPlace, noTrans, noTrans, []int{1, 2, 3, 4}, func(n int) (int, int, int) { return 4000, n, 2 }),
		{"serialBelow", serial, threads, "all threads", near(serial), func(side int) (string, func(), func()) {
			p := withData(general(noTrans, noTrans, side, side, side, 1.))
			q := &blocked[float64]{call: *p}
			return fmt.Sprintf("NN %d×%d×%d", side, side, side), func() { q.run(1) }, func() { q.run(p.threads) }
		}},
		{"serialBelow", serialBelow, threads, "all threads", around(serialBelow), func(n int) (string, func(), func()) {
			p := &vectors[float64]{config: config64(), x: ones[float64](n), y: ones[float64](n), alpha: 1, parts: vectorParts(2 * n)}
			return fmt.Sprintf("axpy %d", n), func() { p.config.axpy(1, p.x, p.y) },
				func() { parallel.Run(runtime.GOMAXPROCS(0), p.parts, (*axpys[float64])(p)) }
		}},
		twoWays("stretchedBelow", sideOf(stretchedBelow, 2), sumsCut, fiveLoops, noTrans, noTrans, around(sideOf(stretchedBelow, 2)), square),
		{"stretchedFrom", stretchedFrom, fiveLoops.String(), sumsCut.String(), []int{1024, 1536, 2048, 3072, 4096}, twoWays("", 0, fiveLoops, sumsCut, noTrans, noTrans, nil, long).at},
		stretchesOf("stretchLength", stretchLength, around(stretchLength), func(length int) int { return 8000 / length }),
		stretchesOf("mostStretches", mostStretches, []int{8, 16, 32}, func(count int) int { return count }),
		{"ownBlocks", ownBlocks, "parts pack B", "one B for all", []int{1, 2, 3, 4}, ownAndShared},
		{"directRows", directRows, "B as it lies", "B packed", around(directRows), func(panels int) (string, func(), func()) {
			return rightOperand(panels*config64().kernels.MR, 128)
		}},
		{"directBytes", directBytes, "B as it lies", "B packed", around(directBytes), func(bytes int) (string, func(), func()) {
			return rightOperand(8*config64().kernels.MR, bytes/8/128)
		}},
		{"directCols", directCols, "A as it lies", "A packed", around(directCols), leftOperand},
	}
}

// stretchesOf compares four stretches with other numbers of them.
func stretchesOf(threshold string, value int, sizes []int, count func(size int) int) calibration {
	return calibration{threshold, value, "four stretches", "as many as the size makes", sizes, func(size int) (string, func(), func()) {
		p := withData(general(noTrans, noTrans, 64, 64, 8000, 1.))
		run := func(split int) func() {
			q := &stretched[float64]{call: *p, split: split, copies: make([]float64, split*p.m*p.n)}
			return func() { q.share(q.threadsFor()) }
		}
		return fmt.Sprintf("NN 64×64×8000 in %d", count(size)), run(4), run(count(size))
	}}
}

// ownAndShared compares who packs B, for so many blocks of rows and one row more.
func ownAndShared(blocks int) (string, func(), func()) {
	m := blocks*config64().blocks.MC + 1
	run := func(own bool) func() {
		p := withData(general(noTrans, noTrans, m, 512, 512, 1.))
		c := *p.config
		c.blocks.MC = m/ownBlocks - 1
		if own {
			c.blocks.MC = m
		}
		p.config = &c
		q := &blocked[float64]{call: *p}
		return func() { q.run(p.threads) }
	}
	return fmt.Sprintf("NN %d×512×512", m), run(true), run(false)
}

// rightOperand multiplies a block of rows of A and k rows of B, 128 wide, as it lies and packed.
func rightOperand(rows, k int) (string, func(), func()) {
	const n = 128
	k = min(k, config64().kernels.KC)
	p, buf := withData(general(noTrans, noTrans, rows, n, k, 1.)), &buffer[float64]{}
	nr := p.kernels.NR
	asItLies := func() {
		p.block(buf, 0, rows, 0, n, 0, k, panels[float64]{data: p.b.data, ld: p.b.rs, step: nr}, p.c, n)
	}
	packed := func() {
		buf.b = grow(buf.b, k*roundUp(n, nr))
		p.packB(buf.b, 0, n, 0, k)
		p.block(buf, 0, rows, 0, n, 0, k, panels[float64]{data: buf.b, ld: nr, step: k * nr}, p.c, n)
	}
	return fmt.Sprintf("block %d×%d×%d", rows, n, k), asItLies, packed
}

// leftOperand multiplies 96 rows of A, as they lie and packed, and so many packed panels of B.
func leftOperand(wide int) (string, func(), func()) {
	const m = 96
	k := config64().kernels.KC
	nr, mr := config64().kernels.NR, config64().kernels.MR
	n := wide * nr
	p, buf := withData(general(noTrans, noTrans, m, n, k, 1.)), &buffer[float64]{}
	b := panels[float64]{data: make([]float64, k*n), ld: nr, step: k * nr}
	p.packB(b.data, 0, n, 0, k)
	asTheyLie := func() { p.tiles(buf, 0, m, 0, n, k, p.a.data, p.a.rs, p.a.cs, mr*p.a.rs, b, p.c, n) }
	packed := func() {
		buf.a = grow(buf.a, k*roundUp(m, mr))
		pack(&p.kernels, buf.a, p.a, 0, m, 0, k, ofA)
		p.tiles(buf, 0, m, 0, n, k, buf.a, 1, mr, mr*k, b, p.c, n)
	}
	return fmt.Sprintf("block %d×%d×%d", m, n, k), asTheyLie, packed
}

// skinnyCalibrations are those of products with a few vectors.
func skinnyCalibrations() []calibration {
	return []calibration{
		twoWays("skinnyFrom", sideOf(skinnyFrom, 2), alone, vectorsByRows, noTrans, trans, near(sideOf(skinnyFrom, 2)), func(side int) (m, n, k int) { return side, 2, side }),
		twoWays("skinnyFew", skinnyFew, vectorsByColumns, fiveLoops, noTrans, noTrans, around(skinnyFew), func(k int) (m, n, _ int) { return 9, 4000, k }),
		twoWays("skinnyMost", skinnyMost, vectorsByColumns, fiveLoops, noTrans, noTrans, []int{4, 8, 12, 13, 16, 24}, func(m int) (_, n, k int) { return m, 4000, 48 }),
		twoWays("skinnyRatio", skinnyRatio, vectorsByRows, fiveLoops, noTrans, trans, []int{4, 8, 16, 20}, func(ratio int) (m, n, k int) { return 100, 2, 100 * ratio }),
		twoWays("skinnyFlat", skinnyFlat, fiveLoops, vectorsByColumns, noTrans, noTrans, around(skinnyFlat), func(ratio int) (m, n, k int) { return 9, 60 * ratio, 60 }),
		twoWays("skinnyInner", skinnyInner, vectorsByColumns, sumsCut, trans, noTrans, around(skinnyInner), func(k int) (m, n, _ int) { return 2000, 2, k }),
		twoWays("skinnyStretch", skinnyStretch, vectorsByRows, vectorsBySums, noTrans, trans, []int{512, 1024, 2048, 4096, 8192}, func(k int) (m, n, _ int) { return 36, 3, k }),
	}
}

// vectorCalibrations are those of levels 1 and 2, against gonum's, and of the sweep.
func vectorCalibrations() []calibration {
	f64, f32 := config64(), config32()
	b := Implementation{Threads: 1}
	var g gonum.Implementation
	const theirs, kernels = "gonum", "kernels"
	gemv64 := func(m, n int) (string, func(), func()) {
		a, x, y := ones[float64](m*n), ones[float64](n), ones[float64](m)
		return fmt.Sprintf("gemv %d×%d f64", m, n), func() { g.Dgemv(noTrans, m, n, 1, a, n, x, 1, 0, y, 1) },
			func() { gemv(b, f64, noTrans, m, n, 1, a, n, x, 1, 0, y, 1) }
	}
	gemv32 := func(m, n int) (string, func(), func()) {
		a, x, y := ones[float32](m*n), ones[float32](n), ones[float32](m)
		return fmt.Sprintf("gemv %d×%d f32", m, n), func() { g.Sgemv(noTrans, m, n, 1, a, n, x, 1, 0, y, 1) },
			func() { gemv(b, f32, noTrans, m, n, 1, a, n, x, 1, 0, y, 1) }
	}
	ger64 := func(m, n int) (string, func(), func()) {
		a, x, y := ones[float64](m*n), ones[float64](m), ones[float64](n)
		return fmt.Sprintf("ger %d×%d", m, n), func() { g.Dger(m, n, 1e-9, x, 1, y, 1, a, n) }, func() { f64.rankOne(1e-9, x, y, a, n) }
	}
	// gonum goes by four rows of a large A, the kernel by one of a cached A.
	swapped := func(shape string, theirs, ours func()) (string, func(), func()) { return shape, ours, theirs }
	return []calibration{
		{"narrow64", narrow64, theirs, kernels, around(narrow64), func(n int) (string, func(), func()) { return gemv64(200, n) }},
		{"narrow32", narrow32, theirs, kernels, around(narrow32), func(n int) (string, func(), func()) { return gemv32(200, n) }},
		{"small64", small64, theirs, kernels, around(small64), func(size int) (string, func(), func()) { return gemv64(size/64, 64) }},
		{"small32", small32, theirs, kernels, around(small32), func(size int) (string, func(), func()) { return gemv32(size/16, 16) }},
		{"smallOrder", smallOrder, theirs, kernels, around(smallOrder), func(n int) (string, func(), func()) {
			a, x, y := ones[float64](n*n), ones[float64](n), ones[float64](n)
			return fmt.Sprintf("symv %d", n), func() { g.Dsymv(gblas.Lower, n, 1, a, n, x, 1, 0, y, 1) },
				func() { symv(b, f64, gblas.Lower, n, 1, a, n, x, 1, 0, y, 1) }
		}},
		{"shortRow", shortRow, theirs, kernels, around(shortRow), func(bytes int) (string, func(), func()) { return ger64(600, bytes/8) }},
		{"cached", cached, kernels, theirs, around(cached), func(size int) (string, func(), func()) { return swapped(ger64(size/1024, 1024)) }},
		{"short64", short64, theirs, kernels, around(short64), func(n int) (string, func(), func()) {
			x, y := ones[float64](n), ones[float64](n)
			return fmt.Sprintf("dot %d f64", n), func() { g.Ddot(n, x, 1, y, 1) }, func() { dot(b, f64, x, y) }
		}},
		{"short32", short32, theirs, kernels, around(short32), func(n int) (string, func(), func()) {
			x, y := ones[float32](n), ones[float32](n)
			return fmt.Sprintf("dot %d f32", n), func() { g.Sdot(n, x, 1, y, 1) }, func() { dot(b, f32, x, y) }
		}},
		{"shortBy", shortBy, theirs, kernels, around(shortBy), func(n int) (string, func(), func()) {
			x := ones[float64](n)
			return fmt.Sprintf("asum %d", n), func() { g.Dasum(n, x, 1) }, func() { asum(b, f64, x) }
		}},
		{"sweepSerialBelow", sweepSerialBelow, "one thread", "all threads", around(sweepSerialBelow), func(size int) (string, func(), func()) {
			const r = 2
			d := size / (r * (r + 8))
			s := fusedOf[float64](1).NewSweep(d, r).(*sweep[float64])
			s.pass, s.x = passGram, blas.General[float64]{Rows: d, Cols: r, Stride: r, Data: ones[float64](d * r)}
			return fmt.Sprintf("Gram matrix %d×%d", d, r), func() { parallel.Run(1, len(s.parts), s) },
				func() { parallel.Run(runtime.GOMAXPROCS(0), len(s.parts), s) }
		}},
	}
}

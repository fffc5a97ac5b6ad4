package kernel

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// Float is an element type that the kernels serve.
type Float interface{ float32 | float64 }

// Numbers are the sizes that a row's kernels were written for.
type Numbers struct {
	MR, NR     int // height and width of the tile of C that Gemm updates
	KC         int // depth of the panels that Gemm reads in one call
	Tile       int // side of the tiles in which half of Σ is stored
	PanelWidth int // the largest number of columns of X that SymRows takes
}

// Kernels are the micro-kernels of one row for one element type, with the
// numbers that belong to them. The generic functions of this package say what
// each must compute.
type Kernels[T Float] struct {
	Numbers
	// Gemm adds the product of two packed panels to a tile of C.
	Gemm func(k int, a, b, c []T, ldc int)
	// SymRows multiplies m rows of a triangle with a panel of X, both ways.
	SymRows func(m, n, w int, a []T, lda int, xi, yi, xj, yj []T)

	// Update performs X + η(Y − XG) on rows and adds to the Gram matrix.
	Update func(m, r int, eta T, x []T, ldx int, y []T, ldy int, g, gram []T) (grad, size float64)
	// Diagonal is Update with Y = ΛX computed on the way, in place.
	Diagonal func(m, r int, eta T, lambda, x []T, ldx int, g, gram, scratch []T) (grad, size float64)
	// Gram adds XᵀX of m rows to the lower triangle of gram.
	Gram func(m, r int, x []T, ldx int, gram []T)
}

// Row is one instruction-set row: the same kernels written for one kind of
// processor.
type Row struct {
	Name string // generic, avx2, avx512 or neon
	F64  Kernels[float64]
	F32  Kernels[float32]
}

// isa lists the rows by name, best first, with the processors that run them.
var isa = []struct {
	name string
	runs func(CPU) bool
}{
	{"avx512", func(c CPU) bool { return c.Arch == "amd64" && c.AVX512 && c.AVX2FMA }},
	{"avx2", func(c CPU) bool { return c.Arch == "amd64" && c.AVX2FMA }},
	{"neon", func(c CPU) bool { return c.Arch == "arm64" && c.NEON }},
	{"generic", func(CPU) bool { return true }},
}

// compiled holds the rows of this build by name.
var compiled = map[string]Row{"generic": genericRow}

// Runnable lists the rows that processor c can run, best first, whether this
// build has kernels for them or not.
func Runnable(c CPU) []string {
	var names []string
	for _, r := range isa {
		if r.runs(c) {
			names = append(names, r.name)
		}
	}
	return names
}

// Compiled lists the rows that this build has kernels for, best first.
func Compiled() []string {
	var names []string
	for _, r := range isa {
		if _, ok := compiled[r.name]; ok {
			names = append(names, r.name)
		}
	}
	return names
}

// Choose returns the best compiled row that processor c runs, or the row named
// by force when that is not empty. It is an error to force a row that does not
// exist, is not compiled in or does not run on c.
func Choose(c CPU, force string) (Row, error) {
	have := func() string { return strings.Join(Compiled(), ", ") }
	for _, r := range isa {
		if force != "" && r.name != force {
			continue
		}
		row, ok := compiled[r.name]
		switch {
		case ok && r.runs(c):
			return row, nil
		case force == "":
		case !ok:
			return Row{}, fmt.Errorf("MF_KERNEL=%s: this build has no %s kernels; it has %s", force, force, have())
		default:
			return Row{}, fmt.Errorf("MF_KERNEL=%s: this processor does not run %s; it runs %s", force, force, strings.Join(Runnable(c), ", "))
		}
	}
	return Row{}, fmt.Errorf("MF_KERNEL=%q: unknown row; expected one of %s", force, have())
}

// Active is the row of this process: MF_KERNEL, or the best there is. It is
// chosen once. With an MF_KERNEL that cannot be had it is the generic row and
// the error says why; commands report the error, libraries go on.
var Active = sync.OnceValues(func() (Row, error) {
	row, err := Choose(Detect(), os.Getenv("MF_KERNEL"))
	if err != nil {
		return genericRow, err
	}
	return row, nil
})

// KernelsOf returns the kernels of the row for element type T.
func KernelsOf[T Float](r Row) Kernels[T] {
	var zero T
	switch any(zero).(type) {
	case float32:
		return any(r.F32).(Kernels[T])
	default:
		return any(r.F64).(Kernels[T])
	}
}

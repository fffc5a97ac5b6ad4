package suite

import (
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/kernel"
)

// Family is a kind of operation.
type Family struct {
	Name  string
	About string // one line
	// Operations lists those of a grid, in an order in which neighbours share
	// their data.
	Operations func(g Grid) []Operation
}

// Families lists them all.
func Families() []Family {
	return []Family{
		{"Product", "Σ·X for a dense Σ, or one held as float32", product},
		{"Update", "cubic update X + η(Y − XG) and the next Gram matrix", update},
		{"SymmetricStep", "step of X ← X + η(Σ − XXᵀ)X", symmetricStep},
		{"AsymmetricStep", "step of (alternating) descent on ½‖XYᵀ − A‖²", asymmetricStep},
		{"SensingStep", "step on ¼‖𝒜(UUᵀ) − y‖², 50n Gaussian measurements", sensingStep},
		{"DeepStep", "step of all factors of W_N⋯W_1", deepStep},
		{"Ensemble", "iteration of ten runs, from one reading of the data or apart", ensemble},
		{"Level3", "large square products: gemm, syrk, symm", level3},
		{"Shapes", "BLAS routines from tiny to large, in the shapes of this field", shapesOf},
	}
}

// Find is the family of that name.
func Find(name string) Family {
	for _, f := range Families() {
		if f.Name == name {
			return f
		}
	}
	panic("suite: no family " + name)
}

// Size picks the dimensions of a grid.
type Size int

const (
	Small    Size = iota // all in seconds: whether they run
	Standard             // minutes: how fast they are
	Full                 // hours: every dimension
)

// Grid says which operations of the families to list. Empty fields leave the
// choice to the family.
type Grid struct {
	Size     Size
	Backends []string // default: all of this build
	DTypes   []string // f64, f32; default: both
	D        []int    // matrices of order d, or d×d
	R        []int    // columns
	Threads  int      // 0 for all
}

func (g Grid) backends() []string {
	if g.Backends != nil {
		return g.Backends
	}
	var names []string
	for _, b := range kernel.Backends() {
		if b.HowToBuild == "" {
			names = append(names, b.Name)
		}
	}
	return names
}

// Open opens the backends of a grid: a library tells how many threads it has, in
// bench.Keys, once it is open.
func Open(g Grid) error {
	for _, name := range g.backends() {
		if _, err := blas.Open(name, g.Threads); err != nil {
			return err
		}
	}
	return nil
}

func (g Grid) dtypes() []string {
	if g.DTypes != nil {
		return g.DTypes
	}
	return []string{"f64", "f32"}
}

// types are the backends, each with every element type.
func (g Grid) types(yield func(backend, dtype string) bool) {
	for _, backend := range g.backends() {
		for _, dtype := range g.dtypes() {
			if !yield(backend, dtype) {
				return
			}
		}
	}
}

// d and r are the caller's dimensions, or the family's own for the size.
func (g Grid) d(small, standard, full []int) []int {
	return pick(g.D, g.Size, small, standard, full)
}

func (g Grid) r(small, standard, full []int) []int {
	return pick(g.R, g.Size, small, standard, full)
}

func pick(own []int, size Size, bySize ...[]int) []int {
	if own != nil {
		return own
	}
	return bySize[size]
}

// operation puts one together: the name begins with backend and dtype.
func (g Grid) operation(family, backend, dtype string, prepare func(b *blas.Backend) (Work, error), params ...any) Operation {
	o := Operation{
		Family: family, DType: dtype, backend: backend, threads: g.Threads, prepare: prepare,
		Params: []Param{{"backend", backend}, {"dtype", dtype}},
	}
	for i := 0; i < len(params); i += 2 {
		o.Params = append(o.Params, Param{fmt.Sprint(params[i]), fmt.Sprint(params[i+1])})
	}
	return o
}

// Ints reads a list of positive numbers separated by commas.
func Ints(list string) ([]int, error) {
	var out []int
	for _, word := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a positive number", word)
		}
		out = append(out, n)
	}
	return out, nil
}

// kept is the data of the last operation: its making takes longer than a step.
var kept struct {
	key   string
	value any
}

// keep returns the data of that key, made anew unless it was the last.
func keep[V any](key string, build func() (V, error)) (V, error) {
	if v, ok := kept.value.(V); ok && kept.key == key {
		return v, nil
	}
	kept.key, kept.value = "", nil
	debug.FreeOSMemory() // before the next is made
	v, err := build()
	if err == nil {
		kept.key, kept.value = key, v
	}
	return v, err
}

// keyOf tells data of the same kind apart.
func keyOf[T blas.Float](b *blas.Backend, parts ...any) string {
	return fmt.Sprint(b.Name, b.Threads, blas.SizeOf[T](), parts)
}

// elementsFit is an error when so many elements of type T do not fit in memory.
func elementsFit[T blas.Float](what string, elements float64) error {
	return problem.CheckMemory(what, elements*float64(blas.SizeOf[T]()))
}

// thinCopies are X_0, X and ΣX and what a product lays out of them.
const thinCopies = 6

// thinFit is elementsFit for those of d×r.
func thinFit[T blas.Float](d, r int) error {
	return elementsFit[T](fmt.Sprintf("a step of order %d with %d columns", d, r), thinCopies*float64(d)*float64(r))
}

// element is a cheap number in (−1, 1) that depends on the place.
func element(i, j int) float64 {
	h := uint64(i)*0x9e3779b97f4a7c15 ^ uint64(j)*0xbf58476d1ce4e5b9
	return float64(int64(h^h>>29)) / (1 << 63)
}

// filled is a matrix of such numbers, scaled.
func filled[T blas.Float](rows, cols int, scale float64, salt int) blas.General[T] {
	m := blas.NewGeneral[T](rows, cols)
	for i := range m.Data {
		m.Data[i] = T(scale * element(i, salt))
	}
	return m
}

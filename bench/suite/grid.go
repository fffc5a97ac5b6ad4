package suite

import (
	"fmt"
	"strconv"
	"strings"

	"lowrank/blas"
	"lowrank/kernel"
)

// Size picks the dimensions of a grid.
type Size int

// The sizes.
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

package native

import (
	"fmt"
	"runtime"
	"strconv"

	gonum "gonum.org/v1/gonum/blas/gonum"

	"lowrank/blas"
	"lowrank/kernel"
)

// Implementation is a gonum BLAS (blas.Float64 and blas.Float32, and gonum's
// complex routines). The zero value uses every processor. Values may be
// copied and used from many goroutines.
type Implementation struct {
	gonum.Implementation

	// Threads is the largest number of goroutines of one call; 0 means
	// GOMAXPROCS. Results do not depend on it.
	Threads int
}

func (b Implementation) threads() int {
	if b.Threads > 0 {
		return b.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// Fused64 returns the fused passes for float64.
func (b Implementation) Fused64() blas.Fused[float64] { return fusedOf[float64](b.threads()) }

// Fused32 returns the fused passes for float32.
func (b Implementation) Fused32() blas.Fused[float32] { return fusedOf[float32](b.threads()) }

type fused[T blas.Float] struct {
	threads int
	kernels kernel.Kernels[T]
	blocks  kernel.Blocks
}

func fusedOf[T blas.Float](threads int) fused[T] {
	k, b := active[T]()
	return fused[T]{threads: threads, kernels: k, blocks: b}
}

// active returns the kernels of the active row and their block sizes here.
func active[T blas.Float]() (kernel.Kernels[T], kernel.Blocks) {
	row, _ := kernel.Active() // an MF_KERNEL that cannot be had leaves the generic row
	k := kernel.KernelsOf[T](row)
	return k, kernel.BlocksFor(k.Numbers, blas.SizeOf[T](), kernel.Detect())
}

func init() {
	kernel.Register(kernel.Backend{
		Name: "native",
		Rank: 100,
		Open: func(threads int) kernel.Implementation { return Implementation{Threads: threads} },
		Facts: func() []kernel.Fact {
			row, _ := kernel.Active()
			facts := []kernel.Fact{{Name: "ISA row", Value: row.Name}}
			describe := func(dtype string, mr, nr, width int, b kernel.Blocks) {
				facts = append(facts,
					kernel.Fact{Name: dtype + " micro-tile", Value: fmt.Sprintf("%d×%d, panel of X %d wide", mr, nr, width)},
					kernel.Fact{Name: dtype + " blocks", Value: fmt.Sprintf("MC %d, KC %d, NC %d, tile of Σ %d", b.MC, b.KC, b.NC, b.Tile)},
				)
			}
			k64, b64 := active[float64]()
			k32, b32 := active[float32]()
			describe("f64", k64.MR, k64.NR, k64.PanelWidth, b64)
			describe("f32", k32.MR, k32.NR, k32.PanelWidth, b32)
			return append(facts, kernel.Fact{Name: "parts of a pass over Σ, d = 4000", Value: strconv.Itoa(productParts(4000))})
		},
	})
}

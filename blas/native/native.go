package native

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"

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

// fused are the passes on a number of threads; the GEMM family hangs on it too.
type fused[T blas.Float] struct {
	threads int
	*config[T]
}

// config is what a process computes with: the kernels of the active row and
// their block sizes on this processor.
type config[T blas.Float] struct {
	kernels kernel.Kernels[T]
	blocks  kernel.Blocks
}

func newConfig[T blas.Float]() *config[T] {
	row, _ := kernel.Active() // an MF_KERNEL that cannot be had leaves the generic row
	k := kernel.KernelsOf[T](row)
	return &config[T]{k, kernel.BlocksFor(k.Numbers, blas.SizeOf[T](), kernel.Detect())}
}

var (
	config64 = sync.OnceValue(newConfig[float64])
	config32 = sync.OnceValue(newConfig[float32])
)

func configOf[T blas.Float]() *config[T] {
	return blas.OfType[func() *config[T]](config64, config32)()
}

func fusedOf[T blas.Float](threads int) fused[T] { return fused[T]{threads, configOf[T]()} }

func init() {
	kernel.Register(kernel.Backend{
		Name: "native",
		Rank: 100,
		Open: func(threads int) kernel.Implementation { return Implementation{Threads: threads} },
		Facts: func() []kernel.Fact {
			row, _ := kernel.Active()
			facts := []kernel.Fact{{Name: "ISA row", Value: row.Name}}
			describe := func(dtype string, n kernel.Numbers, b kernel.Blocks) {
				facts = append(facts,
					kernel.Fact{Name: dtype + " micro-tile", Value: fmt.Sprintf("%d×%d, vectors of %d", n.MR, n.NR, n.Lanes)},
					kernel.Fact{Name: dtype + " blocks", Value: fmt.Sprintf("MC %d, KC %d, NC %d, tile of Σ %d", b.MC, b.KC, b.NC, b.Tile)},
				)
			}
			describe("f64", config64().kernels.Numbers, config64().blocks)
			describe("f32", config32().kernels.Numbers, config32().blocks)
			return append(facts, kernel.Fact{Name: "blocks of a pass over Σ, d = 4000", Value: strconv.Itoa(blockCount((4000 + config64().blocks.Tile - 1) / config64().blocks.Tile))})
		},
	})
}

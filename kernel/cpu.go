package kernel

import (
	"runtime"
	"sync"

	"github.com/klauspost/cpuid/v2"
)

// CPU is what the choice of a row and of block sizes depends on. Cache sizes
// are bytes; 0 or less means unknown.
type CPU struct {
	Name  string // brand string, may be empty
	Arch  string // GOARCH
	Cores int    // logical cores that the process may use

	L1D, L2, L3 int // bytes; L1D and L2 of one core, L3 as one core sees it

	AVX2FMA bool // amd64: AVX2 and FMA3, usable under this operating system
	AVX512  bool // amd64: AVX-512 F, DQ, BW and VL
	NEON    bool // arm64: Advanced SIMD
}

// Detect reads the processor once.
var Detect = sync.OnceValue(func() CPU {
	c := cpuid.CPU
	return CPU{
		Name:    c.BrandName,
		Arch:    runtime.GOARCH,
		Cores:   runtime.GOMAXPROCS(0),
		L1D:     c.Cache.L1D,
		L2:      c.Cache.L2,
		L3:      c.Cache.L3,
		AVX2FMA: c.Supports(cpuid.AVX2, cpuid.FMA3),
		AVX512:  c.Supports(cpuid.AVX512F, cpuid.AVX512DQ, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.BMI2),
		NEON:    runtime.GOARCH == "arm64",
	}
})

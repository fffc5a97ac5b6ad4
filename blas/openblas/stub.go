//go:build !openblas || !cgo

package openblas

import "lowrank/kernel"

func init() {
	kernel.Register(kernel.Backend{
		Name:          "openblas",
		Rank:          50,
		HowToBuild:    "install OpenBLAS (Debian: libopenblas-dev) and build with -tags openblas and cgo",
		ThreadsItself: true,
	})
}

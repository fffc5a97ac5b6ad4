package backends_test

import (
	"testing"

	"lowrank/blas/testblas"
)

func FuzzGemm(f *testing.F)      { testblas.FuzzGemm(f, "native") }
func FuzzSyrk(f *testing.F)      { testblas.FuzzSyrk(f, "native") }
func FuzzSymmetric(f *testing.F) { testblas.FuzzSymmetric(f, "native") }

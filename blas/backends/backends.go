package backends

import (
	_ "lowrank/blas/native"
	_ "lowrank/blas/openblas"
	_ "lowrank/blas/reference"
)

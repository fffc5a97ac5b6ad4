package reference

import (
	"fmt"
	"runtime"

	gonum "gonum.org/v1/gonum/blas/gonum"

	"lowrank/kernel"
)

func init() {
	kernel.Register(kernel.Backend{
		Name: "gonum",
		Rank: 10,
		Open: func(int) kernel.Implementation { return gonum.Implementation{} },
		Facts: func() []kernel.Fact {
			return []kernel.Fact{{
				Name:  "threads",
				Value: fmt.Sprintf("its matrix product uses GOMAXPROCS = %d goroutines, the rest one; same bits for any number", runtime.GOMAXPROCS(0)),
			}}
		},
	})
}

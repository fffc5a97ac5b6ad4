package deep_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/native"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

// Three factors from a small identical start find the larger eigenvalue of
// 3 and 1 first: on the way their product is close to rank one.
func Example() {
	target := mat.NewDense(2, 2, []float64{2, 1, 1, 2})

	backend, err := blas.Open("native", 0)
	if err != nil {
		panic(err)
	}
	s := deep.New(backend, blas.General[float64](target.RawMatrix()), deep.IdentityFactors([]int{2, 2, 2, 2}, 0.1), 0.02)
	for _, iterations := range []int{300, 2000} {
		if _, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: iterations}); err != nil {
			panic(err)
		}
		product := s.Product()
		fmt.Printf("t = %d\n%.2f\n", s.Iteration(), mat.Formatted(mat.NewDense(2, 2, product.Data)))
	}
	// Output:
	// t = 300
	// ⎡1.51  1.49⎤
	// ⎣1.49  1.51⎦
	// t = 2000
	// ⎡2.00  1.00⎤
	// ⎣1.00  2.00⎦
}

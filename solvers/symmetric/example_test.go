package symmetric_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/native"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// The best rank-one approximation of a 3×3 matrix, gonum types in and out.
func Example() {
	sigma := mat.NewSymDense(3, []float64{2, 1, 0, 1, 2, 1, 0, 1, 2})

	backend, err := blas.Open("native", 0)
	if err != nil {
		panic(err)
	}
	op := operator.DenseOf(backend, blas.Triangle[float64](sigma.RawSymmetric()))
	x0 := symmetric.RandomStart(3, 1, 0.5, 1)
	s := symmetric.New(backend, op, x0, 0.1)
	res, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 1000, Tolerance: 1e-12})
	if err != nil {
		panic(err)
	}
	x := mat.NewDense(3, 1, s.X().Data)
	fmt.Println(res.Status, "σ² =", fmt.Sprintf("%.6f", mat.Dot(x.ColView(0), x.ColView(0))))
	// Output: converged σ² = 3.414214
}

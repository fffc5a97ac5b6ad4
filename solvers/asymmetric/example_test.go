package asymmetric_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/native"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
)

// A rank-two matrix as the product of two thin ones, gonum types in and out.
func Example() {
	a := mat.NewDense(4, 3, []float64{1, 2, 3, 2, 4, 6, 1, 1, 1, 3, 2, 1})

	backend, err := blas.Open("native", 0)
	if err != nil {
		panic(err)
	}
	op := operator.RectangularOf(backend, blas.General[float64](a.RawMatrix()))
	start := asymmetric.RandomStart(4, 3, 2, 1)
	s := asymmetric.New(backend, op, start.X, start.Y, 0.05, asymmetric.Alternating)
	res, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 10000, Tolerance: 1e-12})
	if err != nil {
		panic(err)
	}
	x, y := mat.NewDense(4, 2, s.X().Data), mat.NewDense(3, 2, s.Y().Data)
	var product mat.Dense
	product.Mul(x, y.T())
	fmt.Println(res.Status)
	fmt.Printf("%.4f\n", mat.Formatted(&product))
	// Output:
	// converged
	// ⎡1.0000  2.0000  3.0000⎤
	// ⎢2.0000  4.0000  6.0000⎥
	// ⎢1.0000  1.0000  1.0000⎥
	// ⎣3.0000  2.0000  1.0000⎦
}

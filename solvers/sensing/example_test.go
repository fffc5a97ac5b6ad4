package sensing_test

import (
	"context"
	"fmt"

	"lowrank/blas"
	_ "lowrank/blas/native"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// Matrix completion: the matrix xxᵀ of rank one from six of its ten different
// elements.
func Example() {
	x := []float64{1, 2, -1, 3}
	row, col := []int{0, 1, 1, 2, 3, 3}, []int{0, 0, 1, 1, 2, 3}

	backend, err := blas.Open("native", 0)
	if err != nil {
		panic(err)
	}
	op := operator.NewEntries[float64](backend, 4, row, col)
	y := make([]float64, len(row))
	if err := op.Measure(y, blas.General[float64]{Rows: 4, Cols: 1, Stride: 1, Data: x}); err != nil {
		panic(err)
	}
	s, err := sensing.New(op, y, sensing.RandomStart(4, 1, 0.01, 1), 0.1)
	if err != nil {
		panic(err)
	}
	res, err := solvers.Run(context.Background(), s, solvers.Stop{Iterations: 10000, Tolerance: 1e-12})
	if err != nil {
		panic(err)
	}
	u := s.U()
	fmt.Println(res.Status)
	fmt.Printf("element (0, 3): %.4f\n", u.Row(0)[0]*u.Row(3)[0])
	fmt.Printf("element (0, 2): %.4f\n", u.Row(0)[0]*u.Row(2)[0])
	// Output:
	// converged
	// element (0, 3): 3.0000
	// element (0, 2): -1.0000
}

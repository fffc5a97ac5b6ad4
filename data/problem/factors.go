package problem

import (
	"fmt"
	"strconv"

	"lowrank/blas"
	"lowrank/data/matio"
)

// ReadFactors reads W_1 … W_N of a .npz file with the arrays W1 … WN, whose
// shapes must chain to a product W_N⋯W_1.
func ReadFactors(path string, depth int) ([]blas.General[float64], error) {
	z, err := matio.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	if names := z.Names(); len(names) != depth {
		return nil, fmt.Errorf("%s: the file has %d arrays; expected %d, W1 to W%d", path, len(names), depth, depth)
	}
	var w []blas.General[float64]
	for j := 1; j <= depth; j++ {
		a, err := z.Array("W" + strconv.Itoa(j))
		if err != nil {
			return nil, err
		}
		f, err := matrixOf[float64](a, a.Name())
		if err != nil {
			return nil, err
		}
		if j > 1 && f.Cols != w[j-2].Rows {
			return nil, fmt.Errorf("%s: W%d is %d×%d and W%d %d×%d; W%d must have as many columns as W%d has rows", path, j, f.Rows, f.Cols, j-1, w[j-2].Rows, w[j-2].Cols, j, j-1)
		}
		w = append(w, f)
	}
	return w, nil
}

// WriteFactors writes W_1 … W_N as the arrays W1 … WN of a .npz file.
func WriteFactors[T blas.Float](path string, w []blas.General[T]) error {
	members := map[string]matio.Member{}
	for j, f := range w {
		members["W"+strconv.Itoa(j+1)] = matio.NewMember([]int{f.Rows, f.Cols}, f.Data)
	}
	return matio.WriteNPZ(path, members)
}

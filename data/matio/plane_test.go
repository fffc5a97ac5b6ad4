package matio

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPlane(t *testing.T) {
	const m, r, c = 3, 2, 4
	data := make([]float64, m*r*c)
	for i := range data {
		data[i] = float64(i) / 2
	}
	path := filepath.Join(t.TempDir(), "cube.npy")
	if err := WriteNPY(path, []int{m, r, c}, data); err != nil {
		t.Fatal(err)
	}
	a, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	// The same array in Fortran order.
	stored := make([]float64, len(data))
	for i := range m {
		for j := range r {
			for k := range c {
				stored[i+m*(j+r*k)] = data[(i*r+j)*c+k]
			}
		}
	}
	f := ArrayOf("cube", []int{m, r, c}, stored)
	f.fortran = true
	for i := range m {
		for _, x := range []*Array{a, f} {
			p := x.Plane(i)
			if rows, cols, err := p.Dims(); err != nil || rows != r || cols != c {
				t.Fatalf("matrix %d is %d×%d, %v", i, rows, cols, err)
			}
			if got := ReadAll[float64](p); !slices.Equal(got, data[i*r*c:(i+1)*r*c]) {
				t.Errorf("%s: %v", p.Name(), got)
			}
			if !strings.HasSuffix(p.Name(), "["+string(rune('0'+i))+"]") {
				t.Errorf("its name is %s", p.Name())
			}
		}
	}
	for _, i := range []int{-1, m} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for matrix %d", i)
				}
			}()
			a.Plane(i)
		}()
	}
}

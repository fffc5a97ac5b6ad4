package matio

import (
	"fmt"
	"slices"
	"testing"
)

var shapes = [][]int{
	{}, {1}, {7}, {0}, {0, 5}, {5, 0}, {1, 1}, {3, 4}, {1, 200}, {200, 1},
	{64, 64}, {65, 130}, {130, 65}, {2, 3, 4}, {70, 3, 66}, {2, 0, 3}, {3, 1, 2, 5}, {2, 3, 2, 2, 67},
}

func product(shape []int) int {
	n, ok := count(shape, 8)
	if !ok {
		panic("overflow")
	}
	return n
}

func checkReads[T, S float32 | float64](t *testing.T, a *Array, shape []int, stored []S) {
	t.Helper()
	want := make([]T, len(stored))
	for k, x := range stored {
		want[k] = T(x)
	}
	if got := ReadAll[T](a); !same(got, want) {
		t.Errorf("ReadAll[%T]: %v, want %v", T(0), head(got), head(want))
	}
	if len(shape) != 2 {
		return
	}
	rows, cols := shape[0], shape[1]
	for i := range rows {
		j0, j1 := min(i%3, cols), max(cols-i%2, min(i%3, cols))
		dst := make([]T, j1-j0+1)
		dst[len(dst)-1] = 42
		ReadRow(a, i, j0, j1, dst)
		if !same(dst[:j1-j0], want[i*cols+j0:i*cols+j1]) || dst[j1-j0] != 42 {
			t.Fatalf("ReadRow[%T] of row %d, columns %d to %d: %v", T(0), i, j0, j1, head(dst))
		}
	}
	for j := range cols {
		i0, i1 := min(j%3, rows), max(rows-j%2, min(j%3, rows))
		dst := make([]T, i1-i0+1)
		dst[len(dst)-1] = 42
		ReadColumn(a, j, i0, i1, dst)
		for i := i0; i < i1; i++ {
			if !same(dst[i-i0:i-i0+1], want[i*cols+j:i*cols+j+1]) || dst[i1-i0] != 42 {
				t.Fatalf("ReadColumn[%T] of column %d, rows %d to %d: %v", T(0), j, i0, i1, head(dst))
			}
		}
	}
}

func head[T any](v []T) []T { return v[:min(len(v), 8)] }

// TestReads covers both types, both orders, all paths to the bytes and both
// ways to decode them.
func TestReads(t *testing.T) {
	for _, shape := range shapes {
		for _, fortran := range []bool{false, true} {
			for _, pad := range []int{0, 1, 4} { // moves the elements off their alignment
				for _, mapped := range []bool{false, true} {
					for _, native := range []bool{true, false} {
						t.Run(fmt.Sprintf("%v/fortran=%v/pad=%d/mapped=%v/native=%v", shape, fortran, pad, mapped, native), func(t *testing.T) {
							testReads[float32](t, shape, fortran, pad, mapped, native)
							testReads[float64](t, shape, fortran, pad, mapped, native)
						})
					}
				}
			}
		}
	}
}

func testReads[S float32 | float64](t *testing.T, shape []int, fortran bool, pad int, mapped, native bool) {
	withThreshold(t, 1<<40)
	if mapped {
		withThreshold(t, 0)
	}
	if !native {
		old := littleEndian
		littleEndian = false
		defer func() { littleEndian = old }()
	}

	data := ramp[S](product(shape))
	dtype := F8
	if _, ok := any(data).([]float32); ok {
		dtype = F4
	}
	text := dict(dtype.String(), fortran, tuple(shape))
	for (len(magic)+4+len(text))%dataAlign != pad {
		text += " "
	}
	stored := data
	if fortran {
		stored = fortranOrder(shape, data)
	}
	a := opened(t, put(t, temp(t, "a.npy"), npy(1, text, stored)))

	if (a.unmap != nil) != (mapped && canMap) {
		t.Errorf("mapped: %v", a.unmap != nil)
	}
	if got := a.Shape(); !slices.Equal(got, shape) {
		t.Errorf("shape %v", got)
	}
	if a.DType() != dtype || a.fortran != fortran || a.Len() != len(data) {
		t.Errorf("dtype %v, Fortran %v, length %d", a.DType(), a.fortran, a.Len())
	}
	checkReads[float32](t, a, shape, data)
	checkReads[float64](t, a, shape, data)
}

func TestReadsDoNotAllocate(t *testing.T) {
	a := parsed(t, "a.npy", npy(1, dict("<f8", false, "(4, 8)"), ramp[float64](32)))
	narrow, wide := make([]float32, 8), make([]float64, 8)
	if n := testing.AllocsPerRun(100, func() {
		ReadRow(a, 1, 0, 8, narrow)
		ReadRow(a, 1, 0, 8, wide)
	}); n != 0 {
		t.Errorf("%v allocations for a row", n)
	}
}

func TestShapeIsACopy(t *testing.T) {
	a := parsed(t, "a.npy", npy(1, dict("<f8", false, "(2, 3)"), ramp[float64](6)))
	a.Shape()[0] = 100
	if rows, cols, err := a.Dims(); rows != 2 || cols != 3 || err != nil {
		t.Errorf("%d, %d, %v", rows, cols, err)
	}
}

func TestDims(t *testing.T) {
	for shape, want := range map[string]string{
		"()":        "a.npy: the array has the shape (); a matrix with two dimensions was expected",
		"(1,)":      "a.npy: the array has the shape (1,); a matrix with two dimensions was expected",
		"(1, 1, 1)": "a.npy: the array has the shape (1, 1, 1); a matrix with two dimensions was expected",
	} {
		a := parsed(t, "a.npy", npy(1, dict("<f8", false, shape), 1.0))
		_, _, err := a.Dims()
		wantSentence(t, err, want)
	}
}

func TestProgrammerErrorsPanic(t *testing.T) {
	a := parsed(t, "a.npy", npy(1, dict("<f8", false, "(2, 3)"), ramp[float64](6)))
	v := parsed(t, "v.npy", npy(1, dict("<f8", false, "(6,)"), ramp[float64](6)))
	row := func(a *Array, i, j0, j1, n int) func() {
		return func() { ReadRow(a, i, j0, j1, make([]float64, n)) }
	}
	wantPanic(t, "matio: row of an array of shape (6,)", row(v, 0, 0, 1, 1))
	wantPanic(t, "matio: columns 0 to 3 of row 2 in an array of shape (2, 3)", row(a, 2, 0, 3, 3))
	wantPanic(t, "matio: columns 0 to 3 of row -1 in an array of shape (2, 3)", row(a, -1, 0, 3, 3))
	wantPanic(t, "matio: columns 0 to 4 of row 0 in an array of shape (2, 3)", row(a, 0, 0, 4, 4))
	wantPanic(t, "matio: columns -1 to 2 of row 0 in an array of shape (2, 3)", row(a, 0, -1, 2, 4))
	wantPanic(t, "matio: columns 2 to 1 of row 0 in an array of shape (2, 3)", row(a, 0, 2, 1, 4))
	wantPanic(t, "matio: 3 elements into a slice of 2", row(a, 0, 0, 3, 2))
	wantPanic(t, "matio: rows 0 to 3 of column 2 in an array of shape (2, 3)", func() { ReadColumn(a, 2, 0, 3, make([]float64, 3)) })
	wantPanic(t, "matio: rows 0 to 2 of column 3 in an array of shape (2, 3)", func() { ReadColumn(a, 3, 0, 2, make([]float64, 3)) })
	wantPanic(t, "matio: size of an unknown DType(9)", func() { DType(9).Size() })
}

func TestClose(t *testing.T) {
	withThreshold(t, 0)
	a := opened(t, put(t, temp(t, "a.npy"), npy(1, dict("<f8", false, "(2, 3)"), ramp[float64](6))))
	for range 2 {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	want := "matio: read of " + a.Name() + " after Close"
	wantPanic(t, want, func() { ReadRow(a, 0, 0, 1, make([]float32, 1)) })
	wantPanic(t, want, func() { ReadAll[float32](a) })
	wantPanic(t, want, func() { CheckFinite(a) })
	wantPanic(t, want, func() { CheckSymmetric(a, 0, 0) })
	if rows, cols, err := a.Dims(); rows != 2 || cols != 3 || err != nil {
		t.Errorf("%d, %d, %v", rows, cols, err)
	}
}

package matio

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// npy builds a file by hand: magic, version, length field, text, elements.
func npy(major byte, text string, elements ...any) []byte {
	b := append([]byte(magic), major, 0)
	if major == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(text)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	}
	b = append(b, text...)
	for _, e := range elements {
		var err error
		if b, err = binary.Append(b, binary.LittleEndian, e); err != nil {
			panic(err)
		}
	}
	return b
}

func dict(descr string, fortran bool, shape string) string {
	order := "False"
	if fortran {
		order = "True"
	}
	return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n"
}

func put(t *testing.T, path string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func temp(t *testing.T, name string) string { return filepath.Join(t.TempDir(), name) }

// opened opens an array that the test closes in the end.
func opened(t *testing.T, path string) *Array {
	t.Helper()
	a, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// parsed is an array from bytes in memory.
func parsed(t *testing.T, name string, data []byte) *Array {
	t.Helper()
	a, err := readArray(&source{name: name, noun: "file", r: strings.NewReader(string(data)), size: int64(len(data))})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func withThreshold(t *testing.T, n int64) {
	t.Helper()
	old := mapThreshold
	mapThreshold = n
	t.Cleanup(func() { mapThreshold = old })
}

// ramp is 0.5, 1.5, …: exact in both types.
func ramp[T float32 | float64](n int) []T {
	v := make([]T, n)
	for k := range v {
		v[k] = T(k) + 0.5
	}
	return v
}

// fortranOrder permutes data in C order to Fortran order, one element after
// another.
func fortranOrder[T any](shape []int, data []T) []T {
	out := make([]T, len(data))
	for k := range data {
		rest, at, step := k, 0, 1
		index := make([]int, len(shape))
		for d := len(shape) - 1; d >= 0; d-- {
			index[d] = rest % shape[d]
			rest /= shape[d]
		}
		for d := range shape {
			at += index[d] * step
			step *= shape[d]
		}
		out[at] = data[k]
	}
	return out
}

func wantSentence(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %q", want)
	}
	if err.Error() != want {
		t.Errorf("error\n  %s\nwant\n  %s", err, want)
	}
}

func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Errorf("panic %v, want %q", got, want)
		}
	}()
	f()
}

// same compares bit patterns, so that NaN equals itself.
func same[T float32 | float64](a, b []T) bool {
	return slices.EqualFunc(a, b, func(x, y T) bool {
		return math.Float64bits(float64(x)) == math.Float64bits(float64(y))
	})
}

package problem

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"lowrank/data/matio"
)

// TestHeadOf: the head of a file and what reading it gives agree.
func TestHeadOf(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(matio.WriteNPY(at("a.npy"), []int{4, 3}, make([]float32, 12)))
	must(matio.WriteNPY(at("v.npy"), []int{1, 5}, make([]float64, 5)))
	must(matio.WriteNPY(at("m.npy"), []int{6, 2, 2}, make([]float64, 24)))
	must(matio.WriteNPY(at("none.npy"), []int{0, 3}, []float64{}))
	must(matio.WriteNPZ(at("one.npz"), map[string]matio.Member{"x": matio.NewMember([]int{2, 2}, make([]float64, 4))}))
	must(matio.WriteNPZ(at("two.npz"), map[string]matio.Member{"x": matio.NewMember([]int{2, 2}, make([]float64, 4)), "y": matio.NewMember([]int{3}, make([]float64, 3))}))
	must(matio.WriteMTX(at("s.mtx.gz"), &matio.Triplets{Rows: 9, Cols: 9, Row: []int{5, 8}, Col: []int{5, 2}, Value: []float64{1, 2}, Symmetry: matio.Symmetric}))
	must(os.WriteFile(at("images-idx3-ubyte"), []byte("\x00\x00\x08\x03\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x01\x02\x03\x04\x05\x06"), 0o644))

	for _, c := range []struct {
		name string
		want FileHead
	}{
		{"a.npy", FileHead{Shape: []int{4, 3}, Values: true, Reading: 48}},
		{"one.npz", FileHead{Shape: []int{2, 2}, Values: true, Reading: 32}},
		{"two.npz:y", FileHead{Shape: []int{3}, Values: true, Reading: 24}},
		{"s.mtx.gz", FileHead{Shape: []int{9, 9}, Sparse: true, Elements: 4, Listed: 2, Values: true, Reading: 24*2 + 24*4}},
		{"images-idx3-ubyte", FileHead{Shape: []int{1, 6}, Values: true, Reading: 6 * 17}},
	} {
		c.want.Path = at(c.name)
		got, err := HeadOf(at(c.name))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
		if len(got.Shape) != 2 {
			continue
		}
		if m, err := ReadMatrix[float64](at(c.name)); err != nil || m.Rows != got.Shape[0] || m.Cols != got.Shape[1] {
			t.Errorf("%s: read as %d×%d, %v; the head says %v", c.name, m.Rows, m.Cols, err, got.Shape)
		}
	}
	head := func(name string) FileHead {
		h, err := HeadOf(at(name))
		must(err)
		return h
	}
	if n, err := head("v.npy").Vector(); n != 5 || err != nil {
		t.Errorf("a row as a vector: %d, %v", n, err)
	}
	if m, n, err := head("m.npy").Stack(); m != 6 || n != 2 || err != nil {
		t.Errorf("a stack: %d of order %d, %v", m, n, err)
	}
	if h := head("s.mtx.gz").AsDense(); h.Elements != 0 || h.Reading != 144+16*81 {
		t.Errorf("as a dense matrix: %+v", h)
	}
	of := func(f func(h FileHead) error, name string) error { return f(head(name)) }
	matrix := func(h FileHead) error { _, _, err := h.Matrix(); return err }
	square := func(h FileHead) error { _, err := h.Square("Σ"); return err }
	vector := func(h FileHead) error { _, err := h.Vector(); return err }
	stack := func(h FileHead) error { _, _, err := h.Stack(); return err }
	_, two := HeadOf(at("two.npz"))
	_, missing := HeadOf(at("nowhere.npz"))
	for _, c := range []struct {
		err  error
		want string
	}{
		{of(matrix, "m.npy"), "expected a matrix"},
		{of(matrix, "none.npy"), "at least one row"},
		{of(square, "a.npy"), "Σ must be square"},
		{of(vector, "a.npy"), "expected a vector"},
		{of(stack, "a.npy"), "expected m×n×n"},
		{two, "the file has 2 arrays (x, y); say which"},
		{missing, "does not exist"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v; want %q", c.err, c.want)
		}
	}
}

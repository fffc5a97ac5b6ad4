package matio

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestHead: the shape of every format from its beginning alone, whatever stands
// behind it.
func TestHead(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	text := func(name, content string) { must(os.WriteFile(at(name), []byte(content), 0o644)) }
	must(WriteNPY(at("small.npy"), []int{3, 2}, make([]float32, 6)))
	must(WriteNPY(at("large.npy"), []int{512, 512}, make([]float64, 512*512)))
	must(WriteNPZ(at("two.npz"), map[string]Member{"a": NewMember([]int{4}, make([]float64, 4)), "b": NewMember([]int{2, 2, 2}, make([]float32, 8))}))
	must(WriteMTX(at("sparse.mtx"), &Triplets{Rows: 5, Cols: 5, Row: []int{4, 3}, Col: []int{1, 3}, Value: []float64{1, 2}, Symmetry: Symmetric}))
	must(WriteMTX(at("sparse.mtx.gz"), &Triplets{Rows: 4, Cols: 6, Row: []int{3}, Col: []int{5}, Value: []float64{1}}))
	// The elements would be wrong: nobody looks at them.
	text("cut.mtx", "%%MatrixMarket matrix coordinate pattern general\n% comment\n7 8 9\nnonsense\n")
	text("array.mtx", "%%MatrixMarket matrix array real general\n7 8\n")
	text("images.idx", "\x00\x00\x08\x03\x00\x00\x00\x0a\x00\x00\x00\x02\x00\x00\x00\x03")

	archive := func(name string) func(string) (Head, error) {
		return func(path string) (Head, error) {
			z, err := OpenNPZ(path)
			must(err)
			defer z.Close()
			return z.Head(name)
		}
	}
	for _, c := range []struct {
		file string
		head func(string) (Head, error)
		want Head
	}{
		{"small.npy", HeadNPY, Head{Shape: []int{3, 2}, Size: 4}},
		{"large.npy", HeadNPY, Head{Shape: []int{512, 512}, Size: 8, Mapped: true}},
		{"two.npz", archive("a"), Head{Shape: []int{4}, Size: 8}},
		{"two.npz", archive("b"), Head{Shape: []int{2, 2, 2}, Size: 4}},
		{"sparse.mtx", HeadMTX, Head{Shape: []int{5, 5}, Listed: 2, Symmetry: Symmetric}},
		{"sparse.mtx.gz", HeadMTX, Head{Shape: []int{4, 6}, Listed: 1}},
		{"cut.mtx", HeadMTX, Head{Shape: []int{7, 8}, Listed: 9, Pattern: true}},
		{"array.mtx", HeadMTX, Head{Shape: []int{7, 8}, Listed: 56}},
		{"images.idx", HeadIDX, Head{Shape: []int{10, 2, 3}, Size: 1}},
	} {
		got, err := c.head(at(c.file))
		if got.OnDisk <= 0 {
			t.Errorf("%s: %d bytes on the disk", c.file, got.OnDisk)
		}
		if got.OnDisk = 0; err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.file, got, err, c.want)
		}
	}

	text("short.npy", "\x93NUMPY\x01\x00")
	text("header.npy", "no header")
	must(WriteNPY(at("truncated.npy"), []int{3}, make([]float64, 3)))
	must(os.Truncate(at("truncated.npy"), 140))
	for _, c := range []struct {
		file string
		head func(string) (Head, error)
		want string
	}{
		{"nowhere.npy", HeadNPY, "does not exist"},
		{".", HeadNPY, "is a directory"},
		{"short.npy", HeadNPY, "ends inside the header"},
		{"truncated.npy", HeadNPY, "asks for 24 bytes"},
		{"header.npy", HeadMTX, "banner"},
		{"header.npy", HeadIDX, "two zero bytes"},
		{"two.npz", archive("c"), `one of "a", "b" was expected`},
		{os.DevNull, HeadNPY, "is a stream"},
	} {
		path := at(c.file)
		if c.file == os.DevNull {
			path = c.file
		}
		if _, err := c.head(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.file, err, c.want)
		}
	}
}

package matio

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math"
	"reflect"
	"strings"
	"testing"
)

// idx builds a file by hand: type, sizes, elements.
func idx(kind byte, sizes []uint32, elements ...any) []byte {
	b := []byte{0, 0, kind, byte(len(sizes))}
	for _, e := range append([]any{sizes}, elements...) {
		var err error
		if b, err = binary.Append(b, binary.BigEndian, e); err != nil {
			panic(err)
		}
	}
	return b
}

func idxBytes(data []byte, size int64) (*IDX, error) {
	return readIDX(&source{name: "x.idx", noun: "file", r: bytes.NewReader(data), size: size})
}

var idxFiles = []struct {
	data []byte
	want IDX
}{
	{idx(0x08, []uint32{2, 3}, []uint8{0, 1, 2, 3, 4, 255}), IDX{[]int{2, 3}, []float64{0, 1, 2, 3, 4, 255}, 0x08}},
	{idx(0x09, []uint32{3}, []int8{-128, -1, 127}), IDX{[]int{3}, []float64{-128, -1, 127}, 0x09}},
	{idx(0x0b, []uint32{2}, []int16{-32768, 258}), IDX{[]int{2}, []float64{-32768, 258}, 0x0b}},
	{idx(0x0c, []uint32{2, 1}, []int32{math.MinInt32, 65536}), IDX{[]int{2, 1}, []float64{math.MinInt32, 65536}, 0x0c}},
	{idx(0x0d, []uint32{2}, []float32{0.1, -2}), IDX{[]int{2}, []float64{float64(float32(0.1)), -2}, 0x0d}},
	{idx(0x0e, []uint32{1, 2, 1}, []float64{0.1, math.Inf(1)}), IDX{[]int{1, 2, 1}, []float64{0.1, math.Inf(1)}, 0x0e}},
	{idx(0x08, []uint32{1, 1, 1, 1, 1, 1, 1, 1}, uint8(7)), IDX{[]int{1, 1, 1, 1, 1, 1, 1, 1}, []float64{7}, 0x08}},
	{idx(0x0e, []uint32{0, 5}), IDX{[]int{0, 5}, []float64{}, 0x0e}},
}

func TestReadIDX(t *testing.T) {
	for _, c := range idxFiles {
		for _, size := range []int64{int64(len(c.data)), -1} {
			got, err := idxBytes(c.data, size)
			if err != nil {
				t.Errorf("%x: %v", c.data, err)
			} else if !reflect.DeepEqual(*got, c.want) {
				t.Errorf("%+v, want %+v", *got, c.want)
			}
		}
	}
}

var idxFaults = []struct {
	data []byte
	want string
}{
	{nil, "the file is empty; an IDX file was expected"},
	{[]byte("\x1f\x8b\x08\x00"), "the file does not begin with two zero bytes; an IDX file was expected"},
	{[]byte{0, 1, 8, 1}, "the file does not begin with two zero bytes; an IDX file was expected"},
	{[]byte{0, 0, 8}, "the file ends inside the header; a complete IDX file was expected"},
	{[]byte{0, 0, 8, 2, 0, 0, 0, 1, 0}, "the file ends inside the header; a complete IDX file was expected"},
	{[]byte{0, 0, 0x0a, 1, 0, 0, 0, 1, 0}, "the element type is 0x0a; 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e was expected"},
	{[]byte{0, 0, 8, 0, 0}, "the number of dimensions is 0; from 1 to 8 was expected"},
	{[]byte{0, 0, 8, 9, 0}, "the number of dimensions is 9; from 1 to 8 was expected"},
	{idx(0x08, []uint32{2, 3}, []uint8{1, 2, 3, 4, 5}), "the shape (2, 3) asks for 6 bytes of elements but the file holds 5; the two must agree"},
	{idx(0x0e, []uint32{2}, 1.0), "the shape (2,) asks for 16 bytes of elements but the file holds 8; the two must agree"},
	{idx(0x08, []uint32{1 << 30, 1 << 20}, uint8(1)), "the shape (1073741824, 1048576) asks for 1125899906842624 bytes of elements but the file holds 1; the two must agree"},
	{idx(0x08, []uint32{1 << 31, 1 << 31, 4}, uint8(1)), "the shape (2147483648, 2147483648, 4) has too many elements; at most 1152921504606846975 were expected"},
	{idx(0x08, []uint32{0, 1 << 31, 1 << 31, 4}), "the shape (0, 2147483648, 2147483648, 4) has too many elements; at most 1152921504606846975 were expected"},
}

func TestReadIDXFaults(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("the sentences hold numbers of 64 bits")
	}
	for _, c := range idxFaults {
		for _, size := range []int64{int64(len(c.data)), -1} {
			_, err := idxBytes(c.data, size)
			wantSentence(t, err, "x.idx: "+c.want)
			if err != nil && strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("%q has more than one line", err)
			}
		}
	}
	// How much too long a stream is cannot be told.
	long := idx(0x08, []uint32{2}, []uint8{1, 2, 3})
	_, err := idxBytes(long, int64(len(long)))
	wantSentence(t, err, "x.idx: the shape (2,) asks for 2 bytes of elements but the file holds 3; the two must agree")
	_, err = idxBytes(long, -1)
	wantSentence(t, err, "x.idx: the shape (2,) asks for 2 bytes of elements but the file holds more; the two must agree")
}

func TestReadIDXFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	c := idxFiles[0]
	var packed bytes.Buffer
	if err := compressed(&packed, func(w io.Writer) error { _, err := w.Write(c.data); return err }); err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Clone(packed.Bytes())
	wrong[len(wrong)-8] ^= 1 // the checksum
	put(t, "plain", c.data)
	put(t, "packed.gz", packed.Bytes())
	put(t, "wrong.gz", wrong)
	put(t, "cut.gz", packed.Bytes()[:packed.Len()-12])
	put(t, "empty", nil)
	for _, path := range []string{"plain", "packed.gz"} {
		if got, err := ReadIDX(path); err != nil || !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
	for path, sentence := range map[string]string{
		"missing":  "does not exist; a file in the IDX format was expected",
		".":        "is a directory; a file in the IDX format was expected",
		"empty":    "the file is empty; an IDX file was expected",
		"cut.gz":   "cannot be read (unexpected EOF); an intact file was expected",
		"wrong.gz": "cannot be read (gzip: invalid checksum); an intact file was expected",
	} {
		_, err := ReadIDX(path)
		wantSentence(t, err, path+": "+sentence)
	}
	if _, err := ReadIDX("missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if _, err := ReadIDX("wrong.gz"); !errors.Is(err, gzip.ErrChecksum) {
		t.Error("the cause is lost")
	}
}

func TestIDXMatrix(t *testing.T) {
	for _, c := range []struct {
		shape      []int
		rows, cols int
	}{
		{[]int{6}, 6, 1}, {[]int{2, 3}, 2, 3}, {[]int{2, 3, 1}, 2, 3}, {[]int{1, 2, 3}, 1, 6}, {[]int{0, 4}, 0, 4}, {[]int{4, 0}, 4, 0},
	} {
		x := &IDX{Shape: c.shape, Data: ramp[float64](product(c.shape))}
		rows, cols, data := x.Matrix()
		if rows != c.rows || cols != c.cols || !same(data, x.Data) {
			t.Errorf("%v: %d×%d, %v", c.shape, rows, cols, data)
		}
	}
}

func TestMNISTOnes(t *testing.T) {
	x, err := ReadIDX("../problem/data/mnist-ones-100-idx3-ubyte.gz")
	if err != nil {
		t.Fatal(err)
	}
	rows, cols, data := x.Matrix()
	if rows != 100 || cols != 784 || x.Type != 0x08 || tuple(x.Shape) != "(100, 28, 28)" {
		t.Fatalf("%d×%d of type %#x and shape %v", rows, cols, x.Type, x.Shape)
	}
	sum := 0.0
	for _, v := range data {
		sum += v / 255 * (v / 255)
	}
	if norm := math.Sqrt(sum); math.Abs(norm-73.311) > 0.001 {
		t.Errorf("norm %g, want 73.311", norm)
	}
}

// FuzzReadIDX feeds whole files: whatever they hold, reading neither panics
// nor keeps more than they justify, and an error is one sentence.
func FuzzReadIDX(f *testing.F) {
	for _, c := range idxFiles {
		f.Add(c.data)
	}
	for _, c := range idxFaults {
		f.Add(c.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, size := range []int64{int64(len(data)), -1} {
			x, err := idxBytes(data, size)
			if err != nil {
				if text := err.Error(); strings.ContainsAny(text, "\r\n") || !strings.HasPrefix(text, "x.idx: ") {
					t.Errorf("error %q", text)
				}
				continue
			}
			rows, cols, all := x.Matrix()
			if rows*cols != len(all) || cap(all) > len(data) {
				t.Errorf("%d×%d in %d of %d elements from %d bytes", rows, cols, len(all), cap(all), len(data))
			}
		}
	})
}

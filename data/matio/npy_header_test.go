package matio

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestHeaderForms(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       header
	}{
		{"as NumPy", "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }      \n", header{F8, false, []int{3, 4}, 12}},
		{"compact", "{'descr':'<f4','fortran_order':True,'shape':(3,4)}", header{F4, true, []int{3, 4}, 12}},
		{"another order of keys", "{'shape': (5,), 'descr': '<f4', 'fortran_order': False}", header{F4, false, []int{5}, 5}},
		{"double quotes", `{"descr": "<f8", "fortran_order": True, "shape": (2, 2,)}`, header{F8, true, []int{2, 2}, 4}},
		{"white space", "\n {\t'descr' :\r\n'<f8' , 'fortran_order' : False , 'shape' : ( 3 , 4 , ) , } \n\n", header{F8, false, []int{3, 4}, 12}},
		{"scalar", dict("<f8", false, "()"), header{F8, false, []int{}, 1}},
		{"empty", dict("<f8", false, "(0, 5)"), header{F8, false, []int{0, 5}, 0}},
		{"empty beside a large dimension", dict("<f8", false, "(2147483647, 2147483647, 2147483647, 0)"),
			header{F8, false, []int{math.MaxInt32, math.MaxInt32, math.MaxInt32, 0}, 0}},
		{"Python 2", dict("<f8", false, "(3L, 4L)"), header{F8, false, []int{3, 4}, 12}},
		{"Python 2, one dimension", dict("<f8", false, "(3L,)"), header{F8, false, []int{3}, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for major := byte(1); major <= 3; major++ {
				s := &source{name: "x.npy", noun: "file", r: bytes.NewReader(npy(major, c.text)), size: -1}
				h, offset, err := s.readHeader()
				if err != nil {
					t.Fatal(err)
				}
				if h.dtype != c.want.dtype || h.fortran != c.want.fortran || h.n != c.want.n || !slices.Equal(h.shape, c.want.shape) {
					t.Errorf("version %d: %+v, want %+v", major, h, c.want)
				}
				if want := int64(len(npy(major, c.text))); offset != want {
					t.Errorf("version %d: elements at %d, want %d", major, offset, want)
				}
			}
		})
	}
}

func TestFormatHeader(t *testing.T) {
	manyOnes := slices.Repeat([]int{1}, 30000) // too many for the length field of version 1
	for _, c := range []struct {
		dtype DType
		shape []int
		major byte
	}{
		{F8, nil, 1}, {F4, []int{3}, 1}, {F8, []int{3, 4}, 1}, {F4, []int{0, 5}, 1},
		{F8, slices.Repeat([]int{1}, 40), 1}, {F8, manyOnes, 2},
	} {
		b := formatHeader(c.dtype, c.shape)
		if len(b)%dataAlign != 0 {
			t.Errorf("shape %s: %d bytes", tuple(c.shape), len(b))
		}
		if b[len(magic)] != c.major || b[len(b)-1] != '\n' {
			t.Errorf("shape %s: version %d, last byte %q", tuple(c.shape), b[len(magic)], b[len(b)-1])
		}
		h, offset, err := (&source{name: "x.npy", noun: "file", r: bytes.NewReader(b), size: int64(len(b))}).readHeader()
		if err != nil {
			t.Fatal(err)
		}
		if h.dtype != c.dtype || h.fortran || !slices.Equal(h.shape, c.shape) || offset != int64(len(b)) {
			t.Errorf("shape %s: %s, elements at %d", tuple(c.shape), tuple(h.shape), offset)
		}
	}
}

// TestHeaderAroundVersion1 goes through all lengths near the limit of the
// length field, where the padding could push the length over it.
func TestHeaderAroundVersion1(t *testing.T) {
	const perDim = len("0, ")
	seen := map[byte]bool{}
	for n := (math.MaxUint16 - 300) / perDim; n < (math.MaxUint16+100)/perDim; n++ {
		b := formatHeader(F8, make([]int, n))
		h, _, err := (&source{name: "x.npy", noun: "file", r: bytes.NewReader(b), size: int64(len(b))}).readHeader()
		if err != nil || len(h.shape) != n || len(b)%dataAlign != 0 {
			t.Fatalf("%d dimensions: %d, %d bytes, error %v", n, len(h.shape), len(b), err)
		}
		seen[b[len(magic)]] = true
	}
	if !seen[1] || !seen[2] {
		t.Errorf("versions %v", seen)
	}
}

func TestTuple(t *testing.T) {
	for want, v := range map[string][]int{
		"()": nil, "(3,)": {3}, "(3, 4)": {3, 4},
		"(" + strings.Repeat("0, ", 32) + "… 33 dimensions)": make([]int, 33),
	} {
		if got := tuple(v); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestDTypeString(t *testing.T) {
	for d, want := range map[DType]string{F4: "<f4", F8: "<f8", 7: "DType(7)"} {
		if got := d.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzHeader feeds whole files: whatever they hold, reading neither panics nor
// allocates more than they justify, and an error is one sentence.
func FuzzHeader(f *testing.F) {
	for _, c := range damaged {
		if len(c.data) < 1000 {
			f.Add(c.data)
		}
	}
	f.Add(huge)
	f.Add(npy(1, dict("<f8", false, "(2, 3)"), ramp[float64](6)))
	f.Add(npy(2, dict("<f4", true, "(2L, 3L)"), ramp[float32](6)))
	f.Add(npy(3, dict("<f8", true, "()"), 1.0))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, size := range []int64{int64(len(data)), -1} {
			s := &source{name: "x.npy", noun: "file", r: bytes.NewReader(data), size: size}
			a, err := readArray(s)
			if err != nil {
				if text := err.Error(); strings.ContainsAny(text, "\r\n") || !strings.HasPrefix(text, "x.npy: ") {
					t.Errorf("error %q", text)
				}
				continue
			}
			if cap(a.data) > len(data) || a.n*a.dtype.Size() != len(a.data) {
				t.Errorf("%d bytes in a capacity of %d for a file of %d", len(a.data), cap(a.data), len(data))
			}
			if n := len(ReadAll[float32](a)); n != a.n {
				t.Errorf("%d elements of %d", n, a.n)
			}
			CheckFinite(a)
			CheckSymmetric(a, 1e-12, 1)
		}
	})
}

package matio

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// maxIDXDims bounds the dimensions of an IDX file; those of MNIST have 1 or 3.
const maxIDXDims = 8

// IDX is an n-dimensional array from a file in the IDX format, which the MNIST
// database uses.
type IDX struct {
	Shape []int
	Data  []float64 // in C order, as stored: neither scaled nor checked for NaN
	Type  byte      // 0x08 uint8, 0x09 int8, 0x0b int16, 0x0c int32, 0x0d float32, 0x0e float64
}

// Matrix returns the array as a matrix in C order: the first dimension gives
// the rows, all others together the columns. A vector has one column. The data
// are those of x, not a copy.
func (x *IDX) Matrix() (rows, cols int, data []float64) {
	rows, cols = x.Shape[0], 1
	for _, d := range x.Shape[1:] {
		cols *= d
	}
	return rows, cols, x.Data
}

// ReadIDX reads an IDX file. One whose name ends in ".gz" is decompressed.
func ReadIDX(path string) (*IDX, error) {
	s, f, err := openSource(path, "file in the IDX format")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readIDX(s)
}

// DecodeIDX reads the IDX format from r, which errors call name.
func DecodeIDX(name string, r io.Reader) (*IDX, error) {
	return readIDX(&source{name: name, noun: "stream", r: r, size: -1})
}

func readIDX(s *source) (*IDX, error) {
	x, width, err := readIDXHeader(s)
	if err != nil {
		return nil, err
	}
	// Every element becomes a float64, so these must be addressable too; and
	// so must the columns of a matrix without rows.
	n, ok := count(x.Shape, 8)
	if _, fits := count(x.Shape[1:], 8); !ok || !fits {
		return nil, faultf(s.name, "the shape %s has too many elements; at most %d were expected", tuple(x.Shape), math.MaxInt/8)
	}
	h := int64(4 + 4*len(x.Shape))
	want := int64(n) * int64(width)
	if s.size >= 0 && s.size-h != want {
		return nil, idxDisagreement(s, x, want, fmt.Sprint(s.size-h))
	}
	raw, err := s.upTo(want)
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) < want {
		return nil, idxDisagreement(s, x, want, fmt.Sprint(len(raw)))
	}
	// Reading on to the end also makes gzip verify its checksum.
	rest, err := s.upTo(1)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, idxDisagreement(s, x, want, "more")
	}
	x.Data = decodeIDX(x.Type, raw, n)
	return x, nil
}

func idxDisagreement(s *source, x *IDX, want int64, holds string) error {
	return faultf(s.name, "the shape %s asks for %d bytes of elements but the %s holds %s; the two must agree",
		tuple(x.Shape), want, s.noun, holds)
}

// readIDXHeader reads two zero bytes, the type, the number of dimensions and
// the dimensions; width is the size of an element in bytes.
func readIDXHeader(s *source) (x *IDX, width int, err error) {
	const cut = "the %s ends inside the header; a complete IDX file was expected"
	head, err := s.upTo(4)
	if err != nil {
		return nil, 0, err
	}
	switch {
	case len(head) == 0:
		return nil, 0, faultf(s.name, "the %s is empty; an IDX file was expected", s.noun)
	case slices.ContainsFunc(head[:min(len(head), 2)], func(b byte) bool { return b != 0 }):
		return nil, 0, faultf(s.name, "the %s does not begin with two zero bytes; an IDX file was expected", s.noun)
	case len(head) < 4:
		return nil, 0, faultf(s.name, cut, s.noun)
	}
	x = &IDX{Type: head[2]}
	switch x.Type {
	case 0x08, 0x09:
		width = 1
	case 0x0b:
		width = 2
	case 0x0c, 0x0d:
		width = 4
	case 0x0e:
		width = 8
	default:
		return nil, 0, faultf(s.name, "the element type is 0x%02x; 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e was expected", x.Type)
	}
	dims := int(head[3])
	if dims < 1 || dims > maxIDXDims {
		return nil, 0, faultf(s.name, "the number of dimensions is %d; from 1 to %d was expected", dims, maxIDXDims)
	}
	sizes, err := s.upTo(int64(4 * dims))
	if err != nil {
		return nil, 0, err
	}
	if len(sizes) < 4*dims {
		return nil, 0, faultf(s.name, cut, s.noun)
	}
	for ; len(sizes) > 0; sizes = sizes[4:] {
		d := binary.BigEndian.Uint32(sizes)
		if uint64(d) > math.MaxInt { // where an int has 32 bits
			return nil, 0, faultf(s.name, "a dimension is %d; at most %d was expected", d, math.MaxInt)
		}
		x.Shape = append(x.Shape, int(d))
	}
	return x, width, nil
}

// decodeIDX converts n big-endian elements. Every type fits a float64 exactly.
func decodeIDX(kind byte, raw []byte, n int) []float64 {
	out := make([]float64, n)
	big := binary.BigEndian
	for k := range out {
		switch kind {
		case 0x08:
			out[k] = float64(raw[k])
		case 0x09:
			out[k] = float64(int8(raw[k]))
		case 0x0b:
			out[k] = float64(int16(big.Uint16(raw[2*k:])))
		case 0x0c:
			out[k] = float64(int32(big.Uint32(raw[4*k:])))
		case 0x0d:
			out[k] = float64(math.Float32frombits(big.Uint32(raw[4*k:])))
		case 0x0e:
			out[k] = math.Float64frombits(big.Uint64(raw[8*k:]))
		}
	}
	return out
}

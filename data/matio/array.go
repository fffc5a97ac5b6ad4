package matio

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unsafe"
)

// Array is an n-dimensional array of little-endian float32 or float64 in C or
// Fortran order, backed by memory or by a read-only map of its file. Any
// number of goroutines may read it at once; Close must come after all of them.
//
// While a file is mapped, nobody may shorten it in place: the operating system
// ends a process that reads a page which is gone. Files that are replaced by a
// rename, as this package does, stay readable.
type Array struct {
	header
	name   string
	data   []byte // the elements, as stored
	unmap  func() error
	closed bool
}

// Shape returns a copy of the dimensions.
func (a *Array) Shape() []int { return slices.Clone(a.shape) }

// DType returns the type of the elements as stored, by which a caller may choose the one
// to read them as.
func (a *Array) DType() DType { return a.dtype }

// Len returns the number of elements.
func (a *Array) Len() int { return a.n }

// Name returns the path of the file, or path:member within an archive.
func (a *Array) Name() string { return a.name }

// Dims returns the shape of a matrix; any other number of dimensions than two
// is an error.
func (a *Array) Dims() (rows, cols int, err error) {
	if len(a.shape) != 2 {
		return 0, 0, faultf(a.name, "the array has the shape %s; a matrix with two dimensions was expected", tuple(a.shape))
	}
	return a.shape[0], a.shape[1], nil
}

// Close gives up the elements and unmaps the file. Every later read of an
// element panics; the shape and the name stay. A second Close does nothing.
func (a *Array) Close() error {
	if a.closed {
		return nil
	}
	a.closed = true
	a.data = nil
	if a.unmap == nil {
		return nil
	}
	if err := a.unmap(); err != nil {
		return causef(a.name, err, "cannot be unmapped (%s); a map that this process still holds was expected", reason(err))
	}
	return nil
}

func (a *Array) mustBeOpen() {
	if a.closed {
		panic("matio: read of " + a.name + " after Close")
	}
}

// ReadRow sets dst[k] to a[i, j0+k] for j0 ≤ j0+k < j1, converted to T. It
// panics unless a is an open matrix that has these elements and dst has room.
func ReadRow[T float32 | float64](a *Array, i int, j0, j1 int, dst []T) {
	rows, cols := a.mustHave("row", i, 0, j0, j1, 1, len(dst))
	if dst = dst[:j1-j0]; a.fortran {
		gather(a, j0*rows+i, rows, dst)
	} else {
		gather(a, i*cols+j0, 1, dst)
	}
}

// ReadColumn sets dst[k] to a[i0+k, j] for i0 ≤ i0+k < i1, as ReadRow does.
func ReadColumn[T float32 | float64](a *Array, j int, i0, i1 int, dst []T) {
	rows, cols := a.mustHave("column", j, 1, i0, i1, 0, len(dst))
	if dst = dst[:i1-i0]; a.fortran {
		gather(a, j*rows+i0, 1, dst)
	} else {
		gather(a, i0*cols+j, cols, dst)
	}
}

// mustHave panics unless a is an open matrix with line number at of a dimension, whose
// elements first … last−1 fit into a slice of so many.
func (a *Array) mustHave(line string, at, dimension, first, last, along, room int) (rows, cols int) {
	a.mustBeOpen()
	across := [2]string{"rows", "columns"}[along]
	if len(a.shape) != 2 {
		panic(fmt.Sprintf("matio: %s of an array of shape %s", line, tuple(a.shape)))
	}
	if at < 0 || at >= a.shape[dimension] || first < 0 || first > last || last > a.shape[along] {
		panic(fmt.Sprintf("matio: %s %d to %d of %s %d in an array of shape %s", across, first, last, line, at, tuple(a.shape)))
	}
	if room < last-first {
		panic(fmt.Sprintf("matio: %d elements into a slice of %d", last-first, room))
	}
	return a.shape[0], a.shape[1]
}

// ReadAll returns all elements in C order, converted to T, in a new slice. The
// array may have any number of dimensions. It panics after Close.
func ReadAll[T float32 | float64](a *Array) []T {
	a.mustBeOpen()
	out := make([]T, a.n)
	if !a.fortran || len(a.shape) < 2 || a.n == 0 {
		gather(a, 0, 1, out)
		return out
	}

	// The first index is contiguous in storage and the last one in out. Go
	// through the plane of these two in tiles, and through the others one by
	// one.
	shape := a.shape
	last := len(shape) - 1
	in := strides(shape, true)
	to := strides(shape, false)
	index := make([]int, len(shape)) // its first and last entries stay 0
	for {
		src, dst := 0, 0
		for k, x := range index {
			src += x * in[k]
			dst += x * to[k]
		}
		transpose(a, src, in[last], shape[0], shape[last], out[dst:], to[0])

		k := last - 1
		for ; k > 0; k-- {
			if index[k]++; index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
		if k <= 0 {
			return out
		}
	}
}

// tile is the side of the blocks in which both orders are walked at once: two
// blocks of float64 fit the second-level cache of any machine.
const tile = 64

// transpose copies n runs of m contiguous elements, stride apart from src on,
// so that element i of run j becomes out[i*pitch+j].
func transpose[T float32 | float64](a *Array, src, stride, m, n int, out []T, pitch int) {
	var buf [tile]T
	for i0 := 0; i0 < m; i0 += tile {
		run := buf[:min(tile, m-i0)]
		for j0 := 0; j0 < n; j0 += tile {
			for j := j0; j < min(j0+tile, n); j++ {
				gather(a, src+j*stride+i0, 1, run)
				at := i0*pitch + j
				for _, x := range run {
					out[at] = x
					at += pitch
				}
			}
		}
	}
}

// strides returns how far apart neighbours along each dimension are, in
// elements. No dimension may be zero.
func strides(shape []int, fortran bool) []int {
	s := make([]int, len(shape))
	step := 1
	for k := range shape {
		if !fortran {
			k = len(shape) - 1 - k
		}
		s[k] = step
		step *= shape[k]
	}
	return s
}

// gather sets dst[k] to the stored element start+k·stride.
func gather[T float32 | float64](a *Array, start, stride int, dst []T) {
	if len(dst) == 0 {
		return
	}
	switch a.dtype {
	case F4:
		if src, ok := elements[float32](a.data); ok {
			pick(src[start:], stride, dst)
			return
		}
	case F8:
		if src, ok := elements[float64](a.data); ok {
			pick(src[start:], stride, dst)
			return
		}
	}
	for k := range dst {
		dst[k] = T(a.decode(start + k*stride))
	}
}

func pick[S, T float32 | float64](src []S, stride int, dst []T) {
	if stride != 1 {
		for k := range dst {
			dst[k] = T(src[k*stride])
		}
		return
	}
	if same, ok := any(src).([]T); ok {
		copy(dst, same[:len(dst)])
		return
	}
	for k, x := range src[:len(dst)] {
		dst[k] = T(x)
	}
}

// decode returns the stored element k for any alignment and byte order of the
// host. A float32 passes through float64 unchanged.
func (a *Array) decode(k int) float64 {
	if a.dtype == F4 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(a.data[4*k:])))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(a.data[8*k:]))
}

// littleEndian is a variable so that tests can take the path of other hosts.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// elements views stored bytes as numbers where the host reads them as they
// are: it must be little-endian and the bytes aligned, which the data of a
// mapped file with an odd header is not.
func elements[S float32 | float64](b []byte) ([]S, bool) {
	size := unsafe.Sizeof(S(0))
	p := unsafe.Pointer(unsafe.SliceData(b))
	if !littleEndian || uintptr(p)%size != 0 {
		return nil, false
	}
	return unsafe.Slice((*S)(p), uintptr(len(b))/size), true
}

// ArrayOf is an array in memory with elements in C order. name stands in
// errors. It panics if the shape does not fit the data.
func ArrayOf(name string, shape []int, data []float64) *Array {
	arrayHead(shape, data)
	b := make([]byte, 8*len(data))
	for i, v := range data {
		binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(v))
	}
	return &Array{header: header{dtype: F8, shape: slices.Clone(shape), n: len(data)}, name: name, data: b}
}

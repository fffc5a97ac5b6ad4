package matio

import (
	"encoding/binary"
	"fmt"
	"io"
)

// WriteNPY writes data as an array in C order to a .npy file, atomically. It
// panics if the shape does not fit the data.
func WriteNPY[T float32 | float64](path string, shape []int, data []T) error {
	head := arrayHead(shape, data)
	return Replace(path, func(w io.Writer) error { return writeArray(w, head, data) })
}

// arrayHead returns the header of data and panics if the shape does not fit.
func arrayHead[T float32 | float64](shape []int, data []T) []byte {
	dtype := F8
	if _, ok := any(data).([]float32); ok {
		dtype = F4
	}
	for _, d := range shape {
		if d < 0 {
			panic(fmt.Sprintf("matio: negative dimension in the shape %s", tuple(shape)))
		}
	}
	if n, ok := count(shape, dtype.Size()); !ok || n != len(data) {
		panic(fmt.Sprintf("matio: %d elements for the shape %s", len(data), tuple(shape)))
	}
	return formatHeader(dtype, shape)
}

func writeArray[T float32 | float64](w io.Writer, head []byte, data []T) error {
	if _, err := w.Write(head); err != nil {
		return err
	}
	buf := make([]byte, 1<<16)
	for len(data) > 0 {
		k := min(len(data), len(buf)/8)
		n, err := binary.Encode(buf, binary.LittleEndian, data[:k])
		if err != nil {
			return err
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		data = data[k:]
	}
	return nil
}

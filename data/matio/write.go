package matio

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// fileMode is the mode of a new file, before the umask.
const fileMode = 0o644

// pending is a temporary file that is to replace another one.
type pending interface {
	io.Writer
	CloseAtomicallyReplace() error
	Cleanup() error // removes what has not replaced anything
}

// Replace writes path through fill: either the whole of it stands under the
// name in the end or what stood there before. A symbolic link stays and its
// target is replaced. A device or a pipe cannot be replaced and is written
// directly.
func Replace(path string, fill func(w io.Writer) error) error {
	target := path
	if info, err := os.Stat(path); err == nil {
		switch {
		case info.IsDir():
			return faultf(path, "is a directory; the name of a file was expected")
		case !info.Mode().IsRegular():
			return writeDevice(path, fill)
		}
		if target, err = filepath.EvalSymlinks(path); err != nil {
			target = path
		}
	}
	p, err := newPending(target)
	if err != nil {
		return causef(path, err, "cannot be written (%s); a name in a writable directory was expected", reason(err))
	}
	defer p.Cleanup() // does nothing after the replacement
	err = buffered(p, fill)
	if err == nil {
		err = p.CloseAtomicallyReplace()
	}
	if err != nil {
		return causef(path, err, "cannot be written (%s); what stood there before is untouched", reason(err))
	}
	return nil
}

func writeDevice(path string, fill func(w io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		err = buffered(f, fill)
		if e := f.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		return causef(path, err, "cannot be written (%s); a writable stream was expected", reason(err))
	}
	return nil
}

func buffered(w io.Writer, fill func(w io.Writer) error) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := fill(b); err != nil {
		return err
	}
	return b.Flush()
}

// WriteFile writes data to path, atomically.
func WriteFile(path string, data []byte) error {
	return Replace(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

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

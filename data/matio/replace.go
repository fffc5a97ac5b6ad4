package matio

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
)

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

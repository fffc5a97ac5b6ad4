package matio

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// openSource opens a file that may be compressed: one whose name ends in ".gz"
// is decompressed as it is read. The caller closes the file; kind is what it
// should have been.
func openSource(path, kind string) (*source, *os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, openFault(path, kind, err)
	}
	s, err := fileSource(f, path, kind)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return s, f, nil
}

func fileSource(f *os.File, path, kind string) (*source, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, openFault(path, kind, err)
	case info.IsDir():
		return nil, faultf(path, "is a directory; a %s was expected", kind)
	case gzipped(path):
		// How much comes out is not known before it has come out.
		z, err := gzip.NewReader(f)
		if err == io.EOF {
			return nil, faultf(path, "the file is empty; a %s, compressed by gzip, was expected", kind)
		}
		if err != nil {
			return nil, causef(path, err, "cannot be decompressed (%s); a %s, compressed by gzip, was expected", reason(err), kind)
		}
		return &source{name: path, noun: "file", r: z, size: -1}, nil
	case !info.Mode().IsRegular():
		return &source{name: path, noun: "stream", r: f, size: -1}, nil
	}
	return &source{name: path, noun: "file", r: f, size: info.Size(), exists: true}, nil
}

func gzipped(path string) bool { return strings.EqualFold(filepath.Ext(path), ".gz") }

// compressed writes through gzip. The bytes depend on nothing but what fill
// writes: no name and no time go with them.
func compressed(w io.Writer, fill func(w io.Writer) error) error {
	z := gzip.NewWriter(w)
	if err := fill(z); err != nil {
		return err
	}
	return z.Close()
}

package matio

import (
	"fmt"
	"os"
)

// mapThreshold is the size in bytes from which on a file is mapped: below it,
// one read costs less than a map and its page faults.
var mapThreshold int64 = 1 << 20

// readLimit is the size in bytes up to which a file that cannot be mapped is
// read instead: memory for more may not be there.
const readLimit = 1 << 31

// Open opens a .npy file. A regular file of at least 1 MiB is mapped where the
// operating system can, so that elements are read from the disk on demand; a
// smaller file, or a stream such as a pipe, is read at once.
func Open(path string) (*Array, error) {
	const kind = ".npy file"
	f, err := os.Open(path)
	if err != nil {
		return nil, openFault(path, kind, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, openFault(path, kind, err)
	}
	if info.IsDir() {
		return nil, faultf(path, "is a directory; a %s was expected", kind)
	}
	if !info.Mode().IsRegular() {
		return readArray(&source{name: path, noun: "stream", r: f, size: -1})
	}

	s := &source{name: path, noun: "file", r: f, size: info.Size(), exists: true}
	if s.size < mapThreshold {
		return readArray(s)
	}
	h, offset, err := s.readHeader()
	if err != nil {
		return nil, err
	}
	if err := s.checkSize(h, offset); err != nil {
		return nil, err
	}
	file, unmap, err := mapFile(f, s.size)
	if err != nil {
		if s.size > readLimit {
			return nil, faultf(path, "the file of %d bytes cannot be mapped (%v); a smaller one would be read into memory", s.size, err)
		}
		return s.readElements(h) // some file systems cannot map
	}
	return &Array{header: h, name: path, data: file[offset:], unmap: unmap}, nil
}

// readArray reads a whole array from a source into memory.
func readArray(s *source) (*Array, error) {
	h, offset, err := s.readHeader()
	if err != nil {
		return nil, err
	}
	if err := s.checkSize(h, offset); err != nil {
		return nil, err
	}
	return s.readElements(h)
}

// checkSize compares what the header asks for with the size of the source, if
// that is known.
func (s *source) checkSize(h header, offset int64) error {
	if s.size >= 0 && h.bytes() != s.size-offset {
		return s.disagreement(h, fmt.Sprint(s.size-offset))
	}
	return nil
}

func (s *source) disagreement(h header, holds string) error {
	return faultf(s.name, "the header asks for %d bytes of elements but the %s holds %s; the two must agree",
		h.bytes(), s.noun, holds)
}

// readElements reads what follows the header, up to the end of the source.
func (s *source) readElements(h header) (*Array, error) {
	data, err := s.upTo(h.bytes())
	if err != nil {
		return nil, err
	}
	if int64(len(data)) < h.bytes() {
		return nil, s.disagreement(h, fmt.Sprint(len(data)))
	}
	// Reading on to the end also makes a zip member verify its checksum.
	rest, err := s.upTo(1)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, s.disagreement(h, "more")
	}
	return &Array{header: h, name: s.name, data: data}, nil
}

package matio

import (
	"bufio"
	"os"
)

// Head is what the beginning of a file says of the array in it: its elements are
// not read, and not checked.
type Head struct {
	Shape   []int
	Size    int   // bytes of an element as it is stored, 0 for text
	Listed  int   // elements that a Matrix Market file lists, 0 for other formats
	Mapped  bool  // Open maps the file rather than reading it
	OnDisk  int64 // bytes of the file, compressed ones of an archive's member
	Pattern bool  // a Matrix Market file without values
	// Symmetry of a Matrix Market file says what stands for more than one element.
	Symmetry Symmetry
}

// Len is the number of elements.
func (h Head) Len() float64 {
	n := 1.0
	for _, d := range h.Shape {
		n *= float64(d)
	}
	return n
}

// HeadNPY reads the header of a .npy file. A pipe, which can be read once only,
// is an error.
func HeadNPY(path string) (Head, error) {
	s, f, err := openHead(path, ".npy file")
	if err != nil {
		return Head{}, err
	}
	defer f.Close()
	h, offset, err := s.readHeader()
	if err == nil {
		err = s.checkSize(h, offset)
	}
	return Head{Shape: h.shape, Size: size(h), Mapped: s.size >= mapThreshold, OnDisk: s.size}, err
}

func size(h header) int {
	if h.dtype == 0 { // not known, after an error
		return 0
	}
	return h.dtype.Size()
}

// Head reads the header of one array.
func (z *Archive) Head(name string) (Head, error) {
	s, m, err := z.member(name)
	if err != nil {
		return Head{}, err
	}
	r, err := m.Open()
	if err != nil {
		return Head{}, causef(s.name, err, "cannot be read (%s); a stored or deflated member was expected", reason(err))
	}
	defer r.Close()
	s.r = r
	h, offset, err := s.readHeader()
	if err == nil {
		err = s.checkSize(h, offset)
	}
	return Head{Shape: h.shape, Size: size(h), OnDisk: int64(m.CompressedSize64)}, err
}

// HeadIDX reads the header of an IDX file, which may be compressed.
func HeadIDX(path string) (Head, error) {
	s, f, err := openHead(path, "file in the IDX format")
	if err != nil {
		return Head{}, err
	}
	defer f.Close()
	x, width, err := readIDXHeader(s)
	if err != nil {
		return Head{}, err
	}
	return Head{Shape: x.Shape, Size: width, OnDisk: onDisk(f)}, nil
}

// HeadMTX reads the banner and the sizes of a Matrix Market file, which may be
// compressed.
func HeadMTX(path string) (Head, error) {
	s, f, err := openHead(path, mtxKind)
	if err != nil {
		return Head{}, err
	}
	defer f.Close()
	lines := bufio.NewScanner(s.r)
	lines.Buffer(nil, maxMTXLine)
	m := &mtxReader{source: s, lines: lines, t: &Triplets{}}
	if err := m.banner(); err != nil {
		return Head{}, err
	}
	if err := m.sizes(); err != nil {
		return Head{}, err
	}
	return Head{Shape: []int{m.t.Rows, m.t.Cols}, Listed: m.n, Pattern: m.pattern, Symmetry: m.t.Symmetry, OnDisk: onDisk(f)}, nil
}

// openHead opens a file whose beginning is to be read and that is to be read
// again later.
func openHead(path, kind string) (*source, *os.File, error) {
	// Not opened first: to open a pipe is to wait for who writes it.
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, openFault(path, kind, err)
	case !info.Mode().IsRegular() && !info.IsDir():
		return nil, nil, faultf(path, "is a stream, whose beginning cannot be read twice; a %s on a disk was expected", kind)
	}
	return openSource(path, kind)
}

func onDisk(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

package matio

import (
	"archive/zip"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// zipEpoch is the time of every member, the earliest that a zip archive can
// hold, so that the bytes depend on nothing but the arrays.
var zipEpoch = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// Archive is an open .npz file: a zip archive of .npy files.
type Archive struct {
	path    string
	file    *os.File
	size    int64
	members map[string]*zip.File
}

// OpenNPZ opens a .npz file and reads its directory. Members that are not .npy
// files are passed over.
func OpenNPZ(path string) (*Archive, error) {
	const kind = ".npz file"
	f, err := os.Open(path)
	if err != nil {
		return nil, openFault(path, kind, err)
	}
	z := &Archive{path: path, file: f}
	if err := z.list(); err != nil {
		f.Close()
		return nil, err
	}
	return z, nil
}

// list reads the directory of the archive.
func (z *Archive) list() error {
	const kind = ".npz file"
	path := z.path
	info, err := z.file.Stat()
	if err != nil {
		return openFault(path, kind, err)
	}
	if info.IsDir() {
		return faultf(path, "is a directory; a %s was expected", kind)
	}
	if !info.Mode().IsRegular() {
		return faultf(path, "is not a regular file; a %s on a disk was expected", kind)
	}
	if info.Size() == 0 {
		return faultf(path, "the file is empty; a %s was expected", kind)
	}
	z.size = info.Size()
	dir, err := zip.NewReader(z.file, z.size)
	switch {
	case errors.Is(err, zip.ErrInsecurePath):
		// Nothing is ever extracted, so a name cannot lead anywhere.
	case errors.Is(err, zip.ErrFormat):
		return causef(path, err, "is not a zip archive, or not a complete one; a %s was expected", kind)
	case err != nil:
		return causef(path, err, "cannot be read (%s); an intact %s was expected", reason(err), kind)
	}
	z.members = map[string]*zip.File{}
	for _, m := range dir.File {
		name, ok := strings.CutSuffix(m.Name, ".npy")
		if !ok {
			continue
		}
		if z.members[name] != nil {
			return faultf(path, "holds the member %s twice; each name once was expected", quoted(name))
		}
		z.members[name] = m
	}
	return nil
}

// Names returns the names of the arrays, sorted, without ".npy".
func (z *Archive) Names() []string { return slices.Sorted(maps.Keys(z.members)) }

// Array reads one array into memory, where it stays valid after the archive is
// closed.
func (z *Archive) Array(name string) (*Array, error) {
	s, m, err := z.member(name)
	if err != nil {
		return nil, err
	}
	r, err := m.Open()
	if err != nil {
		return nil, causef(s.name, err, "cannot be read (%s); a stored or deflated member was expected", reason(err))
	}
	defer r.Close()
	s.r = r
	return readArray(s)
}

// member is the source of an array, not open yet.
func (z *Archive) member(name string) (*source, *zip.File, error) {
	m := z.members[name]
	if m == nil {
		names := z.Names()
		if len(names) == 0 {
			return nil, nil, faultf(z.path, "has no member %s and no other array; an archive of .npy files was expected", quoted(name))
		}
		names = names[:min(len(names), 20)] // enough to recognize the archive
		for k, n := range names {
			names[k] = quoted(n)
		}
		return nil, nil, faultf(z.path, "has no member %s; one of %s was expected", quoted(name), strings.Join(names, ", "))
	}
	s := &source{name: z.path + ":" + name, noun: "member", size: int64(m.UncompressedSize64)}
	return s, m, z.plausible(s, m)
}

// plausible refuses a member whose declared size cannot be true, before
// anything is read.
func (z *Archive) plausible(s *source, m *zip.File) error {
	const (
		encrypted  = 1 // flag bit
		maxDeflate = 1032
	)
	if m.Flags&encrypted != 0 {
		return faultf(s.name, "is encrypted; a stored or deflated member was expected")
	}
	size, packed := m.UncompressedSize64, m.CompressedSize64
	if packed > uint64(z.size) {
		return faultf(s.name, "the archive declares %d bytes for the member but holds %d; a complete archive was expected", packed, z.size)
	}
	agree := true
	switch m.Method {
	case zip.Store:
		agree = size == packed
		s.exists = true
	case zip.Deflate:
		agree = size/maxDeflate <= packed // no deflated byte stands for more
	}
	if !agree || s.size < 0 {
		return faultf(s.name, "the archive declares %d bytes that are packed into %d; sizes that agree were expected", size, packed)
	}
	return nil
}

// Close closes the file.
func (z *Archive) Close() error {
	if z.file == nil {
		return nil
	}
	err := z.file.Close()
	z.file = nil
	if err != nil {
		return causef(z.path, err, "cannot be closed (%s); an open archive was expected", reason(err))
	}
	return nil
}

// Member is an array that WriteNPZ can write.
type Member struct {
	write func(w io.Writer) error
}

// NewMember returns an array in C order for WriteNPZ, which reads data when it
// writes. It panics if the shape does not fit the data.
func NewMember[T float32 | float64](shape []int, data []T) Member {
	head := arrayHead(shape, data)
	return Member{func(w io.Writer) error { return writeArray(w, head, data) }}
}

// WriteNPZ writes the members, sorted by name and stored without compression,
// to a .npz file. Equal members give equal bytes.
func WriteNPZ(path string, members map[string]Member) error {
	return Replace(path, func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			f, err := z.CreateHeader(&zip.FileHeader{
				Name:     name + ".npy",
				Method:   zip.Store,
				Modified: zipEpoch,
			})
			if err != nil {
				return err
			}
			if err := members[name].write(f); err != nil {
				return err
			}
		}
		return z.Close()
	})
}

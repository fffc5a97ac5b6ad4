package kernel

import "unsafe"

// hugePage is the size of the pages that Large asks for.
const hugePage = 2 << 20

// Large returns n zeros for a matrix that is read from end to end again and
// again. Linux holds them in pages of 2 MB where it may (transparent huge pages
// "madvise" or "always"): fewer addresses to translate. The advice stays with the
// addresses when the matrix is gone.
func Large[T any](n int) []T {
	s := make([]T, n)
	size := uintptr(n) * unsafe.Sizeof(*new(T))
	first := unsafe.Pointer(unsafe.SliceData(s))
	if skip, length := hugeRange(uintptr(first), size); length > 0 {
		adviseHuge(unsafe.Slice((*byte)(unsafe.Add(first, skip)), length))
	}
	return s
}

// hugeRange is the part of size bytes from an address on that whole huge pages
// fill: length bytes, none where that is less than two pages.
func hugeRange(address, size uintptr) (skip, length uintptr) {
	skip = -address % hugePage
	if size < skip+2*hugePage {
		return 0, 0
	}
	return skip, (size - skip) / hugePage * hugePage
}

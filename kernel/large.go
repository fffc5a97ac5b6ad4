package kernel

import "unsafe"

// hugePage is the size of the pages that Large asks for.
const hugePage = 2 << 20

// Large returns n zeros for a matrix that is read from end to end again and
// again. Linux holds them in pages of 2 MB where it may (transparent huge pages
// "madvise" or "always"): fewer addresses to translate.
func Large[T any](n int) []T {
	s := make([]T, n)
	size := uintptr(n) * unsafe.Sizeof(*new(T))
	if size < 2*hugePage {
		return s
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), size)
	skip := -uintptr(unsafe.Pointer(&bytes[0])) % hugePage
	adviseHuge(bytes[skip : skip+(size-skip)/hugePage*hugePage])
	return s
}

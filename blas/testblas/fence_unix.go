//go:build linux || darwin

package testblas

import "syscall"

// behind is the border behind an operand: the protected page is there.
const behind = 0

// mapFenced returns size bytes, whole pages, right in front of a page that
// cannot be touched, and what gives them back.
func mapFenced(size int) (mem []byte, free func(), err error) {
	all, err := syscall.Mmap(-1, 0, size+syscall.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, nil, err
	}
	free = func() { syscall.Munmap(all) }
	if err := syscall.Mprotect(all[size:], syscall.PROT_NONE); err != nil {
		free()
		return nil, nil, err
	}
	return all[:size:size], free, nil
}

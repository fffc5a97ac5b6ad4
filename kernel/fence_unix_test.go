//go:build linux || darwin

package kernel

import (
	"syscall"
	"testing"
	"unsafe"
)

// fenced returns n elements right before a page that cannot be touched: a
// kernel that reads or writes past its operand ends the test.
func fenced[T Stored](t *testing.T, n int) []T {
	t.Helper()
	if n == 0 {
		return nil
	}
	page := syscall.Getpagesize()
	var zero T
	size := n * int(unsafe.Sizeof(zero))
	room := (size + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, room+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(mem) })
	if err := syscall.Mprotect(mem[room:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[room-size])), n)
}

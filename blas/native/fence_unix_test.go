//go:build linux || darwin

package native

import (
	"syscall"
	"testing"
	"unsafe"

	"lowrank/blas"
)

// fenced returns n elements right before a page that cannot be touched: a
// routine that reads or writes past its operand ends the test.
func fenced[T blas.Float](t *testing.T, n int) []T {
	t.Helper()
	page := syscall.Getpagesize()
	size := n * blas.SizeOf[T]()
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

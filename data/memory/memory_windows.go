package memory

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryStatus is MEMORYSTATUSEX: bytes but for the first two.
type memoryStatus struct {
	length, load            uint32
	totalPhysical, physical uint64
	totalPageFile, pageFile uint64 // that this process may commit
	totalVirtual, virtual   uint64
	availableExtended       uint64
}

var globalMemoryStatus = windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")

// Available is what can be had without swapping, in bytes: the physical memory that
// is free, or what this process may still commit or address, if that is less; 0 when
// the system does not say.
func Available() float64 {
	var s memoryStatus
	s.length = uint32(unsafe.Sizeof(s))
	if globalMemoryStatus.Find() != nil {
		return 0
	}
	if ok, _, _ := globalMemoryStatus.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return 0
	}
	return max(float64(min(s.physical, s.pageFile, s.virtual)), 1) // 0 stands for not known
}

// Peak is the most memory that this process has held since it began, in
// bytes; 0 where that is not known.
func Peak() float64 { return 0 }

// Resident is what this process holds now, in bytes; 0 where that is not
// known.
func Resident() float64 { return 0 }

// ResetPeak makes Peak count from now on. It is false where that
// cannot be had.
func ResetPeak() bool { return false }

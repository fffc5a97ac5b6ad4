package memory

import (
	"os"

	"golang.org/x/sys/unix"
)

// Available is what can be had without swapping or compressing, in bytes: pages that
// are free, of files, or purgeable; 0 when the system does not say.
func Available() float64 {
	pages := 0.0
	for _, name := range []string{"vm.page_free_count", "vm.page_pageable_external_count", "vm.page_purgeable_count"} {
		n, err := unix.SysctlUint32(name)
		if err != nil {
			return 0
		}
		pages += float64(n)
	}
	return max(pages, 1) * float64(os.Getpagesize())
}

// Peak is the most memory that this process has held since it began, in
// bytes; 0 where that is not known.
func Peak() float64 {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return float64(usage.Maxrss)
}

// Resident is what this process holds now, in bytes; 0 where that is not
// known.
func Resident() float64 { return 0 }

// ResetPeak makes Peak count from now on. It is false where that
// cannot be had.
func ResetPeak() bool { return false }

package memory

import "golang.org/x/sys/unix"

// Available is all memory of the machine, in bytes: what of it can be had
// is not known. 0 when the system does not say.
func Available() float64 {
	size, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return float64(size)
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

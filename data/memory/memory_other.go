//go:build !linux && !darwin && !windows

package memory

// Available is what can be had without swapping, in bytes; 0 where that is
// not known.
func Available() float64 { return 0 }

// Peak is the most memory that this process has held since it began, in
// bytes; 0 where that is not known.
func Peak() float64 { return 0 }

// Resident is what this process holds now, in bytes; 0 where that is not
// known.
func Resident() float64 { return 0 }

// ResetPeak makes Peak count from now on. It is false where that
// cannot be had.
func ResetPeak() bool { return false }

//go:build !linux

package memory

// Available is the number of bytes that can be had without swapping; 0 when that
// is not known.
func Available() float64 { return 0 }

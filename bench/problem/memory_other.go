//go:build !linux

package problem

func availableMemory() float64 { return 0 }
